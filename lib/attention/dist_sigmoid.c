/* dist_sigmoid.c: weights by the logistic function σ.
 *   sigmoid  p = σ(e + c),  de = dp ∘ p ∘ (1 - p).  The sum is free; c is 0, or -log n for n keys,
 *            which keeps the sum near 1 at the
 *            start (Ramapuram et al. 2025)
 *   smooth   p = s / Σ s, s = σ(e),  de = (dp - Σ p dp) ∘ p ∘ (1 - s).  The sum is 1 (Chorowski et
 *            al. 2015)
 */
#include <math.h>

#include "attention/parts.h"

static const tt_setting settings[] = {
    {"bias", "what is added to scores: nothing, or -log n for n keys", 0, 0, 1, 0, "none|length"},
    {0}};

static void weigh(const tt_head *h, float *p, const float *e, int n) {
    const float c = h->a->dist.set[0] != 0 ? -logf((float)(n ? n : 1)) : 0;
    for (int i = 0; i < n; i++) p[i] = e[i] + c;
    h->run->k->act(p, p, TT_ACT_SIGMOID, (size_t)n);
}

static void weigh_back(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n) {
    (void)h, (void)e;
    for (int i = 0; i < n; i++) de[i] = dp[i] * p[i] * (1 - p[i]);
}

static void smooth(const tt_head *h, float *p, const float *e, int n) {
    h->run->k->act(p, e, TT_ACT_SIGMOID, (size_t)n);
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)p[i];
    for (int i = 0; i < n; i++) p[i] = (float)(sum > 0 ? (double)p[i] / sum : 1.0 / n);
}

/* σ of the scores, 16 at a time. */
static void smooth_back(const tt_head *h, float *de, const float *p, const float *e,
                        const float *dp, int n) {
    double dot = 0;
    float s[16];
    for (int i = 0; i < n; i++) dot += (double)p[i] * (double)dp[i];
    for (int from = 0; from < n; from += 16) {
        const int some = n - from < 16 ? n - from : 16;
        h->run->k->act(s, e + from, TT_ACT_SIGMOID, (size_t)some);
        for (int i = 0; i < some; i++)
            de[from + i] = (dp[from + i] - (float)dot) * p[from + i] * (1 - s[i]);
    }
}

const tt_dist tt_dist_sigmoid = {
    .r = {{"sigmoid", "σ(e); the sum is free", "Ramapuram et al. 2025", settings}, TT_AT_ALL},
    .weigh = weigh,
    .weigh_back = weigh_back};
const tt_dist tt_dist_smooth = {
    .r = {{"smooth", "σ(e) / Σ σ(e)", "Chorowski et al. 2015", NULL}, TT_AT_ALL},
    .is_probability = true,
    .needs_scores = true,
    .weigh = smooth,
    .weigh_back = smooth_back};
