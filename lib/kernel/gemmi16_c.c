/* gemmi16_c.c: products of training with whole numbers of 12 bits, in plain C: the definition of
 * gemm_int16. 512 products of two numbers up to 2047 stay below 2^31.
 */
#include <math.h>

#include "kernel/level.h"

enum { DEPTH = 512 };

/* A row of A or a column of B over one block. */
typedef struct side {
    const float *x;
    ptrdiff_t step;
    float times, scale;
} side;

static side side_of(const float *x, ptrdiff_t step, int k) {
    float max = 0.0f;
    int finite = 1;
    for (int p = 0; p < k; p++) {
        const float size = fabsf(x[p * step]);
        finite = finite && isfinite(size);
        if (size > max) max = size;
    }
    if (!finite) return (side){x, step, 0.0f, NAN};
    if (max < 0x1p-100f) return (side){x, step, 0.0f, 0.0f};
    return (side){x, step, 2047.0f / max, max / 2047.0f};
}

static int32_t whole(const side *s, int p) {
    return s->times > 0 ? (int32_t)rintf(s->x[p * s->step] * s->times) : 0;
}

static void gemm_int16(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t a_row, ptrdiff_t a_col,
                       const float *b, ptrdiff_t b_row, ptrdiff_t b_col, int how, const float *bias,
                       int m, int n, int k, float *work) {
    (void)work;
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            float y = how == TT_GEMM_ADD ? c[i * ldc + j] : bias ? bias[j] : 0.0f;
            for (int p = 0; p < k || p == 0; p += DEPTH) {
                const int some = k - p < DEPTH ? k - p : DEPTH;
                const side s = side_of(a + i * a_row + p * a_col, a_col, some),
                           t = side_of(b + j * b_col + p * b_row, b_row, some);
                int32_t sum = 0;
                for (int q = 0; q < some; q++) sum += whole(&s, q) * whole(&t, q);
                y = fmaf((float)sum, s.scale * t.scale, y);
            }
            c[i * ldc + j] = y;
        }
    }
}

void tt_fill_gemmi16_c(tt_kernels *k) { k->gemm_int16 = gemm_int16; }
