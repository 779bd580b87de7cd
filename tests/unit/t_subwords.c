/* t_subwords.c: cuts spell what they were made of; the best one and merges without dropout are
 * SentencePiece's own; cuts are drawn as often as their probabilities say.
 */
#include "text/subwords.h"
#include "unit/test.h"
#include "unit/tiny.h"

#include <math.h>

static tt_vocab *bpe_vocab(void) {
    char path[400];
    snprintf(path, sizeof path, "%s", tiny_path("subwords-bpe.spm"));
    const char *inputs[] = {tiny_tsv("subwords.tsv", 1000)};
    const tt_vocab_options o = {.inputs = inputs,
                                .n_inputs = 1,
                                .tsv = 1,
                                .bpe = 1,
                                .size = 340,
                                .coverage = 1,
                                .byte_fallback = 1,
                                .seed = 1};
    tt_err e = {0};
    tt_vocab *v = tt_vocab_train(path, &o, NULL, &e) ? NULL : tt_vocab_open(path, &e);
    if (!v) printf("FAIL bpe_vocab: %s\n", e.msg);
    return v;
}

struct seen {
    int same, longest;
    uint64_t hash;
};

/* Cuts 200 sentences with the row under a key: each must spell what it was. */
static struct seen cut_all(const char *row, const tt_vocab *v, uint64_t key, tt_arena *a) {
    struct seen seen = {0};
    tt_err e = {0};
    tt_subwords *s = NULL;
    CHECK(!tt_subwords_open(&s, row, v, &e) && s, "%s: %s", row, e.msg);
    for (uint64_t i = 0; s && i < 200; i++) {
        char text[400], *was, *is;
        int32_t *ids, *cut;
        size_t n, count, len;
        tiny_sentence(text, (int)(i % 2), i);
        if (i % 10 == 3) snprintf(text + 8, 40, " 猫 x1 ▁ \xf0\x9f\x98\x80.");
        if (tt_vocab_encode(v, text, strlen(text), TT_VOCAB_EOS, a, &ids, &n, &e) ||
            tt_subwords_cut(s, ids, n, tt_key(key, i), a, &cut, &count, &e) ||
            tt_vocab_decode(v, ids, n, a, &was, &len, &e) ||
            tt_vocab_decode(v, cut, count, a, &is, &len, &e)) {
            CHECK(0, "%s: %s", row, e.msg);
            break;
        }
        CHECK(!strcmp(was, is), "%s: '%s' was '%s'", row, is, was);
        CHECK(count && cut[count - 1] == tt_vocab_eos(v), "%s: no end", row);
        seen.same += n == count && !memcmp(ids, cut, n * sizeof *ids);
        if ((int)count > seen.longest) seen.longest = (int)count;
        for (size_t k = 0; k < count; k++) seen.hash = tt_key(seen.hash, (uint64_t)cut[k]);
    }
    tt_subwords_close(s);
    return seen;
}

/* ---- how often ----------------------------------------------------------------------------- */

enum { CUTS = 400, DRAWS = 40000 };

struct cuts {
    int32_t ids[CUTS][24];
    int len[CUTS], n;
    double p[CUTS];
};

/* All cuts of the text behind the ids so far. */
static void list_cuts(struct cuts *c, const tt_vocab *v, const char *text, int32_t *ids, int n,
                      double score) {
    if (!*text && c->n < CUTS) {
        memcpy(c->ids[c->n], ids, (size_t)n * sizeof *ids);
        c->len[c->n] = n;
        c->p[c->n++] = score;
    }
    for (size_t len = 1; *text && n < 24 && len <= strlen(text); len++) {
        const int id = tt_vocab_find(v, text, len);
        if (id < 0 || !tt_vocab_is_usual(v, id)) continue;
        ids[n] = id;
        list_cuts(c, v, text + len, ids, n + 1, score + (double)tt_vocab_score(v, id));
    }
}

static int by_score(const struct cuts *c, int a, int b) { return c->p[a] > c->p[b]; }

/* The shares of the cuts of a text among many, against p^alpha of all or of the `best` best. */
static void check_shares(const char *row, double alpha, int best, const tt_vocab *v, tt_arena *a) {
    static struct cuts c;
    static const char text[] = "neighbour perro house",
                      word[] = "\xe2\x96\x81neighbour\xe2\x96\x81perro\xe2\x96\x81house";
    int32_t room[24], *ids, *cut;
    size_t n, count;
    tt_err e = {0};
    tt_subwords *s = NULL;
    c.n = 0;
    list_cuts(&c, v, word, room, 0, 0);
    CHECK(c.n > 5 && c.n < CUTS, "%d cuts", c.n);
    double all = 0, most = 0;
    for (int i = 0; i < c.n; i++) {
        int before = 0;
        for (int j = 0; j < c.n; j++) before += by_score(&c, j, i);
        if (best && before >= best) continue;
        all += exp(alpha * c.p[i]);
    }
    CHECK(!tt_subwords_open(&s, row, v, &e), "%s", e.msg);
    tt_vocab_encode(v, text, strlen(text), 0, a, &ids, &n, &e);
    static int drawn[CUTS];
    memset(drawn, 0, sizeof drawn);
    const tt_mark mark = tt_arena_mark(a);
    int lost = 0;
    for (uint64_t d = 0; s && d < DRAWS; d++) {
        tt_arena_rewind(a, mark);
        tt_subwords_cut(s, ids, n, d, a, &cut, &count, &e);
        int i = 0;
        while (i < c.n &&
               (c.len[i] != (int)count || memcmp(c.ids[i], cut, count * sizeof *cut) != 0))
            i++;
        if (i < c.n) drawn[i]++;
        else lost++;
    }
    for (int i = 0; i < c.n; i++) {
        int before = 0;
        for (int j = 0; j < c.n; j++) before += by_score(&c, j, i);
        const double p = best && before >= best ? 0 : exp(alpha * c.p[i]) / all,
                     far = fabs(drawn[i] - DRAWS * p) / sqrt(DRAWS * p * (1 - p) + 1);
        if (far > most) most = far;
    }
    CHECK(!lost && most < 4.5, "%s: %d cuts that are none, off by %.1f deviations", row, lost,
          most);
    tt_subwords_close(s);
}

static void refuses(const char *row, const tt_vocab *v, int code, const char *says) {
    tt_err e = {0};
    tt_subwords *s = NULL;
    CHECK(tt_subwords_open(&s, row, v, &e) == code && !s && strstr(e.msg, says), "%s: %s", row,
          e.msg);
}

int main(void) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open(0, &e);
    tt_vocab *unigram = tiny_vocab("subwords.spm", 340), *bpe = bpe_vocab();
    tt_subwords *none = NULL;
    if (unigram && bpe) {
        CHECK(!tt_subwords_open(&none, "best", bpe, &e) && !none, "%s", e.msg);
        CHECK(cut_all("bpe-dropout:p=0", bpe, 1, a).same == 200);
        CHECK(cut_all("unigram:nbest=1", unigram, 1, a).same == 200);
        CHECK(cut_all("unigram:alpha=1000", unigram, 1, a).same == 200);
        const struct seen dropped = cut_all("bpe-dropout:p=1", bpe, 1, a),
                          some = cut_all("bpe-dropout:p=0.1", bpe, 1, a),
                          drawn = cut_all("unigram:alpha=0.3", unigram, 1, a);
        CHECK(dropped.same < 25 && dropped.same < some.same && dropped.longest > 100, "%d, %d",
              dropped.same, dropped.longest);
        CHECK(some.same > 5 && some.same < 150, "%d", some.same);
        CHECK(drawn.same < 180, "%d", drawn.same);
        CHECK(cut_all("bpe-dropout", bpe, 1, a).hash == some.hash, "the same key");
        CHECK(cut_all("bpe-dropout", bpe, 2, a).hash != some.hash, "another key");
        CHECK(cut_all("unigram:alpha=0.3", unigram, 2, a).hash != drawn.hash, "another key");
        CHECK(cut_all("unigram:alpha=0.3,nbest=8", unigram, 2, a).same < 198);
        check_shares("unigram:alpha=0.5", 0.5, 0, unigram, a);
        check_shares("unigram:alpha=0", 0, 0, unigram, a);
        check_shares("unigram:alpha=0.2,nbest=5", 0.2, 5, unigram, a);
        refuses("unigram", bpe, TT_ECONFIG, "BPE; take bpe-dropout");
        refuses("bpe-dropout", unigram, TT_ECONFIG, "unigram; take unigram");
        refuses("dropout", unigram, TT_EUSAGE, "bpe-dropout");
        refuses("unigram:nbest=513", unigram, TT_EUSAGE, "nbest");
    }
    tt_vocab_close(unigram);
    tt_vocab_close(bpe);
    tt_arena_close(a);
    return test_done("t_subwords");
}
