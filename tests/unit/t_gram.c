/* t_gram.c: n-gram matches against counting by hand, on random texts over few symbols: short ones,
 * and ones around the lengths where another way to count takes over. */
#include "score/gram.h"

#include "base/rng.h"
#include "unit/test.h"

#include <string.h>

enum { LONGEST = 600, REFS = 3, ORDER = 6 };

static size_t occurrences(const tt_symbols *text, const uint32_t *gram, size_t n) {
    size_t found = 0;
    for (size_t i = 0; i + n <= text->len; i++)
        found += !memcmp(text->symbols + i, gram, n * sizeof *gram);
    return found;
}

/* Each n-gram of hyp where it first stands: the smaller of its count and its best count. */
static double slow(const tt_symbols *hyp, const tt_symbols *refs, int n_refs, size_t n) {
    size_t sum = 0;
    for (size_t i = 0; i + n <= hyp->len; i++) {
        const uint32_t *gram = hyp->symbols + i;
        tt_symbols before = {hyp->symbols, i + n - 1};
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

static void fill(tt_symbols *t, uint64_t key, uint32_t longest, uint32_t symbols) {
    t->len = tt_rand_below(key, 0, longest + 1);
    for (size_t i = 0; i < t->len; i++) t->symbols[i] = tt_rand_below(key, i + 1, symbols);
}

static int matches(double *got, const tt_symbols *hyp, const tt_symbols *refs, int n_refs,
                   uint32_t kinds, int order, tt_arena *a) {
    tt_gram_refs ready;
    int rc = tt_gram_ready(&ready, refs, n_refs, kinds, a);
    return rc ? rc : tt_gram_matches(got, &ready, hyp, order, a);
}

static void test_random(tt_arena *a) {
    static uint32_t space[REFS + 1][LONGEST];
    static const uint32_t lengths[] = {8, 60, 64, 65, 130, 513, LONGEST};
    for (uint64_t trial = 0; trial < 420; trial++) {
        tt_symbols hyp = {space[REFS], 0}, refs[REFS];
        uint32_t symbols = 1 + (uint32_t)trial % 7, longest = lengths[trial / 7 % 7];
        int n_refs = 1 + (int)trial % REFS;
        double got[ORDER];
        if (longest > 130 && trial % 5) continue; /* counting by hand takes long */
        fill(&hyp, tt_key(trial, 9), longest, symbols + trial % 2);
        for (size_t i = 0; i < hyp.len; i++)
            if (hyp.symbols[i] == symbols) hyp.symbols[i] = TT_DICT_NONE;
        for (int r = 0; r < n_refs; r++) {
            refs[r].symbols = space[r];
            fill(&refs[r], tt_key(trial, (uint64_t)r), longest, symbols);
        }
        CHECK(!matches(got, &hyp, refs, n_refs, symbols, ORDER, a), "trial %d", (int)trial);
        for (size_t n = 1; n <= ORDER; n++) {
            double want = slow(&hyp, refs, n_refs, n);
            CHECK(got[n - 1] >= want && got[n - 1] <= want, "trial %d order %zu: %g, not %g",
                  (int)trial, n, got[n - 1], want);
        }
        tt_arena_reset(a);
    }
}

static void test_dict(tt_arena *a) {
    static const char text[] =
        "uno dos unos  uno internacionalizar internacionalizaba u\0 \0\0\0\0\0\0\0\0";
    tt_dict *d = tt_dict_new(9, a);
    uint32_t uno = tt_dict_put(d, (tt_span){text, 3}), u = tt_dict_put(d, (tt_span){text, 1});
    CHECK(uno == 0 && u == 1, "new");
    CHECK(tt_dict_put(d, (tt_span){text + 14, 3}) == 0 &&
              tt_dict_get(d, (tt_span){text + 8, 1}) == 1,
          "known");
    CHECK(tt_dict_get(d, (tt_span){text + 4, 3}) == TT_DICT_NONE, "unknown");
    const char *longer = strstr(text, "inter"), *other = strchr(longer, ' ') + 1;
    CHECK(tt_dict_put(d, (tt_span){longer, 17}) == 2, "long");
    CHECK(tt_dict_get(d, (tt_span){other, 18}) == TT_DICT_NONE, "longer");
    CHECK(tt_dict_get(d, (tt_span){other, 15}) == tt_dict_put(d, (tt_span){longer, 15}) ||
              tt_dict_get(d, (tt_span){other, 15}) == 3,
          "the beginning of both");
    const char *nul = strchr(other, ' ') + 1;
    CHECK(tt_dict_get(d, (tt_span){nul, 1}) == 1 &&
              tt_dict_get(d, (tt_span){nul, 2}) == TT_DICT_NONE,
          "NUL is a byte");
    uint32_t before = tt_dict_size(d);
    for (size_t n = 1; n <= 3; n++) tt_dict_put(d, (tt_span){nul + 3, n});
    CHECK(tt_dict_size(d) == before + 3, "rows of NUL differ");
    tt_alphabet *x = tt_alphabet_new(4, a);
    CHECK(tt_alphabet_put(x, 'a') == 0 && tt_alphabet_put(x, 0x1f600) == 1 &&
              tt_alphabet_put(x, 'a') == 0 && tt_alphabet_put(x, 0x1f600) == 1 &&
              tt_alphabet_size(x) == 2,
          "characters");
    CHECK(tt_alphabet_get(x, 'b') == TT_DICT_NONE && tt_alphabet_get(x, 0x4e00) == TT_DICT_NONE &&
              tt_alphabet_get(x, 0x1f600) == 1,
          "unknown characters");
}

int main(void) {
    tt_err e;
    tt_arena *a = tt_arena_open(0, &e);
    test_random(a);
    test_dict(a);
    uint32_t unknown[] = {1, TT_DICT_NONE, 2, 3}, known[] = {1, 2, 3};
    tt_symbols hyp = {unknown, 4}, ref = {known, 3};
    double got[3];
    CHECK(!matches(got, &hyp, &ref, 1, 4, 3, a), "unknown words");
    CHECK(got[0] > 2.5 && got[1] > 0.5 && got[1] < 1.5 && got[2] < 0.5, "%g %g %g", got[0], got[1],
          got[2]);
    CHECK(tt_gram_total(3, 3) > 0.5 && tt_gram_total(3, 4) < 0.5 && tt_gram_total(0, 1) < 0.5,
          "totals");

    tt_arena *tiny = tt_arena_open(128, &e);
    CHECK(matches(got, &hyp, &ref, 1, 4, 3, tiny) == TT_ENOMEM, "no room");
    CHECK(!tt_dict_new(1000, tiny), "no room");
    tt_arena_close(tiny);
    tt_arena_close(a);
    return test_done("t_gram");
}
