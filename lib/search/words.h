/* words.h: from tokens back to words: alignments between words, and unknown words put right.
 *
 * A word is what stands between blanks. Its first token begins with the mark U+2581 of SentencePiece,
 * or is that mark alone with more behind it; without SentencePiece every token is a word. Ends of sentences
 * belong to no word. The two sides of a model may have vocabularies of their own.
 */
#ifndef TT_SEARCH_WORDS_H
#define TT_SEARCH_WORDS_H

#include "search/beam.h"
#include "search/sentence.h"

/* Weights between the words, or the tokens, of a part and its translation. */
typedef struct tt_map {
    const float *w;          /* (rows, cols): how much target i looked at source j */
    const int32_t *greatest; /* (rows): the column of each row's greatest weight */
    int rows, cols;
} tt_map;

/* word (count): the number of each token's word, from 0, or -1. Returns how many words there are. */
int tt_words_number(int32_t *word, const tt_vocab *v, const int32_t *ids, int count);

/* In the arena, of a hypothesis with alignment. pieces 1: tokens, eos among them; 0: words: the weight is the
   sum over the source word's tokens, the mean over the target word's. */
int tt_words_map(tt_map *m, const tt_vocab *source, const tt_vocab *target, const tt_sentence *s,
                 const tt_hyp *h, int pieces, tt_arena *a, tt_err *e);

/* The text of a hypothesis, on one line, in the arena. replace_unk 1: what the vocabulary has no piece for
   becomes the source word that was looked at most (Luong et al. 2015); needs its alignment. */
int tt_words_text(char **text, size_t *len, const tt_vocab *source, const tt_vocab *target,
                  const tt_sentence *s, const tt_hyp *h, int replace_unk, tt_arena *a, tt_err *e);

#endif
