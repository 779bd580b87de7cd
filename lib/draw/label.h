/* label.h: text measured in columns of a terminal, which are also the units of fixed-width fonts.
 *
 * A character of an East Asian script or an emoji takes 2 columns, one that joins the character
 * before takes 0. Texts end with NUL; bad UTF-8 counts as one column a byte.
 */
#ifndef TT_DRAW_LABEL_H
#define TT_DRAW_LABEL_H

#include "base/arena.h"

/* Columns of the first character of a text that is not empty; *size gets its bytes, *code (may be
 * NULL) its number. */
int tt_label_step(const char *text, size_t *size, uint32_t *code);

int tt_label_columns(const char *text);

/* A copy in at most `most` columns, the last one `…` (in ASCII `.`) where text was left out.
   Control characters and bad UTF-8 become `?`. In the arena; NULL: no memory. */
const char *tt_label_fit(const char *text, int most, int ascii, tt_arena *a);

/* Copies (n) of at most `most` columns each, and the columns of the longest. NULL: no memory. */
const char **tt_labels_fit(const char *const *text, int n, int most, int ascii, int *longest,
                           tt_arena *a);

#endif
