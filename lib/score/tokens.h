/* tokens.h: the tokenisers there are, by name, and the way from a line to the words compared.
 *
 *     TT_TRY(tt_words_prepare(&line, &plan, arena, e));     // lower case, the caller's tokeniser
 *     TT_TRY(tt_words_cut(line, &plan, arena, word, ctx));  // as many words as bytes at most
 *
 *     TT_TRY(tt_words_read(&text, line, &plan, dict, 0, arena));   // the same as numbers
 *
 * Words are borrowed from the line or from the arena. Lines are valid UTF-8.
 */
#ifndef TT_SCORE_TOKENS_H
#define TT_SCORE_TOKENS_H

#include "base/arena.h"
#include "base/pick.h"
#include "score/dict.h"

/* Returns 0, TT_ENOMEM, or what `word` returned to stop it. */
typedef int tt_tok_fn(tt_span line, tt_arena *arena, tt_token_fn *word, void *ctx);

typedef struct tt_tokenizer {
    tt_row row; /* its name as asked for and as signed */
    tt_tok_fn *cut;
} tt_tokenizer;

extern const tt_family
    tt_family_tokenizer; /* its rows are tt_tokenizer; the first is the default */

typedef struct tt_words {
    int lowercase;
    tt_cut_fn *cut; /* the caller's, or NULL */
    void *cut_ctx;
    tt_tok_fn *tok;
} tt_words;

/* 0, TT_ENOMEM, or what the caller's tokeniser returned; all but the first with their message. */
int tt_words_prepare(tt_span *line, const tt_words *w, tt_arena *arena, tt_err *e);

static inline int tt_words_cut(tt_span line, const tt_words *w, tt_arena *arena, tt_token_fn *word,
                               void *ctx) {
    return w->tok(line, arena, word, ctx);
}

/* The words of a prepared line by their numbers; with `known` 1 the dictionary gives no new ones. A
   line has at most one word a byte. 0, or as tt_words_cut. */
int tt_words_read(tt_symbols *text, tt_span line, const tt_words *w, tt_dict *dict, int known,
                  tt_arena *arena);

#endif
