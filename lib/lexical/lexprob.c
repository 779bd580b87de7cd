/* lexprob.c: IBM Model 1; see lexprob.h. Both steps walk, for each source token, through the
 * sentences that it is in, with its row of the table spread out over all target tokens: what is
 * read and written at random then lies in the first caches. The E step (Z = Σ_s p(t|s), a number
 * for each target token of the text) is cut by sentences into SHARDS, the M step by source tokens;
 * each sum is one worker's, in an order that is always the same.
 */
#include "lexical/lexprob.h"

#include "base/log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 16 }; /* of the text: each spreads every row once */

void tt_lexprob_free(tt_lexprob *p) {
    for (int s = 0; p->row && s < p->size; s++) {
        free(p->row[s].ids);
        free(p->row[s].p);
    }
    free(p->row);
    free(p->frequency);
    *p = (tt_lexprob){0};
}

/* ---- the text, as the steps need it -------------------------------------------------------- */

struct seen {        /* a worker's: what stands opposite a source token */
    float *p;        /* (size), zero but for the row that is spread out */
    double *sum;     /* (size), zero between rows */
    uint32_t *times; /* (size), zero between rows */
    int32_t *ids;    /* (size) */
};

struct text {
    int size; /* V; row V is the empty word's */
    size_t pairs;
    size_t *from;        /* (pairs + 1), first target token of each pair */
    int32_t *tgt;        /* (from[pairs]) */
    float *z;            /* (from[pairs]) */
    size_t *first;       /* (V + 1), first of each source token's places */
    uint32_t *place;     /* (first[V]), pairs that it stands in, rising, once for each time */
    tt_lexprob_row *row; /* (V + 1) */
    struct seen *seen;   /* (workers) */
    int workers;
    double log_sum[SHARDS];
    int *failed; /* (V + 1), of rows: out of memory */
};

static void text_close(struct text *x) {
    for (int i = 0; x->seen && i < x->workers; i++) {
        free(x->seen[i].p);
        free(x->seen[i].sum);
        free(x->seen[i].times);
        free(x->seen[i].ids);
    }
    for (int s = 0; x->row && s <= x->size; s++) {
        free(x->row[s].ids);
        free(x->row[s].p);
    }
    free(x->seen);
    free(x->from);
    free(x->tgt);
    free(x->z);
    free(x->first);
    free(x->place);
    free(x->row);
    free(x->failed);
}

static int allocate(struct text *x, size_t src_tokens, size_t tgt_tokens) {
    size_t v = (size_t)x->size;
    x->from = calloc(x->pairs + 1, sizeof *x->from);
    x->tgt = malloc((tgt_tokens + 1) * sizeof *x->tgt);
    x->z = malloc((tgt_tokens + 1) * sizeof *x->z);
    x->first = calloc(v + 2, sizeof *x->first);
    x->place = malloc((src_tokens + 1) * sizeof *x->place);
    x->row = calloc(v + 1, sizeof *x->row);
    x->failed = calloc(v + 1, sizeof *x->failed);
    x->seen = calloc((size_t)x->workers, sizeof *x->seen);
    int ok = x->from && x->tgt && x->z && x->first && x->place && x->row && x->failed && x->seen;
    for (int i = 0; ok && i < x->workers; i++) {
        struct seen *w = &x->seen[i];
        w->p = calloc(v, sizeof *w->p);
        w->sum = calloc(v, sizeof *w->sum);
        w->times = calloc(v, sizeof *w->times);
        w->ids = malloc(v * sizeof *w->ids);
        ok = w->p && w->sum && w->times && w->ids;
    }
    return ok;
}

/* Lays the target tokens out and sorts the source tokens' places; ids (longest side) is scratch. */
static void lay_out(struct text *x, const tt_corpus *c, int32_t *ids) {
    for (size_t i = 0; i < x->pairs; i++) {
        int n = tt_corpus_tgt_len(c, i) - 1;
        tt_corpus_tgt(c, i, ids);
        memcpy(x->tgt + x->from[i], ids, (size_t)n * sizeof *ids);
        x->from[i + 1] = x->from[i] + (size_t)n;
        tt_corpus_src(c, i, ids);
        for (int k = tt_corpus_src_len(c, i) - 1; k-- > 0;) x->first[ids[k] + 1]++;
    }
    for (int s = 0; s < x->size; s++) x->first[s + 1] += x->first[s];
    for (size_t i = 0; i < x->pairs; i++) {
        tt_corpus_src(c, i, ids);
        for (int k = tt_corpus_src_len(c, i) - 1; k-- > 0;)
            x->place[x->first[ids[k]]++] = (uint32_t)i;
    }
    memmove(x->first + 1, x->first,
            (size_t)x->size * sizeof *x->first); /* each had come to its end */
    x->first[0] = 0;
}

static int text_open(struct text *x, const tt_corpus *c, int size, tt_pool *pool, tt_err *e) {
    *x = (struct text){.size = size, .pairs = tt_corpus_pairs(c), .workers = tt_pool_size(pool)};
    size_t src = 0, tgt = 0;
    int longest = 1;
    for (size_t i = 0; i < x->pairs; i++) {
        int a = tt_corpus_src_len(c, i), b = tt_corpus_tgt_len(c, i);
        src += (size_t)a;
        tgt += (size_t)b;
        if (a > longest) longest = a;
        if (b > longest) longest = b;
    }
    int32_t *ids = malloc((size_t)longest * sizeof *ids);
    int ok = ids && allocate(x, src, tgt);
    if (ok) lay_out(x, c, ids);
    free(ids);
    return ok ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for %zu pairs", x->pairs);
}

/* The places of row s from pair `from` on, up to pair `to`; the empty word's are all pairs. */
static size_t place_at(const struct text *x, int s, size_t pair) {
    size_t lo = x->first[s], hi = x->first[s + 1];
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (x->place[mid] < pair) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

struct places {
    const uint32_t *list; /* NULL: the pairs themselves */
    size_t at, end;
};

static struct places places_of(const struct text *x, int s, size_t from, size_t to) {
    if (s == x->size) return (struct places){NULL, from, to};
    return (struct places){x->place, place_at(x, s, from), place_at(x, s, to)};
}

static size_t pair_of(const struct places *p, size_t i) { return p->list ? p->list[i] : i; }

/* ---- which pairs of tokens there are ------------------------------------------------------- */

struct often {
    int32_t id;
    uint32_t times;
};

static int by_times(const void *a, const void *b) {
    const struct often *x = a, *y = b;
    if (x->times != y->times) return x->times > y->times ? -1 : 1;
    return x->id < y->id ? -1 : 1;
}

static int by_id(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

/* A row of the n tokens seen, or of those TT_LEXPROB_ROW that were seen most often; 0: no memory.
 */
static int make_row(tt_lexprob_row *row, struct often *seen, int n, int most, float p) {
    if (n > most) qsort(seen, (size_t)n, sizeof *seen, by_times);
    int count = n < most ? n : most;
    row->ids = malloc(((size_t)count + 1) * sizeof *row->ids);
    row->p = malloc(((size_t)count + 1) * sizeof *row->p);
    if (!row->ids || !row->p) return 0;
    for (int i = 0; i < count; i++) {
        row->ids[i] = seen[i].id;
        row->p[i] = p;
    }
    qsort(row->ids, (size_t)count, sizeof *row->ids, by_id);
    row->count = count;
    return 1;
}

static void find_row(void *ctx, size_t item, int worker) {
    struct text *x = ctx;
    struct seen *w = &x->seen[worker];
    int s = x->size - (int)item, n = 0; /* the empty word, the longest, first */
    struct places at = places_of(x, s, 0, x->pairs);
    for (size_t i = at.at; i < at.end; i++) {
        size_t pair = pair_of(&at, i);
        for (size_t k = x->from[pair]; k < x->from[pair + 1]; k++)
            if (!w->times[x->tgt[k]]++) w->ids[n++] = x->tgt[k];
    }
    struct often *seen = malloc(((size_t)n + 1) * sizeof *seen);
    for (int i = 0; i < n; i++) {
        if (seen) seen[i] = (struct often){w->ids[i], w->times[w->ids[i]]};
        w->times[w->ids[i]] = 0;
    }
    /* The empty word has all tokens, so that Z is never 0. */
    int most = s == x->size ? x->size : TT_LEXPROB_ROW;
    x->failed[s] = !seen || !make_row(&x->row[s], seen, n, most, 1.0f / (float)x->size);
    free(seen);
}

/* ---- expectation and maximisation ---------------------------------------------------------- */

static void spread(float *p, const tt_lexprob_row *row) {
    for (int i = 0; i < row->count; i++) p[row->ids[i]] = row->p[i];
}

static void clear(float *p, const tt_lexprob_row *row) {
    for (int i = 0; i < row->count; i++) p[row->ids[i]] = 0;
}

static void expect(void *ctx, size_t shard, int worker) {
    struct text *x = ctx;
    float *p = x->seen[worker].p;
    size_t from = x->pairs * shard / SHARDS, to = x->pairs * (shard + 1) / SHARDS;
    for (size_t k = x->from[from]; k < x->from[to]; k++) x->z[k] = 0;
    for (int s = 0; s <= x->size; s++) {
        struct places at = places_of(x, s, from, to);
        if (at.at == at.end) continue;
        spread(p, &x->row[s]);
        for (size_t i = at.at; i < at.end; i++) {
            size_t pair = pair_of(&at, i);
            for (size_t k = x->from[pair]; k < x->from[pair + 1]; k++) x->z[k] += p[x->tgt[k]];
        }
        clear(p, &x->row[s]);
    }
    x->log_sum[shard] = 0;
    for (size_t k = x->from[from]; k < x->from[to]; k++)
        if (x->z[k] > 0) x->log_sum[shard] += log((double)x->z[k]);
}

static void maximise(void *ctx, size_t item, int worker) {
    struct text *x = ctx;
    struct seen *w = &x->seen[worker];
    int s = x->size - (int)item;
    tt_lexprob_row *row = &x->row[s];
    struct places at = places_of(x, s, 0, x->pairs);
    double all = 0;
    spread(w->p, row);
    for (size_t i = at.at; i < at.end; i++) {
        size_t pair = pair_of(&at, i);
        for (size_t k = x->from[pair]; k < x->from[pair + 1]; k++) {
            float p = w->p[x->tgt[k]];
            if (p > 0) w->sum[x->tgt[k]] += (double)p / (double)x->z[k];
        }
    }
    clear(w->p, row);
    for (int i = 0; i < row->count; i++) all += w->sum[row->ids[i]];
    for (int i = 0; i < row->count; i++) {
        row->p[i] = all > 0 ? (float)(w->sum[row->ids[i]] / all) : 0;
        w->sum[row->ids[i]] = 0;
    }
}

/* log p of the text, for each target token: each is aligned to any of its pair's source tokens or
 * none. */
static double perplexity(const struct text *x, const tt_corpus *c) {
    double sum = 0;
    for (int i = 0; i < SHARDS; i++) sum += x->log_sum[i];
    for (size_t i = 0; i < x->pairs; i++)
        sum -= (double)(x->from[i + 1] - x->from[i]) * log((double)tt_corpus_src_len(c, i));
    return exp(-sum / (double)x->from[x->pairs]);
}

static int train(struct text *x, const tt_corpus *c, int iterations, tt_pool *pool,
                 const tt_log *log, tt_err *e) {
    size_t entries = 0, rows = (size_t)x->size + 1;
    tt_log_progress(log, "pairs of tokens: %zu sentences, %zu target tokens", x->pairs,
                    x->from[x->pairs]);
    tt_pool_run(pool, rows, find_row, x);
    for (size_t s = 0; s < rows; s++) {
        if (x->failed[s]) return tt_fail(e, TT_ENOMEM, "out of memory for pairs of tokens");
        entries += (size_t)x->row[s].count;
    }
    size_t bytes = entries * 8 + x->from[x->pairs] * 8 + x->first[x->size] * 4;
    tt_log_line(log, TT_LOG_INFO, "%zu pairs of tokens, %.0f MB beside the text's", entries,
                (double)bytes / 1e6);
    for (int i = 1; i <= iterations; i++) {
        tt_log_progress(log, "iteration %d of %d: expectation", i, iterations);
        tt_pool_run(pool, SHARDS, expect, x);
        tt_log_line(log, TT_LOG_INFO, "iteration %d of %d: perplexity %.3f", i, iterations,
                    perplexity(x, c));
        tt_log_progress(log, "iteration %d of %d: maximisation", i, iterations);
        tt_pool_run(pool, rows, maximise, x);
    }
    return 0;
}

int tt_lexprob_train(tt_lexprob *p, const tt_corpus *c, int size, int iterations, tt_pool *pool,
                     const tt_log *log, tt_err *e) {
    struct text x;
    *p = (tt_lexprob){0};
    int rc = text_open(&x, c, size, pool, e);
    if (!rc) rc = train(&x, c, iterations, pool, log, e);
    if (!rc) {
        p->frequency = calloc((size_t)size, sizeof *p->frequency);
        if (!p->frequency) rc = tt_fail(e, TT_ENOMEM, "out of memory for %d tokens", size);
    }
    if (!rc) {
        for (size_t k = 0; k < x.from[x.pairs]; k++) p->frequency[x.tgt[k]]++;
        free(x.row[size].ids);
        free(x.row[size].p);
        p->size = size;
        p->row = x.row;
        x.row = NULL;
    }
    text_close(&x);
    return rc;
}
