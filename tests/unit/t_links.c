/* t_links.c: probabilities from links that another program made: counted by hand, in one file and
 * two; what is left out and refused. */
#include "unit/test.h"
#include "unit/pieces.h"
#include "unit/tiny.h"

#include "unit/dashaus.h"

static int count(tt_lexprob *p, const char *links, const tt_vocab *v, tt_err *e) {
    char path[400];
    snprintf(path, sizeof path, "%s", tiny_file("small.tsv", text, strlen(text)));
    const tt_parallel s = {path, NULL, 1};
    return tt_lexprob_count(p, &s, tiny_file("links", links, strlen(links)), v, 60, NULL, e);
}

static void refuses(const char *links, const tt_vocab *v, const char *said) {
    tt_lexprob p;
    tt_err e = {0};
    CHECK(count(&p, links, v, &e) == TT_EDATA && strstr(e.msg, said), "%d: %s", e.code, e.msg);
    CHECK(!p.row && !p.frequency);
}

static void linked(const tt_vocab *v) {
    tt_lexprob p;
    tt_err e = {0};
    int rc = count(&p, "0-0 1-1 2-2\n0-0  0-1 1-1\r\n1-0 1-1\n", v, &e); /* 2-2: the ends */
    CHECK(!rc, "%s", e.msg);
    if (!rc) {
        CHECK(near(probability(&p, DAS, THE), 2.0 / 3) &&
              near(probability(&p, DAS, BOOK), 1.0 / 3));
        CHECK(near(probability(&p, BUCH, BOOK), 2.0 / 3) &&
              near(probability(&p, BUCH, A), 1.0 / 3));
        CHECK(near(probability(&p, HAUS, HOUSE), 1) && p.row[EIN].count == 0);
        CHECK(p.frequency[BOOK] == 2 && p.frequency[A] == 1);
    }
    tt_lexprob_free(&p);
    refuses("0-0\n0-0\n", v, "have not the same number of lines");
    refuses("0-0\n0-0\n0-0\n0-0\n", v, "have not the same number of lines");
    refuses("0-0\n0-3\n0-0\n", v, "links:2: link 0-3, but the pair has 2 and 2 tokens");
    refuses("0-0\n0-\n0-0\n", v, "links:2: expected links");
    refuses("0-0\n0 0\n0-0\n", v, "links:2: expected links");
    refuses("0-0x\n\n\n", v, "links:1: expected links");
    refuses("0-9999999999\n\n\n", v, "links:1: expected links");
    refuses("\n\n\n", v, "no link between tokens");
}

/* Two files, and a TSV with more fields, an empty pair and a pair that is too long. */
static void files(const tt_vocab *v) {
    static const char src[] = "das haus\n\nein das haus buch\nein\n",
                      tgt[] = "the house\n\na the house book\na\n";
    static const char tsv[] =
        "das haus\tthe house\tignored\n\t\nein das haus buch\ta the house book\t\nein\ta\n";
    static const char links[] = "0-1 1-0\n\n0-0 1-1 2-2 3-3\n0-0\n";
    char path[4][400];
    snprintf(path[0], sizeof *path, "%s", tiny_file("links.src", src, strlen(src)));
    snprintf(path[1], sizeof *path, "%s", tiny_file("links.tgt", tgt, strlen(tgt)));
    snprintf(path[2], sizeof *path, "%s", tiny_file("links.tsv", tsv, strlen(tsv)));
    snprintf(path[3], sizeof *path, "%s", tiny_file("links", links, strlen(links)));
    for (int kind = 0; kind < 2; kind++)
        for (int most = 4; most <= 5; most++) { /* tokens of a side, its end counted */
            const tt_parallel s = {kind ? path[2] : path[0], kind ? NULL : path[1], 1};
            tt_lexprob p;
            tt_err e = {0};
            int rc = tt_lexprob_count(&p, &s, path[3], v, most, NULL, &e);
            CHECK(!rc, "%s", e.msg);
            if (rc) continue;
            const int all = most == 5;
            CHECK(near(probability(&p, DAS, HOUSE), all ? 0.5 : 1) &&
                  near(probability(&p, HAUS, THE), all ? 0.5 : 1));
            CHECK(near(probability(&p, DAS, THE), all ? 0.5 : 0) &&
                  near(probability(&p, BUCH, BOOK), all));
            CHECK(near(probability(&p, EIN, A), 1) && p.frequency[A] == (all ? 2u : 1u) &&
                  p.frequency[BOOK] == (all ? 1u : 0u));
            CHECK(p.size == SIZE);
            tt_lexprob_free(&p);
        }
    static const char bare[] = "das haus the house\n\n\n\n";
    const tt_parallel s = {tiny_file("links.tsv", bare, strlen(bare)), NULL, 1};
    tt_lexprob p;
    tt_err e = {0};
    CHECK(tt_lexprob_count(&p, &s, path[3], v, 5, NULL, &e) == TT_EDATA &&
              strstr(e.msg, "links.tsv:1: no TAB"),
          "%s", e.msg);
    const tt_parallel none = {"/nowhere/links", NULL, 1};
    CHECK(tt_lexprob_count(&p, &none, path[3], v, 5, NULL, &e) == TT_ENOINPUT && !p.row, "%s",
          e.msg);
}

/* Many pairs of tokens, each counted beside. */
static void many(void) {
    enum { PAIRS = 4000, MOST = 600 };
    static uint32_t times[MOST][MOST];
    static uint64_t all[MOST];
    tt_vocab *v = tiny_vocab("links.spm", 300);
    tt_arena *a = tt_arena_open(0, NULL);
    char path[2][400], side[2][400];
    snprintf(path[0], sizeof *path, "%s", tiny_path("links.tsv"));
    snprintf(path[1], sizeof *path, "%s", tiny_path("links"));
    FILE *f = fopen(path[0], "wb"), *g = fopen(path[1], "wb");
    CHECK(v && a && f && g && tt_vocab_size(v) <= MOST);
    for (uint64_t i = 0; v && f && g && i < PAIRS; i++) {
        int32_t *ids[2];
        size_t n[2];
        tt_err e = {0};
        tt_arena_reset(a);
        for (int k = 0; k < 2; k++) {
            tiny_sentence(side[k], k, i * 2 + (uint64_t)k);
            CHECK(!tt_vocab_encode(v, side[k], strlen(side[k]), 0, a, &ids[k], &n[k], &e), "%s",
                  e.msg);
        }
        fprintf(f, "%s\t%s\n", side[0], side[1]);
        for (uint64_t j = 0; j < 30; j++) {
            const uint32_t s = tt_rand_below(i, 2 * j, (uint32_t)n[0]),
                           t = tt_rand_below(i, 2 * j + 1, (uint32_t)n[1]);
            fprintf(g, "%s%u-%u", j ? " " : "", s, t);
            times[ids[0][s]][ids[1][t]]++;
            all[ids[0][s]]++;
        }
        fprintf(g, "\n");
    }
    if (f) fclose(f);
    if (g) fclose(g);
    tt_lexprob p;
    tt_err e = {0};
    const tt_parallel s = {path[0], NULL, 1};
    int rc = tt_lexprob_count(&p, &s, path[1], v, 1000, NULL, &e), wrong = 0;
    CHECK(!rc, "%s", e.msg);
    for (int x = 0; !rc && x < p.size; x++) {
        for (int y = 0; y < p.size; y++)
            wrong +=
                !near(probability(&p, x, y), all[x] ? (double)times[x][y] / (double)all[x] : 0);
        for (int i = 1; i < p.row[x].count; i++) wrong += p.row[x].ids[i - 1] >= p.row[x].ids[i];
    }
    CHECK(!wrong, "%d probabilities", wrong);
    tt_lexprob_free(&p);
    tt_arena_close(a);
    tt_vocab_close(v);
}

int main(void) {
    tt_vocab *v = pieces_vocab(words, SIZE - 2);
    CHECK(v);
    if (v) {
        linked(v);
        files(v);
    }
    tt_vocab_close(v);
    many();
    return test_done("t_links");
}
