/* t_warmup.c: the shapes of warm-up against numbers of Ma and Yarats 2021, as the package
 * pytorch-warmup gives them too; all rise, none beyond 1. A row without numbers fails.
 */
#include <math.h>
#include <string.h>

#include "train/schedule.h"
#include "unit/test.h"

/* The share at update n, with the β2 given and, unless the shape has its own, a time of 10
   updates. */
static const struct golden {
    const char *shape;
    double beta2, n, share;
} goldens[] = {
    {"linear", 0.98, 1, 0.1},
    {"linear", 0.98, 7, 0.7},
    {"linear", 0.98, 10, 1},
    {"linear", 0.98, 11, 1},
    {"exponential", 0.98, 1, 0.09516258196404048},
    {"exponential", 0.98, 10, 0.6321205588285577},
    {"exponential", 0.98, 30, 0.950212931632136},
    {"untuned-exponential", 0.98, 1, 0.01980132669324469},
    {"untuned-exponential", 0.98, 50, 0.6321205588285577},
    {"untuned-exponential", 0.98, 100, 0.8646647167633873},
    {"untuned-exponential", 0.999, 1000, 0.6321205588285577},
    {"untuned-linear", 0.98, 1, 0.01},
    {"untuned-linear", 0.98, 50, 0.5},
    {"untuned-linear", 0.98, 100, 1},
    {"untuned-linear", 0.999, 500, 0.25},
    {"none", 0.98, 1, 1},
    {"none", 0.98, 1e6, 1},
};

static tt_rate_plan plan(const char *shape, double beta2) {
    tt_train_options o;
    tt_rate_plan p = {0};
    tt_err e = {0};
    tt_train_defaults(&o);
    o.schedule = "constant", o.rate = 1, o.warmup_shape = shape, o.beta2 = beta2;
    if (!strcmp(shape, "linear") || !strcmp(shape, "exponential")) o.warmup = (tt_amount){10, 'u'};
    CHECK(!tt_rate_open(&p, &o, 512, &e), "%s", e.msg);
    return p;
}

static void refused(const char *shape, const char *schedule, double warmup, const char *part) {
    tt_train_options o;
    tt_rate_plan p;
    tt_err e = {0};
    tt_train_defaults(&o);
    o.warmup_shape = shape;
    if (schedule) o.schedule = schedule;
    if (warmup >= 0) o.warmup = (tt_amount){warmup, 'u'};
    CHECK(tt_rate_open(&p, &o, 512, &e) == TT_ECONFIG && strstr(e.msg, part), "%s: %s", shape,
          e.msg);
}

int main(void) {
    const tt_row *row;
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
        const struct golden *x = &goldens[i];
        tt_rate_plan p = plan(x->shape, x->beta2);
        double share = tt_rate_at(&p, &(tt_rate_now){.n = x->n});
        CHECK(fabs(share - x->share) < 1e-12, "%s at %g: %.16g, expected %.16g", x->shape, x->n,
              share, x->share);
    }
    for (int r = 0; (row = tt_family_warmup.row(r)) != NULL; r++) {
        int found = 0;
        for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++)
            found |= !strcmp(goldens[i].shape, row->name);
        CHECK(found, "%s has no golden numbers", row->name);
        tt_rate_plan p = plan(row->name, 0.98);
        double before = 0;
        int falls = 0;
        for (int n = 1; n < 1000; n++) {
            double share = tt_rate_at(&p, &(tt_rate_now){.n = n});
            falls += share < before || share > 1;
            before = share;
        }
        CHECK(!falls && before > 0.999, "%s ends at %g", row->name, before);
    }
    refused("untuned-linear", NULL, 100, "--beta2");
    refused("untuned-exponential", NULL, 0, "leave out --warmup");
    refused("none", NULL, 100, "leave out --warmup");
    refused("exponential", "noam", -1, "leave out --warmup-shape");
    return test_done("t_warmup");
}
