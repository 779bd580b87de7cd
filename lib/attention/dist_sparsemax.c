/* dist_sparsemax.c: the projection of scores onto the simplex (Martins and Astudillo 2016): p =
 * max(e - τ, 0), τ such that the sum is 1.
 *   z = e - max e, sorted z_1 >= z_2 >= …;  k = the largest r with 1 + r z_r > Σ_{s<=r} z_s;  τ =
 *     (Σ_{s<=k} z_s - 1) / k
 *   de = dp - the mean of dp over the keys with p > 0;  0 for the others
 * Sums are taken in double, and equal scores have the order of their keys, so the result is a
 * function of the row alone.
 */
#include "attention/parts.h"

static void weigh(const tt_head *h, float *p, const float *e, int n) {
    double *z = h->work, sum = 0, tau = 0, most;
    const int some = tt_sort_scores(h, z, e, n, 1, &most);
    for (int r = 0; r < some; r++) {
        if (!(1 + (r + 1) * z[r] > sum + z[r])) break;
        sum += z[r];
        tau = (sum - 1) / (r + 1);
    }
    for (int i = 0; i < n; i++) {
        const double over = (double)e[i] - most - tau;
        p[i] = over > 0 ? (float)over : 0;
    }
}

static void weigh_back(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n) {
    double sum = 0;
    int support = 0;
    (void)h, (void)e;
    for (int i = 0; i < n; i++)
        if (p[i] > 0) sum += (double)dp[i], support++;
    for (int i = 0; i < n; i++) de[i] = p[i] > 0 ? (float)((double)dp[i] - sum / support) : 0;
}

const tt_dist tt_dist_sparsemax = {
    .r = {{"sparsemax", "max(e - τ, 0)", "Martins and Astudillo 2016", NULL}, TT_AT_ALL},
    .is_probability = true,
    .weigh = weigh,
    .weigh_back = weigh_back};
