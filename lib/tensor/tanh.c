/* tanh.c: the hyperbolic tangent as an op: dx = dy (1 - y²). */

#include "tensor/op.h"

void tt_tanh(const tt_kernels *k, float *y, const float *x, size_t n) {
    k->act(y, x, TT_ACT_TANH, n);
}

static void back(tt_run *run, tt_node *node) {
    const tt_node_xy *n = (const tt_node_xy *)node;
    if (!n->y->has_grad) return;
    float *dx = tt_run_grad_add(run, n->x);
    const size_t size = tt_tensor_size(n->y);
    for (size_t i = 0; dx && i < size; i++)
        dx[i] += n->y->grad[i] * (1 - n->y->data[i] * n->y->data[i]);
}

tt_tensor *tt_op_tanh(tt_run *run, tt_tensor *x) {
    tt_tensor *y = x ? tt_run_tensor(run, x->rows, x->cols) : NULL;
    if (!y) return NULL;
    tt_tanh(run->k, y->data, x->data, tt_tensor_size(x));
    return tt_run_record_xy(run, x, y, back);
}
