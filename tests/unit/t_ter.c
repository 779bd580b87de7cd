/* t_ter.c: edits with moves, against the expected values of sacreBLEU's own tests and against texts
 * that reach the limits.
 */
#include "score/edits.h"

#include "base/err.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

static double ter(const char *hyp, const char *ref) {
    tt_err e;
    tt_score_result r = {0};
    tt_score *s = tt_score_open("ter", NULL, 1, &e);
    tt_span h = {hyp, strlen(hyp)}, one = {ref, strlen(ref)};
    CHECK(!tt_score_add(s, h, &one, &e), "%s", e.msg);
    tt_score_get(s, &r);
    tt_score_close(s);
    return r.score;
}

static void test_pairs(void) {
    static const struct {
        const char *hyp, *ref;
        double want;
    } cases[] = {{"a b c", "a b c", 0},
                 {"a b", "c d", 100},
                 {"", "a", 100},
                 {"a", "", 100},
                 {"", "", 0},
                 {"A b", "a B", 0},
                 {"d e f g h a b c", "a b c d e f g h", 12.5},
                 {"b a", "a b", 50},
                 {"a b c d e", "a x c d e y", 100.0 * 2 / 6},
                 {"wäre es möglich, das bis zum morgen zu schaffen",
                  "bis zum morgen zu schaffen wäre es möglich, das", 100.0 / 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = ter(cases[i].hyp, cases[i].ref);
        CHECK(fabs(got - cases[i].want) < 1e-12, "%s: %g", cases[i].hyp, got);
    }
}

/* Symbols a, a+1, … */
static void run(uint32_t *to, uint32_t from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = from + (uint32_t)i;
}

static double edits(uint32_t *hyp, size_t h, uint32_t *ref, size_t r) {
    double n = -1;
    tt_arena *a = tt_arena_open(0, NULL);
    tt_symbols one = {hyp, h}, two = {ref, r};
    CHECK(!tt_edits(&n, &one, &two, a), "edits");
    tt_arena_close(a);
    return n;
}

static void test_limits(void) {
    static uint32_t h[3000], r[3000];
    run(h, 100, 10); /* ten words to the end of forty: one move */
    run(h + 10, 10, 30);
    run(r, 10, 30);
    run(r + 30, 100, 10);
    CHECK(edits(h, 40, r, 40) < 1.5, "ten words at once");
    run(h, 100, 11); /* eleven: two */
    run(h + 11, 10, 30);
    run(r, 10, 30);
    run(r + 30, 100, 11);
    double n = edits(h, 41, r, 41);
    CHECK(n > 1.5 && n < 2.5, "eleven words: %g", n);
    run(r, 0, 1000);
    h[0] = 500;
    CHECK(fabs(edits(h, 1, r, 1000) - 999) < 0.5, "one word against a thousand");
    h[0] = 5;
    CHECK(fabs(edits(r, 1000, h, 1) - 999) < 0.5, "a thousand words against one");
    for (size_t i = 0; i < 3000; i++) {
        h[i] = (uint32_t)(i * i % 7);
        r[i] = (uint32_t)(i * 3 % 5);
    }
    n = edits(h, 3000, r, 2900);
    CHECK(n > 100 && n <= 3000, "few words often: %g", n);
    h[0] = h[1] = TT_DICT_NONE;
    r[0] = r[1] = 1;
    CHECK(fabs(edits(h, 2, r, 2) - 2) < 0.5, "words of no reference");
}

int main(void) {
    test_pairs();
    test_limits();
    return test_done("t_ter");
}
