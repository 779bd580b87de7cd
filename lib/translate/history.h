/* history.h: the sentences of a document that have gone before, for models that read them with the
 * next one (nn/context.h).
 *
 *     tt_history *h = tt_history_open(3, e);
 *     tt_history_end(h);                                       // a document begins
 *     n = tt_history_tell(h, before);                          // the nearest last
 *     tt_history_add(h, ids, count);                           // borrowed until
 *     TT_TRY(tt_history_keep(h, e));                           // the caller's memory goes
 *     tt_history_close(h);
 */
#ifndef TT_TRANSLATE_HISTORY_H
#define TT_TRANSLATE_HISTORY_H

#include "base/err.h"
#include "base/seqs.h"

enum { TT_HISTORY_MOST = 16 }; /* of hyper.def */

/* The tokens of a sentence. */
typedef struct tt_earlier {
    const int32_t *ids; /* (count) */
    int count;
} tt_earlier;

typedef struct tt_history tt_history;

/* Of the last `most` sentences, 1 … TT_HISTORY_MOST. NULL: TT_ENOMEM. */
tt_history *tt_history_open(int most, tt_err *e);
void tt_history_close(tt_history *h);

void tt_history_end(tt_history *h);
void tt_history_add(tt_history *h, const int32_t *ids, int count);

/* Writes them to `before` (most); returns how many. */
int tt_history_tell(const tt_history *h, tt_earlier *before);

/* Copies what is borrowed. TT_ENOMEM. */
int tt_history_keep(tt_history *h, tt_err *e);

#endif
