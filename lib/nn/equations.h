/* equations.h: a model told as equations, a line at a time; each kind of sublayer tells its own
 * (sublayer.h). For tt_model_equations of ttrans/ttm.h.
 *
 *     tt_telling l = {put, ctx};
 *     // put(ctx, "  y = x W + b        W (64, 32)")
 *     tt_telling_say(&l, "W (64, 32)", "y = x W + b");
 */
#ifndef TT_NN_EQUATIONS_H
#define TT_NN_EQUATIONS_H

#include "base/err.h"
#include "ttrans/ttm.h"

typedef struct tt_telling {
    tt_line_fn *put;
    void *ctx;
} tt_telling;

/* An equation, and the shapes of what it learns behind it, if any. */
void tt_telling_say(const tt_telling *l, const char *shapes, const char *fmt, ...) TT_PRINTF(3, 4);

/* A heading. */
void tt_telling_head(const tt_telling *l, const char *fmt, ...) TT_PRINTF(2, 3);

#endif
