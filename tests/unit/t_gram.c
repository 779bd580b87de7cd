/* t_gram.c: n-gram matches against counting by hand, on random texts over few symbols. */
#include "score/gram.h"

#include "base/rng.h"
#include "unit/test.h"

#include <string.h>

enum { LONGEST = 60, REFS = 3, ORDER = 6 };

static size_t occurrences(const tt_gram_text *text, const uint32_t *gram, size_t n) {
    size_t found = 0;
    for (size_t i = 0; i + n <= text->len; i++)
        found += !memcmp(text->symbols + i, gram, n * sizeof *gram);
    return found;
}

/* Each n-gram of hyp where it first stands: the smaller of its count and its best count. */
static double slow(const tt_gram_text *hyp, const tt_gram_text *refs, int n_refs, size_t n) {
    size_t sum = 0;
    for (size_t i = 0; i + n <= hyp->len; i++) {
        const uint32_t *gram = hyp->symbols + i;
        tt_gram_text before = {hyp->symbols, i + n - 1};
        if (occurrences(&before, gram, n)) continue;
        size_t most = 0, mine = occurrences(hyp, gram, n);
        for (int r = 0; r < n_refs; r++) {
            size_t k = occurrences(&refs[r], gram, n);
            if (k > most) most = k;
        }
        sum += mine < most ? mine : most;
    }
    return (double)sum;
}

static void fill(tt_gram_text *t, uint64_t key, uint32_t symbols) {
    t->len = tt_rand_below(key, 0, LONGEST + 1);
    for (size_t i = 0; i < t->len; i++) t->symbols[i] = tt_rand_below(key, i + 1, symbols);
}

int main(void) {
    tt_err e;
    tt_arena *a = tt_arena_open(0, &e);
    uint32_t space[REFS + 1][LONGEST];
    for (uint64_t trial = 0; trial < 400; trial++) {
        tt_gram_text hyp = {space[REFS], 0}, refs[REFS];
        uint32_t symbols = 1 + (uint32_t)trial % 7;
        int n_refs = 1 + (int)trial % REFS;
        double got[ORDER];
        fill(&hyp, tt_key(trial, 9), symbols);
        for (int r = 0; r < n_refs; r++) {
            refs[r].symbols = space[r];
            fill(&refs[r], tt_key(trial, (uint64_t)r), symbols);
        }
        CHECK(!tt_gram_matches(got, &hyp, refs, n_refs, ORDER, a), "trial %d", (int)trial);
        for (size_t n = 1; n <= ORDER; n++) {
            double want = slow(&hyp, refs, n_refs, n);
            CHECK(got[n - 1] >= want && got[n - 1] <= want, "trial %d order %zu: %g, not %g",
                  (int)trial, n, got[n - 1], want);
        }
    }
    uint32_t unknown[] = {1, TT_GRAM_NONE, 2, 3}, known[] = {1, 2, 3};
    tt_gram_text hyp = {unknown, 4}, ref = {known, 3};
    double got[3];
    CHECK(!tt_gram_matches(got, &hyp, &ref, 1, 3, a), "unknown words");
    CHECK(got[0] > 2.5 && got[1] > 0.5 && got[1] < 1.5 && got[2] < 0.5, "%g %g %g", got[0], got[1],
          got[2]);
    CHECK(tt_gram_total(3, 3) > 0.5 && tt_gram_total(3, 4) < 0.5 && tt_gram_total(0, 1) < 0.5,
          "totals");

    tt_dict *d = tt_dict_new(3, a);
    CHECK(d && tt_dict_put(d, (tt_span){"uno", 3}) == 0 && tt_dict_put(d, (tt_span){"un", 2}) == 1,
          "new");
    CHECK(tt_dict_put(d, (tt_span){"uno", 3}) == 0 && tt_dict_get(d, (tt_span){"un", 2}) == 1,
          "known");
    CHECK(tt_dict_get(d, (tt_span){"dos", 3}) == TT_GRAM_NONE, "unknown");
    tt_arena *tiny = tt_arena_open(128, &e);
    CHECK(tt_gram_matches(got, &hyp, &ref, 1, 3, tiny) == TT_ENOMEM, "no room");
    CHECK(!tt_dict_new(1000, tiny), "no room");
    tt_arena_close(tiny);
    tt_arena_close(a);
    return test_done("t_gram");
}
