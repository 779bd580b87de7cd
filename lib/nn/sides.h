/* sides.h: what the two sides of a model may be: the families encoder and decoder. A row without a
 * cell is the Transformer. */
#ifndef TT_NN_SIDES_H
#define TT_NN_SIDES_H

#include "base/err.h"
#include "tensor/cell.h"

/* Settings of a recurrent side: the cell's own first. */
enum {
    TT_SIDE_CELL,
    TT_SIDE_RESIDUAL,
    TT_SIDE_ATTENTION,
    TT_SIDE_READOUT,
    TT_SIDE_CONTEXT,
    TT_SIDE_FEEDING,
    TT_SIDE_RECURRENCE
};
enum { TT_SIDE_READING = TT_SIDE_RESIDUAL + 1 }; /* of an encoder */
enum {
    TT_RESIDUAL_AUTO,
    TT_RESIDUAL_NO,
    TT_RESIDUAL_YES
}; /* x + f(x) from the second layer on; auto: of three or more */
enum { TT_RNN_BAHDANAU, TT_RNN_LUONG, TT_RNN_NONE }; /* where a decoder attends */
enum { TT_READOUT_TANH, TT_READOUT_MAXOUT, TT_READOUT_NONE };
enum { TT_CONTEXT_EVERY_STEP, TT_CONTEXT_INITIAL };
enum { TT_FEEDING_YES, TT_FEEDING_NO };
enum {
    TT_RECURRENCE_HIDDEN,
    TT_RECURRENCE_OUTPUT
};                                                /* what a step hands on: its state, or the
                                                        token alone (Jordan 1986) */
enum { TT_READING_FORWARD, TT_READING_REVERSED }; /* reversed: the end of the text stays last */

typedef struct tt_side {
    tt_row row;
    const tt_cell *cell; /* NULL: Transformer */
    bool both;           /* reads both ways */
} tt_side;

/* Whether a decoder's settings go together; the message says a way out. TT_ECONFIG. */
int tt_side_check(const tt_pick *decoder, tt_err *e);

extern const tt_family tt_family_encoder, tt_family_decoder;

#endif
