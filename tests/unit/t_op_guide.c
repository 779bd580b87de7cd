/* t_op_guide.c: a head held against links: the loss of its definition in double precision, and
 * gradients against differences of that.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tensor/op.h"
#include "ttrans/learning.h"
#include "unit/test.h"

enum { HEADS = 2, K = 3, D = HEADS * K, T = 5, S = 7 };

static tt_kernels kernels;
static tt_run run;
static float q[T * D], kv[S * 2 * D], dq[T * D], dkv[S * 2 * D];
static const int32_t q_off[] = {0, 3, 3, 5}, k_off[] = {0, 4, 5, 7};
static const int32_t off[] = {0, 1, 1, 3, 5, 6}, at[] = {2, 0, 3, 0, 1, 1};
static const float rows[] = {1, 1, 0.5f, 2, 0};

static double expected(int head, int cost, double weight, const float *own) {
    double loss = 0;
    for (int b = 0; b < 3; b++)
        for (int i = q_off[b]; i < q_off[b + 1]; i++) {
            const int n = k_off[b + 1] - k_off[b], count = off[i + 1] - off[i];
            double p[S], sum = 0, one = 0;
            for (int j = 0; j < n; j++) {
                double e = 0;
                for (int c = 0; c < K; c++)
                    e += (double)q[i * D + head * K + c] *
                         (double)kv[(k_off[b] + j) * 2 * D + head * K + c];
                sum += p[j] = exp(e / sqrt(K));
            }
            for (int j = 0; j < n && count; j++) {
                double g = 0;
                for (int l = off[i]; l < off[i + 1]; l++) g += at[l] == j ? 1.0 / count : 0;
                p[j] /= sum;
                one += cost == TT_GUIDE_CE ? -g * log(p[j]) : 0.5 * (p[j] - g) * (p[j] - g);
            }
            loss += weight * (own ? (double)own[i] : 1) * one;
        }
    return loss;
}

static void check_slopes(float *x, const float *dx, int n, int head, int cost, double weight,
                         const float *own, const char *name) {
    double diff = 0, size = 0;
    for (int i = 0; i < n; i++) {
        const float was = x[i];
        x[i] = was + 1e-3f;
        const double up = expected(head, cost, weight, own), high = x[i];
        x[i] = was - 1e-3f;
        const double slope = (up - expected(head, cost, weight, own)) / (high - (double)x[i]);
        x[i] = was;
        diff += (slope - (double)dx[i]) * (slope - (double)dx[i]);
        size += slope * slope;
    }
    CHECK(size > 0 && sqrt(diff / size) < 1e-4, "%s of head %d, cost %d: off by %g", name, head,
          cost, sqrt(diff / size));
}

static void check(int head, int cost, float weight, const float *own) {
    tt_tensor tq = {.data = q, .grad = dq, .rows = T, .cols = D},
              tk = {.data = kv, .grad = dkv, .rows = S, .cols = 2 * D};
    const tt_spans spans = {3, q_off, k_off, false, 0};
    const tt_guide guide = {0, head, off, at, weight, cost};
    run.taped = true;
    run.row_weights = own;
    tt_op_guide(&run, (tt_part){&tq, 0}, (tt_part){&tk, 0}, K, &spans, &guide);
    tt_run_back(&run);
    const double loss = run.guide_loss, is = expected(head, cost, (double)weight, own);
    CHECK(fabs(loss - is) < 1e-5 * is, "head %d, cost %d: %g, not %g", head, cost, loss, is);
    CHECK(tq.has_grad && tk.has_grad);
    check_slopes(q, dq, T * D, head, cost, (double)weight, own, "queries");
    check_slopes(kv, dkv, S * 2 * D, head, cost, (double)weight, own, "keys");
    tt_run_reset(&run, NULL);
    CHECK(run.guide_loss == 0 && !run.row_weights);
}

int main(void) {
    tt_err e = {0};
    if (tt_kernels_init(&kernels, NULL, &e) || tt_run_open(&run, &kernels, 0, &e)) return 1;
    for (size_t i = 0; i < T * D; i++) q[i] = (float)tt_rand_normal(1, i);
    for (size_t i = 0; i < S * 2 * D; i++) kv[i] = (float)tt_rand_normal(2, i);
    for (int head = 0; head < HEADS; head++)
        for (int cost = TT_GUIDE_CE; cost <= TT_GUIDE_MSE; cost++) {
            check(head, cost, 1, NULL);
            check(head, cost, 0.3f, rows);
        }
    tt_run_close(&run);
    return test_done("t_op_guide");
}
