/* op_average.c: the average of the rows so far (Zhang, Xiong and Su 2018, average attention):
 *     y_t = Σ_{i<=t} x_i / (t+1),  dx_i = Σ_{t>=i} dy_t / (t+1)
 */
#include <assert.h>
#include <string.h>

#include "tensor/op.h"

struct average {
    tt_node node;
    tt_tensor *x, *y;
    int count;
    const int32_t *off;
};

static void average_back(tt_run *run, tt_node *node) {
    struct average *n = (struct average *)node;
    if (!n->y->has_grad) return;
    int how;
    size_t d = (size_t)n->y->cols;
    float *dx = tt_run_grad(run, n->x, &how), *carry = tt_run_alloc(run, d * sizeof *carry);
    if (!dx || !carry) return;
    if (how == TT_GEMM_SET) memset(dx, 0, tt_tensor_size(n->x) * sizeof *dx);
    for (int b = 0; b < n->count; b++) {
        memset(carry, 0, d * sizeof *carry);
        for (int32_t i = n->off[b + 1]; i-- > n->off[b];) {
            run->k->axpy(carry, n->y->grad + (size_t)i * d, 1.0f / (float)(i - n->off[b] + 1), d);
            run->k->add(dx + (size_t)i * d, dx + (size_t)i * d, carry, d);
        }
    }
}

/* sum = before + x, y = sum / (step + 1), over one row. */
static void average_row(const tt_kernels *k, float *y, float *sum, const float *x,
                        const float *before, int step, size_t d) {
    if (before) k->add(sum, before, x, d);
    else memcpy(sum, x, d * sizeof *sum);
    k->scale(y, sum, 1.0f / (float)(step + 1), d);
}

tt_tensor *tt_op_average(tt_run *run, tt_tensor *x, int count, const int32_t *off) {
    if (!x) return NULL;
    assert(off[0] == 0 && off[count] == x->rows);
    size_t d = (size_t)x->cols;
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    float *sum = tt_run_alloc(run, d * sizeof *sum);
    if (!y || !sum) return NULL;
    for (int b = 0; b < count; b++)
        for (int32_t i = off[b]; i < off[b + 1]; i++)
            average_row(run->k, y->data + (size_t)i * d, sum, x->data + (size_t)i * d,
                        i > off[b] ? sum : NULL, i - off[b], d);
    struct average *n = tt_run_record(run, sizeof *n, average_back);
    if (n) n->x = x, n->y = y, n->count = count, n->off = off;
    return y;
}

tt_tensor *tt_op_average_rows(tt_run *run, tt_tensor *x, const float *before, const int32_t *parent,
                              float *after, int step) {
    if (!x) return NULL;
    assert(after && step >= 0 && (!before || parent));
    size_t d = (size_t)x->cols;
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    for (size_t r = 0; y && r < (size_t)x->rows; r++)
        average_row(run->k, y->data + r * d, after + r * d, x->data + r * d,
                    before ? before + (size_t)parent[r] * d : NULL, step, d);
    return y;
}
