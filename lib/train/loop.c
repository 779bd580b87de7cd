/* loop.c: training, from options to the last update. See tt_train in ttrans.h.
 *
 *   open     kernels, vocabulary, corpus, batches, state (fresh, from a model, or from the checkpoint)
 *   update   batches → gradients of the summed loss → 1/tokens and clipping → optimiser
 *   now and then   report, validation (the best model goes to the model file), checkpoint
 *
 * Gradients are of the summed loss and divided by the update's target tokens at the end, so batches
 * of different size weigh by their tokens. Clipping: g min(1, clip / |g|) (Pascanu et al. 2013).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rng.h"
#include "io/file.h"
#include "train/chance.h"
#include "train/grad.h"
#include "train/schedule.h"
#include "train/valid.h"

struct loop {
    const tt_train_options *o;
    tt_kernels k;
    tt_pool *pool;
    tt_vocab *vocab;
    tt_corpus *corpus;
    tt_batcher *batcher;
    tt_state s;
    tt_grads *grads;
    float *chance; /* of outputs to be computed in an update, or NULL: all are */
    tt_valid *valid;
    tt_arena *arena; /* the batches of an update */
    tt_pair_batch *shards;
    const tt_optimizer *opt;
    const tt_schedule *schedule;
    tt_plan plan;
    tt_identity id;
    tt_lock *lock; /* on this run */
    char checkpoint[4096];
    int longest;       /* side of a pair, in tokens */
    double started;    /* clock when s.elapsed was loaded */
    double before;     /* s.elapsed then */
    double disp_clock; /* at the last TRAIN report */
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void tt_train_defaults(tt_train_options *o) {
    *o = (tt_train_options){
        .store = TT_TYPE_F32, .seed = 1, .threads = 1, .shards = 4, .batch_tokens = 4096, .window = 20000, .accumulate = 1,
        .max_tokens = 128, .max_ratio = 4, .optimizer = "adam", .rate = 1e-3, .beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-9,
        .clip = 1, .smoothing = 0.1, .warmup = 1000, .valid_every = 1000, .disp_every = 100, .save_every = 500,
        .bad_limit = 10};
}

/* ---- opening ------------------------------------------------------------------------------- */

static int check_options(const tt_train_options *o, tt_err *e) {
    if (!o->model) return tt_fail(e, TT_EUSAGE, "no model file is named");
    if (!o->n_sources) return tt_fail(e, TT_EUSAGE, "no training text is named");
    if (!o->vocab && !o->from) return tt_fail(e, TT_EUSAGE, "no vocabulary is named");
    if (o->vocab && o->from) return tt_fail(e, TT_EUSAGE, "a vocabulary is named, but the starting model brings its own");
    int stdin_uses = 0;
    for (int i = 0; i < o->n_sources; i++)
        stdin_uses += !strcmp(o->sources[i].src, "-") + (o->sources[i].tgt && !strcmp(o->sources[i].tgt, "-"));
    if (o->valid) stdin_uses += !strcmp(o->valid->src, "-") + (o->valid->tgt && !strcmp(o->valid->tgt, "-"));
    if (stdin_uses > 1) return tt_fail(e, TT_EUSAGE, "standard input is named %d times", stdin_uses);
    return 0;
}

static int open_schedule(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    int has_end = o->max_updates > 0 || o->max_epochs > 0 || o->time_limit > 0;
    l->schedule = tt_schedule_find(o->schedule ? o->schedule : o->time_limit > 0 ? "linear" : "inverse-sqrt", e);
    if (!l->schedule) return e->code;
    if (!has_end && (l->schedule->needs_end || o->cooldown > 0))
        return tt_fail(e, TT_ECONFIG, "%s needs an end of the run: a time limit, or a number of updates or epochs",
                       l->schedule->needs_end ? "this schedule" : "a cooldown");
    l->plan = (tt_plan){o->rate, (double)o->warmup, o->cooldown, l->s.h.dim};
    l->opt = tt_optimizer_find(o->optimizer, e);
    return l->opt ? 0 : e->code;
}

static int open_vocab(struct loop *l, const tt_modelfile *from, tt_err *e) {
    l->vocab = from ? tt_vocab_open_model(from, TT_VOCAB_SOURCE, e) : tt_vocab_open(l->o->vocab, e);
    if (!l->vocab) return e->code;
    if (from && (!tt_vocab_is_spm(l->vocab) || tt_modelfile_find(from, "source.spm")))
        return tt_fail(e, TT_ECONFIG, "%s: training goes on from models with one SentencePiece vocabulary for both sides",
                       tt_modelfile_name(from));
    return 0;
}

static int open_settings(struct loop *l, tt_hyper *h, tt_modelfile *from, tt_err *e) {
    if (from) TT_TRY(tt_hyper_read(h, from, e));
    else tt_hyper_init(h);
    for (int i = 0; i < l->o->n_settings; i++)
        TT_TRY(tt_hyper_set(h, l->o->settings[2 * i], l->o->settings[2 * i + 1], e));
    TT_TRY(tt_hyper_finish(h, tt_vocab_size(l->vocab), e));
    return from ? tt_model_fits(h, from, e) : 0;
}

/* The state: from the checkpoint if there is one, else fresh or from a model. */
static int open_state(struct loop *l, const tt_modelfile *from, tt_err *e) {
    const tt_train_options *o = l->o;
    snprintf(l->id.text, sizeof l->id.text,
             "seed=%llu optimizer=%s batch-tokens=%d shards=%d window=%d accumulate=%d text=%016llx",
             (unsigned long long)o->seed, o->optimizer, o->batch_tokens, o->shards, o->window, o->accumulate,
             (unsigned long long)tt_corpus_hash(l->corpus));
    if (o->sampled_softmax) {
        size_t n = strlen(l->id.text);
        snprintf(l->id.text + n, sizeof l->id.text - n, " sampled-softmax=%d", o->sampled_softmax);
    }
    snprintf(l->id.options, sizeof l->id.options,
             "lr=%g schedule=%s warmup=%ld cooldown=%g beta1=%g beta2=%g epsilon=%g weight-decay=%g clip-norm=%g label-smoothing=%g "
             "valid-metric=%s",
             o->rate, o->schedule ? o->schedule : "default", o->warmup, o->cooldown, o->beta1, o->beta2, o->epsilon, o->decay, o->clip,
             o->smoothing, o->by_loss ? "loss" : "bleu");
    struct stat at;
    if (!stat(o->model, &at) && S_ISDIR(at.st_mode))
        return tt_fail(e, TT_ECREATE, "%s: is a directory, expected a file", o->model);
    int n = snprintf(l->checkpoint, sizeof l->checkpoint, "%s.ckpt", o->model);
    if (n < 0 || (size_t)n >= sizeof l->checkpoint) return tt_fail(e, TT_ECREATE, "%s: name too long", o->model);
    if (!o->restart && !access(l->checkpoint, F_OK)) {
        char was[80], is[80];
        TT_TRY(tt_state_load(&l->s, l->checkpoint, &l->id, was, is, sizeof was, e));
        if (*is) tt_log_line(o->log, TT_LOG_WARN, "%s was made with %s, and goes on with %s", l->checkpoint, was, is);
        tt_log_line(o->log, TT_LOG_INFO, "going on from %s, update %ld", l->checkpoint, l->s.update);
        return tt_batcher_seek(l->batcher, (uint64_t)l->s.epoch, (size_t)l->s.index, e);
    }
    if (!o->restart && !access(o->model, F_OK))
        return tt_fail(e, TT_ECREATE, "%s exists and has no checkpoint beside it; --restart writes over it", o->model);
    tt_model_init(l->s.model, o->seed);
    return from ? tt_model_read(l->s.model, from, e) : 0;
}

/* Two runs for one model file would write over each other's checkpoints. */
static int lock_run(struct loop *l, tt_err *e) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s.lock", l->o->model);
    if (n < 0 || (size_t)n >= sizeof path) return tt_fail(e, TT_ECREATE, "%s: name too long", l->o->model);
    l->lock = tt_lock_take(path, e);
    return l->lock ? 0 : e->code;
}

static int open_rest(struct loop *l, tt_modelfile *from, tt_err *e) {
    const tt_train_options *o = l->o;
    tt_hyper h;
    TT_TRY(lock_run(l, e));
    l->opt = tt_optimizer_find(o->optimizer, e);
    if (!l->opt) return e->code;
    TT_TRY(open_vocab(l, from, e));
    TT_TRY(open_settings(l, &h, from, e));
    l->s.h = h;
    TT_TRY(open_schedule(l, e));
    l->longest = o->max_tokens < h.max_length ? o->max_tokens : h.max_length;
    tt_corpus_limits limits = {l->longest, o->max_ratio};
    l->corpus = tt_corpus_open(o->sources, o->n_sources, l->vocab, l->pool, &limits, o->log, e);
    if (!l->corpus) return e->code;
    tt_batch_opts b = {o->seed, o->batch_tokens, o->window, o->shards};
    l->batcher = tt_batcher_open(l->corpus, &b, e);
    if (!l->batcher) return e->code;
    TT_TRY(tt_state_open(&l->s, &h, l->opt, e));
    TT_TRY(open_state(l, from, e));
    tt_log_line(o->log, TT_LOG_INFO, "model: %zu parameters, width %d, %d+%d layers, %d heads, ffn %d, vocabulary %d",
                tt_model_params(l->s.model), h.dim, h.enc_layers, h.dec_layers, h.heads, h.ffn, h.vocab);
    l->grads = tt_grads_open(&l->s, l->opt, o->shards, &l->k, l->pool, e);
    if (!l->grads) return e->code;
    if (o->sampled_softmax) {
        l->chance = tt_chance_make(l->corpus, h.vocab, o->sampled_softmax, e);
        if (!l->chance) return e->code;
        tt_grads_sample(l->grads, l->chance);
    }
    if (o->valid) {
        l->valid = tt_valid_open(o->valid, l->vocab, h.max_length, l->pool, l->grads, &l->k, o->log, e);
        if (!l->valid) return e->code;
    }
    l->shards = calloc((size_t)o->shards, sizeof *l->shards);
    l->arena = tt_arena_open(0, e);
    return l->shards && l->arena ? 0 : tt_fail(e, TT_ENOMEM, "out of memory");
}

static void close_loop(struct loop *l) {
    free(l->shards);
    tt_arena_close(l->arena);
    tt_valid_close(l->valid);
    tt_grads_close(l->grads);
    free(l->chance);
    tt_state_close(&l->s);
    tt_batcher_close(l->batcher);
    tt_corpus_close(l->corpus);
    tt_vocab_close(l->vocab);
    tt_pool_close(l->pool);
    tt_lock_drop(l->lock);
}

/* ---- telling and keeping ------------------------------------------------------------------- */

/* The part of the run that is over, 0 … 1; 0 when it has no end. */
static double done(const struct loop *l) {
    const tt_train_options *o = l->o;
    double d = 0;
    if (o->max_updates > 0) d = fmax(d, (double)l->s.update / (double)o->max_updates);
    if (o->max_epochs > 0) d = fmax(d, l->s.epochs / o->max_epochs);
    if (o->time_limit > 0) d = fmax(d, l->s.elapsed / o->time_limit);
    return d;
}

static void report(struct loop *l, tt_report *r) {
    if (!l->o->report) return;
    r->update = l->s.update;
    r->epoch = l->s.epochs;
    r->elapsed = l->s.elapsed;
    r->tokens = l->s.tokens;
    double d = done(l), here = l->s.elapsed - l->before;
    r->left = l->o->time_limit > 0 ? l->o->time_limit - l->s.elapsed : d > 0 && here > 1 ? l->s.elapsed * (1 - d) / d : -1;
    l->o->report(l->o->report_ctx, r);
}

static int save(struct loop *l, tt_err *e) {
    TT_TRY(tt_state_save(&l->s, l->checkpoint, &l->id, l->vocab, e));
    report(l, &(tt_report){.kind = TT_REPORT_SAVED});
    return 0;
}

static int write_model(struct loop *l, const tt_scores *v, tt_err *e) {
    const tt_train_options *o = l->o;
    tt_modelwriter *w = tt_modelwriter_open(o->model, e);
    if (!w) return e->code;
    char text[64];
    size_t bytes;
    const void *vocab = tt_vocab_bytes(l->vocab, &bytes);
    tt_modelwriter_set(w, "train.by", "ttrans " TT_VERSION, NULL);
    snprintf(text, sizeof text, "%ld", l->s.update);
    tt_modelwriter_set(w, "train.updates", text, NULL);
    snprintf(text, sizeof text, "%ld", l->s.tokens);
    tt_modelwriter_set(w, "train.target-tokens", text, NULL);
    snprintf(text, sizeof text, "%d", l->longest);
    tt_modelwriter_set(w, "train.max-length", text, NULL);
    if (v) {
        snprintf(text, sizeof text, "%.2f", v->bleu);
        tt_modelwriter_set(w, "train.valid-bleu", text, NULL);
        snprintf(text, sizeof text, "%.4f", v->loss);
        tt_modelwriter_set(w, "train.valid-loss", text, NULL);
    }
    int rc = tt_model_write(l->s.model, w, o->store, e);
    if (!rc) rc = tt_modelwriter_bytes(w, "vocab.spm", vocab, bytes, TT_CODEC_DEFLATE, e);
    if (rc) {
        tt_modelwriter_abort(w);
        return rc;
    }
    return tt_modelwriter_finish(w, e);
}

static int validate(struct loop *l, tt_err *e) {
    tt_scores v;
    TT_TRY(tt_valid_score(l->valid, l->s.model, &v, e));
    l->s.validated = l->s.update;
    double figure = l->o->by_loss ? -v.loss : v.bleu;
    int best = !l->s.best_update || figure > l->s.best;
    if (best) {
        l->s.best = figure;
        l->s.best_update = l->s.update;
        l->s.stall = 0;
        TT_TRY(write_model(l, &v, e));
    } else {
        l->s.stall++;
    }
    l->s.elapsed = l->before + now() - l->started;
    report(l, &(tt_report){.kind = TT_REPORT_VALID, .loss = v.loss, .perplexity = v.perplexity, .bleu = v.bleu,
                           .chrf = v.chrf, .best = best});
    l->disp_clock = now();
    return 0;
}

/* ---- updating ------------------------------------------------------------------------------ */

static int update(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    tt_state *s = &l->s;
    double clock = now();
    tt_batch_info info;
    tt_grads_clear(l->grads);
    for (int a = 0; a < o->accumulate; a++) {
        tt_arena_reset(l->arena);
        TT_TRY(tt_batcher_next(l->batcher, l->arena, l->shards, &info, e));
        uint64_t key = tt_key(tt_key(tt_key(o->seed, 0x64726f70), (uint64_t)s->update), (uint64_t)a);
        TT_TRY(tt_grads_add(l->grads, l->shards, key, (float)o->smoothing, e));
    }
    tt_loss sum;
    double norm;
    tt_grads_join(l->grads, &sum, &norm);
    norm /= (double)sum.count;
    tt_step step = {.number = s->update + 1, .beta1 = o->beta1, .beta2 = o->beta2, .epsilon = o->epsilon, .decay = o->decay};
    step.rate = tt_schedule_rate(l->schedule, &l->plan, (double)step.number, fmin(1.0, done(l)));
    step.scale = 1.0 / (double)sum.count * (o->clip > 0 && norm > o->clip ? o->clip / norm : 1.0);
    int good = isfinite(norm) && isfinite(sum.loss);
    if (good) TT_TRY(tt_grads_apply(l->grads, s, &step, e));
    s->update++;
    uint64_t epoch;
    size_t index;
    tt_batcher_tell(l->batcher, &epoch, &index);
    s->epoch = (long)epoch;
    s->index = (long)index;
    l->s.epochs = (double)info.epoch + (double)(info.index + 1) / (double)info.of;
    s->tokens += (long)sum.count;
    s->elapsed = l->before + now() - l->started;
    s->bad = good ? 0 : s->bad + 1;
    if (!good) {
        report(l, &(tt_report){.kind = TT_REPORT_SKIPPED, .loss = sum.loss / (double)sum.count, .norm = norm, .rate = step.rate});
        return 0;
    }
    s->sum_loss += sum.loss;
    s->sum_nll += sum.nll;
    s->sum_norm += norm;
    s->sum_tokens += (long)sum.count;
    s->sum_updates++;
    report(l, &(tt_report){.kind = TT_REPORT_TICK, .loss = sum.loss / (double)sum.count, .rate = step.rate, .norm = norm,
                           .perplexity = exp(sum.nll / (double)sum.count),
                           .tokens_per_s = (double)sum.count / fmax(1e-9, now() - clock)});
    if (o->disp_every && s->update % o->disp_every == 0) {
        double t = (double)s->sum_tokens;
        report(l, &(tt_report){.kind = TT_REPORT_TRAIN, .loss = s->sum_loss / t, .perplexity = exp(s->sum_nll / t),
                               .rate = step.rate, .norm = s->sum_norm / (double)s->sum_updates,
                               .tokens_per_s = t / fmax(1e-9, now() - l->disp_clock)});
        s->sum_loss = s->sum_nll = s->sum_norm = 0;
        s->sum_tokens = s->sum_updates = 0;
        l->disp_clock = now();
    }
    return 0;
}

static int is_over(const struct loop *l) {
    const tt_train_options *o = l->o;
    return done(l) >= 1.0 || (o->patience > 0 && l->s.stall >= o->patience);
}

static int run(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    tt_state *s = &l->s;
    l->started = l->disp_clock = now();
    l->before = s->elapsed;
    long saved = s->update;
    while (!is_over(l)) {
        if (o->stop && *o->stop) {
            if (saved != s->update) TT_TRY(save(l, e));
            return tt_fail(e, TT_ESTOPPED, "stopped after update %ld; the same command goes on from %s", s->update, l->checkpoint);
        }
        TT_TRY(update(l, e));
        if (o->bad_limit > 0 && s->bad >= o->bad_limit) {
            if (!l->valid) TT_TRY(write_model(l, NULL, e));
            return tt_fail(e, TT_EDIVERGED, "loss or gradient was not finite in %ld updates in a row, up to %ld; %s keeps the last good model",
                           s->bad, s->update, o->model);
        }
        if (l->valid && o->valid_every && s->update % o->valid_every == 0) TT_TRY(validate(l, e));
        if (o->save_every && s->update % o->save_every == 0 && !s->bad) {
            TT_TRY(save(l, e));
            saved = s->update;
        }
    }
    if (l->valid && s->validated != s->update) {
        TT_TRY(validate(l, e));
        saved = -1;
    }
    if (saved != s->update) TT_TRY(save(l, e));
    if (!l->valid) TT_TRY(write_model(l, NULL, e));
    report(l, &(tt_report){.kind = TT_REPORT_END, .bleu = o->by_loss ? 0 : s->best, .best = (int)(s->best_update == s->update)});
    return 0;
}

int tt_train(const tt_train_options *o, tt_err *e) {
    TT_TRY(check_options(o, e));
    struct loop *l = calloc(1, sizeof *l);
    if (!l) return tt_fail(e, TT_ENOMEM, "out of memory");
    l->o = o;
    tt_modelfile *from = NULL;
    int rc = tt_kernels_init(&l->k, o->isa, e);
    if (!rc) {
        l->pool = tt_pool_open(o->threads, e);
        if (!l->pool) rc = e->code;
    }
    if (!rc && o->from) {
        from = tt_modelfile_open(o->from, e);
        if (!from) rc = e->code;
    }
    if (!rc) rc = open_rest(l, from, e);
    tt_modelfile_close(from);
    if (!rc) rc = run(l, e);
    close_loop(l);
    free(l);
    return rc;
}
