/* dist_entmax.c: α-entmax (Peters, Niculae and Martins 2019): p = max((α-1) e - τ, 0)^(1/(α-1)), τ
 * such that the sum is 1: softmax for α → 1, sparsemax for α = 2. With g = p^(2-α) where p > 0, ĝ =
 * g / Σ g and l = p log p:
 *   de = g ∘ (dp - Σ ĝ dp),   dα = Σ dp ∘ ((p - ĝ) / (α-1)² - (l - ĝ Σ l) / (α-1))   (Correia et
 *                             al. 2019)
 * entmax15 (α = 1.5) finds τ exactly from sorted scores; any other α by 40 halvings, a number that
 * is fixed, so the result is a function of the row alone. α learned for each head is 1 + σ(a).
 */
#include <math.h>

#include "attention/parts.h"

enum { HALVINGS = 40 };

static const tt_setting settings[] = {
    {"alpha", "from softmax, 1, to sparsemax, 2; 0: learned for each head", 1.5, 0, 2, 0, NULL},
    {0}};

static double alpha_of(const tt_head *h) {
    const double set = h->a->dist.set[0];
    if (set != 0) return set < 1.01 ? 1.01 : set;
    const double alpha = 1 + 1 / (1 + exp(-(double)h->par->dist[0].data[h->head]));
    return alpha < 1.01 ? 1.01 : alpha;
}

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    if (a->dist.set[0] == 0)
        tt_declare_param(d, &t[0], &(tt_param){"a", 1, a->heads, .role = TT_SMALL});
}

/* τ of scores z = (e - max e) / 2 (n), falling: that of the longest beginning whose own τ is not
 * above its last score. */
static double tau15(const double *z, int n) {
    double sum = 0, squares = 0, tau = 0;
    for (int r = 1; r <= n; r++) {
        sum += z[r - 1];
        squares += z[r - 1] * z[r - 1];
        const double mean = sum / r, delta = (1 - (squares - r * mean * mean)) / r,
                     t = mean - sqrt(delta > 0 ? delta : 0);
        if (!(t <= z[r - 1])) break;
        tau = t;
    }
    return tau;
}

static void weigh15(const tt_head *h, float *p, const float *e, int n) {
    double most;
    const int some = tt_sort_scores(h, h->work, e, n, 0.5, &most);
    const double tau = tau15(h->work, some);
    for (int i = 0; i < n; i++) {
        const double over = ((double)e[i] - most) / 2 - tau;
        p[i] = over > 0 ? (float)(over * over) : 0;
    }
}

static void weigh(const tt_head *h, float *p, const float *e, int n) {
    const double alpha = alpha_of(h), power = 1 / (alpha - 1);
    if (alpha == 1.5) { /* exactly */
        weigh15(h, p, e, n);
        return;
    }
    double *z = h->work + n; /* of those that can have weight */
    int some = 0;
    double most = n ? (double)e[0] : 0, low = -1, high = n ? -pow(1.0 / n, alpha - 1) : 0, sum = 0;
    for (int i = 1; i < n; i++)
        if ((double)e[i] > most) most = (double)e[i];
    for (int i = 0; i < n; i++) {
        const double one = (alpha - 1) * ((double)e[i] - most);
        if (one > -1) z[some++] = one;
    }
    for (int step = 0; step < HALVINGS; step++) {
        const double tau = (low + high) / 2;
        double f = -1;
        for (int i = 0; i < some; i++)
            if (z[i] > tau) f += pow(z[i] - tau, power);
        if (f >= 0) low = tau;
        else high = tau;
    }
    for (int i = 0; i < n; i++) {
        const double over = (alpha - 1) * ((double)e[i] - most) - low;
        h->work[i] = over > 0 ? pow(over, power) : 0;
        sum += h->work[i];
    }
    for (int i = 0; i < n; i++) p[i] = (float)(h->work[i] / sum);
}

/* dalpha: NULL, or gets dα. Works for de == dp: the sums come first. */
static void slopes(const tt_head *h, float *de, const float *p, const float *dp, int n,
                   double alpha, double *dalpha) {
    double sum = 0, dot = 0, entropy = 0;
    for (int i = 0; i < n; i++) {
        const double v = (double)p[i], g = v > 0 ? (alpha == 1.5 ? sqrt(v) : pow(v, 2 - alpha)) : 0;
        h->work[i] = g;
        sum += g;
        dot += g * (double)dp[i];
        if (v > 0 && dalpha) entropy += v * log(v);
    }
    for (int i = 0; dalpha && i < n; i++) {
        const double v = (double)p[i], share = h->work[i] / sum, l = v > 0 ? v * log(v) : 0;
        *dalpha += (double)dp[i] * ((v - share) / ((alpha - 1) * (alpha - 1)) -
                                    (l - share * entropy) / (alpha - 1));
    }
    for (int i = 0; i < n; i++) de[i] = (float)(h->work[i] * ((double)dp[i] - dot / sum));
}

static void weigh15_back(const tt_head *h, float *de, const float *p, const float *e,
                         const float *dp, int n) {
    (void)e;
    slopes(h, de, p, dp, n, 1.5, NULL);
}

static void weigh_back(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n) {
    const double alpha = alpha_of(h), s = alpha - 1;
    double dalpha = 0;
    (void)e;
    const bool learned = h->a->dist.set[0] == 0 && h->par->dist[0].grad;
    slopes(h, de, p, dp, n, alpha, learned ? &dalpha : NULL);
    if (learned) h->par->dist[0].grad[h->head] += (float)(dalpha * s * (1 - s));
}

const tt_dist tt_dist_entmax15 = {
    .r = {{"entmax15", "max(e/2 - τ, 0)²", "Peters et al. 2019", NULL}, TT_AT_ALL},
    .is_probability = true,
    .weigh = weigh15,
    .weigh_back = weigh15_back};
const tt_dist tt_dist_entmax = {
    .r = {{"entmax", "max((α-1) e - τ, 0)^(1/(α-1))", "Correia et al. 2019", settings}, TT_AT_ALL},
    .is_probability = true,
    .params = params,
    .weigh = weigh,
    .weigh_back = weigh_back};
