/* check_gemm16.c: products with bfloat16 weights, and with both sides in bfloat16. */
#include "check.h"

static void sizes_gemm16(size_t *len, const shape *s) {
    sizes_gemm_packed(len, s);
    len[4] = ((size_t)s->n + 15) / 16 * 16 * (((size_t)s->k + 1) / 2);
}
static double run_gemm16(const tt_kernels *k, float **b, const shape *s) {
    const strides bs = laid_out(s->variant % 3, s->k, s->n);
    const size_t room = ((size_t)s->n + 15) / 16 * 16 * (((size_t)s->k + 1) / 2) * sizeof(float),
                 need = k->pack16_size(s->n, s->k);
    check(need <= room, k->name, "pack16_size", "more than columns rounded up to 16, k to 2");
    void *packed = (char *)(void *)b[4] + (room - need) / 64 * 64;
    k->pack16(packed, b[2], bs.row, bs.col, s->n, s->k);
    k->gemm16(b[0], laid_out(0, s->m, s->n).row, b[1], laid_out(0, s->m, s->k).row, packed,
              s->variant / 3 ? b[3] : NULL, s->variant / 3, s->m, s->n, s->k);
    memset(b[4], 0, room);
    return 0.0;
}

/* As gemm16, and work. */
static void sizes_dot16(size_t *len, const shape *s) {
    sizes_gemm16(len, s);
    len[5] = TT_GEMM_WORK;
}
static double run_dot16(const tt_kernels *k, float **b, const shape *s) {
    const strides bs = laid_out(s->variant % 3, s->k, s->n);
    const size_t room = ((size_t)s->n + 15) / 16 * 16 * (((size_t)s->k + 1) / 2) * sizeof(float),
                 need = k->pack16_size(s->n, s->k);
    void *packed = (char *)(void *)b[4] + (room - need) / 64 * 64;
    k->pack16(packed, b[2], bs.row, bs.col, s->n, s->k);
    k->dot16(b[0], laid_out(0, s->m, s->n).row, b[1], laid_out(0, s->m, s->k).row, packed,
             s->variant / 3 ? b[3] : NULL, s->variant / 3, s->m, s->n, s->k, b[5]);
    memset(b[4], 0, room);
    memset(b[5], 0, TT_GEMM_WORK * sizeof(float));
    return 0.0;
}

static void plain_bfloat16(const tt_kernels *c) {
    enum { M = 6, N = 5, K = 100 };
    _Alignas(64) static float work[TT_GEMM_WORK];
    float a[M * K], b[K * N], y[M * N], z[M * N], packed[K * N], short_b[K * N], room[N * (K + 4)];
    fill(a, M * K, 0);
    fill(b, K * N, 0);
    a[3 * K + 7] = NAN;
    a[4 * K + 9] = -INFINITY;
    const float wide[] = {1.0f,          0x1.01p0f, 0x1.03p0f, 0x1.010002p0f,
                          -0x1.fffp127f, INFINITY,  1e-40f};
    const float halved[] = {1.0f, 0x1.0p0f, 0x1.04p0f, 0x1.02p0f, -INFINITY, INFINITY, 0x1p-133f};
    for (int i = 0; i < 7; i++) {
        const float one = 1.0f, zero = -0.0f;
        c->pack16(room, wide + i, 1, 1, 1, 1);
        c->gemm16(y, 1, &one, 1, room, &zero, TT_ACT_NONE, 1, 1, 1);
        check(y[0] == halved[i], "c", "gemm16", "not the nearest bfloat16");
    }
    for (int i = 0; i < K * N; i++) short_b[i] = ldexpf(floorf(b[i] * 64.0f), -6); /* has 8 bits */
    c->pack(packed, short_b, N, 1, N, K);
    c->gemm_packed(y, N, a, K, packed, b, TT_ACT_GELU, M, N, K);
    c->pack16(room, short_b, N, 1, N, K);
    c->gemm16(z, N, a, K, room, b, TT_ACT_GELU, M, N, K);
    check(same_bits(y, z, M * N), "c", "gemm16", "differs from gemm_packed");
    for (int i = 0; i < M * K; i++) a[i] = ldexpf(floorf(uniform() * 64.0f), -6);
    c->gemm_packed(y, N, a, K, packed, NULL, TT_ACT_NONE, M, N, K); /* all sums are exact */
    c->dot16(z, N, a, K, room, NULL, TT_ACT_NONE, M, N, K, work);
    check(same_bits(y, z, M * N), "c", "dot16", "differs from gemm_packed");
}

static const kcase cases_bfloat16[] = {
    {"gemm16", 12, PRODUCT, sizes_gemm16, run_gemm16, 0, 2},
    {"dot16", 12, PRODUCT, sizes_dot16, run_dot16, 0, 2},
};
FAMILY(bfloat16);
PROGRAM(bfloat16)
