/* gemm_avx512.c: matrix products with AVX-512: the text is gemm.inc. A tile of 12 x 2 vectors takes
 * 24 of the 32 registers, two more for B, the rest for the numbers of A on their way; 24 chains
 * keep two multiply-add units of latency 4 busy, and 14 loads for 24 multiply-adds leave the load
 * ports idle enough. Low tiles take four vectors, so that even one row has four chains.
 */
#include "kernel/lanes_avx512.h"

#define FILL(file) tt_fill_##file##_avx512
enum { TILE_ROWS = 12, TILE_VECS = 2 };
#define TILES                                                                                      \
    TILE(1, 1)                                                                                     \
    TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1) TILE(9, 1)        \
        TILE(10, 1) TILE(11, 1) TILE(12, 1) TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) \
            TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)        \
                TILE(1, 4) TILE(2, 4) TILE(3, 4) TILE(4, 4) TILE(5, 4) TILE(6, 4)

#include "kernel/gemm.inc"
#include "kernel/brief.inc"
