/* t_lexprob.c: IBM Model 1 against small texts with known answers. */
#include "unit/test.h"
#include "unit/pieces.h"
#include "unit/tiny.h"

#include "unit/dashaus.h"

/* The probabilities, as the equations say them: p[SIZE] is the empty word's. */
static void by_hand(double p[SIZE + 1][SIZE], int iterations) {
    static const int pairs[3][4] = {
        {DAS, HAUS, THE, HOUSE}, {DAS, BUCH, THE, BOOK}, {EIN, BUCH, A, BOOK}};
    for (int s = 0; s <= SIZE; s++)
        for (int t = 0; t < SIZE; t++) p[s][t] = 1.0 / SIZE;
    for (int n = 0; n < iterations; n++) {
        double c[SIZE + 1][SIZE] = {{0}};
        for (int i = 0; i < 3; i++)
            for (int k = 2; k < 4; k++) {
                int t = pairs[i][k], from[3] = {pairs[i][0], pairs[i][1], SIZE};
                double z = p[from[0]][t] + p[from[1]][t] + p[SIZE][t];
                for (int j = 0; j < 3; j++) c[from[j]][t] += p[from[j]][t] / z;
            }
        for (int s = 0; s <= SIZE; s++) {
            double all = 0;
            for (int t = 0; t < SIZE; t++) all += c[s][t];
            for (int t = 0; t < SIZE; t++) p[s][t] = all > 0 ? c[s][t] / all : 0;
        }
    }
}

static int learn(tt_lexprob *p, const char *path, const tt_vocab *v, int iterations, int threads) {
    const tt_parallel s = {path, NULL, 1};
    const tt_corpus_limits limits = {.max_tokens = 60};
    tt_err e = {0};
    tt_pool *pool = tt_pool_open(threads, &e);
    tt_corpus *c = tt_corpus_open(&s, 1, v, pool, &limits, NULL, &e);
    int rc = c ? tt_lexprob_train(p, c, tt_vocab_size(v), iterations, pool, NULL, &e) : e.code;
    CHECK(!rc, "%s", e.msg);
    tt_corpus_close(c);
    tt_pool_close(pool);
    return rc;
}

static void small(const tt_vocab *v) {
    static const int iterations[] = {1, 2, 7};
    const char *path = tiny_file("small.tsv", text, strlen(text));
    for (int i = 0; i < 3; i++) {
        double want[SIZE + 1][SIZE];
        tt_lexprob p;
        by_hand(want, iterations[i]);
        if (learn(&p, path, v, iterations[i], 1)) return;
        for (int s = 0; s < SIZE; s++)
            for (int t = 0; t < SIZE; t++)
                CHECK(near(probability(&p, s, t), want[s][t]), "%d iterations: p(%d|%d) %g, not %g",
                      iterations[i], t, s, probability(&p, s, t), want[s][t]);
        CHECK(p.size == SIZE && p.frequency[THE] == 2 && p.frequency[BOOK] == 2 &&
              p.frequency[A] == 1 && p.frequency[DAS] == 0);
        CHECK(p.row[THE].count == 0 && p.row[DAS].count == 3);
        tt_lexprob_free(&p);
    }
}

/* More than SHARDS pairs: the same whatever the threads. */
static void threads(void) {
    tt_vocab *v = tiny_vocab("lexprob.spm", 300);
    const char *path = tiny_tsv("lexprob.tsv", 200);
    tt_lexprob a = {0}, b = {0};
    if (v && !learn(&a, path, v, 3, 1) && !learn(&b, path, v, 3, 4)) {
        size_t different = 0;
        for (int s = 0; s < a.size; s++) {
            size_t n = (size_t)a.row[s].count;
            different += a.row[s].count != b.row[s].count;
            if (a.row[s].count == b.row[s].count && n)
                different += memcmp(a.row[s].p, b.row[s].p, n * sizeof(float)) != 0 ||
                             memcmp(a.row[s].ids, b.row[s].ids, n * sizeof(int32_t)) != 0;
            double all = 0;
            for (size_t i = 0; i < n; i++) all += (double)a.row[s].p[i];
            CHECK(!n || near(all, 1), "row %d adds up to %g", s, all);
        }
        CHECK(different == 0, "%zu rows", different);
    }
    tt_lexprob_free(&a);
    tt_lexprob_free(&b);
    tt_vocab_close(v);
}

/* Links that are learned: the language of `text`, many times over, word for word. */
static void learned(const tt_vocab *v) {
    static const char more[] =
        "das haus\tthe house\ndas buch\tthe book\nein buch\ta book\nein haus\ta house\n";
    char all[8 * sizeof more] = "";
    for (size_t i = 0; i < 8; i++) memcpy(all + i * (sizeof more - 1), more, sizeof more);
    const tt_parallel s = {tiny_file("more.tsv", all, strlen(all)), NULL, 1};
    const tt_corpus_limits limits = {.max_tokens = 60};
    tt_err e = {0};
    tt_lexprob p = {0};
    tt_pool *pool = tt_pool_open(2, &e);
    tt_corpus *c = tt_corpus_open(&s, 1, v, pool, &limits, NULL, &e);
    CHECK(c && !tt_lexprob_link(&p, c, SIZE, "hmm", pool, NULL, &e), "%s", e.msg);
    if (p.row) {
        CHECK(near(probability(&p, DAS, THE), 1) && near(probability(&p, HAUS, HOUSE), 1) &&
              near(probability(&p, EIN, A), 1));
        CHECK(p.frequency[BOOK] == 16 && p.frequency[DAS] == 0);
    }
    tt_lexprob_free(&p);
    CHECK(c && tt_lexprob_link(&p, c, SIZE, "soup", pool, NULL, &e) == TT_EUSAGE && !p.row, "%s",
          e.msg);
    tt_corpus_close(c);
    tt_pool_close(pool);
}

int main(void) {
    tt_vocab *v = pieces_vocab(words, SIZE - 2);
    CHECK(v);
    if (v) {
        small(v);
        learned(v);
    }
    tt_vocab_close(v);
    threads();
    return test_done("t_lexprob");
}
