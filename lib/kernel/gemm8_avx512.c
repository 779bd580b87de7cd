/* gemm8_avx512.c: 8-bit products with AVX-512 BW alone: the text is gemm8.inc, the loop over k
 * dot8.inc. VPMADDWD multiplies 16-bit numbers and adds pairs in 32 bits, where VPMADDUBSW would
 * saturate.
 */
#include "kernel/lanes_avx512.h"

#define FILL(file) tt_fill_##file##_avx512
enum { TILE_ROWS = 12, TILE_VECS = 2, PARTS = 2, OFFSET = 0 };
#define TILES                                                                                      \
    TILE(1, 1, 4) TILE(2, 1, 4) TILE(3, 1, 2) TILE(4, 1, 2) TILE(5, 1, 2) TILE(6, 1, 1)            \
    TILE(7, 1, 1) TILE(8, 1, 1) TILE(9, 1, 1) TILE(10, 1, 1) TILE(11, 1, 1) TILE(12, 1, 1)         \
    TILE(1, 2, 4) TILE(2, 2, 4) TILE(3, 2, 2) TILE(4, 2, 2) TILE(5, 2, 2) TILE(6, 2, 1)            \
    TILE(7, 2, 1) TILE(8, 2, 1) TILE(9, 2, 1) TILE(10, 2, 1) TILE(11, 2, 1) TILE(12, 2, 1)

/* Bytes 0 and 2 of each group as 16-bit numbers, or bytes 1 and 3. */
ALWAYS word w_part(word w, int part) {
    return _mm512_srai_epi16(part ? w : _mm512_slli_epi16(w, 8), 8);
}
ALWAYS word w_dot(word sum, word w, word a) {
    sum = w_add(sum, _mm512_madd_epi16(w, a));
    KEEP_IN_PLACE(sum);
    return sum;
}

#include "kernel/dot8.inc"
#include "kernel/gemm8.inc"
