/* check_gemms.c: training's products with both sides in 16 bits. */
#ifndef TT_SIMDE
#define CHECK_LEVELS                                                                               \
    {"avx2", TT_CPU_AVX2, "gemm", {tt_fill_gemmi16_avx2, tt_fill_brief_avx2}},                     \
        {"avxvnni", TT_CPU_AVXVNNI, "gemm_int16", {tt_fill_gemmi16_avxvnni}},                      \
        {"avx512", TT_CPU_AVX512, "gemm", {tt_fill_gemmi16_avx512, tt_fill_brief_avx512}},         \
        {"vnni", TT_CPU_AVX512VNNI, "gemm_int16", {tt_fill_gemmi16_vnni}},                         \
        {"bf16x2", TT_CPU_AVX512BF16, "gemm_bf16", {tt_fill_gemmpair_bf16}},
#endif
#include "check.h"

static void sizes_short(size_t *len, const shape *s) {
    const size_t want[] = {laid_out(0, s->m, s->n).len, laid_out(s->variant % 3, s->m, s->k).len,
                           laid_out(s->variant / 3 % 3, s->k, s->n).len, len_n(s), TT_GEMM_WORK};
    memcpy(len, want, sizeof want);
}

#define SHORT_CASE(name)                                                                           \
    static double run_##name(const tt_kernels *k, float **b, const shape *s) {                     \
        const strides c = laid_out(0, s->m, s->n), a = laid_out(s->variant % 3, s->m, s->k);       \
        const strides bs = laid_out(s->variant / 3 % 3, s->k, s->n);                               \
        const int start = s->variant / 9;                                                          \
        k->name(b[0], c.row, b[1], a.row, a.col, b[2], bs.row, bs.col,                             \
                start == 2 ? TT_GEMM_ADD : TT_GEMM_SET, start == 1 ? b[3] : NULL, s->m, s->n,      \
                s->k, b[4]);                                                                       \
        memset(b[4], 0, TT_GEMM_WORK * sizeof(float));                                             \
        return 0.0;                                                                                \
    }
SHORT_CASE(gemm_bf16)
SHORT_CASE(gemm_int16)

/* The largest relative error that rounding both sides can make: 2^-8 of each product's size in
   bfloat16; half a step, max / 4094, a number in 12 bits. */
static void plain_gemms(const tt_kernels *c) {
    enum { M = 7, N = 9, K = 700 };
    static float a[M * K], b[K * N], y[M * N], z[M * N];
    fill(a, M * K, 0);
    fill(b, K * N, 0);
    c->gemm_bf16(y, N, a, K, 1, b, N, 1, TT_GEMM_SET, NULL, M, N, K, NULL);
    c->gemm_int16(z, N, a, K, 1, b, N, 1, TT_GEMM_SET, NULL, M, N, K, NULL);
    for (int i = 0; i < M * N; i++) {
        double want = 0.0, size = 0.0, steps = 0.0;
        for (int k = 0; k < K; k++) {
            const double p = (double)a[i / N * K + k], q = (double)b[k * N + i % N];
            want += p * q;
            size += fabs(p * q);
            steps += (fabs(p) + fabs(q) + 0.001) * 3.0 / 4094.0;
        }
        near("gemm_bf16", (double)y[i], want, size * 0x1p-7);
        near("gemm_int16", (double)z[i], want, steps + 1e-4);
        check(fabs((double)z[i] - want) > 0 || fabs((double)y[i] - want) > 0, "c", "gemm_int16",
              "rounds nothing");
    }
    const float two[2] = {0x1.01p0f, 0x1.03p0f}, one[2] = {1.0f, 1.0f}; /* ties, to even */
    c->gemm_bf16(y, 1, two, 2, 1, one, 1, 1, TT_GEMM_SET, NULL, 1, 1, 2, NULL);
    check(y[0] == 0x1.0p0f + 0x1.04p0f, "c", "gemm_bf16", "not the nearest bfloat16");
    const float steps[2] = {2047.0f, -3.4f};
    c->gemm_int16(y, 1, steps, 2, 1, one, 1, 1, TT_GEMM_SET, NULL, 1, 1, 2, NULL);
    near("gemm_int16", (double)y[0], 2044.0, 1e-3); /* 2047 - 3 */
}

static const kcase cases_gemms[] = {
    {"gemm_bf16", 27, PRODUCT, sizes_short, run_gemm_bf16, 0, 2},
    {"gemm_int16", 27, PRODUCT, sizes_short, run_gemm_int16, 0, 2},
};
FAMILY(gemms);
PROGRAM(gemms)
