/* corpus.c: see corpus.h. Pairs are read in blocks by one thread; a block is cut into slices, which
 * the pool cleans, tokenises and filters, each in an arena of its own; then they are stored in
 * order. So the result does not depend on the threads.
 */
#include "text/corpus.h"

#include "base/log.h"
#include "base/rng.h"
#include "io/file.h"
#include "io/lines.h"
#include "text/beside.h"
#include "text/clean.h"
#include "text/texts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLICES = 64,       /* of a block: enough to keep any number of threads even */
    SLICE_PAIRS = 128, /* of a slice: some milliseconds of work */
    FREE_RATIO = 10    /* tokens up to which the ratio of lengths says nothing */
};

static const size_t block_bytes = (size_t)32 << 20; /* of text: a block of 10 MB lines ends early */

/* ---- reading pairs ------------------------------------------------------------------------- */

struct text {
    const char *at;
    size_t len;
};

struct reader {
    tt_lines *src, *tgt; /* tgt NULL: a TSV */
    size_t wide;         /* lines with more than two columns */
    int texts;           /* columns of a source */
};

static void reader_close(struct reader *r) {
    tt_lines_close(r->src);
    tt_lines_close(r->tgt);
    *r = (struct reader){0};
}

static int reader_open(struct reader *r, const tt_source *s, int texts, tt_err *e) {
    *r = (struct reader){.texts = texts};
    r->src = tt_lines_open(s->src, 0, e);
    if (r->src && s->tgt) r->tgt = tt_lines_open(s->tgt, 0, e);
    if (r->src && (r->tgt || !s->tgt)) return 0;
    reader_close(r);
    return e->code;
}

/* A missing one shows now, not when those before it have been read. */
int tt_corpus_check(const tt_source *sources, int n, tt_err *e) {
    for (int i = 0; i < n; i++) {
        TT_TRY(tt_input_try(sources[i].src, e));
        if (sources[i].tgt) TT_TRY(tt_input_try(sources[i].tgt, e));
    }
    return 0;
}

static int count_rest(tt_lines *in, tt_err *e) {
    const char *line;
    size_t len;
    int rc;
    do rc = tt_lines_next(in, &line, &len, e);
    while (rc > 0);
    return rc;
}

static int is_blank(const struct text *t) {
    for (size_t i = 0; i < t->len; i++)
        if ((unsigned char)t->at[i] > ' ') return 0;
    return 1;
}

/* Of a model that reads two texts: the TAB behind the second, where there are both. */
static int find_tab(const struct reader *r, const struct text *line, const char **tab, tt_err *e) {
    const char *end = line->at + line->len;
    *tab = memchr(line->at, '\t', line->len);
    if (r->texts != 2 || !*tab) return 0;
    *tab = memchr(*tab + 1, '\t', (size_t)(end - *tab - 1));
    if (*tab) return 0;
    return tt_fail(e, TT_EDATA,
                   "%s:%zu: one TAB: expected FIRST TAB SECOND TAB TARGET, as the model reads two "
                   "texts; --second-source none reads one",
                   tt_lines_name(r->src), tt_lines_number(r->src));
}

/* The next pair, borrowed until the next call: 1, 0 at the end, or a negative code. */
static int reader_next(struct reader *r, struct text *src, struct text *tgt, tt_err *e) {
    int rc = tt_lines_next(r->src, &src->at, &src->len, e);
    if (rc < 0) return rc;
    if (!r->tgt) {
        if (!rc) return 0;
        const char *tab, *end = src->at + src->len;
        TT_TRY(find_tab(r, src, &tab, e));
        if (!tab && is_blank(src)) { /* a pair of empty sides, which is counted among those */
            *tgt = (struct text){end, 0};
            return 1;
        }
        if (!tab)
            return tt_fail(e, TT_EDATA, "%s:%zu: no TAB between source and target",
                           tt_lines_name(r->src), tt_lines_number(r->src));
        const char *next = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
        r->wide += next != NULL;
        *tgt = (struct text){tab + 1, (size_t)((next ? next : end) - tab - 1)};
        src->len = (size_t)(tab - src->at);
        return 1;
    }
    int other = tt_lines_next(r->tgt, &tgt->at, &tgt->len, e);
    if (rc > 0 && other > 0 && r->texts == 2 && !is_blank(src) && !memchr(src->at, '\t', src->len))
        return tt_fail(e, TT_EDATA,
                       "%s:%zu: no TAB: expected FIRST TAB SECOND, as the model reads two texts; "
                       "--second-source none reads one",
                       tt_lines_name(r->src), tt_lines_number(r->src));
    if (other < 0 || rc == other) return other;
    TT_TRY(count_rest(rc ? r->src : r->tgt, e));
    return tt_fail(e, TT_EDATA, "sides of different length: %s has %zu lines, %s has %zu",
                   tt_lines_name(r->src), tt_lines_number(r->src), tt_lines_name(r->tgt),
                   tt_lines_number(r->tgt));
}

/* ---- the corpus ---------------------------------------------------------------------------- */

struct tt_corpus {
    tt_store *store; /* owned */
    size_t count;
    uint64_t all_ids;
    int id_bytes;
    double *weight;           /* (sources) */
    size_t *first;            /* (sources + 1) */
    uint64_t *ids;            /* (sources): in its pairs and those before */
    tt_corpus_record *record; /* (sources) */
    int sources;
    int eos[2];
    uint64_t hash;
};

void tt_corpus_close(tt_corpus *c) {
    if (!c) return;
    tt_store_close(c->store);
    free(c->weight);
    free(c->first);
    free(c->record);
    free(c->ids);
    free(c);
}

static uint64_t hash_side(uint64_t h, const int32_t *ids, size_t n) {
    for (size_t i = 0; i < n; i++) h = tt_mix(h + (uint64_t)ids[i] + 1);
    return tt_mix(h); /* marks the end of a side */
}

static int store(tt_corpus *c, const int32_t *src, size_t n_src, const int32_t *tgt, size_t n_tgt,
                 tt_err *e) {
    TT_TRY(tt_store_add(c->store, src, n_src, tgt, n_tgt, e));
    c->count++;
    c->all_ids += n_src + n_tgt;
    c->hash = hash_side(hash_side(c->hash, src, n_src), tgt, n_tgt);
    return 0;
}

/* ---- tokenising in parallel ---------------------------------------------------------------- */

enum { KEPT, EMPTY, TOO_LONG, UNEVEN, FATES };

struct item {
    struct text text[2];
    int32_t *ids[2]; /* in the slice's arena */
    size_t n[2];
    int fate;
    tt_beside_line beside;
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
    const tt_source *sources;
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
        it->text[side] = (struct text){clean.text, clean.len};
        s->bad += clean.bad;
        s->nul += clean.nul;
    }
    it->fate = EMPTY;
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
static int block_read(struct block *b, struct reader *r, tt_err *e) {
    size_t bytes = 0;
    tt_arena_reset(b->text);
    b->count = 0;
    while (b->count < SLICES * SLICE_PAIRS && bytes < block_bytes) {
        struct text t[2];
        int rc = reader_next(r, &t[0], &t[1], e);
        if (rc < 0) return rc;
        if (!rc) break;
        struct item *it = &b->items[b->count++];
        *it = (struct item){0};
        for (int side = 0; side < 2; side++) {
            it->text[side] =
                (struct text){tt_arena_text(b->text, t[side].at, t[side].len), t[side].len};
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

static int looks_like_1252(const struct reader *r) {
    return tt_lines_windows_1252(r->src) || (r->tgt && tt_lines_windows_1252(r->tgt));
}

static const char hint_1252[] =
    "; this looks like Windows-1252: convert it, as with iconv -f WINDOWS-1252 -t UTF-8";

static int keep_beside(tt_beside *beside, const struct item *it, tt_err *e) {
    const tt_span text[2] = {{it->text[0].at, it->text[0].len}, {it->text[1].at, it->text[1].len}};
    return tt_beside_keep(beside, &it->beside, text, it->ids, it->n, e);
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
            if (it->fate != KEPT) continue;
            TT_TRY(store(c, it->ids[0], it->n[0], it->ids[1], it->n[1], e));
            if (b->limits->beside) TT_TRY(keep_beside(b->limits->beside, it, e));
            t->src_tokens += it->n[0] + 1;
            t->tgt_tokens += it->n[1] + 1;
        }
    }
    return 0;
}

static const char *shown(const char *path) { return strcmp(path, "-") ? path : "standard input"; }

static void report(const tt_source *s, const struct tally *t, const tt_corpus_limits *l,
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
                    name, plus, other, t->bad, t->nul, t->windows_1252 ? hint_1252 : "");
}

static int read_source(tt_corpus *c, struct block *b, const tt_source *s, tt_pool *pool,
                       const tt_log *log, tt_err *e) {
    struct reader r;
    struct tally t = {0};
    tt_beside *beside = b->limits->beside;
    if (beside) TT_TRY(tt_beside_begin(beside, (int)(s - b->sources), e));
    TT_TRY(reader_open(&r, s, b->limits->texts, e));
    int rc;
    while ((rc = block_read(b, &r, e)) > 0) {
        tt_pool_run(pool, SLICES, prepare_slice, b);
        rc = block_store(b, c, &t, e);
        if (rc) break;
        tt_log_progress(log, "%s%s%s: %zu pairs read, %zu tokens", shown(s->src),
                        s->tgt ? " + " : "", s->tgt ? shown(s->tgt) : "", t.fate[KEPT],
                        t.src_tokens + t.tgt_tokens);
    }
    t.windows_1252 = looks_like_1252(&r);
    t.wide = r.wide;
    reader_close(&r);
    if (!rc && beside) rc = tt_beside_end(beside, e);
    if (!rc) report(s, &t, b->limits, log);
    return rc;
}

static int check_sources(const tt_source *s, int n, const tt_corpus_limits *l, tt_err *e) {
    if (n < 1) return tt_fail(e, TT_ECONFIG, "no training text");
    if (l->max_tokens < 2)
        return tt_fail(e, TT_ECONFIG, "longest side %d, expected at least 2", l->max_tokens);
    for (int i = 0; i < n; i++)
        if (!(s[i].weight >= 0 && s[i].weight <= 1000))
            return tt_fail(e, TT_ECONFIG, "%s: weight %g, expected 0 to 1000", s[i].src,
                           s[i].weight);
    return 0;
}

tt_corpus *tt_corpus_open(const tt_source *sources, int n, const tt_vocab *v, tt_pool *pool,
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
        c->ids = calloc((size_t)n, sizeof *c->ids);
    }
    if (!c || !c->weight || !c->first || !c->record || !c->ids) {
        rc = tt_fail(e, TT_ENOMEM, "out of memory for %d corpora", n);
        goto out;
    }
    b->sources = sources;
    c->sources = n;
    const int wide = tt_vocab_size(v) > UINT16_MAX + 1 ||
                     tt_vocab_size(tt_vocab_side(v, TT_VOCAB_TARGET)) > UINT16_MAX + 1;
    c->id_bytes = wide ? 4 : 2;
    c->store = tt_store_open(wide, limits->folder, e);
    rc = c->store ? 0 : e->code;
    if (rc) goto out;
    for (int side = 0; side < 2; side++) c->eos[side] = tt_vocab_eos(tt_vocab_side(v, side));
    for (int i = 0; i < n; i++) {
        rc = read_source(c, b, &sources[i], pool, log, e);
        if (rc) goto out;
        c->weight[i] = sources[i].weight;
        c->hash = tt_key(c->hash, (uint64_t)llrint(sources[i].weight * 1e9));
        c->first[i + 1] = c->count;
        c->ids[i] = c->all_ids;
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
    return (c->ids[source] - (source ? c->ids[source - 1] : 0)) * (uint64_t)c->id_bytes;
}

uint64_t tt_corpus_hash(const tt_corpus *c) { return c->hash; }

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

/* ---- development sets ---------------------------------------------------------------------- */

static const size_t max_dev_pairs = 1000000;

struct side {
    const char **text;
    int32_t **ids;
    size_t *n;
    size_t total;
};

/* `mem` with room for twice `count` items, or NULL. */
static void *twice(const void *mem, size_t count, size_t size, tt_arena *a) {
    void *p = tt_arena_alloc(a, 2 * count * size);
    if (p) memcpy(p, mem, count * size);
    return p;
}

/* Cleans and tokenises one side of a pair to place i; counts what was replaced into *bad. */
static int side_add(struct side *s, size_t i, struct text t, const tt_vocab *v, int max_tokens,
                    int texts, size_t *bad, tt_arena *a, tt_err *e) {
    tt_clean clean;
    tt_texts both = {0};
    if (texts == 2) TT_TRY(tt_texts_encode(&both, v, t.at, t.len, a, e));
    TT_TRY(tt_clean_line(&clean, t.at, t.len, a, e));
    s->text[i] = tt_arena_text(a, clean.text, clean.len);
    if (!s->text[i]) return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
    *bad += clean.bad + clean.nul;
    if (both.parts == 2) s->ids[i] = both.ids, s->n[i] = both.n;
    else
        TT_TRY(tt_vocab_encode(v, clean.text, clean.len, TT_VOCAB_EOS, a, &s->ids[i], &s->n[i], e));
    if (s->n[i] > (size_t)max_tokens) {
        s->n[i] = (size_t)max_tokens;
        s->ids[i][s->n[i] - 1] = tt_vocab_eos(v);
    }
    s->total += s->n[i];
    return 0;
}

static int side_join(tt_seqs *out, const struct side *s, size_t count, tt_arena *a, tt_err *e) {
    int32_t *off = tt_arena_alloc(a, (count + 1) * sizeof *off);
    int32_t *ids = s->total <= INT32_MAX ? tt_arena_alloc(a, s->total * sizeof *ids) : NULL;
    if (!off || !ids) return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
    off[0] = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(ids + off[i], s->ids[i], s->n[i] * sizeof *ids);
        off[i + 1] = off[i] + (int32_t)s->n[i];
    }
    *out = (tt_seqs){(int)count, off, ids};
    return 0;
}

static int side_grow(struct side *s, size_t count, tt_arena *a) {
    s->text = twice(s->text, count, sizeof *s->text, a);
    s->ids = twice(s->ids, count, sizeof *s->ids, a);
    s->n = twice(s->n, count, sizeof *s->n, a);
    return s->text && s->ids && s->n;
}

static int read_pairs(struct side side[2], size_t *count, struct reader *r, const tt_vocab *v,
                      int max_tokens, size_t *bad, tt_arena *a, tt_err *e) {
    size_t room = 512;
    int rc;
    struct text t[2];
    for (int k = 0; k < 2; k++) /* arrays of `room` items, not yet of any value */
        if (!(side[k].text = tt_arena_alloc(a, room * sizeof *side[k].text)) ||
            !(side[k].ids = tt_arena_alloc(a, room * sizeof *side[k].ids)) ||
            !(side[k].n = tt_arena_alloc(a, room * sizeof *side[k].n)))
            return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
    for (*count = 0; (rc = reader_next(r, &t[0], &t[1], e)) > 0; ++*count) {
        if (*count == max_dev_pairs)
            return tt_fail(e, TT_EDATA, "%s: more than %zu pairs in a development set",
                           tt_lines_name(r->src), max_dev_pairs);
        if (*count == room) {
            if (!side_grow(&side[0], room, a) || !side_grow(&side[1], room, a))
                return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
            room *= 2;
        }
        for (int k = 0; k < 2; k++)
            TT_TRY(side_add(&side[k], *count, t[k], tt_vocab_side(v, k), max_tokens,
                            k ? 1 : r->texts, bad, a, e));
    }
    return rc;
}

int tt_pairs_read(tt_pairs *p, const tt_source *s, const tt_vocab *v, int max_tokens, int texts,
                  tt_arena *a, const tt_log *log, tt_err *e) {
    struct side side[2] = {0};
    struct reader r;
    size_t count = 0, bad = 0;
    TT_TRY(reader_open(&r, s, texts, e));
    int rc = read_pairs(side, &count, &r, v, max_tokens, &bad, a, e), is_1252 = looks_like_1252(&r);
    reader_close(&r);
    TT_TRY(rc);
    if (!count) return tt_fail(e, TT_EDATA, "%s: a development set without a pair", s->src);
    if (bad)
        tt_log_line(log, TT_LOG_WARN, "%s: replaced %zu bad bytes%s", s->src, bad,
                    is_1252 ? hint_1252 : "");
    TT_TRY(side_join(&p->src, &side[0], count, a, e));
    TT_TRY(side_join(&p->tgt, &side[1], count, a, e));
    p->count = (int)count;
    p->src_text = side[0].text;
    p->tgt_text = side[1].text;
    return 0;
}
