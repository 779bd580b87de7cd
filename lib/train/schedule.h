/* schedule.h: the learning rate as a function of how far the run is.
 *
 *     tt_rate_plan plan;
 *     // what goes together, and what the options leave open
 *     TT_TRY(tt_rate_open(&plan, options, dim, e));
 *     rate = tt_rate_at(&plan, &(tt_rate_now){.n = update, .done = 0.3});
 *
 * rate = peak × min(warm-up, decay) × cooldown: the warm-up is a row of warmup.h, the decay a row
 * of the family here.
 */
#ifndef TT_TRAIN_SCHEDULE_H
#define TT_TRAIN_SCHEDULE_H

#include "ttrans.h"
#include "train/warmup.h"

/* How far a run is. */
typedef struct tt_rate_now {
    double
        n; /* from 1: updates with the one at hand; in the unit of the warm-up, tokens or epochs */
    double done; /* 0 … 1, of the run that has an end */
    long drops;  /* times that the decay by validations has struck */
} tt_rate_now;

typedef struct tt_rate_plan tt_rate_plan;

typedef struct tt_schedule {
    tt_row row;
    bool needs_end;   /* its shape asks when the run ends */
    bool needs_valid; /* it waits for validations */
    bool has_period;  /* --decay-period belongs to it */
    bool has_warmup;  /* its formula has the linear warm-up in it; no other shape goes with it */
    bool by_width;    /* its peak is divided by the root of the model's width */
    /* The share of the peak that is left. */
    double (*share)(const tt_rate_plan *p, const tt_rate_now *t);
} tt_schedule;

struct tt_rate_plan {
    const tt_schedule *decay;
    double set[TT_PICK_SETTINGS]; /* settings of its row */
    const tt_warmup *warmup;
    double tau; /* time of the warm-up; 0: there is none */
    char unit;  /* of n and tau: 'u', 't' or 'e' */
    double peak;
    double period;   /* of inverse-sqrt; 0: it begins to fall at tau */
    double cooldown; /* last part of the run with a fall to 0 on top */
};

extern const tt_family tt_family_schedule;

/* The schedule of a run: o->schedule, or the one that stands for NULL. */
const char *tt_schedule_name(const tt_train_options *o);

/* The time of the warm-up: o->warmup, or what stands for one without a unit. */
tt_amount tt_warmup_time(const tt_train_options *o);

/* dim: the model's width, for noam. TT_ECONFIG for options that do not go together, TT_EUSAGE for
 * an unknown name. */
int tt_rate_open(tt_rate_plan *p, const tt_train_options *o, int dim, tt_err *e);

double tt_rate_at(const tt_rate_plan *p, const tt_rate_now *t);

/* Validations in a row without a better model after which the rate drops; 0: it does not look at
 * them. */
int tt_rate_patience(const tt_rate_plan *p);

#endif
