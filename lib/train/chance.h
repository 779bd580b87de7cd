/* chance.h: how likely an update computes an output that none of its tokens is (op_xent_sampled).
 */
#ifndef TT_TRAIN_CHANCE_H
#define TT_TRAIN_CHANCE_H

#include "text/corpus.h"

/* (V) of min(1, c (n_v + 1)^¾), n_v the target tokens v of the corpus by their sources' weights, c
   such that `expected` outputs are drawn in the mean (¾: Mikolov et al. 2013). expected at least V:
   all 1. Freed by the caller; NULL: no memory. */
float *tt_chance_make(const tt_corpus *c, int v, int expected, tt_err *e);

#endif
