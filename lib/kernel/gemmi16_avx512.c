/* gemmi16_avx512.c: training's products of 12-bit numbers with AVX-512: the text is gemmi16.inc. */
#include "kernel/lanes_avx512.h"

#define FILL(file) tt_fill_##file##_avx512
enum { TILE_ROWS = 12, TILE_VECS = 2 };
#define TILES                                                                                      \
    TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1)        \
    TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1) TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2)     \
    TILE(5, 2) TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)

ALWAYS word w_pairs(word sum, word a, word b) { return w_add(sum, _mm512_madd_epi16(a, b)); }

#include "kernel/gemmi16.inc"
