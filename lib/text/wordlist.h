/* wordlist.h: a list of pieces, one a line, whose numbers are the lines from 0: the vocabulary of a
 * model whose ids are not those of a SentencePiece model.
 *
 *     tt_wordlist *p = tt_wordlist_open(bytes, len, e);
 *     int id = tt_wordlist_find(p, "▁casa", 7);
 */
#ifndef TT_TEXT_WORDLIST_H
#define TT_TEXT_WORDLIST_H

#include "base/err.h"

typedef struct tt_wordlist tt_wordlist;

/* Copies the bytes. NULL: TT_EFORMAT for more than a million pieces, TT_ENOMEM. */
tt_wordlist *tt_wordlist_open(const char *bytes, size_t len, tt_err *e);
void tt_wordlist_close(tt_wordlist *p);

int tt_wordlist_size(const tt_wordlist *p);
const char *tt_wordlist_get(const tt_wordlist *p, int id,
                            size_t *len); /* NUL-ended, the list's; NULL out of range */
int tt_wordlist_find(const tt_wordlist *p, const char *piece,
                     size_t len); /* -1: not there; of equal ones the first */

#endif
