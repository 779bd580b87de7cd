/* op_blend.c: a weighed mean of several tensors, row by row: a = softmax_l(e_l), y = Σ_l a_l x_l.
 *   g_l = dy·x_l,  de_l = a_l (g_l - Σ a g),  dx_l += a_l dy
 */
#include <assert.h>
#include <string.h>

#include "tensor/dot.h"
#include "tensor/op.h"

struct node {
    tt_node node;
    tt_tensor **x, **e, *y;
    float *a; /* (N, count) */
    int count;
};

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    const size_t d = (size_t)n->y->cols, count = (size_t)n->count;
    double *g = tt_run_alloc(run, count * sizeof *g);
    for (size_t l = 0; g && l < count; l++)
        if (!tt_run_grad_add(run, n->x[l]) || !tt_run_grad_add(run, n->e[l])) return;
    for (size_t i = 0; g && i < (size_t)n->y->rows; i++) {
        const float *dy = n->y->grad + i * d, *a = n->a + i * count;
        double mean = 0;
        for (size_t l = 0; l < count; l++) {
            g[l] = tt_dot(dy, n->x[l]->data + i * d, d);
            mean += (double)a[l] * g[l];
        }
        for (size_t l = 0; l < count; l++) {
            n->e[l]->grad[i] += (float)((double)a[l] * (g[l] - mean));
            run->k->axpy(n->x[l]->grad + i * d, dy, a[l], d);
        }
    }
}

tt_tensor *tt_op_blend(tt_run *run, tt_tensor *const *x, tt_tensor *const *e, int count,
                       float *weights) {
    for (int l = 0; l < count; l++)
        if (!x[l] || !e[l]) return NULL;
    for (int l = 0; l < count; l++)
        assert(x[l]->rows == x[0]->rows && x[l]->cols == x[0]->cols && e[l]->rows == x[0]->rows &&
               e[l]->cols == 1);
    const size_t d = (size_t)x[0]->cols, of = (size_t)count, rows = (size_t)x[0]->rows;
    struct node n = {.count = count};
    n.y = tt_run_tensor(run, x[0]->rows, x[0]->cols);
    n.a = tt_run_alloc(run, rows * of * sizeof *n.a);
    n.x = tt_run_alloc(run, of * sizeof(tt_tensor *));
    n.e = tt_run_alloc(run, of * sizeof(tt_tensor *));
    if (run->failed) return NULL;
    memcpy(n.x, x, of * sizeof(tt_tensor *));
    memcpy(n.e, e, of * sizeof(tt_tensor *));
    memset(n.y->data, 0, tt_tensor_size(n.y) * sizeof *n.a);
    for (size_t i = 0; i < rows; i++) {
        float *a = n.a + i * of;
        for (size_t l = 0; l < of; l++) a[l] = e[l]->data[i];
        run->k->softmax(a, a, 1, of);
        for (size_t l = 0; l < of; l++)
            run->k->axpy(n.y->data + i * d, x[l]->data + i * d, a[l], d);
    }
    if (weights) memcpy(weights, n.a, rows * of * sizeof *weights);
    struct node *record = tt_run_record(run, sizeof *record, back);
    if (record) {
        n.node = record->node;
        *record = n;
    }
    return n.y;
}

tt_tensor *tt_op_worth(tt_run *run, tt_tensor *x, tt_tensor *w, tt_tensor *b, tt_tensor *v) {
    return tt_op_linear(run, tt_op_tanh(run, tt_op_linear(run, x, w, b, TT_ACT_NONE)), v, NULL,
                        TT_ACT_NONE);
}
