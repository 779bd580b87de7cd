/* rounded.h: weights as a file of int8 would have them, for the passes of training, while the
 * optimiser moves those that are not rounded: a gradient at rounded weights is taken for one at the
 * others (straight-through; Bengio et al. 2013, Jacob et al. 2018). So weights end where rounding
 * costs little.
 *
 *     tt_rounded *r = tt_rounded_open(&state, kernels, pool, &e);
 *     tt_model_open(&m, &state.h, tt_rounded_block(r), grads, &e);
 *     for (each update) tt_rounded_make(r), …
 */
#ifndef TT_TRAIN_ROUNDED_H
#define TT_TRAIN_ROUNDED_H

#include "base/pool.h"
#include "train/state.h"

typedef struct tt_rounded tt_rounded;

/* Of the state's weights; all arguments are borrowed. NULL on failure. */
tt_rounded *tt_rounded_open(const tt_state *s, const tt_kernels *k, tt_pool *pool, tt_err *e);
void tt_rounded_close(tt_rounded *r);

/* The rounded weights, laid out as the state's; owned. */
float *tt_rounded_block(tt_rounded *r);

/* Rounds the state's weights as they are now: matrices and embeddings row by row, the rest is
   copied. */
void tt_rounded_make(tt_rounded *r);

#endif
