/* beam.h: greedy search, beam search and sampling over a batch of sentences.
 *
 *     tt_search_opts o;
 *     tt_search_init(&o, eos);                              // greedy; then o.beam = 4, …
 *     tt_hyps *out = …;                                     // (src->count)
 *     TT_TRY(tt_search(&run, model, &src, &o, out, results, e));
 *     for (b …) use out[b].hyp[0].ids
 *
 * A hypothesis of n tokens, its eos counted, scores (Σ log p - word_penalty n) / n^normalize. A
 * finished one leaves its beam, which is one narrower from then on (Marian's rule); a sentence
 * whose beam is used up, or whose open hypotheses can no longer reach its n best, leaves the batch.
 * An unfinished character is finished within the length limit, or not begun; the bytes of one that
 * a given beginning leaves unfinished at the limit are dropped. Equal scores are decided by the
 * lower row, then the lower token. A sentence's result depends on nothing but the sentence and what
 * is asked of it.
 *
 * What else can be asked: several models at once (ensemble.h); rules for what a sentence's
 * hypotheses may say, and sampling instead of searching (steer.h); words that must appear
 * (terms.h).
 */
#ifndef TT_SEARCH_BEAM_H
#define TT_SEARCH_BEAM_H

#include "nn/network.h"
#include "ttrans/translate_options.h"

typedef struct tt_search_opts {
    int beam;         /* 1 … TT_BEAM_MAX; 1 is greedy search */
    int n_best;       /* hypotheses wanted, 1 … beam */
    double normalize; /* >= 0; 0 leaves scores as they are */
    double word_penalty;
    double max_length_factor; /* at most factor S + TT_LENGTH_SLACK target tokens, and what the
                                 model can hold */
    int want_scores;          /* else greedy search leaves them 0 and saves the softmax */
    int want_alignment;
    int eos;
    const int32_t *barred; /* (barred_count) tokens never chosen, borrowed */
    int barred_count;
    const struct tt_wellformed *wellformed; /* what keeps the target's characters whole
                                               (wellformed.h), borrowed; NULL: nothing */
    int min_length; /* >= 0: tokens that leave something to be seen, before the end, at least */

    double coverage; /* >= 0: β of the coverage penalty, β Σ_s log(min(1, Σ_t a_ts)), added to the
                        score of a finished hypothesis (Wu et al. 2016, equation 14); it needs
                        want_alignment */
    int no_repeat;   /* > 0: no hypothesis has so many tokens in a row twice */
    int groups; /* 1 … beam: diverse beams (Vijayakumar et al. 2016), the beam shared out to so
                   many, */
    double diversity; /* >= 0, and this is taken from log p of a token, when choosing, for each time
                         that an earlier group chose the token at the same step */
    int sampling; /* draw n_best hypotheses, each by itself, instead of searching; beam is n_best */
    double temperature; /* > 0: of the distribution drawn from; scores stay those of the model */
    int top_k;          /* > 0: from the k likeliest tokens only */
    double top_p; /* 0 < p <= 1: from the likeliest that together have p (Holtzman et al. 2020) */
} tt_search_opts;

/* Short sentences need some room beyond the factor: "OK" may become four words. */
enum { TT_LENGTH_SLACK = 10 };

/* Models that search together: log p is Σ_i weights[i] log p_i. Their target vocabularies have one
   size. weights NULL: 1 each. */
typedef struct tt_models {
    tt_model *const *model; /* (count) */
    const double *weights;
    int count; /* 1 … TT_ENSEMBLE_MAX */
} tt_models;

/* A batch, and what is asked of each sentence; borrowed. */
typedef struct tt_search_in {
    const tt_seqs *src;
    const tt_seqs *prefix;               /* tokens that a translation begins with; NULL: free */
    const struct tt_terms *const *terms; /* (B), each NULL or what it must contain; NULL: nothing */
    const uint64_t *keys;                /* (B) of the random numbers (rng.h); NULL: not sampling */
    const struct tt_shortlist
        *shortlist; /* tokens that may be chosen; NULL: all. Not heeded where a sentence is steered
                       (steer.h) or models search together */
    const unsigned char *aligned;  /* (B) 1: its hypotheses have an alignment, which
                                      opts.want_alignment  gives to all; NULL: none by itself */
    const unsigned char *replaced; /* (B) 1: U+FFFD stands in the source, and so may in the
                                      translation; NULL: nowhere */
} tt_search_in;

typedef struct tt_hyp {
    const int32_t *ids; /* (count), ends with eos */
    int count;
    double score, path;       /* as above; Σ log p */
    const float *word_scores; /* (count) log p of each; NULL unless scores are wanted */
    const float *alignment; /* (count, S): the model's alignment: a head of cross-attention or their
                               mean, when a token was chosen; NULL unless wanted */
    double penalty;         /* of coverage, part of score */
    const struct tt_said
        *said;    /* its text (words.h), where that is more than its tokens; else NULL */
    int overflow; /* 1: its path is no number, for the model's arithmetic overflowed */
} tt_hyp;

typedef struct tt_hyps {
    int count; /* 1 … n_best, best first */
    tt_hyp *hyp;
} tt_hyps;

/* Greedy, one hypothesis, no scores, factor 3. */
void tt_search_init(tt_search_opts *o, int eos);

/* Longest output of a sentence of n source tokens. */
int tt_search_limit(const tt_search_opts *o, const tt_model *m, int n);

/* Of a hypothesis of n tokens whose log p sum to path. */
double tt_search_score(const tt_search_opts *o, double path, int n);

/* Fills out (src->count), with memory in `results`. The run is reset before and after.
   Each sentence has 1 … max_length tokens, its eos counted. TT_ENOMEM; TT_EINTERNAL for a wrong
   argument. */
int tt_search(tt_run *run, tt_model *m, const tt_seqs *src, const tt_search_opts *o, tt_hyps *out,
              tt_arena *results, tt_err *e);

/* The same with all that can be asked. */
int tt_search_with(tt_run *run, const tt_models *m, const tt_search_in *in, const tt_search_opts *o,
                   tt_hyps *out, tt_arena *results, tt_err *e);

#endif
