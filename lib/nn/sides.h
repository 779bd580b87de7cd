/* sides.h: what the two sides of a model may be: the families encoder and decoder. A row without a
 * cell is the Transformer. */
#ifndef TT_NN_SIDES_H
#define TT_NN_SIDES_H

#include "tensor/cell.h"

/* Settings of a recurrent side: the cell's own first. */
enum {
    TT_SIDE_CELL,
    TT_SIDE_RESIDUAL,
    TT_SIDE_ATTENTION,
    TT_SIDE_READOUT,
    TT_SIDE_CONTEXT,
    TT_SIDE_FEEDING
};
enum {
    TT_RESIDUAL_AUTO,
    TT_RESIDUAL_NO,
    TT_RESIDUAL_YES
}; /* x + f(x) from the second layer on; auto: of three or more */
enum { TT_RNN_BAHDANAU, TT_RNN_LUONG, TT_RNN_NONE };                  /* where a decoder attends */
enum { TT_READOUT_TANH, TT_READOUT_MAXOUT, TT_READOUT_NONE };
enum { TT_CONTEXT_EVERY_STEP, TT_CONTEXT_INITIAL };
enum { TT_FEEDING_YES, TT_FEEDING_NO };

typedef struct tt_side {
    tt_row row;
    const tt_cell *cell; /* NULL: Transformer */
    bool both;           /* reads both ways */
} tt_side;

extern const tt_family tt_family_encoder, tt_family_decoder;

#endif
