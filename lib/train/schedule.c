/* schedule.c: the learning-rate schedules. n counts updates from 1, w is the warm-up, d the part done.
 *   constant        η min(1, n/w)
 *   inverse-sqrt    η min(n/w, √(w/n))
 *   noam            f D^-1/2 min(n^-1/2, n w^-3/2)              (Vaswani et al. 2017, equation 3)
 *   linear          η min(n/w, 1 - d)
 *   cosine          η min(n/w, (1 + cos πd)/2)                  (Loshchilov and Hutter 2017)
 * --cooldown c multiplies the last c of any by min(1, (1-d)/c).
 */
#include "train/schedule.h"

#include <math.h>

static double warm(const tt_rate_plan *p, double n) {
    return p->warmup > 0 ? n / p->warmup : 1.0;
}

static double constant(const tt_rate_plan *p, double n, double done) {
    (void)done;
    return p->rate * fmin(1.0, warm(p, n));
}

static double inverse_sqrt(const tt_rate_plan *p, double n, double done) {
    (void)done;
    return p->rate * fmin(warm(p, n), sqrt(fmax(p->warmup, 1.0) / n));
}

static double noam(const tt_rate_plan *p, double n, double done) {
    (void)done;
    double w = fmax(p->warmup, 1.0);
    return p->rate / sqrt(p->dim) * fmin(1.0 / sqrt(n), n / (w * sqrt(w)));
}

static double linear(const tt_rate_plan *p, double n, double done) {
    return p->rate * fmin(warm(p, n), fmax(0.0, 1.0 - done));
}

static double cosine(const tt_rate_plan *p, double n, double done) {
    return p->rate * fmin(warm(p, n), 0.5 * (1.0 + cos(3.141592653589793 * fmin(1.0, done))));
}

static const tt_schedule rows[] = {
    {{"inverse-sqrt", "falls with the root of the updates", NULL, NULL}, 0, inverse_sqrt},
    {{"noam", "the same, peak by warm-up and width", "Vaswani et al. 2017", NULL}, 0, noam},
    {{"linear", "falls to 0 at the end of the run", NULL, NULL}, 1, linear},
    {{"cosine", "falls to 0 as half a cosine", "Loshchilov and Hutter 2017", NULL}, 1, cosine},
    {{"constant", "stays", NULL, NULL}, 0, constant},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_schedule = {"schedule", "learning rate after the warm-up", row_at};

const char *tt_schedule_name(const tt_train_options *o) {
    if (o->schedule) return o->schedule;
    return o->time_limit > 0 ? "linear" : "inverse-sqrt";
}

double tt_schedule_rate(const tt_schedule *s, const tt_rate_plan *p, double n, double done) {
    double rate = s->rate(p, n, done);
    if (p->cooldown > 0) rate *= fmin(1.0, fmax(0.0, 1.0 - done) / p->cooldown);
    return rate;
}
