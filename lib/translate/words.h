/* words.h: from tokens back to words: alignments between words, and unknown words put right.
 *
 * A word is what stands between ASCII blanks, in the line as it was read and in the translation as
 * it is written. A token belongs to the word in which its first character stands; ends of sentences
 * belong to none. The two sides of a model may have vocabularies of their own.
 */
#ifndef TT_TRANSLATE_WORDS_H
#define TT_TRANSLATE_WORDS_H

#include "search/beam.h"
#include "translate/sentence.h"

/* Weights between the words, or the tokens, of a part and its translation. */
typedef struct tt_map {
    const float *w;          /* (rows, cols): how much target i looked at source j */
    const int32_t *greatest; /* (rows): the column of each row's greatest weight */
    int rows, cols;
} tt_map;

/* A hypothesis as text, on one line. */
typedef struct tt_said {
    char *text; /* (len) */
    size_t len;
    int32_t *at; /* (count of the hypothesis): the byte at which each token's text begins; NULL
                    unless wanted */
} tt_said;

/* word (count): of each token that begins at at[i] of the text the number of its word, from 0; -1:
   of none. Returns how many words the text has. */
int tt_words_number(int32_t *word, const tt_vocab *v, const int32_t *ids, const int32_t *at,
                    int count, const char *text, size_t len);

/* Where in its plain text each token of a part begins, (count), in the arena. */
int tt_words_places(int32_t **at, const tt_vocab *v, const tt_sentence *s, tt_arena *a, tt_err *e);

/* The words of a part's tokens in the line, numbered from the part's first one, in the arena. */
int tt_words_source(int32_t **word, int *words, const tt_vocab *v, const tt_sentence *s,
                    tt_arena *a, tt_err *e);

/* In the arena, of a hypothesis with alignment. pieces 1: tokens, eos among them; 0: words: the
   weight is the sum over the source word's tokens, the mean over the target word's. said: its text
   with places; of pieces NULL. */
int tt_words_map(tt_map *m, const tt_vocab *source, const tt_vocab *target, const tt_sentence *s,
                 const tt_hyp *h, const tt_said *said, int pieces, tt_arena *a, tt_err *e);

/* The text of a hypothesis, in the arena, or h->said. replace_unk 1: what the vocabulary has no
   piece for becomes the source word that was looked at most (Luong et al. 2015); needs its
   alignment. places 1: with said->at. */
int tt_words_text(tt_said *said, const tt_vocab *source, const tt_vocab *target,
                  const tt_sentence *s, const tt_hyp *h, int replace_unk, int places, tt_arena *a,
                  tt_err *e);

#endif
