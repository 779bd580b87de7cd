/* dist_hard.c: one key alone (Xu et al. 2015): in training drawn with probability π = softmax(e),
 * by its inverse distribution function in rising order of keys; otherwise the likeliest, of equal
 * ones the first. A draw has no slope; what its scores are told instead:
 *   straight-through  as if the weights had been π (Bengio et al. 2013): de = π ∘ (dp - Σ π dp).
 *                     That is biased, and quiet.
 *   reinforce         de = (L - b) (p - π) - λ dH (Williams 1992), L the loss that the draw led to,
 *                     b the usual one, and
 *                     dH = -π ∘ (log π + H) of the entropy H, which is rewarded; with probability
 *                       `soft` a whole sentence takes π
 *                     for its weights, and the slope that these have, against the noise.
 */
#include <math.h>
#include <string.h>

#include "attention/parts.h"
#include "base/rng.h"

static const tt_setting settings[] = {
    {"estimator", "what scores are told of a draw", 0, 0, 1, 0, "straight-through|reinforce"},
    {"entropy", "how much reinforce rewards it", 0.002, 0, 10, 0, NULL},
    {"soft", "share of sentences that reinforce draws nothing for", 0.5, 0, 1, 0, NULL},
    {0}};
enum { ESTIMATOR, ENTROPY, SOFT };

static bool reinforces(const tt_head *h) { return h->drawn && h->a->dist.set[ESTIMATOR] != 0; }

/* Whether the sentence takes π itself. */
static bool is_soft(const tt_head *h) {
    return reinforces(h) && tt_rand_unit(h->coin, 0) < h->a->dist.set[SOFT];
}

static void weigh(const tt_head *h, float *p, const float *e, int n) {
    if (is_soft(h)) {
        h->run->k->softmax(p, e, 1, (size_t)n);
        return;
    }
    size_t chosen = h->run->k->argmax(e, (size_t)n);
    if (h->drawn && n) {
        const double u = tt_rand_unit(h->draw, 0);
        double sum = 0;
        h->run->k->softmax(p, e, 1, (size_t)n);
        chosen = (size_t)n - 1;
        for (size_t i = 0; i < (size_t)n; i++) {
            sum += (double)p[i];
            if (u < sum) {
                chosen = i;
                break;
            }
        }
    }
    memset(p, 0, (size_t)n * sizeof *p);
    if (n) p[chosen] = 1;
}

/* dp may be de. */
static void reinforce_back(const tt_head *h, float *de, const float *pi, const float *p,
                           const float *dp, int n) {
    const double reward = h->a->dist.set[ENTROPY];
    double entropy = 0;
    if (is_soft(h)) h->run->k->softmax_back(de, pi, dp, 1, (size_t)n);
    else
        for (int j = 0; j < n; j++) de[j] = h->excess * (p[j] - pi[j]);
    for (int j = 0; j < n; j++)
        if (pi[j] > 0) entropy -= (double)pi[j] * log((double)pi[j]);
    for (int j = 0; j < n; j++)
        if (pi[j] > 0) de[j] += (float)(reward * (double)pi[j] * (log((double)pi[j]) + entropy));
}

static void weigh_back(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n) {
    float *pi = (float *)h->work; /* (2 n) doubles of room */
    h->run->k->softmax(pi, e, 1, (size_t)n);
    if (reinforces(h)) reinforce_back(h, de, pi, p, dp, n);
    else h->run->k->softmax_back(de, pi, dp, 1, (size_t)n);
}

const tt_dist tt_dist_hard = {.r = {{"hard", "one key: drawn in training, the likeliest otherwise",
                                     "Xu et al. 2015", settings},
                                    TT_AT_ENC | TT_AT_CROSS},
                              .is_probability = true,
                              .needs_scores = true,
                              .draws = true,
                              .weigh = weigh,
                              .weigh_back = weigh_back};
