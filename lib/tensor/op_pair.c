/* op_pair.c: the loss of rows beside that of other rows for the same tokens. Of logits z = x wᵀ + b
 * and others z':
 *   two passes (R-Drop, Wu et al. 2021), half of the paper's sum:
 *     loss = (xent(z) + xent(z')) / 2 + α/4 (KL(p‖p') + KL(p'‖p))
 *     dz = (p - target) / 2 + α/4 (p (d - KL(p‖p')) + p - p'),  d = log p - log p';  dz' likewise
 *   a teacher (word-level distillation, Kim and Rush 2016):
 *     loss = (1 - a) xent(z) - a Σ p' log p,  dz = (1 - a) (p - target) + a (p - p')
 * p = softmax(z). In blocks of rows, as op_loss.c. Sums over a row are 16 lanes, so all instruction
 * sets agree.
 */
#include <assert.h>
#include <string.h>

#include "tensor/block.h"
#include "tensor/op.h"
#include "tensor/product.h"

/* One side of the pair. */
struct side {
    tt_tensor *x, *w, *b;
    float *z, *p; /* of a block (m, V); of a row (V) */
    float *dx, *dw, *db;
    int how_x, how_w;
};

static int open_side(tt_run *run, struct side *s, int block, bool learns) {
    const size_t v = (size_t)s->w->rows;
    int how_b = TT_GEMM_SET;
    s->z = tt_run_alloc(run, (size_t)block * v * sizeof *s->z);
    s->p = tt_run_alloc(run, v * sizeof *s->p);
    if (run->taped && learns) {
        s->dx = tt_run_grad(run, s->x, &s->how_x);
        if (s->dx && s->w->grad) s->dw = tt_run_grad(run, s->w, &s->how_w);
        if (s->dx && s->b->grad) s->db = tt_run_grad(run, s->b, &how_b);
        if (s->db && how_b == TT_GEMM_SET) memset(s->db, 0, v * sizeof *s->db);
    }
    return run->failed;
}

/* The logits of m rows from `at` on. */
static int forward(tt_run *run, struct side *s, int at, int m) {
    const int d = s->x->cols, v = s->w->rows;
    const float *x = s->x->data + (size_t)at * (size_t)d;
    if (s->w->packed && !run->taped)
        return tt_product_run(run, s->z, x, m, s->w, s->b->data, TT_ACT_NONE);
    run->gemm(s->z, v, x, d, 1, s->w->data, 1, d, TT_GEMM_SET, s->b->data, m, v, d, run->work);
    return 0;
}

static void backward(tt_run *run, struct side *s, int at, int m) {
    const int d = s->x->cols, v = s->w->rows;
    const float *x = s->x->data + (size_t)at * (size_t)d;
    if (!s->dx) return;
    run->gemm(s->dx + (size_t)at * (size_t)d, d, s->z, v, 1, s->w->data, d, 1, s->how_x, NULL, m, d,
              v, run->work);
    if (s->dw) run->gemm(s->dw, d, s->z, 1, v, x, d, 1, s->how_w, NULL, v, d, m, run->work);
    if (s->db) run->k->add_rows(s->db, s->z, (size_t)m, (size_t)v);
    s->how_w = TT_GEMM_ADD;
}

/* Σ p (z - z') */
static double sum_apart(const float *p, const float *z, const float *other, size_t n) {
    double lane[16] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++) lane[i % 16] += (double)p[i] * ((double)z[i] - (double)other[i]);
    for (int i = 0; i < 16; i++) sum += lane[i];
    return sum;
}

/* Rows z and z' become their gradients; returns the loss. */
static double pass_row(const tt_kernels *k, struct side *a, struct side *b, float *za, float *zb,
                       float *apart, size_t gold, float smoothing, float alpha, double *nll) {
    const size_t v = (size_t)a->w->rows;
    const float lse_a = k->logsumexp(za, v), lse_b = k->logsumexp(zb, v), quarter = alpha / 4;
    float one, other;
    k->softmax(a->p, za, 1, v);
    k->softmax(b->p, zb, 1, v);
    const double shift = (double)lse_a - (double)lse_b;
    const double kl_ab = sum_apart(a->p, za, zb, v) - shift,
                 kl_ba = sum_apart(b->p, zb, za, v) + shift;
    for (size_t i = 0; i < v; i++) apart[i] = (float)((double)za[i] - (double)zb[i] - shift);
    double loss = 0.5 * (double)k->xent(za, gold, smoothing, 0.5f, &one, v);
    loss += 0.5 * (double)k->xent(zb, gold, smoothing, 0.5f, &other, v);
    *nll = 0.5 * ((double)one + (double)other);
    const float ab = (float)kl_ab, ba = (float)kl_ba;
    for (size_t i = 0; i < v; i++) {
        const float p = a->p[i], q = b->p[i];
        za[i] += quarter * (p * (apart[i] - ab) + p - q);
        zb[i] += quarter * (q * (-apart[i] - ba) + q - p);
    }
    return loss + 0.25 * (double)alpha * (kl_ab + kl_ba);
}

/* Row z becomes its gradient, z' stays; returns the loss. */
static double taught_row(const tt_kernels *k, struct side *a, struct side *b, float *za,
                         const float *zb, size_t gold, float smoothing, float weight, double *nll) {
    const size_t v = (size_t)a->w->rows;
    const float lse = k->logsumexp(za, v);
    double lane[16] = {0}, along = 0;
    float one;
    k->softmax(a->p, za, 1, v);
    k->softmax(b->p, zb, 1, v);
    for (size_t i = 0; i < v; i++) lane[i % 16] += (double)b->p[i] * (double)za[i];
    for (int i = 0; i < 16; i++) along += lane[i];
    const double own = (double)k->xent(za, gold, smoothing, 1 - weight, &one, v);
    for (size_t i = 0; i < v; i++) za[i] += weight * (a->p[i] - b->p[i]);
    *nll = (double)one;
    return (1 - (double)weight) * own + (double)weight * ((double)lse - along);
}

void tt_op_xent_pair(tt_run *run, const tt_rated *one, const tt_rated *other, bool both,
                     const int32_t *gold, float smoothing, float weight, tt_loss *out) {
    if (!one->x || !other->x || run->failed) return;
    const int rows = one->x->rows, v = one->w->rows, block = tt_block_rows(rows, 2 * v);
    struct side a = {.x = one->x, .w = one->w, .b = one->b},
                b = {.x = other->x, .w = other->w, .b = other->b};
    assert(one->x->cols == one->w->cols && one->b->cols == v && other->x->rows == rows);
    assert(other->x->cols == other->w->cols && other->w->rows == v && other->b->cols == v);
    for (int i = 0; i < rows; i++) assert(gold[i] >= 0 && gold[i] < v);
    float *apart = tt_run_alloc(run, (size_t)v * sizeof *apart);
    if (!apart || open_side(run, &a, block, true) || open_side(run, &b, block, both)) return;
    for (int at = 0; at < rows; at += block) {
        const int m = rows - at < block ? rows - at : block;
        if (forward(run, &a, at, m) || forward(run, &b, at, m)) return;
        for (int i = 0; i < m; i++) {
            float *za = a.z + (size_t)i * (size_t)v, *zb = b.z + (size_t)i * (size_t)v;
            const size_t token = (size_t)gold[at + i];
            const float own = run->row_weights ? run->row_weights[at + i] : 1.0f;
            double nll, loss;
            loss = both ? pass_row(run->k, &a, &b, za, zb, apart, token, smoothing, weight, &nll)
                        : taught_row(run->k, &a, &b, za, zb, token, smoothing, weight, &nll);
            if (run->row_weights) run->k->scale(za, za, own, (size_t)v);
            if (run->row_weights && both) run->k->scale(zb, zb, own, (size_t)v);
            out->loss += (double)own * loss;
            out->nll += (double)own * nll;
            out->weight += (double)own;
        }
        out->count += m;
        backward(run, &a, at, m);
        if (both && b.w == a.w) b.how_w = TT_GEMM_ADD;
        backward(run, &b, at, m);
    }
}
