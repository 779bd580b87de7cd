/* likely.h: which tokens a model thinks likeliest at each step of a translation that is there.
 *
 *     tt_likely *of = …;                                       // (n, k)
 *     TT_TRY(tt_likely_find(of, 5, &run, model, &src, &tgt, e));   // src, tgt: one sentence each
 *     of[t * 5].id, of[t * 5].p                                // the best before token t is said
 *
 * Probabilities are the model's own, softmax over all tokens, whatever a search may choose from.
 */
#ifndef TT_SEARCH_LIKELY_H
#define TT_SEARCH_LIKELY_H

#include "nn/network.h"

typedef struct tt_likely {
    int32_t id;
    float p;
} tt_likely;

/* The k likeliest, best first, of equal ones the lower token; k is at most the vocabulary. The run
   is reset before and after. TT_ENOMEM. */
int tt_likely_find(tt_likely *of, int k, tt_run *run, tt_model *m, const tt_seqs *src,
                   const tt_seqs *tgt, tt_err *e);

#endif
