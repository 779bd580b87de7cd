/* align_dimensions.c: a score for each of the K numbers of a value (Shen et al. 2018): e_ij = W
 * act(W1 q_i + W2 k_j + b), W (K, A), so that each number of o_i is a mean with weights of its own
 * (each.c). The paper's outer bias is the same for all keys, which no distribution sees. With t =
 * act(P_i + R_j):
 *   dW += de_ij tᵀ,  g = (Wᵀ de_ij) ∘ act',  dP_i += g,  dR_j += g
 */
#include "attention/hidden.h"

static const tt_setting settings[] = {
    {"dim", "hidden units of a head; 0: its width", 0, 0, 4096, 1, NULL},
    {"activation", "of the hidden layer", 0, 0, TT_HIDDEN_TANH5, 0, TT_HIDDEN_ACTS},
    {0}};
enum { DIM, ACTIVATION };
enum { W = TT_HIDDEN_MORE };

static int units(const tt_attend *a) {
    return a->align.set[DIM] != 0 ? (int)a->align.set[DIM] : a->width;
}

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    tt_hidden_params(a, units(a), t, d);
    tt_declare_param(d, &t[W],
                     &(tt_param){"w", a->heads * a->width, units(a), .role = TT_SMALL,
                                 .parts = a->heads, .glorot = true});
}

/* W of the head from a unit on, of so many units a row. */
static size_t at(const tt_head *h, int first) {
    return (size_t)h->head * (size_t)h->a->width * (size_t)h->width + (size_t)first;
}

static void score(const tt_head *h, float *e, const float *q, const float *k, ptrdiff_t ld, int n) {
    float t[TT_HIDDEN_AT_ONCE];
    const float *w = h->par->align[W].data;
    const int step = tt_hidden_keys(h->width), width = h->width;
    for (int from = 0; from < n; from += step)
        for (int first = 0; first < width; first += TT_HIDDEN_AT_ONCE) {
            const int keys = n - from < step ? n - from : step,
                      some = width - first < TT_HIDDEN_AT_ONCE ? width - first : TT_HIDDEN_AT_ONCE;
            tt_hidden_units(h, t, q + first, k + from * ld + first, ld, keys, some,
                            (int)h->a->align.set[ACTIVATION]);
            h->run->k->gemm(e + from, n, w + at(h, first), width, 1, t, 1, some,
                            first ? TT_GEMM_ADD : TT_GEMM_SET, NULL, h->a->width, keys, some,
                            h->run->work);
        }
}

static void score_back(const tt_head *h, float *dq, float *dk, const float *de, const float *q,
                       const float *k, ptrdiff_t ld, int n) {
    float t[TT_HIDDEN_AT_ONCE], g[TT_HIDDEN_AT_ONCE];
    const tt_kernels *kn = h->run->k;
    const tt_tensor *w = &h->par->align[W];
    const int step = tt_hidden_keys(h->width), width = h->width, outs = h->a->width,
              activation = (int)h->a->align.set[ACTIVATION];
    for (int from = 0; from < n; from += step)
        for (int first = 0; first < width; first += TT_HIDDEN_AT_ONCE) {
            const int keys = n - from < step ? n - from : step,
                      some = width - first < TT_HIDDEN_AT_ONCE ? width - first : TT_HIDDEN_AT_ONCE;
            tt_hidden_units(h, t, q + first, k + from * ld + first, ld, keys, some, activation);
            if (w->grad)
                kn->gemm(w->grad + at(h, first), width, de + from, n, 1, t, some, 1, TT_GEMM_ADD,
                         NULL, outs, some, keys, h->run->work);
            kn->gemm(g, some, de + from, 1, n, w->data + at(h, first), width, 1, TT_GEMM_SET, NULL,
                     keys, some, outs, h->run->work);
            tt_hidden_through(g, t, activation, keys * some);
            kn->add_rows(dq + first, g, (size_t)keys, (size_t)some);
            for (int j = 0; j < keys; j++) {
                float *to = dk + (from + j) * ld + first;
                kn->add(to, to, g + j * some, (size_t)some);
            }
        }
}

const tt_align tt_align_multi_dimensional = {
    .r = {{"multi-dimensional", "W tanh(W1 q + W2 k + b): a score for each number of a value",
           "Shen et al. 2018", settings},
          TT_AT_ALL},
    .key_width = units,
    .params = params,
    .query = tt_hidden_query,
    .key = tt_hidden_key,
    .score_each = score,
    .score_each_back = score_back};
