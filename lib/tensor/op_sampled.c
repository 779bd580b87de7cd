/* op_sampled.c: the cross-entropy of op_loss.c over a part of the vocabulary (Jean et al. 2015).
 *   S = {v : v is gold in these rows, or drawn with probability π_v},   π_v = 1 for gold
 *   z = x w_Sᵀ + b_S - log π_S,   loss = Σ_rows xent(z, gold)
 * 1/π weighs a drawn output for all that were not drawn, so Σ_S exp(z) has the mean Σ_V exp(x w_Vᵀ
 * + b_V) (Horvitz and Thompson 1952). Smoothing spreads ε over S by u_v = (1/π_v) / Σ_S 1/π. Rows
 * of w outside S get no gradient.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "tensor/block.h"
#include "tensor/op.h"

struct sample {
    int n;             /* |S| */
    int32_t *ids;      /* (S), rising */
    int32_t *gold;     /* (N), places in S */
    float *shift;      /* (S), -log π */
    float *share;      /* (S), u */
    double mean_shift; /* Σ u shift */
};

static int choose(tt_run *run, struct sample *s, const int32_t *gold, int rows, int v,
                  const float *chance) {
    int32_t *place = tt_run_alloc(run, (size_t)v * sizeof *place);
    s->ids = tt_run_alloc(run, (size_t)v * sizeof *s->ids);
    s->shift = tt_run_alloc(run, (size_t)v * sizeof *s->shift);
    s->share = tt_run_alloc(run, (size_t)v * sizeof *s->share);
    s->gold = tt_run_alloc(run, (size_t)rows * sizeof *s->gold);
    if (run->failed) return 0;
    memset(place, 0, (size_t)v * sizeof *place);
    for (int i = 0; i < rows; i++) place[gold[i]] = 1;
    uint64_t key = tt_run_draw(run);
    double total = 0;
    s->n = 0;
    for (int i = 0; i < v; i++) {
        bool sure = place[i];
        if (!sure && tt_rand_unit(key, (uint64_t)i) >= (double)chance[i]) continue;
        place[i] = s->n;
        s->ids[s->n] = i;
        s->share[s->n] = sure ? 1.0f : 1.0f / chance[i];
        s->shift[s->n] = sure ? 0.0f : -logf(chance[i]);
        total += (double)s->share[s->n++];
    }
    s->mean_shift = 0;
    for (int i = 0; i < s->n; i++) {
        s->share[i] = (float)((double)s->share[i] / total);
        s->mean_shift += (double)s->share[i] * (double)s->shift[i];
    }
    for (int i = 0; i < rows; i++) s->gold[i] = place[gold[i]];
    return 1;
}

/* Turns a row of logits (S) into its gradient; mean: Σ u z. */
static void row_loss(tt_run *run, const struct sample *s, float *z, int gold, float mean,
                     float smoothing, tt_loss *out, float *told) {
    float nll, at = z[gold];
    run->k->xent(z, (size_t)gold, 0.0f, 1.0f, &nll, (size_t)s->n);
    double unlike = (double)nll + (double)at - ((double)mean - s->mean_shift);
    out->nll += (double)nll;
    if (told) *told = nll;
    out->loss += (1.0 - (double)smoothing) * (double)nll + (double)smoothing * unlike;
    z[gold] += smoothing;
    run->k->axpy(z, s->share, -smoothing, (size_t)s->n);
}

void tt_op_xent_sampled(tt_run *run, tt_tensor *x, tt_tensor *w, tt_tensor *b, const int32_t *gold,
                        float smoothing, const float *chance, tt_loss *out) {
    if (!x || run->failed) return;
    const tt_kernels *k = run->k;
    struct sample s;
    int rows = x->rows, d = x->cols;
    assert(d == w->cols && (!b || (b->rows == 1 && b->cols == w->rows)));
    for (int i = 0; i < rows; i++) assert(gold[i] >= 0 && gold[i] < w->rows);
    if (!choose(run, &s, gold, rows, w->rows, chance)) return;
    int n = s.n, block = tt_block_rows(rows, n);
    float *z = tt_run_alloc(run, (size_t)block * (size_t)n * sizeof *z);
    float *mean = tt_run_alloc(run, (size_t)block * sizeof *mean);
    float *ws = tt_run_alloc(run, (size_t)n * (size_t)d * sizeof *ws), *dws = NULL, *dbs = NULL,
          *dx = NULL;
    if (run->failed) return;
    for (int i = 0; i < n; i++) {
        memcpy(ws + (size_t)i * (size_t)d, w->data + (size_t)s.ids[i] * (size_t)d,
               (size_t)d * sizeof *ws);
        if (b) s.shift[i] += b->data[s.ids[i]];
    }
    int how_x = TT_GEMM_SET, how_w = TT_GEMM_SET, how_b = TT_GEMM_SET, how = TT_GEMM_SET;
    float *dw = NULL, *db = NULL;
    if (run->taped) {
        dx = tt_run_grad(run, x, &how_x);
        if (w->grad) dw = tt_run_grad(run, w, &how_w);
        if (b && b->grad) db = tt_run_grad(run, b, &how_b);
        dws = tt_run_alloc(run, (size_t)n * (size_t)d * sizeof *dws);
        dbs = tt_run_alloc(run, (size_t)n * sizeof *dbs);
        if (run->failed) return;
        memset(dbs, 0, (size_t)n * sizeof *dbs);
        if (dw && how_w == TT_GEMM_SET) memset(dw, 0, tt_tensor_size(w) * sizeof *dw);
        if (db && how_b == TT_GEMM_SET) memset(db, 0, tt_tensor_size(b) * sizeof *db);
    }
    for (int at = 0; at < rows; at += block) {
        int m = rows - at < block ? rows - at : block;
        const float *xs = x->data + (size_t)at * (size_t)d;
        run->gemm(z, n, xs, d, 1, ws, 1, d, TT_GEMM_SET, s.shift, m, n, d, run->work);
        k->gemm(mean, 1, z, n, 1, s.share, 1, 1, TT_GEMM_SET, NULL, m, 1, n, run->work);
        for (int i = 0; i < m; i++)
            row_loss(run, &s, z + (size_t)i * (size_t)n, s.gold[at + i], mean[i], smoothing, out,
                     run->row_losses ? &run->row_losses[at + i] : NULL);
        out->count += m;
        if (!dx) continue;
        run->gemm(dx + (size_t)at * (size_t)d, d, z, n, 1, ws, d, 1, how_x, NULL, m, d, n,
                  run->work);
        if (dw) run->gemm(dws, d, z, 1, n, xs, d, 1, how, NULL, n, d, m, run->work);
        k->add_rows(dbs, z, (size_t)m, (size_t)n);
        how = TT_GEMM_ADD;
    }
    for (int i = 0; dw && i < n; i++) {
        float *row = dw + (size_t)s.ids[i] * (size_t)d;
        k->add(row, row, dws + (size_t)i * (size_t)d, (size_t)d);
    }
    for (int i = 0; db && i < n; i++) db[s.ids[i]] += dbs[i];
}
