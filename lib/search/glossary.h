/* glossary.h: words that have a fixed translation.
 *
 *     tt_glossary *g = tt_glossary_open("terms.tsv", vocab, e);     // SOURCE TAB TARGET, a line each
 *     TT_TRY(tt_glossary_find(&terms, g, text, len, arena, e));     // NULL: none occurs
 *     tt_glossary_close(g);
 *
 * A source side occurs where its very characters stand between ends of words; where several do, the
 * longest counts, from left to right. What must then appear are the tokens of its target side.
 */
#ifndef TT_SEARCH_GLOSSARY_H
#define TT_SEARCH_GLOSSARY_H

#include "search/constrain.h"
#include "text/vocab.h"

enum { TT_TERM_TOKENS = 256 }; /* of one target side, at most: a translation has not many more */

typedef struct tt_glossary tt_glossary;

/* Blank lines are passed over. NULL on failure: what tt_lines_open says; TT_EDATA, with the line, for a
   line that is no pair, an empty side, a target side above TT_TERM_TOKENS, or a source side for the second time. */
tt_glossary *tt_glossary_open(const char *path, const tt_vocab *v, tt_err *e);
void tt_glossary_close(tt_glossary *g);

/* In the arena; terms beyond TT_TERMS_MAX are counted, and left out. */
int tt_glossary_find(const tt_terms **terms, const tt_glossary *g, const char *text, size_t len,
                     tt_arena *a, tt_err *e);

#endif
