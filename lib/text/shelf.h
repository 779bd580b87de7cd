/* shelf.h: pairs of a corpus in a shuffled order, without a list of it in memory: records are dealt
 * to files by their places in the order, each file the part of it that memory takes, and a file is
 * read when its part comes.
 *
 *     tt_shelf *s = tt_shelf_open(corpus, folder, memory, &e);
 *     TT_TRY(tt_shelf_begin(s, key, n, bytes, &e));
 *     // item i of 0 … n-1, in the order of the corpus: at place tt_permute_back(key, i, n)
 *     for (i = 0; i < n; i++) TT_TRY(tt_shelf_add(s, pair_of(i), &e));
 *     TT_TRY(tt_shelf_get(s, place, &pair, &raw, &e));     // places one after the other
 *
 * The order depends on key and n alone, not on the memory.
 */
#ifndef TT_TEXT_SHELF_H
#define TT_TEXT_SHELF_H

#include <stdbool.h>

#include "text/corpus.h"

typedef struct tt_shelf tt_shelf;

/* The corpus is borrowed. memory: bytes of buffers while records are dealt, and of the part at hand
   afterwards, about. */
tt_shelf *tt_shelf_open(const tt_corpus *c, const char *folder, size_t memory, tt_err *e);
void tt_shelf_close(tt_shelf *s);

/* bytes: of ids and notes of all items, about. TT_ENOMEM, TT_ECREATE. */
int tt_shelf_begin(tt_shelf *s, uint64_t key, uint64_t n, uint64_t bytes, tt_err *e);
/* The next item. TT_EIO: the disk is full. */
int tt_shelf_add(tt_shelf *s, uint32_t pair, tt_err *e);
/* Has it all items of the order of this key? */
bool tt_shelf_holds(const tt_shelf *s, uint64_t key, uint64_t n);
/* The item at a place; ids and note are borrowed until the next call. */
int tt_shelf_get(tt_shelf *s, uint64_t place, uint32_t *pair, tt_raw *raw, tt_err *e);
int tt_shelf_parts(const tt_shelf *s); /* files of the order at hand */

#endif
