/* overlap.h: the gradient of a layer is summed over the ranks as soon as the way back has left the
 * layer, while the way back goes on below it (Li et al. 2020).
 *
 *     tt_overlap *o = tt_overlap_open(model, shards, sum, ctx, e);
 *     TT_TRY(tt_overlap_begin(o, e));        // a thread waits for the first layer
 *     run->left = tt_overlap_left;           // each shard, on any thread
 *     run->left_ctx = tt_overlap_shard(o, i);
 *     … tt_run_back(run);
 *     tt_overlap_passed(o, i);               // in any case, after an error, too
 *     TT_TRY(tt_overlap_end(o, e));          // all is summed
 *
 * Layers come in the same order in all ranks: the last of the decoder first, then the encoder's,
 * then what belongs to no layer.
 */
#ifndef TT_TRAIN_OVERLAP_H
#define TT_TRAIN_OVERLAP_H

#include "nn/model.h"

typedef struct tt_overlap tt_overlap;

/* Sums floats at … at+n-1 of the gradients over shards and ranks; on the thread of the overlap. */
typedef int tt_overlap_sum(void *ctx, size_t at, size_t n, tt_err *e);

/* m: read now alone. ctx is borrowed. NULL on failure. */
tt_overlap *tt_overlap_open(tt_model *m, int shards, tt_overlap_sum *sum, void *ctx, tt_err *e);
void tt_overlap_close(tt_overlap *o);

/* Begins an update's sums: no shard has left anything. tt_overlap_end must follow. */
int tt_overlap_begin(tt_overlap *o, tt_err *e);

/* What run->left gets as its ctx; the overlap's. */
void *tt_overlap_shard(tt_overlap *o, int shard);
/* The way back of a shard has left layer `part` (tt_layer_part); for run->left. */
void tt_overlap_left(void *shard, int part);
/* A shard is through: it has left every layer, those that it never came to, too. */
void tt_overlap_passed(tt_overlap *o, int shard);

/* The first error of a sum, after which no other was begun. */
int tt_overlap_end(tt_overlap *o, tt_err *e);

#endif
