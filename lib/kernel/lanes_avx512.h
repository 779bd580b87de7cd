/* lanes_avx512.h: a vector of 16 floats is one register. The templates (*.inc) know vectors only by
 * the names below; lanes_avx2.h has the same names, and says what each does.
 */
#ifndef TT_KERNEL_LANES_AVX512_H
#define TT_KERNEL_LANES_AVX512_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/intrin.h"

typedef __m512 vec;
typedef __m512i word;
typedef __mmask16 mask;
typedef struct vecd {
    __m512d lo, hi;
} vecd;

ALWAYS vec v_set(float x) { return _mm512_set1_ps(x); }
ALWAYS vec v_load(const float *p) { return _mm512_loadu_ps(p); }
ALWAYS void v_store(float *p, vec a) { _mm512_storeu_ps(p, a); }
ALWAYS mask v_first(size_t n) { return (mask)((1u << n) - 1); }
ALWAYS vec v_load_n(const float *p, size_t n) { return _mm512_maskz_loadu_ps(v_first(n), p); }
ALWAYS void v_store_n(float *p, vec a, size_t n) { _mm512_mask_storeu_ps(p, v_first(n), a); }

ALWAYS vec v_add(vec a, vec b) { return _mm512_add_ps(a, b); }
ALWAYS vec v_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
ALWAYS vec v_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
ALWAYS vec v_div(vec a, vec b) { return _mm512_div_ps(a, b); }
ALWAYS vec v_sqrt(vec a) { return _mm512_sqrt_ps(a); }
ALWAYS vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
ALWAYS vec v_max(vec a, vec b) { return _mm512_max_ps(a, b); }
ALWAYS mask v_lt(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
ALWAYS mask v_le(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
ALWAYS mask v_eq(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
ALWAYS vec v_sel(mask m, vec a, vec b) { return _mm512_mask_blend_ps(m, b, a); }
ALWAYS uint32_t m_bits(mask m) { return m; }

ALWAYS word v_bits(vec a) { return _mm512_castps_si512(a); }
ALWAYS vec w_float(word a) { return _mm512_castsi512_ps(a); }
ALWAYS word w_set(uint32_t x) { return _mm512_set1_epi32((int)x); }
ALWAYS word w_count(void) {
    return _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}
ALWAYS word w_add(word a, word b) { return _mm512_add_epi32(a, b); }
ALWAYS word w_mul(word a, word b) { return _mm512_mullo_epi32(a, b); }
ALWAYS word w_max(word a, word b) { return _mm512_max_epi32(a, b); }
ALWAYS word w_and(word a, word b) { return _mm512_and_si512(a, b); }
ALWAYS word w_or(word a, word b) { return _mm512_or_si512(a, b); }
ALWAYS word w_xor(word a, word b) { return _mm512_xor_si512(a, b); }
ALWAYS word w_load(const void *p) { return v_bits(v_load(p)); }
ALWAYS void w_store(void *p, word a) { v_store(p, w_float(a)); }
ALWAYS mask w_ge(word a, word b) { return _mm512_cmpge_epu32_mask(a, b); }
#define w_shr(a, n) _mm512_srli_epi32(a, n)
#define w_shl(a, n) _mm512_slli_epi32(a, n)
ALWAYS word w_exponent(word a) { return _mm512_slli_epi32(a, 23); }
ALWAYS vec v_abs(vec a) { return w_float(w_and(v_bits(a), w_set(0x7fffffffu))); }

ALWAYS word v_whole(vec a) { return _mm512_cvtps_epi32(a); }
ALWAYS vec v_even(vec a, vec b) {
    return _mm512_permutex2var_ps(
        a, _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0), b);
}
ALWAYS vec v_odd(vec a, vec b) {
    return _mm512_permutex2var_ps(
        a, _mm512_set_epi32(31, 29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1), b);
}
ALWAYS vec w_to_float(word a) { return _mm512_cvtepi32_ps(a); }
ALWAYS void v_store_bytes(int8_t *p, vec a) {
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
}

ALWAYS __m256 v_upper(vec a) {
    return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1));
}

ALWAYS float v_join(vec a) {
    __m256 b = _mm256_add_ps(_mm512_castps512_ps256(a), v_upper(a));
    __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    c = _mm_add_ps(c, _mm_movehl_ps(c, c));
    return _mm_cvtss_f32(_mm_add_ss(c, _mm_shuffle_ps(c, c, 1)));
}

ALWAYS vec v_join_each(const vec *r) {
    vec whole[2];
    UNROLL for (int i = 0; i < 2; i++) {
        __m512d pair[2];
        UNROLL for (int h = 0; h < 2; h++) {
            vec s[2];
            UNROLL for (int j = 0; j < 2;
                        j++) { /* halves of two vectors at once, then quarters of four */
                const vec a = r[2 * i + h + 8 * j], b = r[2 * i + h + 8 * j + 4];
                s[j] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44),
                                     _mm512_shuffle_f32x4(a, b, 0xee));
            }
            pair[h] = _mm512_castps_pd(_mm512_add_ps(_mm512_shuffle_f32x4(s[0], s[1], 0x88),
                                                     _mm512_shuffle_f32x4(s[0], s[1], 0xdd)));
        }
        whole[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(pair[0], pair[1])),
                                 _mm512_castpd_ps(_mm512_unpackhi_pd(pair[0], pair[1])));
    }
    return _mm512_add_ps(_mm512_shuffle_ps(whole[0], whole[1], 0x88),
                         _mm512_shuffle_ps(whole[0], whole[1], 0xdd));
}

ALWAYS float v_join_max(vec a) {
    __m256 b = _mm256_max_ps(v_upper(a), _mm512_castps512_ps256(a));
    __m128 c = _mm_max_ps(_mm256_extractf128_ps(b, 1), _mm256_castps256_ps128(b));
    c = _mm_max_ps(_mm_movehl_ps(c, c), c);
    return _mm_cvtss_f32(_mm_max_ss(_mm_shuffle_ps(c, c, 1), c));
}

ALWAYS vecd d_zero(void) { return (vecd){_mm512_setzero_pd(), _mm512_setzero_pd()}; }

ALWAYS vecd d_add_square(vecd acc, vec a) {
    __m512d lo = _mm512_cvtps_pd(_mm512_castps512_ps256(a)), hi = _mm512_cvtps_pd(v_upper(a));
    return (vecd){_mm512_fmadd_pd(lo, lo, acc.lo), _mm512_fmadd_pd(hi, hi, acc.hi)};
}

ALWAYS double d_join(vecd a) {
    __m512d b = _mm512_add_pd(a.lo, a.hi);
    __m256d c = _mm256_add_pd(_mm512_castpd512_pd256(b), _mm512_extractf64x4_pd(b, 1));
    __m128d d = _mm_add_pd(_mm256_castpd256_pd128(c), _mm256_extractf128_pd(c, 1));
    return _mm_cvtsd_f64(_mm_add_sd(d, _mm_unpackhi_pd(d, d)));
}

/* The matrix r[16][16] on its other side: pairs, then fours, within 128 bits; then whole quarters.
 */
ALWAYS void v_transpose(vec *r) {
    vec t[16];
    UNROLL for (int i = 0; i < 16; i += 4) {
        __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(r[i], r[i + 1]));
        __m512d b = _mm512_castps_pd(_mm512_unpackhi_ps(r[i], r[i + 1]));
        __m512d c = _mm512_castps_pd(_mm512_unpacklo_ps(r[i + 2], r[i + 3]));
        __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(r[i + 2], r[i + 3]));
        t[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
        t[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
        t[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
        t[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
    }
    UNROLL for (int i = 0; i < 4; i++) {
        vec a = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x88),
            b = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xdd);
        vec c = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x88);
        vec d = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xdd);
        r[i] = _mm512_shuffle_f32x4(a, c, 0x88);
        r[i + 8] = _mm512_shuffle_f32x4(a, c, 0xdd);
        r[i + 4] = _mm512_shuffle_f32x4(b, d, 0x88);
        r[i + 12] = _mm512_shuffle_f32x4(b, d, 0xdd);
    }
}

#endif
