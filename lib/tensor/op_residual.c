/* op_residual.c: y = base + dropout(x).
 *   dbase = dy,  dx = mask dy / (1-p)
 * The mask is not stored: it is drawn again from the same key. The sum's gradient is not copied to
 * the base but handed over, since nothing needs y's any more; that is what keeps a residual
 * stream cheap.
 * And y = s x.
 */
#include <assert.h>
#include <string.h>

#include "tensor/op.h"

struct node {
    tt_node node;
    tt_tensor *base, *x, *y;
    uint64_t key;
    uint32_t drop;
    float scale;
};

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    const tt_kernels *k = run->k;
    if (!n->y->has_grad) return;
    size_t size = tt_tensor_size(n->y);
    int how;
    float *dy = n->y->grad, *dx = tt_run_grad(run, n->x, &how);
    if (!dx) return;
    if (n->drop) {
        if (how == TT_GEMM_SET) k->dropout(dx, dy, n->key, n->drop, n->scale, size);
        else k->add_dropout(dx, dx, dy, n->key, n->drop, n->scale, size);
    } else {
        if (how == TT_GEMM_SET) memcpy(dx, dy, size * sizeof *dx);
        else k->add(dx, dx, dy, size);
    }
    if (!n->base) return;
    if (n->base->grad || n->base == n->x) {
        float *db = tt_run_grad(run, n->base, &how);
        if (how == TT_GEMM_SET) memcpy(db, dy, size * sizeof *db);
        else k->add(db, db, dy, size);
    } else {
        n->base->grad = dy;
        n->base->has_grad = true;
    }
}

tt_tensor *tt_op_residual(tt_run *run, tt_tensor *base, tt_tensor *x, float p) {
    if (!x || run->failed) return NULL;
    const tt_kernels *k = run->k;
    bool dropping = run->drop && p > 0;
    assert(!base || (base->rows == x->rows && base->cols == x->cols));
    assert(p >= 0 && p < 1);
    if (!base && !dropping) return x;
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    if (!y) return NULL;
    size_t size = tt_tensor_size(x);
    uint64_t key = dropping ? tt_run_draw(run) : 0;
    uint32_t drop = dropping ? (uint32_t)((double)p * 0x1p32) : 0;
    float scale = dropping ? 1.0f / (1.0f - p) : 1.0f;
    if (!dropping) k->add(y->data, base->data, x->data, size);
    else if (base) k->add_dropout(y->data, base->data, x->data, key, drop, scale, size);
    else k->dropout(y->data, x->data, key, drop, scale, size);
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->base = base, n->x = x, n->y = y, n->key = key, n->drop = drop, n->scale = scale;
    return y;
}

struct scaled {
    tt_node node;
    tt_tensor *x, *y;
    float s;
};

static void scale_back(tt_run *run, tt_node *node) {
    const struct scaled *n = (struct scaled *)node;
    float *dx = n->y->has_grad ? tt_run_grad_add(run, n->x) : NULL;
    if (dx) run->k->axpy(dx, n->y->grad, n->s, tt_tensor_size(n->y));
}

tt_tensor *tt_op_scale(tt_run *run, tt_tensor *x, float s) {
    tt_tensor *y = x ? tt_run_tensor(run, x->rows, x->cols) : NULL;
    if (!y) return NULL;
    run->k->scale(y->data, x->data, s, tt_tensor_size(x));
    struct scaled *n = tt_run_record(run, sizeof *n, scale_back);
    if (n) n->x = x, n->y = y, n->s = s;
    return y;
}
