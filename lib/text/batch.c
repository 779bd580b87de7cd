/* batch.c: see batch.h. An epoch is planned whole when it begins: one array of pair numbers, batch
 * after batch, and where each batch starts. That is four bytes a pair, takes a quarter of a
 * second for a million pairs, and makes seeking a matter of an index.
 *
 * Where windows are made ready one by one, the order of the epoch's pairs is planned, and the
 * batches of one window at a time: `start` has those of the window, and index is (window << 24) +
 * batch.
 */
#include "text/batch.h"

#include "base/rng.h"
#include "text/beside.h"
#include "text/permute.h"
#include "text/shelf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* keys below (seed, epoch) */
enum { PURPOSE_COPIES, PURPOSE_ORDER, PURPOSE_WINDOW, PURPOSE_MIX, PURPOSE_MODIFY };
enum { WINDOW_BITS = 24 };

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
    /* where windows are made ready one by one */
    tt_ready *ready; /* NULL: whole epochs are planned */
    uint32_t *place; /* (pairs of the window), batch after batch: their places in `ready` */
    tt_recipe recipe;
    size_t at; /* of the window in order; `start` counts from it */
    /* where pairs are shuffled in files: order is that of the window alone */
    tt_shelf **shelf; /* (sources), or one of all; NULL: in memory */
    int shelves;
    tt_raw *raw, *held; /* (most) of the window, in its order and as they came */
    uint32_t *came;     /* (most): their numbers */
    tt_arena *ids;
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

/* How often a pair of source s stands in the epoch of the key. */
static size_t copies_of(const tt_batcher *b, uint64_t key, int s, size_t pair) {
    const double weight = tt_corpus_weight(b->corpus, s), whole = floor(weight);
    return (size_t)whole + (tt_rand_unit(key, pair) < weight - whole ? 1 : 0);
}

/* Writes the pairs of the epoch to order, unless it is NULL; returns their number. */
static size_t draw_pairs(const tt_batcher *b, uint64_t key, uint32_t *order) {
    const tt_corpus *c = b->corpus;
    size_t n = 0;
    key = tt_key(key, PURPOSE_COPIES);
    for (int s = 0; s < tt_corpus_sources(c); s++) {
        for (size_t p = tt_corpus_first(c, s); p < tt_corpus_first(c, s + 1); p++) {
            const size_t copies = copies_of(b, key, s, p);
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
        uint32_t pair = b->order[b->shelf ? i : begin + i];
        w[i] = (struct entry){.place = (uint32_t)i, .pair = pair};
        w[i].tgt =
            b->ready ? tt_ready_len(b->ready, i, TT_TARGET) : tt_corpus_tgt_len(b->corpus, pair);
        w[i].src =
            b->ready ? tt_ready_len(b->ready, i, TT_SOURCE) : tt_corpus_src_len(b->corpus, pair);
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
        for (size_t j = b->cuts[k]; j < end; j++) {
            if (b->ready) b->place[at++ - begin] = w[j].place;
            else b->order[at++] = w[j].pair;
        }
        ends[i] = (uint32_t)(at - b->at);
    }
    return count;
}

static int reserve(tt_batcher *b, size_t pairs, tt_err *e) {
    if (pairs > UINT32_MAX - 1)
        return tt_fail(e, TT_ECONFIG, "the weights give more than %u pairs an epoch",
                       UINT32_MAX - 1);
    if (b->shelf || (pairs <= b->room && b->order)) return 0;
    size_t room = pairs + pairs / 16; /* the next epoch may draw a few more */
    uint32_t *order = realloc(b->order, (room + 1) * sizeof *order);
    if (order) b->order = order;
    uint32_t *start = order ? realloc(b->start, (room + 1) * sizeof *start) : NULL;
    if (start) b->start = start;
    if (!start) return tt_fail(e, TT_ENOMEM, "out of memory for the order of %zu pairs", pairs);
    b->room = room;
    return 0;
}

/* ---- windows that are made ready ----------------------------------------------------------- */

/* Of a mixture: pairs of a source in the windows before this one. */
static uint64_t drawn_before(const tt_batcher *b, int source, uint64_t window) {
    double sum = 0;
    for (int s = 0; s < tt_corpus_sources(b->corpus); s++) sum += b->recipe.share[s];
    return (uint64_t)floor((double)window * (double)b->o.window * b->recipe.share[source] / sum);
}

/* The key of a pass through a source. */
static uint64_t pass_key(const tt_batcher *b, int source, uint64_t pass) {
    return tt_key(tt_key(tt_key(b->o.seed, PURPOSE_MIX), (uint64_t)source), pass);
}

static uint32_t draw_one(const tt_batcher *b, int source, uint64_t number) {
    const size_t first = tt_corpus_first(b->corpus, source),
                 n = tt_corpus_first(b->corpus, source + 1) - first;
    return (uint32_t)(first + tt_permute(pass_key(b, source, number / n), number % n, n));
}

/* Writes the pairs of a window of the mixture to order, unless it is NULL; returns their number. */
static size_t draw_mixture(const tt_batcher *b, uint64_t window, uint32_t *order) {
    size_t n = 0;
    for (int s = 0; s < tt_corpus_sources(b->corpus); s++) {
        const uint64_t end = drawn_before(b, s, window + 1);
        for (uint64_t i = drawn_before(b, s, window); i < end; i++, n++)
            if (order) order[n] = draw_one(b, s, b->recipe.from[s] + i);
    }
    return n;
}

/* ---- pairs shuffled in files --------------------------------------------------------------- */

/* The pairs of a source, each once, in the order of the key. */
static int fill_source(tt_batcher *b, int source, uint64_t key, tt_err *e) {
    tt_shelf *s = b->shelf[source];
    const size_t first = tt_corpus_first(b->corpus, source),
                 end = tt_corpus_first(b->corpus, source + 1);
    if (tt_shelf_holds(s, key, end - first)) return 0;
    TT_TRY(tt_shelf_begin(s, key, end - first, tt_corpus_bytes(b->corpus, source), e));
    for (size_t p = first; p < end; p++) TT_TRY(tt_shelf_add(s, (uint32_t)p, e));
    return 0;
}

/* The pairs of an epoch, as often as their weights say. */
static int fill_epoch(tt_batcher *b, uint64_t key, tt_err *e) {
    const tt_corpus *c = b->corpus;
    tt_shelf *s = b->shelf[0];
    const uint64_t order = tt_key(key, PURPOSE_ORDER), copies = tt_key(key, PURPOSE_COPIES);
    double bytes = 0;
    if (tt_shelf_holds(s, order, b->pairs)) return 0;
    for (int i = 0; i < tt_corpus_sources(c); i++)
        bytes += tt_corpus_weight(c, i) * (double)tt_corpus_bytes(c, i);
    TT_TRY(tt_shelf_begin(s, order, b->pairs, (uint64_t)bytes, e));
    for (int i = 0; i < tt_corpus_sources(c); i++)
        for (size_t p = tt_corpus_first(c, i); p < tt_corpus_first(c, i + 1); p++)
            for (size_t n = copies_of(b, copies, i, p); n; n--)
                TT_TRY(tt_shelf_add(s, (uint32_t)p, e));
    return 0;
}

/* The next pair of the window that is being gathered. */
static int take(tt_batcher *b, tt_shelf *s, uint64_t place, size_t i, tt_err *e) {
    tt_raw r;
    TT_TRY(tt_shelf_get(s, place, &b->came[i], &r, e));
    const size_t bytes = tt_raw_bytes(&r);
    void *copy = tt_arena_small(b->ids, bytes + 1);
    if (!copy) return tt_fail(e, TT_ENOMEM, "out of memory for a window of pairs");
    memcpy(copy, r.ids, bytes);
    r.ids = copy;
    b->held[i] = r;
    return 0;
}

/* The window of n pairs at b->at. Those of a mixture come source by source, and are shuffled. */
static int gather(tt_batcher *b, size_t n, tt_err *e) {
    const uint64_t key = tt_key(b->o.seed, b->epoch);
    size_t count = 0;
    tt_arena_reset(b->ids);
    if (!b->recipe.share) TT_TRY(fill_epoch(b, key, e));
    for (; !b->recipe.share && count < n; count++)
        TT_TRY(take(b, b->shelf[0], b->at + count, count, e));
    for (int s = 0; b->recipe.share && s < tt_corpus_sources(b->corpus); s++) {
        const size_t all = tt_corpus_first(b->corpus, s + 1) - tt_corpus_first(b->corpus, s);
        const uint64_t end = drawn_before(b, s, b->epoch + 1);
        for (uint64_t i = drawn_before(b, s, b->epoch); i < end; i++, count++) {
            const uint64_t number = b->recipe.from[s] + i;
            TT_TRY(fill_source(b, s, pass_key(b, s, number / all), e));
            TT_TRY(take(b, b->shelf[s], number % all, count, e));
        }
    }
    for (size_t i = 0; i < n; i++) b->order[i] = (uint32_t)i;
    if (b->recipe.share) shuffle(b->order, n, tt_key(key, PURPOSE_ORDER));
    for (size_t i = 0; i < n; i++) {
        b->raw[i] = b->held[b->order[i]];
        b->order[i] = b->came[b->order[i]];
    }
    return 0;
}

static int open_shelves(tt_batcher *b, size_t most, tt_err *e) {
    const int n = tt_corpus_sources(b->corpus);
    b->shelf = calloc((size_t)n, sizeof *b->shelf);
    b->order = malloc(most * sizeof *b->order);
    b->start = malloc((most + 1) * sizeof *b->start);
    b->raw = malloc(most * sizeof *b->raw);
    b->held = malloc(most * sizeof *b->held);
    b->came = malloc(most * sizeof *b->came);
    if (!b->shelf || !b->order || !b->start || !b->raw || !b->held || !b->came)
        return tt_fail(e, TT_ENOMEM, "out of memory for a window of %zu pairs", most);
    if (!(b->ids = tt_arena_open(0, e))) return e->code;
    for (; b->shelves < n; b->shelves++) {
        b->shelf[b->shelves] = tt_shelf_open(b->corpus, b->o.folder, b->o.memory / (size_t)n, e);
        if (!b->shelf[b->shelves]) return e->code;
    }
    return 0;
}

/* Makes the window that begins at b->at ready. */
static int ready_window(tt_batcher *b, tt_err *e) {
    const uint64_t key = tt_key(b->o.seed, b->epoch);
    size_t n = b->pairs - b->at;
    if (n > (size_t)b->o.window && !b->recipe.share) n = (size_t)b->o.window;
    const uint64_t own = tt_key(tt_key(key, PURPOSE_MODIFY), b->at);
    if (b->shelf) TT_TRY(gather(b, n, e));
    TT_TRY(tt_ready_fill(b->ready, b->recipe.modify, b->order + (b->shelf ? 0 : b->at), b->raw, n,
                         own, e));
    b->start[0] = 0;
    b->batches = plan_window(b, b->at, n, tt_key(tt_key(key, PURPOSE_WINDOW), b->at), b->start + 1);
    b->index = 0;
    return 0;
}

static size_t window_end(const tt_batcher *b) { return b->at + b->start[b->batches]; }

/* ---- an epoch ------------------------------------------------------------------------------ */

static int plan(tt_batcher *b, uint64_t epoch, tt_err *e) {
    uint64_t key = tt_key(b->o.seed, epoch), window = (uint64_t)b->o.window;
    const int mixed = b->recipe.share != NULL;
    size_t n = mixed ? draw_mixture(b, epoch, NULL) : draw_pairs(b, key, NULL);
    TT_TRY(reserve(b, n, e));
    if (!b->shelf) {
        if (mixed) draw_mixture(b, epoch, b->order);
        else draw_pairs(b, key, b->order);
        shuffle(b->order, n, tt_key(key, PURPOSE_ORDER));
    }
    b->epoch = epoch;
    b->index = 0;
    b->pairs = n;
    b->batches = 0;
    b->start[0] = 0;
    b->at = 0;
    if (b->ready) return n ? ready_window(b, e) : 0;
    for (size_t at = 0; at < n; at += window)
        b->batches +=
            plan_window(b, at, n - at < window ? n - at : window,
                        tt_key(tt_key(key, PURPOSE_WINDOW), at), b->start + b->batches + 1);
    return 0;
}

/* Behind the last batch of a window: the next one of the epoch, if there is one. */
static int next_window(tt_batcher *b, tt_err *e) {
    if (!b->ready || window_end(b) >= b->pairs) return 0;
    b->at = window_end(b);
    return ready_window(b, e);
}

/* ---- the stream ---------------------------------------------------------------------------- */

static int check(const tt_corpus *c, const tt_batch_opts *o, tt_err *e) {
    if (o->batch_tokens < 1 || o->batch_tokens > 1 << 24)
        return tt_fail(e, TT_ECONFIG, "batch of %d tokens, expected 1 to %d", o->batch_tokens,
                       1 << 24);
    if (o->window < 1 || o->window > 1 << 24)
        return tt_fail(e, TT_ECONFIG, "window of %d pairs, expected 1 to %d", o->window, 1 << 24);
    if (o->context < 0)
        return tt_fail(e, TT_ECONFIG, "%d texts before each, expected 0 or more", o->context);
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
    /* A window of a mixture has up to one pair of each source more. */
    const size_t most = (size_t)o->window + (size_t)tt_corpus_sources(c);
    tt_batcher *b = calloc(1, sizeof *b);
    if (b) {
        b->corpus = c;
        b->o = *o;
        b->window = malloc(most * sizeof *b->window);
        b->cuts = malloc(most * sizeof *b->cuts);
        if (o->ready) b->place = malloc(most * sizeof *b->place);
    }
    int ok = b && b->window && b->cuts && (b->place || !o->ready);
    if (!ok) tt_fail(e, TT_ENOMEM, "out of memory for a window of %d pairs", o->window);
    if (ok && o->ready) ok = (b->ready = tt_ready_open(c, o->ready, most, e)) != NULL;
    if (ok && o->folder && o->ready) { /* the first epoch is shuffled when it is asked for */
        ok = !open_shelves(b, most, e);
        b->epoch = UINT64_MAX;
        if (ok) return b;
    }
    if (ok && !plan(b, 0, e)) return b;
    tt_batcher_close(b);
    return NULL;
}

int tt_batcher_follow(tt_batcher *b, const tt_recipe *r, tt_err *e) {
    double sum = 0;
    b->recipe = *r;
    for (int s = 0; r->share && s < tt_corpus_sources(b->corpus); s++) sum += r->share[s];
    if (r->share && !(sum > 0)) return tt_fail(e, TT_ECONFIG, "a mixture whose shares are all 0");
    for (int s = 0; r->share && s < tt_corpus_sources(b->corpus); s++)
        if (r->share[s] > 0 && tt_corpus_first(b->corpus, s) == tt_corpus_first(b->corpus, s + 1))
            return tt_fail(e, TT_ECONFIG, "text %d of the mixture has no pair that can be used",
                           s + 1);
    return plan(b, 0, e);
}

uint64_t tt_batcher_drawn(const tt_batcher *b, int source) {
    return b->recipe.from[source] + drawn_before(b, source, b->epoch + 1);
}

double tt_batcher_passes(const tt_batcher *b, int source) {
    const uint64_t before = drawn_before(b, source, b->epoch),
                   behind = drawn_before(b, source, b->epoch + 1);
    const size_t n = tt_corpus_first(b->corpus, source + 1) - tt_corpus_first(b->corpus, source);
    const double part = b->batches ? (double)b->index / (double)b->batches : 1.0;
    return ((double)before + (double)(behind - before) * part) / (double)(n ? n : 1);
}

void tt_batcher_close(tt_batcher *b) {
    if (!b) return;
    free(b->order);
    free(b->start);
    free(b->window);
    free(b->cuts);
    free(b->place);
    for (int i = 0; i < b->shelves; i++) tt_shelf_close(b->shelf[i]);
    free(b->shelf);
    free(b->raw);
    free(b->held);
    free(b->came);
    tt_arena_close(b->ids);
    tt_ready_close(b->ready);
    free(b);
}

/* index of a batch in the window at hand, as it is told. */
static size_t place_of(const tt_batcher *b, size_t index) {
    return b->ready ? (b->at / (size_t)b->o.window << WINDOW_BITS) + index : index;
}

static int seek_window(tt_batcher *b, size_t window, tt_err *e) {
    const size_t at = window * (size_t)b->o.window;
    if (at == b->at || at >= b->pairs) return 0;
    b->at = at;
    return ready_window(b, e);
}

int tt_batcher_seek(tt_batcher *b, uint64_t epoch, size_t index, tt_err *e) {
    if (epoch != b->epoch) TT_TRY(plan(b, epoch, e));
    const size_t window = b->ready ? index >> WINDOW_BITS : 0,
                 batch = index - (window << WINDOW_BITS);
    if (b->ready && window <= b->pairs / (size_t)b->o.window) TT_TRY(seek_window(b, window, e));
    if (batch > b->batches || place_of(b, batch) != index)
        return tt_fail(e, TT_ECONFIG,
                       "batch %zu of epoch %llu, which has %zu: other text or other options", batch,
                       (unsigned long long)epoch, b->batches);
    b->index = batch;
    return 0;
}

void tt_batcher_tell(const tt_batcher *b, uint64_t *epoch, size_t *index) {
    *epoch = b->epoch;
    *index = place_of(b, b->index);
}

/* ---- building a batch ---------------------------------------------------------------------- */

struct shard {
    int pairs, src, tgt; /* sentences and tokens dealt to it */
    int32_t *src_off, *tgt_off, *src_ids, *tgt_ids;
    uint32_t *pair; /* (pairs) of the corpus */
    tt_raw *raw;    /* (pairs) as they are held; only where links or weights are wanted */
    bool *other;    /* (pairs) have other words than these */
};

/* Tokens of a side of pair i of the batch that begins at `at` of the order, or of the window. */
static int length_of(const tt_batcher *b, size_t at, size_t i, int side) {
    if (b->ready) return tt_ready_len(b->ready, b->place[at + i], side);
    const uint32_t pair = b->order[at + i];
    return side == TT_SOURCE ? tt_corpus_src_len(b->corpus, pair)
                             : tt_corpus_tgt_len(b->corpus, pair);
}

static void fill_side(const tt_batcher *b, size_t at, size_t i, int side, int32_t *ids, int len) {
    if (b->ready)
        memcpy(ids, tt_ready_ids(b->ready, b->place[at + i], side), (size_t)len * sizeof *ids);
    else (side == TT_SOURCE ? tt_corpus_src : tt_corpus_tgt)(b->corpus, b->order[at + i], ids);
}

/* Deals the batch's pairs, longest first, each to the shard that has the least work so far (Graham
   1969). The batch is sorted by length, so longest first is from its end. to (n): shard of each. */
static void deal(const tt_batcher *b, size_t at, size_t n, struct shard *s, int *to) {
    for (size_t i = n; i-- > 0;) {
        int best = 0;
        for (int g = 1; g < b->o.shards; g++)
            if (s[g].src + s[g].tgt < s[best].src + s[best].tgt) best = g;
        to[i] = best;
        s[best].pairs++;
        s[best].src += length_of(b, at, i, TT_SOURCE);
        s[best].tgt += length_of(b, at, i, TT_TARGET);
    }
}

static int shard_alloc(struct shard *s, int raw, tt_arena *a) {
    size_t offsets = (size_t)s->pairs + 1;
    s->src_off = tt_arena_alloc(a, offsets * sizeof *s->src_off);
    s->tgt_off = tt_arena_alloc(a, offsets * sizeof *s->tgt_off);
    s->src_ids = tt_arena_alloc(a, (size_t)s->src * sizeof *s->src_ids);
    s->tgt_ids = tt_arena_alloc(a, (size_t)s->tgt * sizeof *s->tgt_ids);
    s->pair = tt_arena_alloc(a, offsets * sizeof *s->pair);
    if (raw) {
        s->raw = tt_arena_alloc(a, offsets * sizeof *s->raw);
        s->other = tt_arena_zero(a, offsets * sizeof *s->other);
    }
    if (!s->src_off || !s->tgt_off || !s->src_ids || !s->tgt_ids || !s->pair ||
        (raw && (!s->raw || !s->other)))
        return 0;
    s->src_off[0] = s->tgt_off[0] = 0;
    s->pairs = 0; /* counts again as the pairs are filled in */
    return 1;
}

/* Pair i of the batch, as the corpus has it. */
static uint32_t pair_of(const tt_batcher *b, size_t at, size_t i) {
    return b->shelf   ? b->order[b->place[at + i]]
           : b->ready ? b->order[b->at + b->place[at + i]]
                      : b->order[at + i];
}

/* The texts before the pairs of a shard. */
struct earlier {
    const tt_batcher *b;
    const uint32_t *pair; /* (pairs of the shard) */
};

static size_t earlier_pair(const struct earlier *x, int b, int j) {
    const size_t pair = x->pair[b];
    return pair - (size_t)tt_corpus_before(x->b->corpus, pair, x->b->o.context) + (size_t)j;
}

static int earlier_count(void *ctx, int b) {
    const struct earlier *x = ctx;
    return tt_corpus_before(x->b->corpus, x->pair[b], x->b->o.context);
}

static int earlier_length(void *ctx, int b, int j) {
    const struct earlier *x = ctx;
    return tt_corpus_src_len(x->b->corpus, earlier_pair(x, b, j));
}

static void earlier_fill(void *ctx, int b, int j, int32_t *ids) {
    const struct earlier *x = ctx;
    tt_corpus_src(x->b->corpus, earlier_pair(x, b, j), ids);
}

static int add_earlier(const tt_batcher *b, const struct shard *s, tt_seqs *src, tt_arena *a,
                       tt_err *e) {
    static const tt_before_of of = {earlier_count, earlier_length, earlier_fill};
    if (!b->o.context) return 0;
    struct earlier x = {b, s->pair};
    src->before = tt_before_make(&of, &x, s->pairs, a);
    return src->before ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for the texts before a batch");
}

static void shard_add(struct shard *s, const tt_batcher *b, size_t at, size_t i) {
    int k = s->pairs++;
    s->pair[k] = pair_of(b, at, i);
    const int src = length_of(b, at, i, TT_SOURCE), tgt = length_of(b, at, i, TT_TARGET);
    if (s->raw) {
        s->raw[k] = b->shelf ? b->raw[b->place[at + i]] : tt_corpus_raw(b->corpus, s->pair[k]);
        s->other[k] = b->ready && tt_ready_is_other(b->ready, b->place[at + i]);
    }
    s->src_off[k + 1] = s->src_off[k] + src;
    s->tgt_off[k + 1] = s->tgt_off[k] + tgt;
    fill_side(b, at, i, TT_SOURCE, s->src_ids + s->src_off[k], src);
    fill_side(b, at, i, TT_TARGET, s->tgt_ids + s->tgt_off[k], tgt);
}

/* Epochs done when the next batch is. */
static double epochs_done(const tt_batcher *b) {
    if (!b->ready) return (double)b->epoch + (double)(b->index + 1) / (double)b->batches;
    if (!b->recipe.share)
        return (double)b->epoch + (double)(b->at + b->start[b->index + 1]) / (double)b->pairs;
    double drawn = 0;
    for (int s = 0; s < tt_corpus_sources(b->corpus); s++)
        drawn += (double)b->recipe.from[s] + (double)drawn_before(b, s, b->epoch);
    return (drawn + (double)b->start[b->index + 1]) / (double)tt_corpus_pairs(b->corpus);
}

int tt_batcher_next(tt_batcher *b, tt_arena *a, tt_pair_batch *shards, tt_batch_info *info,
                    tt_err *e) {
    /* An epoch of small weights may draw no pair at all; many in a row cannot be. */
    if (b->index == b->batches) TT_TRY(next_window(b, e));
    for (int tries = 0; b->index == b->batches; tries++) {
        if (tries == 1000)
            return tt_fail(e, TT_ECONFIG, "the weights leave no pair in 1000 epochs");
        TT_TRY(plan(b, b->epoch + 1, e));
    }
    int count = b->o.shards;
    size_t n = b->start[b->index + 1] - b->start[b->index];
    const size_t at = b->start[b->index];
    struct shard *s = tt_arena_zero(a, (size_t)count * sizeof *s);
    int *to = tt_arena_alloc(a, n * sizeof *to);
    if (!s || !to) return tt_fail(e, TT_ENOMEM, "out of memory for a batch of %zu pairs", n);
    deal(b, at, n, s, to);
    *info = (tt_batch_info){.epoch = b->epoch,
                            .index = b->index,
                            .of = b->batches,
                            .epochs = epochs_done(b),
                            .pairs = (int)n};
    for (int g = 0; g < count; g++) {
        info->src_tokens += s[g].src;
        info->tgt_tokens += s[g].tgt;
        if (!shard_alloc(&s[g], b->o.beside != NULL, a))
            return tt_fail(e, TT_ENOMEM, "out of memory for a batch of %zu pairs", n);
    }
    for (size_t i = 0; i < n; i++) shard_add(&s[to[i]], b, at, i);
    for (int g = 0; g < count; g++) {
        shards[g] = (tt_pair_batch){.src = {s[g].pairs, s[g].src_off, s[g].src_ids, NULL},
                                    .tgt = {s[g].pairs, s[g].tgt_off, s[g].tgt_ids, NULL}};
        TT_TRY(add_earlier(b, &s[g], &shards[g].src, a, e));
        if (b->o.beside)
            TT_TRY(tt_beside_shard(b->o.beside, s[g].raw, s[g].other, &shards[g], a, e));
    }
    b->index++;
    return 0;
}
