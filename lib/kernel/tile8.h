/* tile8.h: what a tile of 8-bit products is, for the two who share its work: gemm8.inc, which cuts the product
 * into tiles and writes the results, and a level's loop over k, sums(), which may lay out rows of A for
 * itself. That is dot8.inc, or a text of the level's own.
 *
 * Before gemm8.inc a level defines, next to what is said there:
 *
 *     enum { AS_THEY_ARE = … }              rows of A are read as quantize8 leaves them, not laid out
 *     size_t laid_row(size_t row)           bytes of a row of A, laid out, from `row` of quantize8
 *     void lay_tile(dst, q, rows, row)      a tile's rows to rows * laid_row(row) bytes
 *     void sums(sum, rows, vecs, ways, t)   the integers of a tile; its first three sizes are constants
 */
#ifndef TT_KERNEL_TILE8_H
#define TT_KERNEL_TILE8_H

#include <string.h>

#include "kernel/intrin.h"

enum {
    GROUP = 4,    /* bytes of k in a step; of W a step is those of 16 columns, 64 bytes, one column
                     after the other */
    MOST_WAYS = 4 /* steps that K is rounded up to; chains a column at most */
};

/* One tile. Its rows of A are laid_row(row) bytes each; steps of W `b_row` apart, their vectors 64.
 */
typedef struct tile_job {
    float *c;
    const int8_t *a, *b;
    const int32_t *a_sum;
    const float *a_scale, *w_scale, *bias;
    ptrdiff_t ldc, b_row;
    int relu; /* of the results, while they are at hand; what else is wanted of them is done later
               */
    size_t row, groups;
    size_t last; /* columns in the last vector, 1 to 16 */
} tile_job;

#endif
