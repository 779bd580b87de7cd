/* reach_local.c: keys at most w places away (Parmar et al. 2018 in its sliding form): |i - j| <= w.
 * Never empty. */
#include "attention/parts.h"

static const tt_setting settings[] = {{"window", "places to each side", 8, 0, 65536, 1, NULL}, {0}};

static void range(const tt_attend *a, const tt_tensor *t, int head, int i, int s, float aim,
                  int *lo, int *hi) {
    const int w = (int)a->reach.set[0];
    (void)t, (void)head, (void)aim;
    *lo = i > w ? i - w : 0;
    *hi = i + w + 1 < s ? i + w + 1 : s;
}

const tt_reach tt_reach_local = {
    .r = {{"local", "keys at most w places away", "Parmar et al. 2018", settings}, TT_AT_SELF},
    .range = range};
