/* grad.h: one update's gradient, computed by several threads, always the same.
 *
 * A batch comes in G shards. Each shard has its own gradient block and goes, whole, through one
 * worker's run; the blocks are then summed as a balanced tree over the shards (tree.h), piece by
 * piece. So the sums do not depend on which thread did what, nor on how many there are, and no
 * thread waits for another inside a shard.
 */
#ifndef TT_TRAIN_GRAD_H
#define TT_TRAIN_GRAD_H

#include "base/pool.h"
#include "comm/comm.h"
#include "tensor/op.h"
#include "text/batch.h"
#include "train/state.h"

typedef struct tt_grads tt_grads;

/* How gradients are computed, beside the usual: what passes leave out or recompute, the patterns of
   what is frozen; a teacher, read alone, or NULL. Borrowed. */
typedef struct tt_grads_how {
    const tt_learning *learning;
    tt_model *teacher;
} tt_grads_how;

/* Over the state's parameters; kernels, pool and comm are borrowed. comm: the ranks that share the
   shards, each a run of as many; NULL: one has them all. NULL on failure: TT_ECONFIG for shards
   that cannot be dealt so that the sum is the same. */
tt_grads *tt_grads_open(const tt_state *s, const tt_optimizer *opt, int shards,
                        const tt_grads_how *how, const tt_kernels *k, tt_pool *pool, tt_comm *comm,
                        tt_err *e);
void tt_grads_close(tt_grads *g);

/* From now on losses are computed over samples of the outputs, each drawn with probability
   chance[v] (V), borrowed; NULL: over all. See tt_op_xent_sampled. */
void tt_grads_sample(tt_grads *g, const float *chance);

/* The most bytes that the passes of a worker have taken so far. */
size_t tt_grads_peak(const tt_grads *g);

/* The usual loss of a token, which draws are held against (tt_run). */
void tt_grads_expect(tt_grads *g, double loss);

/* From now on a recurrent decoder is fed its own best token with probability `own`. */
void tt_grads_feed(tt_grads *g, float own);

/* The layer and head that learn the links of batches that have some; weight and cost. */
void tt_grads_guide(tt_grads *g, const tt_guide *guide);

/* Begins an update. */
void tt_grads_clear(tt_grads *g);

/* Adds the gradients of the summed loss of a batch's shards (G); key: of this batch's dropout.
   last: the update's last batch, so that sums over ranks may begin (overlap.h). TT_EIO: a rank was
   lost. */
int tt_grads_add(tt_grads *g, const tt_pair_batch *shards, uint64_t key, float smoothing, bool last,
                 tt_err *e);

/* Joins the shards, of all ranks. Loss, nll and target tokens of the update in *sum; *norm: the
   gradient's 2-norm, of the summed loss. Both may be non-finite. TT_EIO: a rank was lost. */
int tt_grads_join(tt_grads *g, tt_loss *sum, double *norm, tt_err *e);

/* The joined gradient (size), until the next update begins. */
const float *tt_grads_block(const tt_grads *g);

/* Hands the joined gradient to the optimiser, part by part on all threads, and the new weights to
 * their average. */
int tt_grads_apply(tt_grads *g, tt_state *s, const tt_step *step, tt_err *e);

/* The workers' runs (as many as the pool has threads), free between calls: validation uses them
 * too. */
tt_run *tt_grads_run(tt_grads *g, int worker);

#endif
