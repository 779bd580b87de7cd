/* ready.c: see ready.h. The window is cut into slices, each with an arena of its own. */
#include "text/ready.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { SLICES = 64 };                         /* enough to keep any number of threads even */
static const uint64_t PURPOSE_CUT = 0x637574; /* keys of cuts are others than those of modifiers */

struct item {
    const int32_t *ids[2];
    int len[2];
    bool other; /* words than the corpus has */
};

struct slice {
    tt_arena *arena, *scratch; /* of what stays until the next fill, and of one pair */
    tt_err err;
};

struct tt_ready {
    const tt_corpus *corpus;
    tt_ready_opts o;
    struct item *items; /* (room) */
    struct slice slices[SLICES];
    /* the work at hand */
    const tt_modify *modify;
    const uint32_t *pairs;
    const tt_raw *raw; /* or NULL */
    size_t n;
    uint64_t key;
};

tt_ready *tt_ready_open(const tt_corpus *c, const tt_ready_opts *o, size_t room, tt_err *e) {
    tt_ready *r = calloc(1, sizeof *r);
    if (r) {
        r->corpus = c;
        r->o = *o;
        r->items = calloc(room, sizeof *r->items);
    }
    int ok = r && r->items;
    if (!ok) tt_fail(e, TT_ENOMEM, "out of memory for a window of %zu pairs", room);
    for (int i = 0; ok && i < SLICES; i++)
        ok = (r->slices[i].arena = tt_arena_open(0, e)) != NULL &&
             (r->slices[i].scratch = tt_arena_open(0, e)) != NULL;
    if (ok) return r;
    tt_ready_close(r);
    return NULL;
}

void tt_ready_close(tt_ready *r) {
    if (!r) return;
    for (int i = 0; i < SLICES; i++) {
        tt_arena_close(r->slices[i].arena);
        tt_arena_close(r->slices[i].scratch);
    }
    free(r->items);
    free(r);
}

int tt_ready_len(const tt_ready *r, size_t i, int side) { return r->items[i].len[side]; }

const int32_t *tt_ready_ids(const tt_ready *r, size_t i, int side) { return r->items[i].ids[side]; }

bool tt_ready_is_other(const tt_ready *r, size_t i) { return r->items[i].other; }

/* ---- a pair -------------------------------------------------------------------------------- */

static int no_memory(tt_err *e) {
    return tt_fail(e, TT_ENOMEM, "out of memory for the pairs of a window");
}

static tt_raw raw_of(const tt_ready *r, size_t i) {
    return r->raw ? r->raw[i] : tt_corpus_raw(r->corpus, r->pairs[i]);
}

/* The ids of a side as the corpus has them. */
static int32_t *corpus_ids(const tt_corpus *c, const tt_raw *raw, int side, int *len, tt_arena *a) {
    *len = (int)raw->n[side] + 1;
    int32_t *ids = tt_arena_alloc(a, (size_t)*len * sizeof *ids);
    if (ids) tt_corpus_ids(c, raw, side, ids);
    return ids;
}

static int count_unknown(const int32_t *ids, size_t n, int unk) {
    int count = 0;
    for (size_t i = 0; i < n; i++) count += ids[i] == unk;
    return count;
}

static int pair_text(tt_pair_text *out, const tt_ready *r, const tt_raw *raw, int *unknown,
                     tt_arena *a, tt_err *e) {
    *unknown = 0;
    for (int side = 0; side < 2; side++) {
        const tt_vocab *v = tt_vocab_side(r->o.vocab, side);
        const int unk = tt_vocab_unk(v);
        int len;
        char *text;
        const int32_t *ids = corpus_ids(r->corpus, raw, side, &len, a);
        if (!ids) return no_memory(e);
        *unknown += count_unknown(ids, (size_t)len, unk);
        TT_TRY(tt_vocab_decode(v, ids, (size_t)len, a, &text, &out->len[side], e));
        out->text[side] = text;
    }
    return 0;
}

/* Any pair of the source that the pair at hand is of. */
struct others {
    const tt_ready *r;
    size_t first, count;
};

static int other_pair(void *ctx, uint64_t key, tt_pair_text *out, tt_arena *a, tt_err *e) {
    const struct others *o = ctx;
    int unknown;
    const tt_raw raw =
        tt_corpus_raw(o->r->corpus, o->first + tt_rand_below(key, 0, (uint32_t)o->count));
    return pair_text(out, o->r, &raw, &unknown, a, e);
}

static struct others others_of(const tt_ready *r, size_t pair) {
    const tt_corpus *c = r->corpus;
    int s = 0;
    while (s + 1 < tt_corpus_sources(c) && tt_corpus_first(c, s + 1) <= pair) s++;
    return (struct others){r, tt_corpus_first(c, s),
                           tt_corpus_first(c, s + 1) - tt_corpus_first(c, s)};
}

/* Tokenises a changed pair: 1, or 0 where it cannot be used. */
static int encode(struct item *it, const tt_ready *r, const tt_pair_text *p, struct slice *s) {
    for (int side = 0; side < 2; side++) {
        const tt_vocab *v = tt_vocab_side(r->o.vocab, side);
        int32_t *ids;
        size_t n;
        if (!p->len[side] || p->len[side] > TT_VOCAB_TEXT_MAX) return 0;
        if (tt_vocab_encode(v, p->text[side], p->len[side], TT_VOCAB_EOS, s->scratch, &ids, &n,
                            &s->err))
            return s->err.code;
        if (n < 2 || n > (size_t)r->o.max_tokens || count_unknown(ids, n, tt_vocab_unk(v)))
            return 0;
        int32_t *copy = tt_arena_alloc(s->arena, n * sizeof *copy);
        if (!copy) return no_memory(&s->err);
        memcpy(copy, ids, n * sizeof *copy);
        it->ids[side] = copy;
        it->len[side] = (int)n;
    }
    return 1;
}

/* 1 where modifiers have made another pair of it, 0 where not, or a code. */
static int modify(struct item *it, const tt_ready *r, size_t i, struct slice *s) {
    struct others others = others_of(r, r->pairs[i]);
    const tt_pair_source source = {other_pair, &others};
    const uint64_t key = tt_key(tt_key(r->key, r->pairs[i]), i);
    tt_pair_text text;
    int unknown, changed;
    const tt_raw raw = raw_of(r, i);
    TT_TRY(pair_text(&text, r, &raw, &unknown, s->scratch, &s->err));
    if (unknown) return 0; /* its ids do not tell its text */
    TT_TRY(tt_modify_pair(r->modify, &text, &changed, key, &source, s->scratch, &s->err));
    const int made = changed ? encode(it, r, &text, s) : 0;
    it->other = made && changed == TT_PAIR_OTHER;
    return made;
}

/* Another cut of a side, unless it is too long. */
static int cut(struct item *it, const tt_ready *r, size_t i, int side, struct slice *s) {
    const uint64_t key = tt_key(tt_key(r->key ^ PURPOSE_CUT, r->pairs[i]), 2 * i + (size_t)side);
    int32_t *ids;
    size_t n;
    TT_TRY(tt_subwords_cut(r->o.subwords[side], it->ids[side], (size_t)it->len[side], key,
                           s->scratch, &ids, &n, &s->err));
    if (n > (size_t)r->o.max_tokens) return 0;
    int32_t *copy = tt_arena_alloc(s->arena, n * sizeof *copy);
    if (!copy) return no_memory(&s->err);
    memcpy(copy, ids, n * sizeof *copy);
    it->ids[side] = copy;
    it->len[side] = (int)n;
    return 0;
}

static void prepare(struct tt_ready *r, size_t i, struct slice *s) {
    struct item *it = &r->items[i];
    tt_arena_reset(s->scratch);
    it->other = false;
    const int rc = r->modify ? modify(it, r, i, s) : 0;
    if (rc < 0) s->err.code = rc;
    const tt_raw raw = raw_of(r, i);
    for (int side = 0; side < 2 && !rc; side++) {
        it->ids[side] = corpus_ids(r->corpus, &raw, side, &it->len[side], s->arena);
        if (!it->ids[side]) no_memory(&s->err);
    }
    for (int side = 0; side < 2 && !s->err.code; side++)
        if (r->o.subwords[side]) cut(it, r, i, side, s);
}

static void prepare_slice(void *ctx, size_t index, int worker) {
    tt_ready *r = ctx;
    struct slice *s = &r->slices[index];
    (void)worker;
    s->err.code = 0;
    tt_arena_reset(s->arena);
    const size_t end = r->n * (index + 1) / SLICES;
    for (size_t i = r->n * index / SLICES; i < end && !s->err.code; i++) prepare(r, i, s);
}

int tt_ready_fill(tt_ready *r, const tt_modify *modify, const uint32_t *pairs, const tt_raw *raw,
                  size_t n, uint64_t key, tt_err *e) {
    r->modify = modify;
    r->pairs = pairs;
    r->raw = raw;
    r->n = n;
    r->key = key;
    tt_pool_run(r->o.pool, SLICES, prepare_slice, r);
    for (int i = 0; i < SLICES; i++)
        if (r->slices[i].err.code)
            return tt_fail(e, r->slices[i].err.code, "%s", r->slices[i].err.msg);
    return 0;
}
