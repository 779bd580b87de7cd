/* op_loss.c: the output layer and its cross-entropy, in blocks of rows.
 *   z = x wᵀ + b,  loss = Σ_rows xent(z, gold),  dz = softmax(z) - target
 *   dx = dz w,  dw += dzᵀ x,  db += Σ_rows dz
 * A block's logits are turned into their own gradient in place, used, and forgotten, so the
 * memory needed is one block whatever the batch.
 */
#include <assert.h>
#include <string.h>

#include "tensor/block.h"
#include "tensor/op.h"
#include "tensor/product.h"

void tt_op_xent(tt_run *run, tt_tensor *x, tt_tensor *w, tt_tensor *b, const int32_t *gold,
                float smoothing, tt_loss *out, float *nll) {
    if (!x || run->failed) return;
    const tt_kernels *k = run->k;
    int rows = x->rows, d = x->cols, v = w->rows;
    assert(d == w->cols && (!b || (b->rows == 1 && b->cols == v)));
    for (int i = 0; i < rows; i++) assert(gold[i] >= 0 && gold[i] < v);
    int block = tt_block_rows(rows, v);
    float *z = tt_run_alloc(run, (size_t)block * (size_t)v * sizeof *z), *dx = NULL, *dw = NULL,
          *db = NULL;
    if (!z) return;
    int how_x = TT_GEMM_SET, how_w = TT_GEMM_SET, how_b = TT_GEMM_SET;
    if (run->taped) {
        dx = tt_run_grad(run, x, &how_x);
        if (!dx) return;
        if (w->grad) dw = tt_run_grad(run, w, &how_w);
        if (b && b->grad) db = tt_run_grad(run, b, &how_b);
        if (db && how_b == TT_GEMM_SET) memset(db, 0, (size_t)v * sizeof *db);
    }
    for (int at = 0; at < rows; at += block) {
        int m = rows - at < block ? rows - at : block;
        const float *xs = x->data + (size_t)at * (size_t)d;
        if (!w->packed || run->taped)
            run->gemm(z, v, xs, d, 1, w->data, 1, d, TT_GEMM_SET, b ? b->data : NULL, m, v, d,
                      run->work);
        else if (tt_product_run(run, z, xs, m, w, b ? b->data : NULL, TT_ACT_NONE)) return;
        for (int i = 0; i < m; i++) {
            float one;
            out->loss += (double)k->xent(z + (size_t)i * (size_t)v, (size_t)gold[at + i], smoothing,
                                         1.0f, &one, (size_t)v);
            out->nll += (double)one;
            if (nll) nll[at + i] = one;
            if (run->row_losses) run->row_losses[at + i] = one;
        }
        out->count += m;
        if (!dx) continue;
        run->gemm(dx + (size_t)at * (size_t)d, d, z, v, 1, w->data, d, 1, how_x, NULL, m, d, v,
                  run->work);
        if (dw) run->gemm(dw, d, z, 1, v, xs, d, 1, how_w, NULL, v, d, m, run->work);
        if (db) k->add_rows(db, z, (size_t)m, (size_t)v);
        how_w = TT_GEMM_ADD;
    }
}
