/* fit.h: a run that must fit into so many bytes.
 *
 * What a thread needs for a shard is found by a pass, forward and back, over a made-up one that is
 * as large as shards become. What changes no weights gives way: first threads, for shards wait for
 * each other then; with a single thread layers are computed again (tensor/recompute.h).
 */
#ifndef TT_TRAIN_FIT_H
#define TT_TRAIN_FIT_H

#include "nn/model.h"
#include "ttrans.h"

typedef struct tt_fit {
    int threads;
    int recompute; /* 1: layers must be computed again */
    size_t fixed;  /* bytes of weights, optimiser and gradients, */
    size_t thread; /* and of each thread */
} tt_fit;

/* state: floats that the run keeps beside the gradients of its own `shards`, which `of` in all make
 * a batch; longest: tokens of a side. Threads: at most `threads`. TT_ECONFIG, with what would fit,
 * when nothing does. */
int tt_fit_memory(tt_fit *fit, const tt_train_options *o, const tt_hyper *h, size_t state,
                  int shards, int longest, int threads, const tt_kernels *k, tt_err *e);

#endif
