/* pairing.h: parallel text line by line: two files in step, or a TSV.
 *
 *     tt_pairing r;
 *     TT_TRY(tt_pairing_open(&r, &source, 1, e));
 *     while ((rc = tt_pairing_next(&r, &src, &tgt, e)) > 0) …
 *     tt_pairing_close(&r);
 */
#ifndef TT_TEXT_PAIRING_H
#define TT_TEXT_PAIRING_H

#include <stdbool.h>

#include "io/lines.h"

typedef struct tt_side_text {
    const char *at;
    size_t len;
} tt_side_text;

typedef struct tt_pairing {
    tt_lines *src, *tgt; /* tgt NULL: a TSV */
    size_t wide;         /* lines with more than two columns */
    int texts;           /* columns of a source */
} tt_pairing;

/* Behind a message on replaced bytes, where tt_pairing_is_1252. */
#define TT_HINT_1252                                                                               \
    "; this looks like Windows-1252: convert it, as with iconv -f WINDOWS-1252 -t UTF-8"

/* texts 2: a source is FIRST TAB SECOND. On failure nothing is open. */
int tt_pairing_open(tt_pairing *r, const tt_parallel *s, int texts, tt_err *e);
void tt_pairing_close(tt_pairing *r);

/* The next pair, borrowed until the next call: 1, 0 at the end, or a negative code: TT_EDATA,
   naming file and line, for a line without TAB; naming both counts, for files of different
   length. */
int tt_pairing_next(tt_pairing *r, tt_side_text *src, tt_side_text *tgt, tt_err *e);

bool tt_pairing_is_1252(const tt_pairing *r);

#endif
