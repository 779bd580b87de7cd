/* warmup.h: how the learning rate rises to its peak. A family: one row of a table each, the
 * linear one first.
 *
 * Apart from the decay (schedule.h): the rate is peak × min(warm-up, decay).
 */
#ifndef TT_TRAIN_WARMUP_H
#define TT_TRAIN_WARMUP_H

#include <stdbool.h>

#include "base/pick.h"

typedef struct tt_warmup {
    tt_row row;
    double untuned; /* its time is untuned / (1 - β2) updates; 0: its time is --warmup */
    bool rises;     /* false: it begins at the peak */
    /* The share of the peak, 0 … 1, at n (above 0) of a warm-up that takes the time tau (above 0).
     */
    double (*share)(double n, double tau);
} tt_warmup;

extern const tt_family tt_family_warmup;

#endif
