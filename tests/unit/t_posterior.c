/* t_posterior.c: Model 1 and the diagonal prior by their equations, and the family of aligners.
 */
#include "unit/test.h"

#include "lexical/posterior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 5, M = 4 };

static int near(double x, double y) { return fabs(x - y) < 1e-5 * (1 + fabs(y)); }

static void fill(float *e) {
    for (int i = 0; i < M * (N + 1); i++) e[i] = 0.05f + 0.9f * (float)(i * 7 % 11) / 11;
}

static double weight(int i, int j, double tension) {
    return exp(-tension * fabs((i + 0.5) / M - (j + 0.5) / N));
}

/* tension < 0: Model 1. */
static void check(tt_posterior_fn *f, double tension) {
    float e[M * (N + 1)], p[M * (N + 1)], *work = malloc(tt_posterior_work(N, M) * sizeof *work);
    const tt_prior prior = {.null = 0.2, .tension = tension < 0 ? 1 : tension};
    tt_prior_sums sums = {0};
    double log_sum = 0, off = 0, linked = 0;
    fill(p);
    fill(e);
    f(e, N, M, &prior, work, &sums);
    for (int i = 0; i < M; i++) {
        double z = 0, all = 0.2 * (double)p[i * (N + 1) + N], sum = 0;
        for (int j = 0; j < N; j++) z += tension < 0 ? 1 : weight(i, j, tension);
        for (int j = 0; j < N; j++)
            all += 0.8 * (tension < 0 ? 1 : weight(i, j, tension)) / z * (double)p[i * (N + 1) + j];
        for (int j = 0; j < N; j++) {
            const double want = 0.8 * (tension < 0 ? 1 : weight(i, j, tension)) / z *
                                (double)p[i * (N + 1) + j] / all;
            CHECK(near((double)e[i * (N + 1) + j], want), "%d %d: %g, not %g", i, j,
                  (double)e[i * (N + 1) + j], want);
            off += want * fabs((i + 0.5) / M - (j + 0.5) / N);
            linked += want;
        }
        for (int j = 0; j <= N; j++) sum += (double)e[i * (N + 1) + j];
        CHECK(near(sum, 1));
        log_sum += log(all);
    }
    CHECK(near(sums.log, log_sum) && near(sums.words, M), "%g, not %g", sums.log, log_sum);
    if (tension >= 0)
        CHECK(near(sums.off, off) && near(sums.linked, linked), "%g, not %g", sums.off, off);
    free(work);
}

int main(void) {
    check(tt_posterior_ibm1, -1);
    for (int t = 0; t < 3; t++) {
        static const double tensions[3] = {0.5, 4, 12};
        double off = 0;
        float work[N];
        check(tt_posterior_diagonal, tensions[t]);
        for (int i = 0; i < M; i++) {
            double z = 0, sum = 0;
            for (int j = 0; j < N; j++)
                z += weight(i, j, tensions[t]),
                    sum += weight(i, j, tensions[t]) * fabs((i + 0.5) / M - (j + 0.5) / N);
            off += sum / z;
        }
        CHECK(near(tt_diagonal_off(N, M, tensions[t], work), off), "%g, not %g",
              tt_diagonal_off(N, M, tensions[t], work), off);
    }
    tt_pick p;
    tt_err e = {0};
    CHECK(!tt_pick_read(&p, &tt_family_aligner, "hmm:agree=no,null=0.1", &e) &&
          near(p.set[TT_ALIGN_AGREE], 0) && near(p.set[TT_ALIGN_NULL], 0.1));
    for (int i = 0; tt_family_aligner.row(i); i++)
        CHECK(((const tt_align_model *)tt_family_aligner.row(i))->posterior);
    return test_done("t_posterior");
}
