/* tanh.c: the hyperbolic tangent as an op, and what else the result alone tells the slope of:
 *   tanh dx = dy (1 - y²),  σ dx = dy y (1 - y),  relu dx = dy where y > 0
 */

#include <assert.h>

#include "tensor/op.h"

void tt_tanh(const tt_kernels *k, float *y, const float *x, size_t n) {
    k->act(y, x, TT_ACT_TANH, n);
}

struct node {
    tt_node node;
    tt_tensor *x, *y;
    int act;
};

static void back(tt_run *run, tt_node *node) {
    const struct node *n = (const struct node *)node;
    if (!n->y->has_grad) return;
    float *dx = tt_run_grad_add(run, n->x);
    const size_t size = tt_tensor_size(n->y);
    for (size_t i = 0; dx && i < size; i++) {
        const float y = n->y->data[i];
        dx[i] += n->y->grad[i] * (n->act == TT_ACT_TANH      ? 1 - y * y
                                  : n->act == TT_ACT_SIGMOID ? y * (1 - y)
                                                             : (y > 0 ? 1.0f : 0.0f));
    }
}

tt_tensor *tt_op_act(tt_run *run, tt_tensor *x, int act) {
    tt_tensor *y = x ? tt_run_tensor(run, x->rows, x->cols) : NULL;
    if (!y) return NULL;
    assert(act == TT_ACT_TANH || act == TT_ACT_RELU || act == TT_ACT_SIGMOID);
    run->k->act(y->data, x->data, act, tt_tensor_size(x));
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->x = x, n->y = y, n->act = act;
    return y;
}

tt_tensor *tt_op_tanh(tt_run *run, tt_tensor *x) { return tt_op_act(run, x, TT_ACT_TANH); }
