/* schedule.h: the learning rate as a function of updates done and of the part of the run that is over. */
#ifndef TT_TRAIN_SCHEDULE_H
#define TT_TRAIN_SCHEDULE_H

#include "base/pick.h"
#include "ttrans.h"

typedef struct tt_rate_plan {
    double rate;     /* peak; for noam its factor */
    double warmup;   /* updates */
    double cooldown; /* last part of the run with a fall to 0 on top */
    int dim;         /* D, for noam */
} tt_rate_plan;

typedef struct tt_schedule {
    tt_row row;
    int needs_end; /* its shape asks when the run ends */
    /* The rate for update n (from 1), with `done` (0 … 1) of the run over. */
    double (*rate)(const tt_rate_plan *p, double n, double done);
} tt_schedule;

extern const tt_family tt_family_schedule;

/* The schedule of a run: o->schedule, or the one that stands for NULL. */
const char *tt_schedule_name(const tt_train_options *o);

double tt_schedule_rate(const tt_schedule *s, const tt_rate_plan *p, double n, double done);

#endif
