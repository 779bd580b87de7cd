/* schedule.c: the decays of the learning rate. n counts updates from 1 (or tokens, or epochs, as
 * the warm-up does), τ is the time of the warm-up, d the part of the run that is done.
 *   inverse-sqrt    min(1, √(τ/n)), τ at least 1; with a period P √(P/(P+n))   (P: Huang et al.
 *                   2020, T-Fixup)
 *   noam            D^-1/2 min(n^-1/2, n τ^-3/2), which has its linear warm-up in it (Vaswani et
 *                   al. 2017, equation 3)
 *   linear          1 - d
 *   cosine          (1 + cos πd)/2                                          (Loshchilov and Hutter
 *                   2017)
 *   exponential     a^((n-τ)/P), 1 up to τ
 *   step            a^⌊(n-τ)/P⌋
 *   plateau         a^k after k times P validations in a row without a better model
 *   constant        1
 * --cooldown c multiplies the last c of any by min(1, (1-d)/c).
 */
#include "train/schedule.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "train/optim.h"

static double inverse_sqrt(const tt_rate_plan *p, const tt_rate_now *t) {
    if (p->period > 0) return sqrt(p->period / (p->period + t->n));
    return fmin(1.0, sqrt(fmax(p->tau, 1.0) / t->n));
}

static double noam(const tt_rate_plan *p, const tt_rate_now *t) {
    const double w = fmax(p->tau, 1.0);
    return fmin(1.0 / sqrt(t->n), t->n / (w * sqrt(w)));
}

static double linear(const tt_rate_plan *p, const tt_rate_now *t) {
    (void)p;
    return fmax(0.0, 1.0 - t->done);
}

static double cosine(const tt_rate_plan *p, const tt_rate_now *t) {
    (void)p;
    return 0.5 * (1.0 + cos(3.141592653589793 * fmin(1.0, t->done)));
}

static double exponential(const tt_rate_plan *p, const tt_rate_now *t) {
    return pow(p->set[0], fmax(0.0, t->n - p->tau) / p->set[1]);
}

static double step(const tt_rate_plan *p, const tt_rate_now *t) {
    return pow(p->set[0], floor(fmax(0.0, t->n - p->tau) / p->set[1]));
}

static double plateau(const tt_rate_plan *p, const tt_rate_now *t) {
    return pow(p->set[0], (double)t->drops);
}

static double constant(const tt_rate_plan *p, const tt_rate_now *t) {
    (void)p, (void)t;
    return 1.0;
}

#define FACTOR                                                                                     \
    { "factor", "by which the rate is multiplied", 0.5, 0, 1, 0, NULL }
#define NO_MORE                                                                                    \
    { NULL, NULL, 0, 0, 0, 0, NULL }
static const tt_setting every[] = {FACTOR,
                                   {"every",
                                    "so many updates after the warm-up, or units of --warmup",
                                    10000, 1e-6, 1e15, 0, NULL},
                                   NO_MORE};
static const tt_setting patience[] = {
    FACTOR,
    {"patience", "so many validations in a row without a better model", 3, 1, 1e6, 1, NULL},
    NO_MORE};

static const tt_schedule rows[] = {
    {.row = {"inverse-sqrt", "falls with the root of the updates", NULL, NULL},
     .has_period = true,
     .share = inverse_sqrt},
    {.row = {"noam", "the same, peak by warm-up and width", "Vaswani et al. 2017", NULL},
     .has_warmup = true,
     .by_width = true,
     .share = noam},
    {.row = {"linear", "falls to 0 at the end of the run", NULL, NULL},
     .needs_end = true,
     .share = linear},
    {.row = {"cosine", "falls to 0 as half a cosine", "Loshchilov and Hutter 2017", NULL},
     .needs_end = true,
     .share = cosine},
    {.row = {"exponential", "falls by a factor again and again, smoothly", NULL, every},
     .share = exponential},
    {.row = {"step", "falls by a factor again and again, at once", NULL, every}, .share = step},
    {.row = {"plateau", "falls by a factor when validations stop getting better", NULL, patience},
     .needs_valid = true,
     .share = plateau},
    {.row = {"constant", "stays", NULL, NULL}, .share = constant},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_schedule = {"schedule", "learning rate after the warm-up", row_at};

const char *tt_schedule_name(const tt_train_options *o) {
    if (o->schedule) return o->schedule;
    return o->time_limit > 0 ? "linear" : "inverse-sqrt";
}

tt_amount tt_warmup_time(const tt_train_options *o) {
    tt_pick shape, optimizer;
    tt_err unknown;
    if (o->warmup.unit) return o->warmup;
    const bool none =
        !tt_pick_read(&shape, &tt_family_warmup, o->warmup_shape, &unknown) &&
        (((const tt_warmup *)shape.row)->untuned > 0 || !((const tt_warmup *)shape.row)->rises);
    const bool own = !tt_pick_read(&optimizer, &tt_family_optimizer, o->optimizer, &unknown) &&
                     ((const tt_optimizer *)optimizer.row)->warms_up;
    return (tt_amount){none || own ? 0 : 1000, 'u'};
}

static const tt_row *with_period(void) {
    const tt_schedule *s = rows;
    while (!s->has_period) s++;
    return &s->row;
}

static int check(const tt_rate_plan *p, const tt_train_options *o, tt_err *e) {
    const int has_end =
        o->after.n > 0 || o->max_updates > 0 || o->max_epochs > 0 || o->time_limit > 0 || o->stages;
    const char *name = p->decay->row.name, *shape = p->warmup->row.name;
    if (!has_end && (p->decay->needs_end || o->cooldown > 0))
        return tt_fail(e, TT_ECONFIG,
                       "%s needs an end of the run: a time limit, or a number of updates or epochs",
                       p->decay->needs_end ? "this schedule" : "a cooldown");
    if (p->decay->needs_valid && !(o->valid && o->valid_every.n > 0))
        return tt_fail(e, TT_ECONFIG, "--schedule %s needs validations: a development set, --valid",
                       name);
    if (o->decay_period > 0 && !p->decay->has_period)
        return tt_fail(e, TT_ECONFIG, "--decay-period belongs to --schedule %s, not to %s",
                       with_period()->name, name);
    if (o->warmup.unit && p->warmup->untuned > 0)
        return tt_fail(e, TT_ECONFIG,
                       "--warmup-shape %s has the time that --beta2 gives it; leave out --warmup",
                       shape);
    if (o->warmup.unit && o->warmup.n > 0 && !p->warmup->rises)
        return tt_fail(e, TT_ECONFIG, "--warmup-shape %s has no time; leave out --warmup", shape);
    if (p->decay->has_warmup && &p->warmup->row != tt_family_warmup.row(0))
        return tt_fail(
            e, TT_ECONFIG,
            "--schedule %s is one formula with a linear warm-up; leave out --warmup-shape %s", name,
            shape);
    return 0;
}

int tt_rate_open(tt_rate_plan *p, const tt_train_options *o, int dim, tt_err *e) {
    tt_pick decay, warmup;
    TT_TRY(tt_pick_read(&decay, &tt_family_schedule, tt_schedule_name(o), e));
    TT_TRY(tt_pick_read(&warmup, &tt_family_warmup, o->warmup_shape, e));
    const tt_amount time = tt_warmup_time(o);
    *p = (tt_rate_plan){.decay = (const tt_schedule *)decay.row,
                        .warmup = (const tt_warmup *)warmup.row,
                        .tau = time.n,
                        .unit = time.unit,
                        .peak = o->rate,
                        .period = o->decay_period,
                        .cooldown = o->cooldown};
    memcpy(p->set, decay.set, sizeof p->set);
    if (p->warmup->untuned > 0) p->tau = p->warmup->untuned / (1.0 - o->beta2);
    if (p->decay->by_width) p->peak = o->rate / sqrt(dim);
    return check(p, o, e);
}

double tt_rate_at(const tt_rate_plan *p, const tt_rate_now *t) {
    double share = p->decay->share(p, t);
    if (p->tau > 0) share = fmin(share, p->warmup->share(t->n, p->tau));
    double rate = p->peak * share;
    if (p->cooldown > 0) rate *= fmin(1.0, fmax(0.0, 1.0 - t->done) / p->cooldown);
    return rate;
}

int tt_rate_patience(const tt_rate_plan *p) { return p->decay->needs_valid ? (int)p->set[1] : 0; }
