/* wordids.h: a number for each different word, in the order in which they come.
 *
 *     tt_wordids *w = tt_wordids_open(e);
 *     int id = tt_wordids_put(w, "casa", 4);       // 0, 1, 2 …
 *     tt_wordids_find(w, "casa", 4)                // the same; -1: never put
 */
#ifndef TT_LEXICAL_WORDIDS_H
#define TT_LEXICAL_WORDIDS_H

#include "base/err.h"

typedef struct tt_wordids tt_wordids;

tt_wordids *tt_wordids_open(tt_err *e); /* NULL: no memory */
void tt_wordids_close(tt_wordids *w);

int tt_wordids_size(const tt_wordids *w);

/* The word's number, a new one unless it has one; it is copied. -1: no memory, or 2^31 words. */
int tt_wordids_put(tt_wordids *w, const char *word, size_t len);
int tt_wordids_find(const tt_wordids *w, const char *word, size_t len);

/* The word of a number below the size; the list's, until the next put. */
tt_span tt_wordids_get(const tt_wordids *w, int id);

#endif
