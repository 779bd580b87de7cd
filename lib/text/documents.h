/* documents.h: whether the lines of a corpus stand in the order of documents.
 *
 *     TT_TRY(tt_documents_look(&kin, corpus, source, vocab_size, e));
 *     if (tt_documents_are_shuffled(&kin)) …
 *
 * A document says its words again: a line has more of its rare tokens in common with the line
 * before than with a line from anywhere. Where it has not, somebody has shuffled the lines.
 */
#ifndef TT_TEXT_DOCUMENTS_H
#define TT_TEXT_DOCUMENTS_H

#include <stdbool.h>

#include "text/corpus.h"

/* Rare tokens that lines have in common with the line before, and with another of their source. */
typedef struct tt_kin {
    long near, far;
} tt_kin;

/* Of up to some ten thousand pairs of a source. TT_ENOMEM. */
int tt_documents_look(tt_kin *kin, const tt_corpus *c, int source, int vocab, tt_err *e);

/* Never where there is too little to tell. */
bool tt_documents_are_shuffled(const tt_kin *kin);

#endif
