/* t_schedule.c: the decays against numbers worked out by hand and against the formulas of before
 * warm-ups had shapes of their own, bit for bit. A row without numbers fails.
 */
#include <math.h>
#include <string.h>

#include "train/schedule.h"
#include "unit/test.h"

/* The rate at update n, d done, after k drops: peak 1, linear warm-up of 100 updates, D = 256,
   --decay-period P. */
static const struct golden {
    const char *schedule;
    double period, n, done;
    long drops;
    double rate;
} goldens[] = {
    {"inverse-sqrt", 0, 25, 0, 0, 0.25},
    {"inverse-sqrt", 0, 100, 0, 0, 1},
    {"inverse-sqrt", 0, 400, 0, 0, 0.5},
    {"inverse-sqrt", 0, 10000, 0, 0, 0.1},
    {"inverse-sqrt", 4000, 4000, 0, 0, 0.7071067811865476},
    {"inverse-sqrt", 4000, 12000, 0, 0, 0.5},
    {"noam", 0, 50, 0, 0, 0.003125},
    {"noam", 0, 100, 0, 0, 0.00625},
    {"noam", 0, 400, 0, 0, 0.003125},
    {"linear", 0, 10, 0.1, 0, 0.1},
    {"linear", 0, 500, 0.25, 0, 0.75},
    {"linear", 0, 500, 1, 0, 0},
    {"cosine", 0, 500, 0.5, 0, 0.5},
    {"cosine", 0, 500, 0.25, 0, 0.8535533905932737},
    {"constant", 0, 50, 0, 0, 0.5},
    {"constant", 0, 1e6, 0, 9, 1},
    {"exponential:factor=0.25,every=200", 0, 100, 0, 0, 1},
    {"exponential:factor=0.25,every=200", 0, 200, 0, 0, 0.5},
    {"exponential:factor=0.25,every=200", 0, 500, 0, 0, 0.0625},
    {"step:factor=0.5,every=200", 0, 299, 0, 0, 1},
    {"step:factor=0.5,every=200", 0, 300, 0, 0, 0.5},
    {"step:factor=0.5,every=200", 0, 700, 0, 0, 0.125},
    {"plateau:factor=0.3", 0, 500, 0, 0, 1},
    {"plateau:factor=0.3", 0, 500, 0, 2, 0.09},
    {"plateau", 0, 20, 0, 1, 0.2},
};
enum { GOLDENS = sizeof goldens / sizeof goldens[0] };

static tt_train_options options(const char *schedule, double warmup) {
    static const tt_parallel dev = {"dev.tsv", NULL, 1};
    tt_train_options o;
    tt_train_defaults(&o);
    o.schedule = schedule, o.rate = 1, o.max_updates = 1000, o.valid = &dev,
    o.warmup = (tt_amount){warmup, 'u'};
    return o;
}

static double warm(double w, double n) { return w > 0 ? n / w : 1.0; }

/* As version 0.1.0 computed them. */
static double old_rate(const char *schedule, double rate, double w, int dim, double n,
                       double done) {
    if (!strcmp(schedule, "constant")) return rate * fmin(1.0, warm(w, n));
    if (!strcmp(schedule, "inverse-sqrt")) return rate * fmin(warm(w, n), sqrt(fmax(w, 1.0) / n));
    if (!strcmp(schedule, "linear")) return rate * fmin(warm(w, n), fmax(0.0, 1.0 - done));
    if (!strcmp(schedule, "cosine"))
        return rate * fmin(warm(w, n), 0.5 * (1.0 + cos(3.141592653589793 * fmin(1.0, done))));
    w = fmax(w, 1.0);
    return rate / sqrt(dim) * fmin(1.0 / sqrt(n), n / (w * sqrt(w)));
}

static void check_same_bits(void) {
    static const char *const names[] = {"constant", "inverse-sqrt", "linear", "cosine", "noam"};
    static const double warmups[] = {0, 1, 7, 1000, 4000};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 5; k++) {
            tt_train_options o = options(names[i], warmups[k]);
            tt_rate_plan p;
            tt_err e = {0};
            o.rate = 0.0007;
            CHECK(!tt_rate_open(&p, &o, 384, &e), "%s", e.msg);
            int differ = 0;
            for (int n = 1; n <= 20000; n++) {
                double done = n / 20000.0,
                       was = old_rate(names[i], o.rate, warmups[k], 384, n, done);
                double is = tt_rate_at(&p, &(tt_rate_now){.n = n, .done = done});
                differ += memcmp(&was, &is, sizeof is) != 0;
            }
            CHECK(!differ, "%s with a warm-up of %g: %d rates differ", names[i], warmups[k],
                  differ);
        }
}

static void refused(const tt_train_options *o, const char *part) {
    tt_rate_plan p;
    tt_err e = {0};
    CHECK(tt_rate_open(&p, o, 64, &e) == TT_ECONFIG && strstr(e.msg, part), "%s", e.msg);
}

static void check_refusals(void) {
    tt_train_options o = options("linear", 10);
    o.max_updates = 0;
    refused(&o, "needs an end");
    o.after = (tt_amount){3, 'e'};
    tt_rate_plan p;
    tt_err e = {0};
    CHECK(!tt_rate_open(&p, &o, 64, &e), "%s", e.msg);
    o = options("constant", 10), o.max_updates = 0, o.cooldown = 0.1;
    refused(&o, "a cooldown needs an end");
    o = options("plateau", 10), o.valid = NULL;
    refused(&o, "needs validations");
    o = options("plateau", 10), o.valid_every.n = 0;
    refused(&o, "needs validations");
    o = options("constant", 10), o.decay_period = 5;
    refused(&o, "--decay-period");
    o = options("sideways", 10);
    CHECK(tt_rate_open(&p, &o, 64, &e) == TT_EUSAGE && strstr(e.msg, "cosine"), "%s", e.msg);
}

/* What the options leave open. */
static void check_time(void) {
    tt_train_options o;
    tt_train_defaults(&o);
    CHECK(tt_warmup_time(&o).n == 1000 && tt_warmup_time(&o).unit == 'u');
    o.optimizer = "radam";
    CHECK(tt_warmup_time(&o).n == 0);
    o.warmup = (tt_amount){2, 'e'};
    CHECK(tt_warmup_time(&o).n == 2 && tt_warmup_time(&o).unit == 'e');
    tt_train_defaults(&o);
    o.warmup_shape = "untuned-linear";
    CHECK(tt_warmup_time(&o).n == 0);
    CHECK(!strcmp(tt_schedule_name(&o), "inverse-sqrt"));
    o.time_limit = 5;
    CHECK(!strcmp(tt_schedule_name(&o), "linear"));
}

int main(void) {
    const tt_row *row;
    for (int i = 0; i < GOLDENS; i++) {
        const struct golden *x = &goldens[i];
        tt_train_options o = options(x->schedule, 100);
        tt_rate_plan p;
        tt_err e = {0};
        o.decay_period = x->period;
        CHECK(!tt_rate_open(&p, &o, 256, &e), "%s", e.msg);
        double rate = tt_rate_at(&p, &(tt_rate_now){x->n, x->done, x->drops});
        CHECK(fabs(rate - x->rate) < 1e-12, "%s at %g: %.16g, expected %.16g", x->schedule, x->n,
              rate, x->rate);
    }
    for (int r = 0; (row = tt_family_schedule.row(r)) != NULL; r++) {
        int found = 0;
        for (int i = 0; i < GOLDENS; i++)
            found |= !strncmp(goldens[i].schedule, row->name, strlen(row->name));
        CHECK(found, "%s has no golden numbers", row->name);
    }
    tt_train_options o = options("constant", 0);
    tt_rate_plan p;
    tt_err e = {0};
    o.cooldown = 0.2;
    CHECK(!tt_rate_open(&p, &o, 256, &e), "%s", e.msg);
    CHECK(fabs(tt_rate_at(&p, &(tt_rate_now){5, 0.9, 0}) - 0.5) < 1e-12 &&
          tt_rate_at(&p, &(tt_rate_now){5, 0.5, 0}) >= 1);
    o = options("plateau:patience=5", 0);
    CHECK(!tt_rate_open(&p, &o, 256, &e) && tt_rate_patience(&p) == 5, "%s", e.msg);
    check_same_bits();
    check_refusals();
    check_time();
    return test_done("t_schedule");
}
