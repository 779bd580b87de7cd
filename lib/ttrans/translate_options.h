/* translate_options.h: how a text is translated. tt_translate_init fills in what the model, or else
 * this program, finds best; then single fields are set.
 *
 *     tt_translate_options o;
 *     tt_translate_init(&o);
 *     o.beam = 1, o.threads = 2;
 */
#ifndef TTRANS_TRANSLATE_OPTIONS_H
#define TTRANS_TRANSLATE_OPTIONS_H

#include "ttrans/error.h"

TT_C_BEGIN

enum { TT_ALIGN_NONE, TT_ALIGN_HARD, TT_ALIGN_SOFT };

enum {
    TT_BEAM_MAX = 64,
    TT_ENSEMBLE_MAX = 16
}; /* hypotheses of a beam; models that search together */

enum { TT_COMPUTE_AUTO = -1, TT_COMPUTE_BF16_BOTH = -2 };
/* word_penalty: taken from the model's file; 0 if the file has none. */
#define TT_MODEL_SAYS (-1e9)

/* How a line is cut before it is translated: at ends of sentences, or only where it is too long. */
enum { TT_SPLIT_SENTENCE, TT_SPLIT_NONE, TT_SPLIT_PARAGRAPH };

typedef struct tt_translate_options {
    const char *const *more_inputs; /* (n_more_inputs) files read behind that of tt_translate_file,
                                       as one text; borrowed */
    int n_more_inputs;
    int encoding;    /* of the input: TT_TEXT_… */
    const char *isa; /* instruction set of the kernels; NULL: the best this CPU has */
    int threads;     /* 0: all processors */
    int compute;     /* of matrix products: TT_TYPE_F32, TT_TYPE_BF16 (weights rounded), TT_TYPE_I8,
                    TT_COMPUTE_BF16_BOTH (what they meet rounded too);
                    TT_COMPUTE_AUTO: the one that the file's matrices are stored in, f32 for f16 */
    int beam;        /* 1: greedy search; 0: as the model's file says, else 4 */
    double normalize;    /* scores are divided by length to this power; 0: not; negative: as the
                         model's file says, else 0.6; for pairs 0 */
    double word_penalty; /* subtracted for each token */
    double max_length_factor; /* most target tokens for a source token; 0: as the model's file says,
                                 else 3 */
    int min_length; /* least target tokens of a sentence, its end not counted; 0: it may have no
                       translation */
    int split; /* TT_SPLIT_…; negative: as the model's file says, else SENTENCE. PARAGRAPH joins
                  lines up to a blank one */
    int keep;  /* 1: what is no language (text/keep.h) comes out as it went in */
    const char *const *patterns; /* (n_patterns) POSIX extended regular expressions of what else is
                                    kept; borrowed */
    int n_patterns;
    int spelling;   /* 1: slips of the finger are read as what was meant, if the model's file has a
                       list of words; with `keep` */
    int capitals;   /* 1: sentences in capitals are read in small letters; negative: unless
                       decode.capitals in the file is 1 */
    int max_length; /* longer sentences are split into parts of so many tokens; 0: as the model
                       needs */
    int allow_unk;  /* 1: the unknown piece may be chosen; negative: as the model's file says, else
                       not */
    int n_best; /* 0: the plain form, else so many hypotheses a line; negative: as many as the beam
                 */
    int scores, word_scores; /* 1: printed */
    int next; /* so many likeliest tokens of each step, with probabilities, printed below it; of one
                 model; 0: none */
    int alignment;        /* TT_ALIGN_…: printed */
    int alignment_pieces; /* 1: between tokens, ends of sentences counted; 0: between words */
    double threshold;     /* of hard links; 1: the greatest weight alone */
    int links;            /* 1: made ready for tt_translate_document */
    int replace_unk; /* 1: an unknown piece is chosen where it is likely, and what is written for it
                        is the source word that was looked at most */
    int json; /* 1: lines are JSON objects, {"text": …}, and so is what is written; see layout.h */
    int pairs; /* 1: lines are SOURCE TAB TARGET (more columns are passed over), and what is written
                  is the score of each: its log probability */
    const char *targets; /* or the targets are the lines of this file; borrowed; NULL: not */
    int filter;          /* 1: what is written is instead the pairs of score `least` or above */
    double least;
    const char *const *more_models; /* (n_more) further models of an ensemble, with the same
                                       vocabulary; borrowed */
    int n_more;
    const double *weights; /* (1 + n_more) of their log probabilities; NULL: 1 each; borrowed */
    int prefix; /* 1: lines may be SOURCE TAB PREFIX, what the translation has to begin with, */
    const char *prefix_text; /* unless all begin with this; borrowed until close */
    const char *shortlist;   /* file of likely translations (ttrans-shortlist), the only tokens
                                 computed; "": the one inside    the model's file, which has to be
                                 there;    NULL: that one if it is there */
    int no_shortlist;        /* 1: the list inside the model's file is not used, either */
    const char *glossary;    /* file of SOURCE TAB TARGET: where the one is translated, the other
                                 stands; of SOURCE alone: it     stays as it is; NULL: none */
    const char *from, *to; /* codes of the languages, such as en, for plurals in a glossary and for
                              documents in lines of JSON; NULL: en, es; borrowed until close */
    int sampling;          /* 1: hypotheses are drawn, not searched; the beam is not used */
    double temperature;    /* of what is drawn; below 1 likelier, above 1 more varied */
    int top_k;             /* drawn from the k likeliest tokens; 0: from all */
    double top_p;          /* from the likeliest that together have this probability; 1: from all */
    uint64_t seed;
    int no_repeat; /* no so many tokens in a row twice in a translation; 0: allowed */
    int checks; /* 1: a translation that looks wrong (TT_FAULTS) is searched again, and the better
                   one written; not for samples, pairs, n-best lists and given beginnings */
    int retry_loops;           /* 1: without checks, those that repeat themselves still are */
    double coverage;           /* strength of the coverage penalty (Wu et al. 2016); 0: none */
    int diversity_groups;      /* the beam is shared out to so many, */
    double diversity_strength; /* and each keeps away from the tokens of those before it */
    int mini_batch;            /* most sentences of a batch */
    int mini_batch_words; /* a batch holds at most this many source tokens times beam width. Two
                             exceptions: a batch takes 24 hypotheses if they fit twice the memory,
                             and never more than 32 MiB of keys and values. A longer sentence is a
                             batch of its own */
    int maxi_batch;       /* batches read ahead and sorted by length together */
    int cache; /* MiB of sentences remembered with their translations; 0: equal ones are searched
                  each time */
} tt_translate_options;

void tt_translate_init(tt_translate_options *o);

TT_C_END

#endif
