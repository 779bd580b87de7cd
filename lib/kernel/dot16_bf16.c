/* dot16_bf16.c: products of bfloat16 with bfloat16, with AVX-512 BF16: the text is gemm16.inc, and
 * what gemm16_avx512.c packs is read here. VDPBF16PS takes a pair of k: its steps and roundings are
 * those of gemm16_c.c, as the manual gives their order and processors (Zen 5) were found to fuse
 * them.
 */
#include "kernel/lanes_avx512.h"

enum { TILE_ROWS = 12, TILE_VECS = 2, STEPS = 1 };
#define TILES                                                                                      \
    TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1)        \
    TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1) TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2)     \
    TILE(5, 2) TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)     \
    TILE(1, 3) TILE(2, 3) TILE(3, 3) TILE(4, 3) TILE(5, 3) TILE(6, 3) TILE(1, 4) TILE(2, 4)        \
    TILE(3, 4) TILE(4, 4) TILE(5, 4) TILE(6, 4)

ALWAYS vec half_of(word w, int half) { return (void)half, w_float(w); }
ALWAYS vec v_step(vec a, vec b, vec sum) {
    sum = _mm512_dpbf16_ps(sum, (__m512bh)v_bits(a), (__m512bh)v_bits(b));
    KEEP_IN_PLACE(sum);
    return sum;
}

#include "kernel/gemm16.inc"

enum { ROWS_AT_ONCE = TILE_ROWS * 5 };

/* Rows of A as words, a pair of k each. */
static void round_rows(float *to, const float *a, ptrdiff_t lda, int m, int k) {
    const __m512i even =
        _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    for (int i = 0; i < m; i++, a += lda, to += pairs(k)) {
        for (int p = 0; p < k; p += 32) {
            const size_t left = (size_t)(k - p), words = left < 32 ? (left + 1) / 2 : 16;
            const vec x = get(a + p, left < 16 ? left : 16);
            const vec y = left <= 16 ? v_set(0.0f) : get(a + p + 16, left < 32 ? left - 16 : 16);
            const word low = v_round16(_mm512_permutex2var_ps(x, even, y));
            const word high = v_round16(_mm512_permutex2var_ps(x, w_add(even, w_set(1)), y));
            put(to + p / 2, w_float(w_or(w_shr(low, 16), w_and(high, w_set(0xffff0000u)))), words);
        }
    }
}

static void dot16(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t lda, const void *packed,
                  const float *bias, int act, int m, int n, int k, float *work) {
    const ptrdiff_t row = pairs(k), fit = TT_GEMM_WORK / (row + 1);
    const int high = fit < ROWS_AT_ONCE ? (int)fit : ROWS_AT_ONCE;
    for (int i = 0; i < m; i += high) {
        const int rows = least(high, m - i);
        round_rows(work, a + i * lda, lda, rows, k);
        multiply(c + i * ldc, ldc, work, row, packed, bias, act, rows, n, k);
    }
}

void tt_fill_dot16_bf16(tt_kernels *k) {
    k->pack16_size = pack16_size;
    k->pack16 = pack16;
    k->dot16 = dot16;
}
