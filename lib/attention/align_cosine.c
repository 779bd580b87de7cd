/* align_cosine.c: e = β q·k / (‖q‖ ‖k‖) (Graves et al. 2014). β is the setting `strength`; 0:
 * learned for each head as log(1 + exp s), which begins at √K. Queries and keys are divided by
 * their norms before, so that a key is kept as it is used.
 */
#include <math.h>

#include "attention/parts.h"

static const tt_setting settings[] = {
    {"strength", "what the cosine is multiplied by; 0: learned for each head", 1, 0, 1000, 0, NULL},
    {0}};

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    if (a->align.set[0] != 0) return;
    const double root = sqrt((double)a->width);
    tt_declare_param(
        d, &t[0],
        &(tt_param){"s", 1, a->heads, .role = TT_SMALL, .start = root + log(1 - exp(-root))});
}

static tt_tensor *query(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q) {
    const double strength = a->align.set[0];
    return tt_op_unit(run, q, a->heads, a->width, (float)strength, strength != 0 ? NULL : &t[0]);
}

static tt_tensor *key(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part k,
                      const tt_key_rows *rows) {
    (void)t, (void)rows;
    return tt_op_unit(run, k, a->heads, a->width, 1, NULL);
}

const tt_align tt_align_cosine = {
    .r = {{"cosine", "β q·k / (‖q‖ ‖k‖)", "Graves et al. 2014", settings}, TT_AT_ALL},
    .params = params,
    .query = query,
    .key = key};
