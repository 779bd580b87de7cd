/* t_watch.c: norms and histograms of an update against what a loop over all numbers finds; bins by
   their edges. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/watch.h"
#include "unit/test.h"

static void check_bins(void) {
    tt_histogram h = {0};
    const float x[] = {0.0f,  -0.0f, 1e-13f, -9e-13f,  1.01e-12f, 1.5e-12f, -1.6e-12f,
                       0.99f, 1.0f,  -7.0f,  1.05e-3f, -1.5e-3f,  1.7e-3f,  NAN};
    tt_histogram_add(&h, x, 1, sizeof x / sizeof x[0]);
    CHECK(h.zero == 3 && h.below == 2 && h.above == 2, "%d %d %d", (int)h.zero, (int)h.below,
          (int)h.above);
    CHECK(h.bin[0] == 2 && h.bin[1] == 1 && h.bin[59] == 1 && h.bin[45] == 2 && h.bin[46] == 1,
          "%d %d %d %d", (int)h.bin[0], (int)h.bin[1], (int)h.bin[45], (int)h.bin[46]);
    h = (tt_histogram){0};
    tt_histogram_add(&h, x + 4, 1e3, 3);
    CHECK(h.bin[15] == 2 && h.bin[16] == 1);
}

struct finding {
    const float *change, *gradient, *before;
    const tt_tensor_norms *norms;
    double scale, rate;
    int at, wrong;
};

static double norm(const float *x, size_t n, double by) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return by * sqrt(sum);
}

static int near(double x, double y) { return fabs(x - y) <= 1e-5 * fabs(y) + 1e-9; }

static void check_tensor(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct finding *f = ctx;
    const tt_tensor_norms *x = &f->norms[f->at++];
    const size_t n = tt_tensor_size(t);
    f->wrong += strcmp(x->name, p->name) ||
                !near(x->gradient, norm(f->gradient + offset, n, f->scale)) ||
                !near(x->weights, norm(f->before + offset, n, 1)) ||
                !near(x->step, norm(f->change + offset, n, 1 / f->rate));
}

int main(void) {
    tt_err e = {0};
    tt_hyper h;
    tt_state s;
    tt_kernels k;
    tt_pick adam;
    tt_hyper_init(&h);
    static const char *const settings[] = {"preset", "tiny", "dim",        "16", "heads",      "2",
                                           "ffn",    "32",   "enc-layers", "2",  "dec-layers", "1"};
    for (int i = 0; i < 12; i += 2)
        CHECK(!tt_hyper_set(&h, settings[i], settings[i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, 40, &e) && !tt_kernels_init(&k, NULL, &e) &&
              !tt_pick_read(&adam, &tt_family_optimizer, "adam", &e),
          "%s", e.msg);
    tt_pool *pool = tt_pool_open(3, &e);
    CHECK(pool && !tt_state_open(&s, &h, &adam, false, &e), "%s", e.msg);
    tt_model_init(s.model, 1);
    tt_watch *w = tt_watch_open(&s, pool, &k, &e);
    float *before = malloc(s.size * sizeof *before), *change = malloc(s.size * sizeof *change),
          *gradient = malloc(s.size * sizeof *gradient);
    CHECK(w && before && change && gradient, "%s", e.msg);
    for (size_t i = 0; i < s.size; i++) {
        before[i] = s.params[i];
        gradient[i] = sinf((float)i);
    }
    tt_watch_before(w, &s);
    for (size_t i = 0; i < s.size; i++) {
        s.params[i] += 1e-3f * cosf(3.0f * (float)i);
        change[i] = s.params[i] - before[i];
    }
    struct finding f = {
        .change = change, .gradient = gradient, .before = before, .scale = 0.01, .rate = 2e-3};
    tt_watch_after(w, &s, gradient, f.scale, f.rate);
    int n, groups;
    f.norms = tt_watch_norms(w, &n);
    tt_model_walk(s.model, check_tensor, &f);
    CHECK(f.at == n && n == s.n_tensors && !f.wrong, "%d of %d wrong", f.wrong, n);
    const tt_group_histograms *x = tt_watch_histograms(w, &groups);
    uint64_t all = 0, parts = 0, zero = 0;
    for (int i = 0; i < groups; i++) {
        uint64_t sum = x[i].gradient.zero + x[i].gradient.below + x[i].gradient.above;
        for (int b = 0; b < TT_HISTOGRAM_BINS; b++) sum += x[i].gradient.bin[b];
        CHECK(sum > 0, "%s is empty", x[i].group);
        if (i == groups - 1) all = sum;
        else parts += sum;
        zero += x[i].gradient.above;
    }
    /* all is all; only the final normalisations are in no part */
    CHECK(!strcmp(x[groups - 1].group, "all") && all == tt_model_params(s.model) &&
              parts == all - 4 * 16 && !zero,
          "%d of %d", (int)parts, (int)all);
    free(before), free(change), free(gradient);
    tt_watch_close(w);
    tt_state_close(&s);
    tt_pool_close(pool);
    check_bins();
    return test_done("t_watch");
}
