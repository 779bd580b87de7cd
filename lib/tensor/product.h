/* product.h: y = act(x wᵀ + b) with the weights packed beforehand, in slices of columns of y.
 *
 * A slice is packed by itself and is a product of its own: TT_SLICE rows of w, the last one fewer.
 * So threads can share a product out (team.h), and since a column's bits do not depend on its
 * neighbours (kernel.h), who computes which slice changes nothing.
 */
#ifndef TT_TENSOR_PRODUCT_H
#define TT_TENSOR_PRODUCT_H

#include "tensor/tensor.h"

enum {
    TT_SLICE = 128
}; /* columns: some microseconds of work for one row, and whole panels of every kernel */

/* Bytes that w (rows, cols) takes in one of the forms TT_PACKED_…; and packing it to there, 64-byte
   aligned. data: floats, or for TT_PACKED_I8 bytes, with scales (rows); dense. */
size_t tt_packed_size(const tt_kernels *k, int as, int rows, int cols);
void tt_packed_fill(const tt_kernels *k, void *to, int as, const void *data, const float *scales,
                    int rows, int cols);

/* Row r (cols) of a table that is looked up, in whatever form it is there: its place, or `room`,
 * where it then stands. */
const float *tt_product_lookup(const tt_kernels *k, const tt_tensor *table, int r, float *room);

/* Inputs m rows: x (m, cols of w), or, for TT_PACKED_I8, q as left8 lays it out, scale and sum as
   quantize8 gives them. All borrowed. */
typedef struct tt_product {
    const tt_kernels *k;
    const tt_tensor *w; /* packed */
    const float *bias;  /* (rows of w) or NULL */
    int act, m;
    const float *x;
    const void *q;
    const float *scale;
    const int32_t *sum;
} tt_product;

int tt_product_slices(const tt_product *p);

/* Slice s to c, whose rows are ldc apart. work: TT_GEMM_WORK floats. */
void tt_product_slice(const tt_product *p, int s, float *c, ptrdiff_t ldc, float *work);

/* What becomes of slices, each handed over once, in any order, on the caller's thread. Those that
   the caller computes itself stand at c + s * step with rows ldc apart, others anywhere: rows of
   `cols` numbers, ldc apart, for this call alone. */
typedef struct tt_sink {
    float *c;
    ptrdiff_t ldc, step;
    void (*take)(struct tt_sink *sink, int s, int cols, const float *c, ptrdiff_t ldc);
} tt_sink;

/* Bytes of a row of x, or of q as it is laid out. */
size_t tt_product_row(const tt_product *p);

/* The columns of slice s. */
int tt_product_columns(const tt_product *p, int s);

/* z (m, rows of w) = act(x (m, cols of w) wᵀ + bias), with the run's team if it has one. -1 when
 * memory is out. */
int tt_product_run(tt_run *run, float *z, const float *x, int m, const tt_tensor *w,
                   const float *bias, int act);

/* Of each row of x wᵀ + bias the greatest number and where it is, the lowest place of equal ones;
   the places in `barred` (count) and NaN are passed over; place 0 and -infinity when that leaves
   none. The product is never written down whole. -1 when memory is out. */
typedef struct tt_greatest {
    int32_t place;
    float number;
} tt_greatest;
int tt_product_greatest(tt_run *run, tt_greatest *of, const float *x, int m, const tt_tensor *w,
                        const float *bias, const int32_t *barred, int count);

#endif
