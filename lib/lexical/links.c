/* links.c: p(t|s) from word alignments that another program made; see lexprob.h. Links are counted in
 * one table of pairs of tokens, found by hashing and at most three quarters full; rows are made of it
 * in the end, sorted, so the order of the text leaves no trace.
 */
#include "lexical/lexprob.h"

#include "base/log.h"
#include "base/rng.h"
#include "io/lines.h"
#include "text/clean.h"

#include <stdlib.h>
#include <string.h>

struct link {
    uint64_t key; /* source id · 2^32 + target id + 1; 0: free */
    uint64_t times;
};

struct table {
    struct link *at; /* owned */
    size_t count, mask;
};

struct links {
    tt_lines *src, *tgt, *align; /* tgt NULL: a TSV */
    const tt_vocab *v;
    tt_arena *arena;
    struct table table;
    uint64_t *frequency; /* (V) */
    size_t pairs, dropped, links;
};

static struct link *find(const struct table *t, uint64_t key) {
    size_t i = (size_t)tt_mix(key) & t->mask;
    while (t->at[i].key && t->at[i].key != key) i = (i + 1) & t->mask;
    return &t->at[i];
}

static int grow(struct table *t, tt_err *e) {
    size_t size = t->at ? 2 * (t->mask + 1) : 1 << 16;
    struct table more = {calloc(size, sizeof *more.at), t->count, size - 1};
    if (!more.at) return tt_fail(e, TT_ENOMEM, "out of memory for %zu pairs of tokens", t->count);
    for (size_t i = 0; t->at && i <= t->mask; i++)
        if (t->at[i].key) *find(&more, t->at[i].key) = t->at[i];
    free(t->at);
    *t = more;
    return 0;
}

static int count_link(struct table *t, int32_t src, int32_t tgt, tt_err *e) {
    if (!t->at || 4 * (t->count + 1) > 3 * (t->mask + 1)) TT_TRY(grow(t, e));
    struct link *l = find(t, (uint64_t)src << 32 | ((uint64_t)tgt + 1));
    t->count += !l->key;
    l->key = (uint64_t)src << 32 | ((uint64_t)tgt + 1);
    l->times++;
    return 0;
}

/* Digits at *at into *x; 0 when there are none or too many. */
static int digits(const char **at, const char *end, size_t *x) {
    const char *from = *at;
    for (*x = 0; *at < end && **at >= '0' && **at <= '9' && *at - from < 9; ++*at)
        *x = 10 * *x + (size_t)(**at - '0');
    return *at > from;
}

/* Links of one pair, tokens (n); of those the ends of sentence (token n) count for nothing. */
static int add_links(struct links *x, const char *line, size_t len, const int32_t *src, size_t n_src,
                     const int32_t *tgt, size_t n_tgt, tt_err *e) {
    const char *at = line, *end = line + len;
    for (;;) {
        size_t s, t;
        while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) at++;
        if (at == end) return 0;
        int ok = digits(&at, end, &s) && at < end && *at++ == '-' && digits(&at, end, &t);
        if (!ok || (at < end && *at != ' ' && *at != '\t' && *at != '\r'))
            return tt_fail(e, TT_EDATA, "%s:%zu: expected links such as 0-0 1-2",
                           tt_lines_name(x->align), tt_lines_number(x->align));
        if (s > n_src || t > n_tgt)
            return tt_fail(e, TT_EDATA, "%s:%zu: link %zu-%zu, but the pair has %zu and %zu tokens",
                           tt_lines_name(x->align), tt_lines_number(x->align), s, t, n_src, n_tgt);
        if (s == n_src || t == n_tgt) continue;
        TT_TRY(count_link(&x->table, src[s], tgt[t], e));
        x->links++;
    }
}

static int encode(struct links *x, const char *text, size_t len, int32_t **ids, size_t *n,
                  tt_err *e) {
    tt_clean clean;
    TT_TRY(tt_clean_line(&clean, text, len, x->arena, e));
    return tt_vocab_encode(x->v, clean.text, clean.len, 0, x->arena, ids, n, e);
}

static int add_pair(struct links *x, tt_span src, tt_span tgt, tt_span align, size_t most,
                    tt_err *e) {
    int32_t *a, *b;
    size_t n, m;
    tt_arena_reset(x->arena);
    x->pairs++;
    if (src.len > TT_VOCAB_TEXT_MAX || tgt.len > TT_VOCAB_TEXT_MAX) return x->dropped++, 0;
    TT_TRY(encode(x, src.text, src.len, &a, &n, e));
    TT_TRY(encode(x, tgt.text, tgt.len, &b, &m, e));
    if (n + 1 > most || m + 1 > most) return x->dropped++, 0;
    for (size_t i = 0; i < m; i++) x->frequency[b[i]]++;
    return add_links(x, align.text, align.len, a, n, b, m, e);
}

static int cut_tsv(tt_span *src, tt_span *tgt, const tt_lines *in, tt_err *e) {
    const char *tab = memchr(src->text, '\t', src->len), *end = src->text + src->len;
    size_t blanks = 0;
    while (blanks < src->len && (unsigned char)src->text[blanks] <= ' ') blanks++;
    if (!tab && blanks == src->len) { /* a pair of empty sides */
        *tgt = (tt_span){end, 0};
        return 0;
    }
    if (!tab)
        return tt_fail(e, TT_EDATA, "%s:%zu: no TAB between source and target", tt_lines_name(in),
                       tt_lines_number(in));
    const char *next = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
    *tgt = (tt_span){tab + 1, (size_t)((next ? next : end) - tab - 1)};
    src->len = (size_t)(tab - src->text);
    return 0;
}

static int uneven(const struct links *x, tt_err *e) {
    return tt_fail(e, TT_EDATA, "%s and its alignments %s have not the same number of lines",
                   tt_lines_name(x->src), tt_lines_name(x->align));
}

static int read_all(struct links *x, size_t most, tt_err *e) {
    for (;;) {
        tt_span s, t = {NULL, 0}, a;
        int rc = tt_lines_next(x->src, &s.text, &s.len, e);
        int more = rc < 0 ? rc : tt_lines_next(x->align, &a.text, &a.len, e);
        if (more < 0) return more;
        int other = x->tgt ? tt_lines_next(x->tgt, &t.text, &t.len, e) : rc;
        if (other < 0) return other;
        if (rc != more || rc != other) return uneven(x, e);
        if (!rc) return 0;
        if (!x->tgt) TT_TRY(cut_tsv(&s, &t, x->src, e));
        TT_TRY(add_pair(x, s, t, a, most, e));
    }
}

static int by_key(const void *a, const void *b) {
    uint64_t x = ((const struct link *)a)->key, y = ((const struct link *)b)->key;
    return x < y ? -1 : x > y;
}

/* One row of the table from its links (n), sorted by target. */
static int make_row(tt_lexprob_row *row, const struct link *l, size_t n) {
    uint64_t all = 0;
    row->ids = malloc(n * sizeof *row->ids);
    row->p = malloc(n * sizeof *row->p);
    if (!row->ids || !row->p) return TT_ENOMEM;
    for (size_t i = 0; i < n; i++) all += l[i].times;
    for (size_t i = 0; i < n; i++) {
        row->ids[i] = (int32_t)((l[i].key & UINT32_MAX) - 1);
        row->p[i] = (float)((double)l[i].times / (double)all);
    }
    row->count = (int)n;
    return 0;
}

static int make_rows(tt_lexprob *p, struct table *t, tt_err *e) {
    size_t n = 0, next;
    for (size_t i = 0; t->at && i <= t->mask; i++)
        if (t->at[i].key) t->at[n++] = t->at[i];
    if (n) qsort(t->at, n, sizeof *t->at, by_key);
    for (size_t i = 0; i < n; i = next) {
        uint64_t src = t->at[i].key >> 32;
        for (next = i; next < n && t->at[next].key >> 32 == src;) next++;
        if (make_row(&p->row[src], t->at + i, next - i))
            return tt_fail(e, TT_ENOMEM, "out of memory for %zu pairs of tokens", n);
    }
    return 0;
}

static int open_all(struct links *x, tt_lexprob *p, const tt_source *text, const char *alignments,
                    tt_err *e) {
    size_t size = (size_t)tt_vocab_size(x->v);
    x->src = tt_lines_open(text->src, 0, e);
    if (!x->src || (text->tgt && !(x->tgt = tt_lines_open(text->tgt, 0, e)))) return e->code;
    x->align = tt_lines_open(alignments, 0, e);
    x->arena = x->align ? tt_arena_open(0, e) : NULL;
    if (!x->arena) return e->code;
    p->size = (int)size;
    p->row = calloc(size, sizeof *p->row);
    p->frequency = x->frequency = calloc(size, sizeof *x->frequency);
    if (!p->row || !p->frequency) return tt_fail(e, TT_ENOMEM, "out of memory for %zu tokens", size);
    return 0;
}

int tt_lexprob_count(tt_lexprob *p, const tt_source *text, const char *alignments,
                     const tt_vocab *v, int max_tokens, const tt_log *log, tt_err *e) {
    struct links x = {.v = v};
    *p = (tt_lexprob){0};
    int rc = open_all(&x, p, text, alignments, e);
    if (!rc) rc = read_all(&x, (size_t)max_tokens, e);
    if (!rc) rc = make_rows(p, &x.table, e);
    if (!rc)
        tt_log_line(log, TT_LOG_INFO, "%s: %zu links in %zu pairs, %zu pairs over %d tokens left out",
                    alignments, x.links, x.pairs - x.dropped, x.dropped, max_tokens);
    if (!rc && !x.links) rc = tt_fail(e, TT_EDATA, "%s: no link between tokens", alignments);
    tt_lines_close(x.src);
    tt_lines_close(x.tgt);
    tt_lines_close(x.align);
    tt_arena_close(x.arena);
    free(x.table.at);
    if (rc) tt_lexprob_free(p);
    return rc;
}
