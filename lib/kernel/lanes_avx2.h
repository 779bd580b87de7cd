/* lanes_avx2.h: a vector of 16 floats is two registers, lanes 0-7 in lo and 8-15 in hi. These are
 * the names by which the templates (*.inc) know vectors: v_ for floats, w_ for 32-bit words, m_ for
 * masks, d_ for 16 doubles. Where it is not plain what a name does, it is said here.
 */
#ifndef TT_KERNEL_LANES_AVX2_H
#define TT_KERNEL_LANES_AVX2_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/intrin.h"

typedef struct vec {
    __m256 lo, hi;
} vec;
typedef struct word {
    __m256i lo, hi;
} word;
typedef vec mask; /* all bits of a lane, or none */
typedef struct vecd {
    __m256d part[4];
} vecd;

#define EACH_2_(type, f, a, b) ((type){f((a).lo, (b).lo), f((a).hi, (b).hi)})

ALWAYS vec v_set(float x) { return (vec){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
ALWAYS vec v_load(const float *p) { return (vec){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
ALWAYS void v_store(float *p, vec a) {
    _mm256_storeu_ps(p, a.lo);
    _mm256_storeu_ps(p + 8, a.hi);
}

ALWAYS word w_set(uint32_t x) {
    return (word){_mm256_set1_epi32((int)x), _mm256_set1_epi32((int)x)};
}
ALWAYS word w_count(void) { /* 0, 1, … 15 */
    return (word){_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
                  _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15)};
}
ALWAYS word w_add(word a, word b) { return EACH_2_(word, _mm256_add_epi32, a, b); }
ALWAYS word w_mul(word a, word b) { return EACH_2_(word, _mm256_mullo_epi32, a, b); }
ALWAYS word w_max(word a, word b) { return EACH_2_(word, _mm256_max_epi32, a, b); } /* signed */
ALWAYS word w_and(word a, word b) { return EACH_2_(word, _mm256_and_si256, a, b); }
ALWAYS word w_or(word a, word b) { return EACH_2_(word, _mm256_or_si256, a, b); }
ALWAYS word w_xor(word a, word b) { return EACH_2_(word, _mm256_xor_si256, a, b); }
#define w_shr(a, n) ((word){_mm256_srli_epi32((a).lo, n), _mm256_srli_epi32((a).hi, n)})
#define w_shl(a, n) ((word){_mm256_slli_epi32((a).lo, n), _mm256_slli_epi32((a).hi, n)})
ALWAYS word w_exponent(word a) { /* shifts to where a float keeps its exponent */
    return (word){_mm256_slli_epi32(a.lo, 23), _mm256_slli_epi32(a.hi, 23)};
}
ALWAYS word v_bits(vec a) { return (word){_mm256_castps_si256(a.lo), _mm256_castps_si256(a.hi)}; }
ALWAYS vec w_float(word a) { return (vec){_mm256_castsi256_ps(a.lo), _mm256_castsi256_ps(a.hi)}; }
ALWAYS word w_load(const void *p) { return v_bits(v_load(p)); }
ALWAYS void w_store(void *p, word a) { v_store(p, w_float(a)); }
ALWAYS mask w_ge(word a, word b) { /* unsigned */
    word m = EACH_2_(word, _mm256_max_epu32, a, b);
    return w_float(EACH_2_(word, _mm256_cmpeq_epi32, m, a));
}

/* The mask of the first n lanes, n <= 16; the vector that starts with n numbers at p and goes on with
   zeros; the store of no more than n. What lies behind is not touched. */
ALWAYS mask v_first(size_t n) {
    word c = w_count(), e = w_set((uint32_t)n);
    return w_float((word){_mm256_cmpgt_epi32(e.lo, c.lo), _mm256_cmpgt_epi32(e.hi, c.hi)});
}
ALWAYS vec v_load_n(const float *p, size_t n) {
    word m = v_bits(v_first(n));
    return (vec){_mm256_maskload_ps(p, m.lo), _mm256_maskload_ps(p + 8, m.hi)};
}
ALWAYS void v_store_n(float *p, vec a, size_t n) {
    word m = v_bits(v_first(n));
    _mm256_maskstore_ps(p, m.lo, a.lo);
    _mm256_maskstore_ps(p + 8, m.hi, a.hi);
}

ALWAYS vec v_add(vec a, vec b) { return EACH_2_(vec, _mm256_add_ps, a, b); }
ALWAYS vec v_sub(vec a, vec b) { return EACH_2_(vec, _mm256_sub_ps, a, b); }
ALWAYS vec v_mul(vec a, vec b) { return EACH_2_(vec, _mm256_mul_ps, a, b); }
ALWAYS vec v_div(vec a, vec b) { return EACH_2_(vec, _mm256_div_ps, a, b); }
ALWAYS vec v_sqrt(vec a) { return (vec){_mm256_sqrt_ps(a.lo), _mm256_sqrt_ps(a.hi)}; }
ALWAYS vec v_fma(vec a, vec b, vec c) { /* a b + c */
    return (vec){_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)};
}
ALWAYS vec v_max(vec a, vec b) { return EACH_2_(vec, _mm256_max_ps, a, b); } /* a > b ? a : b */
ALWAYS vec v_abs(vec a) { return w_float(w_and(v_bits(a), w_set(0x7fffffffu))); }
ALWAYS mask v_lt(vec a, vec b) {
    return (mask){_mm256_cmp_ps(a.lo, b.lo, _CMP_LT_OQ), _mm256_cmp_ps(a.hi, b.hi, _CMP_LT_OQ)};
}
ALWAYS mask v_le(vec a, vec b) {
    return (mask){_mm256_cmp_ps(a.lo, b.lo, _CMP_LE_OQ), _mm256_cmp_ps(a.hi, b.hi, _CMP_LE_OQ)};
}
ALWAYS mask v_eq(vec a, vec b) {
    return (mask){_mm256_cmp_ps(a.lo, b.lo, _CMP_EQ_OQ), _mm256_cmp_ps(a.hi, b.hi, _CMP_EQ_OQ)};
}
ALWAYS vec v_sel(mask m, vec a, vec b) { /* m ? a : b */
    return (vec){_mm256_blendv_ps(b.lo, a.lo, m.lo), _mm256_blendv_ps(b.hi, a.hi, m.hi)};
}
ALWAYS uint32_t m_bits(mask m) {
    return (uint32_t)_mm256_movemask_ps(m.lo) | (uint32_t)_mm256_movemask_ps(m.hi) << 8;
}

/* Floats rounded to the nearest 32-bit number. The 16 lanes with even, with odd numbers of a and b in a
 * row. */
ALWAYS word v_whole(vec a) { return (word){_mm256_cvtps_epi32(a.lo), _mm256_cvtps_epi32(a.hi)}; }
ALWAYS __m256 in_order_(__m256 a) { /* shuffles work within 128 bits: 0 2 1 3 */
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(a), 0xd8));
}
ALWAYS vec v_even(vec a, vec b) {
    return (vec){in_order_(_mm256_shuffle_ps(a.lo, a.hi, 0x88)),
                 in_order_(_mm256_shuffle_ps(b.lo, b.hi, 0x88))};
}
ALWAYS vec v_odd(vec a, vec b) {
    return (vec){in_order_(_mm256_shuffle_ps(a.lo, a.hi, 0xdd)),
                 in_order_(_mm256_shuffle_ps(b.lo, b.hi, 0xdd))};
}

/* 32-bit numbers, with sign, as floats; floats within -127 … 127, rounded to the nearest, as 16
 * bytes. */
ALWAYS vec w_to_float(word a) { return (vec){_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)}; }
ALWAYS void v_store_bytes(int8_t *p, vec a) {
    const __m256i b = _mm256_packs_epi32(_mm256_cvtps_epi32(a.lo), _mm256_cvtps_epi32(a.hi));
    const __m256i c =
        _mm256_permute4x64_epi64(b, 0xd8); /* packing works within 128 bits: 0 2 1 3 */
    const __m128i d = _mm_packs_epi16(_mm256_castsi256_si128(c), _mm256_extracti128_si256(c, 1));
    _mm_storeu_si128((__m128i *)(void *)p, d);
}

/* The lanes in one number, joined as halves: the sum, the maximum. */
ALWAYS float v_join(vec a) {
    __m256 b = _mm256_add_ps(a.lo, a.hi);
    __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    c = _mm_add_ps(c, _mm_movehl_ps(c, c));
    return _mm_cvtss_f32(_mm_add_ss(c, _mm_shuffle_ps(c, c, 1)));
}
/* Lane i is the sum of r[i], i < 16: v_join of 16 vectors at once. */
ALWAYS __m256 v_join_eight_(const vec *r) {
    __m256 whole[2];
    UNROLL for (int i = 0; i < 2; i++) {
        __m256d pair[2];
        UNROLL for (int h = 0; h < 2; h++) {
            const vec *a = r + 2 * i + h, *b = a + 4;
            const __m256 s = _mm256_add_ps(a->lo, a->hi), t = _mm256_add_ps(b->lo, b->hi);
            pair[h] = _mm256_castps_pd(_mm256_add_ps(_mm256_permute2f128_ps(s, t, 0x20),
                                                     _mm256_permute2f128_ps(s, t, 0x31)));
        }
        whole[i] = _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(pair[0], pair[1])),
                                 _mm256_castpd_ps(_mm256_unpackhi_pd(pair[0], pair[1])));
    }
    return _mm256_add_ps(_mm256_shuffle_ps(whole[0], whole[1], 0x88),
                         _mm256_shuffle_ps(whole[0], whole[1], 0xdd));
}
ALWAYS vec v_join_each(const vec *r) { return (vec){v_join_eight_(r), v_join_eight_(r + 8)}; }
ALWAYS float v_join_max(vec a) {
    __m256 b = _mm256_max_ps(a.hi, a.lo);
    __m128 c = _mm_max_ps(_mm256_extractf128_ps(b, 1), _mm256_castps256_ps128(b));
    c = _mm_max_ps(_mm_movehl_ps(c, c), c);
    return _mm_cvtss_f32(_mm_max_ss(_mm_shuffle_ps(c, c, 1), c));
}

ALWAYS vecd d_zero(void) {
    __m256d z = _mm256_setzero_pd();
    return (vecd){{z, z, z, z}};
}
ALWAYS __m256d square_(__m256d acc, __m128 a) {
    __m256d d = _mm256_cvtps_pd(a);
    return _mm256_fmadd_pd(d, d, acc);
}
ALWAYS vecd d_add_square(vecd acc, vec a) {
    return (vecd){{square_(acc.part[0], _mm256_castps256_ps128(a.lo)),
                   square_(acc.part[1], _mm256_extractf128_ps(a.lo, 1)),
                   square_(acc.part[2], _mm256_castps256_ps128(a.hi)),
                   square_(acc.part[3], _mm256_extractf128_ps(a.hi, 1))}};
}
ALWAYS double d_join(vecd a) {
    __m256d b = _mm256_add_pd(a.part[0], a.part[2]), c = _mm256_add_pd(a.part[1], a.part[3]);
    __m256d d = _mm256_add_pd(b, c);
    __m128d e = _mm_add_pd(_mm256_castpd256_pd128(d), _mm256_extractf128_pd(d, 1));
    return _mm_cvtsd_f64(_mm_add_sd(e, _mm_unpackhi_pd(e, e)));
}

/* 8 x 8: pairs, then fours, within 128 bits; then halves. */
ALWAYS void transpose_8_(__m256 *r) {
    __m256 t[8];
    UNROLL for (int i = 0; i < 8; i += 4) {
        __m256d a = _mm256_castps_pd(_mm256_unpacklo_ps(r[i], r[i + 1]));
        __m256d b = _mm256_castps_pd(_mm256_unpackhi_ps(r[i], r[i + 1]));
        __m256d c = _mm256_castps_pd(_mm256_unpacklo_ps(r[i + 2], r[i + 3]));
        __m256d d = _mm256_castps_pd(_mm256_unpackhi_ps(r[i + 2], r[i + 3]));
        t[i] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, c));
        t[i + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, c));
        t[i + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(b, d));
        t[i + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(b, d));
    }
    UNROLL for (int i = 0; i < 4; i++) {
        r[i] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x20);
        r[i + 4] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x31);
    }
}

/* The matrix r[16][16] on its other side, as four of 8 x 8. */
ALWAYS void v_transpose(vec *r) {
    __m256 a[8], b[8], c[8], d[8];
    UNROLL for (int i = 0; i < 8; i++) {
        a[i] = r[i].lo, b[i] = r[i].hi, c[i] = r[i + 8].lo, d[i] = r[i + 8].hi;
    }
    transpose_8_(a);
    transpose_8_(b);
    transpose_8_(c);
    transpose_8_(d);
    UNROLL for (int i = 0; i < 8; i++) {
        r[i] = (vec){a[i], c[i]};
        r[i + 8] = (vec){b[i], d[i]};
    }
}

#endif
