/* t_ready.c: windows made ready: what is not changed is the corpus's, what is changed is tokenised
 * text; threads do not matter; what cannot be used stays as it was.
 */
#include "text/ready.h"
#include "unit/test.h"
#include "unit/tiny.h"

enum { PAIRS = 300, WINDOW = 200 };

static tt_vocab *v;
static tt_corpus *c;

static void text_of(char out[1000], const tt_ready *r, size_t i, int side, tt_arena *a) {
    char *text;
    size_t len;
    tt_vocab_decode(v, tt_ready_ids(r, i, side), (size_t)tt_ready_len(r, i, side), a, &text, &len,
                    NULL);
    snprintf(out, 1000, "%.*s", (int)len, text);
}

/* A hash of all that is ready. */
static uint64_t filled(const char *rows, int threads, int max_tokens, uint64_t key, int *same) {
    tt_err e = {0};
    tt_pool *pool = tt_pool_open(threads, &e);
    tt_modify *m = tt_modify_open(rows, &e);
    const tt_ready_opts o = {v, pool, max_tokens, {NULL, NULL}};
    tt_ready *r = tt_ready_open(c, &o, WINDOW, &e);
    uint32_t pairs[WINDOW];
    uint64_t h = 0;
    int32_t ids[500];
    for (uint32_t i = 0; i < WINDOW; i++) pairs[i] = i < 2 ? 5 : (i * 7) % PAIRS;
    CHECK(m && r && !tt_ready_fill(r, m, pairs, NULL, WINDOW, key, &e), "%s", e.msg);
    *same = 0;
    for (size_t i = 0; r && i < WINDOW; i++) {
        int equal = 1;
        for (int side = 0; side < 2; side++) {
            const int n = tt_ready_len(r, i, side);
            for (int k = 0; k < n; k++) h = tt_key(h, (uint64_t)tt_ready_ids(r, i, side)[k]);
            CHECK(tt_ready_ids(r, i, side)[n - 1] == tt_vocab_eos(v) && n <= max_tokens,
                  "side of %d", n);
            (side ? tt_corpus_tgt : tt_corpus_src)(c, pairs[i], ids);
            equal &= n == (side ? tt_corpus_tgt_len : tt_corpus_src_len)(c, pairs[i]) &&
                     !memcmp(ids, tt_ready_ids(r, i, side), (size_t)n * sizeof *ids);
        }
        *same += equal;
    }
    tt_ready_close(r);
    tt_modify_close(m);
    tt_pool_close(pool);
    return h;
}

static void check_text(tt_arena *a) {
    tt_err e = {0};
    tt_pool *pool = tt_pool_open(2, &e);
    tt_modify *m = tt_modify_open("upper:share=1", &e);
    const tt_ready_opts o = {v, pool, 400, {NULL, NULL}};
    tt_ready *r = tt_ready_open(c, &o, 4, &e);
    const uint32_t pairs[] = {3, 1};
    char got[1000], want[400], loud[400];
    CHECK(m && r && !tt_ready_fill(r, m, pairs, NULL, 2, 1, &e), "%s", e.msg);
    for (size_t i = 0; r && i < 2; i++) {
        for (int side = 0; side < 2; side++) {
            tiny_sentence(want, side, pairs[i]);
            const tt_pair_text p = {{want, want}, {strlen(want), strlen(want)}};
            tt_pair_text q = p;
            int changed;
            const tt_pair_source none = {NULL, NULL};
            tt_modify_pair(m, &q, &changed, 0, &none, a, &e);
            snprintf(loud, sizeof loud, "%.*s", (int)q.len[0], q.text[0]);
            text_of(got, r, i, side, a);
            CHECK(!strcmp(got, loud), "%s, not %s", got, loud);
        }
    }
    tt_ready_close(r);
    tt_modify_close(m);
    tt_pool_close(pool);
}

/* Cuts of both sides: the same text, anew under another key, the same with any threads. */
static uint64_t cut(int threads, uint64_t key, tt_arena *a) {
    tt_err e = {0};
    tt_subwords *s = NULL;
    tt_pool *pool = tt_pool_open(threads, &e);
    CHECK(!tt_subwords_open(&s, "unigram:alpha=0", v, &e), "%s", e.msg);
    const tt_ready_opts o = {v, pool, 400, {s, s}};
    tt_ready *r = tt_ready_open(c, &o, WINDOW, &e);
    uint32_t pairs[WINDOW];
    char got[1000], want[400];
    uint64_t h = 0;
    int others = 0;
    for (uint32_t i = 0; i < WINDOW; i++) pairs[i] = i < 2 ? 5 : i;
    CHECK(r && !tt_ready_fill(r, NULL, pairs, NULL, WINDOW, key, &e), "%s", e.msg);
    for (size_t i = 0; r && i < WINDOW; i++)
        for (int side = 0; side < 2; side++) {
            const int n = tt_ready_len(r, i, side);
            tiny_sentence(want, side, pairs[i]);
            text_of(got, r, i, side, a);
            CHECK(!strcmp(got, want), "%s, not %s", got, want);
            others += n != (side ? tt_corpus_tgt_len : tt_corpus_src_len)(c, pairs[i]);
            for (int k = 0; k < n; k++) h = tt_key(h, (uint64_t)tt_ready_ids(r, i, side)[k]);
        }
    CHECK(others > WINDOW / 4, "%d cut otherwise", others);
    CHECK(r && (tt_ready_len(r, 0, 0) != tt_ready_len(r, 1, 0) ||
                memcmp(tt_ready_ids(r, 0, 1), tt_ready_ids(r, 1, 1),
                       (size_t)tt_ready_len(r, 1, 1) * sizeof(int32_t)) != 0),
          "a pair that occurs twice is cut twice");
    tt_ready_close(r);
    tt_subwords_close(s);
    tt_pool_close(pool);
    return h;
}

int main(void) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open(0, &e);
    v = tiny_vocab("ready.spm", 310);
    tt_pool *pool = tt_pool_open(1, &e);
    const tt_parallel s = {tiny_tsv("ready.tsv", PAIRS), NULL, 1};
    const tt_corpus_limits limits = {.max_tokens = 400};
    c = v ? tt_corpus_open(&s, 1, v, pool, &limits, NULL, &e) : NULL;
    CHECK(c, "%s", e.msg);
    int same;
    if (c) {
        const char *list = "upper:share=0.3,typos:share=0.5,join:share=0.3";
        const uint64_t one = filled(list, 1, 400, 9, &same);
        CHECK(same > 10 && same < WINDOW - 80, "%d stay", same);
        for (int threads = 2; threads < 5; threads++)
            CHECK(filled(list, threads, 400, 9, &same) == one, "%d threads", threads);
        CHECK(filled(list, 2, 400, 10, &same) != one, "another key");
        filled("", 2, 400, 9, &same);
        CHECK(same == WINDOW, "%d stay", same);
        filled("upper:share=1,tag:share=1,text="
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
               "xxxxxxxxxxxxxxxxxxxxxxxxxxx",
               2, 90, 9, &same);
        CHECK(same == WINDOW, "too long: %d stay", same);
        check_text(a);
        CHECK(cut(1, 3, a) == cut(3, 3, a), "threads");
        CHECK(cut(1, 3, a) != cut(1, 4, a), "another key");
    }
    tt_corpus_close(c);
    tt_pool_close(pool);
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_ready");
}
