/* t_dist.c: distributions of one row of scores, and their ways back, against numbers made with
 * PyTorch and the package entmax in double precision.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attention/parts.h"
#include "base/rng.h"
#include "unit/test.h"

enum { N = 5 };
static tt_kernels kernels;
static tt_run run;

static const float scores[N] = {1, 0.6f, -0.2f, 0.9f, -1.5f},
                   given[N] = {0.3f, -1, 0.5f, 0.2f, 0.7f};

static void check_row(const char *name, const double *p, const double *de) {
    tt_err e = {0};
    tt_attend a = {.heads = 1, .width = 1};
    tt_attend_par par = {0};
    double work[64];
    CHECK(!tt_pick_read(&a.dist, &tt_family_distribution, name, &e), "%s", e.msg);
    const tt_dist *d = (const tt_dist *)a.dist.row;
    const tt_head h = {.run = &run, .a = &a, .par = &par, .width = 1, .work = work};
    float got[N], back[N], both[N];
    memcpy(both, scores, sizeof both);
    d->weigh(&h, got, scores, N);
    d->weigh(&h, both, both, N);
    CHECK(!memcmp(got, both, sizeof got), "%s in place differs", name);
    d->weigh_back(&h, back, got, scores, given, N);
    memcpy(both, given, sizeof both);
    d->weigh_back(&h, both, got, scores, both, N);
    CHECK(!memcmp(back, both, sizeof back), "%s: the way back in place differs", name);
    double sum = 0;
    for (int i = 0; i < N; i++) {
        sum += (double)got[i];
        CHECK(fabs((double)got[i] - p[i]) < 2e-6, "%s: weight %d is %.7f, expected %.6f", name, i,
              (double)got[i], p[i]);
        CHECK(fabs((double)back[i] - de[i]) < 2e-6, "%s: slope %d is %.7f, expected %.6f", name, i,
              (double)back[i], de[i]);
    }
    CHECK(!d->is_probability || fabs(sum - 1) < 1e-6, "%s: the sum is %g", name, sum);
}

/* Drawn often, a key is chosen as often as its probability says. */
static void check_draws(void) {
    enum { DRAWS = 20000 };
    static const double want[N] = {.338016, .226579, .101809, .305850, .027746};
    tt_err e = {0};
    tt_attend a = {.heads = 1, .width = 1};
    int count[N] = {0};
    double work[64];
    CHECK(!tt_pick_read(&a.dist, &tt_family_distribution, "hard", &e), "%s", e.msg);
    for (uint64_t i = 0; i < DRAWS; i++) {
        float p[N];
        const tt_head h = {
            .run = &run, .a = &a, .width = 1, .work = work, .drawn = true, .draw = tt_key(3, i)};
        ((const tt_dist *)a.dist.row)->weigh(&h, p, scores, N);
        for (int j = 0; j < N; j++) count[j] += p[j] > 0.5f;
    }
    for (int j = 0; j < N; j++) {
        const double error = sqrt(want[j] * (1 - want[j]) / DRAWS);
        CHECK(fabs(count[j] / (double)DRAWS - want[j]) < 4 * error, "key %d was drawn %d times", j,
              count[j]);
    }
}

/* REINFORCE over all draws: Σ_s π_s estimate(s) is the slope of Σ_s π_s L_s, whatever the usual
   loss; and so is the mean of many draws, as nearly as their number allows. Entropy's own slope by
   differences. */
static void check_reinforce(void) {
    enum { S = 3, DRAWS = 10000 };
    static const float e[S] = {0.4f, -0.9f, 1.1f}, losses[S] = {2.5f, 0.3f, 1.2f}, usual = 0.7f,
                       dp[S] = {5, -3, 2};
    tt_err err = {0};
    tt_attend a = {.heads = 1, .width = 1};
    double work[64], pi[S], mean[S] = {0}, squares[S] = {0}, all[S] = {0}, total = 0, expected = 0;
    for (int s = 0; s < S; s++) total += exp((double)e[s]);
    for (int s = 0; s < S; s++)
        pi[s] = exp((double)e[s]) / total, expected += pi[s] * (double)losses[s];
    CHECK(!tt_pick_read(&a.dist, &tt_family_distribution,
                        "hard:estimator=reinforce,entropy=0,soft=0", &err),
          "%s", err.msg);
    const tt_dist *d = (const tt_dist *)a.dist.row;
    for (int s = 0; s < S; s++) {
        float p[S] = {0}, de[S];
        const tt_head h = {.run = &run,
                           .a = &a,
                           .width = 1,
                           .work = work,
                           .drawn = true,
                           .excess = losses[s] - usual};
        p[s] = 1;
        d->weigh_back(&h, de, p, e, dp, S);
        for (int j = 0; j < S; j++) all[j] += pi[s] * (double)de[j];
    }
    for (uint64_t i = 0; i < DRAWS; i++) {
        float p[S], de[S];
        tt_head h = {
            .run = &run, .a = &a, .width = 1, .work = work, .drawn = true, .draw = tt_key(8, i)};
        d->weigh(&h, p, e, S);
        for (int s = 0; s < S; s++) h.excess += p[s] * (losses[s] - usual);
        d->weigh_back(&h, de, p, e, dp, S);
        for (int j = 0; j < S; j++)
            mean[j] += (double)de[j] / DRAWS, squares[j] += (double)de[j] * (double)de[j] / DRAWS;
    }
    for (int j = 0; j < S; j++) {
        const double exact = pi[j] * ((double)losses[j] - expected),
                     error = sqrt((squares[j] - mean[j] * mean[j]) / DRAWS);
        CHECK(fabs(all[j] - exact) < 1e-6, "reinforce: slope %d is %.8f, expected %.8f", j, all[j],
              exact);
        CHECK(fabs(mean[j] - exact) < 4 * error,
              "reinforce: the mean slope %d is %.6f, expected %.6f within %.6f", j, mean[j], exact,
              4 * error);
    }
    CHECK(!tt_pick_read(&a.dist, &tt_family_distribution,
                        "hard:estimator=reinforce,entropy=1,soft=0", &err),
          "%s", err.msg);
    float p[S] = {1, 0, 0}, de[S];
    const tt_head h = {.run = &run, .a = &a, .width = 1, .work = work, .drawn = true};
    d->weigh_back(&h, de, p, e, dp, S);
    for (int j = 0; j < S; j++) { /* of Σ π log π */
        double side[2];
        for (int up = 0; up < 2; up++) {
            double sum = 0, z = 0;
            for (int s = 0; s < S; s++)
                sum += exp((double)e[s] + (s == j ? (up ? 1e-5 : -1e-5) : 0));
            for (int s = 0; s < S; s++) {
                const double q = exp((double)e[s] + (s == j ? (up ? 1e-5 : -1e-5) : 0)) / sum;
                z += q * log(q);
            }
            side[up] = z;
        }
        CHECK(fabs((double)de[j] - (side[1] - side[0]) / 2e-5) < 1e-5, "entropy: slope %d is %g", j,
              (double)de[j]);
    }
    /* a soft sentence takes π, and its slope */
    CHECK(!tt_pick_read(&a.dist, &tt_family_distribution,
                        "hard:estimator=reinforce,entropy=0,soft=1", &err),
          "%s", err.msg);
    d->weigh(&h, p, e, S);
    d->weigh_back(&h, de, p, e, dp, S);
    double dot = 0;
    for (int j = 0; j < S; j++) dot += pi[j] * (double)dp[j];
    for (int j = 0; j < S; j++)
        CHECK(fabs((double)p[j] - pi[j]) < 1e-6 &&
                  fabs((double)de[j] - pi[j] * ((double)dp[j] - dot)) < 1e-5,
              "soft %d", j);
}

#define NUMBERS(...)                                                                               \
    (const double[]) { __VA_ARGS__ }

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e),
          "%s", e.msg);
    check_row("softmax", NUMBERS(.338016, .226579, .101809, .305850, .027746),
              NUMBERS(.099268, -.228012, .050261, .059236, .019247));
    check_row("sigmoid", NUMBERS(.731059, .645656, .450166, .710950, .182426),
              NUMBERS(.058984, -.228784, .123758, .041100, .104403));
    check_row("sigmoid:bias=length", NUMBERS(.352187, .267090, .140706, .329723, .042720),
              NUMBERS(.068445, -.195753, .060454, .044201, .028626));
    check_row("sparsemax", NUMBERS(.5, .1, 0, .4, 0), NUMBERS(.466667, -.833333, 0, .366667, 0));
    check_row("entmax15", NUMBERS(.427137, .205714, .002868, .364281, 0),
              NUMBERS(.236817, -.425278, .030118, .158343, 0));
    check_row("entmax", NUMBERS(.427137, .205714, .002868, .364281, 0),
              NUMBERS(.236817, -.425278, .030118, .158343, 0));
    check_row("entmax:alpha=1.25", NUMBERS(.383455, .222647, .056211, .337000, .000687),
              NUMBERS(.156399, -.317332, .060140, .097731, .003060));
    check_row("entmax:alpha=2", NUMBERS(.5, .1, 0, .4, 0),
              NUMBERS(.466667, -.833333, 0, .366667, 0));
    check_row("hard", NUMBERS(1, 0, 0, 0, 0),
              NUMBERS(.099268, -.228012, .050261, .059236, .019247)); /* back as softmax */
    check_row("smooth", NUMBERS(.268746, .237351, .165487, .261354, .067062),
              NUMBERS(.019860, -.086226, .043199, .013203, .036996));
    check_draws();
    check_reinforce();
    tt_run_close(&run);
    return test_done("t_dist");
}
