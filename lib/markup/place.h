/* place.h: where the tags of a segment stand in its translation.
 *
 *     TT_TRY(tt_place(&p, segment, rendition, bytes, arena, e));
 *     p[i].at, p[i].tag                           // (segment->count) in the order in which they
 * are written
 *
 * An element stands around the run of target words that are linked to its source words; a link far
 * away from the others is passed over. Outer elements are widened to hold inner ones, neighbours
 * that meet are cut, none is split: what nests in the source nests in the translation. A tag alone
 * stands before the target word linked to the source word behind it, or behind the one before it
 * where it is glued to that.
 */
#ifndef TT_MARKUP_PLACE_H
#define TT_MARKUP_PLACE_H

#include "markup/markup.h"

typedef struct tt_placed {
    size_t at;   /* before this byte of the translation */
    int32_t tag; /* its number in the segment */
} tt_placed;

/* bytes: of the document that the segment is of. */
int tt_place(tt_placed **out, const tt_segment *s, const tt_rendition *r, const char *bytes,
             tt_arena *a, tt_err *e);

/* Bytes of the mark at p[0] that is in the set, 0: none of them. */
int tt_mark_at(const char *p, size_t len, const char *set);

/* Bytes of the marks that open at a word's beginning, ("¿, and that close at its end, .)"; none
   where it is all marks. */
size_t tt_marks_before(tt_span word);
size_t tt_marks_behind(tt_span word);

#endif
