/* adopt.h: weights of a model for another one: of other sizes, of another vocabulary, or only some.
 *
 * A tensor of the same name and shape is taken as it is. Of a matrix with a row for each piece of a
 * vocabulary, a piece's row is that of the equal piece; a piece that the old vocabulary lacks gets
 * the mean of the rows of those that spell it there. What remains keeps its first values.
 */
#ifndef TT_TRAIN_ADOPT_H
#define TT_TRAIN_ADOPT_H

#include "nn/model.h"
#include "text/vocab.h"

typedef struct tt_adoption {
    const tt_vocab *old, *now; /* the same one: rows are not looked for by pieces */
    const char *names;         /* patterns of what is taken (names.h); NULL: all */
    bool partial; /* else what the file lacks or has in another shape, but for the vocabulary, is
                     TT_EFORMAT */
} tt_adoption;

typedef struct tt_adopted {
    int taken, afresh; /* tensors */
    int pieces, spelt; /* of the new vocabulary: with a row of theirs; with a mean of others */
} tt_adopted;

/* Fills the model, which has its first values, from the file. */
int tt_adopt(tt_model *m, const tt_modelfile *from, const tt_adoption *how, tt_adopted *told,
             tt_err *e);

#endif
