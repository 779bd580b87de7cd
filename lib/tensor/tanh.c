/* tanh.c: the hyperbolic tangent of rows, and as an op. (1 - e) / (1 + e), e = exp(-2|x|), is 1 - 2σ(-2|x|), σ being a kernel; near 0,
 * where that loses digits, a series. dx = dy (1 - y²).
 */
#include <math.h>
#include <string.h>

#include "tensor/op.h"

void tt_tanh(const tt_kernels *k, float *y, const float *x, size_t n) {
    enum { AT_ONCE = 256 };
    float twice[AT_ONCE];
    for (size_t from = 0; from < n; from += AT_ONCE) {
        const size_t some = n - from < AT_ONCE ? n - from : AT_ONCE;
        for (size_t i = 0; i < some; i++) twice[i] = -2 * fabsf(x[from + i]);
        k->act(twice, twice, TT_ACT_SIGMOID, some);
        for (size_t i = 0; i < some; i++) {
            const float v = x[from + i], v2 = v * v;
            const float near = v * (1 + v2 * (-1.0f / 3 + v2 * (2.0f / 15 + v2 * (-17.0f / 315))));
            const float far = 1 - 2 * twice[i];
            y[from + i] = v2 < 0.0625f ? near : v < 0 ? -far : far;
        }
    }
}

struct node {
    tt_node node;
    tt_tensor *x, *y;
};

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    int how;
    if (!n->y->has_grad) return;
    float *dx = tt_run_grad(run, n->x, &how);
    const size_t size = tt_tensor_size(n->y);
    if (dx && how == TT_GEMM_SET) memset(dx, 0, size * sizeof *dx);
    for (size_t i = 0; dx && i < size; i++) dx[i] += n->y->grad[i] * (1 - n->y->data[i] * n->y->data[i]);
}

tt_tensor *tt_op_tanh(tt_run *run, tt_tensor *x) {
    tt_tensor *y = x ? tt_run_tensor(run, x->rows, x->cols) : NULL;
    if (!y) return NULL;
    tt_tanh(run->k, y->data, x->data, tt_tensor_size(x));
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->x = x, n->y = y;
    return y;
}
