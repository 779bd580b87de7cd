/* optim.c: the optimisers.
 *   sgd    p ← p - η (g + λ p)
 *   muon   Jordan et al. 2024 for matrices (muon.c), adam for the rest
 *   adam   Kingma and Ba 2015, algorithm 1; decay is decoupled (Loshchilov and Hutter 2019, "AdamW")
 */
#include "train/optim.h"

#include <math.h>

#include "train/muon.h"

static void sgd(const tt_kernels *k, const tt_step *s, float *p, const float *g, float *const *state, size_t n) {
    (void)state;
    if (s->decay > 0) k->scale(p, p, (float)(1.0 - s->rate * s->decay), n);
    k->axpy(p, g, (float)(-s->rate * s->scale), n);
}

static void adam(const tt_kernels *k, const tt_step *s, float *p, const float *g, float *const *state, size_t n) {
    double c1 = 1.0 / (1.0 - pow(s->beta1, (double)s->number)), c2 = 1.0 / (1.0 - pow(s->beta2, (double)s->number));
    k->adam(p, state[0], state[1], g, (float)s->scale, (float)s->rate, (float)s->beta1, (float)s->beta2, (float)c1,
            (float)c2, (float)s->epsilon, (float)s->decay, n);
}

static const tt_optimizer rows[] = {
    {{"adam", "Adam, with decoupled weight decay", "Kingma and Ba 2015; Loshchilov and Hutter 2019", NULL}, 2, adam, NULL},
    {{"muon", "orthogonalised momentum for matrices, Adam for the rest", "Jordan et al. 2024; Liu et al. 2025", tt_muon_settings},
     2, adam, tt_muon_apply},
    {{"sgd", "plain gradient descent", NULL, NULL}, 0, sgd, NULL},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_optimizer = {"optimizer", "how a gradient changes the weights", row_at};
