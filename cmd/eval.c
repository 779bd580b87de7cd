/* eval.c: `ttrans eval`: translations against references with the figures, options and output of
 * the sacreBLEU program (Post 2018), whose version 2.6 is the measure; and what scores do not show.
 *
 * All files are read side by side, so memory does not grow with them (but for the few numbers a
 * line that resampling needs). Differences from sacreBLEU: the signature ends in a key `impl` that
 * says who computed it (but for --no-impl); text that is not UTF-8, or sides of different length,
 * give exit status 65 and a line that says where. eval.h tells what is in which file.
 */
#include "eval.h"
#include "io/file.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOLD_EVERY = 2048 }; /* lines from one progress line to the next */

#define AT(field) .at = offsetof(tt_eval_opts, field)

static const char *const formats[] = {"json", "text", "latex"};

static const tt_opt rows[] = {
    {TT_OPT_LIST, "[REFERENCE...]", AT(refs),
     .help = "references, one line for each line of the translation; several files are several "
             "references"},
    {TT_OPT_LIST, "-i --input", "FILE...", NULL, AT(inputs), .low = 1, .high = TT_EVAL_SYSTEMS,
     .help = "translations to score, one file a system; without it they are read from standard "
             "input, where TABs separate systems"},
    {TT_OPT_LIST, "-m --metrics", "METRIC...", NULL, AT(metrics), .low = 1, .high = TT_EVAL_METRICS,
     .family = "metric", .shown = "bleu", .help = "metrics to compute"},
    {TT_OPT_FLAG, "-sl --sentence-level", AT(sentence_level),
     .help = "print the score of each line, BLEU with its effective order"},
    {TT_OPT_INT, "-nr --num-refs", "N", "1", AT(num_refs), .low = 1, .high = TT_EVAL_SYSTEMS,
     .help = "references in each line of the one reference file, between TABs"},
    {TT_OPT_FLAG, "--missing-refs", AT(missing_refs),
     .help = "an empty reference, where there are several, is none"},
    {TT_OPT_FLAG, "--replace-bad", AT(replace_bad),
     .help = "put U+FFFD for what is not UTF-8, instead of stopping there"},
    {TT_OPT_ENUM, "-e --encoding", "NAME", "utf-8", AT(encoding), .allowed = "utf-8|utf8",
     .help = "how text is written; there is no other way"},
    {TT_OPT_GROUP, .help = "Models"},
    {TT_OPT_LIST, "-M --model", "FILE...", NULL, AT(models), .low = 1, .high = TT_EVAL_SYSTEMS,
     .help = "translate with these models and score that, before what -i names"},
    {TT_OPT_STRING, "--test", "FILE", NULL, AT(test),
     .help = "a test set: each line a source, TAB, and its reference or references between TABs"},
    {TT_OPT_STRING, "--source", "FILE", NULL, AT(source),
     .help = "sources of the references, line by line: to translate, and to find what was copied"},
    {TT_OPT_INT, "--beam-size --beam", "N", "4", AT(beam), .low = 1, .high = 64,
     .help = "hypotheses followed at a time"},
    {TT_OPT_GROUP, .help = "BLEU"},
    {TT_OPT_STRING, "-tok --tokenize", "NAME", NULL, AT(tokenize), .file = TT_FILE_NAMED,
     .family = "tokenizer", .shown = "13a; zh for Chinese",
     .help =
         "how lines are cut into words: 13a, none, char, intl, zh, or pieces of a SentencePiece "
         "model, spm:FILE, flores101:FILE or flores200:FILE; flores200 alone takes the model that "
         "sacreBLEU has "
         "fetched, under SACREBLEU or ~/.sacrebleu"},
    {TT_OPT_STRING, "-l --language-pair", "SRC-TRG", NULL, AT(langpair),
     .help = "the languages, which choose the tokeniser"},
    {TT_OPT_ENUM, "-s --smooth-method", "NAME", "exp", AT(smooth), .family = "smoothing",
     .help = "what an order without a match counts"},
    {TT_OPT_DOUBLE, "-sv --smooth-value", "X", "-1", AT(smooth_value), .low = 0, .high = 1e6,
     .shown = "0.1 for floor, 1 for add-k", .help = "the value for floor and add-k"},
    {TT_OPT_FLAG, "-lc --lowercase", AT(lowercase), .help = "compare in lower case"},
    {TT_OPT_FLAG, "--force", AT(force),
     .help = "do not warn of translations that seem to be cut into words already"},
    {TT_OPT_GROUP, .help = "chrF"},
    {TT_OPT_INT, "-cc --chrf-char-order", "N", "6", AT(char_order), .low = 1,
     .high = TT_SCORE_ORDER_MAX, .help = "longest character n-grams"},
    {TT_OPT_INT, "-cw --chrf-word-order", "N", "0", AT(word_order), .low = 0,
     .high = TT_SCORE_ORDER_MAX, .help = "longest word n-grams; 2 makes it chrF++"},
    {TT_OPT_INT, "--chrf-beta", "N", "2", AT(beta), .low = 1, .high = 100,
     .help = "weight of recall over precision"},
    {TT_OPT_FLAG, "--chrf-whitespace", AT(whitespace), .help = "count white space too"},
    {TT_OPT_FLAG, "--chrf-lowercase", AT(chrf_lowercase), .help = "compare in lower case"},
    {TT_OPT_FLAG, "--chrf-eps-smoothing", AT(eps_smoothing),
     .help = "give empty orders an epsilon instead of leaving them out"},
    {TT_OPT_GROUP, .help = "TER"},
    {TT_OPT_FLAG, "--ter-case-sensitive", AT(ter_case_sensitive),
     .help = "do not compare in lower case"},
    {TT_OPT_FLAG, "--ter-asian-support", AT(ter_asian),
     .help = "know Chinese and Japanese characters and marks"},
    {TT_OPT_FLAG, "--ter-no-punct", AT(ter_no_punct), .help = "leave punctuation out"},
    {TT_OPT_FLAG, "--ter-normalized", AT(ter_normalized),
     .help = "undo entities and cut punctuation off"},
    {TT_OPT_GROUP, .help = "Certainty"},
    {TT_OPT_FLAG, "-ci --confidence", AT(confidence),
     .help = "add mean and 95 % interval of the score, by bootstrap resampling"},
    {TT_OPT_INT, "-cin --confidence-n", "N", "1000", AT(confidence_n), .low = 2, .high = 1e6,
     .help = "resamples for it"},
    {TT_OPT_FLAG, "-pbs --paired-bs", AT(paired_bs),
     .help = "compare each system with the first one by paired bootstrap resampling"},
    {TT_OPT_INT, "-pbsn --paired-bs-n", "N", "1000", AT(paired_bs_n), .low = 1, .high = 1e6,
     .help = "resamples for it"},
    {TT_OPT_FLAG, "-par --paired-ar", AT(paired_ar),
     .help = "compare each system with the first one by paired approximate randomisation"},
    {TT_OPT_INT, "-parn --paired-ar-n", "N", "10000", AT(paired_ar_n), .low = 1, .high = 1e6,
     .help = "trials for it"},
    {TT_OPT_INT, "-j --threads --paired-jobs", "N", "0", AT(threads), .low = 0, .high = 1024,
     .shown = "all processors",
     .help = "threads for resampling and for models; they change no figure"},
    {TT_OPT_GROUP, .help = "Understanding"},
    {TT_OPT_FLAG, "--report", AT(report),
     .help = "add lengths, repetitions, lost numbers, copies, and scores by length and by line"},
    {TT_OPT_INT, "--worst", "N", "0", AT(worst), .low = 1, .high = 10000, .shown = "",
     .help = "add the N lines with the worst scores of the first metric"},
    {TT_OPT_INT, "--diff", "N", "0", AT(diff), .low = 1, .high = 10000, .shown = "",
     .help = "add the N lines where a system differs most from the first one"},
    {TT_OPT_STRING, "--html", "FILE", NULL, AT(html), .file = TT_FILE_WRITE,
     .help = "write all of that as a page for the browser, with words marked that differ"},
    {TT_OPT_GROUP, .help = "Output"},
    {TT_OPT_LIST, "-f --format", "NAME", NULL, AT(format_name), .allowed = "json|text|latex",
     .shown = "SACREBLEU_FORMAT, or json", .help = "how to print; latex is for several systems"},
    {TT_OPT_FLAG, "-sh --short", AT(brief), .help = "short signatures, except in JSON"},
    {TT_OPT_FLAG, "--impl", .def = "1", AT(impl), .shown = "",
     .help = "leave the key impl out of signatures, so that they are sacreBLEU's to the letter"},
    {TT_OPT_FLAG, "-b --score-only", AT(score_only), .help = "print the figures alone"},
    {TT_OPT_INT, "-w --width", "N", "1", AT(width), .low = 0, .high = 17,
     .help = "digits after the point"},
    {TT_OPT_FLAG, "-nc --no-color", AT(no_colour), .help = "no colours, even on a terminal"},
    {TT_OPT_FLAG, "-q --quiet", AT(quiet), .help = "print no warnings and no progress"},
    {0}};

static const tt_example examples[] = {
    {"ttrans eval reference.es -i translation.es", "BLEU, as JSON with its signature"},
    {"ttrans translate < test.en | ttrans eval test.es -m bleu chrf -f text",
     "both scores of a translation"},
    {"ttrans eval reference.es -i a.es b.es -m bleu chrf --paired-bs -f text",
     "is b.es better than a.es, or is it chance?"},
    {"ttrans eval -M models/en-es.ttm --test dev.tsv --report --worst 3",
     "translate a test set, score it, and see what went wrong"},
    {"ttrans eval reference.es -i a.es b.es --html report.html", "two systems as a page"},
    {0}};

typedef struct job {
    tt_eval_opts *o;
    tt_eval_models *models;
    tt_eval_input *input;
    int n_systems, n_metrics;
    const char *metrics[TT_EVAL_METRICS];
    tt_score *scores[TT_EVAL_METRICS][TT_EVAL_SYSTEMS];
    tt_score_options so;
    char tokenizer[64]; /* a name that is signed */
    tt_pieces *pieces;
    int reports;
    tt_eval_report report;
    size_t tokenised; /* lines of the first system that end in a blank and a full stop */
} job;

/* ---- options ------------------------------------------------------------------------------- */

/* The word of `names` that begins with `word`; the first without one. */
static int find_word(const char *word, const char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (!strncmp(names[i], word, strlen(word))) return i;
    return -1;
}

static bool lists_lines(const tt_eval_opts *o) { return o->report || o->worst || o->diff; }

static int choose_format(tt_eval_opts *o, tt_err *e) {
    const char *named = getenv("SACREBLEU_FORMAT");
    char word[16] = "";
    int n = o->format_name.count, asked = n > 0 && lists_lines(o);
    o->format = n ? find_word(o->format_name.item[n - 1], formats, 3) : TT_EVAL_JSON;
    for (size_t i = 0; named && named[i] && i + 1 < sizeof word; i++)
        word[i] = (char)tolower((unsigned char)named[i]);
    for (int i = 0; i < 3; i++)
        if (!strcmp(word, formats[i])) o->format = i, asked = lists_lines(o);
    if (asked && o->format == TT_EVAL_LATEX)
        return tt_cmd_fail(
            e, TT_EUSAGE,
            "--report, --worst and --diff print text or JSON: not with --format latex");
    if (lists_lines(o) && !asked) o->format = TT_EVAL_TEXT;
    return 0;
}

static int check_options(tt_eval_opts *o, tt_err *e) {
    int paired = o->paired_bs || o->paired_ar;
    if (o->paired_bs && o->paired_ar)
        return tt_cmd_fail(e, TT_EUSAGE, "--paired-bs and --paired-ar exclude each other");
    if (o->sentence_level && (o->confidence || paired))
        return tt_cmd_fail(e, TT_EUSAGE, "--sentence-level knows no tests of certainty");
    if (o->sentence_level && (lists_lines(o) || o->html))
        return tt_cmd_fail(e, TT_EUSAGE, "--sentence-level prints scores of lines and no report");
    /* The baseline once more among the systems is no system. */
    for (int i = 1; paired && i < o->inputs.count; i++)
        if (!o->models.count && !strcmp(o->inputs.item[i], o->inputs.item[0])) {
            memmove(o->inputs.item + i, o->inputs.item + i + 1,
                    (size_t)(--o->inputs.count - i) * sizeof *o->inputs.item);
            i--;
        }
    return choose_format(o, e);
}

/* The metrics asked for, once each, in sacreBLEU's (and the table's) order. */
static void choose_metrics(job *j) {
    const tt_list *asked = &j->o->metrics;
    const char *name;
    for (int i = 0; (name = tt_score_metric(i)) != NULL; i++) {
        int wanted = !asked->count && i == 0;
        for (int k = 0; k < asked->count; k++)
            wanted |=
                !strncmp(asked->item[k], name, strlen(asked->item[k])); /* shortened by opt.c */
        if (wanted) j->metrics[j->n_metrics++] = name;
    }
}

/* The metric that was named first: lines are judged by it. */
static const char *first_metric(const job *j) {
    const tt_list *asked = &j->o->metrics;
    for (int m = 0; asked->count && m < j->n_metrics; m++)
        if (!strncmp(asked->item[0], j->metrics[m], strlen(asked->item[0]))) return j->metrics[m];
    return j->metrics[0];
}

/* spm:FILE and its like: the name before the colon is signed; spm alone says which model it was. */
static int open_pieces(job *j, const char *name, tt_err *e) {
    const char *colon = strchr(name, ':'), *path = colon + 1, *base = strrchr(path, '/');
    int n = snprintf(j->tokenizer, sizeof j->tokenizer, "%.*s", (int)(colon - name), name);
    if (!strcmp(j->tokenizer, "spm")) {
        base = base ? base + 1 : path;
        n += snprintf(j->tokenizer + n, sizeof j->tokenizer - (size_t)n, "-%.*s",
                      (int)strcspn(base, "."), base);
    }
    for (char *p = j->tokenizer; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_') *p = '_';
    j->pieces = tt_pieces_open(path, e);
    if (!j->pieces) return e->code;
    j->so.tokenize = j->tokenizer;
    j->so.cut = tt_pieces_cut;
    j->so.cut_ctx = j->pieces;
    return 0;
}

/* flores101 and flores200 without a file: the model that sacreBLEU keeps. Its spm is flores101, and
 * is signed so. */
static int open_fetched(job *j, const char *name, tt_err *e) {
    enum { PATH_MOST = 4096 };
    const char *file =
        strcmp(name, "flores200") ? "sacrebleu_tokenizer_spm.model" : "flores200sacrebleuspm";
    char dir[PATH_MOST - 64], path[PATH_MOST];
    if (!tt_cmd_fetched(dir, sizeof dir)) *dir = 0;
    if (!strcmp(name, "spm")) name = "flores101";
    int n = snprintf(path, sizeof path, "%s:%s/%s", name, dir, file);
    const char *model = path + strlen(name) + 1;
    if (n > 0 && (size_t)n < sizeof path && !access(model, R_OK)) return open_pieces(j, path, e);
    return tt_cmd_fail(e, TT_ENOINPUT,
                       "--tokenize %s: the model that sacreBLEU fetches is not there, %.250s; name "
                       "a copy with %s:FILE",
                       name, model, name);
}

static int no_tokenizer(const char *name, tt_err *e) {
    char list[200] = "";
    const char *known;
    size_t n = 0;
    for (int i = 0; (known = tt_score_tokenizer(i)) != NULL && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s, ", known);
    return tt_cmd_fail(
        e, TT_EUSAGE,
        "--tokenize: '%.60s' is not one of %sspm:FILE, flores101:FILE, flores200:FILE", name, list);
}

static int choose_tokenizer(job *j, tt_err *e) {
    static const char *const models[] = {"spm:", "flores101:", "flores200:"};
    const char *name = j->o->tokenize, *known, *target;
    if (!name) {
        target = j->o->langpair ? strchr(j->o->langpair, '-') : NULL;
        if (j->o->langpair && !target)
            return tt_cmd_fail(e, TT_EUSAGE, "--language-pair: '%.60s' is not a pair such as en-es",
                               j->o->langpair);
        if (target && !strncmp(target + 1, "zh", 2)) j->so.tokenize = "zh";
        if (target && (!strcmp(target, "-ja") || !strcmp(target, "-ko")))
            return tt_cmd_fail(e, TT_EUSAGE,
                               "no tokeniser for %s: choose one with --tokenize, such as char or "
                               "spm:FILE",
                               target + 1);
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        size_t n = strlen(models[i]);
        if (!strncmp(name, models[i], n) && name[n]) return open_pieces(j, name, e);
        if (strlen(name) == n - 1 && !strncmp(name, models[i], n - 1))
            return open_fetched(j, name, e);
    }
    for (int i = 0; (known = tt_score_tokenizer(i)) != NULL; i++)
        if (!strcmp(name, known)) {
            j->so.tokenize = name;
            return 0;
        }
    return no_tokenizer(name, e);
}

static int set_up(job *j, tt_err *e) {
    const tt_eval_opts *o = j->o;
    j->so = (tt_score_options){.lowercase = o->lowercase,
                               .smooth = tt_family_find("smoothing")->row(o->smooth)->name,
                               .smooth_value = o->smooth_value < 0 ? NULL : &o->smooth_value,
                               .effective_order = o->sentence_level != 0,
                               .char_order = o->char_order,
                               .word_order = o->word_order,
                               .beta = o->beta,
                               .whitespace = o->whitespace != 0,
                               .eps_smoothing = o->eps_smoothing != 0,
                               .chrf_lowercase = o->chrf_lowercase,
                               .ter_normalized = o->ter_normalized,
                               .ter_no_punct = o->ter_no_punct,
                               .ter_asian = o->ter_asian,
                               .ter_case_sensitive = o->ter_case_sensitive,
                               .keep = o->confidence || o->paired_bs || o->paired_ar};
    choose_metrics(j);
    return choose_tokenizer(j, e);
}

/* ---- scoring ------------------------------------------------------------------------------- */

/* What can only be checked, or opened, when the number of systems is known. */
static int start(job *j, const tt_eval_row *row, tt_err *e) {
    const tt_eval_opts *o = j->o;
    int n = row->n_systems;
    if (o->sentence_level && (n > 1 || j->n_metrics > 1))
        return tt_cmd_fail(e, TT_EUSAGE, "--sentence-level takes one metric and one system");
    if ((o->paired_bs || o->paired_ar) && n < 2)
        return tt_cmd_fail(e, TT_EUSAGE, "paired tests need two systems or more");
    if (o->confidence && n > 1)
        return tt_cmd_fail(e, TT_EUSAGE,
                           "--confidence is for one system; for several there are --paired-bs and "
                           "--paired-ar");
    if (o->diff && n < 2) return tt_cmd_fail(e, TT_EUSAGE, "--diff needs two systems or more");
    if (o->score_only && n == 1 && lists_lines(o))
        return tt_cmd_fail(e, TT_EUSAGE, "--score-only leaves no room for a report");
    j->n_systems = n;
    for (int m = 0; m < j->n_metrics; m++)
        for (int s = 0; s < n; s++) {
            j->scores[m][s] = tt_score_open(j->metrics[m], &j->so, row->n_refs, e);
            if (!j->scores[m][s]) return e->code;
        }
    if (!lists_lines(o) && !o->html) return 0;
    j->reports = 1;
    return tt_eval_report_open(&j->report, o, first_metric(j), &j->so, n, row->n_refs, e);
}

/* Takes the last key, impl or i, off a signature where it is not wanted. */
static void sign(const job *j, const tt_score_tags *tags, int m, int brief, char *text,
                 size_t cap) {
    tt_score_sign(j->scores[m][0], tags, brief, text, cap);
    char *last = strrchr(text, '|');
    if (!j->o->impl && last && (!strncmp(last, "|impl:", 6) || !strncmp(last, "|i:", 3))) *last = 0;
}

static void print_sentence(const job *j) {
    tt_score_result r;
    char signature[512];
    tt_score_get_last(j->scores[0][0], &r);
    if (j->o->score_only) {
        printf("%.*f\n", j->o->width, r.score);
        return;
    }
    sign(j, NULL, 0, j->o->brief, signature, sizeof signature);
    printf("%s|%s = %.*f%s%s\n", r.name, signature, j->o->width, r.score, r.verbose[0] ? " " : "",
           r.verbose);
}

static int add_row(job *j, const tt_eval_row *row, tt_err *e) {
    for (int m = 0; m < j->n_metrics; m++)
        if (tt_score_add_each(j->scores[m], j->n_systems, row->hyps, row->refs, e))
            return tt_eval_input_blame(j->input, e);
    tt_span h = row->hyps[0];
    j->tokenised += h.len > 1 && !memcmp(h.text + h.len - 2, " .", 2);
    if (j->o->sentence_level) print_sentence(j);
    return j->reports ? tt_eval_report_add(&j->report, row, e) : 0;
}

/* Sentences that end in " ." by the hundred were cut into words before, which lowers BLEU. */
static void warn_tokenised(const job *j) {
    enum { SUSPICIOUS = 100 };
    if (j->tokenised >= SUSPICIOUS && !strcmp(j->metrics[0], "bleu") && !j->o->force &&
        !j->o->quiet)
        tt_cmd_warn(
            "%zu translations end in a blank and a full stop: they seem to be cut into words, "
            "which lowers BLEU; --force silences this",
            j->tokenised);
}

static int read_all(job *j, tt_err *e) {
    const tt_list none = {0};
    const char *copy = j->models ? tt_eval_models_test(j->models) : "";
    tt_eval_row row;
    int rc, show = tt_cmd_tty() && !j->o->quiet && !(j->o->sentence_level && isatty(STDOUT_FILENO));
    j->input = tt_eval_input_open(j->o, *copy ? copy : j->o->test,
                                  j->models ? tt_eval_models_files(j->models) : &none, e);
    if (!j->input) return e->code;
    while ((rc = tt_eval_input_next(j->input, &row, e)) > 0) {
        rc = j->n_systems ? 0 : start(j, &row, e);
        if (!rc) rc = add_row(j, &row, e);
        if (rc) return rc;
        if (show && row.line % TOLD_EVERY == 0) {
            char said[80];
            snprintf(said, sizeof said, "scoring: %zu lines", row.line);
            tt_cmd_progress(said);
        }
    }
    if (!rc && !j->n_systems)
        return tt_cmd_fail(e, TT_EDATA, "nothing to score: %.300s is empty",
                           j->o->test ? j->o->test : j->o->refs.item[0]);
    return rc;
}

/* ---- results ------------------------------------------------------------------------------- */

static const char *seed(void) {
    const char *named = getenv("SACREBLEU_SEED");
    return named && *named ? named : "12345";
}

static int resample(job *j, tt_eval_scores *s, int m, const tt_trials *t, tt_err *e) {
    const tt_score *systems[TT_EVAL_SYSTEMS];
    tt_certainty sure[TT_EVAL_SYSTEMS];
    int paired = j->o->paired_bs || j->o->paired_ar, bootstrap = t->kind == TT_TRIALS_BOOTSTRAP;
    for (int i = 0; i < s->n_systems; i++) systems[i] = j->scores[m][i];
    int rc = paired ? tt_score_compare(systems, s->n_systems, t, sure, e)
                    : tt_score_confidence(systems[0], t, sure, e);
    for (int i = 0; i < s->n_systems && !rc; i++) {
        s->figure[i][m].sure = sure[i];
        s->figure[i][m].has_interval = bootstrap;
        s->figure[i][m].has_p = paired && i > 0;
    }
    return rc;
}

/* Figures and signatures of everything. */
static int collect(job *j, tt_eval_scores *s, tt_err *e) {
    const tt_eval_opts *o = j->o;
    char lower[64] = "";
    tt_trials t = {.kind = o->paired_ar ? TT_TRIALS_RANDOMISATION : TT_TRIALS_BOOTSTRAP,
                   .count = o->paired_ar   ? o->paired_ar_n
                            : o->paired_bs ? o->paired_bs_n
                                           : o->confidence_n,
                   .seed = lower,
                   .threads = o->threads ? o->threads : tt_cpu_count()};
    tt_score_tags tags = {0};
    int rc = 0, single_json = j->n_systems == 1 && o->format == TT_EVAL_JSON;
    for (size_t i = 0; seed()[i] && i + 1 < sizeof lower; i++)
        lower[i] = (char)tolower((unsigned char)seed()[i]);
    if (j->so.keep) {
        tags.seed = lower;
        *(t.kind == TT_TRIALS_BOOTSTRAP ? &tags.bs : &tags.ar) = t.count;
    }
    s->n_systems = j->n_systems;
    s->n_metrics = j->n_metrics;
    s->colour = !o->no_colour && o->format == TT_EVAL_TEXT && tt_cmd_colour(stdout);
    for (int m = 0; m < j->n_metrics && !rc; m++) {
        for (int i = 0; i < j->n_systems; i++)
            tt_score_get(j->scores[m][i], &s->figure[i][m].result);
        sign(j, &tags, m, o->brief && !single_json, s->signature[m], sizeof s->signature[m]);
        if (j->so.keep && tt_cmd_tty() && !o->quiet) {
            char said[120];
            snprintf(said, sizeof said, "%s: %d %s of %d system%s", j->metrics[m], t.count,
                     t.kind == TT_TRIALS_BOOTSTRAP ? "samples" : "shuffles", s->n_systems,
                     s->n_systems == 1 ? "" : "s");
            tt_cmd_progress(said);
        }
        if (j->so.keep) rc = resample(j, s, m, &t, e);
        tt_cmd_progress(NULL);
    }
    return rc;
}

/* The p-value of a copy of the baseline is sacreBLEU's, and looks like a certain difference. */
static void warn_same(const job *j, const tt_eval_scores *s) {
    for (int i = 1; i < s->n_systems && !j->o->quiet && j->o->format == TT_EVAL_JSON; i++) {
        char metrics[200] = "";
        for (int m = 0; m < s->n_metrics; m++) {
            size_t n = strlen(metrics);
            if (s->figure[i][m].has_p && s->figure[i][m].sure.same)
                snprintf(metrics + n, sizeof metrics - n, "%s%s", n ? ", " : "",
                         s->figure[i][m].result.name);
        }
        if (*metrics)
            tt_cmd_warn("%.200s is identical to the baseline in %s: each line scores alike, and "
                        "p_value says nothing",
                        s->names[i], metrics);
    }
}

static int print_all(job *j, tt_err *e) {
    enum { NAME_MOST = 4200 };
    int paired = j->o->paired_bs || j->o->paired_ar, named = j->o->inputs.count || j->models;
    tt_eval_scores *s = calloc(1, sizeof *s);
    char(*space)[NAME_MOST] = calloc((size_t)j->n_systems, sizeof *space);
    int rc = s && space ? collect(j, s, e) : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    for (int i = 0; i < j->n_systems && !rc; i++) {
        s->names[i] = tt_eval_input_system(j->input, i, space[i], sizeof *space);
        if (i || !paired || !named) continue;
        const char *name = s->names[0];
        snprintf(space[0], sizeof *space, "Baseline: %s", name);
        s->names[0] = space[0];
    }
    if (!rc) warn_same(j, s);
    if (!rc && j->o->format == TT_EVAL_JSON)
        tt_eval_json(lists_lines(j->o) ? &j->report : NULL, s, j->o);
    else if (!rc) rc = tt_eval_print(s, j->o, e);
    if (!rc && j->reports && j->o->format == TT_EVAL_TEXT)
        rc = tt_eval_report_print(&j->report, s, j->o, e);
    if (!rc && j->o->html) rc = tt_eval_html(&j->report, s, j->o, e);
    free(space);
    free(s);
    return rc;
}

static int score_all(job *j, tt_err *e) {
    int rc = check_options(j->o, e);
    if (!rc) rc = set_up(j, e);
    if (!rc && j->o->html) rc = tt_output_try(j->o->html, e);
    if (!rc && j->o->models.count && (j->o->test || j->o->source)) rc = tt_eval_input_try(j->o, e);
    if (!rc && j->o->models.count) {
        j->models = tt_eval_models_run(j->o, e);
        if (!j->models) rc = e->code;
    }
    if (!rc) rc = read_all(j, e);
    if (rc) return rc;
    warn_tokenised(j);
    return j->o->sentence_level ? 0 : print_all(j, e);
}

static int run(void *options, tt_err *e) {
    job *j = calloc(1, sizeof *j);
    if (!j) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    j->o = options;
    int rc = score_all(j, e);
    if (j->reports) tt_eval_report_close(&j->report);
    for (int m = 0; m < j->n_metrics; m++)
        for (int s = 0; s < j->n_systems; s++) tt_score_close(j->scores[m][s]);
    tt_pieces_close(j->pieces);
    tt_eval_input_close(j->input);
    tt_eval_models_close(j->models);
    free(j);
    return rc;
}

const tt_cmd tt_cmd_eval = {
    "eval",
    "scores translations against references",
    "[OPTION...] {REFERENCE... | --test FILE} [-M MODEL...] [-i FILE...]",
    "Reads translations and references line by line and prints corpus BLEU, chrF or TER, as "
    "sacreBLEU "
    "2.6 computes them, with its signature. Files may be compressed with gzip. Lines must be "
    "UTF-8; "
    "white space at their end does not count.\n\n"
    "With -M it translates the sources of a test set first, so that models can be compared. What "
    "scores hide is told by --report, --worst, --diff and --html.",
    rows,
    sizeof(tt_eval_opts),
    examples,
    run};
