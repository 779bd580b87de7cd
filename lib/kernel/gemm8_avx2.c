/* gemm8_avx2.c: 8-bit products with AVX2: the text is gemm8.inc. VPMADDWD multiplies 16-bit numbers and
 * adds pairs in 32 bits, where VPMADDUBSW would saturate. A vector is two registers: 6 x 1 vectors of
 * sums take 12 of 16, two more for W, one for A and one for products.
 */
#include "kernel/lanes_avx2.h"

#define LAY(file) tt_lay_##file##_avx2
enum { TILE_ROWS = 6, TILE_VECS = 1, PARTS = 2, OFFSET = 0 };
#define TILES TILE(1, 1, 4) TILE(2, 1, 2) TILE(3, 1, 2) TILE(4, 1, 1) TILE(5, 1, 1) TILE(6, 1, 1)

/* Bytes 0 and 2 of each group as 16-bit numbers, or bytes 1 and 3. */
ALWAYS __m256i part_(__m256i w, int part) {
    return _mm256_srai_epi16(part ? w : _mm256_slli_epi16(w, 8), 8);
}
ALWAYS word w_part(word w, int part) { return (word){part_(w.lo, part), part_(w.hi, part)}; }
ALWAYS word w_dot(word sum, word w, word a) {
    sum.lo = _mm256_add_epi32(sum.lo, _mm256_madd_epi16(w.lo, a.lo));
    KEEP_IN_PLACE(sum.lo);
    sum.hi = _mm256_add_epi32(sum.hi, _mm256_madd_epi16(w.hi, a.hi));
    KEEP_IN_PLACE(sum.hi);
    return sum;
}

#include "kernel/gemm8.inc"
