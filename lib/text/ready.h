/* ready.h: the pairs of a window made ready for batches: changed by modifiers and tokenised again,
 * and cut into other sub-words.
 *
 *     TT_TRY(tt_ready_fill(r, corpus, pairs, n, key, e));
 *     tt_ready_len(r, i, TT_SOURCE), tt_ready_ids(r, i, TT_SOURCE)  // of pairs[i], eos at the end
 *
 * The text of a pair is that of its ids in the corpus. A pair that its modifiers make too long,
 * empty, or into pieces that the vocabulary does not know, stays as it was. What comes out depends
 * on the pair, its place and the key, not on the threads.
 */
#ifndef TT_TEXT_READY_H
#define TT_TEXT_READY_H

#include "text/corpus.h"
#include "text/modify.h"
#include "text/subwords.h"

typedef struct tt_ready_opts {
    const tt_vocab *vocab;
    tt_pool *pool;
    int max_tokens;                 /* longest side, eos counted */
    const tt_subwords *subwords[2]; /* of each side; NULL: as the vocabulary cuts. A cut that is too
                                       long is not taken */
} tt_ready_opts;

typedef struct tt_ready tt_ready;

/* For at most `room` pairs at a time; what the options name is borrowed until close. */
tt_ready *tt_ready_open(const tt_corpus *c, const tt_ready_opts *o, size_t room, tt_err *e);
void tt_ready_close(tt_ready *r);

/* modify NULL: as they are in the corpus. raw: NULL, or the pairs as the corpus holds them (n),
   until the next fill. */
int tt_ready_fill(tt_ready *r, const tt_modify *modify, const uint32_t *pairs, const tt_raw *raw,
                  size_t n, uint64_t key, tt_err *e);

int tt_ready_len(const tt_ready *r, size_t i, int side);
/* Until the next fill. */
bool tt_ready_is_other(const tt_ready *r, size_t i); /* modifiers gave it other words */
const int32_t *tt_ready_ids(const tt_ready *r, size_t i, int side);

#endif
