/* tensorwise.h: the optimisers that look at a whole tensor before they change it. See optim.h. */
#ifndef TT_TRAIN_TENSORWISE_H
#define TT_TRAIN_TENSORWISE_H

#include "train/optim.h"

/* decay, clip, relative */
extern const tt_setting tt_adafactor_settings[];

/* Block 0: the mean squares of rows and columns of a matrix, the squares of a vector. */
size_t tt_adafactor_state(const double *set, int block, int rows, int cols);
void tt_adafactor_apply(tt_run *run, const tt_step *s, float *p, const float *g,
                        float *const *state, int rows, int cols);

/* state[0], state[1]: Adam's moments. */
void tt_lamb_apply(tt_run *run, const tt_step *s, float *p, const float *g, float *const *state,
                   int rows, int cols);

#endif
