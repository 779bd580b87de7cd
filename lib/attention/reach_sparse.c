/* reach_sparse.c: two kinds of sparse rows (Child et al. 2019), so that any two places are at most two layers apart and a row costs about
 * √n where the stride is √n. The stride is a setting: a step of decoding does not know how long the text will be.
 *   strided  near: |i - j| <= l.  far: (i - j) mod l = 0
 *   fixed    near: the same block of l.  far: the last c places of every block, and the query's own
 * split: even heads near, odd heads far; union: all heads both.
 */
#include "attention/parts.h"

enum { STRIDE, HEADS, SUMMARY };

static const tt_setting strided[] = {{"stride", "places from far key to far key", 8, 1, 65536, 1, NULL},
                                     {"heads", "even heads near and odd heads far, or all heads both", 0, 0, 1, 0, "split|union"},
                                     {0}};
static const tt_setting fixed[] = {{"stride", "places of a block", 8, 1, 65536, 1, NULL},
                                   {"heads", "even heads near and odd heads far, or all heads both", 0, 0, 1, 0, "split|union"},
                                   {"summary", "places of a block that all later queries see", 1, 1, 65536, 1, NULL},
                                   {0}};

static bool sees_strided(int i, int j, int l, int summary, bool near, bool far) {
    const int away = i > j ? i - j : j - i;
    (void)summary;
    return (near && away <= l) || (far && away % l == 0);
}

static bool sees_fixed(int i, int j, int l, int summary, bool near, bool far) {
    return (near && i / l == j / l) || (far && (j % l >= l - summary || j == i));
}

/* Keys that a query sees, walking only those that can be among them. */
static int walk(const tt_attend *a, int head, int i, int s, int32_t *keys, int summary,
                bool (*sees)(int i, int j, int l, int summary, bool near, bool far)) {
    const int l = (int)a->reach.set[STRIDE];
    const bool both = a->reach.set[HEADS] != 0, near = both || head % 2 == 0, far = both || head % 2 != 0;
    const int from = far || i - l < 0 ? 0 : i - l, to = far || i + l >= s ? s : i + l + 1;
    int n = 0;
    for (int j = from; j < to; j++)
        if (sees(i, j, l, summary, near, far)) keys[n++] = j;
    return n;
}

static int list_strided(const tt_attend *a, int head, int i, int s, int32_t *keys) { return walk(a, head, i, s, keys, 0, sees_strided); }

static int list_fixed(const tt_attend *a, int head, int i, int s, int32_t *keys) {
    return walk(a, head, i, s, keys, (int)a->reach.set[SUMMARY], sees_fixed);
}

const tt_reach tt_reach_strided = {.r = {{"strided", "neighbours, and every l-th key", "Child et al. 2019", strided}, TT_AT_SELF},
                                   .list = list_strided};
const tt_reach tt_reach_fixed = {.r = {{"fixed", "the query's block, and the last of every block", "Child et al. 2019", fixed}, TT_AT_SELF},
                                 .list = list_fixed};
