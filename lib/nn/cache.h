/* cache.h: what decoding keeps of past steps and of the encoder states; for transformer.c alone.
 *
 * Where the model's weights have fewer bits than a float, keys and values have 16 (keep16 of kernel.h): attention mostly
 * waits for memory.
 *
 * Self-attention: cell c of a layer is a key and a value of D numbers each. A sentence has as many places as it may
 * have rows, each with a cell a step; row i of the sentence writes to place i. While a row stays in its place, and no
 * longer than translations usually are, its history is one run of cells. From then on it is a list of cells, copied from
 * step to step (4 bytes a cell), while the cells stay.
 * Recurrences in its place: one state (rows, D) a layer; two blocks take turns, so that a step reads its
 * parents' states while it writes its own.
 * Cross-attention: (N_src, 2D) numbers a layer, read by all rows of a sentence.
 */
#ifndef TT_NN_CACHE_H
#define TT_NN_CACHE_H

#include "nn/transformer.h"

/* Bytes that a sentence of n tokens with so many rows usually takes. brief: keys and values have 16 bits. */
size_t tt_cache_bytes(const tt_hyper *h, bool brief, int n, int rows);

/* In the run's arena; room (B) is borrowed as long. brief: keys and values have 16 bits. NULL once the run has failed. */
tt_cache *tt_cache_make(tt_run *run, const tt_hyper *h, const tt_seqs *src, const tt_room *room, bool brief);

/* The keys and values (N_src, 2D) of a layer's cross-attention: used in place, or, if brief, copied. */
void tt_cache_set_cross(tt_cache *c, int layer, const tt_tensor *kv);

/* The output layer in place of the model's; NULL, as at first: the model's. */
typedef struct tt_out_layer {
    tt_tensor w, b; /* (n, D), (1, n) */
} tt_out_layer;
void tt_cache_set_output(tt_cache *c, tt_out_layer *out);
tt_out_layer *tt_cache_output(const tt_cache *c);

/* Begins a step and returns the position (the step's number) of each row; NULL once the run has failed, and when
   rows or steps are used up (TT_EINTERNAL: the caller promised otherwise). */
const int32_t *tt_cache_step(tt_run *run, tt_cache *c, int rows, const int32_t *parent, const int32_t *sentence);

/* Stores this step's keys and values, out of qkv (rows, 3D), and says what each row reads. */
tt_reads tt_cache_self(tt_cache *c, int layer, const tt_tensor *qkv);
tt_reads tt_cache_cross(tt_cache *c, int layer);

/* Where a recurrence of this step reads and writes: the state of row r from that of parent[r] before. */
typedef struct tt_state_rows {
    const float *before; /* (rows of the step before, D); NULL in the first step */
    float *after;        /* (rows, D) */
    const int32_t *parent;
} tt_state_rows;
tt_state_rows tt_cache_state(tt_cache *c, int layer);

#endif
