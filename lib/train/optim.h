/* optim.h: how a gradient changes the weights. A family: one row of a table each.
 *
 * Weights, gradients and state are flat blocks of the same layout, worked on in parts: a matrix of the
 * network's inside where the optimiser has a rule for those, else pieces of at most TT_PIECE floats. So threads can
 * share the work, and nothing depends on how many they are.
 */
#ifndef TT_TRAIN_OPTIM_H
#define TT_TRAIN_OPTIM_H

#include "base/pick.h"
#include "tensor/tensor.h"
#include "ttrans.h"

enum { TT_PIECE = 1 << 16 };

typedef struct tt_step {
    long number;         /* of this update, from 1 */
    double rate;         /* learning rate */
    double scale;        /* by which the summed gradient is multiplied: 1 / tokens, and clipping */
    double beta1, beta2, epsilon, decay;
    const double *set;   /* the optimiser's own settings, as its row has them; borrowed */
} tt_step;

typedef struct tt_optimizer {
    tt_row row;
    int states; /* blocks of state, cleared at the start */
    /* One piece: p (n) changes by g (n); state[i] is this piece of block i. */
    void (*piece)(const tt_kernels *k, const tt_step *s, float *p, const float *g, float *const *state, size_t n);
    /* One matrix (rows, cols) that is neither embedding nor output; NULL: it is pieces like the rest. */
    void (*matrix)(tt_run *run, const tt_step *s, float *p, const float *g, float *const *state, int rows, int cols);
} tt_optimizer;

enum { TT_OPTIM_STATES = 2 };

extern const tt_family tt_family_optimizer;

#endif
