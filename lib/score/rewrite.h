/* rewrite.h: the passes over a line of which tokenisers are made: blanks put around characters, or
 * between two neighbours. What a regular expression does in Python, left to right and without
 * overlap, is done here the same way: a character that was matched is not looked at again.
 *
 *     TT_TRY(tt_rewrite_each(&line, is_symbol, arena));                       // "a$b": "a $ b"
 *     TT_TRY(tt_rewrite_pairs(&line, no_digit, is_mark, TT_REWRITE_RIGHT, arena));  // "a.": "a . "
 *
 * A pass leaves the line alone or points it at its new text in the arena. All return 0 or
 * TT_ENOMEM.
 */
#ifndef TT_SCORE_REWRITE_H
#define TT_SCORE_REWRITE_H

#include "base/arena.h"

typedef int tt_char_test(uint32_t c);

/* A blank before and after each character that passes. */
int tt_rewrite_each(tt_span *line, tt_char_test *is, tt_arena *arena);

/* Deletes each character that passes. */
int tt_rewrite_delete(tt_span *line, tt_char_test *is, tt_arena *arena);

/* Blanks in each pair of neighbours (left, right): around the right one, or around the left one. */
enum { TT_REWRITE_RIGHT, TT_REWRITE_LEFT };
int tt_rewrite_pairs(tt_span *line, tt_char_test *left, tt_char_test *right, int side,
                     tt_arena *arena);

/* Every `from` becomes `to`, which is at most one byte longer. */
int tt_rewrite_text(tt_span *line, const char *from, const char *to, tt_arena *arena);

/* The passes of sacreBLEU's tokeniser "re", which zh and TER's normalisation end with: 1 alone, and
   2 to 4 (see tok13a.c for what they do). */
int tt_rewrite_symbols(tt_span *line, tt_arena *arena);
int tt_rewrite_marks(tt_span *line, tt_arena *arena);

#endif
