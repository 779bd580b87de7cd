/* glossary.h: words that have a fixed translation, and words that have none.
 *
 *     tt_glossary *g = tt_glossary_open("terms.tsv", vocab, "en", "es", e);     // SOURCE TAB
 * TARGET, a line each TT_TRY(tt_glossary_of(&own, g, request.terms, request.n_terms, arena, e)); //
 * and a line's own TT_TRY(tt_glossary_find(&terms, g, source, sentence, arena, e));           //
 * NULL: none occurs tt_glossary_close(g);
 *
 * A source side occurs where its characters stand between ends of words, a small letter as a
 * capital too (Dog, DOG for dog), and in its other number (plural.h): dogs, cities and knives for
 * dog, city and knife, child for children. A word that is a verb as often (leaves, lives) counts
 * where a determiner, a preposition or a number stands before it. Where several entries occur, the
 * longest counts, from left to right; of equally long ones that with the very characters, then that
 * with other letters only in case. The target must then appear (terms.h). A line with SOURCE alone,
 * or with it on both sides, keeps the source as it stands there.
 */
#ifndef TT_TRANSLATE_GLOSSARY_H
#define TT_TRANSLATE_GLOSSARY_H

#include "translate/forms.h"
#include "translate/request.h"

enum { TT_TERM_TOKENS = 256 }; /* of one target side, at most: a translation has not many more */

typedef struct tt_glossary tt_glossary;

/* path NULL: no entry. from, to: codes of the languages, whose plurals count; NULL: en, es. Blank
   lines are passed over, and a mark of byte order before the first; blanks around a side are not
   part of it. Borrows the vocabulary until close. NULL on failure: what tt_lines_open says;
   TT_EDATA, with the line, for a line of three columns, an empty side, a target side above
   TT_TERM_TOKENS, or a source side for the second time. */
tt_glossary *tt_glossary_open(const char *path, const tt_vocab *target, const char *from,
                              const char *to, tt_err *e);
void tt_glossary_close(tt_glossary *g);

/* A line's own terms (n), which come before those of `base`. In the arena, never closed; borrows
   base. TT_EDATA, with the term's number, as above. */
int tt_glossary_of(const tt_glossary **own, const tt_glossary *base, const tt_request_term *terms,
                   size_t n, tt_arena *a, tt_err *e);

/* In the arena, names the glossary's; terms beyond the limits of terms.h are counted, and left
   out. */
int tt_glossary_find(const tt_terms **terms, const tt_glossary *g, const tt_vocab *source,
                     const tt_sentence *s, tt_arena *a, tt_err *e);

#endif
