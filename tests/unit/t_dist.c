/* t_dist.c: distributions of one row of scores, and their ways back, against numbers made with PyTorch and the package entmax in
 * double precision.
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

static const float scores[N] = {1, 0.6f, -0.2f, 0.9f, -1.5f}, given[N] = {0.3f, -1, 0.5f, 0.2f, 0.7f};

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
        CHECK(fabs((double)got[i] - p[i]) < 2e-6, "%s: weight %d is %.7f, expected %.6f", name, i, (double)got[i], p[i]);
        CHECK(fabs((double)back[i] - de[i]) < 2e-6, "%s: slope %d is %.7f, expected %.6f", name, i, (double)back[i], de[i]);
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
        const tt_head h = {.run = &run, .a = &a, .width = 1, .work = work, .drawn = true, .draw = tt_key(3, i)};
        ((const tt_dist *)a.dist.row)->weigh(&h, p, scores, N);
        for (int j = 0; j < N; j++) count[j] += p[j] > 0.5f;
    }
    for (int j = 0; j < N; j++) {
        const double error = sqrt(want[j] * (1 - want[j]) / DRAWS);
        CHECK(fabs(count[j] / (double)DRAWS - want[j]) < 4 * error, "key %d was drawn %d times", j, count[j]);
    }
}

#define NUMBERS(...) (const double[]){__VA_ARGS__}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) && !tt_run_open(&run, &kernels, 0, &e), "%s", e.msg);
    check_row("softmax", NUMBERS(.338016, .226579, .101809, .305850, .027746), NUMBERS(.099268, -.228012, .050261, .059236, .019247));
    check_row("sigmoid", NUMBERS(.731059, .645656, .450166, .710950, .182426), NUMBERS(.058984, -.228784, .123758, .041100, .104403));
    check_row("sigmoid:bias=length", NUMBERS(.352187, .267090, .140706, .329723, .042720), NUMBERS(.068445, -.195753, .060454, .044201, .028626));
    check_row("sparsemax", NUMBERS(.5, .1, 0, .4, 0), NUMBERS(.466667, -.833333, 0, .366667, 0));
    check_row("entmax15", NUMBERS(.427137, .205714, .002868, .364281, 0), NUMBERS(.236817, -.425278, .030118, .158343, 0));
    check_row("entmax", NUMBERS(.427137, .205714, .002868, .364281, 0), NUMBERS(.236817, -.425278, .030118, .158343, 0));
    check_row("entmax:alpha=1.25", NUMBERS(.383455, .222647, .056211, .337000, .000687), NUMBERS(.156399, -.317332, .060140, .097731, .003060));
    check_row("entmax:alpha=2", NUMBERS(.5, .1, 0, .4, 0), NUMBERS(.466667, -.833333, 0, .366667, 0));
    check_row("hard", NUMBERS(1, 0, 0, 0, 0), NUMBERS(.099268, -.228012, .050261, .059236, .019247)); /* back as softmax */
    check_row("smooth", NUMBERS(.268746, .237351, .165487, .261354, .067062), NUMBERS(.019860, -.086226, .043199, .013203, .036996));
    check_draws();
    tt_run_close(&run);
    return test_done("t_dist");
}
