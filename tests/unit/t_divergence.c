/* t_divergence.c: runs that learn, stand still, stumble or start anew are left alone; those that
   lose all are noticed. */
#include <math.h>

#include "train/divergence.h"
#include "unit/test.h"

static const double untrained = 9; /* log of some 8,000 */

/* The most updates in a row that counted as high. */
static long most_high(double (*loss)(int), int updates) {
    tt_divergence d = {0};
    long most = 0;
    for (int i = 0; i < updates; i++) {
        tt_divergence_add(&d, loss(i), untrained);
        if (d.high > most) most = d.high;
    }
    return most;
}

/* Some noise of a batch, the same every time. */
static double noise(int i) { return 0.3 * sin(12.9898 * i) * sin(78.233 * i); }

static double learns(int i) { return 2 + 7.2 * exp(-i / 300.0) + noise(i); }
static double stands(int i) { return 9 + noise(i); }
static double from_high(int i) { return 2 + 30 * exp(-i / 50.0) + noise(i); }
static double one_spike(int i) { return i == 700 ? 1e9 : learns(i); }
static double a_few_spikes(int i) { return i % 40 == 0 ? 15 : learns(i); }
/* A fine-tuned model that forgets a part before it learns. */
static double tuned(int i) { return i < 300 ? 1.5 + i / 100.0 : 1.5 + 3 * exp(-(i - 300) / 200.0); }
static double collapses(int i) { return i < 500 ? learns(i) : 7 + noise(i); }
static double explodes(int i) { return i < 3 ? 9.2 : 1e12; }
static double early_rise(int i) { return i < 20 ? 9.2 : 12 + noise(i); }

int main(void) {
    CHECK(most_high(learns, 3000) == 0, "learns");
    CHECK(most_high(stands, 3000) == 0, "stands");
    CHECK(most_high(from_high, 3000) == 0, "from high");
    CHECK(most_high(one_spike, 3000) == 0, "one spike: %ld", most_high(one_spike, 3000));
    CHECK(most_high(a_few_spikes, 3000) == 0, "a few spikes: %ld", most_high(a_few_spikes, 3000));
    CHECK(most_high(tuned, 3000) == 0, "tuned: %ld", most_high(tuned, 3000));
    CHECK(most_high(collapses, 800) > 200, "collapses: %ld", most_high(collapses, 800));
    CHECK(most_high(explodes, 60) > 200, "explodes: %ld", most_high(explodes, 60));
    CHECK(most_high(early_rise, 400) > 200, "early rise: %ld", most_high(early_rise, 400));

    tt_divergence d = {0}; /* a rise that ends is forgotten */
    for (int i = 0; i < 100; i++) tt_divergence_add(&d, 3, untrained);
    for (int i = 0; i < 60; i++) tt_divergence_add(&d, 8, untrained);
    CHECK(d.high > 20 && d.high < 60, "%ld", d.high);
    for (int i = 0; i < 60; i++) tt_divergence_add(&d, 3, untrained);
    CHECK(d.high == 0 && d.least > 2.9 && d.mean < 4, "%ld, least %g, mean %g", d.high, d.least,
          d.mean);
    return test_done("t_divergence");
}
