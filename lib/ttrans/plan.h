/* plan.h: what a run and a model will do, for those who draw it: the numbers are those of the run
 * and the model themselves.
 */
#ifndef TTRANS_PLAN_H
#define TTRANS_PLAN_H

#include "ttrans/training.h"

TT_C_BEGIN

/* The learning rate of update n, from 1, of a run with these schedule, rate, warmup, cooldown and
   max_updates (its end; 0: there is none yet), for a model of this width. TT_EUSAGE for an unknown
   schedule, and for one that asks for an end where there is none. */
int tt_plan_rate(const tt_train_options *o, int dim, double n, double *rate, tt_err *e);

/* By what a warm-up multiplies the peak at update n, from 1: a row of the family warmup, tau its
   time where it has none of its own, or an optimizer that warms up by itself; else TT_EUSAGE. */
int tt_plan_warmup(const char *name, double tau, double beta2, double n, double *share, tt_err *e);

/* The vectors of positions 0 … count - 1 of a row of the family positions, into out (count, dim).
   TT_EUSAGE for positions that nobody computes, being learned, and for none. */
int tt_plan_positions(const char *name, int dim, int count, float *out, tt_err *e);

/* The 2-norm of the gradient of the mean loss with respect to the feed-forward matrices of the last
   decoder layer, in a Transformer at its first values (Xiong et al. 2020): so many layers on either
   side, of this width, with a row of the family norm; over the first 64 pairs of a text. */
int tt_plan_gradient(const tt_parallel *text, const char *vocab, const char *norm, int layers,
                     int dim, double *gradient, tt_err *e);

TT_C_END

#endif
