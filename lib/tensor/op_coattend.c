/* op_coattend.c: two texts that look at each other (Lu et al. 2016, the parallel form), and rows
 * scaled by weights of their own.
 *   coattend  C = tanh(P Yᵀ),  h = tanh([Ux + C Uy; Uy + Cᵀ Ux]);  with δ = dh (1 - h²) in two
 *             parts:
 *             dUx += δx + C δy,  dUy += δy + Cᵀ δx,  E = (δx Uyᵀ + Ux δyᵀ)(1 - C²),  dP += E Y,  dY
 *                                += Eᵀ P
 *   emphasise a = softmax(e),  y_i = (1 + n a_i) x_i of a text of n rows;  g_i = n dy_i·x_i,  de =
 *                              a (g - Σ a g),  dx_i += (1 + n a_i) dy_i
 */
#include <assert.h>
#include <string.h>

#include "tensor/dot.h"
#include "tensor/op.h"

struct coattend {
    tt_node node;
    tt_tensor *p, *y, *u, *h;
    int count;
    const int32_t *off;
    float *c; /* of pair after pair (S1, S2) */
};

/* Rows of a pair: X's from `x` on, then Y's. */
struct pair {
    size_t x, y;
    int s1, s2;
};

static struct pair pair_of(const struct coattend *n, int b) {
    const int32_t *off = n->off + 2 * b;
    return (struct pair){(size_t)off[0], (size_t)off[1], off[1] - off[0], off[2] - off[1]};
}

static size_t scores(int count, const int32_t *off) {
    size_t all = 0;
    for (int b = 0; b < count; b++)
        all += (size_t)(off[2 * b + 1] - off[2 * b]) * (size_t)(off[2 * b + 2] - off[2 * b + 1]);
    return all;
}

static void coattend_back(tt_run *run, tt_node *node) {
    struct coattend *n = (struct coattend *)node;
    if (!n->h->has_grad) return;
    const tt_kernels *k = run->k;
    const int d = n->h->cols;
    const size_t size = tt_tensor_size(n->h), wide = (size_t)d;
    float *dp = tt_run_grad_add(run, n->p), *dy = tt_run_grad_add(run, n->y),
          *du = tt_run_grad_add(run, n->u), *delta = tt_run_alloc(run, size * sizeof *delta),
          *e = tt_run_alloc(run, scores(n->count, n->off) * sizeof *e);
    if (!dp || !dy || !du || !delta || !e) return;
    for (size_t i = 0; i < size; i++)
        delta[i] = n->h->grad[i] * (1 - n->h->data[i] * n->h->data[i]);
    k->add(du, du, delta, size);
    const float *c = n->c;
    for (int b = 0; b < n->count; b++) {
        const struct pair q = pair_of(n, b);
        const size_t cells = (size_t)q.s1 * (size_t)q.s2, x = q.x * wide, y = q.y * wide;
        k->gemm(du + x, d, c, q.s2, 1, delta + y, d, 1, TT_GEMM_ADD, NULL, q.s1, d, q.s2,
                run->work);
        k->gemm(du + y, d, c, 1, q.s2, delta + x, d, 1, TT_GEMM_ADD, NULL, q.s2, d, q.s1,
                run->work);
        k->gemm(e, q.s2, delta + x, d, 1, n->u->data + y, 1, d, TT_GEMM_SET, NULL, q.s1, q.s2, d,
                run->work);
        k->gemm(e, q.s2, n->u->data + x, d, 1, delta + y, 1, d, TT_GEMM_ADD, NULL, q.s1, q.s2, d,
                run->work);
        for (size_t i = 0; i < cells; i++) e[i] *= 1 - c[i] * c[i];
        k->gemm(dp + x, d, e, q.s2, 1, n->y->data + y, d, 1, TT_GEMM_ADD, NULL, q.s1, d, q.s2,
                run->work);
        k->gemm(dy + y, d, e, 1, q.s2, n->p->data + x, d, 1, TT_GEMM_ADD, NULL, q.s2, d, q.s1,
                run->work);
        c += cells;
    }
}

tt_tensor *tt_op_coattend(tt_run *run, tt_tensor *p, tt_tensor *y, tt_tensor *u, int count,
                          const int32_t *off, float *map) {
    if (!p || !y || !u) return NULL;
    const tt_kernels *k = run->k;
    const int d = u->cols;
    const size_t wide = (size_t)d;
    assert(p->rows == u->rows && y->rows == u->rows && off[2 * count] == u->rows);
    assert(p->cols == d && y->cols == d);
    struct coattend n = {.p = p, .y = y, .u = u, .count = count, .off = off};
    float *c = n.c = tt_run_alloc(run, scores(count, off) * sizeof *c);
    n.h = tt_run_tensor(run, u->rows, d);
    if (run->failed) return NULL;
    memcpy(n.h->data, u->data, tt_tensor_size(u) * sizeof *c);
    for (int b = 0; b < count; b++) {
        const struct pair q = pair_of(&n, b);
        const size_t x = q.x * wide, at = q.y * wide;
        k->gemm(c, q.s2, p->data + x, d, 1, y->data + at, 1, d, TT_GEMM_SET, NULL, q.s1, q.s2, d,
                run->work);
        tt_tanh(k, c, c, (size_t)q.s1 * (size_t)q.s2);
        k->gemm(n.h->data + x, d, c, q.s2, 1, u->data + at, d, 1, TT_GEMM_ADD, NULL, q.s1, d, q.s2,
                run->work);
        k->gemm(n.h->data + at, d, c, 1, q.s2, u->data + x, d, 1, TT_GEMM_ADD, NULL, q.s2, d, q.s1,
                run->work);
        c += (size_t)q.s1 * (size_t)q.s2;
    }
    if (map) memcpy(map, n.c, scores(count, off) * sizeof *map);
    tt_tanh(k, n.h->data, n.h->data, tt_tensor_size(n.h));
    struct coattend *record = tt_run_record(run, sizeof *record, coattend_back);
    if (record) {
        n.node = record->node;
        *record = n;
    }
    return n.h;
}

struct emphasise {
    tt_node node;
    tt_tensor *x, *e, *y;
    int count;
    const int32_t *off;
    float *a; /* (N) */
};

static void emphasise_back(tt_run *run, tt_node *node) {
    struct emphasise *n = (struct emphasise *)node;
    if (!n->y->has_grad) return;
    const int d = n->x->cols;
    const size_t wide = (size_t)d;
    float *dx = tt_run_grad_add(run, n->x), *de = tt_run_grad_add(run, n->e);
    for (int b = 0; dx && de && b < n->count; b++) {
        const int from = n->off[b], to = n->off[b + 1], rows = to - from;
        double mean = 0; /* Σ a g */
        for (int i = from; i < to; i++)
            mean += (double)n->a[i] * rows *
                    tt_dot(n->y->grad + (size_t)i * wide, n->x->data + (size_t)i * wide, wide);
        for (int i = from; i < to; i++) {
            const float *dy = n->y->grad + (size_t)i * wide;
            const double g = rows * tt_dot(dy, n->x->data + (size_t)i * wide, wide);
            de[i] += (float)((double)n->a[i] * (g - mean));
            run->k->axpy(dx + (size_t)i * wide, dy, 1 + (float)rows * n->a[i], wide);
        }
    }
}

tt_tensor *tt_op_emphasise(tt_run *run, tt_tensor *x, tt_tensor *e, int count, const int32_t *off,
                           float *weights) {
    if (!x || !e) return NULL;
    assert(e->cols == 1 && e->rows == x->rows && off[count] == x->rows);
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    float *a = tt_run_alloc(run, (size_t)x->rows * sizeof *a);
    if (!y || !a) return NULL;
    memcpy(a, e->data, (size_t)x->rows * sizeof *a);
    for (int b = 0; b < count; b++) {
        const int rows = off[b + 1] - off[b];
        const size_t wide = (size_t)x->cols;
        if (rows) run->k->softmax(a + off[b], a + off[b], 1, (size_t)rows);
        for (int i = off[b]; i < off[b + 1]; i++)
            run->k->scale(y->data + (size_t)i * wide, x->data + (size_t)i * wide,
                          1 + (float)rows * a[i], wide);
    }
    if (weights) memcpy(weights, a, (size_t)x->rows * sizeof *a);
    struct emphasise *n = tt_run_record(run, sizeof *n, emphasise_back);
    if (n) n->x = x, n->e = e, n->y = y, n->count = count, n->off = off, n->a = a;
    return y;
}
