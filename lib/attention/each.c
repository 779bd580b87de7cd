/* each.c: weights for each of the K numbers of a value by itself (Shen et al. 2018), one query at a
 * time:
 *   o_c = Σ_j p_cj v_jc,  p_c = distribution(e_c) over the keys
 *   dp_cj = do_c v_jc,  dv_jc = p_cj do_c,  de_c from the distribution
 * The weights (K, n) of one query are all that stands in memory; the way back makes them again.
 */
#include "attention/groups.h"

#include <string.h>

void tt_each_weigh(const tt_head *h, const struct group *g, const struct place *at, float *p,
                   float *e, bool faded) {
    const tt_reach *reach = tt_reach_of(h->a);
    const tt_head one = tt_group_head(h, g, at, 0);
    const bool fades = faded && tt_attend_fades(h->a);
    const size_t n = (size_t)g->n, width = (size_t)h->a->width;
    float *scores = e ? e : p;
    tt_align_of(h->a)->score_each(&one, scores, one.q, one.k, one.lk, g->n);
    for (size_t c = 0; c < width; c++) {
        tt_group_bend(&one, scores + c * n, g->n);
        tt_dist_of(h->a)->weigh(&one, p + c * n, scores + c * n, g->n);
        if (fades) reach->fade(&one, p + c * n, g->n);
    }
}

void tt_each_sum(float *y, const float *p, const float *v, ptrdiff_t lv, int n, int width) {
    for (int c = 0; c < width; c++) {
        float sum = 0;
        for (int j = 0; j < n; j++) sum += p[c * n + j] * v[j * lv + c];
        y[c] = sum;
    }
}

void tt_each_map(float *map, const float *p, int n, int width, int feature) {
    if (feature) {
        memcpy(map, p + (ptrdiff_t)(feature - 1) * n, (size_t)n * sizeof *map);
        return;
    }
    for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int c = 0; c < width; c++) sum += (double)p[c * n + j];
        map[j] = (float)(sum / width);
    }
}

void tt_each_back(const tt_head *h, const struct group *g, const struct place *at, const float *dy,
                  const tt_each_grads *to) {
    const tt_kernels *kn = h->run->k;
    const tt_reach *reach = tt_reach_of(h->a);
    const tt_head one = tt_group_head(h, g, at, 0);
    const int n = g->n, width = h->a->width;
    const size_t size = (size_t)n * (size_t)width;
    const bool fades = tt_attend_fades(h->a);
    float *e = to->room, *p = e + size, *dropped = p + size, *dp = dropped + size;
    tt_each_weigh(h, g, at, p, e, false);
    memcpy(dropped, p, size * sizeof *p);
    for (int c = 0; fades && c < width; c++) reach->fade(&one, dropped + c * n, n);
    if (to->drop) kn->dropout(dropped, dropped, to->key, to->drop, to->keep, size);
    for (int j = 0; j < n; j++)
        for (int c = 0; c < width; c++) {
            dp[c * n + j] = dy[c] * at->v[j * at->lv + c];
            to->dv[j * at->lv + c] += dropped[c * n + j] * dy[c];
        }
    if (to->drop) kn->dropout(dp, dp, to->key, to->drop, to->keep, size);
    for (int c = 0; c < width; c++) {
        float *row = dp + c * n;
        if (fades) reach->fade_back(&one, p + c * n, row, n, to->daim);
        tt_dist_of(h->a)->weigh_back(&one, row, p + c * n, e + c * n, row, n);
        if (reach->bend) reach->bend_back(&one, row, n, to->daim);
        if (h->dbias) tt_group_bias_back(&one, row, n);
    }
    if (reach->price && h->run->span_price > 0) reach->price(&one, to->daim);
    tt_align_of(h->a)->score_each_back(&one, to->dq, to->dk, dp, one.q, one.k, one.lk, n);
}
