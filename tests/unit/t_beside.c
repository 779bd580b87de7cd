/* t_beside.c: links and weights of words, by hand, as links and weights of pieces; what is wrong in
 * a file, with its line.
 */
#include "text/beside.h"
#include "unit/pieces.h"
#include "unit/test.h"
#include "unit/tiny.h"

static tt_vocab *v;
static tt_arena *a;

static const char *file(const char *name, const char *text) {
    return tiny_file(name, text, strlen(text));
}

/* One batch of the given text, whose pairs stand in the order of the corpus; NULL, said, where the
   files are refused. */
static tt_beside *read(tt_corpus **c, const char *tsv, const char *links, const char *weights,
                       int by_word, tt_err *e) {
    char text[400], one[400], two[400];
    snprintf(text, sizeof text, "%s", file("beside.tsv", tsv));
    snprintf(one, sizeof one, "%s", links ? file("beside.links", links) : "");
    snprintf(two, sizeof two, "%s", weights ? file("beside.weights", weights) : "");
    const tt_beside_files files = {.lists = {links ? one : NULL, weights ? two : NULL},
                                   .by_word = by_word};
    const tt_parallel source = {text, NULL, 1};
    tt_pool *pool = tt_pool_open(2, e);
    tt_beside *b = tt_beside_open(&files, 1, v, e);
    const tt_corpus_limits limits = {.max_tokens = 12, .beside = b};
    *c = b ? tt_corpus_open(&source, 1, v, pool, &limits, NULL, e) : NULL;
    tt_pool_close(pool);
    if (*c) return b;
    tt_beside_close(b);
    return NULL;
}

static const char tsv[] = "ab c\tx yz\n"
                          "\tempty\n"
                          "c\tyz yz\n";

/* A batch of the corpus's two pairs, of 4 and 2 source and 4 and 5 target tokens. */
static const int32_t src_off[] = {0, 4, 6}, tgt_off[] = {0, 4, 9};
static int32_t src[12], tgt[12];

static tt_pair_batch batch_of(const tt_corpus *c, tt_raw pairs[2]) {
    for (size_t i = 0; i < 2; i++) {
        CHECK(tt_corpus_src_len(c, i) == src_off[i + 1] - src_off[i]);
        CHECK(tt_corpus_tgt_len(c, i) == tgt_off[i + 1] - tgt_off[i]);
        pairs[i] = tt_corpus_raw(c, i);
        tt_corpus_src(c, i, src + src_off[i]);
        tt_corpus_tgt(c, i, tgt + tgt_off[i]);
    }
    return (tt_pair_batch){.src = {2, src_off, src}, .tgt = {2, tgt_off, tgt}};
}

static void check_batch(int by_word, const char *weights, const float *expected) {
    /* _ab = _a b; _yz = _y z: pieces _a b _c </s>, _x _y z </s>; _c </s>, _y z _y z </s> */
    static const int32_t off[] = {0, 0, 2, 4, 4, 5, 6, 6, 6, 6}, at[] = {0, 1, 0, 1, 0, 0};
    tt_err e = {0};
    tt_corpus *c;
    tt_beside *b = read(&c, tsv, "0-1 \n0-0\n0-0\r\n", weights, by_word, &e);
    CHECK(b && tt_corpus_pairs(c) == 2, "%s", e.msg);
    if (!b) return;
    tt_raw pairs[2];
    tt_pair_batch batch = batch_of(c, pairs);
    CHECK(!tt_beside_shard(b, pairs, NULL, &batch, a, &e), "%s", e.msg);
    CHECK(batch.link_off && !memcmp(batch.link_off, off, sizeof off));
    CHECK(batch.link_at && !memcmp(batch.link_at, at, sizeof at));
    for (int i = 0; weights && i < 9; i++)
        CHECK(batch.weights[i] == expected[i], "token %d: %g, not %g", i, (double)batch.weights[i],
              (double)expected[i]);
    CHECK(weights || !batch.weights);
    CHECK(tt_beside_hash(b, TT_BESIDE_LINKS) && !tt_beside_hash(b, TT_BESIDE_WEIGHTS) == !weights);
    /* as many words, and other ones: likewise */
    static const bool other[] = {false, true};
    CHECK(!tt_beside_shard(b, pairs, other, &batch, a, &e), "%s", e.msg);
    CHECK(batch.link_off[4] == 4 && batch.link_off[9] == 4);
    CHECK(!weights || batch.weights[4] == batch.weights[6]);
    /* other words than the pair's: no links, and word weights are their mean */
    static int32_t few[] = {0};
    const int32_t few_off[] = {0, 0, 1};
    few[0] = tgt[0];
    batch = (tt_pair_batch){.src = {2, src_off, src}, .tgt = {2, few_off, few}};
    CHECK(!tt_beside_shard(b, pairs, NULL, &batch, a, &e) && !batch.link_off[1]);
    CHECK(!weights || batch.weights[0] == expected[8], "%g", (double)batch.weights[0]);
    tt_corpus_close(c);
    tt_beside_close(b);
}

/* Two sources, on disk: the first has links, the second weights; each is without the other's. */
static void check_mixed(void) {
    static const int32_t off[] = {0, 0, 2, 4, 4, 4, 4, 4, 4, 4}, at[] = {0, 1, 0, 1};
    static const float weights[] = {1, 1, 1, 1, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f};
    tt_err e = {0};
    char one[400], two[400], links[400], weight[400], folder[400];
    snprintf(one, sizeof one, "%s", file("mixed-1.tsv", "ab c\tx yz\n"));
    snprintf(two, sizeof two, "%s", file("mixed-2.tsv", "c\tyz yz\n"));
    snprintf(links, sizeof links, "%s", file("mixed.links", "0-1\n"));
    snprintf(weight, sizeof weight, "%s", file("mixed.weights", "0.5\n"));
    snprintf(folder, sizeof folder, "%s", tiny_path(""));
    const char *const names[][2] = {{links, NULL}, {NULL, weight}};
    const tt_beside_files files = {.names = {names[0], names[1]}};
    const tt_parallel sources[] = {{one, NULL, 1}, {two, NULL, 1}};
    tt_pool *pool = tt_pool_open(2, &e);
    tt_beside *b = tt_beside_open(&files, 2, v, &e);
    const tt_corpus_limits limits = {.max_tokens = 12, .beside = b, .folder = folder};
    tt_corpus *c = b ? tt_corpus_open(sources, 2, v, pool, &limits, NULL, &e) : NULL;
    CHECK(c && tt_corpus_pairs(c) == 2, "%s", e.msg);
    if (c) {
        tt_raw pairs[2];
        tt_pair_batch batch = batch_of(c, pairs);
        CHECK(!tt_beside_shard(b, pairs, NULL, &batch, a, &e), "%s", e.msg);
        CHECK(batch.link_off && !memcmp(batch.link_off, off, sizeof off));
        CHECK(batch.link_at && !memcmp(batch.link_at, at, sizeof at));
        CHECK(batch.weights && !memcmp(batch.weights, weights, sizeof weights));
    }
    for (int i = 0; b && i < TT_BESIDE; i++) {
        CHECK(tt_beside_hash_of(b, i, i) && !tt_beside_hash_of(b, i, !i));
        CHECK(tt_beside_name(b, i, i) && !tt_beside_name(b, i, !i));
    }
    tt_corpus_close(c);
    tt_beside_close(b);
    tt_pool_close(pool);
}

static void refuses(const char *links, const char *weights, int by_word, const char *says) {
    tt_err e = {0};
    tt_corpus *c;
    tt_beside *b = read(&c, tsv, links, weights, by_word, &e);
    CHECK(!b && e.code == TT_EDATA && strstr(e.msg, says), "%s", e.msg);
    if (b) tt_corpus_close(c);
    tt_beside_close(b);
}

int main(void) {
    tt_err e = {0};
    static const char *const names[] = {"\xe2\x96\x81"
                                        "a",
                                        "b",
                                        "\xe2\x96\x81"
                                        "c",
                                        "\xe2\x96\x81"
                                        "x",
                                        "\xe2\x96\x81"
                                        "y",
                                        "z"};
    static const float pair[] = {2, 2, 2, 2, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f},
                       word[] = {1, 3, 3, 2, 0, 0, 0.5f, 0.5f, 0.25f};
    a = tt_arena_open(0, &e);
    v = pieces_vocab(names, 6);
    if (!v || !a) return 1;
    check_batch(0, NULL, NULL);
    check_batch(0, "2\n7\n0.5\n", pair);
    check_batch(1, "1 3\n7\n0 0.5\n", word);
    refuses("0-0\n0-0\n", NULL, 0, "beside.links: ends after 2 lines, and the text goes on");
    refuses("0-0\n\n\n\n", NULL, 0, "beside.links: goes on after the text's 3 lines");
    refuses("0-0\n0-0\n0_0\n", NULL, 0, "beside.links:3: expected links such as 0-0 1-2");
    refuses("2-0\n\n\n", NULL, 0, "beside.links:1: link 2-0, but the pair has 2 and 2 words");
    refuses(NULL, "1\n1\n1 1\n", 0, "beside.weights:3: 2 weights for 1 pair");
    refuses(NULL, "1\n1\n-1\n", 0, "beside.weights:3: expected weights");
    refuses(NULL, "1 1\n1\n1\n", 1, "beside.weights:3: 1 weight for 2 words of the target");
    check_mixed();
    const tt_beside_files two = {.lists = {"a,b", NULL}};
    CHECK(!tt_beside_open(&two, 1, v, &e) && e.code == TT_EUSAGE &&
              strstr(e.msg, "2 files for 1 text"),
          "%s", e.msg);
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_beside");
}
