/* align.h: what the files of `ttrans align` share.
 */
#ifndef TT_CMD_ALIGN_H
#define TT_CMD_ALIGN_H

#include "cmd.h"
#include "score/alignment.h"

/* One direction: links from a model, or read from a file. */
typedef struct tt_align_side tt_align_side;

/* A model, its alignment's layer and head as the file says, unless these are not 0 (head -1: the mean). backward 1: it
   translates targets to sources. NULL on failure. */
tt_align_side *tt_align_side_model(const char *path, int backward, int layer, int head, tt_err *e);

/* Pharaoh lines; from: the number of the first word. */
tt_align_side *tt_align_side_file(const char *path, int from, tt_err *e);
void tt_align_side_close(tt_align_side *s);

/* The next pair's links, source to target, those of at least `least`. From a model each word of the side that is written is linked
   to the word it looks at most, unless it looks at the end of the sentence more. *src and *tgt are the pair's words; -1 where
   there is no text. TT_EDATA: the model cannot take the pair, and *l is empty; 1: a file has no more lines. */
int tt_align_side_next(tt_align_side *s, tt_links *l, tt_span source, tt_span target, int src, int tgt, double least, tt_err *e);

/* What stands between blanks. */
int tt_align_words(tt_span text);

#endif
