/* loop.c: training, from options to the last update. See tt_train in ttrans.h.
 *
 *   open     kernels, vocabulary, corpus, batches, state: opening.c
 *   update   batches → gradients of the summed loss → 1/tokens and clipping → optimiser
 *   now and then   report, validation (the best model goes to the model file), checkpoint
 *
 * Gradients are of the summed loss and divided by the update's target tokens at the end, so batches
 * of different size weigh by their tokens. Clipping: g min(1, clip / |g|) (Pascanu et al. 2013).
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "train/loop.h"

/* ---- telling and keeping ------------------------------------------------------------------- */

/* How far the run is, in the unit of a. */
static double progress(const tt_state *s, tt_amount a) {
    return a.unit == 'e' ? s->epochs : a.unit == 't' ? (double)s->tokens : (double)s->update;
}

/* 1 if the last update reached another multiple of a. */
static bool is_due(const struct loop *l, tt_amount a) {
    return a.n > 0 && floor(progress(&l->s, a) / a.n) > floor(progress(&l->earlier, a) / a.n);
}

/* The part of the run that is over, 0 … 1; 0 when it has no end. */
static double limits_done(const struct loop *l) {
    const tt_train_options *o = l->o;
    double d = 0;
    if (o->after.n > 0) d = fmax(d, progress(&l->s, o->after) / o->after.n);
    if (o->max_updates > 0) d = fmax(d, (double)l->s.update / (double)o->max_updates);
    if (o->max_epochs > 0) d = fmax(d, l->s.epochs / o->max_epochs);
    if (o->time_limit > 0) d = fmax(d, l->s.elapsed / o->time_limit);
    return d;
}

/* The same, with the stages that the run has. */
static double done(const struct loop *l) {
    const double d = limits_done(l);
    return l->course ? fmax(d, tt_course_done(l->course, &l->s, 0)) : d;
}

static void report(struct loop *l, tt_report *r) {
    if (!l->o->report || !l->head) return;
    r->update = l->s.update;
    r->epoch = l->s.epochs;
    r->elapsed = l->s.elapsed;
    r->tokens = l->s.tokens;
    double d = done(l), here = l->s.elapsed - l->before;
    r->left = l->o->time_limit > 0 ? l->o->time_limit - l->s.elapsed : -1;
    double rest =
        d > 0 && here > 1 ? l->s.elapsed * (1 - d) / d : -1; /* to the end that comes first */
    if (rest >= 0 && (r->left < 0 || rest < r->left)) r->left = rest;
    l->o->report(l->o->report_ctx, r);
}

/* 1 if the loss has risen so far that the weights are no longer those of a good model. */
static bool is_high(const struct loop *l) { return l->o->rise_limit > 0 && l->s.rise.high > 0; }

static int save(struct loop *l, tt_err *e) {
    if (l->head) TT_TRY(tt_state_save(&l->s, l->checkpoint, &l->id, l->vocab, e));
    l->kept = l->s.update;
    l->unsaved = 0;
    report(l, &(tt_report){.kind = TT_REPORT_SAVED});
    return 0;
}

/* In the middle of training a disk that is full, or gone, is no reason to lose what was learned: 0,
 * and *e is told. */
static int bear(struct loop *l, int rc, const tt_err *e) {
    if (rc != TT_EIO && rc != TT_ECREATE) return rc;
    report(l, &(tt_report){.kind = TT_REPORT_UNSAVED, .why = e->msg});
    return 0;
}

static int save_if_possible(struct loop *l, tt_err *e) {
    int rc = save(l, e);
    if (rc) l->unsaved = tt_clock();
    return bear(l, rc, e);
}

enum { TRY_AGAIN = 30 }; /* seconds after a checkpoint that could not be written */

static bool wants_save(const struct loop *l) {
    if (l->s.bad || is_high(l)) return false;
    return is_due(l, l->o->save_every) || (l->unsaved > 0 && tt_clock() > l->unsaved + TRY_AGAIN);
}

static int write_model(struct loop *l, const char *path, const tt_scores *v, tt_err *e) {
    const tt_train_options *o = l->o;
    if (!l->head) return 0;
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (!w) return e->code;
    char text[64];
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
    int rc = tt_model_write(tt_state_kept(&l->s), w, o->store, e);
    if (!rc) rc = tt_vocab_write(l->vocab, w, e);
    if (rc) {
        tt_modelwriter_abort(w);
        return rc;
    }
    return tt_modelwriter_finish(w, e);
}

/* Of the best model by metric i: MODEL for the first, MODEL.best-NAME.ttm, without a second .ttm,
 * for the others. */
static const char *best_path(const struct loop *l, int i, char *path, size_t cap) {
    const char *model = l->o->model;
    size_t len = strlen(model);
    if (!i) return model;
    if (len > 4 && !strcmp(model + len - 4, ".ttm")) len -= 4;
    snprintf(path, cap, "%.*s.best-%s.ttm", (int)len, model, l->metric[i]->row.name);
    return path;
}

/* *best: 1 if this is the best model so far by metric i, and stands in its file now. */
static int keep_best(struct loop *l, int i, const tt_scores *v, int at_end, int *best, tt_err *e) {
    tt_state *s = &l->s;
    char path[4200];
    double figure = tt_validation_figure(l->metric[i], v),
           *most = i ? &s->also[i - 1].best : &s->best;
    long *when = i ? &s->also[i - 1].update : &s->best_update;
    if (l->metric[i]->less) figure = -figure;
    *best = *when ? figure > *most : !is_high(l);
    if (!*best) return 0;
    int rc = write_model(l, best_path(l, i, path, sizeof path), v, e);
    if (rc) {
        *best = 0; /* the next one that is better than those on disk takes its place */
        return at_end ? rc : bear(l, rc, e);
    }
    *most = figure;
    *when = s->update;
    return 0;
}

static int uses_ter(const struct loop *l) {
    for (int i = 0; i < l->metrics; i++)
        if (l->metric[i]->at == offsetof(tt_scores, ter)) return 1;
    return 0;
}

/* Of all ranks the clock is rank 0's. */
static int tell_time(struct loop *l, tt_err *e) {
    l->s.elapsed = l->before + tt_clock() - l->started;
    return tt_comm_same(l->o->comm, &l->s.elapsed, sizeof l->s.elapsed, e);
}

/* Rank 0 scores and keeps; the others are told what came of that. */
static int score(struct loop *l, int at_end, tt_scores *v, unsigned *best_by, tt_err *e) {
    tt_state *s = &l->s;
    int rc = 0;
    if (l->head) rc = tt_valid_score(l->valid, l->grads, tt_state_kept(s), uses_ter(l), v, e);
    for (int i = 0; i < l->metrics && l->head && !rc; i++) {
        int best;
        rc = keep_best(l, i, v, at_end, &best, e);
        *best_by |= !rc && best ? 1u << i : 0;
    }
    TT_TRY(tt_comm_agree(l->o->comm, rc, e));
    TT_TRY(tt_comm_same(l->o->comm, v, sizeof *v, e));
    TT_TRY(tt_comm_same(l->o->comm, best_by, sizeof *best_by, e));
    TT_TRY(tt_comm_same(l->o->comm, &s->best, sizeof s->best, e));
    TT_TRY(tt_comm_same(l->o->comm, &s->best_update, sizeof s->best_update, e));
    return tt_comm_same(l->o->comm, s->also, sizeof s->also, e);
}

static int validate(struct loop *l, int at_end, tt_err *e) {
    tt_state *s = &l->s;
    tt_scores v = {0};
    unsigned best_by = 0;
    TT_TRY(score(l, at_end, &v, &best_by, e));
    s->validated = s->update;
    const int best = best_by & 1, patience = tt_rate_patience(&l->plan);
    s->stall = best ? 0 : s->stall + 1;
    s->stall_drop = best ? 0 : s->stall_drop + 1;
    s->stage_stall = best ? 0 : s->stage_stall + 1;
    if (patience && s->stall_drop >= patience) s->drops++, s->stall_drop = 0;
    TT_TRY(tell_time(l, e));
    report(l, &(tt_report){.kind = TT_REPORT_VALID,
                           .loss = v.loss,
                           .perplexity = v.perplexity,
                           .bleu = v.bleu,
                           .chrf = v.chrf,
                           .ter = v.ter,
                           .best = best,
                           .best_by = best_by});
    l->disp_clock = tt_clock();
    return 0;
}

/* ---- updating ------------------------------------------------------------------------------ */

/* How far the run will be after the update at hand, in the unit of the warm-up. */
static double reached(const struct loop *l, const tt_batch_info *info, double tokens) {
    const tt_state *s = &l->s;
    if (l->plan.unit == 'e') return info->epochs;
    return l->plan.unit == 't' ? (double)s->tokens + tokens : (double)(s->update + 1);
}

/* The learning rate of the update at hand. */
static double rate_of(const struct loop *l, const tt_batch_info *info, double tokens) {
    const tt_state *s = &l->s;
    tt_rate_now now = {reached(l, info, tokens), fmin(1.0, done(l)), s->drops};
    double by = ldexp(1.0, -(int)s->halvings);
    if (l->course) {
        if (tt_course_restarted(l->course, s)) now.done = tt_course_done(l->course, s, 1);
        now.n = tt_course_since(l->course, s, l->plan.unit, now.n);
        by *= tt_course_rate(l->course, s);
    }
    return tt_rate_at(&l->plan, &now) * by;
}

/* Of the weights of update t in their average: as Marian has it, more at the beginning, so that the
 * start is soon forgotten. */
static double average_share(double least, long t) {
    return fmax(least, 1.0 - (double)(t + 1) / (double)(t + 10));
}

/* 1 if the update at hand is one of every so many. */
static bool is_told(const struct loop *l, long every) {
    return every > 0 && (l->s.update + 1) % every == 0;
}

static void tell_watch(struct loop *l, bool norms, bool histograms) {
    tt_report r = {.kind = TT_REPORT_NORMS};
    if (norms) {
        r.norms = tt_watch_norms(l->watch, &r.n);
        report(l, &r);
    }
    r = (tt_report){.kind = TT_REPORT_HISTOGRAMS};
    if (histograms) {
        r.histograms = tt_watch_histograms(l->watch, &r.n);
        report(l, &r);
    }
}

/* Random features anew, the same ones in the average. */
static void redraw(struct loop *l) {
    tt_state *s = &l->s;
    const uint64_t time = (uint64_t)(s->update / l->o->also.kernel_redraw);
    tt_model_redraw(s->model, l->o->seed, time);
    if (s->averaged) tt_model_redraw(s->averaged, l->o->seed, time);
}

static int do_update(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    tt_state *s = &l->s;
    double clock = tt_clock();
    tt_batch_info info;
    tt_grads_clear(l->grads);
    tt_grads_expect(l->grads, s->usual_loss);
    for (int a = 0; a < o->accumulate; a++) {
        tt_arena_reset(l->arena);
        TT_TRY(tt_batcher_next(l->batcher, l->arena, l->shards, &info, e));
        uint64_t key =
            tt_key(tt_key(tt_key(o->seed, 0x64726f70), (uint64_t)s->update), (uint64_t)a);
        TT_TRY(
            tt_grads_add(l->grads, l->shards, key, (float)o->smoothing, a + 1 == o->accumulate, e));
    }
    tt_loss sum;
    double norm;
    TT_TRY(tt_grads_join(l->grads, &sum, &norm, e));
    const double tokens = (double)sum.count;
    if (!(sum.weight > 0)) sum.weight = 1; /* all of the update's pairs have the weight 0 */
    norm /= sum.weight;
    tt_step step = {.number = s->update + 1,
                    .beta1 = o->beta1,
                    .beta2 = o->beta2,
                    .epsilon = o->epsilon,
                    .decay = o->decay,
                    .set = l->optimizer.set};
    step.share = average_share(o->ema, step.number);
    step.rate = rate_of(l, &info, tokens);
    step.scale = 1.0 / sum.weight * (o->clip > 0 && norm > o->clip ? o->clip / norm : 1.0);
    int good = isfinite(norm) && isfinite(sum.loss);
    l->earlier = *s;
    const bool norms = good && is_told(l, o->log_norms),
               histograms = good && is_told(l, o->log_histograms);
    if (norms || histograms) tt_watch_before(l->watch, s);
    l->halfway = 1;
    if (good) TT_TRY(tt_grads_apply(l->grads, s, &step, e));
    if (norms || histograms)
        tt_watch_after(l->watch, s, tt_grads_block(l->grads), 1.0 / sum.weight, step.rate);
    s->update++;
    if (o->also.kernel_redraw && s->update % o->also.kernel_redraw == 0) redraw(l);
    uint64_t epoch;
    size_t index;
    tt_batcher_tell(l->batcher, &epoch, &index);
    s->epoch = (long)epoch;
    s->index = (long)index;
    s->epochs = info.epochs;
    s->tokens += (long)sum.count;
    TT_TRY(tell_time(l, e));
    s->bad = good ? 0 : s->bad + 1;
    if (!good) {
        report(l, &(tt_report){.kind = TT_REPORT_SKIPPED,
                               .loss = sum.loss / sum.weight,
                               .norm = norm,
                               .rate = step.rate});
        return 0;
    }
    if (norms || histograms) tell_watch(l, norms, histograms);
    tt_divergence_add(&s->rise, sum.loss / sum.weight, log((double)s->h.tgt_vocab));
    const double nll = sum.nll / sum.weight;
    s->usual_loss = s->usual_loss != 0 ? 0.9 * s->usual_loss + 0.1 * nll : nll;
    s->sum_loss += sum.loss;
    s->sum_nll += sum.nll;
    s->sum_norm += norm;
    s->sum_weight += sum.weight;
    s->sum_tokens += (long)sum.count;
    s->sum_updates++;
    report(l, &(tt_report){.kind = TT_REPORT_TICK,
                           .loss = sum.loss / sum.weight,
                           .rate = step.rate,
                           .norm = norm,
                           .perplexity = exp(sum.nll / sum.weight),
                           .tokens_per_s = tokens / fmax(1e-9, tt_clock() - clock)});
    if (is_due(l, o->disp_every)) {
        const double t = (double)s->sum_tokens;
        report(l, &(tt_report){.kind = TT_REPORT_TRAIN,
                               .loss = s->sum_loss / s->sum_weight,
                               .perplexity = exp(s->sum_nll / s->sum_weight),
                               .rate = step.rate,
                               .norm = s->sum_norm / (double)s->sum_updates,
                               .tokens_per_s = t / fmax(1e-9, tt_clock() - l->disp_clock)});
        s->sum_loss = s->sum_nll = s->sum_norm = s->sum_weight = 0;
        s->sum_tokens = s->sum_updates = 0;
        l->disp_clock = tt_clock();
    }
    return 0;
}

static int update(struct loop *l, tt_err *e) {
    TT_TRY(do_update(l, e));
    l->halfway = 0;
    return 0;
}

static bool is_over(const struct loop *l) {
    const tt_train_options *o = l->o;
    const int over = l->course ? tt_course_over(l->course, &l->s) : 0;
    return over || limits_done(l) >= 1.0 || (o->patience > 0 && l->s.stall >= o->patience);
}

/* ---- the end ------------------------------------------------------------------------------- */

/* By the first metric. */
static double best_figure(const struct loop *l) {
    return l->metric[0]->less ? -l->s.best : l->s.best;
}

static void report_end(struct loop *l, int reason) {
    const tt_train_options *o = l->o;
    const tt_state *s = &l->s;
    if (reason < 0 && l->course && tt_course_over(l->course, s)) reason = TT_END_STAGES;
    if (reason < 0)
        reason = o->max_updates > 0 && s->update >= o->max_updates       ? TT_END_UPDATES
                 : o->after.n > 0 && progress(s, o->after) >= o->after.n ? TT_END_AFTER
                 : o->max_epochs > 0 && s->epochs >= o->max_epochs       ? TT_END_EPOCHS
                 : o->time_limit > 0 && s->elapsed >= o->time_limit      ? TT_END_TIME
                                                                         : TT_END_PATIENCE;
    report(l, &(tt_report){.kind = TT_REPORT_END,
                           .reason = reason,
                           .here = s->update - l->begun,
                           .best_update = s->best_update,
                           .best_score = best_figure(l),
                           .metric = l->metric[0]->title,
                           .digits = l->metric[0]->digits,
                           .best = s->best_update == s->update});
}

/* ", best BLEU 25.31 at update 5000"; nothing without a validation. */
static const char *tell_best(const struct loop *l, char *text, size_t cap) {
    *text = 0;
    if (l->s.best_update)
        snprintf(text, cap, ", best %s %.*f at update %ld", l->metric[0]->title,
                 l->metric[0]->digits, best_figure(l), l->s.best_update);
    return text;
}

static int stopped(struct loop *l, tt_err *e) {
    char best[80];
    if (l->kept != l->s.update && !(is_high(l) && l->kept >= 0)) TT_TRY(save(l, e));
    report_end(l, TT_END_STOPPED);
    return tt_fail(
        e, TT_ESTOPPED,
        "stopped after update %ld, %.0f s of training%s; the same command goes on from %.300s",
        l->s.update, l->s.elapsed, tell_best(l, best, sizeof best), l->checkpoint);
}

/* Sees to it that the model file holds the last good model, if there was one, and says so: the best
 * one of the development set is there; without it the checkpoint, which is not written while the
 * loss is bad, becomes one.
 */
static int diverged(struct loop *l, const char *what, tt_err *e) {
    const char *model = l->o->model;
    char best[80], state[300];
    report_end(l, TT_END_DIVERGED);
    if (l->s.best_update) {
        snprintf(state, sizeof state, "%.200s keeps the last good model%s", model,
                 tell_best(l, best, sizeof best));
    } else if (l->kept >= 0) {
        TT_TRY(tt_state_load(&l->s, l->checkpoint, &l->id, e));
        TT_TRY(write_model(l, model, NULL, e));
        snprintf(state, sizeof state, "%.200s keeps the last good model, of update %ld", model,
                 l->kept);
    } else {
        snprintf(state, sizeof state, "there was no good model to keep");
    }
    return tt_fail(e, TT_EDIVERGED, "%s; %s; try a lower --lr or a longer --warmup, with --restart",
                   what, state);
}

/* The state is again that of the last checkpoint, but for the time it took, the best models, which
 * stand in their files, and half the learning rate. The checkpoint is written anew at once, so that
 * a run which is killed now goes on like this one.
 */
static int go_back(struct loop *l, const char *what, tt_err *e) {
    tt_state *s = &l->s, was = *s;
    char why[300];
    snprintf(why, sizeof why, "%.200s", what);
    const int rc = tt_state_load(s, l->checkpoint, &l->id, e);
    TT_TRY(tt_comm_agree(l->o->comm, rc, e));
    s->halvings = was.halvings + 1;
    s->elapsed = was.elapsed;
    s->best = was.best;
    s->best_update = was.best_update < s->update ? was.best_update : s->update;
    for (int i = 0; i < TT_STATE_METRICS; i++) {
        s->also[i].best = was.also[i].best;
        s->also[i].update = was.also[i].update < s->update ? was.also[i].update : s->update;
    }
    TT_TRY(tt_loop_seek(l, e));
    report(l, &(tt_report){.kind = TT_REPORT_BACK,
                           .why = why,
                           .rate = l->plan.peak * ldexp(1.0, -(int)s->halvings)});
    return save_if_possible(l, e);
}

static int check_course(struct loop *l, int at_end, tt_err *e) {
    const tt_train_options *o = l->o;
    const tt_state *s = &l->s;
    char what[200];
    if (o->bad_limit > 0 && s->bad >= o->bad_limit) {
        snprintf(what, sizeof what,
                 "loss or gradient was not finite in %ld updates in a row, up to %ld", s->bad,
                 s->update);
        return diverged(l, what, e);
    }
    if (is_high(l) && (at_end || s->rise.high >= o->rise_limit)) {
        snprintf(
            what, sizeof what,
            "the loss was %.3g at its least, rose above %.3g and stayed there up to update %ld",
            s->rise.least, s->rise.mean, s->update);
        TT_TRY(tt_comm_same(o->comm, &l->kept, sizeof l->kept, e));
        return s->halvings < o->retries && l->kept > 0 ? go_back(l, what, e) : diverged(l, what, e);
    }
    return 0;
}

/* Megabytes that the run held, and what of them goes with the weights and with the batch. */
static void tell_memory(const struct loop *l) {
    const tt_state *s = &l->s;
    size_t state = s->size * (s->average ? 2 : 1);
    for (int i = 0; i < TT_OPTIM_STATES; i++) state += s->moments[i] ? s->moment_size[i] : 0;
    const double mega = 1e-6, floats = sizeof(float), peak = (double)tt_grads_peak(l->grads),
                 grads = (double)l->o->shards * (double)s->size * floats,
                 weights = (double)state * floats;
    struct rusage used;
    if (s->update > l->begun)
        tt_log_line(
            l->o->log, TT_LOG_INFO,
            "memory: weights and optimiser %.1f MB, gradients of %d shards %.1f MB, together "
            "%.1f bytes a parameter; batches %.1f MB a thread, %.1f kB a token; the process "
            "%.1f MB at most",
            weights * mega, l->o->shards, grads * mega, (weights + grads) / (double)s->size,
            peak * mega, peak * l->o->shards / l->o->batch_tokens * 1e-3,
            getrusage(RUSAGE_SELF, &used) ? 0.0 : (double)used.ru_maxrss * 1024 * mega);
}

static int next_stage(struct loop *l, tt_err *e) {
    const char *name;
    TT_TRY(tt_course_step(l->course, &l->s, &name, e));
    if (name) report(l, &(tt_report){.kind = TT_REPORT_STAGE, .why = name});
    return 0;
}

/* Another rank was lost in an update, which then did not happen: the state is that before it. */
static int left_alone(struct loop *l, int rc, tt_err *e) {
    char why[200];
    tt_err late = {0};
    if (rc != TT_EIO || l->halfway) return rc;
    snprintf(why, sizeof why, "%.180s", e->msg);
    if (l->head && l->kept != l->s.update && !l->s.bad && !is_high(l) && save(l, &late))
        return tt_fail(e, rc, "%s; the checkpoint could not be written: %.200s", why, late.msg);
    return tt_fail(e, rc, "%s; after update %ld; the same command goes on from %.300s", why,
                   l->s.update, l->checkpoint);
}

static int run(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    tt_state *s = &l->s;
    l->started = l->disp_clock = tt_clock();
    l->before = s->elapsed;
    for (int over = 0; !over;) {
        while (!is_over(l)) {
            int stop = o->stop && *o->stop;
            TT_TRY(tt_comm_same(o->comm, &stop, sizeof stop, e));
            if (stop) return stopped(l, e);
            const int rc = update(l, e);
            if (rc) return o->comm ? left_alone(l, rc, e) : rc;
            TT_TRY(check_course(l, 0, e));
            if (o->valid && is_due(l, o->valid_every)) TT_TRY(validate(l, 0, e));
            if (l->course) TT_TRY(next_stage(l, e));
            if (wants_save(l)) TT_TRY(save_if_possible(l, e));
        }
        over = !is_high(l);
        if (!over) TT_TRY(check_course(l, 1, e)); /* gives up, or goes back */
    }
    int validated = o->valid && s->validated != s->update;
    if (validated) TT_TRY(validate(l, 1, e));
    if (validated || l->kept != s->update) TT_TRY(save(l, e));
    if (!o->valid) TT_TRY(write_model(l, o->model, NULL, e));
    tell_memory(l);
    report_end(l, -1);
    return 0;
}

int tt_train(const tt_train_options *o, tt_err *e) {
    TT_TRY(tt_loop_check(o, e));
    struct loop *l = calloc(1, sizeof *l);
    if (!l) return tt_fail(e, TT_ENOMEM, "out of memory");
    int rc = tt_loop_open(l, o, e);
    if (!rc) rc = run(l, e);
    tt_loop_close(l);
    free(l);
    return rc;
}
