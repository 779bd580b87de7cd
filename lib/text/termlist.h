/* termlist.h: a list of terms of two languages, source TAB target on a line.
 *
 *     tt_termlist *t = tt_termlist_open("terms.tsv", &e);
 *     // the longest term that the text begins with
 *     n = tt_termlist_find(t, &src, text + at, len - at);
 *     for (i = 0; i < n; i++) tt_termlist_target(t, src, i)    // its translations
 *
 * Empty lines and lines that begin with # are passed over. Terms are compared as they are written.
 */
#ifndef TT_TEXT_TERMLIST_H
#define TT_TEXT_TERMLIST_H

#include "text/modify.h"

/* NULL: TT_ENOINPUT; TT_EDATA, with file and line, for a line without TAB or with an empty side. */
tt_termlist *tt_termlist_open(const char *path, tt_err *e);
void tt_termlist_close(tt_termlist *t);
uint64_t tt_termlist_hash(const tt_termlist *t);

/* The longest source term that the text begins with and that ends where a word does: its length in
 * bytes, 0 for none; the lines *first … *first + *n - 1 have it. */
size_t tt_termlist_find(const tt_termlist *t, const char *text, size_t len, size_t *first,
                        size_t *n);

/* The target term of a line, with a NUL behind it. */
const char *tt_termlist_target(const tt_termlist *t, size_t line);

#endif
