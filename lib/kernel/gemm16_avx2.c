/* gemm16_avx2.c: products with weights in bfloat16, with AVX2 and FMA: the text is gemm16.inc, the
 * tiles are those of gemm_avx2.c.
 */
#include "kernel/lanes_avx2.h"

enum { TILE_ROWS = 6, TILE_VECS = 1, STEPS = 2 };
#define TILES                                                                                      \
    TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(1, 2) TILE(2, 2)        \
    TILE(3, 2)

/* k, in the lower halves, or k + 1 */
ALWAYS vec half_of(word w, int half) {
    return w_float(half ? w_and(w, w_set(0xffff0000u)) : w_shl(w, 16));
}
ALWAYS vec v_step(vec a, vec b, vec sum) { return v_fma(a, b, sum); }

#include "kernel/gemm16.inc"
#include "kernel/dot16.inc"

void tt_fill_gemm16_avx2(tt_kernels *k) {
    k->pack16_size = pack16_size;
    k->pack16 = pack16;
    k->gemm16 = multiply;
    k->dot16 = dot16;
}
