/* gemm16_avx512.c: products with weights in bfloat16, with AVX-512: the text is gemm16.inc, the
 * tiles are those of gemm_avx512.c.
 */
#include "kernel/lanes_avx512.h"

enum { TILE_ROWS = 12, TILE_VECS = 2, STEPS = 2 };
#define TILES                                                                                      \
    TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1)        \
    TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1) TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2)     \
    TILE(5, 2) TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)     \
    TILE(1, 3) TILE(2, 3) TILE(3, 3) TILE(4, 3) TILE(5, 3) TILE(6, 3) TILE(1, 4) TILE(2, 4)        \
    TILE(3, 4) TILE(4, 4) TILE(5, 4) TILE(6, 4)

/* k, in the lower halves, or k + 1 */
ALWAYS vec half_of(word w, int half) {
    return w_float(half ? w_and(w, w_set(0xffff0000u)) : w_shl(w, 16));
}
ALWAYS vec v_step(vec a, vec b, vec sum) { return v_fma(a, b, sum); }

#include "kernel/gemm16.inc"
#include "kernel/dot16.inc"

void tt_fill_gemm16_avx512(tt_kernels *k) {
    k->pack16_size = pack16_size;
    k->pack16 = pack16;
    k->gemm16 = multiply;
    k->dot16 = dot16;
}
