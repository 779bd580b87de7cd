/* dot.h: a product of two rows in double, for the ways back of ops that weigh few rows. Sums run
 * from the first number to the last, so every instruction set gives the same.
 */
#ifndef TT_TENSOR_DOT_H
#define TT_TENSOR_DOT_H

#include <stddef.h>

/* Σ a b over n numbers. */
static inline double tt_dot(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

#endif
