/* linear.c: attention by features in time that grows with the length (align_kernel.c). φ(Q) (T, m),
 * φ(K) (S, m), V (S, K) of a head:
 *   G = φ(K)ᵀ V,  z = Σ φ(k),  N = φ(Q) G,  d = φ(Q) z,  O = N / d
 *   dN = dO / d,  dd = -(dO·O) / d,  dφ(Q) = dN Gᵀ + dd zᵀ,  dG = φ(Q)ᵀ dN,  dz = φ(Q)ᵀ dd,  dφ(K)
 *                 = V dGᵀ + dz,  dV = φ(K) dG
 * Causally the texts go in blocks: G and z are the sums before a block, and what a block sees of
 * itself is a small square of weights. The way back goes through the blocks once forwards, to make
 * G and z again, and once backwards for their gradients.
 */
#include <assert.h>
#include <string.h>

#include "attention/attend.h"
#include "attention/parts.h"

enum { BLOCK = 64 };

struct node {
    tt_node node;
    tt_part q, k, v;
    tt_tensor *y;
    const float *den; /* (H, Nq) */
    tt_spans spans;
    int heads, width, m;
};

/* One head of one sentence. */
struct one {
    const tt_kernels *k;
    float *work;
    const float *q, *key, *v, *den;
    ptrdiff_t lq, lk, lv, ly;
    int t, s, m, width;
};

/* Sums over keys from `from`, n of them: G (m, K) and z (m). */
static void gather_sums(const struct one *x, float *g, float *z, int from, int n) {
    x->k->gemm(g, x->width, x->key + from * x->lk, 1, x->lk, x->v + from * x->lv, x->lv, 1,
               TT_GEMM_ADD, NULL, x->m, x->width, n, x->work);
    for (int j = from; j < from + n; j++) x->k->add(z, z, x->key + j * x->lk, (size_t)x->m);
}

/* Rows i … i+n-1 of the numerator into y, and their denominators, from G and z. */
static void from_sums(const struct one *x, float *y, float *den, const float *g, const float *z,
                      int i, int n) {
    const float *q = x->q + i * x->lq;
    x->k->gemm(y, x->ly, q, x->lq, 1, g, x->width, 1, TT_GEMM_SET, NULL, n, x->width, x->m,
               x->work);
    x->k->gemm(den, 1, q, x->lq, 1, z, 1, 1, TT_GEMM_SET, NULL, n, 1, x->m, x->work);
}

/* The weights that a block of n rows gives to its own keys (n, n), 0 above the diagonal. */
static void inside(const struct one *x, float *w, int i, int n) {
    x->k->gemm(w, n, x->q + i * x->lq, x->lq, 1, x->key + i * x->lk, 1, x->lk, TT_GEMM_SET, NULL, n,
               n, x->m, x->work);
    for (int r = 0; r < n; r++) memset(w + r * n + r + 1, 0, (size_t)(n - r - 1) * sizeof *w);
}

static int block_of(const struct one *x, bool causal, int i) {
    const int left = x->t - i;
    return causal && left > BLOCK ? BLOCK : left;
}

static void forward(const struct one *x, bool causal, float *y, float *den, float *g, float *z,
                    float *w) {
    memset(g, 0, (size_t)x->m * (size_t)x->width * sizeof *g);
    memset(z, 0, (size_t)x->m * sizeof *z);
    if (!causal) gather_sums(x, g, z, 0, x->s);
    for (int i = 0, n; i < x->t; i += n) {
        n = block_of(x, causal, i);
        from_sums(x, y + i * x->ly, den + i, g, z, i, n);
        if (causal) {
            inside(x, w, i, n);
            x->k->gemm(y + i * x->ly, x->ly, w, n, 1, x->v + i * x->lv, x->lv, 1, TT_GEMM_ADD, NULL,
                       n, x->width, n, x->work);
            for (int r = 0; r < n; r++)
                for (int j = 0; j <= r; j++) den[i + r] += w[r * n + j];
            gather_sums(x, g, z, i, n);
        }
        for (int r = i; r < i + n; r++)
            x->k->scale(y + r * x->ly, y + r * x->ly, den[r] > 0 ? 1 / den[r] : 0,
                        (size_t)x->width);
    }
}

/* dN and dd of all rows, from dO and O. */
static void divide_back(const struct one *x, float *dn, float *dd, const float *dy,
                        const float *y) {
    for (int i = 0; i < x->t; i++) {
        const float inverse = x->den[i] > 0 ? 1 / x->den[i] : 0;
        float dot = 0;
        for (int c = 0; c < x->width; c++) {
            dn[i * x->width + c] = dy[i * x->ly + c] * inverse;
            dot += dy[i * x->ly + c] * y[i * x->ly + c];
        }
        dd[i] = -dot * inverse;
    }
}

struct gradients {
    float *q, *key, *v; /* to add to, spaced as the numbers */
    const float *dn, *dd;
    float *g, *z, *dg, *dz, *w; /* sums, their gradients, (BLOCK, BLOCK) */
};

static void queries_back(const struct one *x, const struct gradients *d, int i, int n) {
    float *to = d->q + i * x->lq;
    x->k->gemm(to, x->lq, d->dn + i * x->width, x->width, 1, d->g, 1, x->width, TT_GEMM_ADD, NULL,
               n, x->m, x->width, x->work);
    for (int r = 0; r < n; r++) x->k->axpy(to + r * x->lq, d->z, d->dd[i + r], (size_t)x->m);
}

static void sums_back(const struct one *x, const struct gradients *d, int i, int n) {
    const float *q = x->q + i * x->lq;
    x->k->gemm(d->dg, x->width, q, 1, x->lq, d->dn + i * x->width, x->width, 1, TT_GEMM_ADD, NULL,
               x->m, x->width, n, x->work);
    for (int r = 0; r < n; r++) x->k->axpy(d->dz, q + r * x->lq, d->dd[i + r], (size_t)x->m);
}

static void keys_back(const struct one *x, const struct gradients *d, int j, int n) {
    float *to = d->key + j * x->lk;
    x->k->gemm(to, x->lk, x->v + j * x->lv, x->lv, 1, d->dg, 1, x->width, TT_GEMM_ADD, NULL, n,
               x->m, x->width, x->work);
    for (int r = 0; r < n; r++) x->k->add(to + r * x->lk, to + r * x->lk, d->dz, (size_t)x->m);
    x->k->gemm(d->v + j * x->lv, x->lv, x->key + j * x->lk, x->lk, 1, d->dg, x->width, 1,
               TT_GEMM_ADD, NULL, n, x->width, x->m, x->work);
}

/* What a block sees of itself: dW = dN Vᵀ + dd, on and below the diagonal. */
static void inside_back(const struct one *x, const struct gradients *d, int i, int n) {
    const float *dn = d->dn + i * x->width;
    inside(x, d->w, i, n);
    x->k->gemm(d->v + i * x->lv, x->lv, d->w, 1, n, dn, x->width, 1, TT_GEMM_ADD, NULL, n, x->width,
               n, x->work);
    x->k->gemm(d->w, n, dn, x->width, 1, x->v + i * x->lv, 1, x->lv, TT_GEMM_SET, NULL, n, n,
               x->width, x->work);
    for (int r = 0; r < n; r++)
        for (int j = 0; j < n; j++) d->w[r * n + j] = j <= r ? d->w[r * n + j] + d->dd[i + r] : 0;
    x->k->gemm(d->q + i * x->lq, x->lq, d->w, n, 1, x->key + i * x->lk, x->lk, 1, TT_GEMM_ADD, NULL,
               n, x->m, n, x->work);
    x->k->gemm(d->key + i * x->lk, x->lk, d->w, 1, n, x->q + i * x->lq, x->lq, 1, TT_GEMM_ADD, NULL,
               n, x->m, n, x->work);
}

static void backward(const struct one *x, bool causal, const struct gradients *d) {
    const size_t size = (size_t)x->m * (size_t)x->width;
    memset(d->g, 0, size * sizeof *d->g), memset(d->dg, 0, size * sizeof *d->dg);
    memset(d->z, 0, (size_t)x->m * sizeof *d->z), memset(d->dz, 0, (size_t)x->m * sizeof *d->dz);
    if (!causal) {
        gather_sums(x, d->g, d->z, 0, x->s);
        queries_back(x, d, 0, x->t);
        sums_back(x, d, 0, x->t);
        keys_back(x, d, 0, x->s);
        return;
    }
    for (int i = 0; i < x->t; i += BLOCK) {
        const int n = block_of(x, true, i);
        queries_back(x, d, i, n);
        inside_back(x, d, i, n);
        gather_sums(x, d->g, d->z, i, n);
    }
    for (int i = (x->t - 1) / BLOCK * BLOCK; i >= 0; i -= BLOCK) {
        const int n = block_of(x, true, i);
        keys_back(x, d, i, n); /* later blocks alone saw these keys through the sums */
        sums_back(x, d, i, n);
    }
}

static float *cell(const tt_part *p, float *base, int row, int head, int width) {
    return base + (size_t)row * (size_t)p->of->cols + (size_t)p->first +
           (size_t)head * (size_t)width;
}

static struct one one_of(tt_run *run, const struct node *n, int b, int head) {
    const int q0 = n->spans.q_off[b], k0 = n->spans.k_off[b];
    return (struct one){.k = run->k,
                        .work = run->work,
                        .q = cell(&n->q, n->q.of->data, q0, head, n->m),
                        .key = cell(&n->k, n->k.of->data, k0, head, n->m),
                        .v = cell(&n->v, n->v.of->data, k0, head, n->width),
                        .den = n->den + (size_t)head * (size_t)n->y->rows + (size_t)q0,
                        .lq = n->q.of->cols,
                        .lk = n->k.of->cols,
                        .lv = n->v.of->cols,
                        .ly = n->y->cols,
                        .t = n->spans.q_off[b + 1] - q0,
                        .s = n->spans.k_off[b + 1] - k0,
                        .m = n->m,
                        .width = n->width};
}

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    const size_t m = (size_t)n->m, width = (size_t)n->width, rows = (size_t)n->y->rows;
    float *dq = tt_run_grad_add(run, n->q.of), *dk = tt_run_grad_add(run, n->k.of),
          *dv = tt_run_grad_add(run, n->v.of);
    float *room = tt_run_alloc(run, (2 * m * (width + 1) + BLOCK * BLOCK + rows * (width + 1)) *
                                        sizeof *room);
    if (!dq || !dk || !dv || !room) return;
    struct gradients d = {.g = room};
    d.dg = d.g + m * width, d.z = d.dg + m * width, d.dz = d.z + m, d.w = d.dz + m;
    float *dn = d.w + BLOCK * BLOCK, *dd = dn + rows * width;
    d.dn = dn, d.dd = dd;
    for (int b = 0; b < n->spans.count; b++)
        for (int head = 0; head < n->heads; head++) {
            const struct one x = one_of(run, n, b, head);
            const size_t at =
                (size_t)n->spans.q_off[b] * (size_t)n->y->cols + (size_t)(head * n->width);
            divide_back(&x, dn, dd, n->y->grad + at, n->y->data + at);
            d.q = cell(&n->q, dq, n->spans.q_off[b], head, n->m);
            d.key = cell(&n->k, dk, n->spans.k_off[b], head, n->m);
            d.v = cell(&n->v, dv, n->spans.k_off[b], head, n->width);
            backward(&x, n->spans.causal, &d);
        }
}

tt_tensor *tt_attend_linear(tt_run *run, const tt_attend *a, int features, tt_part q, tt_part k,
                            tt_part v, const tt_spans *spans) {
    if (!q.of || !k.of || !v.of) return NULL;
    assert(spans->q_off[spans->count] == q.of->rows && !spans->first);
    assert(spans->k_off[spans->count] == k.of->rows && v.of->rows == k.of->rows);
    assert(q.first + a->heads * features <= q.of->cols &&
           k.first + a->heads * features <= k.of->cols);
    assert(v.first + a->heads * a->width <= v.of->cols);
    const size_t m = (size_t)features, width = (size_t)a->width;
    struct node n = {.q = q,
                     .k = k,
                     .v = v,
                     .spans = *spans,
                     .heads = a->heads,
                     .width = a->width,
                     .m = features};
    n.y = tt_run_tensor(run, q.of->rows, a->heads * a->width);
    float *den = tt_run_alloc(run, (size_t)a->heads * (size_t)q.of->rows * sizeof *den);
    float *room = tt_run_alloc(run, (m * (width + 1) + BLOCK * BLOCK) * sizeof *room);
    n.den = den;
    if (run->failed) return NULL;
    for (int b = 0; b < spans->count; b++)
        for (int head = 0; head < a->heads; head++) {
            const struct one x = one_of(run, &n, b, head);
            float *y =
                n.y->data + (size_t)spans->q_off[b] * (size_t)n.y->cols + (size_t)(head * a->width);
            forward(&x, spans->causal, y,
                    den + (size_t)head * (size_t)n.y->rows + (size_t)spans->q_off[b], room,
                    room + m * width, room + m * (width + 1));
        }
    struct node *record = tt_run_record(run, sizeof *record, back);
    if (record) {
        n.node = record->node;
        *record = n;
    }
    return n.y;
}
