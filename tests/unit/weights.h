/* weights.h: numbers such as weights are, and short floats one by one. */
#ifndef TT_TEST_WEIGHTS_H
#define TT_TEST_WEIGHTS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "io/modeldata.h"

static inline uint32_t bits(float x) {
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static inline uint16_t shorten(float x, int type) {
    unsigned char p[2];
    uint16_t h;
    tt_ttm_from_f32(p, &x, type, 1);
    memcpy(&h, p, 2);
    return h;
}

static inline float widen(uint16_t h, int type) {
    unsigned char p[2];
    float x;
    memcpy(p, &h, 2);
    tt_ttm_to_f32(&x, p, type, 1);
    return x;
}

/* Normal numbers, some exact zeros; the caller's to free. */
static inline float *weights(size_t n, uint64_t key) {
    float *x = malloc((n + 1) * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = tt_rand(key, i) % 50 ? (float)(0.05 * tt_rand_normal(key, i)) : 0.0f;
    return x;
}

#endif
