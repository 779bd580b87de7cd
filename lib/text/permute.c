/* permute.c: see permute.h. */
#include "text/permute.h"

#include "base/rng.h"

enum { ROUNDS = 4 };

static uint64_t once(uint64_t key, uint64_t x, int half) {
    const uint64_t mask = ((uint64_t)1 << half) - 1;
    uint64_t left = x >> half, right = x & mask;
    for (uint64_t r = 0; r < ROUNDS; r++) {
        const uint64_t next = left ^ (tt_rand(tt_key(key, r), right) & mask);
        left = right;
        right = next;
    }
    return left << half | right;
}

static uint64_t once_back(uint64_t key, uint64_t x, int half) {
    const uint64_t mask = ((uint64_t)1 << half) - 1;
    uint64_t left = x >> half, right = x & mask;
    for (uint64_t r = ROUNDS; r-- > 0;) {
        const uint64_t before = right ^ (tt_rand(tt_key(key, r), left) & mask);
        right = left;
        left = before;
    }
    return left << half | right;
}

/* Half of the bits that n numbers take. */
static int half_bits(uint64_t n) {
    int half = 1;
    while (half < 32 && ((n - 1) >> (2 * half)) != 0) half++;
    return half;
}

uint64_t tt_permute(uint64_t key, uint64_t i, uint64_t n) {
    const int half = half_bits(n);
    do i = once(key, i, half);
    while (i >= n);
    return i;
}

uint64_t tt_permute_back(uint64_t key, uint64_t i, uint64_t n) {
    const int half = half_bits(n);
    do i = once_back(key, i, half);
    while (i >= n);
    return i;
}
