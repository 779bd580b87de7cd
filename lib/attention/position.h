/* position.h: how tokens know their place, one row a way; the family positions. A row does one of
 * three:
 *   - its vectors are added to embeddings: computed (fill), or learned
 *   - queries and keys of self-attention are turned by angles that grow with their places (rotary)
 *   - a bias b_h(j - i) of the distance is added to each score of self-attention (alibi, relative)
 * so q·k sees the distance alone in the last two.
 */
#ifndef TT_ATTENTION_POSITION_H
#define TT_ATTENTION_POSITION_H

#include "attention/attend.h"

/* id, and the row tt_position_… */
#define TT_POSITION_ROWS(X)                                                                        \
    X(MARIAN, marian)                                                                              \
    X(VASWANI, vaswani)                                                                            \
    X(LEARNED, learned)                                                                            \
    X(NONE, none)                                                                                  \
    X(INTERLEAVED, interleaved) X(ROTARY, rotary) X(ALIBI, alibi) X(RELATIVE, relative)

#define TT_POSITION_ID_(id, row) TT_POSITIONS_##id,
enum { TT_POSITION_ROWS(TT_POSITION_ID_) TT_POSITIONS_COUNT };
#undef TT_POSITION_ID_

typedef struct tt_position {
    tt_row row;
    bool learned;                            /* a table of vectors to add, a parameter */
    void (*fill)(float *p, int rows, int d); /* or it is computed: (rows, d); NULL: none */
    bool turns;                              /* queries and keys are turned (tt_op_turn) */
    void (*params)(const tt_attend *a, tt_tensor *t, tt_declare *d);
    bool numbered; /* biases depend on a head's number */
    /* Biases (H, 2 longest - 1): of distance j - i in column longest - 1 + j - i. NULL: none. t:
     * what params declared. */
    tt_tensor *(*bias)(tt_run *run, const tt_attend *a, tt_tensor *t, int longest);
} tt_position;

#define ROW(id, name) extern const tt_position tt_position_##name;
TT_POSITION_ROWS(ROW)
#undef ROW

extern const tt_family tt_family_positions; /* of tt_position, in the order of TT_POSITIONS_… */

/* The row that is i-th in the family. */
const tt_position *tt_position_at(int i);

/* Turns the columns of x's part, heads of `width` one beside the other, in place (Su et al. 2021):
     (x_2i, x_2i+1) of row n becomes its rotation by place[n] 10000^(-2i / width)
   x: a tensor that no other op has read. width: even. place (N): lives until the run is reset. */
void tt_op_turn(tt_run *run, tt_part x, int heads, int width, const int32_t *place);

#endif
