/* reach_monotonic.c: the text in step with the translation (Luong et al. 2015, local-m): keys |j -
 * p| <= d around p = min(i, S - 1), for a translation can be longer than its text. Never empty.
 */
#include "attention/parts.h"

static const tt_setting settings[] = {{"window", "places to each side", 10, 0, 65536, 1, NULL},
                                      {0}};

static void range(const tt_attend *a, const tt_tensor *t, int head, int i, int s, float aim,
                  int *lo, int *hi) {
    const int d = (int)a->reach.set[0], p = i < s ? i : s - 1;
    (void)t, (void)head, (void)aim;
    *lo = p > d ? p - d : 0;
    *hi = p + d + 1 < s ? p + d + 1 : s;
}

const tt_reach tt_reach_local_m = {
    .r = {{"local-m", "keys at most d from the query's own place", "Luong et al. 2015", settings},
          TT_AT_CROSS},
    .range = range};
