/* split.h: where a paragraph may be cut, English and Spanish.
 *
 *     tt_split_text(text, len, limit, count_tokens, ctx, arena, &parts, &n, &e);
 *
 * Parts rise and do not overlap. Between them, before the first and behind the last there is only
 * white space, which is the caller's to keep; inside a cut word there is nothing between them. So
 * no byte is lost when parts are replaced and the rest is copied.
 *
 * Abbreviations (Mr., Sra., EE. UU., p. ej., e.g.), initials, numbers (3.14) and dots inside a
 * sentence do not end it; closing quotes and brackets stay with it, ¿ ¡ and opening ones begin the
 * next. In doubt a sentence goes on.
 */
#ifndef TT_TEXT_SPLIT_H
#define TT_TEXT_SPLIT_H

#include "base/arena.h"

typedef struct tt_cut {
    size_t begin, end; /* text[begin] … text[end-1] */
} tt_cut;

/* All sentences of a text of valid UTF-8; *parts (n) in the arena, n 0 for white space only. */
int tt_split_sentences(const char *text, size_t len, tt_arena *a, tt_cut **parts, size_t *n,
                       tt_err *e);

/* Tokens of a text, or a negative code, with which the split then ends; it leaves its message in
   the tt_err that its ctx knows. */
typedef long tt_split_count(void *ctx, const char *text, size_t len);

/* Parts of at most `limit` (> 0) tokens each: the whole text if it fits; else its sentences; a
   sentence that is too long is cut behind ; and :, then behind commas, brackets and dashes, then
   between words, then between characters. A character is never cut, whatever it counts. */
int tt_split_text(const char *text, size_t len, long limit, tt_split_count *count, void *ctx,
                  tt_arena *a, tt_cut **parts, size_t *n, tt_err *e);

#endif
