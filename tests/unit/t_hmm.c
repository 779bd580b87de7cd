/* t_hmm.c: posteriors, jumps and the likelihood of the hidden Markov model equal sums over all ways
 * through a small pair.
 */
#include "unit/test.h"

#include "lexical/posterior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4, M = 4, STATES = N + 1 }; /* a place, or N: the empty word */

static int near(double x, double y) { return fabs(x - y) < 2e-5 * (1 + fabs(y)); }

static double jump_weight(const tt_prior *p, int d) { return (double)p->jump[TT_JUMP_MOST + d]; }

/* p of one way, and what it adds. */
static double way(const int *a, const float *e, const tt_prior *p) {
    double all = 1;
    for (int i = 0, last = -1; i < M; i++) {
        double z = 0;
        for (int j = 0; j < N; j++) z += jump_weight(p, j - last);
        all *= (double)e[i * STATES + a[i]];
        if (a[i] == N) {
            all *= p->null;
        } else {
            all *= (1 - p->null) * jump_weight(p, a[i] - last) / z;
            last = a[i];
        }
    }
    return all;
}

int main(void) {
    float e[M * STATES], first[M * STATES], *work = malloc(tt_posterior_work(N, M) * sizeof *work);
    tt_prior prior = {.null = 0.15};
    tt_prior_sums sums = {0};
    double gamma[M * STATES] = {0}, jumps[TT_JUMPS] = {0}, all = 0;
    for (int k = 0; k < TT_JUMPS; k++)
        prior.jump[k] = (float)(1.0 / (1 + abs(k - TT_JUMP_MOST - 1)) + 0.01 * (k % 5));
    for (int i = 0; i < M * STATES; i++) first[i] = e[i] = 0.02f + 0.9f * (float)(i * 5 % 13) / 13;
    for (int code = 0; code < STATES * STATES * STATES * STATES; code++) {
        int a[M], rest = code;
        for (int i = 0; i < M; i++, rest /= STATES) a[i] = rest % STATES;
        const double p = way(a, first, &prior);
        all += p;
        for (int i = 0, last = -1; i < M; i++) {
            gamma[i * STATES + a[i]] += p;
            if (a[i] == N) continue;
            jumps[TT_JUMP_MOST + a[i] - last] += p;
            last = a[i];
        }
    }
    tt_posterior_hmm(e, N, M, &prior, work, &sums);
    for (int i = 0; i < M * STATES; i++)
        CHECK(near((double)e[i], gamma[i] / all), "word %d, state %d: %g, not %g", i / STATES,
              i % STATES, (double)e[i], gamma[i] / all);
    for (int k = 0; k < TT_JUMPS; k++)
        CHECK(near(sums.jump[k], jumps[k] / all), "jump %d: %g, not %g", k - TT_JUMP_MOST,
              sums.jump[k], jumps[k] / all);
    CHECK(near(sums.log, log(all)) && near(sums.words, M), "%g, not %g", sums.log, log(all));

    /* A long pair stays finite, and its rows sum to 1. */
    enum { LONG = 200 };
    float *big = malloc((size_t)LONG * (LONG + 1) * sizeof *big),
          *more = malloc(tt_posterior_work(LONG, LONG) * sizeof *more);
    for (int i = 0; i < LONG * (LONG + 1); i++) big[i] = i % 17 ? 1e-9f : 0.3f;
    tt_posterior_hmm(big, LONG, LONG, &prior, more, &sums);
    int wrong = 0;
    for (int i = 0; i < LONG; i++) {
        double sum = 0;
        for (int j = 0; j <= LONG; j++) sum += (double)big[i * (LONG + 1) + j];
        wrong += !(fabs(sum - 1) < 1e-3);
    }
    CHECK(!wrong && isfinite(sums.log), "%d rows", wrong);
    free(big);
    free(more);
    free(work);
    return test_done("t_hmm");
}
