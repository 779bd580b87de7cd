/* train.h: what the files of `ttrans train` know of each other. */
#ifndef TT_CMD_TRAIN_H
#define TT_CMD_TRAIN_H

#include <stdio.h>

#include "ttrans.h"

/* A report as a JSON object on one line. */
void tt_cmd_report_json(FILE *f, const tt_report *r);

/* The same as events for TensorBoard. */
struct tt_events;
void tt_cmd_report_events(struct tt_events *v, const tt_report *r);

/* The name of a reason for a run's end, and the option that gave it. */
const char *tt_cmd_end_name(int reason);
const char *tt_cmd_end_option(int reason);

#endif
