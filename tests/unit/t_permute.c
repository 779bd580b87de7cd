/* t_permute.c: every number once, in another order for another key, of any size. */
#include "text/permute.h"
#include "unit/test.h"

#include <string.h>

static void once_each(uint64_t key, uint64_t n) {
    static unsigned char seen[5000];
    memset(seen, 0, sizeof seen);
    uint64_t bad = 0, still = 0;
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t p = tt_permute(key, i, n);
        bad += p >= n || seen[p]++ || tt_permute_back(key, p, n) != i;
        still += p == i;
    }
    CHECK(!bad, "of %d: %d", (int)n, (int)bad);
    CHECK(n < 100 || still < 20, "of %d stay %d", (int)n, (int)still);
}

int main(void) {
    for (uint64_t n = 1; n < 70; n++) once_each(n, n);
    for (uint64_t n = 4000; n < 4005; n++) once_each(3, n);
    int same = 0;
    for (uint64_t i = 0; i < 1000; i++) same += tt_permute(1, i, 1000) == tt_permute(2, i, 1000);
    CHECK(same < 20, "%d places are the same under two keys", same);
    /* neighbours are torn apart: neighbouring places differ by a third in the mean */
    double apart = 0;
    for (uint64_t i = 0; i + 1 < 1000; i++) {
        const double d = (double)tt_permute(7, i, 1000) - (double)tt_permute(7, i + 1, 1000);
        apart += d < 0 ? -d : d;
    }
    CHECK(apart / 999 > 290 && apart / 999 < 380, "%g", apart / 999);
    CHECK(tt_permute(9, (uint64_t)1 << 40, ((uint64_t)1 << 40) + 1) <= (uint64_t)1 << 40,
          "a large one");
    return test_done("t_permute");
}
