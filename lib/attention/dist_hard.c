/* dist_hard.c: one key alone (Xu et al. 2015): in training drawn with probability π = softmax(e), by its inverse distribution function in
 * rising order of keys; otherwise the likeliest, of equal ones the first. The way back takes the weights for π (straight-through, Bengio et
 * al. 2013): de = π ∘ (dp - Σ π dp). That is biased, and quiet.
 */
#include <string.h>

#include "attention/parts.h"
#include "base/rng.h"

static void weigh(const tt_head *h, float *p, const float *e, int n) {
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

static void weigh_back(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n) {
    (void)p;
    float *pi = (float *)h->work; /* (2 n) doubles of room */
    h->run->k->softmax(pi, e, 1, (size_t)n);
    h->run->k->softmax_back(de, pi, dp, 1, (size_t)n);
}

const tt_dist tt_dist_hard = {
    .r = {{"hard", "one key: drawn in training, the likeliest otherwise", "Xu et al. 2015", NULL},
          TT_AT_ENC | TT_AT_CROSS},
    .is_probability = true,
    .needs_scores = true,
    .draws = true,
    .weigh = weigh,
    .weigh_back = weigh_back};
