/* request.h: a line of JSON that asks for a translation.
 *
 *     {"id": 7, "text": "Good morning.", "prefix": "Muy"}
 *     {"id": "a-1", "text": "Good morning.", "target": "Buenos días."}
 *
 * Other members are passed over. JSON is that of RFC 8259; values nest at most TT_REQUEST_DEPTH deep.
 */
#ifndef TT_SEARCH_REQUEST_H
#define TT_SEARCH_REQUEST_H

#include "base/arena.h"

enum { TT_REQUEST_DEPTH = 64 };

/* What is not there has text NULL. */
typedef struct tt_request {
    tt_span id, text, prefix, target; /* escapes undone; in the arena, or the line itself */
    int id_is_number;
} tt_request;

/* TT_EDATA with the byte (from 1) and what was expected there; a later member of the same name wins. */
int tt_request_read(tt_request *r, const char *line, size_t len, tt_arena *a, tt_err *e);

#endif
