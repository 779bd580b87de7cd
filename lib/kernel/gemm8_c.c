/* gemm8_c.c: products of 8-bit integers in plain C, the definition of their slots. Integer sums are
 * exact in any order; the definition lies in how a row is rounded and in what follows the sum.
 *
 *     C = act(fma((float)Σ_k a w, a_scale w_scale, bias))
 *
 * Symmetric quantisation, a scale a row of activations and one a row of weights: Jacob et al. 2018,
 * section 2, without zero points.
 */
#include <string.h>

#include "kernel/lanes_c.h"
#include "kernel/level.h"
#include "kernel/math.inc"

/* What q is multiplied with to give x, by max|x|; *inv what x is, to give q. */
static float scale_of(float *inv, const float *x, int k) {
    float top = 0.0f;
    *inv = 0.0f;
    for (int i = 0; i < k; i++) {
        const float a = fabsf(x[i]);
        if (!(a < INFINITY)) return NAN;
        top = v_max(a, top);
    }
    if (top < 0x1p-100f) return 0.0f;
    *inv = 127.0f / top;
    return top / 127.0f;
}

/* Adding 1.5 2^23 leaves the nearest integer, ties to even. */
static void quantize8(int8_t *q, float *scale, int32_t *sum, const float *x, ptrdiff_t ldx, int m,
                      int k) {
    const float magic = 12582912.0f;
    for (int i = 0; i < m; i++, x += ldx, q += TT_ROW8(k)) {
        float inv;
        scale[i] = scale_of(&inv, x, k);
        memset(q, 0, TT_ROW8(k));
        for (int p = 0; p < k && inv != 0.0f; p++) q[p] = (int8_t)(x[p] * inv + magic - magic);
        if (!sum) continue;
        sum[i] = 0;
        for (int p = 0; p < k; p++) sum[i] += q[p];
    }
}

/* Packed: N scales, then W with dense rows. */
static size_t pack8_size(int n, int k) {
    return (size_t)n * (sizeof(float) + (size_t)k);
}

static void pack8(void *dst, const int8_t *w, ptrdiff_t ldw, const float *w_scale, int n, int k) {
    float *scale = dst;
    int8_t *to = (int8_t *)(scale + n);
    if (n) memcpy(scale, w_scale, (size_t)n * sizeof *scale);
    for (int j = 0; j < n && k; j++) memcpy(to + (ptrdiff_t)j * k, w + j * ldw, (size_t)k);
}

static size_t left8_size(int m, int k) {
    return (void)m, (void)k, 0;
}

static void left8(void *dst, const int8_t *q, int m, int k) {
    (void)dst, (void)q, (void)m, (void)k;
}

static void gemm8(float *c, ptrdiff_t ldc, const void *bytes, const float *a_scale,
                  const int32_t *a_sum, const void *packed, const float *bias, int act, int m,
                  int n, int k) {
    (void)a_sum;
    const int8_t *a = bytes;
    const float *w_scale = packed;
    const int8_t *w = (const int8_t *)(w_scale + n);
    for (int i = 0; i < m; i++, a += TT_ROW8(k)) {
        for (int j = 0; j < n; j++) {
            int32_t sum = 0;
            for (int p = 0; p < k; p++) sum += a[p] * w[(ptrdiff_t)j * k + p];
            const float s = a_scale[i] * w_scale[j];
            c[i * ldc + j] = v_act(act, fmaf((float)sum, s, bias ? bias[j] : 0.0f));
        }
    }
}

void tt_fill_gemm8_c(tt_kernels *k) {
    k->quantize8 = quantize8;
    k->pack8_size = pack8_size;
    k->pack8 = pack8;
    k->left8_size = left8_size;
    k->left8 = left8;
    k->gemm8 = gemm8;
}
