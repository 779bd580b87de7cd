/* gemmi16_avx2.c: training's products of 12-bit numbers with AVX2: the text is gemmi16.inc. */
#include "kernel/lanes_avx2.h"

#define FILL(file) tt_fill_##file##_avx2
enum { TILE_ROWS = 6, TILE_VECS = 1 };
#define TILES TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1)

ALWAYS word w_pairs(word sum, word a, word b) {
    return w_add(sum, EACH_2_(word, _mm256_madd_epi16, a, b));
}

#include "kernel/gemmi16.inc"
