/* tensor.h: a matrix of floats, and the run in which ops compute with it.
 *
 * Shapes are written in letters after each pointer, everywhere in this tree:
 *     N token rows laid end to end   B sentences   S source length   T target length
 *     D model width   H heads   K head width   F feed-forward width   V vocabulary
 *
 *     tt_run run;
 *     TT_TRY(tt_run_open(&run, kernels, max_bytes, e));
 *     run.taped = true; run.key = …;               // training: record what the way back needs
 *     tt_tensor *y = tt_op_linear(&run, x, w, b, TT_ACT_RELU);
 *     …                                            // a loss op ends the way forward
 *     tt_run_back(&run);                           // fills the gradients, last op first
 *     TT_TRY(tt_run_reset(&run, e));               // forgets it all; hands out the error, if any
 *
 * Ops return tensors, not codes. When memory runs out the run keeps the error, that op and every
 * later one return NULL, and the caller looks once a step. An op asserts the shapes of what it is
 * given: in a build with VARIANT=debug, which runs all tests, a wrong one stops the program where
 * it is asked for. What ops return lives in the run's arena until tt_run_reset. One run serves one
 * thread.
 */
#ifndef TT_TENSOR_H
#define TT_TENSOR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "kernel/kernel.h"

/* Row-major and dense. `grad` has the same shape: for a parameter it is the owner's buffer, for an
   op's result it is NULL until the way back first needs it. `has_grad`: grad holds a sum so far,
   add to it; otherwise what it holds is old, overwrite it. */
typedef struct tt_tensor {
    float *data; /* (rows, cols) */
    float *grad; /* (rows, cols) or NULL */
    int rows, cols;
    bool has_grad;
    /* of a decoding model, all borrowed: */
    const void *packed; /* what x·dataᵀ is computed from, or NULL, */
    int packed_as;      /* in one of these forms */
    /* Rows to look up are those of `data`; where that is NULL, `bytes` times scales; where both are
       NULL, the packed ones. */
    const int8_t *bytes; /* (rows, cols) or NULL */
    const float *scales; /* (rows) */
} tt_tensor;

/* As gemm_packed, gemm16, dot16 (packed like the one before) and gemm8 want it. */
enum { TT_PACKED_F32, TT_PACKED_BF16, TT_PACKED_BF16_BOTH, TT_PACKED_I8 };

struct tt_run;

/* One recorded op; each op's own record begins with it. */
typedef struct tt_node {
    struct tt_node *before;
    void (*back)(struct tt_run *run, struct tt_node *node);
} tt_node;

typedef struct tt_run {
    const tt_kernels *k;  /* borrowed */
    tt_gemm_fn *gemm;     /* layers' products with weights: k's, or those of a precision */
    tt_arena *arena;      /* owned */
    float *work;          /* (TT_GEMM_WORK), owned */
    struct tt_team *team; /* helpers with packed products, borrowed; or NULL */
    bool taped;           /* record the way back */
    bool drop;            /* dropout is on, */
    float word_drop
        [2]; /* and embeddings of tokens are left out with this chance, source and target, */
    float layer_drop;    /* and layers with this one */
    bool recompute;      /* layers keep their input alone for the way back (recompute.h) */
    const float *chance; /* (V) of outputs to be among those that a loss is computed over, borrowed;
                            NULL: all are */
    float own;           /* chance that a recurrent decoder in training is fed its own best token
                            instead of the given one */
    uint64_t key;        /* of this pass's random numbers (rng.h) */
    uint64_t drawn;      /* ops that drew from it so far */
    float *row_losses;   /* (rows of the loss): where it leaves -log p(gold) of each, and */
    float *mean_losses;  /* (B) means over sentences, for draws that learn from them; or NULL */
    const float *row_weights;     /* (rows of the loss): of each row, borrowed; NULL: all 1 */
    const struct tt_guide *guide; /* what an attention head learns beside (op.h), borrowed; NULL */
    float evenness;               /* what a text costs that is looked at unevenly (op_even.c) */
    float span_price;             /* what a learned reach costs a key (reach_span.c) */
    double guide_loss;            /* and the sum of those losses */
    double usual_loss;            /* what they are compared with: a mean over updates */
    void (*left)(void *ctx,
                 int part); /* told when the way back has left a part for good; or NULL */
    void *left_ctx;
    uint64_t entered[2]; /* a bit for each part that the way forward has come to */
    tt_node *last;       /* the tape's end */
    int failed;          /* 0 or a code; the text is in err */
    tt_err err;
} tt_run;

/* Opens a run whose arena holds at most max_bytes (0: no limit). */
int tt_run_open(tt_run *run, const tt_kernels *k, size_t max_bytes, tt_err *e);
void tt_run_close(tt_run *run);
int tt_run_reset(tt_run *run, tt_err *e);
void tt_run_back(tt_run *run);

/* The way forward comes to part 0 … 127 of a network: once the way back has gone through all that
   comes now, nothing will add to the part's gradients any more, and run->left is told. */
void tt_run_enter(tt_run *run, int part);

/* For ops: arena memory, or NULL with the error kept. */
void *tt_run_alloc(tt_run *run, size_t bytes);
tt_tensor *tt_run_tensor(tt_run *run, int rows, int cols);
/* A record of `bytes` at the tape's end; NULL when the run has no tape or has failed. */
void *tt_run_record(tt_run *run, size_t bytes, void (*back)(tt_run *, tt_node *));
/* t's gradient to write into: *how is TT_GEMM_SET for the first contribution and TT_GEMM_ADD for
   the later ones. NULL: no memory. */
float *tt_run_grad(tt_run *run, tt_tensor *t, int *how);
/* t's gradient to add to: the first contribution finds zeros. NULL: no memory. */
float *tt_run_grad_add(tt_run *run, tt_tensor *t);
/* The key of the next op that draws random numbers. */
uint64_t tt_run_draw(tt_run *run);

static inline bool tt_tensor_is_matrix(const tt_tensor *t) { return t->rows > 1; }

static inline size_t tt_tensor_size(const tt_tensor *t) {
    return (size_t)t->rows * (size_t)t->cols;
}

#endif
