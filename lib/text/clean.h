/* clean.h: a line of input made fit for the tokeniser.
 *
 * Bad UTF-8 (overlong, surrogates, above U+10FFFF, cut short) becomes one U+FFFD for each maximal
 * bad part, as Unicode 15 §3.9 recommends; NUL and other control characters become spaces; spaces,
 * tabs and line ends at the two ends go. Anything changed that was more than space is counted.
 */
#ifndef TT_TEXT_CLEAN_H
#define TT_TEXT_CLEAN_H

#include "base/arena.h"
#include "base/utf8.h"

typedef struct tt_clean {
    const char *text; /* the input itself when nothing inside had to change, else in the arena */
    size_t len;       /* no NUL is promised behind it */
    size_t bad;       /* bad parts of UTF-8 replaced */
    size_t nul;       /* NUL bytes replaced */
} tt_clean;

int tt_clean_line(tt_clean *out, const char *text, size_t len, tt_arena *a, tt_err *e);

#endif
