/* block.h: how many rows of logits a loss computes at a time. */
#ifndef TT_TENSOR_BLOCK_H
#define TT_TENSOR_BLOCK_H

/* Rows of a block, at most `rows`, for so many outputs a row: 8 MiB of logits, so that a block
   stays in the last-level cache between its three products, but 32 rows at least. */
static inline int tt_block_rows(int rows, int outputs) {
    enum { FLOATS = 1 << 21, LEAST = 32 };
    int block = FLOATS / outputs < LEAST ? LEAST : FLOATS / outputs;
    return block < rows ? block : rows;
}

#endif
