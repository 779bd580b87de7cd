/* course.h: where a run is among the stages of its file, and what that means for text and learning
 * rate.
 *
 *     TT_TRY(tt_course_open(&c, stages, batcher, o, e));
 *     TT_TRY(tt_course_begin(c, state, e));  // fresh or resumed: the mixture of the state's stage
 *     …                                                      // an update
 *     TT_TRY(tt_course_step(c, state, &name, e));  // the next stage, when this one is over
 *
 * All that was is in the state: a resumed run goes on as one that was not stopped.
 */
#ifndef TT_TRAIN_COURSE_H
#define TT_TRAIN_COURSE_H

#include <stdbool.h>

#include "text/batch.h"
#include "train/schedule.h"
#include "train/stages.h"
#include "train/state.h"

typedef struct tt_course tt_course;

/* Stages and batcher are borrowed. modifiers: for stages without their own. */
tt_course *tt_course_open(const tt_stages *s, tt_batcher *b, const char *modifiers, tt_err *e);
void tt_course_close(tt_course *c);

/* Of files that modifiers name; 0: none. */
uint64_t tt_course_hash(const tt_course *c);

/* Seeks the place of the state. */
int tt_course_begin(tt_course *c, tt_state *s, tt_err *e);

/* After an update: *name of the stage that has begun, or NULL. */
int tt_course_step(tt_course *c, tt_state *s, const char **name, tt_err *e);

/* Is the last stage over? */
bool tt_course_over(const tt_course *c, const tt_state *s);

/* The part of all stages that is over, 0 … 1; of those without a restart since the last one, for
   `rate`. 0 where the last stage has no end. */
double tt_course_done(const tt_course *c, const tt_state *s, int since_restart);

/* What the stage makes of the schedule's time: n since the last restart. */
double tt_course_since(const tt_course *c, const tt_state *s, char unit, double n);
/* The stage's factor of the learning rate. */
double tt_course_rate(const tt_course *c, const tt_state *s);

/* Is there a restart at or before the stage? */
int tt_course_restarted(const tt_course *c, const tt_state *s);

#endif
