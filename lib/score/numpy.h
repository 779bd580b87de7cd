/* numpy.h: means and counts of resampled scores in the order and the width in which sacreBLEU and
 * NumPy take them, so that they agree to the last digit. With `narrow` 1 the scores are float32
 * values and the arithmetic is that of float32.
 */
#ifndef TT_SCORE_NUMPY_H
#define TT_SCORE_NUMPY_H

#include <stddef.h>

/* statistics.mean: the exact sum, divided and rounded once. */
double tt_numpy_exact_mean(const double *v, size_t n, int narrow);

/* ndarray.mean: pairwise sums over blocks of 128. */
double tt_numpy_mean(const double *v, size_t n, int narrow);

/* Sorts the scores and gives half the width of their 95 % interval. */
double tt_numpy_interval(double *v, size_t n, int narrow);

/* The p-value of the paired bootstrap: how often the difference of two systems, less its mean, is
   above the real one; counted from one. */
double tt_numpy_chance(const double *one, const double *two, size_t n, double real, int narrow);

#endif
