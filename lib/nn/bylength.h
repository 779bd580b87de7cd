/* bylength.h: sentences by falling length, so that those which still run at a step are the first
 * ones.
 *
 *     int32_t *order = tt_sort_sequences(run, tgt->count, tgt->off);   // (B)
 *     text = tt_bylength_text(run, text, src, order, k_off);           // their texts in that order
 *     for (t …) n = tt_bylength_rows(tgt, order, t, rows);  // rows of tgt that step t takes
 */
#ifndef TT_NN_BYLENGTH_H
#define TT_NN_BYLENGTH_H

#include "base/seqs.h"
#include "tensor/op.h"

/* The rows of a text (N_src, D) with its sentences in the order; their places into k_off (B+1). In
   the run's arena; NULL once the run has failed. */
tt_tensor *tt_bylength_text(tt_run *run, tt_tensor *text, const tt_seqs *src, const int32_t *order,
                            int32_t *k_off);

/* The rows of step t, into rows (B): those of the sentences that have one. Returns how many. */
int tt_bylength_rows(const tt_seqs *tgt, const int32_t *order, int t, int32_t *rows);

#endif
