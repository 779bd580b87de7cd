/* align_additive.c: a hidden layer over query and key (Bahdanau et al. 2015; Luong's concat is the
 * same): e = v·act(W1 q + W2 k + b), of A units, the setting `dim`; 0: K. P = W1 q + b and R = W2 k
 * are made once for each token. The T S A units are never kept: the way back makes them again.
 *   t = act(P_i + R_j):  dv += de_ij t,  g = de_ij v ∘ act',  dP_i += g,  dR_j += g
 */
#include <math.h>

#include "attention/hidden.h"

static const tt_setting settings[] = {
    {"dim", "hidden units of a head; 0: its width", 0, 0, 4096, 1, NULL},
    {"activation", "of the hidden layer", 0, 0, TT_HIDDEN_TANH5, 0, TT_HIDDEN_ACTS},
    {0}};
enum { DIM, ACTIVATION };
enum { V = TT_HIDDEN_MORE };

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

static void score(const tt_head *h, float *e, const float *q, const float *k, ptrdiff_t ld, int n) {
    float t[TT_HIDDEN_AT_ONCE];
    const float *v = h->par->align[V].data + h->head * h->width;
    const int step = tt_hidden_keys(h->width);
    for (int j = 0; j < n; j++) e[j] = 0;
    for (int from = 0; from < n; from += step)
        for (int first = 0; first < h->width; first += TT_HIDDEN_AT_ONCE) {
            const int keys = n - from < step ? n - from : step,
                      some = h->width - first < TT_HIDDEN_AT_ONCE ? h->width - first
                                                                  : TT_HIDDEN_AT_ONCE;
            tt_hidden_units(h, t, q + first, k + from * ld + first, ld, keys, some,
                            (int)h->a->align.set[ACTIVATION]);
            h->run->k->gemm(e + from, keys, v + first, some, 1, t, 1, some, TT_GEMM_ADD, NULL, 1,
                            keys, some, h->run->work);
        }
}

static void score_back(const tt_head *h, float *dq, float *dk, const float *de, const float *q,
                       const float *k, ptrdiff_t ld, int n) {
    float t[TT_HIDDEN_AT_ONCE], g[TT_HIDDEN_AT_ONCE];
    const tt_tensor *tv = &h->par->align[V];
    const float *v = tv->data + h->head * h->width;
    float *dv = tv->grad ? tv->grad + h->head * h->width : NULL;
    const int step = tt_hidden_keys(h->width), activation = (int)h->a->align.set[ACTIVATION];
    for (int from = 0; from < n; from += step)
        for (int first = 0; first < h->width; first += TT_HIDDEN_AT_ONCE) {
            const int keys = n - from < step ? n - from : step,
                      some = h->width - first < TT_HIDDEN_AT_ONCE ? h->width - first
                                                                  : TT_HIDDEN_AT_ONCE;
            tt_hidden_units(h, t, q + first, k + from * ld + first, ld, keys, some,
                            (int)h->a->align.set[ACTIVATION]);
            if (dv)
                h->run->k->gemm(dv + first, some, de + from, keys, 1, t, some, 1, TT_GEMM_ADD, NULL,
                                1, some, keys, h->run->work);
            for (int j = 0; j < keys; j++)
                h->run->k->scale(g + j * some, v + first, de[from + j], (size_t)some);
            tt_hidden_through(g, t, activation, keys * some);
            h->run->k->add_rows(dq + first, g, (size_t)keys, (size_t)some);
            for (int j = 0; j < keys; j++) {
                float *to = dk + (from + j) * ld + first;
                h->run->k->add(to, to, g + j * some, (size_t)some);
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
