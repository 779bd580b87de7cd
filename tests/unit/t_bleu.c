/* t_bleu.c: BLEU against the expected values of sacreBLEU's own tests. */
#include "score/bleu.h"

#include "base/err.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

static tt_span span(const char *s) { return (tt_span){s, strlen(s)}; }

/* The corpus score of n segments with `refs` references each. */
static double corpus(const tt_score_options *o, const char *const *hyp, int n,
                     const char *const (*ref)[3], int refs) {
    tt_err e;
    tt_score *s = tt_score_open("bleu", o, refs, &e);
    if (!s) return -1;
    for (int i = 0; i < n; i++) {
        tt_span r[4];
        for (int k = 0; k < refs; k++) r[k] = span(ref[k][i]);
        CHECK(!tt_score_add(s, span(hyp[i]), r, &e), "%s", e.msg);
    }
    tt_score_result r;
    tt_score_get(s, &r);
    tt_score_close(s);
    return r.score;
}

static const char *const dogs_ref[2][3] = {
    {"The dog bit the man.", "It was not unexpected.", "The man bit him first."},
    {"The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."}};
static const char *const dogs[3] = {"The dog bit the man.", "It wasn't surprising.",
                                    "The man had just bitten him."};
static const char *const nothing[3] = {"", "", ""};

static void near(double got, double want, double eps, const char *what) {
    CHECK(fabs(got - want) < eps, "%s: %.12g, not %.12g", what, got, want);
}

static void test_dogs(void) {
    tt_score_options o = {0};
    near(corpus(NULL, dogs, 3, dogs_ref, 2), 48.530827009929865, 1e-12, "default");
    near(corpus(NULL, nothing, 3, dogs_ref, 2), 0, 1e-12, "empty hypotheses");
    o.tokenize = "none";
    near(corpus(&o, dogs, 3, dogs_ref, 2), 49.1919566, 1e-7, "tokenize none");
    o = (tt_score_options){.smooth = "none"};
    near(corpus(&o, dogs, 3, dogs_ref, 2), 48.530827, 1e-6, "smooth none");
    static const double by_order[] = {77.65, 60.50, 53.93, 48.53, 46.14, 43.28};
    for (int n = 1; n <= 6; n++) {
        o = (tt_score_options){.max_order = n};
        near(corpus(&o, dogs, 3, dogs_ref, 2), by_order[n - 1], 5e-3, "max order");
    }
}

static double pair(tt_score_options o, const char *hyp, const char *ref) {
    const char *const refs[1][3] = {{ref, "", ""}};
    return corpus(&o, &hyp, 1, refs, 1);
}

static void test_pairs(void) {
    static const double cent = 0.01, nil = 0, tenth = 0.1, half = 0.5, two = 2;
    tt_score_options raw = {
        .tokenize = "none", .smooth = "floor", .smooth_value = &cent, .effective_order = 1};
    near(pair(raw, "this is a test", "this is a test"), 100, 1e-6, "equal");
    near(pair(raw, "this is a fest", "this is a test"), 22.3606797749979, 1e-6, "fest");
    near(pair(raw, "test", "a test"), 36.78794411714425, 1e-6, "effective order 1");
    near(pair(raw, "a test", "a test"), 100, 1e-6, "effective order 2");
    near(pair(raw, "a little test", "a test"), 3.218297948685433, 1e-6, "effective order 3");
    const char *h = "am I am a character sequence", *r = "I am a symbol string sequence a a";
    raw.smooth_value = NULL;
    near(pair(raw, h, r), 15.55722182, 1e-6, "floor, its default");
    raw.smooth_value = &nil;
    near(pair(raw, h, r), 0, 1e-12, "floor 0");

    const char *sys = "Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;";
    const char *ref = "producţia de zahăr brut se exprimă în zahăr alb;";
    near(pair((tt_score_options){.effective_order = 1}, sys, ref), 8.493, 1e-3, "exp");
    near(pair((tt_score_options){.effective_order = 1, .tokenize = "none"}, sys, ref), 7.347, 1e-3,
         "exp, tokenize none");
    near(pair((tt_score_options){.effective_order = 1, .smooth = "none"}, sys, ref), 0, 1e-3,
         "none");
    static const struct {
        const char *smooth;
        const double *value;
        double want;
    } methods[] = {{"floor", &tenth, 4.51688},
                   {"floor", &half, 10.1025},
                   {"add-k", NULL, 14.882},
                   {"add-k", &two, 21.389}};
    for (int i = 0; i < 4; i++)
        near(pair((tt_score_options){.effective_order = 1,
                                     .smooth = methods[i].smooth,
                                     .smooth_value = methods[i].value},
                  sys, ref),
             methods[i].want, 1e-2, methods[i].smooth);
    for (int i = 0; tt_family_smoothing.row(i); i++)
        near(pair((tt_score_options){.effective_order = 1,
                                     .smooth = tt_family_smoothing.row(i)->name},
                  "uno dos", "tres cuatro"),
             0, 1e-12, "no overlap");
}

static void test_counts(void) {
    static const double m[] = {9, 7, 5, 3}, t[] = {10, 8, 6, 4};
    near(tt_bleu_compute(m, t, 11, 11, 4, TT_SMOOTH_NONE, 0, 0, TT_WIDTH_DOUBLE).score, 83.75922397,
         1e-6, "counts");
    static const struct {
        double matches[4], totals[4], hyp, ref, floor;
    } none[] = {{{0, 0, 0, 0}, {4, 4, 2, 1}, 0, 1, 0},   {{0, 0, 0, 0}, {10, 11, 12, 0}, 14, 10, 0},
                {{0, 0, 0, 0}, {0, 0, 0, 0}, 0, 0, 0},   {{6, 5, 4, 0}, {6, 5, 4, 3}, 6, 6, 0},
                {{0, 0, 0, 0}, {0, 0, 0, 0}, 0, 0, 0.1}, {{0, 0, 0, 0}, {0, 0, 0, 0}, 1, 5, 0.01}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        tt_bleu b = tt_bleu_compute(none[i].matches, none[i].totals, none[i].hyp, none[i].ref, 4,
                                    TT_SMOOTH_FLOOR, none[i].floor, 0, TT_WIDTH_DOUBLE);
        CHECK(b.score <= 0, "degenerate counts %zu: %g", i, b.score);
    }
    tt_bleu b = tt_bleu_compute(m, t, 11, 22, 4, TT_SMOOTH_EXP, 0, 0, TT_WIDTH_DOUBLE);
    near(b.bp, exp(-1), 1e-15, "brevity penalty");
    near(b.ratio, 0.5, 1e-15, "ratio");
}

int main(void) {
    test_dogs();
    test_pairs();
    test_counts();

    tt_err e;
    tt_score_result r;
    tt_score *s = tt_score_open("bleu", NULL, 2, &e);
    for (int i = 0; i < 3; i++) {
        tt_span refs[2] = {span(dogs_ref[0][i]), span(dogs_ref[1][i])};
        CHECK(!tt_score_add(s, span(dogs[i]), refs, &e), "%s", e.msg);
    }
    tt_score_get(s, &r);
    CHECK(!strcmp(r.verbose,
                  "82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18)"),
          "%s", r.verbose);
    CHECK(!strcmp(r.signature, "nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"
                               "|impl:ttrans-" TT_VERSION),
          "%s", r.signature);
    tt_score_close(s);
    static const double quarter = 0.25;
    s = tt_score_open(
        "bleu",
        &(tt_score_options){
            .smooth = "floor", .smooth_value = &quarter, .effective_order = 1, .tokenize = "none"},
        1, &e);
    tt_score_get(s, &r);
    CHECK(!strncmp(r.signature, "nrefs:1|case:mixed|eff:yes|tok:none|smooth:floor[0.25]|", 54),
          "%s", r.signature);
    CHECK(!strcmp(r.verbose, "0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 0.000 hyp_len = 0 ref_len = 0)"),
          "%s", r.verbose);
    tt_score_close(s);
    return test_done("t_bleu");
}
