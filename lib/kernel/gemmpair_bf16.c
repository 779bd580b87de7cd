/* gemmpair_bf16.c: training's products of bfloat16 with AVX-512 BF16: the text is pair.inc.
 * VDPBF16PS adds the product of the upper halves first, as gemm16_c.c says, and flushes what is
 * subnormal. A lone last k has -0 beside it in A and +0 in B: their product, -0, changes no sum.
 */
#include "kernel/lanes_avx512.h"

#include "kernel/level.h"
#include "kernel/math.inc"

#define NOTHING 0x8000u
enum { TILE_ROWS = 12, TILE_VECS = 2 };
#define TILES                                                                                      \
    TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1)        \
    TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1) TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2)     \
    TILE(5, 2) TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)

static void find_sides(float *sides, float *scales, const float *x, ptrdiff_t step, ptrdiff_t along,
                       int count, int k) {
    (void)sides, (void)scales, (void)x, (void)step, (void)along, (void)count, (void)k;
}

ALWAYS word shortened(vec x, vec side) { return (void)side, v_round16(x); }
ALWAYS vec start_of(vec start) { return start; }
ALWAYS vec v_pairs(vec sum, vec a, vec b) {
    sum = _mm512_dpbf16_ps(sum, (__m512bh)v_bits(a), (__m512bh)v_bits(b));
    KEEP_IN_PLACE(sum);
    return sum;
}
ALWAYS vec end_of(vec sum, vec start, const float *scale_a, const float *scales_b) {
    return (void)start, (void)scale_a, (void)scales_b, sum;
}

#include "kernel/pair.inc"

void tt_fill_gemmpair_bf16(tt_kernels *k) { k->gemm_bf16 = multiply; }
