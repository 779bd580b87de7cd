/* check_math.c: activations and their slopes; exp and log by way of softmax. */
#include "check.h"

VOID_CASE(act, k->act(b[0], s->variant / TT_ACT_COUNT ? b[0] : b[1], s->variant % TT_ACT_COUNT, n))
VOID_CASE(act_back, k->act_back(b[0], b[1], s->variant / TT_ACT_COUNT ? b[0] : b[2],
                                s->variant % TT_ACT_COUNT, n))

static void plain_math(const tt_kernels *c) {
    for (int i = 0; i <= 40000; i++) {
        const float x = (float)i * 0x1p-11f - 9.765625f;
        const double d = (double)x, normal = 0.5 * erfc(-d * sqrt(0.5)),
                     sigma = 1.0 / (1.0 + exp(-d));
        const double u = 1.5957691216057308 * (d + 0.044715 * d * d * d),
                     su = 1.0 / (1.0 + exp(-u));
        const double v = 1.702 * d, sv = 1.0 / (1.0 + exp(-v));
        const double want[TT_ACT_COUNT] = {
            d, d > 0.0 ? d : 0.0, d * normal, d * sigma, d * su, d * sv, sigma, tanh(d)};
        const double slope[TT_ACT_COUNT] = {
            1.0,
            d > 0.0 ? 1.0 : 0.0,
            normal + d * exp(-0.5 * d * d) * 0.3989422804014327,
            sigma * (1.0 + d * (1.0 - sigma)),
            su * (1.0 + 1.5957691216057308 * (d + 0.134145 * d * d * d) * (1.0 - su)),
            sv * (1.0 + v * (1.0 - sv)),
            sigma * (1.0 - sigma),
            1 - tanh(d) * tanh(d)};
        for (int act = 0; act < TT_ACT_COUNT; act++) {
            float y, one = 1.0f;
            c->act(&y, &x, act, 1);
            near("act", (double)y, want[act], 3e-7 * (1.0 + fabs(want[act])));
            c->act_back(&y, &x, &one, act, 1);
            near("act_back", (double)y, slope[act], act < TT_ACT_GELU_TANH ? 8e-7 : 4e-6);
        }
        /* The softmax of two numbers shows exp; its greater number is 0. */
        float pair[2] = {0.0f, -fabsf(x) * 20.0f};
        const double e = exp((double)pair[1]);
        c->softmax(pair, pair, 1.0f, 2);
        near("softmax", (double)pair[1], e / (1.0 + e), e < 1.3e-38 ? 1.3e-38 : 2.5e-7 * e);
        /* One number alone: exp(x - x) = 1 and log 1 = 0; several: log n. */
        float same[3] = {x, x, x};
        near("logsumexp", (double)c->logsumexp(same, 1), d, 0.0);
        near("logsumexp", (double)c->logsumexp(same, 3), d + log(3.0), 6e-8 * (fabs(d) + 2.0));
    }
}

static const kcase cases_math[] = {
    {"act", 2 * TT_ACT_COUNT, VECTOR, sizes_n2, run_act, 8, 1},
    {"act_back", 2 * TT_ACT_COUNT, VECTOR, sizes_n3, run_act_back, 12, 1},
};
FAMILY(math);
PROGRAM(math)
