/* t_aligner.c: Model 1 learns what its equations say; the models find the links of a made-up
 * language, whatever the threads.
 */
#include "unit/test.h"

#include "lexical/aligner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 40, PAIRS = 400, LONGEST = 12 };

static int near(double x, double y) { return fabs(x - y) < 1e-4; }

/* ---- Model 1 by hand: das haus | the house, das buch | the book, ein buch | a book
   ------------ */

enum { DAS, HAUS, BUCH, EIN, NONE, THE = 0, HOUSE, BOOK, A };

static const int texts[3][4] = {
    {DAS, HAUS, THE, HOUSE}, {DAS, BUCH, THE, BOOK}, {EIN, BUCH, A, BOOK}};

/* The empty word has 0.2 of each word. */
static void by_hand(double p[5][4], int iterations) {
    for (int s = 0; s < 5; s++)
        for (int t = 0; t < 4; t++) p[s][t] = 1;
    for (int n = 0; n < iterations; n++) {
        double c[5][4] = {{0}};
        for (int i = 0; i < 3; i++)
            for (int k = 2; k < 4; k++) {
                const int t = texts[i][k], from[3] = {texts[i][0], texts[i][1], NONE};
                const double w[3] = {0.4 * p[from[0]][t], 0.4 * p[from[1]][t], 0.2 * p[NONE][t]};
                for (int j = 0; j < 3; j++) c[from[j]][t] += w[j] / (w[0] + w[1] + w[2]);
            }
        for (int s = 0; s < 5; s++) {
            double all = 0;
            for (int t = 0; t < 4; t++) all += c[s][t];
            for (int t = 0; t < 4; t++) p[s][t] = c[s][t] / all;
        }
    }
}

static tt_wordmodel *learn(const tt_bitext *b, const char *how, int threads) {
    tt_pick pick;
    tt_err e = {0};
    tt_pool *pool = tt_pool_open(threads, &e);
    tt_wordmodel *m = NULL;
    if (pool && !tt_pick_read(&pick, &tt_family_aligner, how, &e))
        m = tt_wordmodel_train(b, &pick, pool, NULL, &e);
    CHECK(m, "%s", e.msg);
    tt_pool_close(pool);
    return m;
}

static void model1(void) {
    static const int iterations[] = {1, 2, 7};
    tt_bitext b = {0};
    tt_err e = {0};
    for (int i = 0; i < 3; i++) {
        const int32_t src[2] = {texts[i][0], texts[i][1]}, tgt[2] = {texts[i][2], texts[i][3]};
        CHECK(!tt_bitext_add(&b, src, 2, tgt, 2, &e));
    }
    for (int i = 0; i < 3; i++) {
        char how[80];
        double want[5][4];
        by_hand(want, iterations[i]);
        snprintf(how, sizeof how, "ibm1:alpha=0,agree=no,null=0.2,iterations=%d", iterations[i]);
        tt_wordmodel *m = learn(&b, how, 2);
        for (int s = 0; m && s < 4; s++)
            for (int t = 0; t < 4; t++) {
                const tt_pair_cell *c = tt_pairtable_find(&m->table, s, t);
                CHECK(near(c ? (double)c->p[0] : 0, want[s][t]),
                      "%d iterations: p(%d|%d) %g, not %g", iterations[i], t, s,
                      c ? (double)c->p[0] : 0, want[s][t]);
            }
        for (int t = 0; m && t < 4; t++) CHECK(near((double)m->table.null_p[0][t], want[NONE][t]));
        tt_wordmodel_close(m);
    }
    tt_bitext_free(&b);
}

/* ---- a made-up language: each word is one, and neighbours sometimes change places
   -------------- */

/* Pair i: words and, of each target word, its source. */
static int make_pair(uint64_t i, int32_t *src, int32_t *tgt, int *of) {
    const int n = 2 + (int)tt_rand_below(11, i, LONGEST - 1);
    for (int k = 0; k < n; k++) {
        src[k] = (int32_t)(tt_rand_unit(i + 1, (uint64_t)k) *
                           tt_rand_unit(i + 1, (uint64_t)k + 100) * WORDS);
        of[k] = k;
    }
    for (int k = 0; k + 1 < n; k++)
        if (tt_rand_below(i + 2, (uint64_t)k, 4) == 0) of[k] = k + 1, of[k + 1] = k, k++;
    for (int k = 0; k < n; k++) tgt[k] = WORDS - 1 - src[of[k]];
    return n;
}

static double part_right(const tt_wordmodel *m) {
    int32_t src[LONGEST + 1], tgt[LONGEST + 1];
    int of[LONGEST + 1], found[2][LONGEST + 1];
    float p[2][LONGEST + 1];
    double right = 0, all = 0;
    tt_align_work w = {0};
    tt_err e = {0};
    for (uint64_t i = 0; i < 100; i++) {
        const int n = make_pair(i, src, tgt, of);
        CHECK(!tt_wordmodel_links(m, &w, src, n, tgt, n, (int *[2]){found[0], found[1]},
                                  (float *[2]){p[0], p[1]}, &e),
              "%s", e.msg);
        for (int k = 0; k < n; k++) {
            right += found[0][k] == of[k];
            right += found[1][of[k]] == k;
            all += 2;
        }
    }
    tt_align_work_free(&w);
    return right / all;
}

static void made_up(void) {
    int32_t src[LONGEST + 1], tgt[LONGEST + 1];
    int of[LONGEST + 1];
    tt_bitext b = {0};
    tt_err e = {0};
    for (uint64_t i = 0; i < PAIRS; i++) {
        const int n = make_pair(i, src, tgt, of);
        CHECK(!tt_bitext_add(&b, src, (size_t)n, tgt, (size_t)n, &e), "%s", e.msg);
    }
    static const struct {
        const char *how;
        double least;
    } rows[] = {{"ibm1", 0.8},
                {"diagonal", 0.93},
                {"hmm", 0.95},
                {"hmm:agree=no", 0.95},
                {"hmm:alpha=0,agree=no,first=0,iterations=8", 0.93}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tt_wordmodel *m = learn(&b, rows[i].how, 1), *other = learn(&b, rows[i].how, 3);
        const double right = m ? part_right(m) : 0;
        CHECK(right >= rows[i].least, "%s: %.3f", rows[i].how, right);
        int different = !m || !other;
        for (int s = 0; !different && s < WORDS; s++)
            for (int t = 0; t < WORDS; t++) {
                const tt_pair_cell *c = tt_pairtable_find(&m->table, s, t),
                                   *d = tt_pairtable_find(&other->table, s, t);
                different += !c != !d || (c && memcmp(c->p, d->p, sizeof c->p));
            }
        different += m && other && memcmp(m->prior, other->prior, sizeof m->prior);
        CHECK(!different, "%s: %d cells depend on threads", rows[i].how, different);
        tt_wordmodel_close(m);
        tt_wordmodel_close(other);
    }
    tt_bitext_free(&b);
}

static void refuses(void) {
    tt_bitext b = {0};
    tt_err e = {0};
    tt_pick pick;
    tt_pool *pool = tt_pool_open(1, &e);
    const int32_t one[1] = {0};
    CHECK(!tt_bitext_add(&b, one, 1, one, 0, &e) &&
          !tt_pick_read(&pick, &tt_family_aligner, "hmm", &e));
    CHECK(!tt_wordmodel_train(&b, &pick, pool, NULL, &e) && e.code == TT_EDATA, "%s", e.msg);
    CHECK(!tt_bitext_add(&b, one, 1, one, 1, &e));
    tt_wordmodel *m = tt_wordmodel_train(&b, &pick, pool, NULL, &e);
    tt_align_work w = {0};
    int of[2];
    float p[2];
    const int32_t unknown[2] = {-1, 77};
    CHECK(m &&
          tt_wordmodel_links(m, &w, one, 1, one, 0, (int *[2]){of, of}, (float *[2]){p, p}, &e) ==
              TT_EDATA &&
          strstr(e.msg, "target is empty"));
    CHECK(m && tt_wordmodel_links(m, &w, one, TT_ALIGN_WORDS_MOST + 1, one, 1, (int *[2]){of, of},
                                  (float *[2]){p, p}, &e) == TT_EDATA);
    CHECK(m && !tt_wordmodel_links(m, &w, unknown, 2, unknown, 2, (int *[2]){of, of},
                                   (float *[2]){p, p}, &e),
          "words that were never seen");
    tt_align_work_free(&w);
    tt_wordmodel_close(m);
    tt_bitext_free(&b);
    tt_pool_close(pool);
}

int main(void) {
    model1();
    made_up();
    refuses();
    return test_done("t_aligner");
}
