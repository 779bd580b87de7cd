/* op_maxout.c: y_i = max(x_2i, x_2i+1); the gradient goes to the larger, of equal ones to the first
 * (Goodfellow et al. 2013). */
#include <assert.h>

#include "tensor/op.h"

struct node {
    tt_node node;
    tt_tensor *x, *y;
};

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    float *dx = tt_run_grad_add(run, n->x);
    for (size_t i = 0; dx && i < tt_tensor_size(n->y); i++) {
        const float *x = n->x->data + 2 * i;
        dx[2 * i + (x[1] > x[0])] += n->y->grad[i];
    }
}

tt_tensor *tt_op_maxout(tt_run *run, tt_tensor *x) {
    assert(!x || x->cols % 2 == 0);
    tt_tensor *y = x ? tt_run_tensor(run, x->rows, x->cols / 2) : NULL;
    for (size_t i = 0; y && i < tt_tensor_size(y); i++) {
        const float *pair = x->data + 2 * i;
        y->data[i] = pair[1] > pair[0] ? pair[1] : pair[0];
    }
    struct node *n = y ? tt_run_record(run, sizeof *n, back) : NULL;
    if (n) n->x = x, n->y = y;
    return y;
}
