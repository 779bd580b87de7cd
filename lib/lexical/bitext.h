/* bitext.h: parallel text as numbers of words, for those who learn which words translate which.
 *
 *     tt_bitext b = {0};
 *     TT_TRY(tt_bitext_add(&b, src, n, tgt, m, e));      // any number of times
 *     b.ids[1] + b.from[1][i]  // target words of pair i, tt_bitext_len(&b, 1, i) of them
 *     tt_bitext_free(&b);
 *
 * Sides are 0, source, and 1, target. A million pairs of 12 words take 112 MB.
 */
#ifndef TT_LEXICAL_BITEXT_H
#define TT_LEXICAL_BITEXT_H

#include "base/err.h"
#include "io/lines.h"

typedef struct tt_bitext {
    size_t pairs, room[3]; /* room: of ids of either side; of pairs */
    int size[2];           /* ids are below */
    size_t *from[2];       /* (pairs + 1); owned */
    int32_t *ids[2];       /* (from[side][pairs]); owned */
} tt_bitext;

void tt_bitext_free(tt_bitext *b); /* leaves *b empty; a zeroed one is fine */

/* One more pair, n and m ids. TT_ENOMEM. */
int tt_bitext_add(tt_bitext *b, const int32_t *src, size_t n, const int32_t *tgt, size_t m,
                  tt_err *e);

static inline int tt_bitext_len(const tt_bitext *b, int side, size_t pair) {
    return (int)(b->from[side][pair + 1] - b->from[side][pair]);
}

/* ---- pairs of lines ------------------------------------------------------------------------ */

/* Lines of a source, pair by pair: two files in step, or a TSV, whose further columns are passed
 * over. */
typedef struct tt_pairlines {
    tt_lines *src, *tgt; /* tgt NULL: a TSV; owned */
} tt_pairlines;

int tt_pairlines_open(tt_pairlines *p, const tt_parallel *source, tt_err *e);
void tt_pairlines_close(tt_pairlines *p);

/* 1: *src and *tgt are the next pair, until the next call; 0: the end. A blank line of a TSV is a
   pair of empty sides. TT_EDATA, with file and line, for a line of a TSV without TAB; for files of
   different length. */
int tt_pairlines_next(tt_pairlines *p, tt_span *src, tt_span *tgt, tt_err *e);

#endif
