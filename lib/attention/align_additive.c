/* align_additive.c: a hidden layer over query and key (Bahdanau et al. 2015; Luong's concat is the same): e = v·act(W1 q + W2 k + b), of
 * A units, the setting `dim`; 0: K. P = W1 q + b and R = W2 k are made once for each token. The T S A units are never kept: the way
 * back makes them again.
 *   t = act(P_i + R_j):  dv += de_ij t,  g = de_ij v ∘ act',  dP_i += g,  dR_j += g
 */
#include <math.h>

#include "attention/hidden.h"

static const tt_setting settings[] = {
    {"dim", "hidden units of a head; 0: its width", 0, 0, 4096, 1, NULL},
    {"activation", "of the hidden layer", 0, 0, 2, 0, "tanh|relu|sigmoid"},
    {0}};
enum { DIM, ACTIVATION };
enum { TANH, RELU, SIGMOID };
enum { V = TT_HIDDEN_MORE };
enum { AT_ONCE = 4096 }; /* units that are computed together */

static int units(const tt_attend *a) {
    return a->align.set[DIM] != 0 ? (int)a->align.set[DIM] : a->width;
}

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    const int n = units(a);
    tt_hidden_params(a, n, t, d);
    tt_declare_param(
        d, &t[V],
        &(tt_param){"v", a->heads, n, .role = TT_SMALL, .deviation = 1 / sqrt((double)n)});
}

/* Units from `first` on of a query and so many keys, `some` of each key, into t (keys, some). */
static void hidden(const tt_head *h, float *t, const float *q, const float *k, ptrdiff_t ld,
                   int keys, int first, int some) {
    const size_t n = (size_t)keys * (size_t)some;
    for (int j = 0; j < keys; j++)
        h->run->k->add(t + j * some, q + first, k + j * ld + first, (size_t)some);
    switch ((int)h->a->align.set[ACTIVATION]) {
    case TANH: tt_tanh(h->run->k, t, t, n); break;
    case RELU: h->run->k->act(t, t, TT_ACT_RELU, n); break;
    default: h->run->k->act(t, t, TT_ACT_SIGMOID, n);
    }
}

/* Units t (n) of one pair become d v ∘ act'. */
static void slopes(float *t, const float *v, float d, int activation, int n) {
    if (activation == TANH)
        for (int i = 0; i < n; i++) t[i] = d * v[i] * (1 - t[i] * t[i]);
    else if (activation == RELU)
        for (int i = 0; i < n; i++) t[i] = t[i] > 0 ? d * v[i] : 0;
    else
        for (int i = 0; i < n; i++) t[i] = d * v[i] * t[i] * (1 - t[i]);
}

/* Cuts keys and units into pieces of at most AT_ONCE. */
static int keys_at_once(int width) { return width < AT_ONCE ? AT_ONCE / width : 1; }

static void score(const tt_head *h, float *e, const float *q, const float *k, ptrdiff_t ld, int n) {
    float t[AT_ONCE];
    const float *v = h->par->align[V].data + h->head * h->width;
    const int step = keys_at_once(h->width);
    for (int j = 0; j < n; j++) e[j] = 0;
    for (int from = 0; from < n; from += step)
        for (int first = 0; first < h->width; first += AT_ONCE) {
            const int keys = n - from < step ? n - from : step,
                      some = h->width - first < AT_ONCE ? h->width - first : AT_ONCE;
            hidden(h, t, q, k + from * ld, ld, keys, first, some);
            h->run->k->gemm(e + from, keys, v + first, some, 1, t, 1, some, TT_GEMM_ADD, NULL, 1,
                            keys, some, h->run->work);
        }
}

static void score_back(const tt_head *h, float *dq, float *dk, const float *de, const float *q,
                       const float *k, ptrdiff_t ld, int n) {
    float t[AT_ONCE];
    const tt_tensor *tv = &h->par->align[V];
    const float *v = tv->data + h->head * h->width;
    float *dv = tv->grad ? tv->grad + h->head * h->width : NULL;
    const int step = keys_at_once(h->width), activation = (int)h->a->align.set[ACTIVATION];
    for (int from = 0; from < n; from += step)
        for (int first = 0; first < h->width; first += AT_ONCE) {
            const int keys = n - from < step ? n - from : step,
                      some = h->width - first < AT_ONCE ? h->width - first : AT_ONCE;
            hidden(h, t, q, k + from * ld, ld, keys, first, some);
            if (dv)
                h->run->k->gemm(dv + first, some, de + from, keys, 1, t, some, 1, TT_GEMM_ADD, NULL,
                                1, some, keys, h->run->work);
            for (int j = 0; j < keys; j++) {
                float *g = t + j * some;
                slopes(g, v + first, de[from + j], activation, some);
                h->run->k->add(dq + first, dq + first, g, (size_t)some);
                h->run->k->add(dk + (from + j) * ld + first, dk + (from + j) * ld + first, g,
                               (size_t)some);
            }
        }
}

const tt_align tt_align_additive = {
    .r = {{"additive", "v·tanh(W1 q + W2 k + b)", "Bahdanau et al. 2015", settings}, TT_AT_ALL},
    .key_width = units,
    .params = params,
    .query = tt_hidden_query,
    .key = tt_hidden_key,
    .score = score,
    .score_back = score_back};
