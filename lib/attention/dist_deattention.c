/* dist_deattention.c: compositional de-attention (Tay et al. 2019): what is added, subtracted and
 * left out. From queries and keys themselves, E = q·k / √K and N = -‖q - k‖₁ / √K:
 *   p = tanh(E) ∘ g,   g = σ(N - mean N)  (center)   or   2 σ(N)  (scale)
 * both of which use all of [0, 1], N being at most 0. The paper's mean is that of the whole matrix,
 * which a step of decoding has not got: here it is that of the row. Weights lie between -1 and 1,
 * and their sum is free.
 *   dE = dp g (1 - tanh² E),   dN = dp tanh(E) f s (1 - s), s the logistic, f = 1 or 2, in `center`
 *                              less its mean over the row;
 *   dq_i -= Σ_j dN_ij sign(q_i - k_j) / √K,   dk_j += Σ_i dN_ij sign(q_i - k_j) / √K
 */
#include <math.h>

#include "attention/parts.h"

static const tt_setting settings[] = {
    {"gate", "of distances, less their mean in a row, or doubled", 0, 0, 1, 0, "center|scale"},
    {0}};

static bool centred(const tt_head *h) { return h->a->dist.set[0] == 0; }

enum { LANES = 16 }; /* numbers side by side, which compilers take as vectors */

/* ‖q - k‖₁ of n numbers, in lanes that are added up at the end. */
static double distance(const float *restrict q, const float *restrict k, int n) {
    float lane[LANES] = {0};
    double sum = 0;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) lane[j] += fabsf(q[i + j] - k[i + j]);
    for (; i < n; i++) sum += (double)fabsf(q[i] - k[i]);
    for (int j = 0; j < LANES; j++) sum += (double)lane[j];
    return sum;
}

/* step times the sign of q - k, off dq and onto dk. */
static void apart(float *restrict dq, float *restrict dk, const float *restrict q,
                  const float *restrict k, float step, int n) {
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) {
            const float by = step * ((float)(q[i + j] > k[i + j]) - (float)(q[i + j] < k[i + j]));
            dq[i + j] -= by;
            dk[i + j] += by;
        }
    for (; i < n; i++) {
        const float by = step * ((float)(q[i] > k[i]) - (float)(q[i] < k[i]));
        dq[i] -= by;
        dk[i] += by;
    }
}

/* The gates' logistic of n keys into s, in double. */
static void gates(const tt_head *h, double *s, int n) {
    const int width = h->a->width;
    const double root = sqrt((double)width);
    double mean = 0;
    for (int j = 0; j < n; j++) {
        s[j] = -distance(h->q, h->k + j * h->lk, width) / root;
        mean += s[j];
    }
    mean = centred(h) && n ? mean / n : 0;
    for (int j = 0; j < n; j++) s[j] = 1 / (1 + exp(mean - s[j]));
}

static void weigh(const tt_head *h, float *p, const float *e, int n) {
    const double factor = centred(h) ? 1 : 2;
    gates(h, h->work, n);
    tt_tanh(h->run->k, p, e, (size_t)n);
    for (int j = 0; j < n; j++) p[j] = (float)(factor * (double)p[j] * h->work[j]);
}

static void weigh_back(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n) {
    const int width = h->a->width;
    const double factor = centred(h) ? 1 : 2, root = sqrt((double)width);
    double *s = h->work, *dn = s + n, mean = 0;
    (void)p;
    gates(h, s, n);
    for (int j = 0; j < n; j++) {
        const double d = (double)dp[j];
        float t;
        tt_tanh(h->run->k, &t, &e[j], 1);
        const double one = (double)t;
        dn[j] = d * one * factor * s[j] * (1 - s[j]);
        mean += dn[j];
        de[j] = (float)(d * factor * s[j] * (1 - one * one));
    }
    mean = centred(h) && n ? mean / n : 0;
    for (int j = 0; h->dq && h->dk && j < n; j++)
        apart(h->dq, h->dk + j * h->lk, h->q, h->k + j * h->lk, (float)((dn[j] - mean) / root),
              width);
}

const tt_dist tt_dist_de_attention = {
    .r = {{"de-attention",
           "tanh(e) σ(-‖q - k‖₁ / √K), centred: adds and subtracts; the sum is free",
           "Tay et al. 2019", settings},
          TT_AT_ALL},
    .needs_scores = true,
    .reads_keys = true,
    .needs_norm = true,
    .weigh = weigh,
    .weigh_back = weigh_back};
