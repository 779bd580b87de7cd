/* suits.h: whether what a run does suits the model that it trains. */
#ifndef TT_TRAIN_SUITS_H
#define TT_TRAIN_SUITS_H

#include "nn/hyper.h"
#include "ttrans/training.h"

/* TT_ECONFIG, with a way out, where an option needs what the model has not. guided: texts have
   links; then the mean of all heads as the alignment becomes the first one. */
int tt_suits_check(const tt_train_options *o, bool guided, tt_hyper *h, tt_err *e);

#endif
