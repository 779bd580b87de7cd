/* resample.c: how far scores would move with other sentences, by drawing sentences from those there
 * are (bootstrap: Efron 1979, Koehn 2004) or by exchanging the two systems' sentences at random
 * (approximate randomisation: Riezler and Maxwell 2005).
 *
 * Bootstrap: a trial draws N of the N rows of statistics with repetition, adds them in float32 as
 * they come, and scores the sum; all systems see the same draws. Randomisation: a trial is a row of
 * N bits; A = Σ second + Σ over set bits of (first − second), B the rest. The sum over set bits is
 * taken eight bits at a time from a table of the 256 sums of eight rows (Arlazarov et al. 1970).
 *
 * Drawing follows one sequence of numbers; everything behind it is one item a trial or block of
 * trials for the threads, which write to places of their own, so that their number changes nothing.
 */
#include "base/pool.h"
#include "score/metric.h"
#include "score/numpy.h"
#include "score/pcg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT_MAX = 1000000, SYSTEMS_MAX = 1024, LANES = 4, DRAWS = 1 << 16, BLOCK = 1024 };

typedef struct plan {
    const tt_score *const *systems;
    int n_systems;
    size_t segments, count; /* N, trials */
    tt_pcg pcg;
    tt_pool *pool;
    double *scores;         /* (systems, count); randomisation: (count) differences */
    float **rows;           /* of each system (N, stride), or NULL */
    size_t stride;          /* a row, with zeros to a multiple of LANES */
    uint32_t *draws;        /* (batch, N) */
    size_t first, batch;    /* trials at hand */
    const double *other;    /* randomisation: rows of the second system */
    int failed;             /* a worker had no memory */
} plan;

/* ---- bootstrap ----------------------------------------------------------------------------- */

/* Sums of the drawn rows, four columns at a time, which stay in registers. */
static void add_drawn(double *sum, const float *rows, size_t stride, const uint32_t *draws,
                      size_t n) {
    for (size_t col = 0; col < stride; col += LANES) {
        float acc[LANES] = {0};
        for (size_t i = 0; i < n; i++) {
            const float *row = rows + draws[i] * stride + col;
            for (size_t k = 0; k < LANES; k++) acc[k] += row[k];
        }
        for (size_t k = 0; k < LANES; k++) sum[col + k] = (double)acc[k];
    }
}

static void bootstrap_trial(void *ctx, size_t item, int worker) {
    plan *p = ctx;
    (void)worker;
    const uint32_t *draws = p->draws + item * p->segments;
    double sum[TT_STATS_MAX + LANES];
    for (int s = 0; s < p->n_systems; s++) {
        const tt_score *score = p->systems[s];
        add_drawn(sum, p->rows[s], p->stride, draws, p->segments);
        p->scores[(size_t)s * p->count + p->first + item] =
            score->metric->score(&score->setting, sum, TT_WIDTH_FLOAT);
    }
}

static int make_rows(plan *p, tt_err *e) {
    size_t size = (size_t)p->systems[0]->size;
    p->stride = (size + LANES - 1) / LANES * LANES;
    p->rows = calloc((size_t)p->n_systems, sizeof *p->rows);
    for (int s = 0; p->rows && s < p->n_systems; s++) {
        float *to = p->rows[s] = calloc(p->segments, p->stride * sizeof *to);
        const double *from = p->systems[s]->kept;
        if (!to) break;
        for (size_t i = 0; i < p->segments; i++, to += p->stride, from += size)
            for (size_t k = 0; k < size; k++) to[k] = (float)from[k];
    }
    if (!p->rows || !p->rows[p->n_systems - 1])
        return tt_fail(e, TT_ENOMEM, "out of memory for resampling %zu segments", p->segments);
    return 0;
}

static int bootstrap(plan *p, tt_err *e) {
    TT_TRY(make_rows(p, e));
    size_t batch = DRAWS / p->segments, workers = (size_t)tt_pool_size(p->pool);
    if (batch < 4 * workers) batch = 4 * workers; /* else what the cache holds */
    if (workers == 1 && p->segments > DRAWS) batch = 1;
    if (batch > p->count) batch = p->count;
    p->draws = malloc(batch * p->segments * sizeof *p->draws);
    p->scores = malloc((size_t)p->n_systems * p->count * sizeof *p->scores);
    if (!p->draws || !p->scores)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu trials", p->count);
    for (p->first = 0; p->first < p->count; p->first += batch) {
        if (batch > p->count - p->first) batch = p->count - p->first;
        tt_pcg_below(&p->pcg, p->draws, batch * p->segments, (uint32_t)p->segments);
        tt_pool_run(p->pool, batch, bootstrap_trial, p);
    }
    return 0;
}

/* ---- approximate randomisation ------------------------------------------------------------- */

/* The sums of all 256 choices among eight rows of (first − second), rows beyond the end 0. */
static void make_table(double *table, const double *first, const double *second, size_t size,
                       size_t n) {
    memset(table, 0, size * sizeof *table);
    for (size_t bit = 0; bit < 8; bit++) {
        double *to = table + (size << bit);
        for (size_t k = 0; k < size; k++) {
            double diff = bit < n ? first[bit * size + k] - second[bit * size + k] : 0;
            for (size_t c = 0; c < (size_t)1 << bit; c++)
                to[c * size + k] = table[c * size + k] + diff;
        }
    }
}

/* The bits of a trial, eight to a byte, from bit `at` of the sequence on. */
static void draw_bits(unsigned char *bytes, tt_pcg g, uint64_t at, size_t n) {
    tt_pcg_skip(&g, at / 64);
    unsigned shift = (unsigned)(at % 64);
    uint64_t word = tt_pcg_next(&g);
    for (size_t i = 0; i < n; i += 64) {
        uint64_t next = shift || n - i > 64 ? tt_pcg_next(&g) : 0;
        uint64_t bits = shift ? word >> shift | next << (64 - shift) : word;
        for (size_t b = 0; b < 8 && i + 8 * b < n; b++) *bytes++ = (unsigned char)(bits >> 8 * b);
        word = next;
    }
}

/* |A − B| of BLOCK trials. */
static void randomise_block(void *ctx, size_t item, int worker) {
    plan *p = ctx;
    (void)worker;
    const tt_score *a = p->systems[0], *b = p->systems[1];
    size_t size = (size_t)a->size, from = item * BLOCK, groups = (p->segments + 7) / 8;
    size_t trials = p->count - from < BLOCK ? p->count - from : BLOCK;
    double *table = malloc(256 * size * sizeof *table);
    double *sums = calloc(trials, size * sizeof *sums);
    unsigned char *bits = malloc(trials * groups);
    for (size_t t = 0; bits && t < trials; t++)
        draw_bits(bits + t * groups, p->pcg, (uint64_t)(from + t) * p->segments, p->segments);
    for (size_t g = 0; table && sums && bits && g < groups; g++) {
        size_t n = p->segments - 8 * g, row = 8 * g * size;
        make_table(table, a->kept + row, b->kept + row, size, n);
        for (size_t t = 0; t < trials; t++) {
            const double *add = table + bits[t * groups + g] * size;
            double *sum = sums + t * size;
            for (size_t k = 0; k < size; k++) sum[k] += add[k];
        }
    }
    for (size_t t = 0; table && sums && bits && t < trials; t++) {
        double one[TT_STATS_MAX], two[TT_STATS_MAX];
        for (size_t k = 0; k < size; k++) {
            one[k] = b->sum[k] + sums[t * size + k];
            two[k] = a->sum[k] - sums[t * size + k];
        }
        p->scores[from + t] = fabs(a->metric->score(&a->setting, one, TT_WIDTH_WHOLE) -
                                   a->metric->score(&a->setting, two, TT_WIDTH_WHOLE));
    }
    if (!table || !sums || !bits) p->scores[from] = -1;
    free(table);
    free(sums);
    free(bits);
}

/* One system against the baseline. */
static int randomise(plan *p, double real, double *chance, tt_err *e) {
    tt_pool_run(p->pool, (p->count + BLOCK - 1) / BLOCK, randomise_block, p);
    for (size_t t = 0; t < p->count; t += BLOCK)
        if (p->scores[t] < 0)
            return tt_fail(e, TT_ENOMEM, "out of memory for %zu trials", p->count);
    size_t above = 0;
    for (size_t t = 0; t < p->count; t++) above += p->scores[t] > real;
    *chance = (double)(above + 1) / (double)(p->count + 1);
    return 0;
}

/* ---- the two questions --------------------------------------------------------------------- */

static int check(const tt_score *const *systems, int n, const tt_trials *t, tt_err *e) {
    const tt_score *base = systems[0];
    if (t->count < 0 || t->count > COUNT_MAX)
        return tt_fail(e, TT_EUSAGE, "%d trials: 1 to %d are allowed", t->count, COUNT_MAX);
    if (t->threads < 0 || t->threads > 1024)
        return tt_fail(e, TT_EUSAGE, "%d threads: 1 to 1024 are allowed", t->threads);
    for (int s = 0; s < n; s++) {
        if (!systems[s]->setting.o.keep)
            return tt_fail(e, TT_EUSAGE, "resampling needs the statistics of each segment");
        if (!systems[s]->segments || systems[s]->segments >= UINT32_MAX)
            return tt_fail(e, TT_EDATA, "%zu segments cannot be resampled", systems[s]->segments);
        if (systems[s]->metric != base->metric || systems[s]->size != base->size ||
            systems[s]->segments != base->segments)
            return tt_fail(e, TT_EUSAGE, "systems differ in metric or in number of segments");
    }
    return 0;
}

static int make_plan(plan *p, const tt_score *const *systems, int n, const tt_trials *t,
                     int zero_is_none, tt_err *e) {
    *p = (plan){.systems = systems, .n_systems = n};
    if (n < 1 || n > SYSTEMS_MAX)
        return tt_fail(e, TT_EUSAGE, "%d systems: 1 to %d are allowed", n, SYSTEMS_MAX);
    TT_TRY(check(systems, n, t, e));
    p->segments = systems[0]->segments;
    p->count = (size_t)t->count;
    if (!p->count) p->count = t->kind == TT_TRIALS_RANDOMISATION ? 10000 : 1000;
    TT_TRY(tt_pcg_seed(&p->pcg, t->seed ? t->seed : "12345", zero_is_none, e));
    p->pool = tt_pool_open(t->threads ? t->threads : 1, e);
    return p->pool ? 0 : TT_ENOMEM;
}

static void close_plan(plan *p) {
    for (int s = 0; p->rows && s < p->n_systems; s++) free(p->rows[s]);
    free(p->rows);
    free(p->draws);
    free(p->scores);
    tt_pool_close(p->pool);
}

/* BLEU's last step is always in double; the others end in float32. */
static int is_float(const tt_score *s) { return s->metric != &tt_metric_bleu; }

static double full_score(const tt_score *s) {
    return s->metric->score(&s->setting, s->sum, TT_WIDTH_DOUBLE);
}

int tt_score_confidence(const tt_score *s, const tt_trials *t, tt_certainty *c, tt_err *e) {
    static const tt_trials defaults = {0};
    plan p;
    *c = (tt_certainty){.p = 1};
    if (!t) t = &defaults;
    int rc = make_plan(&p, &s, 1, t, 0, e);
    if (!rc) rc = bootstrap(&p, e);
    if (!rc) {
        c->mean = tt_numpy_exact_mean(p.scores, p.count, is_float(s));
        c->ci = tt_numpy_interval(p.scores, p.count, is_float(s));
    }
    close_plan(&p);
    return rc;
}

static int compare_bootstrap(plan *p, tt_certainty *c, tt_err *e) {
    TT_TRY(bootstrap(p, e));
    int narrow = is_float(p->systems[0]);
    double base = full_score(p->systems[0]);
    for (int s = 1; s < p->n_systems; s++)
        c[s].p = tt_numpy_chance(p->scores + (size_t)s * p->count, p->scores, p->count,
                                 fabs(base - full_score(p->systems[s])), narrow);
    for (int s = 0; s < p->n_systems; s++) { /* sorts */
        c[s].ci = tt_numpy_interval(p->scores + (size_t)s * p->count, p->count, narrow);
        c[s].mean = tt_numpy_mean(p->scores + (size_t)s * p->count, p->count, narrow);
    }
    return 0;
}

static int compare_randomised(plan *p, tt_certainty *c, tt_err *e) {
    const tt_score *pair[2] = {p->systems[0], NULL};
    const tt_score *const *all = p->systems;
    p->scores = malloc(p->count * sizeof *p->scores);
    if (!p->scores) return tt_fail(e, TT_ENOMEM, "out of memory for %zu trials", p->count);
    int rc = 0;
    p->systems = pair;
    for (int s = 1; s < p->n_systems && !rc; s++) {
        pair[1] = all[s];
        rc = randomise(p, fabs(full_score(pair[0]) - full_score(pair[1])), &c[s].p, e);
    }
    p->systems = all;
    return rc;
}

int tt_score_compare(const tt_score *const *systems, int n, const tt_trials *t, tt_certainty *c,
                     tt_err *e) {
    static const tt_trials defaults = {0};
    plan p;
    if (!t) t = &defaults;
    for (int s = 0; s < n; s++) c[s] = (tt_certainty){.p = 1};
    int rc = make_plan(&p, systems, n, t, 1, e);
    if (!rc) rc = t->kind == TT_TRIALS_RANDOMISATION ? compare_randomised(&p, c, e)
                                                     : compare_bootstrap(&p, c, e);
    close_plan(&p);
    return rc;
}
