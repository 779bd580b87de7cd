/* taped.h: a test of one op with its way back: a taped run before, closed behind. */
#ifndef TT_UNIT_TAPED_H
#define TT_UNIT_TAPED_H

#include "tensor/op.h"
#include "unit/test.h"

/* Calls check twice: on gradients that were not begun, and on ones that were; then rest. */
static void with_tape(void (*check)(tt_run *run, bool begun), void (*rest)(tt_run *run)) {
    tt_err e;
    tt_kernels k;
    tt_run run;
    CHECK(!tt_kernels_init(&k, NULL, &e) && !tt_run_open(&run, &k, 0, &e));
    run.taped = true;
    check(&run, false);
    check(&run, true);
    if (rest) rest(&run);
    tt_run_close(&run);
}

#endif
