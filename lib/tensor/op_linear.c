/* op_linear.c: y = act(x wᵀ + b).
 *   dz = dy act'(z),  dx = dz w,  dw = dzᵀ x,  db = Σ_rows dz
 * ReLU needs no z: y > 0 says as much. The others keep z beside y while taped.
 */
#include <assert.h>
#include <string.h>

#include "tensor/op.h"
#include "tensor/product.h"

struct node {
    tt_node node;
    tt_tensor *x, *w, *b, *y;
    const float *z; /* (N, out): the sums before the activation; y's data for none and ReLU */
    int act;
};

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    const tt_kernels *k = run->k;
    tt_tensor *x = n->x, *w = n->w, *y = n->y;
    if (!y->has_grad) return;
    float *dz = y->grad;
    int rows = x->rows, in = x->cols, out = w->rows, how;
    if (n->act != TT_ACT_NONE) k->act_back(dz, n->z, dz, n->act, tt_tensor_size(y));
    if (w->grad) {
        float *dw = tt_run_grad(run, w, &how);
        run->gemm(dw, in, dz, 1, out, x->data, in, 1, how, NULL, out, in, rows, run->work);
    }
    if (n->b && n->b->grad) {
        float *db = tt_run_grad(run, n->b, &how);
        if (how == TT_GEMM_SET) memset(db, 0, (size_t)out * sizeof *db);
        k->add_rows(db, dz, (size_t)rows, (size_t)out);
    }
    float *dx = tt_run_grad(run, x, &how);
    if (dx) run->gemm(dx, in, dz, out, 1, w->data, in, 1, how, NULL, rows, in, out, run->work);
}

tt_tensor *tt_op_linear(tt_run *run, tt_tensor *x, tt_tensor *w, tt_tensor *b, int act) {
    if (!x) return NULL;
    const tt_kernels *k = run->k;
    int rows = x->rows, in = x->cols, out = w->rows;
    assert(in == w->cols && act >= 0 && act < TT_ACT_COUNT);
    assert(!b || (b->rows == 1 && b->cols == out));
    tt_tensor *y = tt_run_tensor(run, rows, out);
    if (!y) return NULL;
    const float *bias = b ? b->data : NULL;
    if (w->packed && !run->taped) {
        return tt_product_run(run, y->data, x->data, rows, w, bias, act) ? NULL : y;
    }
    float *z = y->data;
    if (run->taped && act != TT_ACT_NONE && act != TT_ACT_RELU) {
        z = tt_run_alloc(run, tt_tensor_size(y) * sizeof(float));
        if (!z) return NULL;
    }
    run->gemm(z, out, x->data, in, 1, w->data, 1, in, TT_GEMM_SET, bias, rows, out, in, run->work);
    if (act != TT_ACT_NONE) k->act(y->data, z, act, tt_tensor_size(y));
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->x = x, n->w = w, n->b = b, n->y = y, n->z = z, n->act = act;
    return y;
}
