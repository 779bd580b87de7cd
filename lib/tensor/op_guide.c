/* op_guide.c: a head of cross-attention held against word links (Chen et al. 2016, Garg et al.
 * 2019). In a sentence, of the rows i that have keys G_i given, P = softmax(Q Kᵀ / √K):
 *   cross-entropy   loss = -Σ_i Σ_{j in G_i} log P_ij / |G_i|,      dZ = P - G,  G_ij = 1 / |G_i|
 *   mean square     loss = Σ_i Σ_j (P_ij - G_ij)² / 2,               dZ = softmax'(P, P - G)
 * times the guide's weight and the row's; then dQ += dZ K / √K, dK += dZᵀ Q / √K. The weights are
 * computed again, of this head alone, and without dropout.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "tensor/op.h"
#include "ttrans/learning.h"

struct node {
    tt_node node;
    tt_part q, k; /* the head's columns */
    int width;
    tt_spans spans;
    const tt_guide *guide;
    const float *row_weights;
};

static const float *at(const tt_part *p, int32_t row) {
    return p->of->data + (size_t)row * (size_t)p->of->cols + p->first;
}

/* Row P (n) becomes its gradient times w; returns the loss. */
static double hold_row(const tt_kernels *k, float *p, const int32_t *keys, int count, int n,
                       int cost, float w, float *work) {
    const float even = 1.0f / (float)count;
    double loss = 0;
    if (cost == TT_GUIDE_CE) {
        for (int i = 0; i < count; i++) loss -= log(fmax((double)p[keys[i]], 1e-30));
        for (int i = 0; i < count; i++) p[keys[i]] -= even;
        k->scale(p, p, w, (size_t)n);
        return loss / count;
    }
    memcpy(work, p, (size_t)n * sizeof *work);
    for (int i = 0; i < count; i++) p[keys[i]] -= even;
    for (int j = 0; j < n; j++) loss += 0.5 * (double)p[j] * (double)p[j];
    k->softmax_back(p, work, p, w, (size_t)n);
    return loss;
}

static void back(tt_run *run, tt_node *record) {
    const struct node *n = (const struct node *)record;
    const tt_kernels *k = run->k;
    const tt_spans *sp = &n->spans;
    float *dq = tt_run_grad_add(run, n->q.of), *dk = tt_run_grad_add(run, n->k.of);
    const float scale = 1.0f / sqrtf((float)n->width);
    int longest = 1;
    for (int b = 0; b < sp->count; b++)
        if (sp->k_off[b + 1] - sp->k_off[b] > longest) longest = sp->k_off[b + 1] - sp->k_off[b];
    float *p = tt_run_alloc(run, 2 * (size_t)longest * sizeof *p);
    if (!dq || !dk || !p) return;
    for (int b = 0; b < sp->count; b++)
        for (int32_t i = sp->q_off[b]; i < sp->q_off[b + 1]; i++) {
            const int count = n->guide->off[i + 1] - n->guide->off[i],
                      keys = sp->k_off[b + 1] - sp->k_off[b];
            const float own = n->row_weights ? n->row_weights[i] : 1.0f;
            if (!count) continue;
            float *dqi = dq + (size_t)i * (size_t)n->q.of->cols + n->q.first;
            float *dkb = dk + (size_t)sp->k_off[b] * (size_t)n->k.of->cols + n->k.first;
            const float *kb = at(&n->k, sp->k_off[b]), *qi = at(&n->q, i);
            const ptrdiff_t ld = n->k.of->cols;
            k->gemm(p, keys, qi, n->width, 1, kb, 1, ld, TT_GEMM_SET, NULL, 1, keys, n->width,
                    run->work);
            k->softmax(p, p, scale, (size_t)keys);
            run->guide_loss +=
                (double)(own * n->guide->weight) *
                hold_row(k, p, n->guide->at + n->guide->off[i], count, keys, n->guide->cost,
                         own * n->guide->weight * scale, p + longest);
            k->gemm(dqi, n->width, p, keys, 1, kb, ld, 1, TT_GEMM_ADD, NULL, 1, n->width, keys,
                    run->work);
            k->gemm(dkb, ld, p, 1, keys, qi, n->width, 1, TT_GEMM_ADD, NULL, keys, n->width, 1,
                    run->work);
        }
}

void tt_op_guide(tt_run *run, tt_part q, tt_part k, int width, const tt_spans *spans,
                 const tt_guide *guide) {
    if (!q.of || !k.of) return;
    assert(guide->head >= 0 && q.first + (guide->head + 1) * width <= q.of->cols);
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (!n) return;
    q.first += guide->head * width;
    k.first += guide->head * width;
    n->q = q, n->k = k, n->width = width, n->spans = *spans, n->guide = guide;
    n->row_weights = run->row_weights;
}
