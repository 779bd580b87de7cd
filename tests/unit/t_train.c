/* t_train.c: a training run is a function of its options: not of threads, nor of being killed.
 *
 * Fifty updates of a toy model on made-up text, once in one go, then with other threads, then
 * killed by SIGKILL after each of its checkpoints and started again; all must end in the same
 * bytes, model and checkpoint. Then the bad ends: a stop on request, a loss that is not finite, a
 * foreign or cut checkpoint.
 */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/modelfile.h"
#include "unit/test.h"
#include "unit/tiny.h"

static char vocab[400], text[400], dev[400];

static const char *const small[] = {"dim", "16",         "heads", "2",          "ffn",
                                    "32",  "enc-layers", "1",     "dec-layers", "1"};

struct watch {
    int saved, kill_at, skipped;
    volatile sig_atomic_t *stop;
    long stop_at, last;
    double bleu;
    int back, kill_after_back, unsaved;
    const char *block; /* model file; folders stand in its place and its checkpoint's from update
                          block_at to free_at */
    long block_at, free_at;
    int reason;
    long here;
};

/* A folder that is not empty stands where a file shall be. */
static void block(const char *path) {
    char inside[420];
    remove(path);
    snprintf(inside, sizeof inside, "%s/x", path);
    CHECK(!mkdir(path, 0700) && !mkdir(inside, 0700), "%s", path);
}

static void unblock_one(const char *path) {
    char inside[420];
    snprintf(inside, sizeof inside, "%s/x", path);
    CHECK(!rmdir(inside) && !rmdir(path), "%s", path);
}

static void unblock(const char *model) {
    char ckpt[410];
    snprintf(ckpt, sizeof ckpt, "%s.ckpt", model);
    unblock_one(model);
    unblock_one(ckpt);
}

static void block_files(const struct watch *w, long update) {
    char ckpt[410];
    snprintf(ckpt, sizeof ckpt, "%s.ckpt", w->block);
    if (update == w->block_at) block(w->block), block(ckpt);
    if (update == w->free_at) unblock(w->block);
}

static void on_report(void *ctx, const tt_report *r) {
    struct watch *w = ctx;
    w->back += r->kind == TT_REPORT_BACK;
    w->unsaved += r->kind == TT_REPORT_UNSAVED;
    if (w->block && r->kind == TT_REPORT_TICK) block_files(w, r->update);
    if (w->back && w->back == w->kill_after_back && r->kind == TT_REPORT_SAVED) raise(SIGKILL);
    w->last = r->update;
    w->skipped += r->kind == TT_REPORT_SKIPPED;
    if (r->kind == TT_REPORT_VALID) w->bleu = r->bleu;
    if (r->kind == TT_REPORT_END) w->reason = r->reason, w->here = r->here;
    if (r->kind == TT_REPORT_SAVED && ++w->saved == w->kill_at) raise(SIGKILL);
    if (w->stop && r->kind == TT_REPORT_TICK && r->update == w->stop_at) *w->stop = 1;
}

static tt_train_options options(const char *model, const tt_parallel *source,
                                const tt_parallel *valid, struct watch *w) {
    tt_train_options o;
    tt_train_defaults(&o);
    o.model = model, o.vocab = vocab, o.sources = source, o.n_sources = 1, o.valid = valid;
    o.settings = small, o.n_settings = 5;
    o.batch_tokens = 300, o.window = 100, o.max_updates = 50, o.warmup = (tt_amount){10, 'u'},
    o.rate = 3e-3;
    o.valid_every.n = 20, o.disp_every.n = 7, o.save_every.n = 10;
    o.report = on_report, o.report_ctx = w;
    return o;
}

static int same(const char *a, const char *b) {
    FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
    int ok = f && g, c = 0;
    while (ok && c != EOF) ok = (c = getc(f)) == getc(g);
    if (f) fclose(f);
    if (g) fclose(g);
    return ok;
}

/* Metadata "run.elapsed" is the clock's, so checkpoints are compared by their tensors and the
   rest. */
static int same_checkpoint(const char *a, const char *b) {
    tt_err e;
    tt_modelfile *x = tt_modelfile_open(a, &e), *y = tt_modelfile_open(b, &e);
    int ok = x && y && tt_modelfile_count(x) == tt_modelfile_count(y) &&
             tt_modelfile_meta_count(x) == tt_modelfile_meta_count(y);
    for (size_t i = 0; ok && i < tt_modelfile_count(x); i++)
        ok = tt_modelfile_entry(x, i)->crc == tt_modelfile_entry(y, i)->crc;
    for (size_t i = 0; ok && i < tt_modelfile_meta_count(x); i++) {
        const char *key, *v, *key2, *v2;
        tt_modelfile_meta(x, i, &key, &v);
        tt_modelfile_meta(y, i, &key2, &v2);
        ok = !strcmp(key, key2) && (!strcmp(key, "run.elapsed") || !strcmp(v, v2));
    }
    tt_modelfile_close(x);
    tt_modelfile_close(y);
    return ok;
}

static int train(const char *model, int threads, int accumulate) {
    struct watch w = {0};
    tt_parallel source = {text, NULL, 1.5}, valid = {dev, NULL, 1};
    tt_train_options o = options(model, &source, &valid, &w);
    tt_err e = {0};
    o.threads = threads;
    o.accumulate = accumulate;
    int rc = tt_train(&o, &e);
    CHECK(!rc && w.last == 50, "%s", e.msg);
    return rc;
}

static void check_same_bytes(void) {
    char one[400], two[400], one_ckpt[410], two_ckpt[410];
    snprintf(one, sizeof one, "%s", tiny_path("train-1.ttm"));
    snprintf(two, sizeof two, "%s", tiny_path("train-2.ttm"));
    snprintf(one_ckpt, sizeof one_ckpt, "%s.ckpt", one);
    snprintf(two_ckpt, sizeof two_ckpt, "%s.ckpt", two);
    train(one, 1, 1);
    for (int threads = 2; threads <= 5; threads++) {
        train(two, threads, 1);
        CHECK(same(one, two) && same_checkpoint(one_ckpt, two_ckpt), "%d threads", threads);
        remove(two);
        remove(two_ckpt);
    }
    for (int kills = 0; kills < 20;
         kills++) { /* killed after its first checkpoint, then after its next … */
        fflush(stdout);
        pid_t child = fork();
        if (!child) {
            struct watch w = {.kill_at = 1};
            tt_parallel source = {text, NULL, 1.5}, valid = {dev, NULL, 1};
            tt_train_options o = options(two, &source, &valid, &w);
            tt_err e;
            o.threads = 1 + kills % 3;
            _exit(tt_train(&o, &e) ? 1 : 0);
        }
        int status;
        waitpid(child, &status, 0);
        if (WIFEXITED(status)) {
            CHECK(WEXITSTATUS(status) == 0 && kills >= 4, "after %d kills", kills);
            break;
        }
    }
    CHECK(same(one, two) && same_checkpoint(one_ckpt, two_ckpt), "killed and started again");
    train(two, 2, 1);
    CHECK(same(one, two) && same_checkpoint(one_ckpt, two_ckpt), "started when all was done");
}

/* Of a model file or of a checkpoint; -1: none. */
static long model_updates(const char *path) {
    tt_err e;
    tt_modelfile *mf = tt_modelfile_open(path, &e);
    const char *count = mf ? tt_modelfile_get(mf, "run.update") : NULL;
    if (mf && !count) count = tt_modelfile_get(mf, "train.updates");
    long n = count ? strtol(count, NULL, 10) : -1;
    tt_modelfile_close(mf);
    return n;
}

static void check_ends(void) {
    char model[400], ckpt[410];
    snprintf(model, sizeof model, "%s", tiny_path("train-3.ttm"));
    snprintf(ckpt, sizeof ckpt, "%s.ckpt", model);
    static volatile sig_atomic_t stop;
    struct watch w = {.stop = &stop, .stop_at = 13};
    tt_parallel source = {text, NULL, 1};
    tt_train_options o = options(model, &source, NULL, &w);
    tt_err e = {0};
    o.stop = &stop;
    CHECK(tt_train(&o, &e) == TT_ESTOPPED && w.last == 13 && !access(ckpt, F_OK), "%s", e.msg);
    stop = 0;
    w.stop = NULL;
    o.seed = 2;
    CHECK(tt_train(&o, &e) == TT_ECONFIG && strstr(e.msg, "seed=1") && strstr(e.msg, "seed=2"),
          "%s", e.msg);
    o.seed = 1;
    CHECK(!truncate(ckpt, 5000), "%s", ckpt);
    CHECK(tt_train(&o, &e) == TT_EFORMAT && strstr(e.msg, ckpt), "%s", e.msg);
    remove(ckpt);
    FILE *f = fopen(model, "w");
    if (f) fclose(f);
    CHECK(tt_train(&o, &e) == TT_ECREATE && strstr(e.msg, "restart"), "%s", e.msg);
    o.restart = 1;
    o.rate = 1e30; /* the second update is not finite any more */
    o.clip = 0;
    o.bad_limit = 4;
    CHECK(tt_train(&o, &e) == TT_EDIVERGED && w.skipped == 4 && strstr(e.msg, "4 updates in a row"),
          "%s (%d skipped)", e.msg, w.skipped);
    w = (struct watch){0};
    o.rate = 1000, o.clip = 1, o.warmup.n = 100000, o.max_updates = 400,
    o.save_every.n = 5; /* learns a little, then loses all */
    CHECK(tt_train(&o, &e) == TT_EDIVERGED && w.reason == TT_END_DIVERGED && !w.skipped &&
              strstr(e.msg, "keeps the last good"),
          "%s (%d skipped)", e.msg, w.skipped);
    CHECK(model_updates(model) > 0 && model_updates(model) == model_updates(ckpt),
          "%ld and %ld updates", model_updates(model), model_updates(ckpt));
    o.rise_limit = 0, o.max_updates = 60;
    CHECK(!tt_train(&o, &e) && w.reason == TT_END_UPDATES && w.here == 60, "%s: %ld", e.msg,
          w.here);
    o.schedule = "linear", o.max_updates = 0;
    CHECK(tt_train(&o, &e) == TT_ECONFIG, "%s", e.msg);
    o.schedule = "sideways";
    CHECK(tt_train(&o, &e) == TT_EUSAGE && strstr(e.msg, "cosine"), "%s", e.msg);
    o.schedule = NULL, o.optimizer = "hope";
    CHECK(tt_train(&o, &e) == TT_EUSAGE && strstr(e.msg, "adam"), "%s", e.msg);
    static const char *const odd[] = {"dim", "16", "heads", "3"};
    o.optimizer = "adam", o.settings = odd, o.n_settings = 2;
    CHECK(tt_train(&o, &e) == TT_ECONFIG && strstr(e.msg, "--heads 3 does not divide --dim 16"),
          "%s", e.msg);
    o.n_settings = 0, o.vocab = "/nowhere/a.spm";
    CHECK(tt_train(&o, &e) == TT_ENOINPUT && strstr(e.msg, "/nowhere/a.spm"), "%s", e.msg);
}

/* Losses that go up for good, and come back at half the rate: a run that is killed after it went
   back ends like one that was not, and without a retry it gives up. */
static void check_back(void) {
    char one[400], two[400];
    snprintf(one, sizeof one, "%s", tiny_path("train-back-1.ttm"));
    snprintf(two, sizeof two, "%s", tiny_path("train-back-2.ttm"));
    tt_parallel source = {text, NULL, 1};
    struct watch w = {0};
    tt_train_options o = options(one, &source, NULL, &w);
    tt_err e = {0};
    o.rate = 1000, o.warmup.n = 100000, o.save_every.n = 40, o.max_updates = 400;
    CHECK(tt_train(&o, &e) == TT_EDIVERGED && w.back >= 1, "%s (%d times back)", e.msg, w.back);
    o.restart = 1, o.retries = 8, w = (struct watch){0};
    CHECK(!tt_train(&o, &e) && w.back > 1 && w.last == 400, "%s (%d times back)", e.msg, w.back);
    o.model = two, o.retries = 0;
    CHECK(tt_train(&o, &e) == TT_EDIVERGED, "%s", e.msg);
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        w = (struct watch){.kill_after_back = 2};
        o.retries = 8, o.threads = 2;
        _exit(tt_train(&o, &e) ? 1 : 0);
    }
    int status;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status), "killed");
    o.restart = 0, o.retries = 8, o.threads = 3;
    CHECK(!tt_train(&o, &e) && same(one, two), "%s", e.msg);
}

/* A checkpoint that cannot be written for a while: training goes on, says so, tries again, and ends
   in the same model. */
static void check_full_disk(void) {
    char model[400], plain[400];
    snprintf(model, sizeof model, "%s", tiny_path("train-full.ttm"));
    snprintf(plain, sizeof plain, "%s", tiny_path("train-plain.ttm"));
    tt_parallel source = {text, NULL, 1}, valid = {dev, NULL, 1};
    struct watch w = {0};
    tt_train_options o = options(plain, &source, &valid, &w);
    tt_err e = {0};
    o.valid_metrics = "loss,chrf", o.valid_every.n = 10;
    CHECK(!tt_train(&o, &e) && !w.unsaved, "%s", e.msg);
    o.model = model;
    w = (struct watch){.block = model, .block_at = 7, .free_at = 33};
    CHECK(!tt_train(&o, &e), "%s", e.msg);
    CHECK(w.unsaved >= 5 && w.saved >= 1 && same(model, plain), "%d times unsaved, %d times saved",
          w.unsaved, w.saved);
    w = (struct watch){.block = model, .block_at = 7, .free_at = 1000};
    o.restart = 1;
    CHECK(tt_train(&o, &e) == TT_ECREATE || e.code == TT_EIO, "never written: %s", e.msg);
    unblock(model);
}

/* With every optimiser, schedule and warm-up the loss of a toy falls; and a run in two parts is the
   run. */
struct fall {
    double first, last;
};

static void on_fall(void *ctx, const tt_report *r) {
    struct fall *f = ctx;
    if (r->kind != TT_REPORT_TRAIN) return;
    if (f->first <= 0) f->first = r->loss;
    f->last = r->loss;
}

static void check_fall(const char *family, const char *name) {
    char model[400], halves[400], ckpt[2][410];
    snprintf(model, sizeof model, "%s", tiny_path("train-4.ttm"));
    snprintf(halves, sizeof halves, "%s", tiny_path("train-5.ttm"));
    snprintf(ckpt[0], sizeof ckpt[0], "%s.ckpt", model);
    snprintf(ckpt[1], sizeof ckpt[1], "%s.ckpt", halves);
    tt_parallel source = {text, NULL, 1}, valid = {dev, NULL, 1};
    struct fall f = {0};
    volatile sig_atomic_t stop = 0;
    tt_train_options o = options(model, &source, &valid, NULL);
    tt_err e = {0};
    o.restart = 1, o.report = on_fall, o.report_ctx = &f, o.disp_every.n = 5, o.threads = 2,
    o.save_every.n = 0;
    o.valid_every.n = strncmp(name, "plateau", 7) ? 20 : 5, o.valid_metrics = "loss",
    o.max_updates = 40;
    if (!strcmp(family, "optimizer")) o.optimizer = name;
    if (!strcmp(family, "schedule")) o.schedule = name;
    if (!strcmp(family, "warmup")) o.warmup_shape = name;
    if (strcmp(name, "linear") && strcmp(name, "exponential") && !strcmp(family, "warmup"))
        o.warmup.unit = 0;
    if (!strncmp(name, "sgd", 3)) o.rate = 0.5;
    if (!strcmp(name, "adafactor")) o.rate = 0.1;
    if (!strcmp(name, "lamb")) o.rate = 0.03;
    if (!strcmp(name, "noam")) o.rate = 0.1;
    int rc = tt_train(&o, &e);
    CHECK(!rc && f.last < f.first - 0.3, "%s: loss %g to %g: %s", name, f.first, f.last, e.msg);
    struct watch w = {.stop = &stop, .stop_at = 17};
    o.model = halves, o.report = on_report, o.report_ctx = &w, o.stop = &stop, o.threads = 1;
    CHECK(tt_train(&o, &e) == TT_ESTOPPED, "%s: %s", name, e.msg);
    stop = 0, w.stop = NULL, o.restart = 0, o.threads = 3;
    CHECK(!tt_train(&o, &e), "%s: %s", name, e.msg);
    CHECK(same(model, halves) && same_checkpoint(ckpt[0], ckpt[1]), "%s: stopped and gone on with",
          name);
}

static void check_families(void) {
    static const char *const families[] = {"optimizer", "schedule", "warmup"};
    const tt_row *row;
    for (int k = 0; k < 3; k++)
        for (int i = 0; (row = tt_family_find(families[k])->row(i)) != NULL; i++)
            check_fall(families[k], row->name);
    check_fall("optimizer", "sgd:momentum=0.5,nesterov=yes");
    check_fall("schedule", "plateau:factor=0.9,patience=1");
    check_fall("optimizer", "rmsprop:momentum=0.5");
}

/* The greatest distance between the weights of a and 2/11 of b's and 9/11 of c's, and between b's
   and c's. */
static double distance(const char *a, const char *b, const char *c, double *apart) {
    const char *const paths[] = {a, b, c};
    tt_modelfile *mf[3];
    tt_err e = {0};
    double worst = 0;
    for (int k = 0; k < 3; k++)
        CHECK((mf[k] = tt_modelfile_open(paths[k], &e)) != NULL, "%s", e.msg);
    for (size_t i = 0; i < tt_modelfile_count(mf[0]); i++) {
        static float x[3][20000];
        const tt_file_tensor *t = tt_modelfile_entry(mf[0], i);
        if (t->type != TT_TYPE_F32 || t->rows * t->cols > 20000) continue;
        for (int k = 0; k < 3; k++)
            CHECK(!tt_modelfile_read_f32(mf[k], tt_modelfile_find(mf[k], t->name), x[k], &e), "%s",
                  e.msg);
        for (size_t j = 0; j < t->rows * t->cols; j++) {
            worst = fmax(worst,
                         fabs((double)x[0][j] - (2 * (double)x[1][j] + 9 * (double)x[2][j]) / 11));
            *apart = fmax(*apart, fabs((double)x[1][j] - (double)x[2][j]));
        }
    }
    for (int k = 0; k < 3; k++) tt_modelfile_close(mf[k]);
    return worst;
}

/* The average after one update: a = 9/11 of the weights then, the rest of those at the start. */
static void check_average(void) {
    char path[3][400];
    double apart = 0;
    tt_parallel source = {text, NULL, 1};
    for (int i = 0; i < 3; i++) {
        struct watch w = {0};
        snprintf(path[i], sizeof path[i], "%s",
                 tiny_path(i == 0   ? "train-6.ttm"
                           : i == 1 ? "train-7.ttm"
                                    : "train-8.ttm"));
        tt_train_options o = options(path[i], &source, NULL, &w);
        tt_err e = {0};
        o.max_updates = 1, o.warmup.n = 0, o.restart = 1;
        if (i == 0) o.ema = 1e-4;
        if (i == 1) o.rate = 0;
        CHECK(!tt_train(&o, &e), "%s", e.msg);
    }
    double off = distance(path[0], path[1], path[2], &apart);
    CHECK(off < 1e-7 && apart > 1e-3, "%g off, %g apart", off, apart);
}

int main(void) {
    snprintf(text, sizeof text, "%s", tiny_tsv("train-text.tsv", 400));
    snprintf(dev, sizeof dev, "%s", tiny_tsv("train-dev.tsv", 20));
    snprintf(vocab, sizeof vocab, "%s", tiny_path("train.spm"));
    tt_vocab_close(tiny_vocab("train.spm", 320));
    check_same_bytes();
    check_ends();
    check_back();
    check_full_disk();
    check_families();
    check_average();
    return test_done("t_train");
}
