/* posterior.h: of a pair of sentences, how probably each word was made by each word of the other
 * side: what the models of word alignment differ in.
 *
 *     e: (m, n + 1): p(word i | word j of the other side), column n of the empty word; becomes the
 *       posterior, rows that sum to 1
 *     sums: what the model learns of this pair is added
 *
 * A model's prior of where a word comes from is in tt_prior; it is one direction's. Nothing here
 * allocates.
 */
#ifndef TT_LEXICAL_POSTERIOR_H
#define TT_LEXICAL_POSTERIOR_H

#include "base/pool.h"
#include "base/pick.h"

enum { TT_JUMP_MOST = 30, TT_JUMPS = 2 * TT_JUMP_MOST + 1 }; /* longer jumps count as these */

typedef struct tt_prior {
    double null;          /* of the empty word */
    double tension;       /* diagonal: λ */
    float jump[TT_JUMPS]; /* hmm: weights of jumps by -30 … 30 words */
} tt_prior;

/* Sums over pairs, of one direction. */
typedef struct tt_prior_sums {
    double log, words;     /* log p of what was made, and how many words that is */
    double off;            /* diagonal: Σ of posteriors times distances from the diagonal */
    double linked;         /* and Σ of posteriors of words that are not empty */
    double jump[TT_JUMPS]; /* hmm: expected jumps */
} tt_prior_sums;

/* How many floats of `work` a posterior of n and m words needs. */
size_t tt_posterior_work(int n, int m);

typedef void tt_posterior_fn(float *e, int n, int m, const tt_prior *prior, float *work,
                             tt_prior_sums *sums);

/* IBM Model 1 (Brown et al. 1993): any place is as good as any other. */
void tt_posterior_ibm1(float *e, int n, int m, const tt_prior *prior, float *work,
                       tt_prior_sums *sums);

/* IBM Model 2 with a prior of one parameter (Dyer et al. 2013): word i of m comes from word j of n
   with a weight of exp(-λ |(i + ½) / m - (j + ½) / n|). */
void tt_posterior_diagonal(float *e, int n, int m, const tt_prior *prior, float *work,
                           tt_prior_sums *sums);

/* A hidden Markov model (Vogel et al. 1996): a word comes from j' + d with a weight of jump[d],
   where the one before came from j'; one of the empty word leaves j' as it is (Och and Ney 2003).
 */
void tt_posterior_hmm(float *e, int n, int m, const tt_prior *prior, float *work,
                      tt_prior_sums *sums);

/* The mean of |(i + ½) / m - (j + ½) / n| under the diagonal prior, a pair of n and m words: Σ over
 * its m words. work: (n) */
double tt_diagonal_off(int n, int m, double tension, float *work);

/* The rows of the family `aligner`. */
typedef struct tt_align_model {
    tt_row row;
    tt_posterior_fn *posterior;
} tt_align_model;

/* Settings of each row, by place. */
enum { TT_ALIGN_ITERATIONS, TT_ALIGN_FIRST, TT_ALIGN_ALPHA, TT_ALIGN_NULL, TT_ALIGN_AGREE };

extern const tt_family tt_family_aligner;

#endif
