/* optim.c: the optimisers. g is the gradient of the mean loss, clipped; m, v, b are state.
 *   adam       Kingma and Ba 2015, algorithm 1; decay is decoupled (Loshchilov and Hutter 2019,
 *              "AdamW")
 *   radam      Liu et al. 2020: adam without its division until the variance of v is tame, then by
 *              r of it
 *   muon       Jordan et al. 2024 for matrices (muon.c), adam for the rest
 *   adafactor, lamb: tensorwise.c
 *   rmsprop    v ← α v + (1-α) g²,  p ← p - η g/(√v + ε);   with momentum μ: b ← μ b + g/(√v + ε),
 *              p ← p - η b
 *   sgd        p ← p - η g;   with momentum μ: b ← μ b + g,  p ← p - η b,  nesterov: p ← p - η (g +
 *              μ b)
 * The weights of all shrink by η λ first, λ being the decay.
 */
#include "train/optim.h"

#include <math.h>

#include "train/muon.h"
#include "train/tensorwise.h"

#define NO_MORE                                                                                    \
    { NULL, NULL, 0, 0, 0, 0, NULL }

static void shrink(const tt_kernels *k, const tt_step *s, float *p, size_t n) {
    if (s->decay > 0) k->scale(p, p, (float)(1.0 - s->rate * s->decay), n);
}

/* ---- sgd ------------------------------------------------------------------------------------- */

static const tt_setting sgd_settings[] = {
    {"momentum", "share of the momentum that stays", 0, 0, 0.9999, 0, NULL},
    {"nesterov", "look a step ahead", 0, 0, 1, 0, "no|yes"},
    NO_MORE};

static size_t sgd_state(const double *set, int block, int rows, int cols) {
    return !block && set[0] > 0 ? (size_t)rows * (size_t)cols : 0;
}

static void sgd(const tt_kernels *k, const tt_step *s, float *p, const float *g,
                float *const *state, size_t n) {
    const double momentum = s->set ? s->set[0] : 0, nesterov = s->set ? s->set[1] : 0;
    float *b = state[0];
    shrink(k, s, p, n);
    if (!(momentum > 0)) {
        k->axpy(p, g, (float)(-s->rate * s->scale), n);
        return;
    }
    k->scale(b, b, (float)momentum, n);
    k->axpy(b, g, (float)s->scale, n);
    if (nesterov > 0) k->axpy(p, g, (float)(-s->rate * s->scale), n);
    k->axpy(p, b, (float)(nesterov > 0 ? -s->rate * momentum : -s->rate), n);
}

/* ---- rmsprop --------------------------------------------------------------------------------- */

static const tt_setting rmsprop_settings[] = {
    {"alpha", "share of the mean square that stays", 0.99, 0, 0.999999, 0, NULL},
    {"momentum", "share of the momentum that stays", 0, 0, 0.9999, 0, NULL},
    NO_MORE};

static size_t rmsprop_state(const double *set, int block, int rows, int cols) {
    return !block || (block == 1 && set[1] > 0) ? (size_t)rows * (size_t)cols : 0;
}

static void rmsprop(const tt_kernels *k, const tt_step *s, float *p, const float *g,
                    float *const *state, size_t n) {
    const float alpha = (float)s->set[0], rest = (float)(1.0 - s->set[0]),
                momentum = (float)s->set[1];
    const float scale = (float)s->scale, epsilon = (float)s->epsilon, rate = (float)s->rate;
    float *v = state[0], *b = state[1];
    shrink(k, s, p, n);
    for (size_t i = 0; i < n; i++) {
        const float x = g[i] * scale;
        v[i] = alpha * v[i] + rest * (x * x);
        float step = x / (sqrtf(v[i]) + epsilon);
        if (momentum > 0) step = b[i] = momentum * b[i] + step;
        p[i] -= rate * step;
    }
}

/* ---- adam and what is made of it ----------------------------------------------------------------
 */

static void adam(const tt_kernels *k, const tt_step *s, float *p, const float *g,
                 float *const *state, size_t n) {
    double c1 = 1.0 / (1.0 - pow(s->beta1, (double)s->number)),
           c2 = 1.0 / (1.0 - pow(s->beta2, (double)s->number));
    k->adam(p, state[0], state[1], g, (float)s->scale, (float)s->rate, (float)s->beta1,
            (float)s->beta2, (float)c1, (float)c2, (float)s->epsilon, (float)s->decay, n);
}

/* ρ∞ = 2/(1-β2) - 1,  ρ_t = ρ∞ - 2t β2^t/(1-β2^t);  above 5 (the paper has 4; its code and others',
 *                     5):
 *     p ← p - η r m̂ √(1-β2^t)/(√v + ε),   r² = (ρ_t-4)(ρ_t-2) ρ∞ / ((ρ∞-4)(ρ∞-2) ρ_t)
 * below: p ← p - η m̂. So ε stands beside v as it is, not corrected for its start.
 */
/* r; 0: the variance is not tame yet. */
static double radam_share(double beta2, double t) {
    const double power = pow(beta2, t), most = 2.0 / (1.0 - beta2) - 1.0,
                 rho = most - 2.0 * t * power / (1.0 - power);
    if (!(rho > 5)) return 0;
    return sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho));
}

static void radam(const tt_kernels *k, const tt_step *s, float *p, const float *g,
                  float *const *state, size_t n) {
    const double t = (double)s->number, power = pow(s->beta2, t),
                 c1 = 1.0 / (1.0 - pow(s->beta1, t));
    const double r = radam_share(s->beta2, t);
    const bool tame = r > 0;
    /* Until then the kernel only brings the moments up to date: c1 is 0, and no ε of 0 may divide.
     */
    k->adam(p, state[0], state[1], g, (float)s->scale, (float)s->rate, (float)s->beta1,
            (float)s->beta2, (float)(c1 * r * sqrt(1.0 - power)), 1.0f,
            tame ? (float)s->epsilon : 1.0f, (float)s->decay, n);
    if (!tame) k->axpy(p, state[0], (float)(-s->rate * c1), n);
}

static int radam_check(const tt_train_options *o, tt_err *e) {
    if (o->beta2 > 2.0 / 3.0) return 0;
    return tt_fail(e, TT_ECONFIG,
                   "--optimizer radam needs a --beta2 above 2/3; with %g it never divides by the "
                   "second moment",
                   o->beta2);
}

#define ADAM "Kingma and Ba 2015; Loshchilov and Hutter 2019"
static const tt_optimizer rows[] = {
    {.row = {"adam", "Adam, with decoupled weight decay", ADAM, NULL}, .blocks = 2, .piece = adam},
    {.row = {"adamw", "the same by its other name", ADAM, NULL}, .blocks = 2, .piece = adam},
    {.row = {"radam", "Adam that starts with momentum alone, so needs no warm-up",
             "Liu et al. 2020", NULL},
     .blocks = 2,
     .piece = radam,
     .warms_up = true,
     .share = radam_share,
     .check = radam_check},
    {.row = {"muon", "orthogonalised momentum for matrices, Adam for the rest",
             "Jordan et al. 2024; Liu et al. 2025", tt_muon_settings},
     .blocks = 2,
     .piece = adam,
     .matrix = tt_muon_apply},
    {.row = {"adafactor", "the root mean square by rows and columns, little memory",
             "Shazeer and Stern 2018", tt_adafactor_settings},
     .state = tt_adafactor_state,
     .tensor = tt_adafactor_apply},
    {.row = {"lamb", "Adam whose step is as large as the tensor", "You et al. 2020", NULL},
     .blocks = 2,
     .tensor = tt_lamb_apply},
    {.row = {"rmsprop", "the gradient by its root mean square", "Tieleman and Hinton 2012",
             rmsprop_settings},
     .state = rmsprop_state,
     .piece = rmsprop},
    {.row = {"sgd", "plain gradient descent", NULL, sgd_settings},
     .state = sgd_state,
     .piece = sgd},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_optimizer = {"optimizer", "how a gradient changes the weights", row_at};
