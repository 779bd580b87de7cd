/* align.h: what the files of `ttrans align` share.
 */
#ifndef TT_CMD_ALIGN_H
#define TT_CMD_ALIGN_H

#include "cmd.h"
#include "score/alignment.h"

/* Pairs that are aligned together. Their text is borrowed. */
typedef struct tt_align_block {
    size_t count;
    const tt_span *source, *target; /* (count); NULL: there is no text */
    struct tt_align_pair {
        int src, tgt;      /* words; -1: there is no text */
        tt_links links[2]; /* forward, backward: from source to target both; owned */
        tt_links joined;   /* owned */
        char why[160];     /* not "": the pair has no links, and this is why */
    } * pair;              /* (count) */
} tt_align_block;

/* Where links come from: of one direction, or of both. */
typedef struct tt_align_side tt_align_side;

/* A model, its alignment's layer and head as the file says, unless these are not 0 (head -1: the
   mean). backward 1: it translates targets to sources. NULL on failure. */
tt_align_side *tt_align_side_model(const char *path, int backward, int layer, int head, int threads,
                                   tt_err *e);

/* Pharaoh lines; from: the number of the first word. */
tt_align_side *tt_align_side_file(const char *path, int backward, int from, tt_err *e);

/* An aligner that has learned; it gives both directions, and becomes the side's. */
tt_align_side *tt_align_side_learned(tt_aligner *a, tt_err *e);
void tt_align_side_close(tt_align_side *s);

/* Links of at least `least` of each pair. A pair that a model cannot take has none, and `why` says
   so. 1: a file has no more lines, and *count is how many pairs got theirs. */
int tt_align_side_take(tt_align_side *s, tt_align_block *b, double least, size_t *count, tt_err *e);

/* What stands between blanks. */
int tt_align_words(tt_span text);

#endif
