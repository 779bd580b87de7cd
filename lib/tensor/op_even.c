/* op_even.c: cross-attention that looks at all of the text in equal parts, the doubly stochastic
 * term of Xu et al. 2015. Of each head, with P = softmax(Q Kᵀ / √K), (T, S) of a sentence, and
 * c_j = 1 - Σ_i P_ij:
 *   loss = λ Σ_j c_j²,  dP_ij = -2 λ c_j,  dZ = softmax'(P, dP)
 * then dQ += dZ K / √K, dK += dZᵀ Q / √K. The weights are computed again, without dropout.
 */
#include <assert.h>
#include <math.h>

#include "tensor/op.h"

struct node {
    tt_node node;
    tt_part q, k;
    int heads, width;
    tt_spans spans;
    float by; /* λ */
};

static const float *at(const tt_part *p, int32_t row, int column) {
    return p->of->data + (size_t)row * (size_t)p->of->cols + p->first + column;
}

/* A head of a sentence of t queries and s keys; p, dp (t, s), left (s). */
static void back_head(tt_run *run, const struct node *n, int b, int head, float *p, float *dp,
                      float *left) {
    const tt_kernels *k = run->k;
    const int32_t i0 = n->spans.q_off[b], j0 = n->spans.k_off[b];
    const int t = n->spans.q_off[b + 1] - i0, s = n->spans.k_off[b + 1] - j0,
              column = head * n->width;
    const ptrdiff_t lq = n->q.of->cols, lk = n->k.of->cols;
    const float scale = 1.0f / sqrtf((float)n->width), *q = at(&n->q, i0, column),
                *key = at(&n->k, j0, column);
    float *dq = n->q.of->grad + (q - n->q.of->data), *dk = n->k.of->grad + (key - n->k.of->data);
    k->gemm(p, s, q, lq, 1, key, 1, lk, TT_GEMM_SET, NULL, t, s, n->width, run->work);
    for (int j = 0; j < s; j++) left[j] = 1;
    for (int i = 0; i < t; i++) {
        k->softmax(p + (ptrdiff_t)i * s, p + (ptrdiff_t)i * s, scale, (size_t)s);
        k->axpy(left, p + (ptrdiff_t)i * s, -1, (size_t)s);
    }
    for (int j = 0; j < s; j++) {
        run->guide_loss += (double)n->by * (double)left[j] * (double)left[j];
        left[j] *= -2 * n->by;
    }
    for (int i = 0; i < t; i++)
        k->softmax_back(dp + (ptrdiff_t)i * s, p + (ptrdiff_t)i * s, left, scale, (size_t)s);
    k->gemm(dq, lq, dp, s, 1, key, lk, 1, TT_GEMM_ADD, NULL, t, n->width, s, run->work);
    k->gemm(dk, lk, dp, 1, s, q, lq, 1, TT_GEMM_ADD, NULL, s, n->width, t, run->work);
}

static void back(tt_run *run, tt_node *record) {
    const struct node *n = (const struct node *)record;
    const tt_spans *sp = &n->spans;
    size_t most = 1, longest = 1;
    for (int b = 0; b < sp->count; b++) {
        const size_t t = (size_t)(sp->q_off[b + 1] - sp->q_off[b]),
                     s = (size_t)(sp->k_off[b + 1] - sp->k_off[b]);
        if (t * s > most) most = t * s;
        if (s > longest) longest = s;
    }
    float *p = tt_run_alloc(run, (2 * most + longest) * sizeof *p);
    if (!p || !tt_run_grad_add(run, n->q.of) || !tt_run_grad_add(run, n->k.of)) return;
    for (int b = 0; b < sp->count; b++)
        for (int head = 0; head < n->heads; head++)
            back_head(run, n, b, head, p, p + most, p + 2 * most);
}

void tt_op_even(tt_run *run, tt_part q, tt_part k, int heads, int width, const tt_spans *spans,
                float by) {
    if (!q.of || !k.of) return;
    assert(q.first + heads * width <= q.of->cols && k.first + heads * width <= k.of->cols);
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (!n) return;
    n->q = q, n->k = k, n->heads = heads, n->width = width, n->spans = *spans, n->by = by;
}
