/* request.h: a line of JSON that asks for a translation.
 *
 *     {"id": 7, "text": "Good morning.", "prefix": "Muy"}
 *     {"id": "a-1", "text": "Good morning.", "target": "Buenos días."}
 *     {"text": "Good morning.", "n_best": 3, "alternatives": 2, "url": "https://example.com"}
 *     {"text": "<p>The <b>dog</b></p>", "format": "html", "glossary": {"dog": "can"}}
 *
 * A glossary is an object, a list of pairs, or a list of words that stay as they are. A member that
 * is null is not there. Members of other names are kept as they stand, to be given back. JSON is
 * that of RFC 8259; values nest at most TT_JSON_DEPTH deep.
 */
#ifndef TT_TRANSLATE_REQUEST_H
#define TT_TRANSLATE_REQUEST_H

#include "markup/markup.h"

enum { TT_REQUEST_MORE = 256 }; /* members given back */

/* A term of the line's own. */
typedef struct tt_request_term {
    tt_span source, target; /* target.text NULL: the source stays as it is */
} tt_request_term;

/* What is not there has text NULL. */
typedef struct tt_request {
    tt_span id, text, prefix, target; /* escapes undone; in the arena, or the line itself */
    int id_is_number;
    int n_best;             /* hypotheses that the line asks for; 0: as all */
    int alternatives;       /* translations beside the best one; 0: none */
    tt_request_term *terms; /* (n_terms) of "glossary", as they stand there */
    size_t n_terms;
    const tt_format *format; /* the text is a document; NULL: it is plain */
    tt_span
        *more; /* (n_more) members of other names, as they stand: "url": "https://example.com" */
    size_t n_more;
} tt_request;

/* On failure what was read so far stands in *r, the id perhaps among it. TT_EDATA with the byte
   (from 1) and what was expected there; a later member of the same name wins. */
int tt_request_read(tt_request *r, const char *line, size_t len, tt_arena *a, tt_err *e);

#endif
