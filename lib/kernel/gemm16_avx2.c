/* gemm16_avx2.c: products with weights in bfloat16, with AVX2 and FMA: the text is gemm16.inc, the tiles
 * are those of gemm_avx2.c.
 */
#include "kernel/lanes_avx2.h"

#define LAY(file) tt_lay_##file##_avx2
enum { TILE_ROWS = 6, TILE_VECS = 1 };
#define TILES                                                                                      \
    TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(1, 2) TILE(2, 2)        \
    TILE(3, 2)

#include "kernel/gemm16.inc"
