/* watch.h: how large gradients, weights and steps are, tensor by tensor, in one update.
 *
 *     tt_watch_before(w, &state);
 *     TT_TRY(tt_grads_apply(…));
 *     tt_watch_after(w, &state, gradient, 1.0 / tokens, rate);
 *     const tt_tensor_norms *norms = tt_watch_norms(w, &n);  // good until the next tt_watch_after
 *
 * Counts are whole numbers and each tensor is one thread's, so nothing depends on the threads.
 */
#ifndef TT_TRAIN_WATCH_H
#define TT_TRAIN_WATCH_H

#include "base/pool.h"
#include "train/state.h"

typedef struct tt_watch tt_watch;

/* Pool and kernels are borrowed. NULL: no memory. */
tt_watch *tt_watch_open(const tt_state *s, tt_pool *pool, const tt_kernels *k, tt_err *e);
void tt_watch_close(tt_watch *w);

/* Notes the weights. */
void tt_watch_before(tt_watch *w, const tt_state *s);

/* gradient (size) of the summed loss, times scale that of the mean; the weights have changed with
 * the learning rate. */
void tt_watch_after(tt_watch *w, const tt_state *s, const float *gradient, double scale,
                    double rate);

const tt_tensor_norms *tt_watch_norms(const tt_watch *w, int *n);
/* By groups, the last one being all. */
const tt_group_histograms *tt_watch_histograms(const tt_watch *w, int *n);

/* Adds the numbers x (n) times scale to a histogram. */
void tt_histogram_add(tt_histogram *h, const float *x, double scale, size_t n);

#endif
