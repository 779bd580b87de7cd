/* force.h: what a model gives to translations that are there already (forced decoding).
 *
 *     TT_TRY(tt_force(&run, &models, &src, &tgt, &o, out, results, e));
 *     out[b].hyp[0].path      // Σ log p of tgt's tokens, its eos counted
 *
 * All tokens of a pair go through the decoder at once, as in training, so this is much faster than
 * a search. A pair's numbers depend on nothing but the pair. Of several models log p are added,
 * weighted; the alignment is the first one's.
 */
#ifndef TT_SEARCH_FORCE_H
#define TT_SEARCH_FORCE_H

#include "search/beam.h"

/* Fills out (src->count) with one hypothesis each, which borrows tgt's ids; all else is in
   `results`. Of *o it takes normalize, word_penalty and want_alignment. Sentences have
   1 … max_length tokens and end with eos, on both sides. The run is reset before and after.
   TT_ENOMEM; TT_EINTERNAL for a wrong argument. */
int tt_force(tt_run *run, const tt_models *m, const tt_seqs *src, const tt_seqs *tgt,
             const tt_search_opts *o, tt_hyps *out, tt_arena *results, tt_err *e);

#endif
