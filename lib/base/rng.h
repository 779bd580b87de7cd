/* rng.h: random numbers that come from a key, not from a history.
 *
 * A key is folded from (seed, step, op, …) by tt_key; number i under a key is tt_rand(key, i). So a
 * number depends neither on threads nor on the order of calls, and nothing has to be saved.
 * Mixing: the finaliser of SplitMix64 (Steele, Lea, Flood 2014, variant 13 of Stafford).
 */
#ifndef TT_BASE_RNG_H
#define TT_BASE_RNG_H

#include <math.h>
#include <stdint.h>

static inline uint64_t tt_mix(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* The key of `part` below `key`; keys chain: tt_key(tt_key(seed, step), op). */
static inline uint64_t tt_key(uint64_t key, uint64_t part) {
    return tt_mix(key + 0x9e3779b97f4a7c15u * (part + 1));
}

/* 64 random bits: number i under the key. */
static inline uint64_t tt_rand(uint64_t key, uint64_t i) {
    return tt_mix(key ^ tt_mix(i + 0x9e3779b97f4a7c15u));
}

/* Uniform in [0, 1), 53 bits. */
static inline double tt_rand_unit(uint64_t key, uint64_t i) {
    return (double)(tt_rand(key, i) >> 11) * 0x1p-53;
}

/* Uniform in 0 … n-1, n > 0 (multiply and shift; the bias is below n / 2^32). */
static inline uint32_t tt_rand_below(uint64_t key, uint64_t i, uint32_t n) {
    return (uint32_t)((tt_rand(key, i) >> 32) * n >> 32);
}

/* Standard normal (Box and Muller 1958). */
static inline double tt_rand_normal(uint64_t key, uint64_t i) {
    double u = 1.0 - tt_rand_unit(key, 2 * i), v = tt_rand_unit(key, 2 * i + 1);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

#endif
