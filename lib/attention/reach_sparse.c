/* reach_sparse.c: two kinds of sparse rows (Child et al. 2019), so that any two places are at most
 * two layers apart and a row costs about √n where the stride is √n. The stride is a setting: a step
 * of decoding does not know how long the text will be.
 *   strided  near: |i - j| <= l.  far: (i - j) mod l = 0
 *   fixed    near: the same block of l.  far: the last c places of every block, and the query's own
 * split: even heads near, odd heads far; union: all heads both.
 */
#include "attention/parts.h"

enum { STRIDE, HEADS, SUMMARY };

static const tt_setting strided[] = {
    {"stride", "places from far key to far key", 8, 1, 65536, 1, NULL},
    {"heads", "even heads near and odd heads far, or all heads both", 0, 0, 1, 0, "split|union"},
    {0}};
static const tt_setting fixed[] = {
    {"stride", "places of a block", 8, 1, 65536, 1, NULL},
    {"heads", "even heads near and odd heads far, or all heads both", 0, 0, 1, 0, "split|union"},
    {"summary", "places of a block that all later queries see", 1, 1, 65536, 1, NULL},
    {0}};

/* Near keys from `next` to `to` - 1 and far ones, which the caller adds in rising order, in one
 * rising list. */
struct merging {
    int32_t *keys;
    int n, next, to;
};

static void add_near(struct merging *m, int before) {
    while (m->next < m->to && m->next < before) m->keys[m->n++] = m->next++;
}

static void add_far(struct merging *m, int key) {
    add_near(m, key);
    if (m->next == key && m->next < m->to) m->next++;
    else if (m->n && m->keys[m->n - 1] >= key) return;
    m->keys[m->n++] = key;
}

static bool both(const tt_attend *a) { return a->reach.set[HEADS] != 0; }

static bool numbered(const tt_attend *a) { return !both(a); }

static int list_strided(const tt_attend *a, int head, int i, int s, int32_t *keys) {
    const int l = (int)a->reach.set[STRIDE];
    const bool near = both(a) || head % 2 == 0, far = both(a) || head % 2 != 0;
    struct merging m = {keys, 0, near && i > l ? i - l : 0, near ? (i + l < s ? i + l + 1 : s) : 0};
    for (int j = i % l; far && j < s; j += l) add_far(&m, j);
    add_near(&m, s);
    return m.n;
}

static int list_fixed(const tt_attend *a, int head, int i, int s, int32_t *keys) {
    const int l = (int)a->reach.set[STRIDE], set = (int)a->reach.set[SUMMARY],
              summary = set < l ? set : l, block = i / l * l;
    const bool near = both(a) || head % 2 == 0, far = both(a) || head % 2 != 0;
    struct merging m = {keys, 0, near ? block : 0, near ? (block + l < s ? block + l : s) : 0};
    for (int begin = 0; far && begin < s; begin += l) {
        if (i >= begin && i < begin + l - summary) add_far(&m, i);
        for (int j = begin + l - summary; j < begin + l && j < s; j++) add_far(&m, j);
    }
    add_near(&m, s);
    return m.n;
}

const tt_reach tt_reach_strided = {
    .r = {{"strided", "neighbours, and every l-th key", "Child et al. 2019", strided}, TT_AT_SELF},
    .list = list_strided,
    .numbered = numbered};
const tt_reach tt_reach_fixed = {
    .r = {{"fixed", "the query's block, and the last of every block", "Child et al. 2019", fixed},
          TT_AT_SELF},
    .list = list_fixed,
    .numbered = numbered};
