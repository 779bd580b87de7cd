/* links.c: p(t|s) from word alignments, another program's or an aligner's; see lexprob.h. Links are
 * counted in one table of pairs of tokens, found by hashing and at most three quarters full; rows
 * are made of it in the end, sorted, so the order of the text leaves no trace.
 */
#include "lexical/lexprob.h"

#include "base/log.h"
#include "base/rng.h"
#include "lexical/aligner.h"
#include "score/alignment.h"
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
    tt_pairlines text;
    tt_lines *align;
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
static int add_links(struct links *x, const char *line, size_t len, const int32_t *src,
                     size_t n_src, const int32_t *tgt, size_t n_tgt, tt_err *e) {
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

static int read_all(struct links *x, size_t most, tt_err *e) {
    for (;;) {
        tt_span s, t, a;
        int rc = tt_pairlines_next(&x->text, &s, &t, e);
        int more = rc < 0 ? rc : tt_lines_next(x->align, &a.text, &a.len, e);
        if (more < 0) return more;
        if (rc != more)
            return tt_fail(e, TT_EDATA,
                           "%s and its alignments %s have not the same number of lines",
                           tt_lines_name(x->text.src), tt_lines_name(x->align));
        if (!rc) return 0;
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

static int open_rows(tt_lexprob *p, size_t size, tt_err *e) {
    p->size = (int)size;
    p->row = calloc(size, sizeof *p->row);
    p->frequency = calloc(size, sizeof *p->frequency);
    return p->row && p->frequency ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for %zu tokens", size);
}

static int open_all(struct links *x, tt_lexprob *p, const tt_parallel *text, const char *alignments,
                    tt_err *e) {
    size_t size = (size_t)tt_vocab_size(x->v);
    TT_TRY(tt_pairlines_open(&x->text, text, e));
    x->align = tt_lines_open(alignments, 0, e);
    x->arena = x->align ? tt_arena_open(0, e) : NULL;
    if (!x->arena) return e->code;
    TT_TRY(open_rows(p, size, e));
    x->frequency = p->frequency;
    return 0;
}

int tt_lexprob_count(tt_lexprob *p, const tt_parallel *text, const char *alignments,
                     const tt_vocab *v, int max_tokens, const tt_log *log, tt_err *e) {
    struct links x = {.v = v};
    *p = (tt_lexprob){0};
    int rc = open_all(&x, p, text, alignments, e);
    if (!rc) rc = read_all(&x, (size_t)max_tokens, e);
    if (!rc) rc = make_rows(p, &x.table, e);
    if (!rc)
        tt_log_line(log, TT_LOG_INFO,
                    "%s: %zu links in %zu pairs, %zu pairs over %d tokens left out", alignments,
                    x.links, x.pairs - x.dropped, x.dropped, max_tokens);
    if (!rc && !x.links) rc = tt_fail(e, TT_EDATA, "%s: no link between tokens", alignments);
    tt_pairlines_close(&x.text);
    tt_lines_close(x.align);
    tt_arena_close(x.arena);
    free(x.table.at);
    if (rc) tt_lexprob_free(p);
    return rc;
}

/* ---- links that are learned ------------------------------------------------------------------ */

enum { BLOCK = 1024 }; /* pairs that are aligned before their links are counted */

struct linking {
    const tt_wordmodel *model;
    const tt_bitext *b;
    size_t first; /* pair of the block */
    struct linker {
        tt_align_work work;
        int of[2][TT_ALIGN_WORDS_MOST];
        float p[2][TT_ALIGN_WORDS_MOST];
        tt_links links[2];
    } * worker;
    tt_links *joined; /* (BLOCK) */
    tt_err *err;      /* (BLOCK) */
};

/* The links of one pair, both directions, joined as translation systems do. A pair that cannot be
 * aligned has none. */
static int link_pair(const struct linking *x, struct linker *w, size_t pair, tt_links *joined,
                     tt_err *e) {
    const tt_bitext *b = x->b;
    const int n = tt_bitext_len(b, 0, pair), m = tt_bitext_len(b, 1, pair), len[2] = {m, n};
    joined->count = w->links[0].count = w->links[1].count = 0;
    int rc = tt_wordmodel_links(x->model, &w->work, b->ids[0] + b->from[0][pair], n,
                                b->ids[1] + b->from[1][pair], m, (int *[2]){w->of[0], w->of[1]},
                                (float *[2]){w->p[0], w->p[1]}, e);
    if (rc == TT_EDATA) return 0;
    for (int d = 0; !rc && d < 2; d++)
        for (int i = 0; !rc && i < len[d]; i++)
            if (w->of[d][i] >= 0)
                rc = tt_links_add(&w->links[d], d ? i : w->of[d][i], d ? w->of[d][i] : i,
                                  (double)w->p[d][i], 1, e);
    return rc ? rc
              : tt_links_join(joined, &w->links[0], &w->links[1], n, m, TT_JOIN_GROW_DIAG_FINAL_AND,
                              e);
}

static void link_item(void *ctx, size_t item, int worker) {
    struct linking *x = ctx;
    tt_err why = {0};
    x->err[item].code = 0;
    if (link_pair(x, &x->worker[worker], x->first + item, &x->joined[item], &why))
        x->err[item] = why;
}

static int count_block(struct linking *x, struct table *t, size_t count, tt_pool *pool,
                       size_t *links, tt_err *e) {
    tt_pool_run(pool, count, link_item, x);
    for (size_t i = 0; i < count; i++) {
        const int32_t *src = x->b->ids[0] + x->b->from[0][x->first + i],
                      *tgt = x->b->ids[1] + x->b->from[1][x->first + i];
        if (x->err[i].code) return tt_fail(e, x->err[i].code, "%s", x->err[i].msg);
        for (size_t k = 0; k < x->joined[i].count; k++)
            TT_TRY(count_link(t, src[x->joined[i].link[k].src], tgt[x->joined[i].link[k].tgt], e));
        *links += x->joined[i].count;
    }
    return 0;
}

/* Tokens of the corpus as a bitext, ends of sentences left out. */
static int number(tt_bitext *b, const tt_corpus *c, tt_err *e) {
    size_t longest = 1;
    for (size_t i = 0; i < tt_corpus_pairs(c); i++) {
        if ((size_t)tt_corpus_src_len(c, i) > longest) longest = (size_t)tt_corpus_src_len(c, i);
        if ((size_t)tt_corpus_tgt_len(c, i) > longest) longest = (size_t)tt_corpus_tgt_len(c, i);
    }
    int32_t *src = malloc(2 * longest * sizeof *src), *tgt = src ? src + longest : NULL;
    int rc = src ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for a pair of sentences");
    for (size_t i = 0; !rc && i < tt_corpus_pairs(c); i++) {
        tt_corpus_src(c, i, src);
        tt_corpus_tgt(c, i, tgt);
        rc = tt_bitext_add(b, src, (size_t)tt_corpus_src_len(c, i) - 1, tgt,
                           (size_t)tt_corpus_tgt_len(c, i) - 1, e);
    }
    free(src);
    return rc;
}

static int link_all(struct linking *x, tt_lexprob *p, struct table *t, tt_pool *pool,
                    const tt_log *log, tt_err *e) {
    size_t links = 0;
    const tt_bitext *b = x->b;
    for (x->first = 0; x->first < b->pairs; x->first += BLOCK) {
        tt_log_progress(log, "links of %zu of %zu pairs", x->first, b->pairs);
        TT_TRY(count_block(x, t, b->pairs - x->first < BLOCK ? b->pairs - x->first : BLOCK, pool,
                           &links, e));
    }
    for (size_t i = 0; i < b->from[1][b->pairs]; i++) p->frequency[b->ids[1][i]]++;
    tt_log_line(log, TT_LOG_INFO, "%zu links in %zu pairs", links, b->pairs);
    return links ? make_rows(p, t, e) : tt_fail(e, TT_EDATA, "no link between tokens");
}

int tt_lexprob_link(tt_lexprob *p, const tt_corpus *c, int size, const char *how, tt_pool *pool,
                    const tt_log *log, tt_err *e) {
    tt_bitext b = {0};
    struct table t = {0};
    tt_pick pick;
    const int workers = tt_pool_size(pool);
    *p = (tt_lexprob){0};
    TT_TRY(tt_pick_read(&pick, &tt_family_aligner, how, e));
    int rc = number(&b, c, e);
    tt_wordmodel *model = rc ? NULL : tt_wordmodel_train(&b, &pick, pool, log, e);
    struct linking x = {.model = model, .b = &b};
    if (!rc && !model) rc = e->code;
    if (!rc) rc = open_rows(p, (size_t)size, e);
    x.worker = calloc((size_t)workers, sizeof *x.worker);
    x.joined = calloc(BLOCK, sizeof *x.joined);
    x.err = calloc(BLOCK, sizeof *x.err);
    if (!rc && (!x.worker || !x.joined || !x.err))
        rc = tt_fail(e, TT_ENOMEM, "out of memory for links");
    if (!rc) rc = link_all(&x, p, &t, pool, log, e);
    for (int i = 0; x.worker && i < workers; i++) {
        tt_align_work_free(&x.worker[i].work);
        for (int d = 0; d < 2; d++) tt_links_free(&x.worker[i].links[d]);
    }
    for (size_t i = 0; x.joined && i < BLOCK; i++) tt_links_free(&x.joined[i]);
    free(x.worker);
    free(x.joined);
    free(x.err);
    free(t.at);
    tt_wordmodel_close(model);
    tt_bitext_free(&b);
    if (rc) tt_lexprob_free(p);
    return rc;
}
