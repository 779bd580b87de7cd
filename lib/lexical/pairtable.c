/* pairtable.c: see pairtable.h. Rows are made and brought up to date one by one, by whichever
 * worker is free; what columns need is summed up as whole numbers.
 */
#include "lexical/pairtable.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void tt_pairtable_free(tt_pairtable *t) {
    for (int s = 0; t->row && s < t->size[0]; s++) free(t->row[s].cell);
    free(t->row);
    free(t->seen);
    free(t->sum);
    for (int d = 0; d < 2; d++) {
        free(t->null_p[d]);
        free(t->null_count[d]);
    }
    *t = (tt_pairtable){0};
}

/* ---- making -------------------------------------------------------------------------------- */

struct making {
    tt_pairtable *t;
    const tt_bitext *b;
    size_t *first;   /* (sources + 1), first of each source word's places; */
    uint32_t *place; /* pairs that it stands in, rising, each once */
    struct opposite {
        uint32_t *mark; /* (targets): the last row that had it, from 1 */
        int32_t *ids;   /* (targets) */
    } * worker;
    int workers;
    atomic_int failed;
};

static bool is_wanted(const tt_bitext *b, size_t pair, int most) {
    const int n = tt_bitext_len(b, 0, pair), m = tt_bitext_len(b, 1, pair);
    return n && m && n <= most && m <= most;
}

/* Calls for each source word of each pair once: counts, and then places. */
static void walk(struct making *x, int most, uint32_t *last, int placing) {
    const tt_bitext *b = x->b;
    memset(last, 0, (size_t)x->t->size[0] * sizeof *last);
    for (size_t i = 0; i < b->pairs; i++) {
        if (!is_wanted(b, i, most)) continue;
        for (size_t k = b->from[0][i]; k < b->from[0][i + 1]; k++) {
            const int32_t s = b->ids[0][k];
            if (last[s] == i + 1) continue;
            last[s] = (uint32_t)(i + 1);
            if (placing) x->place[x->first[s]++] = (uint32_t)i;
            else x->first[s + 1]++;
        }
    }
}

static bool lay_out(struct making *x, int most) {
    const size_t n = (size_t)x->t->size[0];
    uint32_t *last = malloc((n + 1) * sizeof *last);
    x->first = calloc(n + 2, sizeof *x->first);
    if (last && x->first) {
        walk(x, most, last, 0);
        for (size_t s = 0; s < n; s++) x->first[s + 1] += x->first[s];
        x->place = malloc((x->first[n] + 1) * sizeof *x->place);
    }
    if (x->place) {
        walk(x, most, last, 1);
        memmove(x->first + 1, x->first, n * sizeof *x->first); /* each had come to its end */
        x->first[0] = 0;
    }
    free(last);
    return x->place != NULL;
}

static void put(tt_cell_row *row, const tt_pair_cell *from) {
    uint32_t i = (uint32_t)tt_mix((uint64_t)from->tgt) & row->mask;
    while (row->cell[i].tgt >= 0) i = (i + 1) & row->mask;
    row->cell[i].tgt = from->tgt;
    for (int d = 0; d < 2; d++) row->cell[i].p[d] = from->p[d];
}

/* Empty cells for n of them; at least one stays free. */
static int open_row(tt_cell_row *row, uint32_t n) {
    uint32_t size = 2;
    while (size < n + n / 8 + 1) size *= 2;
    row->cell = calloc(size, sizeof *row->cell);
    if (!row->cell) return 0;
    for (uint32_t i = 0; i < size; i++) row->cell[i].tgt = -1;
    row->mask = size - 1;
    return 1;
}

static void make_row(void *ctx, size_t item, int worker) {
    struct making *x = ctx;
    struct opposite *w = &x->worker[worker];
    const tt_bitext *b = x->b;
    tt_cell_row *row = &x->t->row[item];
    uint32_t n = 0;
    for (size_t k = x->first[item]; k < x->first[item + 1]; k++)
        for (size_t i = b->from[1][x->place[k]]; i < b->from[1][x->place[k] + 1]; i++) {
            const int32_t t = b->ids[1][i];
            if (w->mark[t] == item + 1) continue;
            w->mark[t] = (uint32_t)item + 1;
            w->ids[n++] = t;
        }
    row->seen = n;
    if (!n) return;
    if (!open_row(row, n)) {
        atomic_store(&x->failed, 1);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        put(row, &(tt_pair_cell){.tgt = w->ids[i], .p = {1, 1}});
        atomic_fetch_add_explicit(&x->t->sum[w->ids[i]], 1, memory_order_relaxed);
    }
}

int tt_pairtable_open(tt_pairtable *t, int sources, int targets, tt_err *e) {
    *t = (tt_pairtable){.size = {sources, targets}};
    t->row = calloc((size_t)sources + 1, sizeof *t->row);
    t->seen = calloc((size_t)targets + 1, sizeof *t->seen);
    t->sum = calloc((size_t)targets + 1, sizeof *t->sum);
    int ok = t->row && t->seen && t->sum;
    for (int d = 0; d < 2; d++) {
        const size_t n = (size_t)t->size[1 - d];
        t->null_p[d] = calloc(n + 1, sizeof *t->null_p[d]);
        t->null_count[d] = calloc(n + 1, sizeof *t->null_count[d]);
        ok = ok && t->null_p[d] && t->null_count[d];
    }
    if (ok) return 0;
    tt_pairtable_free(t);
    return tt_fail(e, TT_ENOMEM, "out of memory for %d and %d words", sources, targets);
}

int tt_pairtable_put(tt_pairtable *t, int32_t src, const tt_pair_cell *c, uint32_t row, tt_err *e) {
    tt_cell_row *r = &t->row[src];
    if (!r->cell && !open_row(r, row))
        return tt_fail(e, TT_ENOMEM, "out of memory for pairs of words");
    put(r, c);
    t->cells++;
    return 0;
}

static bool open_workers(struct making *x) {
    x->worker = calloc((size_t)x->workers, sizeof *x->worker);
    for (int i = 0; x->worker && i < x->workers; i++) {
        x->worker[i].mark = calloc((size_t)x->t->size[1] + 1, sizeof *x->worker[i].mark);
        x->worker[i].ids = malloc(((size_t)x->t->size[1] + 1) * sizeof *x->worker[i].ids);
        if (!x->worker[i].mark || !x->worker[i].ids) return false;
    }
    return x->worker != NULL;
}

int tt_pairtable_make(tt_pairtable *t, const tt_bitext *b, int most, tt_pool *pool, tt_err *e) {
    struct making x = {.t = t, .b = b, .workers = tt_pool_size(pool)};
    *t = (tt_pairtable){0};
    if (b->pairs >= UINT32_MAX)
        return tt_fail(e, TT_EDATA, "%zu pairs of sentences, expected fewer than 2^32", b->pairs);
    TT_TRY(tt_pairtable_open(t, b->size[0], b->size[1], e));
    for (int d = 0; d < 2; d++)
        for (int i = 0; i < t->size[1 - d]; i++) t->null_p[d][i] = 1;
    int ok = open_workers(&x) && lay_out(&x, most);
    if (ok) tt_pool_run(pool, (size_t)t->size[0], make_row, &x);
    ok = ok && !x.failed;
    for (int i = 0; ok && i < t->size[1]; i++) {
        t->seen[i] = (uint32_t)t->sum[i];
        t->cells += t->seen[i];
        t->sum[i] = 0;
    }
    for (int i = 0; x.worker && i < x.workers; i++) {
        free(x.worker[i].mark);
        free(x.worker[i].ids);
    }
    free(x.worker);
    free(x.first);
    free(x.place);
    if (ok) return 0;
    tt_pairtable_free(t);
    return tt_fail(e, TT_ENOMEM, "out of memory for pairs of words");
}

/* ---- counts to probabilities --------------------------------------------------------------- */

/* ψ(x), x > 0: ψ(x) = ψ(x + 1) - 1/x up to 6, where the series is good to 1e-9. */
static double digamma(double x) {
    double shift = 0;
    for (; x < 6; x += 1) shift -= 1 / x;
    const double y = 1 / (x * x);
    return shift + log(x) - 0.5 / x - y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y / 240)));
}

struct maximising {
    tt_pairtable *t;
    double alpha, least;
    double *under; /* (size[1]): what a target's counts are divided by, or its ψ */
    atomic_int failed;
};

/* What counts of this sum, of so many words, are divided by; with alpha its ψ. */
static double divisor(double sum, double alpha, uint32_t seen) {
    return alpha > 0 ? digamma(sum + alpha * (double)(seen ? seen : 1)) : sum;
}

static float share(double count, double alpha, double under) {
    if (!(count > 0)) return 0;
    return (float)(alpha > 0 ? exp(digamma(count + alpha) - under) : count / under);
}

static void add_columns(void *ctx, size_t item, int worker) {
    struct maximising *x = ctx;
    const tt_cell_row *row = &x->t->row[item];
    (void)worker;
    for (uint32_t i = 0; row->cell && i <= row->mask; i++)
        if (row->cell[i].tgt >= 0)
            atomic_fetch_add_explicit(&x->t->sum[row->cell[i].tgt], row->cell[i].count[1],
                                      memory_order_relaxed);
}

/* The same row without cells that say nothing. */
static int shrink(tt_cell_row *row, double least) {
    tt_cell_row small = {.seen = row->seen};
    uint32_t n = 0;
    for (uint32_t i = 0; i <= row->mask; i++)
        n += row->cell[i].tgt >= 0 &&
             ((double)row->cell[i].p[0] >= least || (double)row->cell[i].p[1] >= least);
    if (n && !open_row(&small, n)) return 0;
    for (uint32_t i = 0; n && i <= row->mask; i++)
        if (row->cell[i].tgt >= 0 &&
            ((double)row->cell[i].p[0] >= least || (double)row->cell[i].p[1] >= least))
            put(&small, &row->cell[i]);
    free(row->cell);
    *row = small;
    return 1;
}

static void maximise_row(void *ctx, size_t item, int worker) {
    struct maximising *x = ctx;
    tt_cell_row *row = &x->t->row[item];
    uint64_t sum = 0;
    (void)worker;
    if (!row->cell) return;
    for (uint32_t i = 0; i <= row->mask; i++)
        if (row->cell[i].tgt >= 0) sum += row->cell[i].count[0];
    const double under = divisor((double)sum * 0x1p-32, x->alpha, row->seen);
    for (uint32_t i = 0; i <= row->mask; i++) {
        tt_pair_cell *c = &row->cell[i];
        if (c->tgt < 0) continue;
        c->p[0] = share(tt_count_get(&c->count[0]), x->alpha, under);
        c->p[1] = share(tt_count_get(&c->count[1]), x->alpha, x->under[c->tgt]);
        c->count[0] = c->count[1] = 0;
    }
    if (x->least > 0 && !shrink(row, x->least)) atomic_store(&x->failed, 1);
}

static void maximise_null(tt_pairtable *t, int d, double alpha) {
    double sum = 0;
    uint32_t seen = 0;
    for (int i = 0; i < t->size[1 - d]; i++) {
        sum += tt_count_get(&t->null_count[d][i]);
        seen += t->null_count[d][i] > 0;
    }
    const double under = divisor(sum, alpha, seen);
    for (int i = 0; i < t->size[1 - d]; i++) {
        t->null_p[d][i] = share(tt_count_get(&t->null_count[d][i]), alpha, under);
        t->null_count[d][i] = 0;
    }
}

int tt_pairtable_maximise(tt_pairtable *t, double alpha, double least, tt_pool *pool, tt_err *e) {
    struct maximising x = {.t = t, .alpha = alpha, .least = least};
    x.under = malloc(((size_t)t->size[1] + 1) * sizeof *x.under);
    if (!x.under) return tt_fail(e, TT_ENOMEM, "out of memory for %d words", t->size[1]);
    tt_pool_run(pool, (size_t)t->size[0], add_columns, &x);
    for (int i = 0; i < t->size[1]; i++) {
        x.under[i] = divisor(tt_count_get(&t->sum[i]), alpha, t->seen[i]);
        t->sum[i] = 0;
    }
    tt_pool_run(pool, (size_t)t->size[0], maximise_row, &x);
    for (int d = 0; d < 2; d++) maximise_null(t, d, alpha);
    free(x.under);
    return x.failed ? tt_fail(e, TT_ENOMEM, "out of memory for pairs of words") : 0;
}
