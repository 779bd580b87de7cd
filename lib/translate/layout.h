/* layout.h: what is written for a translated line.
 *
 *     text[ ||| ALIGNMENT][ ||| WordScores= s …][ ||| score]
 *     ID ||| text[ ||| ALIGNMENT][ ||| WordScores= s …] ||| F0= path ||| score
 *     score[ ||| ALIGNMENT][ ||| WordScores= s …]
 *     {"id": …, "translation": …, "score": …, "logp": …[, "alignment": …][, "word_scores": …][,
 * "warnings": […]]}
 *     {"id": …, "hypotheses": [{"translation": …, …}, …]}
 *     {"id": …, "error": …}
 *
 * With `next`, lines follow a translation, one for each of its tokens:
 *     TAB TOKEN TAB token p TAB token p …
 * In JSON that is "next": [{"token": …, "best": [[token, p], …]}, …].
 *
 * A document has no alignment (null), and "notes" where it is broken.
 *
 * The second form is that of n-best lists (Moses, Marian), a line for each hypothesis; the
 * third is that of given pairs (marian-scorer); the last two are JSON, of a pair without
 * "translation". Hard alignment: links s-t, both from 0, sorted; soft: for each target its weights,
 * joined by commas, targets by blanks; in JSON, lists of two and lists of weights. Between words
 * (words.h), or between tokens, eos counted. Path is Σ log p, score is that of beam.h. Where a line
 * was split, the words of its parts follow one another, and a target's soft weights are those of
 * its part.
 */
#ifndef TT_TRANSLATE_LAYOUT_H
#define TT_TRANSLATE_LAYOUT_H

#include "base/outbuf.h"
#include "search/likely.h"
#include "translate/words.h"

typedef struct tt_layout {
    const tt_vocab *source, *target;
    const tt_search_opts *search; /* for the score of a whole line */
    int n_best;                   /* 0: the first form */
    int pairs;                    /* 1: the third form */
    int json;                     /* 1: the last ones */
    int scores, word_scores;
    int alignment;    /* TT_ALIGN_… */
    int pieces;       /* 1: between tokens */
    double threshold; /* hard links: every weight above it; 1: each target's greatest */
    int replace_unk;
    int next; /* so many likeliest tokens of each step below a translation; 0: none */
} tt_layout;

/* A line and what became of it: part i has the hypotheses hyps[i]. */
typedef struct tt_layout_line {
    size_t number;
    tt_span id; /* of a JSON line; text NULL: its number */
    int id_is_number;
    int n_best, alternatives; /* of a JSON line, what it asks for; 0: nothing */
    const tt_span *more;      /* (n_more) its members that are given back */
    size_t n_more;
    const char *wrong;            /* why there is no translation; or NULL */
    const struct tt_inset *inset; /* the document that its text is; or NULL */
    tt_span lead;                 /* what goes before the first part, or is the whole line */
    const tt_sentence *parts;     /* (count) */
    const tt_hyps *hyps;          /* (count) */
    const unsigned *faults;       /* (count) of 1 << TT_FAULT_…: for JSON */
    size_t count;                 /* 0: nothing was translated; of a pair, -inf */
    const tt_likely *const *next; /* (count) of each part's first hypothesis (T, layout's next), or
                                     NULL */
    const char *tail;             /* a CR, or nothing: goes before each newline */
} tt_layout_line;

/* Adds the output of a line, newlines included. */
int tt_layout_put(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, tt_err *e);

/* ---- for the two files of the layouts -------------------------------------------------------- */

/* Totals of rank r's hypotheses over the parts of a line. A part that has fewer hypotheses gives
   its last. */
typedef struct tt_layout_sums {
    double path, score;
    int tokens;
} tt_layout_sums;

const tt_hyp *tt_layout_ranked(const tt_hyps *h, int rank);
tt_layout_sums tt_layout_sum(const tt_layout *l, const tt_layout_line *x, int rank);
const char *tt_layout_piece(const tt_layout *l, int32_t id); /* of the target */
int tt_layout_text(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, int rank, tt_err *e);

/* The alignment of the whole line: what was copied is linked word by word. It is links, or rows of
   weights, and how they are written. */
typedef struct tt_marks {
    const char *open, *link, *weight, *close; /* of one link or row, and between its numbers */
    const char *between;                      /* two of them */
} tt_marks;
int tt_layout_alignment(tt_outbuf *b, const tt_layout *l, const tt_marks *k,
                        const tt_layout_line *x, int rank, tt_err *e);

/* The JSON forms, without the newline. */
int tt_layout_json(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, int ranks, tt_err *e);

#endif
