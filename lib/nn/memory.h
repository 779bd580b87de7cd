/* memory.h: what decoding keeps, for the sublayers of a decoder. A sublayer has a slot; what it
 * keeps is one of three:
 *
 *   TT_KEEP_CELLS  a key and a value for each step and row: self-attention reads those of its row's
 *                  history
 *   TT_KEEP_STATE  numbers of a row that each step replaces: recurrences
 *   TT_KEEP_ONCE   a key and a value for each token of the text, made when decoding begins:
 *                  cross-attention
 *
 *     tt_memory *m = tt_memory_open(&run, keeps, slots, &src, room);
 *     for (each slot of TT_KEEP_ONCE) tt_memory_set_once(m, slot, keys, values);
 *     for (each step) {
 *         if (tt_memory_reserve(&run, m, rows)) …
 *         const int32_t *position = tt_memory_step(&run, m, rows, parent, sentence);
 *         tt_reads r = tt_memory_put(m, slot, keys, values);  // or tt_memory_once, tt_memory_state
 *     }
 *
 * A row of a step is one hypothesis. A sentence has as many places as it may have rows, and row i
 * of the sentence writes to place i. Every place owns `near` cells one behind the other, as many as
 * translations usually need; a longer one takes further cells one at a time from behind them. As
 * long as a hypothesis stays in its place and is not longer than that, its history is one run of
 * cells. Otherwise it is a list of cells, copied from step to step (4 bytes a cell), while the
 * cells stay. States take turns in two blocks: a step reads its parents' while it writes its own.
 */
#ifndef TT_NN_MEMORY_H
#define TT_NN_MEMORY_H

#include "tensor/op.h"

enum { TT_KEEP_NOTHING, TT_KEEP_CELLS, TT_KEEP_STATE, TT_KEEP_ONCE };

typedef struct tt_keeping {
    int kind;
    int key, value; /* floats of a key and a value of all heads; of a state: key */
    int heads;      /* 0: kept as floats; else as heads of 16 bits each (keep16 of kernel.h) */
} tt_keeping;

/* How much a sentence may need: rows of a step, and steps. */
typedef struct tt_capacity {
    int rows, steps;
} tt_capacity;

typedef struct tt_memory tt_memory;

/* Bytes that a sentence of n tokens with so many rows usually takes. keep (slots). */
size_t tt_memory_bytes(const tt_keeping *keep, int slots, int n, int rows);

/* In the run's arena; src and room (B) are borrowed as long. NULL once the run has failed. */
tt_memory *tt_memory_open(tt_run *run, const tt_keeping *keep, int slots, const tt_seqs *src,
                          const tt_capacity *room);

/* The keys and values of the text's tokens; those kept as floats are used in place. off (B+1): the
 * rows of each sentence, others than its tokens' where these are mixtures; borrowed. */
void tt_memory_set_once(tt_memory *m, int slot, tt_part keys, tt_part values, const int32_t *off);

/* Before each step: makes memory for what so many rows will leave behind, unless there is; that
   memory lives as long as `m`. 0, or a code once the run has failed. */
int tt_memory_reserve(tt_run *run, tt_memory *m, int rows);

/* Begins a step and returns the position (the step's number) of each row; NULL once the run has
   failed, and when rows or steps are used up (TT_EINTERNAL: the caller promised otherwise). */
const int32_t *tt_memory_step(tt_run *run, tt_memory *m, int rows, const int32_t *parent,
                              const int32_t *sentence);

/* What each row reads of a slot of cells, its own of this step included, which is not there yet. */
tt_reads tt_memory_history(const tt_memory *m, int slot);

/* Stores this step's keys and values, and says what each row reads: its history, this step
 * included. */
tt_reads tt_memory_put(tt_memory *m, int slot, tt_part keys, tt_part values);
tt_reads tt_memory_once(const tt_memory *m, int slot);

/* The state (B, width) of each sentence before the first step; without one it is 0. */
void tt_memory_start(tt_memory *m, int slot, const tt_tensor *state);

/* Where a recurrence of this step reads and writes: the state of row r from that of parent[r]
 * before. */
typedef struct tt_state_rows {
    const float *before; /* (rows of the step before, width); NULL in a first step from 0 */
    float *after;        /* (rows, width) */
    const int32_t *parent;
} tt_state_rows;
tt_state_rows tt_memory_state(const tt_memory *m, int slot);

/* Steps taken so far; the position of each row of this step. */
int tt_memory_steps(const tt_memory *m);
const int32_t *tt_memory_positions(const tt_memory *m);

#endif
