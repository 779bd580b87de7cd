/* rendition.h: a translated line as text with links between its words and the source's: what the
 * room markup needs to put tags back.
 *
 *     TT_TRY(tt_rendition_make(&rendition, layout, &line, 0, arena, e));    // line: lead, parts,
 * hyps, count
 *
 * A target word is linked to the source word that it looked at most, weighed against what all words
 * of its sentence looked at; words that were copied are linked to themselves. Words are numbered
 * over the whole line.
 */
#ifndef TT_TRANSLATE_RENDITION_H
#define TT_TRANSLATE_RENDITION_H

#include "markup/markup.h"
#include "translate/layout.h"

/* Of the hypotheses of one rank, which have an alignment. In the arena. */
int tt_rendition_make(tt_rendition *to, const tt_layout *l, const tt_layout_line *x, int rank,
                      tt_arena *a, tt_err *e);

#endif
