/* wide.h: numbers of 128 bits, as far as generators of random numbers need them.
 *
 * Where the compiler has such a number, one instruction multiplies; a program that does it by
 * halves of 32 bits, as elsewhere, draws its numbers at half the speed.
 */
#ifndef TT_BASE_WIDE_H
#define TT_BASE_WIDE_H

#include <stdint.h>

typedef struct tt_wide {
    uint64_t high, low;
} tt_wide;

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 tt_uint128;

static inline uint64_t tt_high_product(uint64_t a, uint64_t b) {
    return (uint64_t)((tt_uint128)a * b >> 64);
}
#else
static inline uint64_t tt_high_product(uint64_t a, uint64_t b) {
    uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
    uint64_t mid = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (mid & 0xffffffffu);
    return a1 * b1 + (mid >> 32) + (other >> 32);
}
#endif

/* Sum and product, their lower 128 bits. */
static inline tt_wide tt_wide_add(tt_wide a, tt_wide b) {
    tt_wide sum = {a.high + b.high, a.low + b.low};
    sum.high += sum.low < a.low;
    return sum;
}

static inline tt_wide tt_wide_multiply(tt_wide a, tt_wide b) {
    uint64_t carried = tt_high_product(a.low, b.low);
    return (tt_wide){carried + a.high * b.low + a.low * b.high, a.low * b.low};
}

#endif
