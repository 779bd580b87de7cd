/* scoring.h: scores of translations: BLEU, chrF and TER.
 */
#ifndef TTRANS_SCORING_H
#define TTRANS_SCORING_H

#include "ttrans/error.h"

TT_C_BEGIN

/* Scores of translations as sacreBLEU 2.6 computes them, to the last bit of the double.
 *
 *     tt_score *s = tt_score_open("chrf", NULL, 1, &e);
 *     while (more) rc = tt_score_add(s, hyp, &ref, &e);      // memory does not grow with segments
 *     tt_score_result r;
 *     tt_score_get(s, &r);                                   // r.score: 57.2
 *     tt_score_close(s);
 *
 * A score serves one system and one metric; scores share nothing, so each may have a thread.
 */
typedef struct tt_score tt_score;

#define TT_SCORE_ORDER_MAX 16                   /* highest n-gram order that may be asked for */
#define TT_SCORE_SEGMENT_MAX ((size_t)16 << 20) /* bytes of one hypothesis or reference */
#define TT_SCORE_REFS_MAX 64                    /* references of one segment */

/* Cuts a line into tokens: calls `token(token_ctx, t)` for each in order, and stops with what that
   returns as soon as it is not 0. 0, or a code with its message in *e. The tokens may be given up
   when it returns. */
typedef int tt_token_fn(void *token_ctx, tt_span token);
typedef int tt_cut_fn(void *cut_ctx, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e);

/* All zero is sacreBLEU's default: {0}. What pointers point at is only read by tt_score_open, but
   for cut_ctx, which must outlive the score. Each metric reads its own fields and no others. */
typedef struct tt_score_options {
    const char *tokenize; /* bleu: "13a" (NULL), another of tt_score_tokenizer, or, with `cut`, the
                             name that is signed: at most 63 bytes, no ':', '|' or white space */
    tt_cut_fn *cut;       /* bleu: tokenises instead, for example tt_pieces_cut; or NULL */
    void *cut_ctx;
    int lowercase;              /* bleu: 1 compares in lower case */
    const char *smooth;         /* bleu: "exp" (NULL), "floor", "add-k", "none" */
    const double *smooth_value; /* bleu: for floor (NULL: 0.1) and add-k (NULL: 1) */
    int effective_order;        /* bleu: 1 for single sentences */
    int max_order;              /* bleu: 0 means 4 */
    int char_order;             /* chrf: 0 means 6 */
    int word_order;             /* chrf: 0; 2 makes it chrF++ */
    int beta;                   /* chrf: 0 means 2 */
    int whitespace;             /* chrf: 1 counts white space too */
    int eps_smoothing;          /* chrf: 1 smooths with epsilon instead of skipping empty orders */
    int chrf_lowercase;         /* chrf: 1 compares in lower case */
    int ter_normalized;         /* ter: 1 undoes entities and cuts off punctuation */
    int ter_no_punct;           /* ter: 1 deletes . , ? : ; ! " ( ) */
    int ter_asian; /* ter: 1 lets these two know Chinese and Japanese characters and marks */
    int ter_case_sensitive; /* ter: 0 compares in lower case */
    int keep;               /* 1 keeps the statistics of every segment, for tt_score_confidence and
                               tt_score_compare: a segment has 80 bytes (bleu), 144 (chrf), 16
                               (ter) */
} tt_score_options;

typedef struct tt_score_result {
    double score;        /* 0 … 100; TER may exceed 100 */
    int less_is_better;  /* 1: of the score, as with TER */
    char name[32];       /* "BLEU", "chrF2", "chrF2++", "TER" */
    char verbose[320];   /* bleu: "82.4/50.0/45.5/37.5 (BP = 0.943 …)"; chrf, ter: "" */
    char signature[256]; /* as tt_score_sign without tags, long:
                            "nrefs:1|case:mixed|…|impl:ttrans-…" */
    double hyp_len,
        ref_len; /* bleu: tokens; chrf: characters; ter: edits and mean tokens of the references */
    double bp;   /* bleu: brevity penalty, 0 … 1; others 1 */
    double precisions[TT_SCORE_ORDER_MAX]; /* bleu: percent, smoothed, of order 1, 2, …; others 0 */
} tt_score_result;

/* `metric` is "bleu", "chrf" or "ter"; every segment will have `refs` >= 1 references, some of
   which may be missing; `o` may be NULL. NULL on failure: TT_EUSAGE, naming what is unknown or out
   of range, TT_ENOMEM. */
tt_score *tt_score_open(const char *metric, const tt_score_options *o, int refs, tt_err *e);
void tt_score_close(tt_score *s);

/* One more segment; refs[0 … refs-1] are its references. A reference whose text is NULL is missing,
   which is not the same as an empty one; one at least must be there. White space at the end of each
   is dropped. TT_EDATA for what tt_score_check rejects or a segment without references, naming
   hypothesis or reference; what `cut` returned; TT_ENOMEM. After an error the sums are as before.
 */
int tt_score_add(tt_score *s, tt_span hyp, const tt_span *refs, tt_err *e);

/* The same for `n` systems: hyps[i] goes to scores[i]. All have the same metric, options and number
   of references (TT_EUSAGE if seen), and what there is to do with these is done once. After an
   error no score has changed. */
int tt_score_add_each(tt_score *const *scores, int n, const tt_span *hyps, const tt_span *refs,
                      tt_err *e);

/* TT_EDATA for what is not UTF-8, saying at which byte, or above TT_SCORE_SEGMENT_MAX. */
int tt_score_check(tt_span line, tt_err *e);
tt_span tt_score_strip(tt_span line); /* without the white space at its end, Unicode's included */

void tt_score_get(const tt_score *s, tt_score_result *r);      /* of all segments so far */
void tt_score_get_last(const tt_score *s, tt_score_result *r); /* of the last segment alone */
void tt_score_reset(tt_score *s);                              /* forgets the segments */
size_t tt_score_segments(const tt_score *s);

/* "bleu", "chrf", "ter": the i-th metric, NULL from the end on; the i-th tokeniser likewise: "13a",
   "none", "char", "intl", "zh". */
const char *tt_score_metric(int i);
const char *tt_score_tokenizer(int i);

/* The tokens that the score compares, in lower case where it does: bleu, ter: its words; chrf: as
   bleu with "none". They are the score's until its next call. Returns as tt_cut_fn; TT_EDATA for
   what tt_score_check rejects. */
int tt_score_words(tt_score *s, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e);

/* What a signature tells beside the options of the metric; zero and NULL are left out. */
typedef struct tt_score_tags {
    int bs, ar;       /* trials of the bootstrap, of the randomisation */
    const char *seed; /* "12345", "none" */
    const char *test, *lang, *origlang, *subset;
} tt_score_tags;

/* The signature, cut off at `cap` bytes (256 hold all without test and subset):
   "nrefs:1|bs:1000|seed:12345|…| version:2.6.0|impl:ttrans-0.1.0", or with `brief` sacreBLEU's
   short keys and "i" for impl: "#:1|…|v:2.6.0|i:…". nrefs is the number of references of the
   segments so far, or "var" if they differ. `tags` may be NULL. */
void tt_score_sign(const tt_score *s, const tt_score_tags *tags, int brief, char *text, size_t cap);

/* A SentencePiece model as a tokeniser for tt_score_options:
 *
 *     tt_pieces *p = tt_pieces_open("flores200.model", &e);
 *     tt_score_options o = {.tokenize = "flores200", .cut = tt_pieces_cut, .cut_ctx = p};
 *
 * Threads may share it. NULL on failure: TT_ENOINPUT, TT_EFORMAT, TT_ENOMEM.
 */
typedef struct tt_pieces tt_pieces;

tt_pieces *tt_pieces_open(const char *path, tt_err *e);
void tt_pieces_close(tt_pieces *p);
int tt_pieces_cut(void *pieces, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e);

TT_C_END

#endif
