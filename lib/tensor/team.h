/* team.h: threads without work of their own that lend a hand with the products of one that has
 * some: with a single sentence, or with the last batch.
 *
 *     tt_team *t = tt_team_open(helpers, &e);
 *     leader: tt_team_gather(t); run.team = t; …; tt_team_dismiss(t);        helpers:
 *       tt_team_help(t, work);
 *     tt_team_close(t);
 *
 * A product takes microseconds to some hundred, so nobody sleeps: helpers watch for the next one,
 * giving their processor up whenever another program wants it. The leader never depends on them.
 * They compute from a copy of its input into memory of their own. If a helper's slice is late, the
 * leader computes that slice as well and does not wait: a helper that the system has suspended
 * costs one slice of work, never a scheduling interval. The result is the same whoever computed a
 * slice (product.h).
 */
#ifndef TT_TENSOR_TEAM_H
#define TT_TENSOR_TEAM_H

#include "tensor/product.h"

typedef struct tt_team tt_team;

/* For one leader and at most `helpers` helpers at a time. */
tt_team *tt_team_open(int helpers, tt_err *e);
void tt_team_close(tt_team *t);

/* From one to the other the leader takes help. */
void tt_team_gather(tt_team *t);
void tt_team_dismiss(tt_team *t);

/* Helps until the team is dismissed; at once when it is, or has all the helpers it can take. work:
 * TT_GEMM_WORK floats. */
void tt_team_help(tt_team *t, float *work);

/* How many help; -1 when nobody can. */
int tt_team_helpers(const tt_team *t);

/* Returns when no helper is at work any more: before weights or biases that were multiplied may go.
 */
void tt_team_settle(tt_team *t);

/* All slices to the sink. -1: nothing done: nobody helps, or it is too small or too large to be
 * shared. */
int tt_team_multiply(tt_team *t, const tt_product *p, tt_sink *sink, float *work);

#endif
