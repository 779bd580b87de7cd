/* t_termplace.c: terms put into finished translations, with attention laid out by hand.
 */
#include "translate/termplace.h"

#include <math.h>
#include <string.h>

#include "unit/test.h"

/* Tokens: 1-9 begin words, of which 1 and 2 are short; 10-19 go on; 20 is a full stop; 21 an
   opening mark; 22 a blank. */
static const uint8_t edge[23] = {[1] = TT_EDGE_BEGINS | TT_EDGE_SHORT,
                                 [2] = TT_EDGE_BEGINS | TT_EDGE_SHORT,
                                 [3] = 1,
                                 [4] = 1,
                                 [5] = 1,
                                 [6] = 1,
                                 [7] = 1,
                                 [8] = 1,
                                 [9] = 1,
                                 [20] = TT_EDGE_MARK | TT_EDGE_AFTER,
                                 [21] =
                                     TT_EDGE_BEGINS | TT_EDGE_MARK | TT_EDGE_AFTER | TT_EDGE_OPENS,
                                 [22] = TT_EDGE_BEGINS | TT_EDGE_AFTER | TT_EDGE_OPENS};
static const int32_t term1[] = {9, 19}, bare1[] = {18, 19}, term2[] = {8};
static const tt_term_form form[] = {{term1, 2, 0, 0, 0}, {bare1, 2, 0, 1, 0}, {term2, 1, 1, 0, 0}};
static const tt_term term[] = {{1, 2, 2, "a", 1}, {2, 3, 1, "b", 1}};
enum { S = 4, MOST = 8 };

static void try_it(const char *name, const int32_t *ids, int n, const float *on1, const float *on2,
                   int terms, int from, int met, const int32_t *want, int wants) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open(0, &e);
    float align[MOST * S] = {0}, words[MOST];
    double path = 0, sum = 0;
    for (int i = 0; i < n; i++) {
        words[i] = -1 - (float)i;
        path += (double)words[i];
        align[i * S + 1] = on1[i];
        align[i * S + 2] = on2 ? on2[i] : 0;
        align[i * S] = 1 - align[i * S + 1] - align[i * S + 2];
    }
    const tt_terms t = {term, form, edge, terms, terms > 1 ? 3 : 2, terms > 1 ? 3 : 2, 0};
    tt_hyp h = {ids, n, path, path, words, align, 0, NULL, 0};
    int got = tt_termplace_terms(&h, &t, S, from, a, &e);
    CHECK(got == met, "%s: %d terms stand there", name, got);
    CHECK(h.count == wants && !memcmp(h.ids, want, (size_t)wants * sizeof *want),
          "%s: other tokens, %d", name, h.count);
    for (int i = 0; i < h.count; i++) sum += (double)h.word_scores[i];
    CHECK(fabs(sum - path) < 1e-4, "%s: log p was lost", name);
    CHECK(fabs((double)h.alignment[h.count * S - S] - (double)align[n * S - S]) < 1e-6,
          "%s: the end looks elsewhere", name);
    tt_arena_close(a);
}

#define TRY(name, n, met, wants, on2, terms, from, IDS, ON1, WANT)                                 \
    try_it(name, (const int32_t[])IDS, n, (const float[])ON1, on2, terms, from, met,               \
           (const int32_t[])WANT, wants)
#define L(...)                                                                                     \
    { __VA_ARGS__ }

static void test_termplace(void) {
    TRY("one word", 4, 1, 5, NULL, 1, 0, L(3, 4, 20, 0), L(0, .9f, 0, 0), L(3, 9, 19, 20, 0));
    TRY("a word of two tokens", 5, 1, 5, NULL, 1, 0, L(3, 4, 11, 20, 0), L(0, .9f, .5f, 0, 0),
        L(3, 9, 19, 20, 0));
    TRY("a second word", 5, 1, 5, NULL, 1, 0, L(3, 4, 5, 20, 0), L(0, .9f, .7f, 0, 0),
        L(3, 9, 19, 20, 0));
    TRY("an article", 4, 1, 5, NULL, 1, 0, L(1, 4, 20, 0), L(.8f, .9f, 0, 0), L(1, 9, 19, 20, 0));
    TRY("an article alone looks at it", 4, 1, 5, NULL, 1, 0, L(1, 4, 20, 0), L(.9f, .5f, 0, 0),
        L(1, 9, 19, 20, 0));
    TRY("a short word", 3, 1, 4, NULL, 1, 0, L(3, 1, 0), L(0, .9f, 0), L(3, 9, 19, 0));
    TRY("behind an opening mark", 4, 1, 5, NULL, 1, 0, L(21, 14, 20, 0), L(0, .9f, 0, 0),
        L(21, 18, 19, 20, 0));
    TRY("a blank of its own", 5, 1, 5, NULL, 1, 0, L(3, 22, 14, 20, 0), L(0, .5f, .9f, 0, 0),
        L(3, 9, 19, 20, 0));
    TRY("no place", 4, 0, 4, NULL, 1, 0, L(3, 4, 20, 0), L(.1f, .3f, .2f, .4f), L(3, 4, 20, 0));
    TRY("a mark is no place", 4, 0, 4, NULL, 1, 0, L(3, 4, 20, 0), L(0, 0, .9f, 0), L(3, 4, 20, 0));
    TRY("stands there", 5, 1, 5, NULL, 1, 0, L(9, 19, 4, 20, 0), L(0, 0, .9f, 0, 0),
        L(9, 19, 4, 20, 0));
    TRY("given tokens stay", 4, 0, 4, NULL, 1, 2, L(3, 4, 20, 0), L(0, .9f, 0, 0), L(3, 4, 20, 0));
    static const float on2[] = {.05f, .9f, 0, 0, 0};
    TRY("two terms", 5, 2, 6, on2, 2, 0, L(3, 4, 5, 20, 0), L(0, .05f, .9f, 0, 0),
        L(3, 8, 9, 19, 20, 0));
    static const float both[] = {.6f, 0, 0}; /* the first takes it */
    TRY("no term takes the place of another", 3, 1, 4, both, 2, 0, L(3, 20, 0), L(.5f, 0, 0),
        L(9, 19, 20, 0));
}

/* "red house": "la casa roja", "casa" is short; "credit card": "tarjeta de crédito". */
static void test_words(void) {
    static const tt_term wide[] = {{1, 3, 2, "a", 2}};
    static const struct {
        int32_t ids[5], want[6];
        float on[5][2];
        int n, wants;
    } cases[] = {{{2, 1, 4, 20, 0}, {2, 9, 19, 20, 0}, {{.1f, .5f}, {.1f, .9f}, {.9f, 0}}, 5, 5},
                 {{1, 2, 20, 0}, {9, 19, 20, 0}, {{.2f, .8f}, {.96f, 0}}, 4, 4},
                 {{4, 2, 5, 20, 0}, {9, 19, 20, 0}, {{0, .9f}, {.2f, .3f}, {.9f, 0}}, 5, 4},
                 {{4, 2, 5, 20, 0}, {9, 19, 2, 5, 20, 0}, {{0, .9f}, {.2f, .3f}, {.1f, 0}}, 5, 6}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        tt_err e = {0};
        tt_arena *a = tt_arena_open(0, &e);
        float align[5 * S] = {0}, words[5] = {-1, -1, -1, -1, -1};
        for (int i = 0; i < cases[c].n; i++)
            for (int j = 0; j < 2; j++) align[i * S + 1 + j] = cases[c].on[i][j];
        const tt_terms t = {wide, form, edge, 1, 2, 2, 0};
        tt_hyp h = {cases[c].ids, cases[c].n, -5, -5, words, align, 0, NULL, 0};
        CHECK(tt_termplace_terms(&h, &t, S, 0, a, &e) == 1);
        CHECK(h.count == cases[c].wants &&
                  !memcmp(h.ids, cases[c].want, (size_t)h.count * sizeof *h.ids),
              "case %zu: %d tokens", c, h.count);
        tt_arena_close(a);
    }
}

static void test_measures(void) {
    static const int32_t ids[] = {3, 9, 19, 4, 0};
    static const float words[] = {-1, -2, -4, -8, -16};
    float align[5 * S] = {0};
    for (int i = 0; i < 5; i++) align[i * S] = 1;
    align[4] = 0, align[5] = 1;          /* the term */
    align[12] = 0.25f, align[13] = .75f; /* a word looks at its source again */
    const tt_terms t = {term, form, edge, 1, 2, 2, 0};
    const tt_hyp h = {ids, 5, -31, -31, words, align, 0, NULL, 0};
    CHECK(fabs(tt_termplace_rest(&h, &t) + 25) < 1e-6 &&
          fabs(tt_termplace_outside(&h, &t, S) - 0.75) < 1e-6);
    CHECK(fabs(tt_termplace_covered(&h, S) - log(0.01)) < 1e-6, "%g", tt_termplace_covered(&h, S));
}

int main(void) {
    test_termplace();
    test_words();
    test_measures();
    return test_done("t_termplace");
}
