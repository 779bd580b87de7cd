/* check_attend.c: attention of one query row against cached keys, in floats and in 16 bits. */
#include "check.h"

/* m heads, n keys, width k, cached rows ld apart; b: out, probs, q, k, v, row numbers, biases of
   the heads n + 2 apart. variant: bit 0 listed rows, bit 1 biases */
static ptrdiff_t attend_ld(const shape *s) { return (ptrdiff_t)s->m * s->k + 3; }
static void sizes_attend(size_t *len, const shape *s) {
    const size_t all = (size_t)(attend_ld(s) * s->n);
    const size_t bias = (size_t)s->m * (size_t)(s->n + 2);
    const size_t want[] = {(size_t)s->m * (size_t)s->k,
                           len_mn(s),
                           (size_t)s->m * (size_t)s->k,
                           all,
                           all,
                           len_n(s),
                           bias};
    memcpy(len, want, sizeof want);
}
static double run_attend(const tt_kernels *k, float **b, const shape *s) {
    int32_t *rows = (int32_t *)(void *)b[5];
    for (int j = 0; j < s->n; j++) rows[j] = (int32_t)((j * 7LL + 3) % s->n);
    k->attend(b[0], b[1], b[2], b[3], b[4], attend_ld(s), s->variant & 1 ? rows : NULL, 0.3f,
              s->variant & 2 ? b[6] : NULL, s->n + 2, s->n, s->m, s->k);
    return 0.0;
}

/* the same; the keys and values of each row are rounded here */
static ptrdiff_t attend16_ld(const shape *s) {
    return (ptrdiff_t)s->m * (ptrdiff_t)TT_WORDS16(s->k) + 3;
}
static void sizes_attend16(size_t *len, const shape *s) {
    const size_t one = (size_t)s->m * (size_t)s->k, all = one * (size_t)s->n,
                 words = (size_t)(attend16_ld(s) * s->n);
    const size_t want[] = {
        one, len_mn(s), one, all, all, len_n(s), words, words, (size_t)s->m * (size_t)(s->n + 2)};
    memcpy(len, want, sizeof want);
}
static double run_attend16(const tt_kernels *k, float **b, const shape *s) {
    const ptrdiff_t ld = attend16_ld(s), one = (ptrdiff_t)s->m * s->k;
    int32_t *rows = (int32_t *)(void *)b[5];
    uint32_t *keys = (uint32_t *)(void *)b[6], *values = (uint32_t *)(void *)b[7];
    for (int j = 0; j < s->n; j++) {
        rows[j] = (int32_t)((j * 7LL + 3) % s->n);
        k->keep16(keys + j * ld, b[3] + j * one, s->m, s->k);
        k->keep16(values + j * ld, b[4] + j * one, s->m, s->k);
    }
    k->attend16(b[0], b[1], b[2], keys, values, ld, s->variant & 1 ? rows : NULL, 0.3f,
                s->variant & 2 ? b[8] : NULL, s->n + 2, s->n, s->m, s->k);
    return 0.0;
}

static void plain_attention(const tt_kernels *c) {
    enum { M = 7, K = 120 };
    float a[M * K], b[K], out[K], probs[M];
    fill(a, M * K, 0);
    fill(b, K, 0);
    c->attend(out, probs, b, a, a, K, NULL, 0.125f, NULL, 0, M, 1, K);
    double weight[M], sum = 0.0;
    for (int j = 0; j < M; j++) {
        double dot = 0.0;
        for (int k = 0; k < K; k++) dot += (double)b[k] * (double)a[j * K + k];
        sum += weight[j] = exp(0.125 * dot);
    }
    for (int k = 0; k < K; k++) {
        double want = 0.0;
        for (int j = 0; j < M; j++) want += weight[j] / sum * (double)a[j * K + k];
        near("attend", (double)out[k], want, 1e-5);
    }
    enum { WORDS = TT_WORDS16(K) };
    uint32_t kept[M * WORDS];
    float rounded[M * K], halved[K];
    c->round16(rounded, a, M * K);
    for (int j = 0; j < M; j++) c->keep16(kept + j * WORDS, a + j * K, 1, K);
    c->attend(out, probs, b, rounded, rounded, K, NULL, 0.125f, NULL, 0, M, 1, K);
    c->attend16(halved, probs, b, kept, kept, WORDS, NULL, 0.125f, NULL, 0, M, 1, K);
    check(same_bits(out, halved, K), "c", "attend16", "differs from attend on rounded numbers");
}

static const kcase cases_attention[] = {
    {"attend", 4, HEADS, sizes_attend, run_attend, 0, 4},
    {"attend16", 4, HEADS, sizes_attend16, run_attend16, 0, 4},
};
FAMILY(attention);
PROGRAM(attention)
