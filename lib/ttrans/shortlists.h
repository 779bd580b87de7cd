/* shortlists.h: lexical shortlists, made of the text that a model is trained on.
 *
 * A shortlist holds, for each source token, the target tokens that translate it, so that a
 * translator need not look at the others: see lexical/shortlist.h.
 *
 *     tt_shortlist_options o = {.vocab = "en-es.spm", .sources = &source, .n_sources = 1, .best =
 *       50, …};
 *     rc = tt_shortlist_make("lex.bin", &o, &log, &e);
 */
#ifndef TTRANS_SHORTLISTS_H
#define TTRANS_SHORTLISTS_H

#include "ttrans/training.h"

TT_C_BEGIN

typedef struct tt_shortlist_options {
    const char *vocab;          /* SentencePiece model, or a model file with one; for both sides */
    const tt_parallel *sources; /* parallel text */
    int n_sources;
    const char *alignments; /* word alignments of the one source, in Pharaoh form; NULL: learned
                               (IBM Model 1) */
    const char
        *aligner; /* or counted links that this row of the family aligner learns; NULL: not */
    int first;    /* ids below are in each sentence's list; the end of a sentence is in any case */
    int frequent; /* so many of the text's most frequent target tokens as well */
    int best;     /* most targets of a source token */
    double threshold; /* and their least probability */
    int iterations;   /* of learning */
    int max_tokens;   /* pairs with a longer side are left out */
    int threads;
    int text; /* 1: written as lines TARGET SOURCE PROBABILITY, else in the binary form */
} tt_shortlist_options;

/* Makes one and writes it at once or not at all; the same bytes whatever the threads.  TT_EDATA,
     naming
   file and line, for wrong text; TT_ECONFIG for alignments with several sources. */
int tt_shortlist_make(const char *path, const tt_shortlist_options *o, const tt_log *log,
                      tt_err *e);

typedef struct tt_shortlist_cover {
    size_t pairs, tokens,
        covered;  /* target tokens, ends counted; of these within their sentence's list */
    double words; /* mean length of a sentence's list */
    size_t whole; /* pairs whose target tokens are all within */
} tt_shortlist_cover;

/* How well the shortlist at path would serve the text of o (its vocab, sources, max_tokens and
 * threads). */
int tt_shortlist_test(const char *path, const tt_shortlist_options *o, tt_shortlist_cover *c,
                      const tt_log *log, tt_err *e);

TT_C_END

#endif
