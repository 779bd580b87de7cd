/* request.h: a line of JSON that asks for a translation.
 *
 *     {"id": 7, "text": "Good morning.", "prefix": "Muy"}
 *     {"id": "a-1", "text": "Good morning.", "target": "Buenos días."}
 *
 *     {"text": "Good morning.", "n_best": 3, "alternatives": 2, "url": "https://example.com"}
 *
 * Members of other names are nobody's here; they are kept as they stand, to be given back. JSON is that of RFC 8259; values nest at most TT_REQUEST_DEPTH deep.
 */
#ifndef TT_TRANSLATE_REQUEST_H
#define TT_TRANSLATE_REQUEST_H

#include "base/arena.h"

enum { TT_REQUEST_DEPTH = 64, TT_REQUEST_MORE = 256 }; /* brackets in brackets; members given back */

/* What is not there has text NULL. */
typedef struct tt_request {
    tt_span id, text, prefix, target; /* escapes undone; in the arena, or the line itself */
    int id_is_number;
    int n_best;       /* hypotheses that the line asks for; 0: as all */
    int alternatives; /* translations beside the best one; 0: none */
    tt_span *more;    /* (n_more) members of other names, as they stand: "url": "https://example.com" */
    size_t n_more;
} tt_request;

/* On failure what was read so far stands in *r, the id perhaps among it. TT_EDATA with the byte (from 1) and what was expected there; a later member of the same name wins. */
int tt_request_read(tt_request *r, const char *line, size_t len, tt_arena *a, tt_err *e);

#endif
