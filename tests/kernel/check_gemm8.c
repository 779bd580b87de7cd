/* check_gemm8.c: products with 8-bit weights. */
#include "check.h"

/* Short weights. variant % 5: what is in x and w; / 5: activation, with a bias unless 0. b: c, x,
   w, scales of w, bias, packed, A as laid out, q, scales of x, q as numbers, sums of q. */
static size_t row8_floats(const shape *s) { return TT_ROW8(s->k) / sizeof(float); }
static size_t room8(const shape *s) { /* 16 columns' scales and bytes, K rounded up to 16 */
    return ((size_t)s->n + 15) / 16 * 16 * (1 + ((size_t)s->k + 15) / 16 * 4);
}
static void sizes_gemm8(size_t *len, const shape *s) {
    const size_t want[] = {laid_out(0, s->m, s->n).len,
                           laid_out(0, s->m, s->k).len,
                           len_n(s) * row8_floats(s),
                           len_n(s),
                           len_n(s),
                           room8(s),
                           TT_GEMM_WORK,
                           (size_t)s->m * row8_floats(s),
                           (size_t)s->m,
                           (size_t)s->m * TT_ROW8(s->k),
                           (size_t)s->m};
    memcpy(len, want, sizeof want);
}
/* What ways of adding up in few bits may stumble on. 0: the greatest sums, 127 times 127 or -128,
   with both signs; 1: the same without negative x; 2, 3: likewise, but most x are small and a few
   large; 4: what is there. */
static void fill_gemm8(float *x, size_t n, int8_t *w, size_t bytes, int kind) {
    for (size_t i = 0; i < n && kind < 4; i++) {
        if (kind < 2) x[i] = copysignf(2.0f, x[i]);
        else x[i] *= x[i] * x[i] * x[i] * x[i];
        if (kind % 2) x[i] = fabsf(x[i]);
    }
    for (size_t i = 0; i < bytes && kind < 4; i++) w[i] = kind % 2 || i % 7 < 4 ? 127 : -128;
}
static double run_gemm8(const tt_kernels *k, float **b, const shape *s) {
    int8_t *w = (int8_t *)(void *)b[2], *q = (int8_t *)(void *)b[7];
    const size_t numbers = (size_t)s->m * TT_ROW8(s->k), room = room8(s) * sizeof(float),
                 need = k->pack8_size(s->n, s->k);
    fill_gemm8(b[1], laid_out(0, s->m, s->k).len, w, len_n(s) * TT_ROW8(s->k), s->variant % 5);
    k->quantize8(q, b[8], (int32_t *)(void *)b[10], b[1], laid_out(0, s->m, s->k).row, s->m, s->k);
    for (size_t i = 0; i < numbers; i++) b[9][i] = q[i];
    check(need <= room, k->name, "pack8_size", "more than columns rounded up to 16, rows to 16");
    void *packed = (char *)(void *)b[5] + (room - need) / 64 * 64;
    k->pack8(packed, w, (ptrdiff_t)TT_ROW8(s->k), b[3], s->n, s->k);
    const size_t laid = k->left8_size(s->m, s->k);
    check(laid <= TT_GEMM_WORK * sizeof(float), k->name, "left8_size", "more than the room");
    k->left8(b[6], q, s->m, s->k);
    k->gemm8(b[0], laid_out(0, s->m, s->n).row, laid ? (void *)b[6] : q, b[8],
             (const int32_t *)(void *)b[10], packed, s->variant / 5 ? b[4] : NULL, s->variant / 5,
             s->m, s->n, s->k);
    memset(b[5], 0, room);
    memset(b[6], 0, TT_GEMM_WORK * sizeof(float));
    return 0.0;
}

static void plain_int8(const tt_kernels *c) {
    enum { M = 6, N = 5, K = 100 };
    float a[M * K], b[K * N], y[M * N], a_scale[M];
    int8_t q[M * 128], w[N * 128];
    int32_t a_sum[M];
    float w_scale[N], room[N * (K + 4)];
    fill(a, M * K, 0);
    fill(b, K * N, 0);
    for (int k = 0; k < K; k++)
        a[k] = (float)(k - 40) * 127.0f / 60.0f, a[K + k] = 0.0f, a[2 * K + k] = 1e-40f;
    for (int k = 0; k < 59; k++)
        a[k] = (float)k + 0.5f; /* ties go to the even; the greatest is 127 − 1/3 */
    a[59] = 127.0f;
    for (int k = 60; k < K; k++) a[k] = -(float)(k - 60) - 0.5f;
    a[3 * K + 7] = NAN;
    a[4 * K + 9] = -INFINITY;
    c->quantize8(q, a_scale, a_sum, a, K, M, K);
    c->quantize8(w, w_scale, NULL, b, K, N, K);
    for (int k = 0; k < 59; k++) near("quantize8", q[k], k + k % 2, 0.0);
    for (int k = 60; k < K; k++) near("quantize8", q[k], -(k - 60 + k % 2), 0.0);
    near("quantize8", q[59], 127.0, 0.0);
    near("quantize8", (double)a_scale[0], 1.0, 0.0);
    near("quantize8", (double)a_scale[1] + (double)a_scale[2], 0.0, 0.0);
    check(isnan(a_scale[3]) && isnan(a_scale[4]), "c", "quantize8",
          "a row that is not finite has a scale");
    for (int k = 0; k < K; k++)
        near("quantize8", (double)q[5 * 128 + k] * (double)a_scale[5], (double)a[5 * K + k],
             0.5001 * (double)a_scale[5]);
    for (int k = K; k < 128; k++) near("quantize8", q[5 * 128 + k], 0.0, 0.0);
    c->pack8(room, w, 128, w_scale, N, K);
    c->gemm8(y, N, q, a_scale, a_sum, room, b, TT_ACT_NONE, M, N, K);
    for (int i = 0; i < M * N; i++) {
        double sum = 0.0;
        for (int k = 0; k < K; k++) sum += q[i / N * 128 + k] * w[i % N * 128 + k];
        const double scaled = sum * (double)a_scale[i / N] * (double)w_scale[i % N];
        if (i / N != 3 && i / N != 4)
            near("gemm8", (double)y[i], scaled + (double)b[i % N], 2e-7 * fabs(scaled) + 3e-7);
        else check(isnan(y[i]), "c", "gemm8", "the row of a NaN is a number");
    }
}

static const kcase cases_int8[] = {
    {"gemm8", 20, PRODUCT, sizes_gemm8, run_gemm8, 0, 2},
};
FAMILY(int8);
PROGRAM(int8)
