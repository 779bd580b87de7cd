/* op_norm.c: layer normalisation (Ba, Kiros, Hinton 2016) of each row:
 *   y = (x - mean) / √(var + ε) gain + bias
 */
#include <assert.h>
#include <string.h>

#include "tensor/op.h"

struct node {
    tt_node node;
    tt_tensor *x, *gain, *bias, *y;
    float *mean, *rstd; /* (N) */
};

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    const tt_kernels *k = run->k;
    if (!n->y->has_grad) return;
    size_t rows = (size_t)n->x->rows, cols = (size_t)n->x->cols;
    int how;
    float *dgain = NULL, *dbias = NULL;
    if (n->gain->grad) {
        dgain = tt_run_grad(run, n->gain, &how);
        if (how == TT_GEMM_SET) memset(dgain, 0, cols * sizeof *dgain);
        dbias = tt_run_grad(run, n->bias, &how);
        if (how == TT_GEMM_SET) memset(dbias, 0, cols * sizeof *dbias);
    } else {
        dgain = tt_run_alloc(run, 2 * cols * sizeof *dgain);
        if (!dgain) return;
        memset(dgain, 0, 2 * cols * sizeof *dgain);
        dbias = dgain + cols;
    }
    float *dy = n->y->grad;
    if (n->x->grad && n->x->has_grad) { /* dy is ours to overwrite: nothing reads it after this */
        k->norm_back(dy, dgain, dbias, dy, n->x->data, n->gain->data, n->mean, n->rstd, rows, cols);
        k->add(n->x->grad, n->x->grad, dy, rows * cols);
    } else {
        float *dx = tt_run_grad(run, n->x, &how);
        if (dx)
            k->norm_back(dx, dgain, dbias, dy, n->x->data, n->gain->data, n->mean, n->rstd, rows,
                         cols);
    }
}

tt_tensor *tt_op_norm(tt_run *run, tt_tensor *x, tt_tensor *gain, tt_tensor *bias, float eps) {
    if (!x) return NULL;
    assert(gain->rows == 1 && gain->cols == x->cols && bias->rows == 1 && bias->cols == x->cols &&
           eps > 0);
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    float *stats = tt_run_alloc(run, 2 * (size_t)x->rows * sizeof *stats);
    if (!y || !stats) return NULL;
    float *mean = stats, *rstd = stats + x->rows;
    run->k->norm(y->data, mean, rstd, x->data, gain->data, bias->data, eps, (size_t)x->rows,
                 (size_t)x->cols);
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->x = x, n->gain = gain, n->bias = bias, n->y = y, n->mean = mean, n->rstd = rstd;
    return y;
}
