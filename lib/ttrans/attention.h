/* attention.h: what each head of each layer looks at.
 */
#ifndef TTRANS_ATTENTION_H
#define TTRANS_ATTENTION_H

#include "ttrans/translation.h"

TT_C_BEGIN

/* What each head of each layer looks at while a sentence becomes its translation.
 *     tt_attention *a = tt_attention_open(t, "The house.", 10, NULL, 0, &e);     // t translates it
 *     tt_attention_map m;
 *     rc = tt_attention_get(a, &m, TT_ATTENTION_CROSS, 0, 0, &e);
 *     m.weights[i * m.cols + j]: how much row i looks at column j
 */
typedef struct tt_attention tt_attention;
enum {
    TT_ATTENTION_CROSS,
    TT_ATTENTION_ENCODER,
    TT_ATTENTION_DECODER,
    TT_ATTENTION_CONTEXT, /* to the words of the sentences before, the nearest last */
    TT_ATTENTION_CO,      /* C of two texts, (S1 + 1, S2 + 1): weights of their own in the last
                             column and row */
    TT_ATTENTION_REPRESENTATIONS, /* to a token's piece and characters, to the encoder's layers */
    TT_ATTENTION_SIDES
};
/* Row and column names are pieces of the vocabulary. A row of the cross and decoder maps is the
   token that was about to be produced; a column of the decoder's is what had been read: "<s>" or
   the token that the model starts from, then the tokens. */
typedef struct tt_attention_map {
    const float *weights; /* (rows, cols), each row sums to 1; until the next get or close */
    int rows, cols;
    const char *const *row_names, *const *col_names; /* until close */
    int layer, head;                                 /* from 1; head 0: the mean of all heads */
    int layers, heads;                               /* how many there are */
} tt_attention_map;

/* What the numbers are: WEIGHTS; SCORES, products of queries and keys; SCALED, as they become
   weights; CENTRE, the place that each query looks around, and SPAN, how far it looks, both maps of
   one column. */
enum {
    TT_ATTENTION_WEIGHTS,
    TT_ATTENTION_SCORES,
    TT_ATTENTION_SCALED,
    TT_ATTENTION_CENTRE,
    TT_ATTENTION_SPAN
};
/* From now on, of this translator's maps; WEIGHTS at first. */
void tt_attention_tell(tt_translator *t, int what);

/* From now on maps of weights are those of one number of a value, from 1, where each has weights of
   its own (--align multi-dimensional); 0: their mean. TT_EUSAGE where there is no such. */
int tt_attention_feature(tt_translator *t, int feature, tt_err *e);

/* A target of NULL: the translation t finds. The vocabulary of t must outlive the result. NULL on
   failure: TT_EDATA for a sentence (or target) that is empty or longer than the model's reach,
   TT_ENOMEM. */
tt_attention *tt_attention_open(tt_translator *t, const char *text, size_t len, const char *target,
                                size_t target_len, tt_err *e);
void tt_attention_close(tt_attention *a);

/* A model that reads what stands before a sentence takes those opened before for it, until here. */
void tt_attention_begin(tt_translator *t);

/* How much the sentence looks at each of those before it, the nearest last (*n), 0 of them where it
   begins a document: the mean of its tokens and of all heads; until close. NULL: the model reads
   none. */
const float *tt_attention_before(const tt_attention *a, int *n);

/* layer 1, 2, … or 0 for the last; head 1, 2, … or 0 for the mean. TT_EUSAGE, with the range, where
   there is no such number (no centre, no span), and
   where the decoder has a recurrent unit or an average in place of attention. */
int tt_attention_get(tt_attention *a, tt_attention_map *m, int side, int layer, int head,
                     tt_err *e);

/* From now on. words 1: a word's tokens as one: a column's weight is their sum, a row's their mean.
   ends 0: without ends of sentences; rows may sum to less than 1, and a map may have none. As
   opened: 0 and 1. */
void tt_attention_shape(tt_attention *a, int words, int ends);
const char *tt_attention_source(const tt_attention *a); /* both sides as text; until close */
const char *tt_attention_target(const tt_attention *a);

/* Calls fn for the sentence that a line is, or, beyond the model's reach, for each part of it, 0 …
   parts - 1; `a` is closed behind the call. Stops with what fn returns as soon as it is not 0;
   errors as tt_attention_open. */
typedef int tt_attention_fn(void *ctx, tt_attention *a, int part, int parts, tt_err *e);
int tt_attention_each(tt_translator *t, const char *text, size_t len, tt_attention_fn *fn,
                      void *ctx, tt_err *e);

TT_C_END

#endif
