/* dist_softmax.c: p = exp(e) / Σ exp(e),  de = p ∘ (dp - Σ p dp). */
#include "attention/parts.h"

static void weigh(const tt_head *h, float *p, const float *e, int n) {
    h->run->k->softmax(p, e, 1, (size_t)n);
}

static void weigh_back(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n) {
    (void)e;
    h->run->k->softmax_back(de, p, dp, 1, (size_t)n);
}

const tt_dist tt_dist_softmax = {
    .r = {{"softmax", "exp e / Σ exp e", "Bridle 1990", NULL}, TT_AT_ALL},
    .is_probability = true,
    .weigh = weigh,
    .weigh_back = weigh_back};
