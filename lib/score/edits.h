/* edits.h: how many edits make one text of another, when moving a phrase is one edit.
 *
 * Translation edit rate (Snover et al. 2006) as Tercom and, from it, sacreBLEU find it: phrases are
 * moved one at a time, greedily, each time the one that saves most; then words are inserted,
 * deleted and replaced. The limits are part of the definition: phrases of at most 10 words, moved
 * from at most 50 words away, 1000 candidates a pair of texts, and an edit distance that stays
 * within 25 words of the diagonal.
 */
#ifndef TT_SCORE_EDITS_H
#define TT_SCORE_EDITS_H

#include "score/dict.h"

/* Edits from `hyp` to `ref`, moves included; a symbol TT_DICT_NONE is equal to none. `hyp` comes
   back in its last order. 0 or TT_ENOMEM; the arena is left as it was. */
int tt_edits(double *edits, tt_symbols *hyp, const tt_symbols *ref, tt_arena *arena);

#endif
