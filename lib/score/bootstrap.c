/* bootstrap.c: a trial draws N of the N rows of statistics with repetition, adds them, and scores
 * the sum (Efron 1979, Koehn 2004); all systems see the same draws.
 *
 * sacreBLEU adds in float32, row after row, which is exact for whole numbers up to 2^24. There
 * short counts are added instead, those of all systems in one row, and only one of those that
 * differ by the same number in every row (the length of a reference in two systems; words and pairs
 * of words). Sums beyond that, and lengths that are no whole numbers, are added as there.
 */
#include "score/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 1 << 16 }; /* that a cache of a core holds */
enum { LANES = 8, COUNT_MOST = 4095, EXACT_MOST = 1 << 24, ROWS_MOST = 1 << 20 };

/* Where the sum of a statistic comes from: sums[lane] + N · more. */
typedef struct source {
    size_t lane;
    double more;
} source;

typedef struct work {
    tt_plan *plan;
    uint16_t *rows;     /* (N, stride): the counts that are added up; NULL: they are none */
    size_t stride;      /* with zeros to a multiple of LANES */
    size_t run;         /* how many rows 16 bits can add up */
    source *sources;    /* (systems, size) */
    uint32_t *sums;     /* (workers, stride) */
    uint32_t *draws[2]; /* (batch, N): of the trials at hand, of those that come next */
    size_t first, next; /* of the trials at hand; how many come next */
} work;

/* Adds LANES columns of the drawn rows. */
static void add_lanes(uint32_t *sum, const uint16_t *rows, size_t stride, const uint32_t *draws,
                      size_t n) {
    uint16_t a[LANES] = {0}; /* one register */
    for (size_t i = 0; i < n; i++) {
        const uint16_t *row = rows + draws[i] * stride;
        for (int k = 0; k < LANES; k++) a[k] = (uint16_t)(a[k] + row[k]);
    }
    for (int k = 0; k < LANES; k++) sum[k] += a[k];
}

/* Twice as many in hardly more time. */
static void add_two_lanes(uint32_t *sum, const uint16_t *rows, size_t stride, const uint32_t *draws,
                          size_t n) {
    uint16_t a[LANES] = {0}, b[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        const uint16_t *row = rows + draws[i] * stride;
        for (int k = 0; k < LANES; k++) a[k] = (uint16_t)(a[k] + row[k]);
        for (int k = 0; k < LANES; k++) b[k] = (uint16_t)(b[k] + row[LANES + k]);
    }
    for (int k = 0; k < LANES; k++) {
        sum[k] += a[k];
        sum[LANES + k] += b[k];
    }
}

static void add_counts(uint32_t *sum, const work *w, const uint32_t *draws) {
    size_t segments = w->plan->segments;
    memset(sum, 0, w->stride * sizeof *sum);
    for (size_t col = 0; col < w->stride; col += 2 * LANES)
        for (size_t from = 0, n; from < segments; from += n) {
            n = segments - from < w->run ? segments - from : w->run;
            if (col + LANES < w->stride)
                add_two_lanes(sum + col, w->rows + col, w->stride, draws + from, n);
            else add_lanes(sum + col, w->rows + col, w->stride, draws + from, n);
        }
}

/* As sacreBLEU adds. */
static void add_floats(double *sum, const tt_score *s, const uint32_t *draws, size_t n) {
    float acc[TT_STATS_MAX] = {0};
    size_t size = (size_t)s->size;
    for (size_t i = 0; i < n; i++) {
        const double *row = s->kept + draws[i] * size;
        for (size_t k = 0; k < size; k++) acc[k] += (float)row[k];
    }
    for (size_t k = 0; k < size; k++) sum[k] = (double)acc[k];
}

/* The sums of one system by counts; 0 when they are beyond what float32 adds exactly. */
static int take_counts(double *sum, const work *w, const uint32_t *counts, int system) {
    const tt_plan *p = w->plan;
    int size = p->systems[0]->size;
    const source *from = w->sources + system * size;
    for (int k = 0; k < size; k++) {
        sum[k] = (double)counts[from[k].lane] + (double)p->segments * from[k].more;
        if (sum[k] > EXACT_MOST) return 0;
    }
    return 1;
}

/* Item 0 draws for the next trials, the others are the trials at hand. */
static void bootstrap_item(void *ctx, size_t item, int worker) {
    work *w = ctx;
    tt_plan *p = w->plan;
    if (!item--) {
        tt_pcg_below(&p->pcg, w->draws[1], w->next * p->segments, (uint32_t)p->segments);
        return;
    }
    const uint32_t *draws = w->draws[0] + item * p->segments;
    uint32_t *counts = w->rows ? w->sums + (size_t)worker * w->stride : NULL;
    double sum[TT_STATS_MAX];
    if (counts) add_counts(counts, w, draws);
    for (int s = 0; s < p->n_systems; s++) {
        const tt_score *score = p->systems[s];
        if (!counts || !take_counts(sum, w, counts, s)) add_floats(sum, score, draws, p->segments);
        p->scores[(size_t)s * p->count + w->first + item] =
            score->metric->score(&score->setting, sum, TT_WIDTH_FLOAT);
    }
}

/* The greatest count of a system; 0 where a statistic is no short count or too many are to be
 * added. */
static double greatest(const tt_score *s) {
    double most = 1;
    if (s->segments > ROWS_MOST) return 0; /* sums stay below 2^32 */
    for (int k = 0; k < s->size; k++)
        if (s->sum[k] > EXACT_MOST) return 0;
    for (size_t i = 0; i < s->segments * (size_t)s->size; i++) {
        double x = s->kept[i];
        if (x > COUNT_MOST || x > floor(x)) return 0;
        if (x > most) most = x;
    }
    return most;
}

/* 1 if statistic k is the statistic `other` of that system, but for a difference of *more in
   every row. */
static int runs_along(const tt_score *s, size_t k, const tt_score *that, size_t other,
                      double *more) {
    size_t size = (size_t)s->size;
    *more = s->kept[k] - that->kept[other];
    for (size_t i = 1; i < s->segments; i++) {
        double diff = s->kept[i * size + k] - that->kept[i * size + other] - *more;
        if (diff < 0 || diff > 0) return 0;
    }
    return 1;
}

/* Where statistic k of a system comes from: another of its own, the same of the first system, or a
   lane of its own, *lanes. */
static source find_source(const work *w, int system, size_t k, size_t *lanes) {
    const tt_plan *p = w->plan;
    const tt_score *own = p->systems[system], *first = p->systems[0];
    const source *of = w->sources + (size_t)system * (size_t)own->size;
    double more;
    for (size_t other = 0; other < k; other++)
        if (runs_along(own, k, own, other, &more))
            return (source){of[other].lane, of[other].more + more};
    if (system && runs_along(own, k, first, k, &more))
        return (source){w->sources[k].lane, w->sources[k].more + more};
    return (source){(*lanes)++, 0};
}

static void fill_rows(work *w) {
    const tt_plan *p = w->plan;
    size_t size = (size_t)p->systems[0]->size;
    for (int s = 0; s < p->n_systems; s++)
        for (size_t k = 0; k < size; k++) {
            const source *from = &w->sources[(size_t)s * size + k];
            const double *kept = p->systems[s]->kept + k;
            uint16_t *to = w->rows + from->lane;
            if (from->more < 0 || from->more > 0) continue; /* another fills it */
            for (size_t i = 0; i < p->segments; i++) to[i * w->stride] = (uint16_t)kept[i * size];
        }
}

/* Leaves w->rows NULL where counts do not do. */
static int make_rows(work *w, tt_err *e) {
    const tt_plan *p = w->plan;
    size_t size = (size_t)p->systems[0]->size, lanes = 0;
    double most = 1;
    for (int s = 0; s < p->n_systems; s++) {
        double own = greatest(p->systems[s]);
        if (own <= 0) return 0;
        if (own > most) most = own;
    }
    w->run = UINT16_MAX / (size_t)most;
    w->sources = malloc((size_t)p->n_systems * size * sizeof *w->sources);
    for (int s = 0; w->sources && s < p->n_systems; s++)
        for (size_t k = 0; k < size; k++)
            w->sources[(size_t)s * size + k] = find_source(w, s, k, &lanes);
    w->stride = (lanes + LANES - 1) / LANES * LANES;
    w->sums = malloc((size_t)tt_pool_size(p->pool) * w->stride * sizeof *w->sums);
    if (w->sources && w->sums) w->rows = calloc(p->segments, w->stride * sizeof *w->rows);
    if (!w->rows)
        return tt_fail(e, TT_ENOMEM, "out of memory for resampling %zu segments", p->segments);
    fill_rows(w);
    return 0;
}

static int run(work *w, tt_err *e) {
    tt_plan *p = w->plan;
    TT_TRY(make_rows(w, e));
    size_t workers = (size_t)tt_pool_size(p->pool), batch = workers * (DRAWS / p->segments);
    if (workers == 1) batch = 1; /* draws stay in the nearest cache */
    else if (batch < 4 * workers) batch = 4 * workers;
    if (batch > p->count) batch = p->count;
    for (int i = 0; i < 2; i++) w->draws[i] = malloc(batch * p->segments * sizeof **w->draws);
    p->scores = malloc((size_t)p->n_systems * p->count * sizeof *p->scores);
    if (!w->draws[0] || !w->draws[1] || !p->scores)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu trials", p->count);
    w->next = batch;
    bootstrap_item(w, 0, 0);
    while (w->next) {
        uint32_t *drawn = w->draws[1];
        w->draws[1] = w->draws[0];
        w->draws[0] = drawn;
        size_t now = w->next, left = p->count - w->first - now;
        w->next = batch < left ? batch : left;
        tt_pool_run(p->pool, 1 + now, bootstrap_item, w);
        w->first += now;
    }
    return 0;
}

int tt_bootstrap(tt_plan *p, tt_err *e) {
    work w = {.plan = p};
    int rc = run(&w, e);
    for (int i = 0; i < 2; i++) free(w.draws[i]);
    free(w.rows);
    free(w.sums);
    free(w.sources);
    return rc;
}
