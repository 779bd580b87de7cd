/* muon.h: the optimiser for matrices that is more than a loop over numbers. See optim.h. */
#ifndef TT_TRAIN_MUON_H
#define TT_TRAIN_MUON_H

#include "train/optim.h"

/* momentum, update */
extern const tt_setting tt_muon_settings[];

/* One matrix p (rows, cols) changes by g; state[0] is its momentum. Works in the run's arena. */
void tt_muon_apply(tt_run *run, const tt_step *s, float *p, const float *g, float *const *state,
                   int rows, int cols);

#endif
