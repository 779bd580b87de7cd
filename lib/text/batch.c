/* batch.c: see batch.h. An epoch is planned whole when it begins: one array of pair numbers, batch
 * after batch, and where each batch starts. That is four bytes a pair, takes a quarter of a
 * second for a million pairs, and makes seeking a matter of an index.
 */
#include "text/batch.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE_COPIES, PURPOSE_ORDER, PURPOSE_WINDOW }; /* keys below (seed, epoch) */

struct tt_batcher {
    const tt_corpus *corpus; /* borrowed */
    tt_batch_opts o;
    uint64_t epoch;
    size_t index;    /* of the next batch in its epoch */
    uint32_t *order; /* pair numbers of the epoch, batch after batch; owned */
    size_t pairs, room;
    uint32_t *start; /* (batches + 1) into order; owned, room for `room` + 1 */
    size_t batches;
    struct entry *window; /* scratch (o.window) */
    uint32_t *cuts;       /* scratch (o.window): starts of a window's batches */
};

/* ---- planning an epoch --------------------------------------------------------------------- */

struct entry {
    int tgt, src; /* tokens */
    uint32_t place, pair;
};

static int by_length(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    if (x->tgt != y->tgt) return x->tgt < y->tgt ? -1 : 1;
    if (x->src != y->src) return x->src < y->src ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* Writes the pairs of the epoch to order, unless it is NULL; returns their number. */
static size_t draw_pairs(const tt_batcher *b, uint64_t key, uint32_t *order) {
    const tt_corpus *c = b->corpus;
    size_t n = 0;
    key = tt_key(key, PURPOSE_COPIES);
    for (int s = 0; s < tt_corpus_sources(c); s++) {
        double weight = tt_corpus_weight(c, s), whole = floor(weight);
        for (size_t p = tt_corpus_first(c, s); p < tt_corpus_first(c, s + 1); p++) {
            size_t copies = (size_t)whole + (tt_rand_unit(key, p) < weight - whole ? 1 : 0);
            for (size_t k = 0; k < copies; k++, n++)
                if (order) order[n] = (uint32_t)p;
        }
    }
    return n;
}

static void shuffle(uint32_t *x, size_t n, uint64_t key) {
    for (size_t i = n; i > 1; i--) {
        size_t j = tt_rand_below(key, i, (uint32_t)i);
        uint32_t t = x[i - 1];
        x[i - 1] = x[j];
        x[j] = t;
    }
}

/* Sorts the window of `n` pairs at `begin`, cuts it into batches, and puts these back in random
   order. Returns the number of batches; their ends go to `ends`. */
static size_t plan_window(tt_batcher *b, size_t begin, size_t n, uint64_t key, uint32_t *ends) {
    struct entry *w = b->window;
    for (size_t i = 0; i < n; i++) {
        uint32_t pair = b->order[begin + i];
        w[i] = (struct entry){tt_corpus_tgt_len(b->corpus, pair),
                              tt_corpus_src_len(b->corpus, pair), (uint32_t)i, pair};
    }
    qsort(w, n, sizeof *w, by_length);
    size_t count = 0;
    int64_t src = 0, tgt = 0;
    for (size_t i = 0; i < n; i++) {
        src += w[i].src;
        tgt += w[i].tgt;
        if (!i || src > b->o.batch_tokens || tgt > b->o.batch_tokens) {
            b->cuts[count++] = (uint32_t)i;
            src = w[i].src;
            tgt = w[i].tgt;
        }
    }
    /* ends[] lends its room to the order of the batches, and is overwritten behind the reading. */
    for (size_t i = 0; i < count; i++) ends[i] = (uint32_t)i;
    shuffle(ends, count, key);
    size_t at = begin;
    for (size_t i = 0; i < count; i++) {
        size_t k = ends[i], end = k + 1 < count ? b->cuts[k + 1] : n;
        for (size_t j = b->cuts[k]; j < end; j++) b->order[at++] = w[j].pair;
        ends[i] = (uint32_t)at;
    }
    return count;
}

static int reserve(tt_batcher *b, size_t pairs, tt_err *e) {
    if (pairs > UINT32_MAX - 1)
        return tt_fail(e, TT_ECONFIG, "the weights give more than %u pairs an epoch",
                       UINT32_MAX - 1);
    if (pairs <= b->room && b->order) return 0;
    size_t room = pairs + pairs / 16; /* the next epoch may draw a few more */
    uint32_t *order = realloc(b->order, (room + 1) * sizeof *order);
    if (order) b->order = order;
    uint32_t *start = order ? realloc(b->start, (room + 1) * sizeof *start) : NULL;
    if (start) b->start = start;
    if (!start) return tt_fail(e, TT_ENOMEM, "out of memory for the order of %zu pairs", pairs);
    b->room = room;
    return 0;
}

static int plan(tt_batcher *b, uint64_t epoch, tt_err *e) {
    uint64_t key = tt_key(b->o.seed, epoch), window = (uint64_t)b->o.window;
    size_t n = draw_pairs(b, key, NULL);
    TT_TRY(reserve(b, n, e));
    draw_pairs(b, key, b->order);
    shuffle(b->order, n, tt_key(key, PURPOSE_ORDER));
    b->epoch = epoch;
    b->index = 0;
    b->pairs = n;
    b->batches = 0;
    b->start[0] = 0;
    for (size_t at = 0; at < n; at += window)
        b->batches +=
            plan_window(b, at, n - at < window ? n - at : window,
                        tt_key(tt_key(key, PURPOSE_WINDOW), at), b->start + b->batches + 1);
    return 0;
}

/* ---- the stream ---------------------------------------------------------------------------- */

static int check(const tt_corpus *c, const tt_batch_opts *o, tt_err *e) {
    if (o->batch_tokens < 1 || o->batch_tokens > 1 << 24)
        return tt_fail(e, TT_ECONFIG, "batch of %d tokens, expected 1 to %d", o->batch_tokens,
                       1 << 24);
    if (o->window < 1 || o->window > 1 << 24)
        return tt_fail(e, TT_ECONFIG, "window of %d pairs, expected 1 to %d", o->window, 1 << 24);
    if (o->shards < 1 || o->shards > 4096)
        return tt_fail(e, TT_ECONFIG, "%d shards, expected 1 to 4096", o->shards);
    double pairs = 0;
    for (int s = 0; s < tt_corpus_sources(c); s++)
        pairs +=
            tt_corpus_weight(c, s) * (double)(tt_corpus_first(c, s + 1) - tt_corpus_first(c, s));
    if (pairs < 1) return tt_fail(e, TT_ECONFIG, "the weights leave less than one pair an epoch");
    return 0;
}

tt_batcher *tt_batcher_open(const tt_corpus *c, const tt_batch_opts *o, tt_err *e) {
    if (check(c, o, e)) return NULL;
    tt_batcher *b = calloc(1, sizeof *b);
    if (b) {
        b->corpus = c;
        b->o = *o;
        b->window = malloc((size_t)o->window * sizeof *b->window);
        b->cuts = malloc((size_t)o->window * sizeof *b->cuts);
    }
    if (!b || !b->window || !b->cuts)
        tt_fail(e, TT_ENOMEM, "out of memory for a window of %d pairs", o->window);
    else if (!plan(b, 0, e))
        return b;
    tt_batcher_close(b);
    return NULL;
}

void tt_batcher_close(tt_batcher *b) {
    if (!b) return;
    free(b->order);
    free(b->start);
    free(b->window);
    free(b->cuts);
    free(b);
}

int tt_batcher_seek(tt_batcher *b, uint64_t epoch, size_t index, tt_err *e) {
    if (epoch != b->epoch) TT_TRY(plan(b, epoch, e));
    if (index > b->batches)
        return tt_fail(e, TT_ECONFIG,
                       "batch %zu of epoch %llu, which has %zu: other text or other options", index,
                       (unsigned long long)epoch, b->batches);
    b->index = index;
    return 0;
}

void tt_batcher_tell(const tt_batcher *b, uint64_t *epoch, size_t *index) {
    *epoch = b->epoch;
    *index = b->index;
}

/* ---- building a batch ---------------------------------------------------------------------- */

struct shard {
    int pairs, src, tgt; /* sentences and tokens dealt to it */
    int32_t *src_off, *tgt_off, *src_ids, *tgt_ids;
};

/* Deals the batch's pairs, longest first, each to the shard that has the least work so far (Graham
   1969). The batch is sorted by length, so longest first is from its end. to (n): shard of each. */
static void deal(const tt_corpus *c, const uint32_t *pairs, size_t n, struct shard *s, int shards,
                 int *to) {
    for (size_t i = n; i-- > 0;) {
        int best = 0;
        for (int g = 1; g < shards; g++)
            if (s[g].src + s[g].tgt < s[best].src + s[best].tgt) best = g;
        to[i] = best;
        s[best].pairs++;
        s[best].src += tt_corpus_src_len(c, pairs[i]);
        s[best].tgt += tt_corpus_tgt_len(c, pairs[i]);
    }
}

static int shard_alloc(struct shard *s, tt_arena *a) {
    size_t offsets = (size_t)s->pairs + 1;
    s->src_off = tt_arena_alloc(a, offsets * sizeof *s->src_off);
    s->tgt_off = tt_arena_alloc(a, offsets * sizeof *s->tgt_off);
    s->src_ids = tt_arena_alloc(a, (size_t)s->src * sizeof *s->src_ids);
    s->tgt_ids = tt_arena_alloc(a, (size_t)s->tgt * sizeof *s->tgt_ids);
    if (!s->src_off || !s->tgt_off || !s->src_ids || !s->tgt_ids) return 0;
    s->src_off[0] = s->tgt_off[0] = 0;
    s->pairs = 0; /* counts again as the pairs are filled in */
    return 1;
}

static void shard_add(struct shard *s, const tt_corpus *c, uint32_t pair) {
    int k = s->pairs++;
    s->src_off[k + 1] = s->src_off[k] + tt_corpus_src_len(c, pair);
    s->tgt_off[k + 1] = s->tgt_off[k] + tt_corpus_tgt_len(c, pair);
    tt_corpus_src(c, pair, s->src_ids + s->src_off[k]);
    tt_corpus_tgt(c, pair, s->tgt_ids + s->tgt_off[k]);
}

int tt_batcher_next(tt_batcher *b, tt_arena *a, tt_pair_batch *shards, tt_batch_info *info,
                    tt_err *e) {
    /* An epoch of small weights may draw no pair at all; many in a row cannot be. */
    for (int tries = 0; b->index == b->batches; tries++) {
        if (tries == 1000)
            return tt_fail(e, TT_ECONFIG, "the weights leave no pair in 1000 epochs");
        TT_TRY(plan(b, b->epoch + 1, e));
    }
    int count = b->o.shards;
    size_t n = b->start[b->index + 1] - b->start[b->index];
    const uint32_t *pairs = b->order + b->start[b->index];
    struct shard *s = tt_arena_zero(a, (size_t)count * sizeof *s);
    int *to = tt_arena_alloc(a, n * sizeof *to);
    if (!s || !to) return tt_fail(e, TT_ENOMEM, "out of memory for a batch of %zu pairs", n);
    deal(b->corpus, pairs, n, s, count, to);
    *info =
        (tt_batch_info){.epoch = b->epoch, .index = b->index, .of = b->batches, .pairs = (int)n};
    for (int g = 0; g < count; g++) {
        info->src_tokens += s[g].src;
        info->tgt_tokens += s[g].tgt;
        if (!shard_alloc(&s[g], a))
            return tt_fail(e, TT_ENOMEM, "out of memory for a batch of %zu pairs", n);
    }
    for (size_t i = 0; i < n; i++) shard_add(&s[to[i]], b->corpus, pairs[i]);
    for (int g = 0; g < count; g++)
        shards[g] = (tt_pair_batch){{s[g].pairs, s[g].src_off, s[g].src_ids},
                                    {s[g].pairs, s[g].tgt_off, s[g].tgt_ids}};
    b->index++;
    return 0;
}
