/* resample.c: how far scores would move with other sentences, by drawing sentences from those there
 * are (bootstrap: Efron 1979, Koehn 2004) or by exchanging the two systems' sentences at random
 * (approximate randomisation: Riezler and Maxwell 2005).
 *
 * Bootstrap: a trial draws N of the N rows of statistics with repetition, adds them, and scores the
 * sum; all systems see the same draws. sacreBLEU adds in float32, row after row, which is exact for
 * whole numbers up to 2^24. There short counts are added instead, those of all systems in one row, and
 * only one of those that differ by the same number in every row (the length of a reference in two
 * systems; words and pairs of words). Sums beyond that, and lengths that are no whole numbers, are
 * added as there.
 *
 * Randomisation: a trial is a row of N bits; A = Σ second + Σ over set bits of (first − second), B the
 * rest. The sum over set bits is taken eight bits at a time from a table of the 256 sums of eight rows
 * (Arlazarov et al. 1970).
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

enum { COUNT_MAX = 1000000, SYSTEMS_MAX = 1024, DRAWS = 1 << 16 };
enum { THREAD_WORTH = 1 << 23 }; /* draws: ten milliseconds; less work is done sooner than a thread wakes up */
enum { LANES = 8, COUNT_MOST = 4095, EXACT_MOST = 1 << 24, ROWS_MOST = 1 << 20 };
enum { BITS = 8, TABLES = 64 / BITS, SUMS = 12, BLOCK_LEAST = 16, BLOCK_MOST = 1024, WORDS_MOST = 1 << 20 };

/* Where the sum of a statistic comes from: sums[lane] + N · more. */
typedef struct source {
    size_t lane;
    double more;
} source;

typedef struct plan {
    const tt_score *const *systems;
    int n_systems;
    size_t segments, count; /* N, trials */
    tt_pcg pcg;
    tt_pool *pool;
    double *scores;         /* (systems, count); randomisation: (count) differences */
    uint16_t *rows;         /* (N, stride): the counts that are added up; NULL: they are none */
    size_t stride;          /* with zeros to a multiple of LANES */
    size_t run;             /* how many rows 16 bits can add up */
    source *sources;        /* (systems, size) */
    uint32_t *sums;         /* (workers, stride) */
    uint32_t *draws[2];     /* (batch, N): of the trials at hand, of those that come next */
    size_t first, next;     /* of the trials at hand; how many come next */
    size_t block;           /* randomisation: trials of an item */
} plan;

/* ---- bootstrap ----------------------------------------------------------------------------- */

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
static void add_two_lanes(uint32_t *sum, const uint16_t *rows, size_t stride,
                          const uint32_t *draws, size_t n) {
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

static void add_counts(uint32_t *sum, const plan *p, const uint32_t *draws) {
    memset(sum, 0, p->stride * sizeof *sum);
    for (size_t col = 0; col < p->stride; col += 2 * LANES)
        for (size_t from = 0, n; from < p->segments; from += n) {
            n = p->segments - from < p->run ? p->segments - from : p->run;
            (col + LANES < p->stride ? add_two_lanes : add_lanes)(sum + col, p->rows + col, p->stride,
                                                                  draws + from, n);
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
static int take_counts(double *sum, const plan *p, const uint32_t *counts, int system) {
    int size = p->systems[0]->size;
    const source *from = p->sources + system * size;
    for (int k = 0; k < size; k++) {
        sum[k] = (double)counts[from[k].lane] + (double)p->segments * from[k].more;
        if (sum[k] > EXACT_MOST) return 0;
    }
    return 1;
}

/* Item 0 draws for the next trials, the others are the trials at hand. */
static void bootstrap_item(void *ctx, size_t item, int worker) {
    plan *p = ctx;
    if (!item--) {
        tt_pcg_below(&p->pcg, p->draws[1], p->next * p->segments, (uint32_t)p->segments);
        return;
    }
    const uint32_t *draws = p->draws[0] + item * p->segments;
    uint32_t *counts = p->rows ? p->sums + (size_t)worker * p->stride : NULL;
    double sum[TT_STATS_MAX];
    if (counts) add_counts(counts, p, draws);
    for (int s = 0; s < p->n_systems; s++) {
        const tt_score *score = p->systems[s];
        if (!counts || !take_counts(sum, p, counts, s))
            add_floats(sum, score, draws, p->segments);
        p->scores[(size_t)s * p->count + p->first + item] =
            score->metric->score(&score->setting, sum, TT_WIDTH_FLOAT);
    }
}

/* The greatest count of a system; 0 where a statistic is no short count or too many are to be added. */
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

/* Is statistic k the statistic `other` of that system, but for a difference of *more in every row? */
static int runs_along(const tt_score *s, size_t k, const tt_score *that, size_t other, double *more) {
    size_t size = (size_t)s->size;
    *more = s->kept[k] - that->kept[other];
    for (size_t i = 1; i < s->segments; i++) {
        double diff = s->kept[i * size + k] - that->kept[i * size + other] - *more;
        if (diff < 0 || diff > 0) return 0;
    }
    return 1;
}

/* Where statistic k of a system comes from: another of its own, the same of the first system, or a lane
   of its own, *lanes. */
static source find_source(const plan *p, int system, size_t k, size_t *lanes) {
    const tt_score *own = p->systems[system], *first = p->systems[0];
    const source *of = p->sources + (size_t)system * (size_t)own->size;
    double more;
    for (size_t other = 0; other < k; other++)
        if (runs_along(own, k, own, other, &more)) return (source){of[other].lane, of[other].more + more};
    if (system && runs_along(own, k, first, k, &more))
        return (source){p->sources[k].lane, p->sources[k].more + more};
    return (source){(*lanes)++, 0};
}

static void fill_rows(plan *p) {
    size_t size = (size_t)p->systems[0]->size;
    for (int s = 0; s < p->n_systems; s++)
        for (size_t k = 0; k < size; k++) {
            const source *from = &p->sources[(size_t)s * size + k];
            const double *kept = p->systems[s]->kept + k;
            uint16_t *to = p->rows + from->lane;
            if (from->more < 0 || from->more > 0) continue; /* another fills it */
            for (size_t i = 0; i < p->segments; i++) to[i * p->stride] = (uint16_t)kept[i * size];
        }
}

/* Leaves p->rows NULL where counts do not do. */
static int make_rows(plan *p, tt_err *e) {
    size_t size = (size_t)p->systems[0]->size, lanes = 0;
    double most = 1;
    for (int s = 0; s < p->n_systems; s++) {
        double own = greatest(p->systems[s]);
        if (own <= 0) return 0;
        if (own > most) most = own;
    }
    p->run = UINT16_MAX / (size_t)most;
    p->sources = malloc((size_t)p->n_systems * size * sizeof *p->sources);
    for (int s = 0; p->sources && s < p->n_systems; s++)
        for (size_t k = 0; k < size; k++)
            p->sources[(size_t)s * size + k] = find_source(p, s, k, &lanes);
    p->stride = (lanes + LANES - 1) / LANES * LANES;
    p->sums = malloc((size_t)tt_pool_size(p->pool) * p->stride * sizeof *p->sums);
    if (p->sources && p->sums) p->rows = calloc(p->segments, p->stride * sizeof *p->rows);
    if (!p->rows)
        return tt_fail(e, TT_ENOMEM, "out of memory for resampling %zu segments", p->segments);
    fill_rows(p);
    return 0;
}

static int bootstrap(plan *p, tt_err *e) {
    TT_TRY(make_rows(p, e));
    size_t workers = (size_t)tt_pool_size(p->pool), batch = workers * (DRAWS / p->segments);
    if (workers == 1) batch = 1;                          /* draws stay in the nearest cache */
    else if (batch < 4 * workers) batch = 4 * workers;
    if (batch > p->count) batch = p->count;
    for (int i = 0; i < 2; i++) p->draws[i] = malloc(batch * p->segments * sizeof **p->draws);
    p->scores = malloc((size_t)p->n_systems * p->count * sizeof *p->scores);
    if (!p->draws[0] || !p->draws[1] || !p->scores)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu trials", p->count);
    p->next = batch;
    bootstrap_item(p, 0, 0);
    while (p->next) {
        uint32_t *drawn = p->draws[1];
        p->draws[1] = p->draws[0];
        p->draws[0] = drawn;
        size_t now = p->next, left = p->count - p->first - now;
        p->next = batch < left ? batch : left;
        tt_pool_run(p->pool, 1 + now, bootstrap_item, p);
        p->first += now;
    }
    return 0;
}

/* ---- approximate randomisation ------------------------------------------------------------- */

/* The sums of all choices among eight rows of (first − second), rows from the end on being 0. */
typedef int32_t choices[1 << BITS][SUMS];

static void add_diff(int32_t *restrict to, const int32_t *restrict from,
                     const int32_t *restrict diff) {
    for (size_t k = 0; k < SUMS; k++) to[k] = from[k] + diff[k];
}

static void make_choices(choices table, const tt_score *one, const tt_score *two, size_t row,
                         size_t col) {
    size_t size = (size_t)one->size, columns = size - col < SUMS ? size - col : SUMS;
    memset(table[0], 0, sizeof table[0]);
    for (size_t bit = 0; bit < BITS; bit++, row++) {
        int32_t diff[SUMS] = {0};
        for (size_t k = 0; row < one->segments && k < columns; k++)
            diff[k] = (int32_t)(one->kept[row * size + col + k] - two->kept[row * size + col + k]);
        size_t chosen = (size_t)1 << bit;
        for (size_t c = 0; c < chosen; c++) add_diff(table[chosen + c], table[c], diff);
    }
}

/* Adds the choice of each of eight tables that its eight bits tell. */
static void add_choices(double *sum, choices *tables, uint64_t bits) {
    int32_t x[4] = {0}, y[4] = {0}, z[4] = {0}; /* registers */
    for (int t = 0; t < TABLES; t++) {
        const int32_t *add = tables[t][bits >> BITS * t & ((1 << BITS) - 1)];
        for (int k = 0; k < 4; k++) x[k] += add[k];
        for (int k = 0; k < 4; k++) y[k] += add[4 + k];
        for (int k = 0; k < 4; k++) z[k] += add[8 + k];
    }
    for (int k = 0; k < 4; k++) {
        sum[k] += x[k];
        sum[4 + k] += y[k];
        sum[8 + k] += z[k];
    }
}

/* sums (trials, stride): for each trial the sum over set bits, the bits of a trial behind those of the
   one before, from bit `shift` of `words` on. */
static void add_chosen(double *sums, size_t stride, const plan *p, const tt_score *two,
                       const uint64_t *words, unsigned shift, size_t trials, choices *tables) {
    for (size_t col = 0; col < stride; col += SUMS)
        for (size_t row = 0; row < p->segments; row += TABLES * BITS) {
            for (size_t t = 0; t < TABLES; t++)
                make_choices(tables[t], p->systems[0], two, row + t * BITS, col);
            for (size_t t = 0; t < trials; t++) {
                size_t at = shift + t * p->segments + row, low = at % 64;
                uint64_t bits = words[at / 64] >> low;
                if (low) bits |= words[at / 64 + 1] << (64 - low);
                add_choices(sums + t * stride + col, tables, bits);
            }
        }
}

/* |A − B| of a block of trials. */
static void randomise_block(void *ctx, size_t item, int worker) {
    plan *p = ctx;
    (void)worker;
    const tt_score *a = p->systems[0], *b = p->systems[1];
    size_t size = (size_t)a->size, stride = (size + SUMS - 1) / SUMS * SUMS, from = item * p->block;
    size_t trials = p->count - from < p->block ? p->count - from : p->block;
    uint64_t first = (uint64_t)from * p->segments;
    size_t n_words = (size_t)(first % 64 + trials * p->segments) / 64 + 2;
    choices *tables = malloc(TABLES * sizeof *tables);
    double *sums = calloc(trials, stride * sizeof *sums);
    uint64_t *words = malloc(n_words * sizeof *words);
    int there = tables && sums && words;
    if (there) {
        tt_pcg g = p->pcg;
        tt_pcg_skip(&g, first / 64);
        tt_pcg_words(&g, words, n_words);
        add_chosen(sums, stride, p, b, words, first % 64, trials, tables);
    }
    for (size_t t = 0; there && t < trials; t++) {
        double one[TT_STATS_MAX], two[TT_STATS_MAX];
        for (size_t k = 0; k < size; k++) {
            one[k] = b->sum[k] + sums[t * stride + k];
            two[k] = a->sum[k] - sums[t * stride + k];
        }
        p->scores[from + t] = fabs(a->metric->score(&a->setting, one, TT_WIDTH_WHOLE) -
                                   a->metric->score(&a->setting, two, TT_WIDTH_WHOLE));
    }
    if (!there) p->scores[from] = -1;
    free(tables);
    free(sums);
    free(words);
}

/* One system against the baseline. */
static int randomise(plan *p, double real, double *chance, tt_err *e) {
    p->block = WORDS_MOST / (p->segments / 64 + 1);
    if (p->block < BLOCK_LEAST) p->block = BLOCK_LEAST;
    if (p->block > BLOCK_MOST) p->block = BLOCK_MOST;
    tt_pool_run(p->pool, (p->count + p->block - 1) / p->block, randomise_block, p);
    for (size_t t = 0; t < p->count; t += p->block)
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
    size_t worth = 1 + p->count * p->segments / THREAD_WORTH;
    p->pool = tt_pool_open((size_t)t->threads < worth ? (t->threads ? t->threads : 1) : (int)worth, e);
    return p->pool ? 0 : TT_ENOMEM;
}

static void close_plan(plan *p) {
    free(p->rows);
    free(p->sums);
    free(p->sources);
    for (int i = 0; i < 2; i++) free(p->draws[i]);
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
