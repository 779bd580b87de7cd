/* align_dot.c: products of a query and a key: e = q·k / √K (Vaswani et al. 2017), and e = q·k
 * (Luong et al. 2015), whose scores have deviation √K where q and k have 1: softmax soon sees one
 * key alone.
 */
#include <math.h>

#include "attention/parts.h"

static float scale(const tt_attend *a) { return 1.0f / sqrtf((float)a->width); }

const tt_align tt_align_scaled_dot = {
    .r = {{"scaled-dot", "q·k / √K", "Vaswani et al. 2017", NULL}, TT_AT_ALL}, .scale = scale};
const tt_align tt_align_dot = {.r = {{"dot", "q·k", "Luong et al. 2015", NULL}, TT_AT_ALL}};
