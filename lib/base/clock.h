/* clock.h: seconds of a clock that nobody sets, for measuring; only differences mean something. */
#ifndef TT_BASE_CLOCK_H
#define TT_BASE_CLOCK_H

#include <time.h>

static inline double tt_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
