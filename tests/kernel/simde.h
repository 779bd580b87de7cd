/* simde.h: what kernel/intrin.h takes for <immintrin.h> when TT_SIMDE is defined: SIMDe, told to
 * use no instructions of this CPU, so that each intrinsic is the plain C of its description. What
 * follows the inclusions is only what it lacks, and the fused multiply-add, which it may round
 * twice.
 *
 * To check a new file of kernels (say gemm8_vnni.c) here: include it in check_simde_LEVEL.c, next
 * to the others, and add its tt_fill_… to the list there. A new level is a new check_simde_LEVEL.c.
 * An intrinsic that the compiler then does not know is one that SIMDe lacks: write it below.
 */
#ifndef TT_KERNEL_SIMDE_H
#define TT_KERNEL_SIMDE_H

#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>
#pragma GCC diagnostic pop

#include <math.h>
#include <string.h>

/* The lanes of a vector as an array and back. */
#define LANES_OF(array, v) memcpy(array, &(v), sizeof array)
#define FROM_LANES(v, array) memcpy(&(v), array, sizeof array)

#define FUSED(name, vector, scalar, lanes, fma)                                                    \
    static inline vector name(vector a, vector b, vector c) {                                      \
        scalar x[lanes], y[lanes], z[lanes];                                                       \
        LANES_OF(x, a);                                                                            \
        LANES_OF(y, b);                                                                            \
        LANES_OF(z, c);                                                                            \
        for (int i = 0; i < lanes; i++) x[i] = fma(x[i], y[i], z[i]);                              \
        FROM_LANES(a, x);                                                                          \
        return a;                                                                                  \
    }
FUSED(fused_256, simde__m256, float, 8, fmaf)
FUSED(fused_256d, simde__m256d, double, 4, fma)
FUSED(fused_512, simde__m512, float, 16, fmaf)
FUSED(fused_512d, simde__m512d, double, 8, fma)
#undef _mm256_fmadd_ps
#undef _mm256_fmadd_pd
#undef _mm512_fmadd_ps
#undef _mm512_fmadd_pd
#define _mm256_fmadd_ps fused_256
#define _mm256_fmadd_pd fused_256d
#define _mm512_fmadd_ps fused_512
#define _mm512_fmadd_pd fused_512d

/* SIMDe's loads what is masked out as well; the instruction does not touch it. */
static inline simde__m256 masked_load_256(const float *p, simde__m256i m) {
    int32_t on[8];
    float x[8] = {0};
    simde__m256 r;
    LANES_OF(on, m);
    for (int i = 0; i < 8; i++) {
        if (on[i] < 0) x[i] = p[i];
    }
    FROM_LANES(r, x);
    return r;
}
#undef _mm256_maskload_ps
#define _mm256_maskload_ps masked_load_256

/* SIMDe 0.7.4 gives this name to something else. */
static inline simde__m512i madd_512(simde__m512i a, simde__m512i b) {
    int16_t x[32], y[32];
    int32_t z[16];
    LANES_OF(x, a);
    LANES_OF(y, b);
    for (int i = 0; i < 16; i++) z[i] = x[2 * i] * y[2 * i] + x[2 * i + 1] * y[2 * i + 1];
    FROM_LANES(a, z);
    return a;
}
#undef _mm512_madd_epi16
#define _mm512_madd_epi16 madd_512

/* What SIMDe 0.7.4 has no name for. */
#ifndef _mm512_maskz_loadu_ps
typedef simde__mmask16 __mmask16;

static inline simde__m512 _mm512_maskz_loadu_ps(__mmask16 m, const float *p) {
    float x[16] = {0};
    simde__m512 r;
    for (int i = 0; i < 16; i++) {
        if (m >> i & 1) x[i] = p[i];
    }
    FROM_LANES(r, x);
    return r;
}

static inline void _mm512_mask_storeu_ps(float *p, __mmask16 m, simde__m512 a) {
    float x[16];
    LANES_OF(x, a);
    for (int i = 0; i < 16; i++) {
        if (m >> i & 1) p[i] = x[i];
    }
}

static inline simde__m512d _mm512_cvtps_pd(simde__m256 a) {
    float x[8];
    double y[8];
    simde__m512d r;
    LANES_OF(x, a);
    for (int i = 0; i < 8; i++) y[i] = (double)x[i];
    FROM_LANES(r, y);
    return r;
}

static inline simde__m512 _mm512_cvtepi32_ps(simde__m512i a) {
    int32_t x[16];
    float y[16];
    simde__m512 r;
    LANES_OF(x, a);
    for (int i = 0; i < 16; i++) y[i] = (float)x[i];
    FROM_LANES(r, y);
    return r;
}

static inline simde__m512i _mm512_cvtps_epi32(simde__m512 a) {
    float x[16];
    int32_t y[16];
    simde__m512i r;
    LANES_OF(x, a);
    for (int i = 0; i < 16; i++) y[i] = (int32_t)lrintf(x[i]);
    FROM_LANES(r, y);
    return r;
}

static inline simde__m128i _mm512_cvtepi32_epi8(simde__m512i a) {
    int32_t x[16];
    int8_t y[16];
    simde__m128i r;
    LANES_OF(x, a);
    for (int i = 0; i < 16; i++) y[i] = (int8_t)x[i];
    FROM_LANES(r, y);
    return r;
}

static inline simde__m256i _mm256_dpbusd_avx_epi32(simde__m256i sum, simde__m256i u,
                                                   simde__m256i s) {
    uint32_t x[8]; /* wraps */
    uint8_t y[32];
    int8_t z[32];
    LANES_OF(x, sum);
    LANES_OF(y, u);
    LANES_OF(z, s);
    for (int i = 0; i < 32; i++) x[i / 4] += (uint32_t)(y[i] * z[i]);
    FROM_LANES(sum, x);
    return sum;
}

#define _mm512_shuffle_f32x4 simde_mm512_shuffle_f32x4
#endif

#endif
