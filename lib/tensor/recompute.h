/* recompute.h: part of a network that keeps nothing for its way back but its input: it is run
 * without a tape, and on the way back again with one (Chen et al. 2016). Numbers and random numbers
 * are those of a run that keeps all, so the gradients have the same bits.
 */
#ifndef TT_TENSOR_RECOMPUTE_H
#define TT_TENSOR_RECOMPUTE_H

#include "tensor/tensor.h"

/* Computes with run from x, and from what ctx knows; NULL once the run has failed. */
typedef tt_tensor *tt_part_fn(tt_run *run, void *ctx, tt_tensor *x);

/* fn(run, ctx, x). other: another tensor whose gradient fn adds to, or NULL. Without a tape, the
   call itself. ctx lives until the run is reset. */
tt_tensor *tt_recompute(tt_run *run, tt_part_fn *fn, void *ctx, tt_tensor *x, tt_tensor *other);

#endif
