/* t_shelf.c: each item stands at its place of the order, whatever the memory; a batcher that
 * shuffles in files gives the same batches of a mixture as one in memory, and of an epoch every
 * pair as often as its weight says.
 */
#include "text/batch.h"
#include "text/permute.h"
#include "text/shelf.h"
#include "unit/test.h"
#include "unit/tiny.h"

enum { PAIRS = 3000, SHARDS = 3 };

static tt_vocab *v;
static tt_pool *pool;
static tt_corpus *c;
static char folder[400];

static void check_places(size_t memory) {
    tt_err e = {0};
    tt_shelf *s = tt_shelf_open(c, folder, memory, &e);
    const uint64_t n = 2 * PAIRS;
    int bad = 0, ids[2][500];
    for (uint64_t key = 5; s && key < 7; key++) {
        CHECK(!tt_shelf_begin(s, key, n, n * 200, &e), "%s", e.msg);
        CHECK(memory > 1 << 20 || tt_shelf_parts(s) > 5, "%d parts", tt_shelf_parts(s));
        for (uint64_t i = 0; i < n; i++)
            CHECK(!tt_shelf_add(s, (uint32_t)(i / 2), &e), "%s", e.msg);
        CHECK(tt_shelf_holds(s, key, n) && !tt_shelf_holds(s, key + 1, n));
        for (uint64_t place = 0; place < n; place++) {
            uint32_t pair;
            tt_raw r;
            CHECK(!tt_shelf_get(s, place, &pair, &r, &e), "%s", e.msg);
            bad += pair != tt_permute(key, place, n) / 2;
            const tt_raw own = tt_corpus_raw(c, pair);
            for (int side = 0; side < 2; side++) {
                bad += r.n[side] != own.n[side];
                tt_corpus_ids(c, &r, side, ids[0]);
                tt_corpus_ids(c, &own, side, ids[1]);
                bad += memcmp(ids[0], ids[1], (r.n[side] + 1) * sizeof **ids) != 0;
            }
        }
    }
    CHECK(!bad, "%d others", bad);
    tt_shelf_close(s);
}

/* A hash of batches, and how often each pair's first target id run occurs is left to its ids. */
static uint64_t batches(const char *where, size_t memory, const tt_recipe *r, int count,
                        uint64_t epoch, size_t index, uint64_t *next_epoch, size_t *next,
                        double *ids) {
    tt_err e = {0};
    const tt_ready_opts ready = {v, pool, 400, {NULL, NULL}};
    const tt_batch_opts o = {.seed = 3,
                             .batch_tokens = 500,
                             .window = 700,
                             .shards = SHARDS,
                             .ready = &ready,
                             .folder = where,
                             .memory = memory};
    tt_batcher *b = tt_batcher_open(c, &o, &e);
    tt_arena *a = tt_arena_open(0, &e);
    uint64_t h = 0;
    *ids = 0;
    CHECK(b && (!r || !tt_batcher_follow(b, r, &e)), "%s", e.msg);
    if (b && (epoch || index)) CHECK(!tt_batcher_seek(b, epoch, index, &e), "%s", e.msg);
    for (int i = 0; b && i < count; i++) {
        tt_pair_batch shards[SHARDS];
        tt_batch_info info;
        tt_arena_reset(a);
        CHECK(!tt_batcher_next(b, a, shards, &info, &e), "%s", e.msg);
        if (!r && info.epoch > epoch) break;
        for (int g = 0; g < SHARDS; g++)
            for (int32_t k = 0; k < shards[g].tgt.off[shards[g].tgt.count]; k++, ++*ids)
                h = tt_key(h, (uint64_t)shards[g].tgt.ids[k]);
        tt_batcher_tell(b, next_epoch, next);
    }
    tt_batcher_close(b);
    tt_arena_close(a);
    return h;
}

int main(void) {
    tt_err e = {0};
    snprintf(folder, sizeof folder, "%s", tiny_path(""));
    v = tiny_vocab("shelf.spm", 310);
    pool = tt_pool_open(2, &e);
    char one[400], two[400];
    snprintf(one, sizeof one, "%s", tiny_tsv("shelf-1.tsv", PAIRS));
    snprintf(two, sizeof two, "%s", tiny_tsv("shelf-2.tsv", 500));
    const tt_parallel s[] = {{one, NULL, 1}, {two, NULL, 2}};
    const tt_corpus_limits limits = {.max_tokens = 400, .folder = folder};
    c = v ? tt_corpus_open(s, 2, v, pool, &limits, NULL, &e) : NULL;
    CHECK(c, "%s", e.msg);
    if (c) {
        check_places(1 << 16);
        check_places(1 << 24);
        const double share[] = {0.7, 0.3};
        const uint64_t from[] = {11, 100};
        const tt_recipe mix = {NULL, share, from};
        uint64_t epoch, epoch2;
        size_t at, at2;
        double ids, more, rest, all = 0;
        const uint64_t memory = batches(NULL, 0, &mix, 300, 0, 0, &epoch, &at, &ids);
        CHECK(batches(folder, 1 << 16, &mix, 300, 0, 0, &epoch, &at, &more) == memory,
              "a mixture in files is that in memory");
        const uint64_t disk = batches(folder, 1 << 16, NULL, 5000, 0, 0, &epoch, &at, &ids);
        CHECK(batches(folder, 1 << 22, NULL, 5000, 0, 0, &epoch, &at, &more) == disk && ids == more,
              "another amount of memory");
        for (size_t i = 0; i < tt_corpus_pairs(c); i++)
            all += tt_corpus_tgt_len(c, i) * (i < tt_corpus_first(c, 1) ? 1 : 2);
        CHECK(ids == all, "%g ids of %g", ids, all);
        CHECK(batches(folder, 1 << 16, NULL, 5000, 1, 0, &epoch, &at, &more) != disk,
              "another epoch");
        batches(folder, 1 << 16, NULL, 41, 1, 0, &epoch, &at, &more);
        const uint64_t after =
            batches(folder, 1 << 16, NULL, 5000, epoch, at, &epoch2, &at2, &rest);
        CHECK(more + rest == all && after, "%g and %g of %g", more, rest, all);
    }
    tt_corpus_close(c);
    tt_pool_close(pool);
    tt_vocab_close(v);
    return test_done("t_shelf");
}
