/* randomise.c: two systems exchange their sentences at random (approximate randomisation: Riezler
 * and Maxwell 2005). A trial is a row of N bits; A = Σ second + Σ over set bits of (first −
 * second), B the rest. The sum over set bits is taken eight bits at a time from a table of the 256
 * sums of eight rows (Arlazarov et al. 1970).
 */
#include "score/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 8, TABLES = 64 / BITS, SUMS = 12, BLOCK_LEAST = 16, BLOCK_MOST = 1024 };
enum { WORDS_MOST = 1 << 20 }; /* random words of a block */

typedef struct work {
    tt_plan *plan;
    size_t block; /* trials of an item */
} work;

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

/* sums (trials, stride): for each trial the sum over set bits, the bits of a trial behind those of
   the one before, from bit `shift` of `words` on. */
static void add_chosen(double *sums, size_t stride, const tt_score *one, const tt_score *two,
                       const uint64_t *words, unsigned shift, size_t trials, choices *tables) {
    for (size_t col = 0; col < stride; col += SUMS)
        for (size_t row = 0; row < one->segments; row += TABLES * BITS) {
            for (size_t t = 0; t < TABLES; t++)
                make_choices(tables[t], one, two, row + t * BITS, col);
            for (size_t t = 0; t < trials; t++) {
                size_t at = shift + t * one->segments + row, low = at % 64;
                uint64_t bits = words[at / 64] >> low;
                if (low) bits |= words[at / 64 + 1] << (64 - low);
                add_choices(sums + t * stride + col, tables, bits);
            }
        }
}

/* |A − B| of a block of trials. */
static void randomise_block(void *ctx, size_t item, int worker) {
    const work *w = ctx;
    const tt_plan *p = w->plan;
    (void)worker;
    const tt_score *a = p->systems[0], *b = p->systems[1];
    size_t size = (size_t)a->size, stride = (size + SUMS - 1) / SUMS * SUMS, from = item * w->block;
    size_t trials = p->count - from < w->block ? p->count - from : w->block;
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
        add_chosen(sums, stride, a, b, words, first % 64, trials, tables);
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

int tt_randomise(tt_plan *p, double real, double *chance, tt_err *e) {
    work w = {p, WORDS_MOST / (p->segments / 64 + 1)};
    if (w.block < BLOCK_LEAST) w.block = BLOCK_LEAST;
    if (w.block > BLOCK_MOST) w.block = BLOCK_MOST;
    tt_pool_run(p->pool, (p->count + w.block - 1) / w.block, randomise_block, &w);
    for (size_t t = 0; t < p->count; t += w.block)
        if (p->scores[t] < 0)
            return tt_fail(e, TT_ENOMEM, "out of memory for %zu trials", p->count);
    size_t above = 0;
    for (size_t t = 0; t < p->count; t++) above += p->scores[t] > real;
    *chance = (double)(above + 1) / (double)(p->count + 1);
    return 0;
}
