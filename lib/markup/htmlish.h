/* htmlish.h: what the readers of HTML, XML, XLIFF and TMX share.
 */
#ifndef TT_MARKUP_HTMLISH_H
#define TT_MARKUP_HTMLISH_H

#include "markup/gather.h"
#include "markup/tags.h"

/* Adds bytes begin … end-1 with their entities decoded; an unknown one is a tag alone. */
void tt_htmlish_text(tt_gather *g, size_t begin, size_t end);

/* Adds the token as an inline tag; number: its own. */
void tt_htmlish_tag(tt_gather *g, const tt_tokens *t, size_t number);

/* A segment of an attribute's value. */
void tt_htmlish_value(tt_doc *d, tt_span value, char quote);

#endif
