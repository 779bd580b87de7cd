/* subvocab.h: the output layer of a batch narrowed to what its sentences may use.
 *
 *     tt_subvocab n;
 *     // n.ids: tokens of all sentences, rising
 *     TT_TRY(tt_subvocab_make(&n, run, shortlist, src, vocab));
 *     … logits (rows, n.count) of those tokens …
 *     // v.count numbers, v.ids[i] is the token of v.row[i]
 *     tt_view v = tt_subvocab_view(&n, sentence, row);
 *
 * The logits of a batch are computed for the union of its sentences' lists, which suits the matrix
 * product; each sentence then sees those of its own list alone. So nothing of a translation depends
 * on its batch.
 */
#ifndef TT_SEARCH_SUBVOCAB_H
#define TT_SEARCH_SUBVOCAB_H

#include "base/seqs.h"
#include "lexical/shortlist.h"
#include "tensor/tensor.h"

typedef struct tt_subvocab {
    int32_t *ids; /* (count), rising */
    int count;
    int32_t **own; /* (B) of (own_count[b]): places in ids, rising */
    int *own_count;
    int32_t **words; /* (B) of (own_count[b]): the tokens there */
    float *few;      /* room for the longest list */
} tt_subvocab;

/* A row of logits to choose from: row[i] is the logit of token ids[i], or of token i where ids is
   NULL. */
typedef struct tt_view {
    float *row;         /* (count) */
    const int32_t *ids; /* (count), rising, or NULL */
    int count;
} tt_view;

/* In the run's arena. 0, or the code with which the run has failed. */
int tt_subvocab_make(tt_subvocab *n, tt_run *run, const tt_shortlist *list, const tt_seqs *src,
                     int vocab);

/* Sentence b's part of a row (n->count); good until the next call. */
tt_view tt_subvocab_view(const tt_subvocab *n, int b, const float *row);

/* Where a token stands in a view; -1: nowhere. */
int tt_view_find(const tt_view *v, int32_t token);

#endif
