/* layout.h: what is written for a translated line.
 *
 *     text[ ||| ALIGNMENT][ ||| WordScores= s …][ ||| score]
 *     ID ||| text[ ||| ALIGNMENT][ ||| WordScores= s …] ||| F0= path ||| score
 *     score[ ||| ALIGNMENT][ ||| WordScores= s …]
 *
 * The second form is that of n-best lists (Moses, Marian), a line for each hypothesis; the
 * third is that of given pairs (marian-scorer). Hard alignment: links s-t, both from 0, sorted; soft:
 * for each target token its S weights, joined by commas, tokens by blanks. Both count subwords and
 * eos. Path is Σ log p, score is that of beam.h.
 * Where a line was split, the tokens of its parts follow one another, and a token's soft weights
 * are those of its part.
 */
#ifndef TT_SEARCH_LAYOUT_H
#define TT_SEARCH_LAYOUT_H

#include "search/beam.h"
#include "search/sentence.h"

typedef struct tt_layout {
    const tt_vocab *vocab;
    const tt_search_opts *search; /* for the score of a whole line */
    int n_best;                   /* 0: the first form */
    int pairs;                    /* 1: the third form */
    int scores, word_scores;
    int alignment;    /* TT_ALIGN_… */
    double threshold; /* hard links: every weight above it; 1: each target token's greatest */
} tt_layout;

/* The output of line `number` in the arena: *len bytes, newlines included. Part i has the
   hypotheses hyps[i]; no parts make a blank line, or, of a
   pair, -inf. `tail` (a CR, or nothing) goes before each
   newline. */
int tt_layout_line(char **out, size_t *len, const tt_layout *l, size_t number,
                   const tt_sentence *parts, const tt_hyps *hyps, size_t count, const char *tail,
                   tt_arena *a, tt_err *e);

#endif
