/* store.h: pairs of token ids in a row, in memory or in temporary files that are mapped. A pair may
 * carry a note: bytes that others make and read (beside.h).
 *
 *     tt_store *s = tt_store_open(wide, noted, NULL, &e);      // in memory
 *     TT_TRY(tt_store_add(s, src, n_src, tgt, n_tgt, &e));
 *     TT_TRY(tt_store_note(s, note, len, &e));                 // where pairs carry notes
 *     TT_TRY(tt_store_finish(s, &e));                          // all is added
 *     const tt_raw r = tt_store_get(s, pair);
 *     tt_raw_ids(&r, TT_SOURCE, ids);                          // (r.n[TT_SOURCE])
 */
#ifndef TT_TEXT_STORE_H
#define TT_TEXT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A pair's ids, the target's behind the source's, without their ends; behind them its note. */
typedef struct tt_raw {
    const void *ids; /* uint16_t, or int32_t where wide; borrowed */
    uint32_t n[2];
    int wide, noted;
} tt_raw;

void tt_raw_ids(const tt_raw *r, int side, int32_t *ids);
/* The note, at an even address, and its length; NULL where pairs have none. */
const void *tt_raw_note(const tt_raw *r, size_t *len);
size_t tt_raw_bytes(const tt_raw *r); /* of ids and note */

typedef struct tt_store tt_store;

/* wide: ids do not fit into 16 bits. noted: each pair has a note. folder: of temporary files; NULL:
   memory. */
tt_store *tt_store_open(int wide, int noted, const char *folder, tt_err *e);
void tt_store_close(tt_store *s);

int tt_store_add(tt_store *s, const int32_t *src, size_t n_src, const int32_t *tgt, size_t n_tgt,
                 tt_err *e);
/* Of the pair that was just added; once for each pair of a store with notes. */
int tt_store_note(tt_store *s, const void *note, size_t len, tt_err *e);
int tt_store_finish(tt_store *s, tt_err *e);

size_t tt_store_pairs(const tt_store *s);
uint64_t tt_store_bytes(const tt_store *s); /* of ids and notes */
tt_raw tt_store_get(const tt_store *s, size_t pair);

/* What was read of files need not stay in memory. */
void tt_store_forget(const tt_store *s);

#endif
