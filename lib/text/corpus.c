/* corpus.c: see corpus.h. Pairs are read in blocks by one thread; a block is cut into slices, which
 * the pool cleans, tokenises and filters, each in an arena of its own; then they are stored in
 * order. So the result does not depend on the threads.
 */
#include "text/corpus.h"

#include "base/log.h"
#include "base/rng.h"
#include "io/file.h"
#include "text/beside.h"
#include "text/clean.h"
#include "text/pairing.h"
#include "text/texts.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLICES = 64,       /* of a block: enough to keep any number of threads even */
    SLICE_PAIRS = 128, /* of a slice: some milliseconds of work */
    FREE_RATIO = 10    /* tokens up to which the ratio of lengths says nothing */
};

static const size_t block_bytes = (size_t)32 << 20; /* of text: a block of 10 MB lines ends early */

/* ---- the corpus ---------------------------------------------------------------------------- */

/* A missing one shows now, not when those before it have been read. */
int tt_corpus_check(const tt_parallel *sources, int n, tt_err *e) {
    for (int i = 0; i < n; i++) {
        TT_TRY(tt_input_try(sources[i].src, e));
        if (sources[i].tgt) TT_TRY(tt_input_try(sources[i].tgt, e));
    }
    return 0;
}

struct tt_corpus {
    tt_store *store; /* owned */
    size_t count;
    double *weight;           /* (sources) */
    size_t *first;            /* (sources + 1) */
    uint64_t *bytes;          /* (sources): of its pairs and those before */
    tt_corpus_record *record; /* (sources) */
    int sources;
    size_t *begin; /* (documents): the first pair of each, rising; owned */
    size_t documents, room_documents;
    bool ended;    /* the next pair begins a document */
    bool of_order; /* its place in a document is part of what a pair is */
    int eos[2];
    uint64_t hash;
};

void tt_corpus_close(tt_corpus *c) {
    if (!c) return;
    tt_store_close(c->store);
    free(c->begin);
    free(c->weight);
    free(c->first);
    free(c->record);
    free(c->bytes);
    free(c);
}

static uint64_t hash_side(uint64_t h, const int32_t *ids, size_t n) {
    for (size_t i = 0; i < n; i++) h = tt_mix(h + (uint64_t)ids[i] + 1);
    return tt_mix(h); /* marks the end of a side */
}

static int begin_document(tt_corpus *c, tt_err *e) {
    if (c->documents == c->room_documents) {
        const size_t room = 2 * c->room_documents + 1024;
        size_t *more = realloc(c->begin, room * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for the training text");
        c->begin = more;
        c->room_documents = room;
    }
    c->begin[c->documents++] = c->count;
    c->ended = false;
    if (c->of_order) c->hash = tt_mix(c->hash + UINT64_MAX / 3); /* no id is that */
    return 0;
}

static int store(tt_corpus *c, const int32_t *src, size_t n_src, const int32_t *tgt, size_t n_tgt,
                 tt_err *e) {
    if (c->ended) TT_TRY(begin_document(c, e));
    TT_TRY(tt_store_add(c->store, src, n_src, tgt, n_tgt, e));
    c->count++;
    c->hash = hash_side(hash_side(c->hash, src, n_src), tgt, n_tgt);
    return 0;
}

/* ---- tokenising in parallel ---------------------------------------------------------------- */

enum { KEPT, EMPTY, TOO_LONG, UNEVEN, FATES };

struct item {
    tt_side_text text[2];
    int32_t *ids[2]; /* in the slice's arena */
    size_t n[2];
    int fate;
    tt_beside_line beside;
    bool blank; /* both sides */
};

struct slice {
    tt_arena *arena;
    size_t begin, end; /* items */
    size_t bad, nul;
    int rc;
    tt_err err;
};

struct block {
    tt_arena *text;
    struct item items[SLICES * SLICE_PAIRS];
    size_t count;
    struct slice slices[SLICES];
    const tt_vocab *vocab;
    const tt_corpus_limits *limits;
    const tt_parallel *sources;
    int eos;
};

static int fate_of(const struct item *it, const tt_corpus_limits *l) {
    size_t a = it->n[0], b = it->n[1], max = (size_t)l->max_tokens;
    if (a + 1 > max || b + 1 > max) return TOO_LONG;
    if (l->texts == 2) a /= 2;
    size_t lo = a < b ? a : b, hi = a < b ? b : a;
    if (l->max_ratio > 0 && hi > FREE_RATIO && (double)hi > l->max_ratio * (double)lo)
        return UNEVEN;
    return KEPT;
}

/* Both texts of a source. The end of the second is added with those of all sources. */
static int encode_texts(struct item *it, struct slice *s, const struct block *b) {
    tt_texts t;
    TT_TRY(tt_texts_encode(&t, b->vocab, it->text[0].at, it->text[0].len, s->arena, &s->err));
    const int whole = t.parts == 2 && t.ids[0] != b->eos && t.n > 1 && t.ids[t.n - 2] != b->eos;
    s->bad += t.bad;
    s->nul += t.nul;
    it->ids[0] = t.ids;
    it->n[0] = whole ? t.n - 1 : 0;
    return 0;
}

static int prepare(struct item *it, struct slice *s, const struct block *b) {
    const int first = b->limits->texts == 2; /* the side that is one text */
    for (int side = first; side < 2; side++) {
        tt_clean clean;
        TT_TRY(tt_clean_line(&clean, it->text[side].at, it->text[side].len, s->arena, &s->err));
        it->text[side] = (tt_side_text){clean.text, clean.len};
        s->bad += clean.bad;
        s->nul += clean.nul;
    }
    it->fate = EMPTY;
    it->blank = !it->text[0].len && !it->text[1].len;
    if (!it->text[0].len || !it->text[1].len) return 0;
    it->fate = TOO_LONG;
    if (first && it->text[0].len > TT_VOCAB_TEXT_MAX) return 0;
    if (first) TT_TRY(encode_texts(it, s, b));
    for (int side = first; side < 2; side++) {
        if (it->text[side].len > TT_VOCAB_TEXT_MAX) return 0;
        TT_TRY(tt_vocab_encode(tt_vocab_side(b->vocab, side), it->text[side].at, it->text[side].len,
                               0, s->arena, &it->ids[side], &it->n[side], &s->err));
    }
    it->fate = it->n[0] && it->n[1] ? fate_of(it, b->limits) : EMPTY;
    return 0;
}

static void prepare_slice(void *ctx, size_t index, int worker) {
    struct block *b = ctx;
    struct slice *s = &b->slices[index];
    (void)worker;
    for (size_t i = s->begin; i < s->end && !s->rc; i++) s->rc = prepare(&b->items[i], s, b);
}

static void block_close(struct block *b) {
    if (!b) return;
    tt_arena_close(b->text);
    for (int i = 0; i < SLICES; i++) tt_arena_close(b->slices[i].arena);
    free(b);
}

static struct block *block_open(const tt_vocab *v, const tt_corpus_limits *l, tt_err *e) {
    struct block *b = calloc(1, sizeof *b);
    if (!b) {
        tt_fail(e, TT_ENOMEM, "out of memory for reading text");
        return NULL;
    }
    b->vocab = v;
    b->limits = l;
    b->eos = tt_vocab_eos(v);
    b->text = tt_arena_open(0, e);
    int ok = b->text != NULL;
    for (int i = 0; i < SLICES && ok; i++) ok = (b->slices[i].arena = tt_arena_open(0, e)) != NULL;
    if (ok) return b;
    block_close(b);
    return NULL;
}

/* Fills the block: 1, or 0 when nothing was left, or a negative code. */
static int block_read(struct block *b, tt_pairing *r, tt_err *e) {
    size_t bytes = 0;
    tt_arena_reset(b->text);
    b->count = 0;
    while (b->count < SLICES * SLICE_PAIRS && bytes < block_bytes) {
        tt_side_text t[2];
        int rc = tt_pairing_next(r, &t[0], &t[1], e);
        if (rc < 0) return rc;
        if (!rc) break;
        struct item *it = &b->items[b->count++];
        *it = (struct item){0};
        for (int side = 0; side < 2; side++) {
            it->text[side] =
                (tt_side_text){tt_arena_text(b->text, t[side].at, t[side].len), t[side].len};
            if (!it->text[side].at) return tt_fail(e, TT_ENOMEM, "out of memory for reading text");
            bytes += t[side].len;
        }
        if (b->limits->beside) TT_TRY(tt_beside_next(b->limits->beside, b->text, &it->beside, e));
    }
    for (size_t i = 0; i < SLICES; i++) {
        struct slice *s = &b->slices[i];
        tt_arena_reset(s->arena);
        *s = (struct slice){
            .arena = s->arena, .begin = b->count * i / SLICES, .end = b->count * (i + 1) / SLICES};
    }
    return b->count > 0;
}

struct tally {
    size_t fate[FATES], bad, nul, wide, src_tokens, tgt_tokens;
    int windows_1252;
};

/* Stores links and weights of the pair that was just stored. */
static int store_beside(tt_corpus *c, tt_beside *beside, const struct item *it, tt_err *e) {
    const void *note;
    size_t len;
    const tt_span text[2] = {{it->text[0].at, it->text[0].len}, {it->text[1].at, it->text[1].len}};
    TT_TRY(tt_beside_note(beside, &it->beside, text, it->ids, it->n, &note, &len, e));
    return tt_store_note(c->store, note, len, e);
}

static int block_store(struct block *b, tt_corpus *c, struct tally *t, tt_err *e) {
    for (size_t i = 0; i < SLICES; i++) {
        struct slice *s = &b->slices[i];
        if (s->rc) return tt_fail(e, s->rc, "%s", s->err.msg);
        t->bad += s->bad;
        t->nul += s->nul;
        for (size_t k = s->begin; k < s->end; k++) {
            const struct item *it = &b->items[k];
            t->fate[it->fate]++;
            if (it->blank) c->ended = true;
            if (it->fate != KEPT) continue;
            TT_TRY(store(c, it->ids[0], it->n[0], it->ids[1], it->n[1], e));
            if (b->limits->beside) TT_TRY(store_beside(c, b->limits->beside, it, e));
            t->src_tokens += it->n[0] + 1;
            t->tgt_tokens += it->n[1] + 1;
        }
    }
    return 0;
}

static const char *shown(const char *path) { return strcmp(path, "-") ? path : "standard input"; }

static void report(const tt_parallel *s, const struct tally *t, const tt_corpus_limits *l,
                   const tt_log *log) {
    size_t all = 0;
    for (int i = 0; i < FATES; i++) all += t->fate[i];
    const char *name = shown(s->src), *plus = s->tgt ? " + " : "",
               *other = s->tgt ? shown(s->tgt) : "";
    tt_log_line(log, TT_LOG_INFO, "%s%s%s: %zu of %zu pairs, %zu and %zu tokens, weight %g", name,
                plus, other, t->fate[KEPT], all, t->src_tokens, t->tgt_tokens, s->weight);
    if (all > t->fate[KEPT])
        tt_log_line(
            log, TT_LOG_INFO,
            "%s%s%s: dropped %zu with an empty side, %zu over %d tokens, %zu of uneven length",
            name, plus, other, t->fate[EMPTY], t->fate[TOO_LONG], l->max_tokens, t->fate[UNEVEN]);
    if (t->wide)
        tt_log_line(log, TT_LOG_INFO,
                    "%s: %zu lines of more than two columns, of which the first two are taken",
                    name, t->wide);
    if (t->bad || t->nul)
        tt_log_line(log, TT_LOG_WARN, "%s%s%s: replaced %zu bad parts of UTF-8 and %zu NUL bytes%s",
                    name, plus, other, t->bad, t->nul, t->windows_1252 ? TT_HINT_1252 : "");
}

static int read_source(tt_corpus *c, struct block *b, const tt_parallel *s, tt_pool *pool,
                       const tt_log *log, tt_err *e) {
    tt_pairing r;
    struct tally t = {0};
    tt_beside *beside = b->limits->beside;
    if (beside) TT_TRY(tt_beside_begin(beside, (int)(s - b->sources), e));
    TT_TRY(tt_pairing_open(&r, s, b->limits->texts, e));
    c->ended = true;
    int rc;
    while ((rc = block_read(b, &r, e)) > 0) {
        tt_pool_run(pool, SLICES, prepare_slice, b);
        rc = block_store(b, c, &t, e);
        if (rc) break;
        tt_log_progress(log, "%s%s%s: %zu pairs read, %zu tokens", shown(s->src),
                        s->tgt ? " + " : "", s->tgt ? shown(s->tgt) : "", t.fate[KEPT],
                        t.src_tokens + t.tgt_tokens);
    }
    t.windows_1252 = tt_pairing_is_1252(&r);
    t.wide = r.wide;
    tt_pairing_close(&r);
    if (!rc && beside) rc = tt_beside_end(beside, e);
    if (!rc) report(s, &t, b->limits, log);
    return rc;
}

static int check_sources(const tt_parallel *s, int n, const tt_corpus_limits *l, tt_err *e) {
    if (n < 1) return tt_fail(e, TT_ECONFIG, "no training text");
    if (l->max_tokens < 2)
        return tt_fail(e, TT_ECONFIG, "longest side %d, expected at least 2", l->max_tokens);
    for (int i = 0; i < n; i++)
        if (!(s[i].weight >= 0 && s[i].weight <= 1000))
            return tt_fail(e, TT_ECONFIG, "%s: weight %g, expected 0 to 1000", s[i].src,
                           s[i].weight);
    return 0;
}

tt_corpus *tt_corpus_open(const tt_parallel *sources, int n, const tt_vocab *v, tt_pool *pool,
                          const tt_corpus_limits *limits, const tt_log *log, tt_err *e) {
    if (check_sources(sources, n, limits, e)) return NULL;
    struct block *b = block_open(v, limits, e);
    tt_corpus *c = calloc(1, sizeof *c);
    int rc = TT_ENOMEM;
    if (!b) goto out;
    if (c) {
        c->weight = calloc((size_t)n, sizeof *c->weight);
        c->first = calloc((size_t)n + 1, sizeof *c->first);
        c->record = calloc((size_t)n, sizeof *c->record);
        c->bytes = calloc((size_t)n, sizeof *c->bytes);
    }
    if (!c || !c->weight || !c->first || !c->record || !c->bytes) {
        rc = tt_fail(e, TT_ENOMEM, "out of memory for %d corpora", n);
        goto out;
    }
    b->sources = sources;
    c->sources = n;
    const int wide = tt_vocab_size(v) > UINT16_MAX + 1 ||
                     tt_vocab_size(tt_vocab_side(v, TT_VOCAB_TARGET)) > UINT16_MAX + 1;
    c->store = tt_store_open(wide, limits->beside != NULL, limits->folder, e);
    rc = c->store ? 0 : e->code;
    if (rc) goto out;
    for (int side = 0; side < 2; side++) c->eos[side] = tt_vocab_eos(tt_vocab_side(v, side));
    c->of_order = limits->context > 0;
    for (int i = 0; i < n; i++) {
        rc = read_source(c, b, &sources[i], pool, log, e);
        if (rc) goto out;
        c->weight[i] = sources[i].weight;
        c->hash = tt_key(c->hash, (uint64_t)llrint(sources[i].weight * 1e9));
        c->first[i + 1] = c->count;
        c->bytes[i] = tt_store_bytes(c->store);
        c->record[i] = (tt_corpus_record){sources[i].src, c->count - c->first[i], c->hash};
    }
    rc = tt_store_finish(c->store, e);
    if (rc) goto out;
    if (!c->count) rc = tt_fail(e, TT_EDATA, "%s: no usable pair of sentences", sources[0].src);
    else if (c->count > UINT32_MAX) rc = tt_fail(e, TT_ECONFIG, "more than %u pairs", UINT32_MAX);
out:
    block_close(b);
    if (!rc) return c;
    tt_corpus_close(c);
    return NULL;
}

size_t tt_corpus_pairs(const tt_corpus *c) { return c->count; }

int tt_corpus_sources(const tt_corpus *c) { return c->sources; }

double tt_corpus_weight(const tt_corpus *c, int source) { return c->weight[source]; }

size_t tt_corpus_first(const tt_corpus *c, int source) { return c->first[source]; }

tt_corpus_record tt_corpus_tell(const tt_corpus *c, int source) { return c->record[source]; }

uint64_t tt_corpus_bytes(const tt_corpus *c, int source) {
    return c->bytes[source] - (source ? c->bytes[source - 1] : 0);
}

uint64_t tt_corpus_hash(const tt_corpus *c) { return c->hash; }

/* The document that the pair is in. */
static size_t document_of(const tt_corpus *c, size_t pair) {
    size_t low = 0, high = c->documents;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (c->begin[middle] <= pair) low = middle;
        else high = middle;
    }
    return low;
}

int tt_corpus_before(const tt_corpus *c, size_t pair, int most) {
    const size_t n = pair - c->begin[document_of(c, pair)];
    return n < (size_t)most ? (int)n : most;
}

size_t tt_corpus_documents(const tt_corpus *c, int source) {
    const size_t first = c->first[source], end = c->first[source + 1];
    return end > first ? document_of(c, end - 1) - document_of(c, first) + 1 : 0;
}

int tt_corpus_src_len(const tt_corpus *c, size_t pair) {
    return (int)tt_store_get(c->store, pair).n[0] + 1;
}

int tt_corpus_tgt_len(const tt_corpus *c, size_t pair) {
    return (int)tt_store_get(c->store, pair).n[1] + 1;
}

tt_raw tt_corpus_raw(const tt_corpus *c, size_t pair) { return tt_store_get(c->store, pair); }

void tt_corpus_forget(const tt_corpus *c) { tt_store_forget(c->store); }

void tt_corpus_ids(const tt_corpus *c, const tt_raw *r, int side, int32_t *ids) {
    tt_raw_ids(r, side, ids);
    ids[r->n[side]] = c->eos[side];
}

void tt_corpus_src(const tt_corpus *c, size_t pair, int32_t *ids) {
    const tt_raw r = tt_store_get(c->store, pair);
    tt_corpus_ids(c, &r, 0, ids);
}

void tt_corpus_tgt(const tt_corpus *c, size_t pair, int32_t *ids) {
    const tt_raw r = tt_store_get(c->store, pair);
    tt_corpus_ids(c, &r, 1, ids);
}
