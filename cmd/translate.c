/* translate.c: `ttrans translate`, one line out for each line in.
 *
 * Everything that happens to text is behind tt_translate_file; here are its options, a progress
 * line for those who wait, warnings about text that had to be repaired, and the summary of --stats.
 */
#include "cmd.h"
#include "comm/comm.h"
#include "translate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PATH_MOST = 4096,
    MODELS_MOST = 16,
    UNSAID = 2 /* a flag given neither as such nor as --no-… */
};

typedef struct opts {
    tt_translate_options t; /* single fields; `run` adds those that several options decide */
    tt_list models, weights, sampling, inputs, patterns;
    const char *output, *alignment, *score, *filter, *prefix, *shortlist;
    int n_best, allow_unk, split, no_keep, capitals, seed, encoding, compute, format;
    const char *direction, *target_language;
    int progress, quiet, stats;
} opts;

#define AT(field) .at = offsetof(opts, field)

static const tt_opt rows[] = {
    {TT_OPT_LIST, "-m --model --models", "FILE", NULL, AT(models), .file = TT_FILE_MODEL, .low = 1,
     .high = MODELS_MOST, .shown = "TTRANS_MODEL, or en-es.ttm",
     .help = "the model; several, models with one vocabulary that translate together"},
    {TT_OPT_STRING, "-d --direction", "PAIR", NULL, AT(direction), .shown = "en-es",
     .help = "the languages when no model is named: the shipped model of this pair is used, en-es "
             "or es-en"},
    {TT_OPT_LIST, "--weights", "W", NULL, AT(weights), .low = 1, .high = 16, .shown = "1 for each",
     .help = "weights of the models' log probabilities, one for each -m"},
    {TT_OPT_LIST, "-i --input", "FILE", NULL, AT(inputs), .shown = "-",
     .help = "text to translate, plain or gzip; - is standard input; given several times, one text "
             "after the other"},
    {TT_OPT_STRING, "-o --output", "FILE", "-", AT(output), .file = TT_FILE_WRITE,
     .help = "where translations go"},
    {TT_OPT_ENUM, "--encoding", "NAME", "utf-8", AT(encoding),
     .allowed = "utf-8|utf-16|windows-1252|latin-1|latin-9|auto",
     .help = "of the input; a byte order mark comes before it. auto: UTF-8, or Windows-1252 where "
             "the first line beyond ASCII is not UTF-8, a document where any byte is not. What is "
             "written is UTF-8"},
    {TT_OPT_ENUM, "--format", "FORMAT", "auto", AT(format), .allowed = "auto|text",
     .family = "document",
     .help = "of the input: text, a line a sentence; or a document, in which what people read is "
             "translated and all else left byte for byte; auto, by the suffix of -i, else text"},
    {TT_OPT_STRING, "--target-language", "CODE", NULL, AT(target_language),
     .shown = "the second of -d", .help = "how a TMX names the language that is translated to"},
    {TT_OPT_GROUP, .help = "Search"},
    {TT_OPT_INT, "-b --beam-size --beam", "N", "0", AT(t.beam), .low = 1, .high = 64,
     .shown = "the model's, or 4",
     .help = "hypotheses followed at a time; 1 is greedy search, the fastest"},
    {TT_OPT_DOUBLE, "-n --normalize --lenpen", "ALPHA", "-1", AT(t.normalize), .low = 0, .high = 10,
     .bare = "1", .shown = "the model's, or 0.6; of given pairs 0",
     .help = "divide scores by length to the power ALPHA; 0 leaves them as they are"},
    {TT_OPT_DOUBLE, "--word-penalty", "X", "-1e9", AT(t.word_penalty), .low = -1e3, .high = 1e3,
     .shown = "the model's, or 0", .help = "subtract X from the score for each token"},
    {TT_OPT_DOUBLE, "--max-length-factor", "R", "0", AT(t.max_length_factor), .low = 0.01,
     .high = 100, .shown = "the model's, or 3",
     .help = "end a translation at R times the tokens of its sentence, and a few more"},
    {TT_OPT_INT, "--min-length", "N", "1", AT(t.min_length), .low = 0, .high = 65536,
     .help = "let no translation end before it has N tokens; 0 lets it be empty"},
    {TT_OPT_ENUM, "--split", "HOW", "model", AT(split), .allowed = "model|sentence|none|paragraph",
     .shown = "what the model was trained on, or sentence",
     .help = "what is translated at a time: sentence, each by itself; none, the line as one; "
             "paragraph, as sentence, and the lines of a paragraph, which a blank line ends, are "
             "joined first and come out as one line"},
    {TT_OPT_LIST, "--keep", "PATTERN", NULL, AT(patterns), .shown = "",
     .help = "what matches this POSIX extended regular expression comes out as it went in; may be "
             "given again"},
    {TT_OPT_FLAG, "--no-keep", AT(no_keep),
     .help = "let the model have all: URLs, addresses, paths, code in back quotes, placeholders, "
             "tags, numbers, emoji, words with letters that the vocabulary lacks, sentences "
             "without a letter and in capitals, marks of lists; else these come out as they went "
             "in"},
    {TT_OPT_FLAG, "--spelling", NULL, "1", AT(t.spelling),
     .help = "read a word with one wrong letter as the word that was meant, where the model's file "
             "has a list of words and leaves no doubt; names and what is kept stay"},
    {TT_OPT_ENUM, "--capitals", "HOW", "model", AT(capitals), .allowed = "model|lower|as-is",
     .shown = "lower, unless the model was trained on them",
     .help = "sentences in capitals: lower, they are translated in small letters and raised again; "
             "as-is"},
    {TT_OPT_INT, "--max-length", "TOKENS", "0", AT(t.max_length), .low = 0, .high = 65536,
     .shown = "what the model was trained for",
     .help = "split longer sentences, at marks where there are any, and join the translations; at "
             "least 16"},
    {TT_OPT_FLAG, "--allow-unk", NULL, "2", AT(allow_unk),
     .help = "let the unknown piece be chosen; --no-allow-unk: even where the model's file lets "
             "it"},
    {TT_OPT_INT, "--no-repeat-ngram --no-repeat-ngram-size", "N", "0", AT(t.no_repeat), .low = 0,
     .high = 1000, .shown = "", .help = "say no N tokens in a row twice in a translation"},
    {TT_OPT_FLAG, "--checks", NULL, "1", AT(t.checks),
     .help = "search again where a translation repeats itself, ends at the length limit, is far "
             "too long or short, is a copy, or has other numbers or another number of sentences, "
             "and write the better one; not with --sampling, --n-best or a prefix"},
    {TT_OPT_FLAG, "--retry-loops", AT(t.retry_loops),
     .help = "with --no-checks: search again only where a translation repeats itself"},
    {TT_OPT_DOUBLE, "--coverage-penalty", "BETA", "0", AT(t.coverage), .low = 0, .high = 100,
     .help = "take BETA times the logarithms of the attention that source tokens lack from the "
             "score (Wu et al. 2016)"},
    {TT_OPT_INT, "--diversity-groups --diverse-beam-groups", "N", "1", AT(t.diversity_groups),
     .low = 1, .high = 64,
     .help = "share the beam out to N groups whose hypotheses differ, for n-best lists "
             "(Vijayakumar et al. 2016)"},
    {TT_OPT_DOUBLE, "--diversity-strength --diverse-beam-strength", "X", "0.5",
     AT(t.diversity_strength), .low = 0, .high = 1000,
     .help = "what a token loses for each earlier group that chose it at the same step"},
    {TT_OPT_GROUP, .help = "Wishes"},
    {TT_OPT_STRING, "--prefix --force-decode", "TEXT", NULL, AT(prefix), .bare = "", .shown = "",
     .help = "begin each translation with TEXT; without TEXT, lines may be SOURCE TAB PREFIX"},
    {TT_OPT_STRING, "--glossary", "FILE", NULL, AT(t.glossary), .shown = "",
     .help = "lines of SOURCE TAB TARGET: where the one is translated, as a word, with a capital "
             "or in the plural (knives, children, points of view), the other stands; of SOURCE "
             "alone: it stays as it is. Terms that find no place are counted"},
    {TT_OPT_GROUP, .help = "Sampling"},
    {TT_OPT_LIST, "--sampling --output-sampling --sample", "HOW", NULL, AT(sampling), .low = 1,
     .high = 3, .allowed = TT_CMD_SAMPLING, .bare = "full", .shown = "",
     .help = "draw translations at random, as likely as the model finds them, instead of searching "
             "the best; with --n-best, so many. As in Marian, 'full 0.8', 'topk 10' and 'topk 10 "
             "0.8' give --top-k and --temperature as well"},
    {TT_OPT_DOUBLE, "--temperature", "T", "1", AT(t.temperature), .low = 0.001, .high = 1000,
     .help = "draw from p to the power 1/T: below 1 safer, above 1 more varied"},
    {TT_OPT_INT, "--top-k --sampling-topk", "K", "0", AT(t.top_k), .low = 0, .high = 1 << 30,
     .shown = "all", .help = "draw from the K likeliest tokens"},
    {TT_OPT_DOUBLE, "--top-p --sampling-topp", "P", "1", AT(t.top_p), .low = 1e-6, .high = 1,
     .help = "draw from the likeliest tokens that together have probability P"},
    {TT_OPT_INT, "--seed", "N", "1", AT(seed), .low = 0, .high = 2147483647,
     .help = "another number draws other translations; one number always the same"},
    {TT_OPT_GROUP, .help = "Output"},
    {TT_OPT_INT, "--n-best", "N", "-1", AT(n_best), .low = 0, .high = 64, .bare = "0", .shown = "",
     .help = "print the N best hypotheses of each line, as ID ||| TEXT ||| F0= LOGP ||| SCORE; "
             "without N as many as the beam holds"},
    {TT_OPT_FLAG, "--scores", AT(t.scores), .help = "add ||| and the score to each line"},
    {TT_OPT_INT, "--next", "N", "0", AT(t.next), .low = 0, .high = 100, .shown = "none",
     .help =
         "below each translation, for each of its tokens a line with the N likeliest that could "
         "have stood there and their probabilities"},
    {TT_OPT_FLAG, "--word-scores", AT(t.word_scores),
     .help = "add ||| WordScores= and the log probability of each token"},
    {TT_OPT_STRING, "--alignment", "HOW", NULL, AT(alignment), .allowed = "hard|soft",
     .bare = "hard", .shown = "",
     .help = "add ||| and the alignment: hard (links S-T to the source token with the greatest "
             "weight), soft (all weights), or a number below 1 (links with a weight above it)"},
    {TT_OPT_FLAG, "--alignment-pieces", AT(t.alignment_pieces),
     .help = "alignments between tokens, ends of sentences counted, instead of words"},
    {TT_OPT_FLAG, "--replace-unk", AT(t.replace_unk),
     .help = "choose unknown pieces where they are likely, and print for each the source word with "
             "the greatest weight"},
    {TT_OPT_FLAG, "--json", AT(t.json),
     .help = "read a JSON object a line, {\"text\": …}, perhaps with \"id\", \"prefix\", "
             "\"target\", \"n_best\", \"alternatives\", \"glossary\" or \"format\", and write one"},
    {TT_OPT_GROUP, .help = "Given translations"},
    {TT_OPT_STRING, "--score", "FILE", NULL, AT(score), .bare = "", .shown = "",
     .help = "translate nothing: print the log probability of each pair; the input is SOURCE TAB "
             "TARGET, or sources, with their targets line by line in FILE"},
    {TT_OPT_STRING, "--filter", "MIN", NULL, AT(filter), .shown = "",
     .help = "print the pairs whose score is MIN or more, as SOURCE TAB TARGET, and no scores"},
    {TT_OPT_GROUP, .help = "Speed"},
    {TT_OPT_INT, "--threads --cpu-threads", "N", "0", AT(t.threads), .low = 0, .high = 1024,
     .shown = "all processors", .help = "threads; they change nothing in the output"},
    {TT_OPT_ENUM, "--compute-type", "TYPE", "auto", AT(compute),
     .allowed = "auto|f32|bf16|bf16-both|int8",
     .help = "of matrix products: f32; bf16, weights rounded and read twice as fast; bf16-both, "
             "what they meet rounded too, slow on a processor without AVX-512 BF16; int8, weights "
             "and what they meet in 8 bits; auto, as the model file stores its weights. With all "
             "but f32, the decoder's keys and values are kept in 16 bits"},
    {TT_OPT_STRING, "--shortlist", "FILE", NULL, AT(shortlist), .shown = "", .numbers = 3,
     .help = "choose among the tokens that FILE lists for those of the sentence, and compute no "
             "others; 'model' is the list inside the model's file, which is used anyway if there "
             "is one. Numbers behind FILE, as Marian takes them, are passed over: lists were cut "
             "when they were made. Not used with --prefix, sampling, groups or several models, nor "
             "for the second search of a sentence that lacks a term of --glossary"},
    {TT_OPT_FLAG, "--no-shortlist", AT(t.no_shortlist),
     .help = "use no list, not even the one inside the model's file"},
    {TT_OPT_INT, "--mini-batch", "N", "64", AT(t.mini_batch), .low = 1, .high = 65536,
     .help = "sentences translated together at most"},
    {TT_OPT_INT, "--mini-batch-words", "N", "1024", AT(t.mini_batch_words), .low = 1,
     .high = 1 << 24,
     .help = "source tokens translated together at most; each counts once for every hypothesis of "
             "a beam, where that leaves 24 of them or more. Where their keys and values would take "
             "more than 16 KiB a token and 32 MiB in all, twice as much up to 24 hypotheses, there "
             "are fewer: --stats says so"},
    {TT_OPT_INT, "--maxi-batch", "N", "16", AT(t.maxi_batch), .low = 1, .high = 1024,
     .help = "batches read ahead, while input is there, and sorted by length"},
    {TT_OPT_INT, "--cache", "MIB", "16", AT(t.cache), .low = 0, .high = 65536,
     .help = "memory for sentences and their translations: equal ones are searched once; 0 "
             "searches each. The output does not change"},
    {TT_OPT_GROUP, .help = "Messages"},
    {TT_OPT_FLAG, "--progress", AT(progress),
     .help = "show progress even where standard error is no terminal or input no file"},
    {TT_OPT_FLAG, "--stats", AT(stats), .help = "print lines, speed, times and memory at the end"},
    {TT_OPT_FLAG, "-q --quiet --quiet-translation", AT(quiet),
     .help = "print no progress and no warnings"},
    {0}};

static const tt_example examples[] = {
    {"echo 'The house is small.' | ttrans translate", "one sentence, with the default model"},
    {"ttrans translate -b 1 -i text.en -o text.es", "a file, with greedy search"},
    {"echo 'Good morning.' | ttrans translate --n-best --alignment",
     "four hypotheses, with links between words"},
    {"ttrans translate --sampling topk 10 --n-best 3 -i text.en", "three samples of each line"},
    {"echo '{\"id\": 7, \"text\": \"Good morning.\"}' | ttrans translate --json",
     "JSON in and out"},
    {"echo '<p>The <b>small</b> house</p>' | ttrans translate --format html", "a document"},
    {"ttrans translate --score text.es -i text.en", "log probabilities of given translations"},
    {"ttrans translate --filter=-2 -n -i corpus.tsv -o kept.tsv",
     "pairs that the model finds likely"},
    {0}};

static int read_alignment(tt_translate_options *t, const char *how, tt_err *e) {
    if (!how) return 0;
    t->alignment = TT_ALIGN_HARD;
    if (!strcmp(how, "hard")) return 0;
    if (!strcmp(how, "soft")) {
        t->alignment = TT_ALIGN_SOFT;
        return 0;
    }
    char *end;
    t->threshold = strtod(how, &end);
    if (end == how || *end || !(t->threshold >= 0 && t->threshold <= 1))
        return tt_cmd_fail(e, TT_EUSAGE,
                           "--alignment %.60s: expected hard, soft or a number from 0 to 1", how);
    return 0;
}

static int read_pairs(tt_translate_options *t, const opts *o, tt_err *e) {
    t->pairs = o->score || o->filter;
    if (o->score && *o->score) t->targets = o->score;
    if (!o->filter) return 0;
    char *end;
    t->filter = 1;
    t->least = strtod(o->filter, &end);
    if (end == o->filter || *end || t->least != t->least)
        return tt_cmd_fail(e, TT_EUSAGE, "--filter %.60s: expected a number, such as -1.5",
                           o->filter);
    if (t->alignment || o->t.word_scores)
        return tt_cmd_fail(e, TT_EUSAGE, "--filter prints pairs: expected no %s with it",
                           t->alignment ? "--alignment" : "--word-scores");
    if (o->t.next)
        return tt_cmd_fail(e, TT_EUSAGE, "--filter prints pairs: expected no --next with it");
    return 0;
}

static int read_weights(tt_translate_options *t, double *weights, const opts *o, tt_err *e) {
    if (o->models.count > MODELS_MOST)
        return tt_cmd_fail(e, TT_EUSAGE, "more than %d models", MODELS_MOST);
    if (o->models.count > 1) {
        t->more_models = o->models.item + 1;
        t->n_more = o->models.count - 1;
    }
    if (!o->weights.count) return 0;
    if (o->weights.count != t->n_more + 1)
        return tt_cmd_fail(e, TT_EUSAGE, "--weights: expected one for each -m");
    for (int i = 0; i < o->weights.count; i++) {
        char *end;
        weights[i] = strtod(o->weights.item[i], &end);
        if (end == o->weights.item[i] || *end || !(weights[i] >= 0 && weights[i] <= 1000))
            return tt_cmd_fail(e, TT_EUSAGE, "--weights: '%.60s' is not a number from 0 to 1000",
                               o->weights.item[i]);
    }
    t->weights = weights;
    return 0;
}

/* What is done with lines alone; NULL: nothing of it is asked for. */
static const char *lines_only(const opts *o) {
    return o->t.json             ? "--json"
           : o->score            ? "--score"
           : o->filter           ? "--filter"
           : o->prefix           ? "--prefix"
           : o->n_best >= 0      ? "--n-best"
           : o->t.scores         ? "--scores"
           : o->t.word_scores    ? "--word-scores"
           : o->alignment        ? "--alignment"
           : o->t.next           ? "--next"
           : o->inputs.count > 1 ? "a second --input"
                                 : NULL;
}

/* The format of documents that was asked for, or that the input's suffix means; NULL: lines of
   text. What is done with lines alone keeps a suffix from meaning anything. */
static const char *document_format(const opts *o) {
    if (!o->format && (lines_only(o) || !o->inputs.count)) return NULL;
    return tt_cmd_format(o->format, o->inputs.count ? o->inputs.item[0] : "-");
}

static int check_format(const opts *o, tt_err *e) {
    const char *other = lines_only(o);
    return other ? tt_cmd_fail(e, TT_EUSAGE,
                               "%s is for lines of text: expected no --format with it", other)
                 : 0;
}

/* As one of several ranks. */
static int translate_dealt(tt_translator *t, const opts *o, const char *input, const char *format,
                           tt_translate_stats *stats, tt_err *e) {
    tt_comm *c = tt_comm_open(NULL, e);
    if (!c) return e->code;
    int rc = 0;
    if (format || o->inputs.count > 1)
        rc =
            tt_cmd_fail(e, TT_EUSAGE, "several ranks translate one file of lines, and no document");
    if (!rc) rc = tt_cmd_deal(t, c, input, o->output, stats, e);
    if (rc && tt_comm_rank(c)) e->msg[0] = 0; /* rank 0 tells */
    tt_comm_close(c, rc);
    return rc;
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    char model[PATH_MOST];
    tt_translate_options t = o->t;
    t.threshold = 1;
    t.isa = getenv("TTRANS_ISA");
    t.encoding = (const int[]){TT_TEXT_UTF8,    TT_TEXT_UTF16,   TT_TEXT_WINDOWS_1252,
                               TT_TEXT_LATIN_1, TT_TEXT_LATIN_9, TT_TEXT_AUTO}[o->encoding];
    const char *input = o->inputs.count ? o->inputs.item[0] : "-";
    t.more_inputs = o->inputs.item + 1;
    t.n_more_inputs = o->inputs.count > 1 ? o->inputs.count - 1 : 0;
    t.compute = (const int[]){TT_COMPUTE_AUTO, TT_TYPE_F32, TT_TYPE_BF16, TT_COMPUTE_BF16_BOTH,
                              TT_TYPE_I8}[o->compute];
    t.allow_unk = o->allow_unk == UNSAID ? -1 : o->allow_unk > 0;
    t.n_best = o->n_best < 0 ? 0 : o->n_best ? o->n_best : -1;
    t.split = o->split - 1;
    t.keep = !o->no_keep;
    t.patterns = o->patterns.item;
    t.n_patterns = o->patterns.count;
    t.capitals = o->no_keep ? 0 : (const int[]){-1, 1, 0}[o->capitals];
    t.prefix = o->prefix != NULL;
    t.prefix_text = o->prefix && *o->prefix ? o->prefix : NULL;
    t.shortlist = o->shortlist && !strcmp(o->shortlist, "model") ? "" : o->shortlist;
    t.seed = (uint64_t)o->seed;
    const char *format = document_format(o);
    t.links = format != NULL;
    int rc = format ? check_format(o, e) : 0;
    if (!rc) rc = read_alignment(&t, o->alignment, e);
    double weights[MODELS_MOST];
    if (!rc) rc = read_pairs(&t, o, e);
    if (!rc) rc = tt_cmd_read_sampling(&t, &o->sampling, e);
    if (!rc) rc = read_weights(&t, weights, o, e);
    if (!rc)
        rc = tt_cmd_model(model, sizeof model, o->models.count ? o->models.item[0] : NULL,
                          o->direction, e);
    if (rc) return rc;
    char from[LANGUAGE_MOST + 1], to[LANGUAGE_MOST + 1];
    tt_cmd_read_languages(&t, from, to, o->direction, model, o->target_language);

    tt_translator *translator = tt_translator_open(model, &t, e);
    if (!translator) return e->code;
    int from_file = strcmp(input, "-") != 0, to_file = strcmp(o->output, "-") != 0;
    int watched = tt_cmd_tty() && from_file && (to_file || !isatty(STDOUT_FILENO));
    if (!from_file && !o->quiet && tt_cmd_tty() && isatty(STDIN_FILENO))
        tt_cmd_warn("type a line, and its translation comes; Ctrl-D ends");
    double size = from_file ? tt_cmd_plain_size(&o->inputs) : 0;
    tt_translate_watch watch = {tt_cmd_report_progress, &size};
    tt_translate_stats stats = {0};
    const tt_translate_watch *shown = !o->quiet && (watched || o->progress) ? &watch : NULL;
    tt_log log = tt_cmd_log(o->quiet ? TT_LOG_ERROR : TT_LOG_WARN);
    if (tt_comm_launched() > 1) rc = translate_dealt(translator, o, input, format, &stats, e);
    else
        rc = format ? tt_translate_document(translator, input, o->output, format, t.to, &log, shown,
                                            &stats, e)
                    : tt_translate_file(translator, input, o->output, shown, &stats, e);
    tt_translator_close(translator);
    tt_cmd_progress(NULL);
    if (!o->quiet) tt_cmd_warn_of_repairs(&stats);
    if (o->stats) tt_cmd_print_stats(&stats, o->t.threads);
    return rc;
}

const tt_cmd tt_cmd_translate = {
    "translate",
    "translates text, line by line",
    "[OPTION...]",
    "Reads lines and writes the translation of each as one line, in order and as soon as it can: "
    "it works as a filter on files of any size and answers at once when lines come one by one.\n\n"
    "Each sentence of a line is translated by itself, and the white space around it is given back. "
    "What is no "
    "language (URLs, placeholders, numbers, emoji) comes out as it went in. Blank lines stay "
    "blank. Bad UTF-8 and NUL "
    "bytes are replaced, and counted in a warning.",
    rows,
    sizeof(opts),
    examples,
    run};
