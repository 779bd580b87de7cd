/* gemmi16_avxvnni.c: training's products of 12-bit numbers with AVX-VNNI: the text is
   gemmi16.inc. */
#include "kernel/lanes_avx2.h"

#define FILL(file) tt_fill_##file##_avxvnni
enum { TILE_ROWS = 6, TILE_VECS = 1 };
#define TILES TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1)

ALWAYS word w_pairs(word sum, word a, word b) {
    sum.lo = _mm256_dpwssd_avx_epi32(sum.lo, a.lo, b.lo);
    sum.hi = _mm256_dpwssd_avx_epi32(sum.hi, a.hi, b.hi);
    KEEP_IN_PLACE(sum.lo);
    KEEP_IN_PLACE(sum.hi);
    return sum;
}

#include "kernel/gemmi16.inc"
