/* op_attend.c: scaled dot-product attention, H heads side by side (Vaswani et al. 2017, 3.2).
 *   P = softmax(Q Kᵀ / √K + b_h(j - i)),  P̃ = dropout(P),  O = P̃ V          for each sentence and
 *     head
 *   dP̃ = dO Vᵀ,  dV = P̃ᵀ dO,  dP = mask dP̃,  dZ = P (dP - Σ P dP) / √K,  dQ = dZ K,  dK = dZᵀ Q
 * The weights P of all sentences are kept for the way back; what dropout struck is drawn again.
 * There is no padding: a sentence costs T S, whatever its neighbours.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "tensor/op.h"

struct node {
    tt_node node;
    tt_part q, k, v;
    tt_tensor *bias, *y;
    const float *probs; /* per sentence (H, T, S) */
    tt_spans spans;
    int heads;
    uint64_t key;
    uint32_t drop;
    float keep;
};

static float *cell(const tt_part *p, float *base, int32_t row, int head, int width) {
    return base + (size_t)row * (size_t)p->of->cols + (size_t)p->first +
           (size_t)head * (size_t)width;
}

struct shape {
    int32_t q0, k0;
    int t, s;
};

static struct shape span(const tt_spans *sp, int b) {
    return (struct shape){sp->q_off[b], sp->k_off[b], sp->q_off[b + 1] - sp->q_off[b],
                          sp->k_off[b + 1] - sp->k_off[b]};
}

static size_t map_size(const tt_spans *sp, int heads, size_t *largest) {
    size_t all = 0;
    *largest = 0;
    for (int b = 0; b < sp->count; b++) {
        struct shape h = span(sp, b);
        size_t one = (size_t)h.t * (size_t)h.s;
        if (one > *largest) *largest = one;
        all += one * (size_t)heads;
    }
    return all;
}

/* Where the biases of query i and key 0 are. */
static size_t bias_at(const tt_tensor *bias, int head, int i) {
    return (size_t)head * (size_t)bias->cols + (size_t)(bias->cols / 2 - i);
}

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    const tt_kernels *kn = run->k;
    if (!n->y->has_grad) return;
    int d = n->y->cols, width = d / n->heads, hq, hk, hv;
    float scale = 1.0f / sqrtf((float)width);
    float *dq = tt_run_grad(run, n->q.of, &hq);
    float *dk = n->k.of == n->q.of ? (hk = hq, dq) : tt_run_grad(run, n->k.of, &hk);
    float *dv = n->v.of == n->q.of   ? (hv = hq, dq)
                : n->v.of == n->k.of ? (hv = hk, dk)
                                     : tt_run_grad(run, n->v.of, &hv);
    size_t largest;
    map_size(&n->spans, n->heads, &largest);
    float *dp = tt_run_alloc(run, 2 * largest * sizeof *dp);
    if (!dq || !dk || !dv || !dp) return;
    float *dropped = dp + largest;
    float *dbias = n->bias ? tt_run_grad_add(run, n->bias) : NULL;
    if (n->bias && !dbias) return;
    ptrdiff_t lq = n->q.of->cols, lk = n->k.of->cols, lv = n->v.of->cols;
    size_t at = 0;
    for (int b = 0; b < n->spans.count; b++) {
        struct shape h = span(&n->spans, b);
        size_t one = (size_t)h.t * (size_t)h.s;
        for (int head = 0; head < n->heads; head++, at += one) {
            const float *p = n->probs + at, *pd = p;
            const float *o = n->y->grad + (size_t)h.q0 * (size_t)d + (size_t)head * (size_t)width;
            uint64_t key = tt_key(n->key, at);
            if (n->drop) {
                kn->dropout(dropped, p, key, n->drop, n->keep, one);
                pd = dropped;
            }
            kn->gemm(cell(&n->v, dv, h.k0, head, width), lv, pd, 1, h.s, o, d, 1, hv, NULL, h.s,
                     width, h.t, run->work);
            kn->gemm(dp, h.s, o, d, 1, cell(&n->v, n->v.of->data, h.k0, head, width), 1, lv,
                     TT_GEMM_SET, NULL, h.t, h.s, width, run->work);
            if (n->drop) kn->dropout(dp, dp, key, n->drop, n->keep, one);
            for (int i = 0; i < h.t; i++) {
                float *row = dp + (size_t)i * (size_t)h.s;
                size_t seen = n->spans.causal ? (size_t)i + 1 : (size_t)h.s;
                kn->softmax_back(row, p + (size_t)i * (size_t)h.s, row, dbias ? 1 : scale, seen);
                if (dbias) {
                    float *at_bias = dbias + bias_at(n->bias, head, i);
                    kn->add(at_bias, at_bias, row, seen);
                    kn->scale(row, row, scale, seen);
                }
                memset(row + seen, 0, ((size_t)h.s - seen) * sizeof *row);
            }
            kn->gemm(cell(&n->q, dq, h.q0, head, width), lq, dp, h.s, 1,
                     cell(&n->k, n->k.of->data, h.k0, head, width), lk, 1, hq, NULL, h.t, width,
                     h.s, run->work);
            kn->gemm(cell(&n->k, dk, h.k0, head, width), lk, dp, 1, h.s,
                     cell(&n->q, n->q.of->data, h.q0, head, width), lq, 1, hk, NULL, h.s, width,
                     h.t, run->work);
        }
    }
}

#ifndef NDEBUG
/* 1 if the part is inside its tensor, and has a row for each that the offsets count. */
static bool is_part(const tt_part *p, int d, const int32_t *off, int count) {
    return p->first >= 0 && p->first + d <= p->of->cols && (!off || off[count] == p->of->rows);
}

/* 1 if the parts of one tensor cover its columns. The way back writes gradients of whole rows. */
static bool covers(const tt_tensor *of, const tt_part *q, const tt_part *k, const tt_part *v,
                   int d) {
    return of->cols == d * ((q->of == of) + (k->of == of) + (v->of == of));
}
#endif

tt_tensor *tt_op_attend(tt_run *run, tt_part q, tt_part k, tt_part v, tt_tensor *bias, int d,
                        int heads, const tt_spans *spans, float p, float *maps) {
    if (!q.of || !k.of || !v.of) return NULL;
    assert(heads > 0 && d % heads == 0 && p >= 0 && p < 1);
    assert(is_part(&q, d, spans->q_off, spans->count) &&
           is_part(&k, d, spans->k_off, spans->count) &&
           is_part(&v, d, spans->k_off, spans->count));
    assert(!run->taped || (covers(q.of, &q, &k, &v, d) && covers(k.of, &q, &k, &v, d) &&
                           covers(v.of, &q, &k, &v, d)));
    const tt_kernels *kn = run->k;
    int width = d / heads;
    float scale = 1.0f / sqrtf((float)width);
    size_t largest, size = map_size(spans, heads, &largest);
    tt_tensor *y = tt_run_tensor(run, q.of->rows, d);
    float *probs = maps ? maps : tt_run_alloc(run, (run->taped ? size : largest) * sizeof *probs);
    bool dropping = run->drop && p > 0;
    float *dropped = dropping ? tt_run_alloc(run, largest * sizeof *dropped) : NULL;
    float *raised = bias ? tt_run_alloc(run, largest * sizeof *raised) : NULL; /* a row's scores */
    if (!y || !probs || (dropping && !dropped) || (bias && !raised)) return NULL;
    uint64_t key = dropping ? tt_run_draw(run) : 0;
    uint32_t drop = dropping ? (uint32_t)((double)p * 0x1p32) : 0;
    float keep = dropping ? 1.0f / (1.0f - p) : 1.0f;
    bool kept = run->taped || maps;
    ptrdiff_t lq = q.of->cols, lk = k.of->cols, lv = v.of->cols;
    size_t at = 0;
    for (int b = 0; b < spans->count; b++) {
        struct shape h = span(spans, b);
        size_t one = (size_t)h.t * (size_t)h.s;
        for (int head = 0; head < heads; head++, at += one) {
            float *pr = kept ? probs + at : probs;
            const float *pd = pr;
            kn->gemm(pr, h.s, cell(&q, q.of->data, h.q0, head, width), lq, 1,
                     cell(&k, k.of->data, h.k0, head, width), 1, lk, TT_GEMM_SET, NULL, h.t, h.s,
                     width, run->work);
            for (int i = 0; i < h.t; i++) {
                float *row = pr + (size_t)i * (size_t)h.s;
                size_t seen = spans->causal ? (size_t)i + 1 : (size_t)h.s;
                if (bias) {
                    memcpy(raised, bias->data + bias_at(bias, head, i), seen * sizeof *raised);
                    kn->axpy(raised, row, scale, seen);
                }
                kn->softmax(row, bias ? raised : row, bias ? 1 : scale, seen);
                memset(row + seen, 0, ((size_t)h.s - seen) * sizeof *row);
            }
            if (dropping) {
                kn->dropout(dropped, pr, tt_key(key, at), drop, keep, one);
                pd = dropped;
            }
            kn->gemm(y->data + (size_t)h.q0 * (size_t)d + (size_t)head * (size_t)width, d, pd, h.s,
                     1, cell(&v, v.of->data, h.k0, head, width), lv, 1, TT_GEMM_SET, NULL, h.t,
                     width, h.s, run->work);
        }
    }
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) {
        n->q = q, n->k = k, n->v = v, n->bias = bias, n->y = y, n->probs = probs, n->spans = *spans;
        n->heads = heads, n->key = key, n->drop = drop, n->keep = keep;
    }
    return y;
}

tt_tensor *tt_op_attend_rows(tt_run *run, tt_part q, const tt_tensor *bias, int d, int heads,
                             const tt_reads *reads, float *const *maps) {
    if (!q.of) return NULL;
    assert(!run->taped && heads > 0 && d % heads == 0 && is_part(&q, d, NULL, 0) &&
           reads->ld == reads->v_ld);
    int rows = q.of->rows, most = 1;
    int width = d / heads;
    for (int r = 0; r < rows; r++)
        if (reads->n[r] > most) most = reads->n[r];
    tt_tensor *y = tt_run_tensor(run, rows, d);
    float *probs = tt_run_alloc(run, (size_t)heads * (size_t)most * sizeof *probs);
    if (!y || !probs) return NULL;
    float scale = 1.0f / sqrtf((float)width);
    for (int r = 0; r < rows; r++) {
        const int32_t *list = reads->rows ? reads->rows[r] : NULL;
        const ptrdiff_t first = list ? 0 : reads->first[r] * reads->ld;
        const float *from = q.of->data + (size_t)r * (size_t)q.of->cols + q.first;
        float *to = y->data + (size_t)r * (size_t)d, *weights = maps && maps[r] ? maps[r] : probs;
        const float *lift = bias ? bias->data + bias_at(bias, 0, reads->n[r] - 1) : NULL;
        const ptrdiff_t lift_ld = bias ? bias->cols : 0;
        if (reads->halved)
            run->k->attend16(to, weights, from, (const uint32_t *)reads->k + first,
                             (const uint32_t *)reads->v + first, reads->ld, list, scale, lift,
                             lift_ld, reads->n[r], heads, width);
        else
            run->k->attend(to, weights, from, (const float *)reads->k + first,
                           (const float *)reads->v + first, reads->ld, list, scale, lift, lift_ld,
                           reads->n[r], heads, width);
    }
    return y;
}
