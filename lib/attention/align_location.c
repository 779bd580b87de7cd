/* align_location.c: a score for each place, whatever stands there (Luong et al. 2015): e_j = (W
 * q)_j, W (P, K) a head, P the longest sentence. Over the places of one text it is the dense
 * Synthesizer (Tay et al. 2020). de_j goes to row j of W, and to q through it.
 */
#include "attention/parts.h"

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    tt_declare_param(d, &t[0],
                     &(tt_param){"w", a->heads * a->longest, a->width, .role = TT_SMALL,
                                 .parts = a->heads, .glorot = true});
}

/* The row of W of the j-th key. */
static size_t row_of(const tt_head *h, int j) {
    const int place = h->keys ? h->keys[j] : h->first_key + j;
    return (size_t)(h->head * h->a->longest + place) * (size_t)h->a->width;
}

static void score(const tt_head *h, float *e, const float *q, const float *k, ptrdiff_t ld, int n) {
    const float *w = h->par->align[0].data;
    const int width = h->a->width;
    (void)k, (void)ld;
    for (int j = 0, run = h->keys ? 1 : n; j < n;
         j += run) /* places one behind the other are one product */
        h->run->k->gemm(e + j, run, q, width, 1, w + row_of(h, j), 1, width, TT_GEMM_SET, NULL, 1,
                        run, width, h->run->work);
}

static void score_back(const tt_head *h, float *dq, float *dk, const float *de, const float *q,
                       const float *k, ptrdiff_t ld, int n) {
    const tt_tensor *t = &h->par->align[0];
    const size_t width = (size_t)h->a->width;
    (void)dk, (void)k, (void)ld;
    for (int j = 0; j < n; j++) {
        h->run->k->axpy(dq, t->data + row_of(h, j), de[j], width);
        if (t->grad) h->run->k->axpy(t->grad + row_of(h, j), q, de[j], width);
    }
}

const tt_align tt_align_location = {
    .r = {{"location", "(W q)_j: a score for each place, from the query alone", "Luong et al. 2015",
           NULL},
          TT_AT_ALL},
    .params = params,
    .score = score,
    .score_back = score_back};
