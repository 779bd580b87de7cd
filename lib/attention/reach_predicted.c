/* reach_predicted.c: a window around a place of the text that each query predicts (Luong et al.
 * 2015, local-p), from 0:
 *   p_i = (S - 1) σ(v·tanh(Wp q_i)),  keys |j - ⌊p_i⌋| <= d,  a_ij = softmax(e)_ij exp(-(j - p_i)²
 *                                     / (2 (d/2)²))
 * not made to sum to 1 again. ⌊p⌋ has no gradient; p has one through the Gaussian: dp_i = Σ_j da_ij
 * a_ij (j - p_i) / (d/2)².
 */
#include <math.h>

#include "attention/parts.h"

static const tt_setting settings[] = {
    {"window", "places to each side, twice the deviation of the Gaussian", 10, 1, 65536, 1, NULL},
    {0}};
enum { WP, V };

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    tt_declare_param(d, &t[WP],
                     &(tt_param){"w", a->heads * a->width, a->width, .role = TT_SMALL,
                                 .parts = a->heads, .glorot = true});
    tt_declare_param(d, &t[V],
                     &(tt_param){"v", a->heads, a->width, .role = TT_SMALL,
                                 .deviation = 1 / sqrt((double)a->width)});
}

static tt_tensor *aim(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q) {
    tt_tensor *hidden = tt_op_tanh(run, tt_op_heads(run, q, a->heads, &t[WP], NULL));
    return tt_op_heads(run, (tt_part){hidden, 0}, a->heads, &t[V], NULL);
}

static double centre(float aim, int s) { return (s - 1) / (1 + exp(-(double)aim)); }

static void range(const tt_attend *a, const tt_tensor *t, int head, int i, int s, float aim_of,
                  int *lo, int *hi) {
    const int d = (int)a->reach.set[0], p = (int)floor(centre(aim_of, s));
    (void)t, (void)head, (void)i;
    *lo = p > d ? p - d : 0;
    *hi = p + d + 1 < s ? p + d + 1 : s;
}

static double gauss(const tt_head *h, int j, double p) {
    return tt_gauss(j - p, h->a->reach.set[0]);
}

static void fade(const tt_head *h, float *p, int n) {
    const double c = centre(h->aim, h->total);
    for (int j = 0; j < n; j++) p[j] = (float)((double)p[j] * gauss(h, h->first_key + j, c));
}

static void fade_back(const tt_head *h, const float *p, float *dp, int n, double *daim) {
    const double c = centre(h->aim, h->total), deviation = h->a->reach.set[0] / 2,
                 s = c / (h->total > 1 ? h->total - 1 : 1);
    double dc = 0;
    for (int j = 0; j < n; j++) {
        const double g = gauss(h, h->first_key + j, c);
        dc += (double)dp[j] * (double)p[j] * g * (h->first_key + j - c) / (deviation * deviation);
        dp[j] = (float)((double)dp[j] * g);
    }
    *daim += dc * (h->total - 1) * s * (1 - s);
}

static double tell(const tt_head *h) { return centre(h->aim, h->total); }

const tt_reach tt_reach_local_p = {
    .r = {{"local-p", "keys around a place that the query predicts", "Luong et al. 2015", settings},
          TT_AT_CROSS},
    .params = params,
    .aim = aim,
    .range = range,
    .tells = TT_TELL_CENTRE,
    .tell = tell,
    .fade = fade,
    .fade_back = fade_back};
