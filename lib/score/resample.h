/* resample.h: what the two ways to resample share: a plan, which resample.c makes and asks
 * questions of.
 *
 * Each follows one sequence of random numbers; what is behind it is items for the threads, a trial
 * or a block of trials each, which write to places of their own, so that their number changes
 * nothing.
 */
#ifndef TT_SCORE_RESAMPLE_H
#define TT_SCORE_RESAMPLE_H

#include "base/pool.h"
#include "score/metric.h"
#include "score/pcg.h"

typedef struct tt_plan {
    const tt_score *const
        *systems; /* of one metric, with their rows kept; the first is the baseline */
    int n_systems;
    size_t segments, count; /* N >= 1, trials >= 1 */
    tt_pcg pcg;
    tt_pool *pool;
    double *scores; /* bootstrap: (systems, count), owned; randomisation: (count) differences */
} tt_plan;

/* Allocates and fills p->scores. 0 or TT_ENOMEM with its message. */
int tt_bootstrap(tt_plan *p, tt_err *e);

/* The p-value of a difference of `real` between the first two systems; p->scores is room for them.
   0 or TT_ENOMEM with its message. */
int tt_randomise(tt_plan *p, double real, double *chance, tt_err *e);

#endif
