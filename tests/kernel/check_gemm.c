/* check_gemm.c: products of floats, and with packed weights. */
#include "check.h"

static void sizes_gemm(size_t *len, const shape *s) {
    const size_t want[] = {laid_out(0, s->m, s->n).len, laid_out(s->variant % 3, s->m, s->k).len,
                           laid_out(s->variant / 3 % 3, s->k, s->n).len, len_n(s), TT_GEMM_WORK};
    memcpy(len, want, sizeof want);
}
static double run_gemm(const tt_kernels *k, float **b, const shape *s) {
    const strides c = laid_out(0, s->m, s->n), a = laid_out(s->variant % 3, s->m, s->k);
    const strides bs = laid_out(s->variant / 3 % 3, s->k, s->n);
    const int start = s->variant / 9;
    k->gemm(b[0], c.row, b[1], a.row, a.col, b[2], bs.row, bs.col,
            start == 2 ? TT_GEMM_ADD : TT_GEMM_SET, start == 1 ? b[3] : NULL, s->m, s->n, s->k,
            b[4]);
    memset(b[4], 0, TT_GEMM_WORK * sizeof(float)); /* scratch may differ */
    return 0.0;
}

static double run_gemm_packed(const tt_kernels *k, float **b, const shape *s) {
    const strides bs = laid_out(s->variant % 3, s->k, s->n);
    const size_t room = ((size_t)s->n + 15) / 16 * 16 * (size_t)s->k,
                 need = k->pack_size(s->n, s->k);
    check(need <= room, k->name, "pack_size", "more than columns rounded up to 16");
    float *packed = b[4] + (room - need);
    k->pack(packed, b[2], bs.row, bs.col, s->n, s->k);
    float *column = malloc((size_t)s->k * sizeof *column + 1);
    check(column != NULL, k->name, "unpack", "no memory for a column");
    for (int j = 0; column && j < s->n; j++) {
        k->unpack(column, packed, j, s->n, s->k);
        int same = 1;
        for (int p = 0; p < s->k; p++)
            same = same && !memcmp(column + p, b[2] + p * bs.row + j * bs.col, sizeof *column);
        check(same, k->name, "unpack", "not the column that was packed");
    }
    free(column);
    k->gemm_packed(b[0], laid_out(0, s->m, s->n).row, b[1], laid_out(0, s->m, s->k).row, packed,
                   s->variant / 3 ? b[3] : NULL, s->variant / 3, s->m, s->n, s->k);
    memset(b[4], 0, room * sizeof(float)); /* each level packs in its own way */
    return 0.0;
}

static void plain_products(const tt_kernels *c) {
    enum { M = 7, N = 9, K = 120 };
    float a[M * K], b[K * N], y[M * N], packed[K * N];
    fill(a, M * K, 0);
    fill(b, K * N, 0);
    c->gemm(y, N, a, K, 1, b, N, 1, TT_GEMM_SET, NULL, M, N, K, NULL);
    for (int i = 0; i < M * N; i++) {
        double want = 0.0;
        for (int k = 0; k < K; k++) want += (double)a[i / N * K + k] * (double)b[k * N + i % N];
        near("gemm", (double)y[i], want, 1e-4);
    }
    c->pack(packed, b, N, 1, N, K);
    float z[M * N];
    c->gemm_packed(z, N, a, K, packed, NULL, TT_ACT_NONE, M, N, K);
    check(same_bits(y, z, M * N), "c", "gemm_packed", "differs from gemm");
}

static const kcase cases_products[] = {
    {"gemm", 27, PRODUCT, sizes_gemm, run_gemm, 0, 2},
    {"gemm_packed", 12, PRODUCT, sizes_gemm_packed, run_gemm_packed, 0, 2},
};
FAMILY(products);
PROGRAM(products)
