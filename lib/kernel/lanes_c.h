/* lanes_c.h: a vector of one lane, so that math.inc, written for any vector, also gives the scalar
 * functions of plain C. The operations are named and defined in lanes_avx512.h and lanes_avx2.h
 * alike.
 */
#ifndef TT_KERNEL_LANES_C_H
#define TT_KERNEL_LANES_C_H

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float vec;
typedef uint32_t word;
typedef int mask;

static inline vec v_set(float x) { return x; }
static inline vec v_add(vec a, vec b) { return a + b; }
static inline vec v_sub(vec a, vec b) { return a - b; }
static inline vec v_mul(vec a, vec b) { return a * b; }
static inline vec v_div(vec a, vec b) { return a / b; }
static inline vec v_fma(vec a, vec b, vec c) { return fmaf(a, b, c); }
static inline vec v_abs(vec a) { return fabsf(a); }
static inline vec v_max(vec a, vec b) { return a > b ? a : b; }
static inline mask v_lt(vec a, vec b) { return a < b; }
static inline mask v_le(vec a, vec b) { return a <= b; }
static inline vec v_sel(mask m, vec a, vec b) { return m ? a : b; }

static inline word v_bits(vec a) {
    word w;
    memcpy(&w, &a, sizeof w);
    return w;
}

static inline vec w_float(word w) {
    vec a;
    memcpy(&a, &w, sizeof a);
    return a;
}

static inline word w_set(uint32_t x) { return x; }
static inline word w_add(word a, word b) { return a + b; }
static inline word w_and(word a, word b) { return a & b; }
static inline word w_or(word a, word b) { return a | b; }
#define w_shr(a, n) ((a) >> (n))
#define w_shl(a, n) ((a) << (n))
static inline word w_exponent(word a) { return a << 23; }

#endif
