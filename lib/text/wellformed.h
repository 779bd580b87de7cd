/* wellformed.h: which tokens may follow so that a translation is well-formed text.
 *
 *     tt_wellformed *w = tt_wellformed_open(vocab, e);          // once for a vocabulary
 *     if (tt_wellformed_may(w, state, token, left, 0)) state = tt_wellformed_next(w, state, token);
 *     n = tt_wellformed_bytes(w, state, 0, ids);  // inside a character: all that may follow
 *
 * Of a vocabulary with byte pieces ("<0xE2>") a hypothesis has a state: 0 between characters, else
 * one that says which bytes go on with the character at its end (UTF-8 as RFC 3629 defines it).
 * Inside a character only these bytes may follow; between characters none that cannot begin one.
 * Control characters made of bytes may never be said, and U+FFFD, a piece or bytes, only where the
 * source has one.
 */
#ifndef TT_TEXT_WELLFORMED_H
#define TT_TEXT_WELLFORMED_H

#include <stdbool.h>

#include "text/vocab.h"

enum { TT_WELLFORMED_MOST = 64 }; /* bytes that may go on with a character */

/* What a token is; 256 and above: a byte piece, and its byte. */
enum { TT_PIECE_ORDINARY, TT_PIECE_BLANK, TT_PIECE_REPLACEMENT, TT_PIECE_BYTE = 256 };

typedef struct tt_wellformed {
    uint16_t *kind;     /* (size), owned */
    int32_t *odd;       /* (odd_count) tokens that are not ordinary, rising, owned */
    int32_t token[256]; /* of each byte; -1: none */
    int size, odd_count;
} tt_wellformed;

/* NULL with TT_ENOMEM. The vocabulary may be closed. */
tt_wellformed *tt_wellformed_open(const tt_vocab *v, tt_err *e);
void tt_wellformed_close(tt_wellformed *w);

/* 1 if the token may follow, where `left` more may follow that, the end counted. replaced 1: the
   source has U+FFFD. The end is an ordinary token. */
bool tt_wellformed_may(const tt_wellformed *w, int state, int32_t token, int left, int replaced);

/* The state behind a token; behind one that may not follow, that of a hypothesis which it begins.
 */
int tt_wellformed_next(const tt_wellformed *w, int state, int32_t token);

/* The tokens that may follow inside a character, into ids (TT_WELLFORMED_MOST); returns how many.
 */
int tt_wellformed_bytes(const tt_wellformed *w, int state, int replaced, int32_t *ids);

/* 1 if a token of a byte can begin a character of several. */
bool tt_wellformed_leads(int byte);

/* Tokens at the end of ids (count) that belong to an unfinished character. */
int tt_wellformed_tail(const tt_wellformed *w, const int32_t *ids, int count);

/* 1 if the token leaves something to be seen. */
static inline bool tt_wellformed_shows(const tt_wellformed *w, int32_t token) {
    return w->kind[token] != TT_PIECE_BLANK && w->kind[token] != TT_PIECE_BYTE + ' ';
}

#endif
