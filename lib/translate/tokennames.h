/* tokennames.h: what stands beside the rows and columns of an attention map: tokens, or words, and
 * which of them are shown. All is in the arena.
 *
 *     TT_TRY(tt_names_text(&x, vocab, &text, NULL, arena, e));
 *     tt_names_shape(&x, 1, 0);                  // words, without ends of sentences
 *     x.labels[0 … x.shown - 1]
 */
#ifndef TT_TRANSLATE_TOKENNAMES_H
#define TT_TRANSLATE_TOKENNAMES_H

#include "base/seqs.h"
#include "nn/represent.h"
#include "text/vocab.h"

typedef struct tt_token_names {
    int tokens, shown;  /* before and after joining */
    int32_t *place;     /* (tokens): where each is shown; -1: nowhere */
    int32_t *word;      /* (tokens): its word, from 0 */
    unsigned char *end; /* (tokens): 1: an end or beginning of the sentence, no text */
    const char **names, **words, **labels; /* of tokens; of words; of what is shown */
} tt_token_names;

/* Names of a text's tokens and words; first: the text is read shifted, behind this one and without
   its last; NULL: as it is. */
int tt_names_text(tt_token_names *x, const tt_vocab *v, const tt_seqs *s, const char *first,
                  tt_arena *a, tt_err *e);

/* Of one of two texts, ids (n), and behind it the name of weights that have a row or column. */
int tt_names_half(tt_token_names *x, const tt_vocab *v, const int32_t *ids, int n,
                  const char *weights, tt_arena *a, tt_err *e);

/* Of what a token is read from: its piece and characters, where it is; and n layers, of which the
   first are the embeddings. */
int tt_names_read(tt_token_names *x, bool spelt, int n, tt_arena *a, tt_err *e);

/* What is shown of a text, and where: words 1: a word's tokens as one; ends 0: without ends. */
void tt_names_shape(tt_token_names *x, int words, int ends);

#endif
