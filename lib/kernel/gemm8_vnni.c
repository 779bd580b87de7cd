/* gemm8_vnni.c: 8-bit products with AVX-512 VNNI: the text is gemm8.inc, the loop over k dot8.inc.
 * 12 x 2 vectors of sums take 24 of the 32 registers; a step is one VPDPBUSD for 64 products.
 */
#include "kernel/lanes_avx512.h"

#define FILL(file) tt_fill_##file##_vnni
enum { TILE_ROWS = 12, TILE_VECS = 2, PARTS = 1, OFFSET = 128 };
#define TILES                                                                                      \
    TILE(1, 1, 4) TILE(2, 1, 4) TILE(3, 1, 2) TILE(4, 1, 2) TILE(5, 1, 2) TILE(6, 1, 1)            \
    TILE(7, 1, 1) TILE(8, 1, 1) TILE(9, 1, 1) TILE(10, 1, 1) TILE(11, 1, 1) TILE(12, 1, 1)         \
    TILE(1, 2, 4) TILE(2, 2, 4) TILE(3, 2, 2) TILE(4, 2, 2) TILE(5, 2, 2) TILE(6, 2, 1)            \
    TILE(7, 2, 1) TILE(8, 2, 1) TILE(9, 2, 1) TILE(10, 2, 1) TILE(11, 2, 1) TILE(12, 2, 1)

ALWAYS word w_part(word w, int part) { return (void)part, w; }
ALWAYS word w_dot(word sum, word w, word a) {
    sum = _mm512_dpbusd_epi32(sum, w, a);
    KEEP_IN_PLACE(sum);
    return sum;
}

#include "kernel/dot8.inc"
#include "kernel/gemm8.inc"
