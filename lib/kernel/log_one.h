/* log_one.h: the natural logarithm of one number, needed once a row: log x = e ln 2 + 2 atanh(s) with
 * x = f 2^e, √½ <= f < √2 and s = (f-1)/(f+1), by its series in double, where everything is exact
 * enough that the result is off by less than 0.51 units in the last place of a float.
 */
#ifndef TT_KERNEL_LOGMAP_H
#define TT_KERNEL_LOGMAP_H

#include <math.h>

static inline float log_of(float x) {
    if (!(x > 0.0f)) return x == 0.0f ? -INFINITY : NAN;
    if (x > 3.4028235e38f) return x;
    int e;
    double f = frexp(x, &e);
    if (f < 0.70710678118654752) {
        f *= 2.0;
        e--;
    }
    double s = (f - 1.0) / (f + 1.0), t = s * s; /* t <= 0.0295: the term left out is below 1e-12 */
    double sum =
        1.0 +
        t * (1 / 3.0 + t * (1 / 5.0 + t * (1 / 7.0 + t * (1 / 9.0 + t * (1 / 11.0 + t / 13.0)))));
    return (float)(e * 0.69314718055994531 + 2.0 * s * sum);
}

#endif
