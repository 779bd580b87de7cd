/* evidence.h: how much a difference of scores says, and what scores hide.
 *
 *     tt_certainty c[2];
 *     rc = tt_score_compare((const tt_score *[]){a, b}, 2, &(tt_trials){0}, c, &e);      // c[1].p
 *
 *     tt_fact_finder *f = tt_facts_open(&e);
 *     rc = tt_facts_add(f, &sums, hyp, &ref, 1, NULL, &e);  // for each segment
 *     tt_facts_close(f);
 */
#ifndef TTRANS_EVIDENCE_H
#define TTRANS_EVIDENCE_H

#include "ttrans/scoring.h"

TT_C_BEGIN

/* How to resample. All zero: {0}, is sacreBLEU's default for a confidence interval or a paired
 * bootstrap. */
enum { TT_TRIALS_BOOTSTRAP, TT_TRIALS_RANDOMISATION };
typedef struct tt_trials {
    int kind;         /* TT_TRIALS_… */
    int count;        /* 0 means 1000, or 10000 for randomisation; at most 1000000 */
    const char *seed; /* a whole number in decimal digits, as SACREBLEU_SEED; NULL: "12345"; "none":
                         from the system */
    int threads;      /* 0 means 1; the result does not depend on it */
} tt_trials;

typedef struct tt_certainty {
    double mean, ci; /* bootstrap: mean of the resampled scores, and half the width of their 95 %
                        interval; else 0 */
    double p; /* of a difference to the first system as great as this, or greater, by chance; 1 for
                 the first */
    int same; /* 1: each segment scores as the first system's does, so that p says nothing */
} tt_certainty;

/* Bootstrap (Efron 1979; Koehn 2004) of one score: mean ± ci, as sacreBLEU's --confidence. The
   score was opened with `keep`. TT_EUSAGE for options out of range or a score that keeps nothing;
   TT_EDATA for 0 segments; TT_ENOMEM. */
int tt_score_confidence(const tt_score *s, const tt_trials *t, tt_certainty *c, tt_err *e);

/* Compares systems[1 … n-1] to systems[0], the baseline, into c[0 … n-1]: paired bootstrap (Koehn
   2004) with intervals, or paired approximate randomisation (Riezler and Maxwell 2005). All scores
   have the same metric and options and the same number of segments, and keep them. As in sacreBLEU
   a seed of 0 is here as none. Errors as above. */
int tt_score_compare(const tt_score *const *systems, int n, const tt_trials *t, tt_certainty *c,
                     tt_err *e);

/* ---- what scores hide ---------------------------------------------------------------------- */

/* The first byte that is not UTF-8: its place from 0, or line.len when there is none. *column (may
   be NULL) counts characters from 1; *part (may be NULL): bytes that one U+FFFD stands for. */
size_t tt_utf8_bad(tt_span line, size_t *column, size_t *part);

/* Sums over segments that a score does not show. Words stand between white space; a number is a row
   of digits, points and commas inside it left out, so that 1,000.5 is 1.000,5. Of several
   references that with the nearest number of words counts, but a word or number is missed only
   where all miss it. */
typedef struct tt_facts {
    size_t segments;
    size_t empty; /* hypotheses without a word for a reference with some */
    size_t hyp_words, ref_words;
    size_t exact;                   /* hypotheses that are a reference, word for word */
    size_t repeated, ref_repeated;  /* words of phrases (1 … 4 words) said twice in a row */
    size_t numbers, lost, invented; /* of the references; not in the hypothesis; only there */
    size_t sources, copied; /* segments with a source; hypothesis is it, though no reference is */
    size_t source_words,
        copied_words; /* hypothesis words of those; from the source and in no reference */
} tt_facts;

typedef struct tt_fact_finder tt_fact_finder;

tt_fact_finder *tt_facts_open(tt_err *e);
void tt_facts_close(tt_fact_finder *f);

/* Adds one segment to *sums. Texts are valid UTF-8; `source` may be NULL. 0 or TT_ENOMEM. */
int tt_facts_add(tt_fact_finder *f, tt_facts *sums, tt_span hyp, const tt_span *refs, int n_refs,
                 const tt_span *source, tt_err *e);

/* Which words two texts share. A longest common subsequence is SAME; other words that the other
   text has left over are MOVED; the rest is OTHER. Punctuation at a word's ends is a word of its
   own. */
enum { TT_WORD_SAME, TT_WORD_MOVED, TT_WORD_OTHER };

typedef struct tt_marked {
    tt_span word; /* part of the text given */
    int mark;
} tt_marked;

typedef struct tt_comparison {
    const tt_marked *a, *b; /* until the next comparison */
    size_t a_len, b_len;
} tt_comparison;

/* Beyond 3000 words that differ in the middle of a text all of them are OTHER or MOVED. 0,
 * TT_ENOMEM. */
int tt_facts_compare(tt_fact_finder *f, tt_comparison *c, tt_span a, tt_span b, tt_err *e);

TT_C_END

#endif
