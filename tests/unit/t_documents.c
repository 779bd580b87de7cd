/* t_documents.c: corpora of documents: where they begin, and whether their lines were shuffled. */
#include "unit/test.h"
#include "unit/tiny.h"

#include "base/rng.h"
#include "text/batch.h"
#include "text/documents.h"

enum { MANY = 20000, LINES = 3000, LONG = 10 /* lines of a document */, WORDS = 400 };

/* A word of four letters. */
static void spell(char word[8], uint32_t x) {
    x = 7919 * x + 12345;
    for (int i = 0; i < 4; i++, x /= 26) word[i] = (char)('a' + x % 26);
    word[4] = 0;
}

/* Documents of ten lines about two words of their own, among words that all have. */
static void write_lines(char *text, size_t room, int lines, int shuffled, int empty_lines) {
    size_t n = 0;
    for (int i = 0; i < lines; i++) {
        const uint32_t line = shuffled ? (uint32_t)i * 1237 % (uint32_t)lines : (uint32_t)i;
        const uint32_t topic = tt_rand_below(5, line / LONG, WORDS),
                       other = tt_rand_below(6, line / LONG, WORDS);
        char a[8], b[8];
        spell(a, topic);
        spell(b, other);
        n += (size_t)snprintf(text + n, room - n, "the %s and a %s\tel %s\n", a, b, a);
        if (empty_lines && i % LONG == LONG - 1) n += (size_t)snprintf(text + n, room - n, " \n");
    }
}

/* Has most words as pieces of their own. */
static tt_vocab *learn_words(void) {
    static char text[MANY * 40], path[400];
    tt_err e = {0};
    write_lines(text, sizeof text, LINES, 0, 0);
    const char *inputs[] = {tiny_file("words.tsv", text, strlen(text))};
    snprintf(path, sizeof path, "%s", tiny_path("words.spm"));
    const tt_vocab_options o = {.inputs = inputs,
                                .n_inputs = 1,
                                .tsv = 1,
                                .size = 640,
                                .coverage = 1,
                                .byte_fallback = 1,
                                .seed = 1};
    tt_vocab *v = tt_vocab_train(path, &o, NULL, &e) ? NULL : tt_vocab_open(path, &e);
    CHECK(v != NULL, "%s", e.msg);
    return v;
}

static tt_corpus *open_corpus(const tt_vocab *v, int lines, int shuffled, int empty_lines,
                              int context) {
    static char text[MANY * 40];
    tt_err e = {0};
    write_lines(text, sizeof text, lines, shuffled, empty_lines);
    const tt_parallel s = {.src = tiny_file("documents.tsv", text, strlen(text)), .weight = 1};
    const tt_corpus_limits limits = {.max_tokens = 60, .context = context};
    tt_pool *pool = tt_pool_open(2, &e);
    tt_corpus *c = tt_corpus_open(&s, 1, v, pool, &limits, NULL, &e);
    CHECK(c && tt_corpus_pairs(c) == (size_t)lines, "%s", e.msg);
    tt_pool_close(pool);
    return c;
}

static void check_order(const tt_vocab *v) {
    tt_kin kin;
    tt_err e;
    for (int shuffled = 0; shuffled < 2; shuffled++) {
        tt_corpus *c = open_corpus(v, MANY, shuffled, 0, 1);
        if (!c) return;
        CHECK(!tt_documents_look(&kin, c, 0, tt_vocab_size(v), &e) &&
                  tt_documents_are_shuffled(&kin) == shuffled,
              "%d: %ld and %ld", shuffled, kin.near, kin.far);
        tt_corpus_close(c);
    }
    CHECK(!tt_documents_are_shuffled(&(tt_kin){9, 9}), "too little to tell");
}

static void check_begins(const tt_vocab *v) {
    tt_corpus *c = open_corpus(v, LINES, 0, 1, 3), *other = open_corpus(v, LINES, 0, 0, 3),
              *one = open_corpus(v, LINES, 0, 1, 0), *two = open_corpus(v, LINES, 0, 0, 0);
    if (!c || !other || !one || !two) return;
    CHECK(tt_corpus_documents(c, 0) == LINES / LONG && tt_corpus_documents(other, 0) == 1);
    for (size_t i = 0; i < LINES; i++) {
        const int want = (int)(i % LONG) < 3 ? (int)(i % LONG) : 3;
        if (tt_corpus_before(c, i, 3) != want) CHECK(0, "%zu: %d", i, tt_corpus_before(c, i, 3));
    }
    CHECK(tt_corpus_before(other, 2999, 3) == 3 && tt_corpus_before(other, 2, 3) == 2);
    /* where documents count, other ones are another corpus; else not */
    CHECK(tt_corpus_hash(c) != tt_corpus_hash(other));
    CHECK(tt_corpus_hash(one) == tt_corpus_hash(two) && tt_corpus_hash(one) != tt_corpus_hash(c));
    tt_corpus_close(c);
    tt_corpus_close(other);
    tt_corpus_close(one);
    tt_corpus_close(two);
}

/* The pair whose source this is; its lines are all different, as far as their document goes. */
static int is_source(const tt_corpus *c, size_t pair, const int32_t *ids, int n) {
    int32_t own[100];
    if (tt_corpus_src_len(c, pair) != n) return 0;
    tt_corpus_src(c, pair, own);
    return !memcmp(own, ids, (size_t)n * sizeof *ids);
}

/* Each sentence of a batch brings what stands before it: texts of its document. */
static void check_batches(const tt_vocab *v, const tt_ready_opts *ready) {
    tt_err e = {0};
    tt_corpus *c = open_corpus(v, LINES, 0, 1, 2);
    const tt_batch_opts o = {
        .seed = 4, .batch_tokens = 500, .window = 400, .shards = 2, .context = 2, .ready = ready};
    tt_batcher *b = c ? tt_batcher_open(c, &o, &e) : NULL;
    tt_arena *a = tt_arena_open(0, &e);
    long counts[3] = {0};
    for (long pairs = 0; b && pairs < LINES;) {
        tt_pair_batch s[2];
        tt_batch_info info;
        tt_arena_reset(a);
        if (tt_batcher_next(b, a, s, &info, &e)) break;
        pairs += info.pairs;
        for (int g = 0; g < 2; g++)
            for (int k = 0; k < s[g].src.count; k++) {
                const tt_seqs *src = &s[g].src, *t = &src->before->texts;
                const int32_t *at = src->before->first + k;
                counts[at[1] - at[0]]++;
                size_t pair = 0;
                while (pair < LINES &&
                       !is_source(c, pair, src->ids + src->off[k], src->off[k + 1] - src->off[k]))
                    pair++;
                /* the first line of the document has the same words as all others */
                for (int32_t j = at[0]; j < at[1]; j++)
                    if (!is_source(c, pair / LONG * LONG, t->ids + t->off[j],
                                   t->off[j + 1] - t->off[j]))
                        CHECK(0, "pair %zu: not of its document", pair);
            }
    }
    CHECK(counts[0] == LINES / LONG && counts[1] == LINES / LONG &&
              counts[2] == LINES - 2 * LINES / LONG,
          "%ld %ld %ld %s", counts[0], counts[1], counts[2], e.msg);
    tt_arena_close(a);
    tt_batcher_close(b);
    tt_corpus_close(c);
}

int main(void) {
    tt_err e = {0};
    tt_vocab *v = learn_words();
    tt_pool *pool = tt_pool_open(1, &e);
    const tt_ready_opts ready = {v, pool, 60, {NULL, NULL}};
    if (v) {
        check_order(v);
        check_begins(v);
        check_batches(v, NULL);
        check_batches(v, &ready);
    }
    tt_pool_close(pool);
    tt_vocab_close(v);
    return test_done("t_documents");
}
