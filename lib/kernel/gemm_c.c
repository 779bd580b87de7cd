/* gemm_c.c: matrix products in plain C, the definition of the gemm slots: every element of C is one
 * chain of fma in rising k. The k loop stands outside the n loop only so that B is read along its
 * rows; the chain of an element is the same.
 */
#include "kernel/lanes_c.h"
#include "kernel/level.h"
#include "kernel/math.inc"

static void gemm(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t a_row, ptrdiff_t a_col,
                 const float *b, ptrdiff_t b_row, ptrdiff_t b_col, int how, const float *bias,
                 int m, int n, int k, float *work) {
    (void)work;
    for (int i = 0; i < m; i++) {
        float *ci = c + i * ldc;
        if (how == TT_GEMM_SET) {
            for (int j = 0; j < n; j++) ci[j] = bias ? bias[j] : 0.0f;
        }
        for (int p = 0; p < k; p++) {
            float aip = a[i * a_row + p * a_col];
            const float *bp = b + p * b_row;
            for (int j = 0; j < n; j++) ci[j] = fmaf(aip, bp[j * b_col], ci[j]);
        }
    }
}

/* Packed, B is dense in (K,N) order. */
static size_t pack_size(int n, int k) {
    return (size_t)n * (size_t)k;
}

static void pack(float *dst, const float *b, ptrdiff_t b_row, ptrdiff_t b_col, int n, int k) {
    for (int p = 0; p < k; p++) {
        for (int j = 0; j < n; j++) *dst++ = b[p * b_row + j * b_col];
    }
}

static void unpack(float *column, const float *packed, int j, int n, int k) {
    for (int p = 0; p < k; p++) column[p] = packed[(ptrdiff_t)p * n + j];
}

static void gemm_packed(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t lda, const float *packed,
                        const float *bias, int act, int m, int n, int k) {
    gemm(c, ldc, a, lda, 1, packed, n, 1, TT_GEMM_SET, bias, m, n, k, NULL);
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) c[i * ldc + j] = v_act(act, c[i * ldc + j]);
    }
}

void tt_fill_gemm_c(tt_kernels *k) {
    k->gemm = gemm;
    k->pack_size = pack_size;
    k->pack = pack;
    k->unpack = unpack;
    k->gemm_packed = gemm_packed;
}
