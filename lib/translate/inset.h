/* inset.h: a document that is the text of one line of JSON.
 *
 *     TT_TRY(tt_inset_read(&inset, &all, format, NULL, &how, text, arena, &stats, e)); //
 * all.parts: to be searched TT_TRY(tt_inset_text(&out, inset, layout, hyps, 0, e)); // the
 * document, translated
 *
 * The parts of all segments follow one another, as if they were a line's; their hypotheses do, too.
 */
#ifndef TT_TRANSLATE_INSET_H
#define TT_TRANSLATE_INSET_H

#include "markup/markup.h"
#include "translate/layout.h"

typedef struct tt_inset {
    tt_doc doc;
    tt_sentences *segment; /* (doc.count): parts lie among those of all */
} tt_inset;

/* to: code of the language translated to, or NULL. all->lead is empty. In the arena; text is
   borrowed. */
int tt_inset_read(tt_inset **inset, tt_sentences *all, const tt_format *f, const char *to,
                  const tt_cutting *how, tt_span text, tt_arena *a, tt_translate_stats *stats,
                  tt_err *e);

/* With the hypotheses of one rank; hyps[i] are those of all->parts[i], and have an alignment. */
int tt_inset_text(tt_outbuf *b, const tt_inset *d, const tt_layout *l, const tt_hyps *hyps,
                  int rank, tt_err *e);

/* The document's mistakes as members of a JSON object: , "notes": ["line 2: …"]; nothing where
   there are none. */
void tt_inset_notes(tt_outbuf *b, const tt_inset *d);

#endif
