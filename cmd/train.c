/* train.c: `ttrans train`, from options to tt_train, and from its reports to lines.
 *
 * Model settings are rows of nn/hyper.def, handed on by name; everything else is here. On a
 * terminal a progress line is renewed in place; the lines of --disp-freq and of validations stay.
 * --log gets one JSON object a report.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "comm/comm.h"
#include "io/events.h"
#include "train.h"

enum { TT_MOST_PICKS = 9 };

typedef struct opts {
    tt_train_options t; /* what options.def has rows of, and store, restart, threads, model, from */
    tt_list vocabs, tsv, texts, weights, valid_tsv, valid_texts;
    tt_list settings, valid_metrics, modifiers;
    int quiet;
    const char *log, *events;
} opts;

#define AT(field) .at = offsetof(opts, field)
#define INT(field, name, def_, low_, high_, class, help_)                                          \
    {TT_OPT_KEY,   "--" name, "N", NULL, AT(settings), .shown = (def_) < 0 ? "" : #def_,           \
     .help = help_},
#define REAL(field, name, def_, low_, high_, class, help_)                                         \
    {TT_OPT_KEY, "--" name, "P", NULL, AT(settings), .shown = #def_, .help = help_},
#define PICK(field, name, def_, family_, class, help_)                                             \
    {TT_OPT_KEY,    "--" name,          "NAME",       NULL, AT(settings),                          \
     .shown = def_, .family = #family_, .help = help_},
#define CHOICE(field, name, def_, family_, class, help_)                                           \
    {TT_OPT_KEY,    "--" name,          "ROW",        NULL, AT(settings),                          \
     .shown = def_, .family = #family_, .help = help_},
#define EACH(name, family_, help_)                                                                 \
    {TT_OPT_KEY, "--" name, "ROW", NULL, AT(settings), .family = #family_, .help = help_},
#define NAME(field, name, def_, names_, class, help_)                                              \
    {TT_OPT_KEY, "--" name, names_, NULL, AT(settings), .shown = def_, .help = help_},

static const tt_opt rows[] = {
    {TT_OPT_GROUP, .help = "Text and files"},
    {TT_OPT_STRING, "-m --model", "FILE", NULL, AT(t.model), .file = TT_FILE_RUN,
     .help = "model file to write; its checkpoint is FILE.ckpt"},
    {TT_OPT_LIST, "--tsv", "FILE", NULL, AT(tsv),
     .help = "training text, source TAB target, plain, .gz, .xz or .zst, - for standard input; may "
             "be given "
             "again"},
    {TT_OPT_LIST, "-t --train-sets", "SRC TGT", NULL, AT(texts), 2, 2,
     .help = "training text as two files in step; may be given again"},
    {TT_OPT_LIST, "--weights", "W", NULL, AT(weights), 1, 1000,
     .help = "how often a pair of each text occurs in an epoch, --tsv first, in the order given, "
             "blanks or commas between (default 1 each)"},
    {TT_OPT_STRING, "--stages", "FILE", NULL, AT(t.stages), .file = TT_FILE_STAGES,
     .help = "training text as mixtures of named texts, one after the other: ttrans-stages(5)"},
    {TT_OPT_LIST, "-v --vocab --vocabs", "FILE", NULL, AT(vocabs), 1, 2,
     .help = "SentencePiece model, as ttrans vocab makes it, for both languages; or that of the "
             "source and that of the target"},
    {TT_OPT_STRING, "--from --pretrained-model", "MODEL", NULL, AT(t.from),
     .help = "start from the weights, settings and vocabulary of a model"},
    {TT_OPT_LIST, "--valid", "FILE", NULL, AT(valid_tsv),
     .help = "development set, source TAB target"},
    {TT_OPT_LIST, "--valid-sets", "SRC TGT", NULL, AT(valid_texts), 2, 2,
     .help = "development set as two files in step"},
    {TT_OPT_ENUM, "--store", "TYPE", "f32", AT(t.store), .family = "type",
     .help = "how weights stand in the model file"},
    {TT_OPT_FLAG, "--restart --overwrite", AT(t.restart),
     .help = "forget an earlier run and write over its files"},
    {TT_OPT_GROUP, .help = "Model"},
#define LIST(field, name, low_, high_, class, help_)                                               \
    {TT_OPT_KEY, "--" name, "N,...", NULL, AT(settings), .shown = "auto", .help = help_},
#define SAID_INT INT
#define SAID_NAME NAME
#define SAID_PICK PICK
#include "nn/hyper.def"
#define RANGE(low_, high_) .low = (low_), .high = (high_)
#define GROUP(help_) {TT_OPT_GROUP, .help = help_},
#define INT(field, names, arg, def, shown_, low, high, class, help_)                               \
    {TT_OPT_INT, names, arg, #def, AT(t.field), RANGE(low, high), .shown = shown_, .help = help_},
#define COUNT(field, names, arg, def, shown_, low, high, class, help_)                             \
    {TT_OPT_LONG, names, arg, #def, AT(t.field), RANGE(low, high), .shown = shown_, .help = help_},
#define SEED(field, names, arg, def, shown_, low, high, class, help_)                              \
    {TT_OPT_SEED, names, arg, #def, AT(t.field), RANGE(low, high), .shown = shown_, .help = help_},
#define REAL(field, names, arg, def, shown_, low, high, class, help_)                              \
    {TT_OPT_DOUBLE,    names,           arg,          #def, AT(t.field),                           \
     RANGE(low, high), .shown = shown_, .help = help_},
#define TIME(field, names, arg, def, shown_, low, high, class, help_)                              \
    {TT_OPT_DURATION,  names,           arg,          #def, AT(t.field),                           \
     RANGE(low, high), .shown = shown_, .help = help_},
#define AMOUNT(field, names, arg, def, shown_, low, high, class, help_)                            \
    {TT_OPT_AMOUNT,    names,           arg,          (def) < 0 ? NULL : #def, AT(t.field),        \
     .allowed = "ute", .shown = shown_, .help = help_},
#define SHARE(field, names, arg, def, alone, low, high, class, help_)                              \
    {TT_OPT_DOUBLE, names, arg, #def, AT(t.field), RANGE(low, high), .bare = #alone, .help = help_},
#define WORD(field, names, arg, def, shown_, words, class, help_)                                  \
    {TT_OPT_ENUM, names, arg, def, AT(t.field), .allowed = words, .shown = shown_, .help = help_},
#define PICK(field, names, arg, def, shown_, family_, class, help_)                                \
    {TT_OPT_PICK, names, arg, def, AT(t.field), .shown = shown_, .family = #family_, .help = help_},
#define PICKS(field, names, arg, def, shown_, family_, class, help_)                               \
    {TT_OPT_LIST,   names,                                                                         \
     arg,           NULL,                                                                          \
     AT(field),     1,                                                                             \
     TT_MOST_PICKS, .family = #family_,                                                            \
     .shown = def,  .file = TT_FILE_ROWS,                                                          \
     .help = help_},
#define PATH(field, names, arg, how, class, help_)                                                 \
    {TT_OPT_STRING, names, arg, NULL, AT(t.field), .file = TT_FILE_##how, .help = help_},
#define TEXT(field, names, arg, class, help_)                                                      \
    {TT_OPT_STRING, names, arg, NULL, AT(t.field), .help = help_},
#include "train/options.def"
    {TT_OPT_INT, "--threads --cpu-threads", "N", "0", AT(t.threads), 0, 1024,
     .shown = "all processors", .help = "threads; more than --shards are of no use"},
    {TT_OPT_STRING, "--log", "FILE", NULL, AT(log), .file = TT_FILE_APPEND,
     .help = "append a JSON object for each report; - is standard output"},
    {TT_OPT_STRING, "--tensorboard", "DIR", NULL, AT(events), .file = TT_FILE_FOLDER,
     .help = "write the reports as an event file in this folder, too, which TensorBoard shows"},
    {TT_OPT_FLAG, "-q --quiet", AT(quiet), .help = "print nothing but warnings"},
    {0}};

static const tt_example examples[] = {
    {"ttrans train --tsv corpus.tsv.gz --valid dev.tsv -v en-es.spm -m model.ttm --time-limit 90m",
     "trains the small preset for an hour and a half"},
    {"ttrans train -t text.en text.es -v en-es.spm -m model.ttm --preset base --max-updates 100k",
     "trains the base preset on two files in step"},
    {NULL, NULL}};

static const char prose[] =
    "Trains an encoder-decoder Transformer on parallel text and writes it, with its vocabulary, to "
    "one model file. "
    "The best model by validation is kept; without a development set it is the last one. The last "
    "line says why the run ended.\n\n"
    "Interrupted by Ctrl-C, SIGTERM or a crash, the same command goes on from the checkpoint and "
    "ends in the same bytes, "
    "whatever the number of threads; only --time-limit ties the learning rate to the clock.";

static volatile sig_atomic_t stop;

static void on_signal(int number) { stop = number; }

/* ---- reports ------------------------------------------------------------------------------- */

struct screen {
    tt_comm *comm; /* or NULL */
    int tty, quiet;
    FILE *log;
    tt_events *events;
    double shown; /* elapsed time at the last progress line */
    double rate;  /* tokens/s, smoothed */
    const char *model;
    int patience;
};

static void duration(char *out, size_t cap, double s) {
    long t = s > 0 ? (long)s : 0;
    if (t >= 3600) snprintf(out, cap, "%ldh%02ldm", t / 3600, t / 60 % 60);
    else snprintf(out, cap, "%ldm%02lds", t / 60, t % 60);
}

/* The last line; a run that was stopped or went astray has its own. */
static void show_end(const struct screen *s, const tt_report *r) {
    char time[32], best[200];
    if (r->reason == TT_END_STOPPED || r->reason == TT_END_DIVERGED) return;
    tt_cmd_progress(NULL);
    duration(time, sizeof time, r->elapsed);
    if (!r->best_update) snprintf(best, sizeof best, "last model");
    else
        snprintf(best, sizeof best, "best %s %.*f at update %ld", r->metric, r->digits,
                 r->best_score, r->best_update);
    fprintf(stderr, "end  %supdate %ld, epoch %.3f: ", r->here ? "" : "complete before at ",
            r->update, r->epoch);
    if (r->reason == TT_END_PATIENCE)
        fprintf(stderr, "%d validations without a better one (--early-stopping)", s->patience);
    else fprintf(stderr, "%s is reached", tt_cmd_end_option(r->reason));
    fprintf(stderr, "  %s, kept in %s  %s of training\n", best, s->model, time);
}

static void on_report(void *ctx, const tt_report *r) {
    struct screen *s = ctx;
    char left[32] = "", line[200];
    if (s->log && r->kind != TT_REPORT_TICK) tt_cmd_report_json(s->log, r);
    if (s->events) tt_cmd_report_events(s->events, r);
    if (s->quiet && r->kind != TT_REPORT_SKIPPED && r->kind != TT_REPORT_BACK &&
        r->kind != TT_REPORT_UNSAVED)
        return;
    if (r->left >= 0) duration(left, sizeof left, r->left);
    switch (r->kind) {
    case TT_REPORT_TICK:
        s->rate = s->rate > 0 ? 0.95 * s->rate + 0.05 * r->tokens_per_s : r->tokens_per_s;
        if (!s->tty || (r->elapsed - s->shown < 0.5 && r->elapsed >= s->shown)) return;
        s->shown = r->elapsed;
        snprintf(line, sizeof line,
                 "epoch %.2f  update %ld  loss %.3f  lr %.2e  norm %.2f  %.0f tokens/s%s%s",
                 r->epoch, r->update, r->loss, r->rate, r->norm, s->rate, *left ? "  left " : "",
                 left);
        tt_cmd_progress(line);
        return;
    case TT_REPORT_TRAIN:
        tt_cmd_progress(NULL);
        fprintf(
            stderr,
            "epoch %.3f  update %ld  loss %.4f  ppl %.2f  lr %.3e  norm %.3f  %.0f tokens/s%s%s\n",
            r->epoch, r->update, r->loss, r->perplexity, r->rate, r->norm, r->tokens_per_s,
            *left ? "  left " : "", left);
        return;
    case TT_REPORT_VALID:
        tt_cmd_progress(NULL);
        if (r->ter >= 0) snprintf(line, sizeof line, "  TER %.2f", r->ter);
        else *line = 0;
        fprintf(stderr, "valid  update %ld  loss %.4f  ppl %.2f  BLEU %.2f  chrF %.2f%s%s\n",
                r->update, r->loss, r->perplexity, r->bleu, r->chrf, line,
                r->best ? "  best so far, kept" : "");
        return;
    case TT_REPORT_SKIPPED:
        tt_cmd_warn("update %ld skipped: loss %g, gradient norm %g", r->update, r->loss, r->norm);
        return;
    case TT_REPORT_BACK:
        tt_cmd_warn("%s; going on from update %ld at half the learning rate, a peak of %.3g",
                    r->why, r->update, r->rate);
        return;
    case TT_REPORT_UNSAVED:
        tt_cmd_warn("%s; training goes on, and it will be tried again", r->why);
        return;
    case TT_REPORT_STAGE:
        tt_cmd_progress(NULL);
        fprintf(stderr, "stage  update %ld  %s\n", r->update, r->why);
        return;
    case TT_REPORT_END: show_end(s, r); return;
    default: return;
    }
}

/* ---- options to tt_train ------------------------------------------------------------------- */

/* One number, or several with commas between, into w[*n] and on; *n counts on where there is no
 * room. */
static int read_weights(const char *word, tt_parallel *sources, int room, int *n, tt_err *e) {
    for (const char *at = word;; at++) {
        char *end;
        double w = strtod(at, &end);
        if (end == at || (*end && *end != ',') || !(w > 0 && w <= 1e6))
            return tt_cmd_fail(e, TT_EUSAGE, "--weights: '%.60s' is not a number above 0", word);
        if (*n < room) sources[*n].weight = w;
        (*n)++;
        at = end;
        if (!*at) return 0;
    }
}

static int make_sources(const opts *o, tt_parallel *sources, tt_err *e) {
    int n = 0;
    for (int i = 0; i < o->tsv.count; i++) sources[n++] = (tt_parallel){o->tsv.item[i], NULL, 1};
    for (int i = 0; i + 1 < o->texts.count; i += 2)
        sources[n++] = (tt_parallel){o->texts.item[i], o->texts.item[i + 1], 1};
    int given = 0;
    for (int i = 0; i < o->weights.count; i++)
        if (read_weights(o->weights.item[i], sources, n, &given, e)) return e->code;
    if (given && given != n)
        return tt_cmd_fail(e, TT_EUSAGE, "--weights: %d number%s for %d text%s", given,
                           given == 1 ? "" : "s", n, n == 1 ? "" : "s");
    return 0;
}

/* The words of a list with commas between into text; `usual` for none. */
static const char *join(const tt_list *l, const char *usual, char *text, size_t cap) {
    size_t n = 0;
    for (int i = 0; i < l->count && n < cap; i++)
        n += (size_t)snprintf(text + n, cap - n, "%s%s", i ? "," : "", l->item[i]);
    return l->count ? text : usual;
}

static int run_with(const opts *o, tt_parallel *sources, struct screen *screen, tt_err *e) {
    tt_parallel valid = {0};
    int rc = make_sources(o, sources, e);
    if (rc) return rc;
    if (!o->t.model) return tt_cmd_fail(e, TT_EUSAGE, "no model file: name one with -m FILE");
    if (!o->tsv.count && !o->texts.count && !o->t.stages)
        return tt_cmd_fail(e, TT_EUSAGE,
                           "no training text: name some with --tsv, --train-sets or --stages");
    if (!o->vocabs.count && !o->t.from)
        return tt_cmd_fail(e, TT_EUSAGE,
                           "no vocabulary: name one with -v FILE; ttrans vocab train makes it");
    if (o->vocabs.count > 2)
        return tt_cmd_fail(e, TT_EUSAGE, "%d vocabularies: there is one for each language at most",
                           o->vocabs.count);
    if (o->valid_tsv.count + o->valid_texts.count / 2 > 1)
        return tt_cmd_fail(e, TT_EUSAGE, "more than one development set is named");
    if (o->valid_tsv.count) valid = (tt_parallel){o->valid_tsv.item[0], NULL, 1};
    if (o->valid_texts.count)
        valid = (tt_parallel){o->valid_texts.item[0], o->valid_texts.item[1], 1};
    if (!o->log && !o->events && (o->t.log_norms || o->t.log_histograms))
        return tt_cmd_fail(
            e, TT_EUSAGE,
            "--log-norms and --log-histograms write to the log: name one with --log FILE");
    const int head = !tt_comm_rank(screen->comm);
    if (o->events && head && !(screen->events = tt_events_open(o->events, (double)time(NULL), e)))
        return e->code;
    if (o->log && head) {
        screen->log = strcmp(o->log, "-") ? fopen(o->log, "a") : stdout;
        if (!screen->log) return tt_cmd_fail(e, TT_ECREATE, "%.400s: %s", o->log, strerror(errno));
    }
    tt_log log = tt_cmd_log(o->quiet ? TT_LOG_WARN : TT_LOG_INFO);
    if (!head) log = (tt_log){0};
    char metrics[200], modifiers[TT_RUN_VALUE];
    tt_train_options t = o->t, usual;
    tt_train_defaults(&usual);
    t.valid_metrics = join(&o->valid_metrics, usual.valid_metrics, metrics, sizeof metrics);
    t.modifiers = join(&o->modifiers, usual.modifiers, modifiers, sizeof modifiers);
    if (strlen(t.modifiers) + 1 >= sizeof modifiers)
        return tt_cmd_fail(e, TT_EUSAGE, "--modify: more than %d bytes", TT_RUN_VALUE - 2);
    t.vocab = o->vocabs.count ? o->vocabs.item[0] : NULL;
    if (o->vocabs.count > 1 && strcmp(o->vocabs.item[1], o->vocabs.item[0]) != 0)
        t.vocab_tgt = o->vocabs.item[1];
    t.sources = sources, t.n_sources = o->tsv.count + o->texts.count / 2;
    t.valid = valid.src ? &valid : NULL;
    t.settings = o->settings.item, t.n_settings = o->settings.count / 2;
    t.threads = t.threads ? t.threads : tt_cpu_count();
    t.isa = getenv("TTRANS_ISA"), t.stop = &stop, t.log = &log, t.report = on_report,
    t.report_ctx = screen;
    t.comm = screen->comm;
    rc = tt_train(&t, e);
    tt_cmd_progress(NULL);
    return rc;
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    struct sigaction act = {0};
    act.sa_handler = on_signal;
    act.sa_flags = (int)SA_RESETHAND; /* a second signal ends at once */
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    signal(SIGPIPE, SIG_IGN); /* whoever reads the reports may leave; training goes on */
    struct screen screen = {
        .tty = tt_cmd_tty(), .quiet = o->quiet, .model = o->t.model, .patience = o->t.patience};
    tt_parallel *sources = calloc((size_t)(o->tsv.count + o->texts.count) + 1, sizeof *sources);
    if (!sources) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    int rc = 0;
    if (tt_comm_launched() > 1) {
        screen.comm = tt_comm_open(&stop, e);
        rc = screen.comm ? 0 : e->code;
    }
    if (!rc) rc = run_with(o, sources, &screen, e);
    free(sources);
    tt_err why;
    if (tt_events_close(screen.events, &why) && !rc)
        rc = tt_cmd_fail(e, why.code, "the model is whole, but not the events: %.400s", why.msg);
    if (screen.log &&
        screen.log != stdout) { /* main closes standard output, and tells what went wrong there */
        int bad = ferror(screen.log);
        if ((fclose(screen.log) || bad) && !rc) {
            e->code = rc = TT_EIO;
            snprintf(e->msg, sizeof e->msg,
                     "%.400s: the model is whole, but the log could not be written", o->log);
        }
    }
    if (rc && tt_comm_rank(screen.comm)) e->msg[0] = 0; /* rank 0 tells */
    if (rc && rc != TT_ESTOPPED && screen.comm && *e->msg) tt_cmd_warn("%s", e->msg), e->msg[0] = 0;
    tt_comm_close(screen.comm, rc);
    return rc;
}

const tt_cmd tt_cmd_train = {"train",
                             "trains a model on parallel text",
                             "[OPTION...] -m MODEL",
                             prose,
                             rows,
                             sizeof(opts),
                             examples,
                             run};
