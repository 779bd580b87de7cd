/* t_chrf.c: chrF against the expected values of sacreBLEU's own tests, and small cases by hand. */
#include "score/chrf.h"

#include "base/err.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

static tt_span span(const char *s) { return (tt_span){s, strlen(s)}; }

/* The score of one or two segments ("" ends them where hyp[1] is NULL). */
static double score(tt_score_options o, const char *h0, const char *r0, const char *h1,
                    const char *r1) {
    tt_err e;
    tt_score_result r;
    tt_score *s = tt_score_open("chrf", &o, 1, &e);
    if (!s) return -1;
    tt_span ref = span(r0);
    CHECK(!tt_score_add(s, span(h0), &ref, &e), "%s", e.msg);
    if (h1) {
        ref = span(r1);
        CHECK(!tt_score_add(s, span(h1), &ref, &e), "%s", e.msg);
    }
    tt_score_get(s, &r);
    tt_score_close(s);
    return r.score;
}

static const struct {
    const char *h0, *r0, *h1, *r1;
    double eps, effective; /* expected, beta 3; negative: not given */
} cases[] = {
    {"abcdefg", "hijklmnop", NULL, NULL, 0, 0},
    {"a", "b", NULL, NULL, 0, 0},
    {"", "b", NULL, NULL, 0, 0},
    {"", "reference", NULL, NULL, 0, 0},
    {"aa", "ab", NULL, NULL, 8.3333, 25},
    {"a", "a", "b", "c", 8.3333, 50},
    {"a", "a", NULL, NULL, 16.6667, 100},
    {"a b c", "a b c", NULL, NULL, 50, 100},
    {"a b c", "abc", NULL, NULL, 50, 100},
    {" risk assessment must be made of those who are qualified and expertise in the sector - these "
     "are "
     "the scientists .",
     "risk assessment has to be undertaken by those who are qualified and expert in that area - "
     "that is "
     "the scientists .",
     NULL, NULL, 63.361730, -1},
    {" Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. ",
     "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.", NULL, NULL,
     64.1302698, -1},
};

int main(void) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double eps = score((tt_score_options){.beta = 3, .eps_smoothing = 1}, cases[i].h0,
                           cases[i].r0, cases[i].h1, cases[i].r1);
        double eff = score((tt_score_options){.beta = 3}, cases[i].h0, cases[i].r0, cases[i].h1,
                           cases[i].r1);
        CHECK(fabs(eps - cases[i].eps) < 1e-4, "case %zu: %g, not %g", i, eps, cases[i].eps);
        CHECK(cases[i].effective < 0 || fabs(eff - cases[i].effective) < 1e-4,
              "case %zu: %g, not %g", i, eff, cases[i].effective);
    }
    double white = score((tt_score_options){.beta = 3, .whitespace = 1},
                         "Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.",
                         cases[10].r0, NULL, NULL);
    CHECK(fabs(white - 67.3481606) < 1e-4, "white space counts: %g", white);

    /* chrF++ cuts "(hi)" into "(hi" and ")", and "(hi" into "(" and "hi": one word of two is
     * common. */
    double plus =
        score((tt_score_options){.char_order = 1, .word_order = 1}, "(hi)", "(hi", NULL, NULL);
    double p = (3 / 4.0 + 0) / 2, r = (3 / 3.0 + 0) / 2;
    CHECK(fabs(plus - 100 * 5 * p * r / (4 * p + r)) < 1e-12, "chrF++: %g", plus);
    plus =
        score((tt_score_options){.char_order = 1, .word_order = 1}, "«¡hi!", "«¡hi !", NULL, NULL);
    CHECK(fabs(plus - 100) < 1e-12, "chrF++: %g", plus);

    tt_err e;
    tt_score_result got;
    tt_score *s = tt_score_open("chrf", &(tt_score_options){.word_order = 2}, 3, &e);
    tt_span refs[3] = {span("x"), span("la casa roja"), span("la casa")};
    CHECK(!tt_score_add(s, span("la casa roja"), refs, &e), "%s", e.msg);
    tt_score_get(s, &got);
    CHECK(fabs(got.score - 100) < 1e-12 && !strcmp(got.name, "chrF2++") && !got.verbose[0],
          "the best reference counts: %g %s", got.score, got.name);
    CHECK(!strcmp(got.signature, "nrefs:3|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0"
                                 "|impl:ttrans-" TT_VERSION),
          "%s", got.signature);
    tt_score_close(s);

    static const double counts[] = {4, 4, 2, 3, 3,
                                    0, 0, 2, 0}; /* the third order has no hypothesis */
    CHECK(fabs(tt_chrf_compute(counts, 3, 2, 0) - 25) < 1e-12, "orders with both sides");
    CHECK(tt_chrf_compute(counts, 0, 2, 0) <= 0, "no orders");
    return test_done("t_chrf");
}
