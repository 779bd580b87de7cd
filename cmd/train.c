/* train.c: `ttrans train`, from options to tt_train, and from its reports to lines.
 *
 * Model settings are rows of nn/hyper.def, handed on by name; everything else is here. On a terminal a
 * progress line is renewed in place; the lines of --disp-freq and of validations stay. --log gets one JSON
 * object a report.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

typedef struct opts {
    const char *model, *vocab, *from;
    tt_list tsv, texts, weights, valid_tsv, valid_texts;
    tt_list settings;
    int store, restart, threads, shards, window, accumulate, max_length, patience, metric, bad_limit, quiet;
    size_t seed, batch_tokens, warmup, valid_freq, disp_freq, save_freq, sampled_softmax;
    double max_ratio, rate, beta1, beta2, epsilon, decay, clip, smoothing, cooldown, max_epochs, time_limit;
    size_t max_updates;
    const char *optimizer, *schedule, *log;
} opts;

#define AT(field) .at = offsetof(opts, field)
#define INT(field, name, def_, low_, high_, help_)                                                 \
    {TT_OPT_KEY, "--" name, "N", NULL, AT(settings), .shown = (def_) < 0 ? "" : #def_, .help = help_},
#define REAL(field, name, def_, low_, high_, help_)                                                \
    {TT_OPT_KEY, "--" name, "P", NULL, AT(settings), .shown = #def_, .help = help_},
#define NAME(field, name, def_, names_, help_)                                                     \
    {TT_OPT_KEY, "--" name, names_, NULL, AT(settings), .shown = def_, .help = help_},

static const tt_opt rows[] = {
    {TT_OPT_GROUP, .help = "Text and files"},
    {TT_OPT_STRING, "-m --model", "FILE", NULL, AT(model), .file = TT_FILE_RUN, .help = "model file to write; its checkpoint is FILE.ckpt"},
    {TT_OPT_LIST, "--tsv", "FILE", NULL, AT(tsv), .help = "training text, source TAB target, plain or .gz, - for standard input; may be given again"},
    {TT_OPT_LIST, "-t --train-sets", "SRC TGT", NULL, AT(texts), 2, 2, .help = "training text as two files in step; may be given again"},
    {TT_OPT_LIST, "--weights", "W", NULL, AT(weights), 1, 1000, .help = "how often a pair of each text occurs in an epoch, --tsv first, in the order given (default 1 each)"},
    {TT_OPT_STRING, "-v --vocab --vocabs", "FILE", NULL, AT(vocab), .help = "SentencePiece model, as ttrans vocab makes it"},
    {TT_OPT_STRING, "--from --pretrained-model", "MODEL", NULL, AT(from), .help = "start from the weights, settings and vocabulary of a model"},
    {TT_OPT_LIST, "--valid", "FILE", NULL, AT(valid_tsv), .help = "development set, source TAB target"},
    {TT_OPT_LIST, "--valid-sets", "SRC TGT", NULL, AT(valid_texts), 2, 2, .help = "development set as two files in step"},
    {TT_OPT_ENUM, "--store", "TYPE", "f32", AT(store), .allowed = "f32|bf16|f16|int8", .help = "how weights stand in the model file"},
    {TT_OPT_FLAG, "--restart --overwrite", AT(restart), .help = "forget an earlier run and write over its files"},
    {TT_OPT_GROUP, .help = "Model"},
#include "nn/hyper.def"
    {TT_OPT_GROUP, .help = "Batches"},
    {TT_OPT_SIZE, "--batch-tokens --mini-batch-words", "N", "4096", AT(batch_tokens), 16, 1 << 24, .help = "tokens of a batch on either side at most; no padding is counted, for there is none"},
    {TT_OPT_INT, "--accumulate --optimizer-delay", "N", "1", AT(accumulate), 1, 1 << 16, .help = "batches in an update"},
    {TT_OPT_INT, "--window --maxi-batch", "PAIRS", "20000", AT(window), 1, 1 << 28, .help = "shuffled pairs that are sorted by length together"},
    {TT_OPT_INT, "--max-length", "TOKENS", "128", AT(max_length), 2, 65536, .help = "leave out pairs with a longer side"},
    {TT_OPT_DOUBLE, "--max-ratio", "R", "4", AT(max_ratio), 0, 1e6, .help = "leave out pairs whose sides differ more in length; 0 keeps all"},
    {TT_OPT_INT, "--shards", "N", "4", AT(shards), 1, 1024, .help = "parts of a batch that threads work on; their gradients are summed in order, so the result depends on this number and not on --threads"},
    {TT_OPT_INT, "--threads --cpu-threads", "N", "0", AT(threads), 0, 1024, .shown = "all processors", .help = "threads; more than --shards are of no use"},
    {TT_OPT_SIZE, "--seed", "N", "1", AT(seed), .help = "of weights, shuffles and dropout"},
    {TT_OPT_GROUP, .help = "Optimiser"},
    {TT_OPT_STRING, "--optimizer", "NAME", "adam", AT(optimizer), .help = "adam, muon or sgd"},
    {TT_OPT_DOUBLE, "--lr --learn-rate", "RATE", "0.001", AT(rate), 0, 1e6, .help = "peak learning rate; for noam its factor"},
    {TT_OPT_STRING, "--schedule", "NAME", NULL, AT(schedule), .shown = "linear with --time-limit, else inverse-sqrt", .help = "learning rate after the warm-up: inverse-sqrt, noam, linear, cosine or constant"},
    {TT_OPT_SIZE, "--warmup --lr-warmup", "UPDATES", "1000", AT(warmup), .help = "updates in which the learning rate rises to its peak"},
    {TT_OPT_DOUBLE, "--cooldown", "PART", "0", AT(cooldown), 0, 1, .help = "last part of the run in which the learning rate also falls to 0"},
    {TT_OPT_DOUBLE, "--beta1", "B", "0.9", AT(beta1), 0, 0.999999, .help = "decay of Adam's first moment"},
    {TT_OPT_DOUBLE, "--beta2", "B", "0.98", AT(beta2), 0, 0.999999, .help = "decay of Adam's second moment"},
    {TT_OPT_DOUBLE, "--epsilon", "E", "1e-9", AT(epsilon), 0, 1, .help = "Adam's epsilon"},
    {TT_OPT_DOUBLE, "--weight-decay", "W", "0", AT(decay), 0, 1, .help = "decoupled weight decay"},
    {TT_OPT_DOUBLE, "--clip-norm", "NORM", "1", AT(clip), 0, 1e9, .help = "largest norm of the gradient of the mean loss; 0 does not clip"},
    {TT_OPT_SIZE, "--sampled-softmax", "N", "0", AT(sampled_softmax), 0, 1 << 24, .help = "compute N outputs, drawn by their frequency, beside the tokens of a batch instead of the whole vocabulary (Jean et al. 2015); 0: all"},
    {TT_OPT_DOUBLE, "--label-smoothing", "E", "0.1", AT(smoothing), 0, 0.9, .help = "part of the probability that is spread over all tokens"},
    {TT_OPT_INT, "--bad-updates", "N", "10", AT(bad_limit), 0, 1 << 20, .help = "give up after so many updates in a row with a loss or gradient that is not finite; 0 never"},
    {TT_OPT_GROUP, .help = "Run"},
    {TT_OPT_DURATION, "--time-limit", "TIME", NULL, AT(time_limit), 0, 1e9, .help = "train so long, 90m or 1h30m, over all restarts; the learning rate ends with it"},
    {TT_OPT_SIZE, "--max-updates --after-batches", "N", NULL, AT(max_updates), .help = "train so many updates"},
    {TT_OPT_DOUBLE, "--max-epochs --after-epochs", "N", NULL, AT(max_epochs), 0, 1e9, .help = "train so many epochs"},
    {TT_OPT_INT, "--early-stopping --patience", "N", "0", AT(patience), 0, 1 << 20, .help = "end after so many validations without a better one; 0 goes on"},
    {TT_OPT_SIZE, "--valid-freq", "UPDATES", "1000", AT(valid_freq), .help = "validate so often; 0 only at the end"},
    {TT_OPT_ENUM, "--valid-metric", "NAME", "bleu", AT(metric), .allowed = "bleu|loss", .help = "what makes a model the best, which is the one kept"},
    {TT_OPT_SIZE, "--disp-freq", "UPDATES", "100", AT(disp_freq), .help = "report so often"},
    {TT_OPT_SIZE, "--save-freq", "UPDATES", "500", AT(save_freq), .help = "write the checkpoint so often; 0 only at the end"},
    {TT_OPT_STRING, "--log", "FILE", NULL, AT(log), .file = TT_FILE_APPEND, .help = "append a JSON object for each report"},
    {TT_OPT_FLAG, "-q --quiet", AT(quiet), .help = "print nothing but warnings"},
    {0}};
#undef INT
#undef REAL
#undef NAME

static const tt_example examples[] = {
    {"ttrans train --tsv corpus.tsv.gz --valid dev.tsv -v en-es.spm -m model.ttm --time-limit 90m",
     "trains the small preset for an hour and a half"},
    {"ttrans train -t text.en text.es -v en-es.spm -m model.ttm --preset base --max-updates 100k",
     "trains the base preset on two files in step"},
    {NULL, NULL}};

static const char prose[] =
    "Trains an encoder-decoder Transformer on parallel text and writes it, with its vocabulary, to one model file. "
    "The best model by validation is kept; without a development set it is the last one.\n\n"
    "Interrupted by Ctrl-C, SIGTERM or a crash, the same command goes on from the checkpoint and ends in the same bytes, "
    "whatever the number of threads; only --time-limit ties the learning rate to the clock.";

static volatile sig_atomic_t stop;

static void on_signal(int number) {
    stop = number;
}

/* ---- reports ------------------------------------------------------------------------------- */

struct screen {
    int tty, quiet;
    FILE *log;
    double shown; /* elapsed time at the last progress line */
    double rate;  /* tokens/s, smoothed */
};

static void duration(char *out, size_t cap, double s) {
    long t = s > 0 ? (long)s : 0;
    if (t >= 3600) snprintf(out, cap, "%ldh%02ldm", t / 3600, t / 60 % 60);
    else snprintf(out, cap, "%ldm%02lds", t / 60, t % 60);
}

static void number(FILE *f, const char *key, double x) {
    if (isfinite(x)) fprintf(f, ", \"%s\": %.6g", key, x);
    else fprintf(f, ", \"%s\": null", key);
}

static void write_json(FILE *f, const tt_report *r) {
    static const char *const kinds[] = {"tick", "train", "valid", "skipped", "saved", "end"};
    fprintf(f, "{\"type\": \"%s\", \"update\": %ld, \"epoch\": %.4f, \"tokens\": %ld, \"elapsed\": %.1f", kinds[r->kind],
            r->update, r->epoch, r->tokens, r->elapsed);
    if (r->kind == TT_REPORT_TRAIN || r->kind == TT_REPORT_VALID || r->kind == TT_REPORT_SKIPPED) number(f, "loss", r->loss);
    if (r->kind == TT_REPORT_TRAIN || r->kind == TT_REPORT_VALID) number(f, "perplexity", r->perplexity);
    if (r->kind == TT_REPORT_TRAIN || r->kind == TT_REPORT_SKIPPED) {
        number(f, "learning_rate", r->rate);
        number(f, "gradient_norm", r->norm);
    }
    if (r->kind == TT_REPORT_TRAIN) number(f, "tokens_per_second", r->tokens_per_s);
    if (r->kind == TT_REPORT_VALID)
        fprintf(f, ", \"bleu\": %.2f, \"chrf\": %.2f, \"best\": %s", r->bleu, r->chrf, r->best ? "true" : "false");
    fputs("}\n", f);
    fflush(f);
}

static void on_report(void *ctx, const tt_report *r) {
    struct screen *s = ctx;
    char left[32] = "", line[200];
    if (s->log && r->kind != TT_REPORT_TICK) write_json(s->log, r);
    if (s->quiet && r->kind != TT_REPORT_SKIPPED) return;
    if (r->left >= 0) duration(left, sizeof left, r->left);
    switch (r->kind) {
    case TT_REPORT_TICK:
        s->rate = s->rate > 0 ? 0.95 * s->rate + 0.05 * r->tokens_per_s : r->tokens_per_s;
        if (!s->tty || (r->elapsed - s->shown < 0.5 && r->elapsed >= s->shown)) return;
        s->shown = r->elapsed;
        snprintf(line, sizeof line, "epoch %.2f  update %ld  loss %.3f  lr %.2e  norm %.2f  %.0f tokens/s%s%s", r->epoch,
                 r->update, r->loss, r->rate, r->norm, s->rate, *left ? "  left " : "", left);
        tt_cmd_progress(line);
        return;
    case TT_REPORT_TRAIN:
        tt_cmd_progress(NULL);
        fprintf(stderr, "epoch %.3f  update %ld  loss %.4f  ppl %.2f  lr %.3e  norm %.3f  %.0f tokens/s%s%s\n", r->epoch,
                r->update, r->loss, r->perplexity, r->rate, r->norm, r->tokens_per_s, *left ? "  left " : "", left);
        return;
    case TT_REPORT_VALID:
        tt_cmd_progress(NULL);
        fprintf(stderr, "valid  update %ld  loss %.4f  ppl %.2f  BLEU %.2f  chrF %.2f%s\n", r->update, r->loss, r->perplexity,
                r->bleu, r->chrf, r->best ? "  best so far, kept" : "");
        return;
    case TT_REPORT_SKIPPED:
        tt_cmd_warn("update %ld skipped: loss %g, gradient norm %g", r->update, r->loss, r->norm);
        return;
    default:
        return;
    }
}

/* ---- options to tt_train ------------------------------------------------------------------- */

static int read_weight(const char *word, double *w, tt_err *e) {
    char *end;
    *w = strtod(word, &end);
    if (end != word && !*end && *w > 0 && *w <= 1e6) return 0;
    return tt_cmd_fail(e, TT_EUSAGE, "--weights: '%.60s' is not a number above 0", word);
}

static int make_sources(const opts *o, tt_source *sources, tt_err *e) {
    int n = 0;
    for (int i = 0; i < o->tsv.count; i++) sources[n++] = (tt_source){o->tsv.item[i], NULL, 1};
    for (int i = 0; i + 1 < o->texts.count; i += 2) sources[n++] = (tt_source){o->texts.item[i], o->texts.item[i + 1], 1};
    if (o->weights.count && o->weights.count != n)
        return tt_cmd_fail(e, TT_EUSAGE, "--weights: %d numbers for %d texts", o->weights.count, n);
    for (int i = 0; i < o->weights.count; i++) {
        int rc = read_weight(o->weights.item[i], &sources[i].weight, e);
        if (rc) return rc;
    }
    return 0;
}

static int run_with(const opts *o, tt_source *sources, struct screen *screen, tt_err *e) {
    tt_source valid = {0};
    int rc = make_sources(o, sources, e);
    if (rc) return rc;
    if (!o->model) return tt_cmd_fail(e, TT_EUSAGE, "no model file: name one with -m FILE");
    if (!o->tsv.count && !o->texts.count) return tt_cmd_fail(e, TT_EUSAGE, "no training text: name some with --tsv or --train-sets");
    if (!o->vocab && !o->from) return tt_cmd_fail(e, TT_EUSAGE, "no vocabulary: name one with -v FILE; ttrans vocab train makes it");
    if (o->valid_tsv.count + o->valid_texts.count / 2 > 1) return tt_cmd_fail(e, TT_EUSAGE, "more than one development set is named");
    if (o->valid_tsv.count) valid = (tt_source){o->valid_tsv.item[0], NULL, 1};
    if (o->valid_texts.count) valid = (tt_source){o->valid_texts.item[0], o->valid_texts.item[1], 1};
    if (o->log) {
        screen->log = fopen(o->log, "a");
        if (!screen->log)
            return tt_cmd_fail(e, TT_ECREATE, "%.400s: %s", o->log, strerror(errno));
    }
    static const int types[] = {TT_TYPE_F32, TT_TYPE_BF16, TT_TYPE_F16, TT_TYPE_I8};
    tt_log log = tt_cmd_log(o->quiet ? TT_LOG_WARN : TT_LOG_INFO);
    tt_train_options t;
    tt_train_defaults(&t);
    t.model = o->model, t.vocab = o->vocab, t.from = o->from;
    t.sources = sources, t.n_sources = o->tsv.count + o->texts.count / 2;
    t.valid = valid.src ? &valid : NULL;
    t.settings = o->settings.item, t.n_settings = o->settings.count / 2;
    t.store = types[o->store], t.restart = o->restart, t.seed = o->seed;
    t.threads = o->threads ? o->threads : tt_cpu_count();
    t.shards = o->shards, t.batch_tokens = (int)o->batch_tokens, t.window = o->window, t.accumulate = o->accumulate;
    t.max_tokens = o->max_length, t.max_ratio = o->max_ratio;
    t.optimizer = o->optimizer, t.schedule = o->schedule, t.rate = o->rate;
    t.beta1 = o->beta1, t.beta2 = o->beta2, t.epsilon = o->epsilon, t.decay = o->decay;
    t.clip = o->clip, t.smoothing = o->smoothing, t.sampled_softmax = (int)o->sampled_softmax, t.warmup = (long)o->warmup, t.cooldown = o->cooldown;
    t.max_updates = (long)o->max_updates, t.max_epochs = o->max_epochs, t.time_limit = o->time_limit;
    t.valid_every = (long)o->valid_freq, t.disp_every = (long)o->disp_freq, t.save_every = (long)o->save_freq;
    t.patience = o->patience, t.by_loss = o->metric == 1, t.bad_limit = o->bad_limit;
    t.isa = getenv("TTRANS_ISA"), t.stop = &stop, t.log = &log, t.report = on_report, t.report_ctx = screen;
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
    struct screen screen = {.tty = tt_cmd_tty(), .quiet = o->quiet};
    tt_source *sources = calloc((size_t)(o->tsv.count + o->texts.count) + 1, sizeof *sources);
    if (!sources) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    int rc = run_with(o, sources, &screen, e);
    free(sources);
    if (screen.log) {
        int bad = ferror(screen.log);
        if ((fclose(screen.log) || bad) && !rc) {
            e->code = rc = TT_EIO;
            snprintf(e->msg, sizeof e->msg, "%.400s: the model is whole, but the log could not be written", o->log);
        }
    }
    return rc;
}

const tt_cmd tt_cmd_train = {"train", "trains a model on parallel text", "[OPTION...] -m MODEL", prose, rows, sizeof(opts),
                             examples, run};
