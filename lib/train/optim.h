/* optim.h: how a gradient changes the weights. A family: one row of a table each.
 *
 * Weights and gradients are flat blocks of the same layout, worked on in parts, so that threads can
 * share the work and nothing depends on how many they are. A row says in which parts it wants them:
 * pieces of at most TT_PIECE floats, the matrices inside the network whole and the rest in pieces,
 * or each tensor whole.
 */
#ifndef TT_TRAIN_OPTIM_H
#define TT_TRAIN_OPTIM_H

#include "base/pick.h"
#include "tensor/tensor.h"
#include "ttrans.h"

enum { TT_PIECE = 1 << 16 };

typedef struct tt_step {
    long number;  /* of this update, from 1 */
    double rate;  /* learning rate */
    double scale; /* by which the summed gradient is multiplied: 1 / tokens, and clipping */
    double beta1, beta2, epsilon, decay;
    double share;      /* of these weights in their average, where there is one */
    const double *set; /* the optimiser's own settings, as its row has them; borrowed */
} tt_step;

typedef struct tt_optimizer {
    tt_row row;
    /* Floats of state that a tensor (rows, cols) needs in block 0, 1 …; all are 0 at the start.
       NULL: as many as weights, in `blocks` blocks. */
    size_t (*state)(const double *set, int block, int rows, int cols);
    int blocks;
    bool warms_up; /* needs no warm-up of the learning rate: */
    double (*share)(double beta2,
                    double n); /* by what it multiplies the rate at update n; or NULL */
    /* One piece: p (n) changes by g (n); state[i] is this piece of block i, or NULL where it has
     * none. */
    void (*piece)(const tt_kernels *k, const tt_step *s, float *p, const float *g,
                  float *const *state, size_t n);
    /* One matrix (rows, cols) that is neither embedding nor output; NULL: it is pieces like the
     * rest. */
    void (*matrix)(tt_run *run, const tt_step *s, float *p, const float *g, float *const *state,
                   int rows, int cols);
    /* One tensor (rows, cols), a vector having one row. Where it is not NULL, it stands for the two
     * before. */
    void (*tensor)(tt_run *run, const tt_step *s, float *p, const float *g, float *const *state,
                   int rows, int cols);
    /* TT_ECONFIG for options with which it cannot work; or NULL. */
    int (*check)(const tt_train_options *o, tt_err *e);
} tt_optimizer;

enum { TT_OPTIM_STATES = 2 };

/* Floats of block i for a tensor. */
static inline size_t tt_optimizer_state(const tt_optimizer *o, const double *set, int block,
                                        int rows, int cols) {
    if (o->state) return o->state(set, block, rows, cols);
    return block < o->blocks ? (size_t)rows * (size_t)cols : 0;
}

extern const tt_family tt_family_optimizer;

#endif
