/* gemm16_c.c: products with weights in bfloat16, the upper half of a float, in plain C: the
 * definition of their slots. gemm16 saves only memory: each weight becomes a float again before it
 * is used, and every element is the chain of fma of gemm_c.c. dot16 rounds the other factor too,
 * and takes the steps of the instruction VDPBF16PS (Intel's manual, volume 2). gemm_bf16 rounds
 * both, for training, and takes steps in rising k.
 */
#include "kernel/lanes_c.h"
#include "kernel/level.h"
#include "kernel/math.inc"

static uint16_t to_bf16(float x) { return (uint16_t)(v_round16(x) >> 16); }

/* Packed, B is dense in (K,N) order. */
static size_t pack16_size(int n, int k) { return (size_t)n * (size_t)k * sizeof(uint16_t); }

static void pack16(void *dst, const float *b, ptrdiff_t b_row, ptrdiff_t b_col, int n, int k) {
    uint16_t *to = dst;
    for (int p = 0; p < k; p++) {
        for (int j = 0; j < n; j++) *to++ = to_bf16(b[p * b_row + j * b_col]);
    }
}

static void gemm16(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t lda, const void *packed,
                   const float *bias, int act, int m, int n, int k) {
    const uint16_t *b = packed;
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            float sum = bias ? bias[j] : 0.0f;
            for (int p = 0; p < k; p++) {
                sum = fmaf(a[i * lda + p], w_float((word)b[(ptrdiff_t)p * n + j] << 16), sum);
            }
            c[i * ldc + j] = v_act(act, sum);
        }
    }
}

/* What is subnormal counts as a zero of its sign. */
static float flushed(float x) { return fabsf(x) < 0x1p-126f ? copysignf(0.0f, x) : x; }

/* a b + c. Whether the result is subnormal is judged as if its exponent had no end: a result that
   only rounding to few bits brought up to 2^-126 is. */
static float flushed_fma(float a, float b, float c) {
    a = flushed(a), b = flushed(b), c = flushed(c);
    const float y = fmaf(a, b, c);
    if (!(fabsf(y) <= 0x1p-126f)) return y;
    if (fabsf(y) == 0x1p-126f && !(fabsf(fmaf(a * 0x1p32f, b * 0x1p32f, c * 0x1p64f)) < 0x1p-62f))
        return y;
    return copysignf(0.0f, y);
}

static float brief(float x) { return w_upper16(v_round16(x)); }

static void dot16(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t lda, const void *packed,
                  const float *bias, int act, int m, int n, int k, float *work) {
    (void)work;
    const uint16_t *b = packed;
    for (int i = 0; i < m; i++) {
        const float *ai = a + i * lda;
        for (int j = 0; j < n; j++) {
            float sum = bias ? bias[j] : 0.0f;
            for (int p = 0; p < k; p += 2) {
                const uint16_t *low = b + (ptrdiff_t)p * n + j;
                const int two = p + 1 < k;
                sum = flushed_fma(two ? brief(ai[p + 1]) : 0.0f,
                                  two ? w_float((word)low[n] << 16) : 0.0f, sum);
                sum = flushed_fma(brief(ai[p]), w_float((word)*low << 16), sum);
            }
            c[i * ldc + j] = v_act(act, sum);
        }
    }
}

static void gemm_bf16(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t a_row, ptrdiff_t a_col,
                      const float *b, ptrdiff_t b_row, ptrdiff_t b_col, int how, const float *bias,
                      int m, int n, int k, float *work) {
    (void)work;
    for (int i = 0; i < m; i++, c += ldc) {
        for (int j = 0; j < n; j++) {
            float sum = how == TT_GEMM_ADD ? c[j] : bias ? bias[j] : 0.0f;
            for (int p = 0; p < k; p++)
                sum = flushed_fma(brief(a[i * a_row + p * a_col]), brief(b[p * b_row + j * b_col]),
                                  sum);
            c[j] = sum;
        }
    }
}

void tt_fill_gemm16_c(tt_kernels *k) {
    k->pack16_size = pack16_size;
    k->pack16 = pack16;
    k->gemm16 = gemm16;
    k->dot16 = dot16;
    k->gemm_bf16 = gemm_bf16;
}
