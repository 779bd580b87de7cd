/* reach_blocks.c: queries in blocks that share their keys (Parmar et al. 2018): the keys of the
 * query's own block of b and of m places before it; in the encoder and m behind it, too. Never
 * empty.
 */
#include "attention/parts.h"

static const tt_setting settings[] = {{"size", "queries of a block", 16, 1, 65536, 1, NULL},
                                      {"memory", "keys beside the block", 16, 0, 65536, 1, NULL},
                                      {0}};

static void range(const tt_attend *a, const tt_tensor *t, int head, int i, int s, float aim,
                  int *lo, int *hi) {
    const int size = (int)a->reach.set[0], memory = (int)a->reach.set[1], begin = i / size * size;
    const int end = begin + size + (a->site == TT_SITE_ENC ? memory : 0);
    (void)t, (void)head, (void)aim;
    *lo = begin > memory ? begin - memory : 0;
    *hi = end < s ? end : s;
}

const tt_reach tt_reach_blocks = {
    .r = {{"blocks", "the block of the query and keys beside it", "Parmar et al. 2018", settings},
          TT_AT_SELF},
    .range = range};
