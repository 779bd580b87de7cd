/* tok13a.h: a line cut into words, each handed on as it is found.
 *
 *     static int word(void *ctx, tt_span w);                   // 0 goes on, else stops with that
 *     TT_TRY(tt_tok13a(line, arena, word, ctx));
 *
 * 13a is the tokeniser of NIST's mteval-v13a.pl in sacreBLEU's form. Words are borrowed from the
 * line, or, where entities had to be undone, from the arena. Lines are valid UTF-8.
 */
#ifndef TT_SCORE_TOK13A_H
#define TT_SCORE_TOK13A_H

#include "base/arena.h"

/* Both return 0, TT_ENOMEM, or what `word` returned to stop them. */
int tt_tok13a(tt_span line, tt_arena *arena, tt_token_fn *word, void *ctx);
int tt_toknone(tt_span line, tt_arena *arena, tt_token_fn *word, void *ctx); /* at white space */

#endif
