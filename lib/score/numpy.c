/* numpy.c: see numpy.h. A float32 sum is done in double and rounded after each step: with 53 bits
 * against 24, rounding twice gives what rounding once does.
 */
#include "score/numpy.h"

#include <math.h>
#include <stdlib.h>

/* The i-th number of a row: a score, or what two rows differ by. */
typedef struct row {
    const double *one, *two;
    int narrow;
} row;

static double narrowed(const row *r, double x) { return r->narrow ? (double)(float)x : x; }

static double at(const row *r, size_t i) {
    return r->two ? fabs(narrowed(r, r->one[i] - r->two[i])) : r->one[i];
}

/* NumPy's pairwise sum: halves down to 128, eight partial sums there. */
static double pairwise(const row *r, size_t from, size_t n) {
    if (n < 8) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum = narrowed(r, sum + at(r, from + i));
        return sum;
    }
    if (n <= 128) {
        double part[8];
        size_t i;
        for (i = 0; i < 8; i++) part[i] = at(r, from + i);
        for (i = 8; i < n - n % 8; i++) part[i % 8] = narrowed(r, part[i % 8] + at(r, from + i));
        for (size_t step = 1; step < 8; step *= 2)
            for (size_t k = 0; k < 8; k += 2 * step)
                part[k] = narrowed(r, part[k] + part[k + step]);
        for (; i < n; i++) part[0] = narrowed(r, part[0] + at(r, from + i));
        return part[0];
    }
    size_t half = n / 2 - n / 2 % 8;
    return narrowed(r, pairwise(r, from, half) + pairwise(r, from + half, n - half));
}

static double mean(const row *r, size_t n) { return narrowed(r, pairwise(r, 0, n) / (double)n); }

double tt_numpy_mean(const double *v, size_t n, int narrow) {
    row r = {v, NULL, narrow};
    return mean(&r, n);
}

double tt_numpy_exact_mean(const double *v, size_t n, int narrow) {
    double high = 0, low = 0; /* the sum, and what rounding took from it (Knuth's TwoSum) */
    for (size_t i = 0; i < n; i++) {
        double sum = high + v[i], part = sum - high;
        low += (high - (sum - part)) + (v[i] - part);
        high = sum;
    }
    double q = (high + low) / (double)n, rest = fma(-q, (double)n, high) + low;
    q += rest / (double)n;
    return narrow ? (double)(float)q : q;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double tt_numpy_interval(double *v, size_t n, int narrow) {
    row r = {v, NULL, narrow};
    qsort(v, n, sizeof *v, by_size);
    return 0.5 * narrowed(&r, v[n - 1 - n / 40] - v[n / 40]);
}

double tt_numpy_chance(const double *one, const double *two, size_t n, double real, int narrow) {
    row r = {one, two, narrow};
    double middle = mean(&r, n);
    size_t above = 0;
    real = narrowed(&r, real);
    for (size_t i = 0; i < n; i++) above += narrowed(&r, at(&r, i) - middle) > real;
    return (double)(above + 1) / (double)(n + 1);
}
