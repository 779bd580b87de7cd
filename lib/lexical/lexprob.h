/* lexprob.h: p(t|s), how probably a source token is translated by a target token, from parallel
 * text.
 *
 *     tt_lexprob p;
 *     TT_TRY(tt_lexprob_train(&p, corpus, V, 5, pool, log, e));        // or tt_lexprob_count
 *     p.row[s].ids[k], p.row[s].p[k]                                   // k < p.row[s].count
 *     tt_lexprob_free(&p);
 *
 * The table is sparse: a row for each source token, with at most TT_LEXPROB_ROW targets, those that
 * stand opposite it most often. So it takes at most 8 · TT_LEXPROB_ROW bytes for a source token,
 * and far less as a rule. The end of a sentence takes no part.
 */
#ifndef TT_LEXICAL_LEXPROB_H
#define TT_LEXICAL_LEXPROB_H

#include "text/corpus.h"

/* Twenty times the usual list: what stands opposite more rarely will not be among its best. */
enum { TT_LEXPROB_ROW = 2000 };

typedef struct tt_lexprob_row {
    int count;
    int32_t *ids; /* (count), rising; owned */
    float *p;     /* (count); owned */
} tt_lexprob_row;

typedef struct tt_lexprob {
    int size;            /* of the vocabulary, both sides' */
    tt_lexprob_row *row; /* (size), owned */
    uint64_t *frequency; /* (size), of target tokens in the text; owned */
} tt_lexprob;

void tt_lexprob_free(tt_lexprob *p); /* leaves *p empty; a zeroed one is fine */

/* IBM Model 1 (Brown et al. 1993) by expectation maximisation from equal probabilities:
     c(t,s) = Σ over sentences, target positions of t, source positions of s, of p(t|s) / Σ_s'
   p(t|s') p(t|s) = c(t,s) / Σ_t' c(t',s) with an empty word among the sources of each sentence. The
   same numbers whatever the threads. Perplexities and memory are logged. */
int tt_lexprob_train(tt_lexprob *p, const tt_corpus *c, int size, int iterations, tt_pool *pool,
                     const tt_log *log, tt_err *e);

/* From word alignments in Pharaoh form, a line for each pair of the text: links S-T between tokens
   of the vocabulary, from 0; p(t|s) = links of s with t / links of s. Pairs with a side of above
   max_tokens are left out. TT_EDATA with file and line for what is no link, a link outside its
   pair, or files of different length. */
int tt_lexprob_count(tt_lexprob *p, const tt_parallel *text, const char *alignments,
                     const tt_vocab *v, int max_tokens, const tt_log *log, tt_err *e);

/* From links that an aligner (how: a row of the family aligner, perhaps with settings) learns of
   the corpus' tokens, both directions joined as grow-diag-final-and: p(t|s) as of tt_lexprob_count.
   The same numbers whatever the threads. */
int tt_lexprob_link(tt_lexprob *p, const tt_corpus *c, int size, const char *how, tt_pool *pool,
                    const tt_log *log, tt_err *e);

#endif
