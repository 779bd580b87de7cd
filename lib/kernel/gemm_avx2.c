/* gemm_avx2.c: matrix products with AVX2 and FMA: the text is gemm.inc. A tile of 6 rows by one
 * vector of 16 (two registers) takes 12 of the 16 registers, two more for B, and the last for the
 * numbers of A. Low tiles take two vectors.
 */
#include "kernel/lanes_avx2.h"

#define FILL(file) tt_fill_##file##_avx2
enum { TILE_ROWS = 6, TILE_VECS = 1 };
#define TILES                                                                                      \
    TILE(1, 1)                                                                                     \
    TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(1, 2) TILE(2, 2) TILE(3, 2)

#include "kernel/gemm.inc"
#include "kernel/brief.inc"
