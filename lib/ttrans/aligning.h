/* aligning.h: which words of sentence pairs translate each other, learned from the pairs alone, or
 * seen in a model's attention.
 *
 *     tt_aligner *a = tt_aligner_open("hmm", threads, &log, &e);
 *     // and tt_aligner_add, pair by pair
 *     rc = tt_aligner_read(a, &(tt_parallel){"corpus.tsv.gz", NULL, 1}, &e);
 *     rc = tt_aligner_learn(a, &e);
 *     // take(ctx, i, &links, …) for each
 *     rc = tt_aligner_pairs(a, sources, targets, n, take, ctx, &e);
 *     tt_aligner_close(a);
 *
 * Words are what stands between blanks. The same links whatever the threads.
 */
#ifndef TTRANS_ALIGNING_H
#define TTRANS_ALIGNING_H

#include "ttrans/attention.h"
#include "ttrans/training.h"

TT_C_BEGIN

typedef struct tt_aligner tt_aligner;

/* Links of one pair: of each word the likeliest word of the other side, from 0, or -1; and how
 * probable that is. */
typedef struct tt_aligned {
    int src, tgt;      /* words of either side */
    const int *of_tgt; /* (tgt): source words; NULL: this direction is not known */
    const int *of_src; /* (src): target words; NULL: the same */
    const float *p_tgt, *p_src;
} tt_aligned;

/* Called for each pair, on any thread, several at a time and in any order; what is borrowed is good
   until it returns. links NULL: the pair has none, and *why says so. What it returns, if not 0,
   ends the whole. */
typedef int tt_aligned_fn(void *ctx, size_t pair, const tt_aligned *links, const tt_err *why,
                          tt_err *e);

/* how: a row of the family aligner, perhaps with settings: "hmm:iterations=4". threads 0: all
   processors. log is borrowed until close, or NULL. NULL: TT_EUSAGE, TT_ENOMEM. */
tt_aligner *tt_aligner_open(const char *how, int threads, const tt_log *log, tt_err *e);
void tt_aligner_close(tt_aligner *a);

/* Text to learn from: one pair; all pairs of a source. TT_EDATA with file and line, as tt_train. */
int tt_aligner_add(tt_aligner *a, tt_span source, tt_span target, tt_err *e);
int tt_aligner_read(tt_aligner *a, const tt_parallel *source, tt_err *e);

/* Once, behind the last of these. Pairs with an empty side or one of more than 256 words are passed
   over. TT_EDATA when none is left. */
int tt_aligner_learn(tt_aligner *a, tt_err *e);

/* Aligns pairs (n), whether they were learned from or not; one call at a time. */
int tt_aligner_pairs(tt_aligner *a, const tt_span *sources, const tt_span *targets, size_t n,
                     tt_aligned_fn *fn, void *ctx, tt_err *e);

/* Saves what was learned, as text, and reads it in place of learning. TT_EFORMAT with file and
 * line. */
int tt_aligner_save(const tt_aligner *a, const char *path, tt_err *e);
int tt_aligner_load(tt_aligner *a, const char *path, tt_err *e);

/* Of a translator's model, opened with as many threads as are to work: each target word is linked
   to the word it looks at most, unless it looks at the end of the sentence more. layer and head as
   tt_attention_get. */
int tt_attention_pairs(tt_translator *t, int layer, int head, const tt_span *sources,
                       const tt_span *targets, size_t n, tt_aligned_fn *fn, void *ctx, tt_err *e);

TT_C_END

#endif
