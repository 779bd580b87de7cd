/* recall.h: sentences that were searched before, with what was found: a bounded memory across
 * windows.
 *
 *     tt_recall *r = tt_recall_open(bytes, e);                 // bytes 0: nothing is kept
 *     if (tt_recall_find(&hyps, &faults, r, &sentence)) …               // borrowed until the next
 * tt_recall_keep tt_recall_keep(r, &sentence, &hyps, faults);                     // copies both,
 * or forgets where memory is out tt_recall_close(r);
 *
 * A sentence has one place, by its hash; a later one that hashes there takes it. What is found is
 * what was kept, to the bit. One thread at a time.
 */
#ifndef TT_TRANSLATE_RECALL_H
#define TT_TRANSLATE_RECALL_H

#include <stdbool.h>

#include "search/beam.h"
#include "translate/sentence.h"

typedef struct tt_recall tt_recall;

/* NULL on failure: TT_ENOMEM. */
tt_recall *tt_recall_open(size_t bytes, tt_err *e);
void tt_recall_close(tt_recall *r);

/* Of tokens and text. */
uint64_t tt_recall_hash(const tt_sentence *s);
bool tt_recall_same(const tt_sentence *a, const tt_sentence *b);

int tt_recall_find(tt_hyps *found, unsigned *faults, const tt_recall *r, const tt_sentence *s);
void tt_recall_keep(tt_recall *r, const tt_sentence *s, const tt_hyps *hyps, unsigned faults);

/* Bytes in use, of at most those it was opened with. */
size_t tt_recall_size(const tt_recall *r);

#endif
