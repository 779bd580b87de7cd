/* reach_monotonic.c: the text in step with the translation (Luong et al. 2015, local-m): keys |j -
 * p| <= d around p = min(i, S - 1), for a translation can be longer than its text. Never empty.
 * Their weights may fall with the distance, as those of local-p do.
 */
#include "attention/parts.h"

static const tt_setting settings[] = {
    {"window", "places to each side", 10, 0, 65536, 1, NULL},
    {"gaussian", "weights fall with the distance, by a Gaussian of half the window", 0, 0, 1, 0,
     "no|yes"},
    {0}};
enum { WINDOW, GAUSSIAN };

static void range(const tt_attend *a, const tt_tensor *t, int head, int i, int s, float aim,
                  int *lo, int *hi) {
    const int d = (int)a->reach.set[WINDOW], p = i < s ? i : s - 1;
    (void)t, (void)head, (void)aim;
    *lo = p > d ? p - d : 0;
    *hi = p + d + 1 < s ? p + d + 1 : s;
}

static double gauss(const tt_head *h, int j) {
    const int p = h->query < h->total ? h->query : h->total - 1;
    const double d = h->a->reach.set[WINDOW];
    return d > 0 ? tt_gauss(h->first_key + j - p, d) : 1;
}

static bool fades(const tt_attend *a) { return a->reach.set[GAUSSIAN] != 0; }

static void fade(const tt_head *h, float *p, int n) {
    for (int j = 0; j < n; j++) p[j] = (float)((double)p[j] * gauss(h, j));
}

static void fade_back(const tt_head *h, const float *p, float *dp, int n, double *daim) {
    (void)p, (void)daim;
    fade(h, dp, n);
}

const tt_reach tt_reach_local_m = {
    .r = {{"local-m", "keys at most d from the query's own place", "Luong et al. 2015", settings},
          TT_AT_CROSS},
    .range = range,
    .fades = fades,
    .fade = fade,
    .fade_back = fade_back};
