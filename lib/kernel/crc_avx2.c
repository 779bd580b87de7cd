/* crc_avx2.c: CRC-32 by multiplication without carries (Gopal et al. 2009, "Fast CRC Computation for Generic Polynomials
 * Using PCLMULQDQ Instruction").
 *
 * A message is a polynomial over GF(2), and its checksum what remains of it modulo P. So what has been read, 128 bits of it,
 * A x^64 + B, may stand for what lies n bits ahead when it is multiplied by x^n: A (x^(n+64) mod P) + B (x^n mod P), two
 * products of 64 bits, is congruent. Four such sums go side by side over the bytes, 64 at a time; they are joined to one,
 * and the checksum of those 16 bytes and of the rest is that of the whole.
 *
 * In this CRC the lowest bit of a byte is the highest power, so numbers stand reversed: a product of two comes out one place
 * off, and the factors, 32 bits and of so many powers less, are reversed and shifted by one to make that good.
 */
#include <string.h>
#include <zlib.h>

#include "kernel/intrin.h"
#include "kernel/level.h"

enum { SUMS = 4, WIDE = 16, STEP = SUMS * WIDE, FEW = 4 * STEP /* bytes: fewer are not worth it */ };

static __m128i ahead(__m128i sum, __m128i factors, const void *p) {
    const __m128i low = _mm_clmulepi64_si128(sum, factors, 0x00), high = _mm_clmulepi64_si128(sum, factors, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), _mm_loadu_si128(p));
}

static uint32_t crc32_of(uint32_t crc, const void *from, size_t n) {
    const unsigned char *p = from;
    if (n < FEW) return (uint32_t)crc32_z(crc, p, n);
    /* x^(512+32), x^(512-32); x^(128+32), x^(128-32); modulo P, reversed, shifted */
    const __m128i by_step = _mm_set_epi64x(0x1c6e41596, 0x154442bd4), by_one = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    __m128i sum[SUMS];
    UNROLL for (int i = 0; i < SUMS; i++) sum[i] = _mm_loadu_si128((const void *)(p + i * WIDE));
    sum[0] = _mm_xor_si128(sum[0], _mm_cvtsi32_si128((int)~crc));
    for (p += STEP, n -= STEP; n >= STEP; p += STEP, n -= STEP)
        UNROLL for (int i = 0; i < SUMS; i++) sum[i] = ahead(sum[i], by_step, p + i * WIDE);
    unsigned char last[WIDE];
    for (int i = 1; i < SUMS; i++) sum[0] = ahead(sum[0], by_one, &sum[i]);
    memcpy(last, &sum[0], sizeof last);
    /* zlib's sums are inverted: this one is of nothing, the start being in the bytes already */
    return (uint32_t)crc32_z(crc32_z(0xffffffff, last, sizeof last), p, n);
}

void tt_lay_crc_avx2(tt_kernels *k) {
    k->crc32 = crc32_of;
}
