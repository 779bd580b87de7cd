/* align_deep.c: several hidden layers over query and key (after Pavlopoulos et al. 2017): E_1 =
 * act(W1 q + W2 k + b), E_l = act(W_l E_{l-1} + b_l), e = v·E_{L-1}, of A units a head. A constant
 * behind v would be invisible to most distributions, so there is none. The activations of one query
 * are all that stands in memory; the way back makes them again.
 */
#include <math.h>
#include <string.h>

#include "attention/hidden.h"

static const tt_setting settings[] = {
    {"depth", "layers, the one that makes the score included", 3, 2, 16, 1, NULL},
    {"dim", "hidden units of a head; 0: its width, 32 at most", 0, 0, 512, 1, NULL},
    {"activation", "of the hidden layers", 0, 0, 2, 0, "relu|tanh|sigmoid"},
    {0}};
enum { DEPTH, DIM, ACTIVATION };
enum { INNER = TT_HIDDEN_MORE, INNER_B, V };

static int units(const tt_attend *a) {
    const int set = (int)a->align.set[DIM];
    return set ? set : a->width < 32 ? a->width : 32;
}

static int inner_layers(const tt_attend *a) { return (int)a->align.set[DEPTH] - 2; }

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    const int n = units(a), rows = a->heads * n, inner = inner_layers(a);
    tt_hidden_params(a, n, t, d);
    if (inner) {
        tt_declare_param(d, &t[INNER],
                         &(tt_param){"inner.w", inner * rows, n, .role = TT_SMALL,
                                     .parts = inner * a->heads, .groups = inner, .glorot = true});
        tt_declare_param(d, &t[INNER_B],
                         &(tt_param){"inner.b", 1, inner * rows, .role = TT_BIAS, .groups = inner});
    }
    tt_declare_param(
        d, &t[V],
        &(tt_param){"v", a->heads, n, .role = TT_SMALL, .deviation = 1 / sqrt((double)n)});
}

static void activate(const tt_head *h, float *x, size_t n) {
    static const int acts[] = {TT_ACT_RELU, TT_ACT_TANH, TT_ACT_SIGMOID};
    h->run->k->act(x, x, acts[(int)h->a->align.set[ACTIVATION]], n);
}

/* Where a head's matrix and bias of an inner layer begin. */
static size_t inner_at(const tt_head *h, int layer) {
    return ((size_t)layer * (size_t)h->a->heads + (size_t)h->head) * (size_t)h->width;
}

/* The activations of all layers, (L-1) of (n, A), of one query. NULL: no memory. */
static float *layers(const tt_head *h, const float *q, const float *k, ptrdiff_t ld, int n) {
    const size_t size = (size_t)n * (size_t)h->width;
    const int inner = inner_layers(h->a), width = h->width;
    const tt_tensor *t = h->par->align;
    float *x = tt_run_alloc(h->run, (size_t)(inner + 1) * size * sizeof *x);
    for (int j = 0; x && j < n; j++)
        h->run->k->add(x + (size_t)j * (size_t)width, q, k + j * ld, (size_t)width);
    if (x) activate(h, x, size);
    for (int l = 0; x && l < inner; l++) {
        float *from = x + (size_t)l * size, *to = from + size;
        h->run->k->gemm(to, width, from, width, 1, t[INNER].data + inner_at(h, l) * (size_t)width,
                        1, width, TT_GEMM_SET, t[INNER_B].data + inner_at(h, l), n, width, width,
                        h->run->work);
        activate(h, to, size);
    }
    return x;
}

static void score(const tt_head *h, float *e, const float *q, const float *k, ptrdiff_t ld, int n) {
    const size_t last = (size_t)inner_layers(h->a) * (size_t)n * (size_t)h->width;
    const int width = h->width;
    tt_mark mark = tt_arena_mark(h->run->arena);
    const float *x = layers(h, q, k, ld, n), *v = h->par->align[V].data + h->head * width;
    if (x)
        h->run->k->gemm(e, n, v, width, 1, x + last, 1, width, TT_GEMM_SET, NULL, 1, n, width,
                        h->run->work);
    else memset(e, 0, (size_t)n * sizeof *e);
    tt_arena_rewind(h->run->arena, mark);
}

/* d (n) becomes d ∘ act', from activations y. */
static void through(const tt_head *h, float *d, const float *y, size_t n) {
    switch ((int)h->a->align.set[ACTIVATION]) {
    case 0:
        for (size_t i = 0; i < n; i++) d[i] = y[i] > 0 ? d[i] : 0;
        break;
    case 1:
        for (size_t i = 0; i < n; i++) d[i] *= 1 - y[i] * y[i];
        break;
    default:
        for (size_t i = 0; i < n; i++) d[i] *= y[i] * (1 - y[i]);
    }
}

static void score_back(const tt_head *h, float *dq, float *dk, const float *de, const float *q,
                       const float *k, ptrdiff_t ld, int n) {
    const tt_kernels *kn = h->run->k;
    const int width = h->width, inner = inner_layers(h->a);
    const size_t size = (size_t)n * (size_t)width;
    tt_tensor *t = h->par->align;
    tt_mark mark = tt_arena_mark(h->run->arena);
    float *x = layers(h, q, k, ld, n), *d = tt_run_alloc(h->run, 2 * size * sizeof *d);
    if (!x || !d) return;
    float *below = d + size;
    const float *v = t[V].data + h->head * width, *top = x + (size_t)inner * size;
    if (t[V].grad)
        kn->gemm(t[V].grad + h->head * width, width, de, n, 1, top, width, 1, TT_GEMM_ADD, NULL, 1,
                 width, n, h->run->work);
    for (int j = 0; j < n; j++) kn->scale(d + (size_t)j * (size_t)width, v, de[j], (size_t)width);
    through(h, d, top, size);
    for (int l = inner - 1; l >= 0; l--) {
        const float *from = x + (size_t)l * size;
        const size_t at = inner_at(h, l);
        if (t[INNER].grad)
            kn->gemm(t[INNER].grad + at * (size_t)width, width, d, 1, width, from, width, 1,
                     TT_GEMM_ADD, NULL, width, width, n, h->run->work);
        if (t[INNER_B].grad) kn->add_rows(t[INNER_B].grad + at, d, (size_t)n, (size_t)width);
        kn->gemm(below, width, d, width, 1, t[INNER].data + at * (size_t)width, width, 1,
                 TT_GEMM_SET, NULL, n, width, width, h->run->work);
        float *other = d;
        d = below, below = other;
        through(h, d, from, size);
    }
    for (int j = 0; j < n; j++) {
        const float *g = d + (size_t)j * (size_t)width;
        kn->add(dq, dq, g, (size_t)width);
        kn->add(dk + j * ld, dk + j * ld, g, (size_t)width);
    }
    tt_arena_rewind(h->run->arena, mark);
}

const tt_align tt_align_deep = {.r = {{"deep", "v·E, E several hidden layers over q and k",
                                       "Pavlopoulos et al. 2017", settings},
                                      TT_AT_ALL},
                                .key_width = units,
                                .params = params,
                                .query = tt_hidden_query,
                                .key = tt_hidden_key,
                                .score = score,
                                .score_back = score_back};
