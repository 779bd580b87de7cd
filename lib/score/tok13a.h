/* tok13a.h: a line cut into words as sacreBLEU's tokenisers do, each word handed on as it is found.
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

typedef int tt_word_fn(void *ctx, tt_span word);

/* Both return 0, TT_ENOMEM, or what `word` returned to stop them. */
typedef int tt_tok_fn(tt_span line, tt_arena *arena, tt_word_fn *word, void *ctx);
int tt_tok13a(tt_span line, tt_arena *arena, tt_word_fn *word, void *ctx);
int tt_toknone(tt_span line, tt_arena *arena, tt_word_fn *word,
               void *ctx); /* at white space only */

typedef struct tt_tokenizer {
    const char *name; /* as asked for and as signed */
    tt_tok_fn *cut;
} tt_tokenizer;

/* The i-th tokeniser, its name NULL from the end on; the first is the default. */
const tt_tokenizer *tt_tokenizers(void);

#endif
