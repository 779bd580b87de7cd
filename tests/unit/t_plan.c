/* t_plan.c: rates of schedules by their equations (Vaswani et al. 2017: figure 2.14 of the thesis),
 * and sines and cosines of positions.
 */
#include "unit/test.h"

#include "ttrans.h"

#include <math.h>
#include <string.h>

static double rate(const char *schedule, double peak, long warmup, long updates, int dim, double n,
                   tt_err *e) {
    tt_train_options o;
    double x = -1;
    tt_train_defaults(&o);
    o.schedule = schedule, o.rate = peak, o.warmup = (tt_amount){(double)warmup, 'u'},
    o.max_updates = updates;
    const int rc = tt_plan_rate(&o, dim, n, &x, e);
    return rc ? -1 : x;
}

static int near(double x, double y) { return fabs(x - y) < 1e-6 * fabs(y) + 1e-12; }

int main(void) {
    tt_err e = {0};
    float p[3 * 8];
    CHECK(fabs(rate("noam", 1, 4000, 20000, 512, 4000, &e) - 6.988e-4) < 1e-7 &&
          fabs(rate("noam", 1, 4000, 20000, 512, 8000, &e) - 4.941e-4) < 1e-7);
    CHECK(
        fabs(rate("noam", 1, 4000, 0, 512, 16000, &e) - 3.494e-4) < 1e-7 &&
        near(rate("noam", 1, 4000, 0, 512, 2000, &e) * 2, rate("noam", 1, 4000, 0, 512, 4000, &e)));
    CHECK(near(rate("inverse-sqrt", 0.001, 100, 0, 64, 400, &e), 0.0005) &&
          near(rate("inverse-sqrt", 0.001, 100, 0, 64, 50, &e), 0.0005));
    CHECK(near(rate("linear", 1, 0, 100, 64, 51, &e), 0.5) &&
              near(rate("cosine", 1, 0, 100, 64, 51, &e), 0.5),
          "50 of 100 updates are over");
    CHECK(near(rate("constant", 0.3, 0, 100, 64, 1000, &e), 0.3));
    CHECK(rate("linear", 1, 0, 0, 64, 50, &e) < 0 && e.code == TT_ECONFIG &&
              strstr(e.msg, "needs an end of the run"),
          "%s", e.msg);
    CHECK(rate("soup", 1, 0, 0, 64, 50, &e) < 0 && e.code == TT_EUSAGE &&
              strstr(e.msg, "no schedule is called 'soup'"),
          "%s", e.msg);

    static const struct {
        const char *name;
        double n, share;
    } warm[] = {{"radam", 5, 0},
                {"radam", 6, 0.02582},
                {"radam", 1000, 0.6453},
                {"radam", 10000, 0.9998},
                {"untuned-linear", 2000, 1},
                {"untuned-linear", 500, 0.25},
                {"untuned-exponential", 1000, 0.6321},
                {"linear", 30, 0.5},
                {"exponential", 60, 0.6321},
                {"none", 1, 1}};
    for (size_t i = 0; i < sizeof warm / sizeof *warm; i++) { /* figure 2.15 of the thesis */
        double share = -1;
        CHECK(!tt_plan_warmup(warm[i].name, 60, 0.999, warm[i].n, &share, &e) &&
                  fabs(share - warm[i].share) < 6e-5,
              "%s %g: %g", warm[i].name, warm[i].n, share);
        CHECK(tt_plan_warmup("sgd", 60, 0.999, 1, &share, &e) == TT_EUSAGE &&
                  strstr(e.msg, "'sgd' is neither"),
              "%s", e.msg);
    }

    CHECK(!tt_plan_positions("vaswani", 8, 3, p, &e), "%s", e.msg);
    for (int t = 0; t < 3; t++)
        for (int i = 0; i < 4; i++) {
            const double w = pow(10000, -i / 4.0);
            CHECK(fabs((double)p[t * 8 + i] - sin(t * w)) < 1e-6 &&
                      fabs((double)p[t * 8 + 4 + i] - cos(t * w)) < 1e-6,
                  "%d %d", t, i);
        }
    CHECK(!tt_plan_positions("marian", 8, 3, p, &e) && fabs((double)p[8 + 3] - sin(1e-4)) < 1e-7,
          "the slowest turns once in 10000 2π");
    CHECK(tt_plan_positions("learned", 8, 3, p, &e) == TT_EUSAGE &&
              strstr(e.msg, "'learned' are not computed"),
          "%s", e.msg);
    CHECK(tt_plan_positions("marian", 7, 3, p, &e) == TT_EUSAGE &&
          tt_plan_positions("marian", 8, 0, p, &e) == TT_EUSAGE);
    CHECK(tt_plan_positions("soup", 8, 3, p, &e) == TT_EUSAGE, "%d %s", e.code, e.msg);
    return test_done("t_plan");
}
