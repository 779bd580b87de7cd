/* t_pairtable.c: every pair of words that stand opposite each other, and counts to probabilities by
 * the equations.
 */
#include "unit/test.h"

#include "lexical/pairtable.h"

#include <math.h>

static int near(double x, double y) { return fabs(x - y) < 1e-6 * (1 + fabs(y)); }

/* ψ(1 + n) = H(n) - γ */
static double psi(int x) {
    double sum = -0.57721566490153286;
    for (int i = 1; i < x; i++) sum += 1.0 / i;
    return sum;
}

/* Texts 0 1 | 0 1, 0 2 | 0 2, and a longer pair that is passed over. */
static int make(tt_pairtable *t, tt_pool *pool, tt_err *e) {
    tt_bitext b = {0};
    const int32_t one[] = {0, 1}, two[] = {0, 2}, more[] = {3, 3, 3};
    int rc = tt_bitext_add(&b, one, 2, one, 2, e);
    if (!rc) rc = tt_bitext_add(&b, two, 2, two, 2, e);
    if (!rc) rc = tt_bitext_add(&b, more, 3, more, 3, e);
    if (!rc) rc = tt_pairtable_make(t, &b, 2, pool, e);
    tt_bitext_free(&b);
    return rc;
}

static void pairs(const tt_pairtable *t) {
    static const char want[3][4] = {"111", "110", "101"};
    for (int s = 0; s < 3; s++)
        for (int w = 0; w < 3; w++)
            CHECK((tt_pairtable_find(t, s, w) != NULL) == (want[s][w] == '1'), "%d %d", s, w);
    CHECK(!tt_pairtable_find(t, 3, 3) && t->cells == 7 && t->size[0] == 4);
    CHECK(t->row[0].seen == 3 && t->row[1].seen == 2 && t->seen[0] == 3 && t->seen[2] == 2 &&
          t->seen[3] == 0);
}

static void count(tt_pairtable *t) {
    tt_count_add(&tt_pairtable_find(t, 0, 0)->count[0], 3);
    tt_count_add(&tt_pairtable_find(t, 0, 1)->count[0], 0.75f);
    tt_count_add(&tt_pairtable_find(t, 0, 1)->count[0], 0.25f);
    tt_count_add(&tt_pairtable_find(t, 0, 1)->count[1], 2);
    tt_count_add(&tt_pairtable_find(t, 1, 1)->count[1], 6);
    tt_count_add(&t->null_count[0][2], 0.5f);
    tt_count_add(&t->null_count[0][0], 1.5f);
}

int main(void) {
    tt_err e = {0};
    tt_pool *pool = tt_pool_open(2, &e);
    tt_pairtable t;
    CHECK(pool && !make(&t, pool, &e), "%s", e.msg);
    pairs(&t);
    count(&t);
    CHECK(!tt_pairtable_maximise(&t, 0, 0, pool, &e), "%s", e.msg);
    CHECK(near((double)tt_pairtable_find(&t, 0, 0)->p[0], 0.75) &&
          near((double)tt_pairtable_find(&t, 0, 1)->p[0], 0.25));
    CHECK(near((double)tt_pairtable_find(&t, 0, 1)->p[1], 0.25) &&
          near((double)tt_pairtable_find(&t, 1, 1)->p[1], 0.75));
    CHECK(near((double)t.null_p[0][2], 0.25) && near((double)t.null_p[0][0], 0.75) &&
          near((double)t.null_p[0][1], 0));
    CHECK(near(tt_count_get(&tt_pairtable_find(&t, 0, 0)->count[0]), 0), "counts begin again");

    count(&t); /* with a prior of 1: exp ψ(c + 1) / exp ψ(sum + targets seen) */
    CHECK(!tt_pairtable_maximise(&t, 1, 1e-7, pool, &e), "%s", e.msg);
    CHECK(near((double)tt_pairtable_find(&t, 0, 0)->p[0], exp(psi(4) - psi(4 + 3))), "%g",
          (double)tt_pairtable_find(&t, 0, 0)->p[0]);
    CHECK(near((double)tt_pairtable_find(&t, 1, 1)->p[1], exp(psi(7) - psi(8 + 2))));
    CHECK(!tt_pairtable_find(&t, 0, 2) && !tt_pairtable_find(&t, 2, 0) &&
              tt_pairtable_find(&t, 0, 1),
          "cells that say nothing are gone");
    tt_pairtable_free(&t);

    CHECK(!tt_pairtable_open(&t, 2, 3, &e) &&
          !tt_pairtable_put(&t, 1, &(tt_pair_cell){.tgt = 2, .p = {0.5f, 0.25f}}, 2, &e));
    CHECK(!tt_pairtable_put(&t, 1, &(tt_pair_cell){.tgt = 0, .p = {0.5f, 0.25f}}, 2, &e) &&
          t.cells == 2);
    CHECK(tt_pairtable_find(&t, 1, 2)->p[1] > 0.2f && !tt_pairtable_find(&t, 1, 1) &&
          !tt_pairtable_find(&t, 0, 2));
    tt_pairtable_free(&t);
    tt_pool_close(pool);
    return test_done("t_pairtable");
}
