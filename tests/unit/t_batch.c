/* t_batch.c: batches hold every pair as often as its weight says, within their limits, and depend
 * on nothing but seed, epoch and index.
 */
#include "unit/test.h"
#include "unit/tiny.h"

#include "text/batch.h"

enum { G = 4 };

static const tt_batch_opts opts = {.seed = 3, .batch_tokens = 600, .window = 500, .shards = G};

static tt_corpus *open_corpus(const tt_vocab *v, double w0, double w1) {
    char a[400], b[400];
    snprintf(a, sizeof a, "%s", tiny_tsv("batch-a.tsv", 1500));
    snprintf(b, sizeof b, "%s", tiny_tsv("batch-b.tsv", 400));
    tt_parallel s[] = {{.src = a, .weight = w0}, {.src = b, .weight = w1}};
    tt_err e = {0};
    tt_pool *pool = tt_pool_open(1, &e);
    tt_corpus_limits limits = {.max_tokens = 200};
    tt_corpus *c = tt_corpus_open(s, 2, v, pool, &limits, NULL, &e);
    CHECK(c && tt_corpus_pairs(c) == 1900, "%s", e.msg);
    tt_pool_close(pool);
    return c;
}

static uint64_t hash_seqs(uint64_t h, const tt_seqs *s) {
    h = tt_key(h, (uint64_t)s->count);
    for (int i = 0; i <= s->count; i++) h = tt_key(h, (uint64_t)s->off[i]);
    for (int i = 0; i < s->off[s->count]; i++) h = tt_key(h, (uint64_t)s->ids[i]);
    return h;
}

static uint64_t hash_batch(const tt_pair_batch *shards) {
    uint64_t h = 0;
    for (int g = 0; g < G; g++) h = hash_seqs(hash_seqs(h, &shards[g].src), &shards[g].tgt);
    return h;
}

/* Adds a hash of every pair, order aside, to *sum; returns one of them all in order. */
static uint64_t add_pairs(const tt_pair_batch *s, uint64_t *sum) {
    uint64_t order = 0;
    for (int k = 0; k < s->src.count; k++) {
        uint64_t h = 0;
        for (int t = s->src.off[k]; t < s->src.off[k + 1]; t++)
            h = tt_key(h, (uint64_t)s->src.ids[t]);
        for (int t = s->tgt.off[k]; t < s->tgt.off[k + 1]; t++)
            h = tt_key(h, (uint64_t)s->tgt.ids[t]);
        *sum += h;
        order = tt_key(order, h);
    }
    return order;
}

/* Runs one epoch: checks each batch, returns pairs; *sum adds a hash of every pair, order aside. */
static size_t run_epoch(tt_batcher *b, tt_arena *a, uint64_t *sum, uint64_t *order) {
    tt_pair_batch s[G];
    tt_batch_info i;
    tt_err e = {0};
    size_t pairs = 0;
    int ok = 1, even = 1, last = 0;
    *sum = *order = 0;
    do {
        tt_arena_reset(a);
        if (tt_batcher_next(b, a, s, &i, &e)) {
            CHECK(0, "%s", e.msg);
            break;
        }
        int n = 0, src = 0, tgt = 0, low = 1 << 30, high = 0;
        for (int g = 0; g < G; g++) {
            int ns = s[g].src.off[s[g].src.count], nt = s[g].tgt.off[s[g].tgt.count];
            ok &= s[g].src.count == s[g].tgt.count;
            n += s[g].src.count;
            src += ns;
            tgt += nt;
            low = ns + nt < low ? ns + nt : low;
            high = ns + nt > high ? ns + nt : high;
            for (int k = 0; k < s[g].src.count; k++)
                ok &= s[g].src.ids[s[g].src.off[k + 1] - 1] == 0 &&
                      s[g].tgt.ids[s[g].tgt.off[k + 1] - 1] == 0;
            *order = tt_key(*order, add_pairs(&s[g], sum));
        }
        ok &= n == i.pairs && src == i.src_tokens && tgt == i.tgt_tokens;
        ok &= src <= opts.batch_tokens && tgt <= opts.batch_tokens;
        if (n >= 4 * G) even &= high - low <= 2 * (src + tgt) / n;
        pairs += (size_t)n;
        last = i.index + 1 == i.of;
    } while (!last);
    CHECK(ok, "a batch breaks its promises");
    CHECK(even, "a batch is dealt unevenly");
    return pairs;
}

static void epochs(const tt_corpus *c, tt_arena *a) {
    tt_err e = {0};
    tt_batcher *b = tt_batcher_open(c, &opts, &e);
    CHECK(b, "%s", e.msg);
    if (!b) return;
    uint64_t sum[3], order[3];
    for (int k = 0; k < 2; k++) CHECK(run_epoch(b, a, &sum[k], &order[k]) == 1900, "epoch %d", k);
    CHECK(sum[0] == sum[1] && order[0] != order[1], "the second epoch");
    tt_batcher_close(b);
    tt_batch_opts other = opts;
    other.seed = 4;
    b = tt_batcher_open(c, &other, &e);
    CHECK(b && run_epoch(b, a, &sum[2], &order[2]) == 1900, "%s", e.msg);
    CHECK(sum[2] == sum[0] && order[2] != order[0], "another seed");
    tt_batcher_close(b);
}

static void weights(const tt_vocab *v, tt_arena *a) {
    tt_err e = {0};
    tt_corpus *c = open_corpus(v, 0.5, 3.25);
    tt_batcher *b = c ? tt_batcher_open(c, &opts, &e) : NULL;
    CHECK(b, "%s", e.msg);
    uint64_t sum[2], order;
    size_t n[2] = {0};
    for (int k = 0; b && k < 2; k++) n[k] = run_epoch(b, a, &sum[k], &order);
    CHECK(n[0] > 1900 && n[0] < 2200 && n[1] > 1900 && n[1] < 2200, "%zu and %zu pairs", n[0],
          n[1]);
    CHECK(sum[0] != sum[1], "the same draw in both epochs");
    tt_batcher_close(b);
    tt_corpus_close(c);
    c = open_corpus(v, 0, 0);
    CHECK(c && !tt_batcher_open(c, &opts, &e) && e.code == TT_ECONFIG, "%s", e.msg);
    tt_corpus_close(c);
}

/* Every batch of two epochs, reached by seeking, is the one that the stream gave. */
static void seeking(const tt_corpus *c, tt_arena *a) {
    tt_err e = {0};
    static uint64_t hash[500];
    tt_pair_batch s[G];
    tt_batch_info i;
    tt_batcher *b = tt_batcher_open(c, &opts, &e), *d = tt_batcher_open(c, &opts, &e);
    uint64_t epoch = 0;
    size_t index, of = 0, wrong = 0, n = 0;
    while (b && n < 500) {
        tt_arena_reset(a);
        CHECK(!tt_batcher_next(b, a, s, &i, &e), "%s", e.msg);
        if (i.epoch > 1) break;
        if (!i.epoch) of = i.of;
        hash[n++] = hash_batch(s);
    }
    for (size_t k = 0; d && k < n; k += 7) {
        size_t at = k * 31 % n;
        tt_arena_reset(a);
        wrong += tt_batcher_seek(d, at >= of, at >= of ? at - of : at, &e) != 0;
        wrong += tt_batcher_next(d, a, s, &i, &e) != 0 || hash_batch(s) != hash[at];
        tt_batcher_tell(d, &epoch, &index);
        wrong += epoch != (at >= of) || index != i.index + 1;
    }
    CHECK(n > 2 && !wrong, "%zu of %zu batches", wrong, n);
    CHECK(d && !tt_batcher_seek(d, 0, of, &e) && !tt_batcher_next(d, a, s, &i, &e), "%s", e.msg);
    CHECK(i.epoch == 1 && i.index == 0 && hash_batch(s) == hash[of], "the end of an epoch");
    CHECK(d && tt_batcher_seek(d, 0, of + 1, &e) == TT_ECONFIG, "%s", e.msg);
    tt_batcher_close(b);
    tt_batcher_close(d);
}

static void odd_options(const tt_corpus *c, tt_arena *a) {
    tt_err e = {0};
    tt_pair_batch s[G];
    tt_batch_info i;
    tt_batch_opts o = opts;
    o.batch_tokens = 1; /* every pair is too long: one a batch, three shards empty */
    tt_batcher *b = tt_batcher_open(c, &o, &e);
    CHECK(b && !tt_batcher_next(b, a, s, &i, &e) && i.pairs == 1 && i.of == 1900, "%s", e.msg);
    CHECK(s[0].src.count == 1 && !s[1].src.count && s[1].src.off[0] == 0, "shards");
    tt_arena *full = tt_arena_open(100, NULL);
    CHECK(b && tt_batcher_next(b, full, s, &i, &e) == TT_ENOMEM, "%s", e.msg);
    tt_arena_close(full);
    tt_batcher_close(b);
    o.batch_tokens = 0;
    CHECK(!tt_batcher_open(c, &o, &e) && e.code == TT_ECONFIG, "%s", e.msg);
    o = opts;
    o.window = 0;
    CHECK(!tt_batcher_open(c, &o, &e) && e.code == TT_ECONFIG, "%s", e.msg);
    o = opts;
    o.shards = 0;
    CHECK(!tt_batcher_open(c, &o, &e) && e.code == TT_ECONFIG, "%s", e.msg);
}

/* The hashes of some batches from a place on. */
static void collect(tt_batcher *b, tt_arena *a, uint64_t *hash, int n) {
    tt_pair_batch s[G];
    tt_batch_info i;
    tt_err e = {0};
    double before = 0;
    int rising = 1;
    for (int k = 0; k < n; k++) {
        tt_arena_reset(a);
        CHECK(!tt_batcher_next(b, a, s, &i, &e), "%s", e.msg);
        hash[k] = hash_batch(s);
        rising &= i.epochs > before && i.src_tokens <= opts.batch_tokens;
        before = i.epochs;
    }
    CHECK(rising, "epochs do not rise, or a batch is too large");
}

/* Windows that are made ready one by one: with nothing to change the pairs are the same, an epoch
 * has each once, and every place can be sought. */
static void windows(const tt_corpus *c, const tt_vocab *v, tt_arena *a, const char *rows,
                    const tt_recipe *mixture) {
    enum { N = 200 };
    static uint64_t hash[N], again[N], epochs[N], index[N];
    tt_err e = {0};
    tt_pool *pool = tt_pool_open(3, &e);
    tt_modify *m = tt_modify_open(rows, &e);
    const tt_ready_opts ready = {v, pool, 200, {NULL, NULL}};
    tt_batch_opts o = opts;
    tt_recipe recipe = mixture ? *mixture : (tt_recipe){0};
    o.ready = &ready;
    recipe.modify = m;
    tt_batcher *b = tt_batcher_open(c, &o, &e), *d = tt_batcher_open(c, &o, &e);
    CHECK(b && d && !tt_batcher_follow(b, &recipe, &e) && !tt_batcher_follow(d, &recipe, &e), "%s",
          e.msg);
    for (int k = 0; b && k < N; k++) {
        size_t at;
        tt_batcher_tell(b, &epochs[k], &at);
        index[k] = at;
        collect(b, a, &hash[k], 1);
    }
    uint64_t wrong = 0;
    for (int k = 0; d && k < N; k += 3) {
        const int at = k * 37 % (N - 2);
        CHECK(!tt_batcher_seek(d, epochs[at], index[at], &e), "%s", e.msg);
        collect(d, a, again, 2);
        wrong += again[0] != hash[at] || again[1] != hash[at + 1];
    }
    CHECK(!wrong, "%d batches differ when sought", (int)wrong);
    CHECK(d && tt_batcher_seek(d, 0, 400, &e) == TT_ECONFIG, "%s", e.msg);
    CHECK(d && tt_batcher_seek(d, 0, (size_t)99 << 24, &e) == TT_ECONFIG, "%s", e.msg);
    if (b && mixture) {
        const double passes = tt_batcher_passes(b, 1);
        CHECK(tt_batcher_drawn(b, 1) - 17 >= (uint64_t)(passes * 400 - 1) && passes > 0.3,
              "%g passes", passes);
    }
    tt_batcher_close(b);
    tt_batcher_close(d);
    tt_modify_close(m);
    tt_pool_close(pool);
}

/* A mixture of 0.9 of the second source: of the pairs drawn, nine of ten are of it, whatever its
   size. */
static void mixture(const tt_vocab *v, tt_arena *a) {
    tt_corpus *c = open_corpus(v, 1, 1);
    const double share[] = {0.05, 0.45}, none[] = {0, 0};
    const uint64_t from[] = {100, 17};
    const tt_recipe r = {NULL, share, from};
    tt_err e = {0};
    if (!c) return;
    windows(c, v, a, "", &r);
    windows(c, v, a, "upper:share=0.5,join:share=0.2", &r);
    tt_pool *pool = tt_pool_open(1, &e);
    const tt_ready_opts ready = {v, pool, 200, {NULL, NULL}};
    tt_batch_opts o = opts;
    o.ready = &ready;
    tt_batcher *b = tt_batcher_open(c, &o, &e);
    CHECK(b && !tt_batcher_follow(b, &r, &e), "%s", e.msg);
    CHECK(b && !tt_batcher_seek(b, 3, 0, &e), "%s", e.msg); /* the fourth window of 500 */
    CHECK(b && tt_batcher_drawn(b, 0) == 100 + 200 && tt_batcher_drawn(b, 1) == 17 + 1800, "%d",
          b ? (int)tt_batcher_drawn(b, 1) : 0);
    CHECK(b && tt_batcher_passes(b, 1) > 3.37 && tt_batcher_passes(b, 1) < 3.38, "passes");
    const tt_recipe empty = {NULL, none, from};
    CHECK(b && tt_batcher_follow(b, &empty, &e) == TT_ECONFIG, "%s", e.msg);
    tt_batcher_close(b);
    tt_pool_close(pool);
    tt_corpus_close(c);
}

static void ready(const tt_corpus *c, const tt_vocab *v, tt_arena *a) {
    uint64_t whole[2], by_window[2], order;
    tt_err e = {0};
    tt_pool *pool = tt_pool_open(2, &e);
    const tt_ready_opts made = {v, pool, 200, {NULL, NULL}};
    tt_batch_opts o = opts;
    tt_batcher *b = tt_batcher_open(c, &o, &e);
    o.ready = &made;
    tt_batcher *d = tt_batcher_open(c, &o, &e);
    for (int k = 0; b && d && k < 2; k++) {
        tt_pair_batch s[G];
        tt_batch_info i;
        run_epoch(b, a, &whole[k], &order);
        by_window[k] = 0;
        do {
            tt_arena_reset(a);
            CHECK(!tt_batcher_next(d, a, s, &i, &e), "%s", e.msg);
            for (int g = 0; g < G; g++) add_pairs(&s[g], &by_window[k]);
        } while (i.epochs < k + 1);
        CHECK(i.epochs <= k + 1 && by_window[k] == whole[k], "epoch %d ends at %g", k, i.epochs);
    }
    tt_batcher_close(b);
    tt_batcher_close(d);
    tt_pool_close(pool);
    windows(c, v, a, "", NULL);
    windows(c, v, a, "upper:share=0.3,typos:share=0.3", NULL);
}

int main(void) {
    tt_arena *a = tt_arena_open(0, NULL);
    tt_vocab *v = tiny_vocab("batch.spm", 310);
    tt_corpus *c = v ? open_corpus(v, 1, 1) : NULL;
    if (c) {
        epochs(c, a);
        weights(v, a);
        seeking(c, a);
        odd_options(c, a);
        ready(c, v, a);
        mixture(v, a);
    }
    tt_corpus_close(c);
    tt_batcher_close(NULL);
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_batch");
}
