/* align_general.c: a matrix of each head between query and key. W (K, K) is kept transposed, as all
 * matrices are:
 *   general            e = qᵀ W k                 (Luong et al. 2015)
 *   biased-general     e = kᵀ (W q + b), b (K)    (Sordoni et al. 2016)
 *   activated-general  e = tanh(qᵀ W k + b), b one number a head (Ma et al. 2017): no weight is
 *                      more than e² times another
 * Queries are multiplied by W beforehand. In a Transformer the projections can do what W does;
 * where q and k are raw states it tells something new.
 */
#include "attention/parts.h"

enum { W, B };

static void declare(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    tt_declare_param(d, &t[W],
                     &(tt_param){"w", a->heads * a->width, a->width, .role = TT_SMALL,
                                 .parts = a->heads, .glorot = true});
}

static void declare_biased(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    declare(a, t, d);
    tt_declare_param(d, &t[B], &(tt_param){"b", 1, a->heads * a->width, .role = TT_BIAS});
}

static void declare_activated(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    declare(a, t, d);
    tt_declare_param(d, &t[B], &(tt_param){"b", 1, a->heads, .role = TT_BIAS});
}

static tt_tensor *query(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q) {
    return tt_op_heads(run, q, a->heads, &t[W], NULL);
}

static tt_tensor *query_biased(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q) {
    return tt_op_heads(run, q, a->heads, &t[W], &t[B]);
}

static void bend(const tt_head *h, float *e, int n) {
    const float b = h->par->align[B].data[h->head];
    for (int i = 0; i < n; i++) e[i] += b;
    tt_tanh(h->run->k, e, e, (size_t)n);
}

static void bend_back(const tt_head *h, float *de, const float *e, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        de[i] *= 1 - e[i] * e[i];
        sum += (double)de[i];
    }
    if (h->par->align[B].grad) h->par->align[B].grad[h->head] += (float)sum;
}

const tt_align tt_align_general = {
    .r = {{"general", "qᵀ W k", "Luong et al. 2015", NULL}, TT_AT_ALL},
    .params = declare,
    .query = query};
const tt_align tt_align_biased_general = {
    .r = {{"biased-general", "kᵀ (W q + b)", "Sordoni et al. 2016", NULL}, TT_AT_ALL},
    .params = declare_biased,
    .query = query_biased};
const tt_align tt_align_activated_general = {
    .r = {{"activated-general", "tanh(qᵀ W k + b)", "Ma et al. 2017", NULL}, TT_AT_ALL},
    .params = declare_activated,
    .query = query,
    .bend = bend,
    .bend_back = bend_back};
