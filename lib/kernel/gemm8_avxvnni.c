/* gemm8_avxvnni.c: 8-bit products with AVX-VNNI: the text is gemm8.inc, the loop over k dot8.inc. A
 * vector is two registers: 6 x 1 vectors of sums take 12 of 16, two more for W, one for A.
 */
#include "kernel/lanes_avx2.h"

#define FILL(file) tt_fill_##file##_avxvnni
enum { TILE_ROWS = 6, TILE_VECS = 1, PARTS = 1, OFFSET = 128 };
#define TILES TILE(1, 1, 4) TILE(2, 1, 2) TILE(3, 1, 2) TILE(4, 1, 1) TILE(5, 1, 1) TILE(6, 1, 1)

ALWAYS word w_part(word w, int part) { return (void)part, w; }
ALWAYS word w_dot(word sum, word w, word a) {
    sum.lo = _mm256_dpbusd_avx_epi32(sum.lo, w.lo, a.lo);
    KEEP_IN_PLACE(sum.lo);
    sum.hi = _mm256_dpbusd_avx_epi32(sum.hi, w.hi, a.hi);
    KEEP_IN_PLACE(sum.hi);
    return sum;
}

#include "kernel/dot8.inc"
#include "kernel/gemm8.inc"
