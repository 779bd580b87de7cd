/* t_history.c: the last sentences of a document outlive the memory they came from. */
#include "unit/test.h"

#include <string.h>

#include "translate/history.h"

/* The first tokens of what is remembered, as a number: 3 and 4 are 34. */
static int told(const tt_history *h) {
    tt_earlier t[TT_HISTORY_MOST];
    int n = tt_history_tell(h, t), all = 0;
    for (int i = 0; i < n; i++) {
        all = 10 * all + (int)t[i].ids[0];
        for (int k = 1; k < t[i].count; k++) CHECK(t[i].ids[k] == t[i].ids[0], "%d", all);
    }
    return all;
}

int main(void) {
    tt_err e;
    tt_history *h = tt_history_open(3, &e);
    CHECK(h && told(h) == 0);
    for (int round = 0; h && round < 3; round++) {
        int32_t ids[8][40];
        for (int i = 0; i < 8; i++)
            for (int k = 0; k < 40; k++) ids[i][k] = i + 1;
        tt_history_add(h, ids[0], 40);
        tt_history_add(h, ids[1], 1);
        CHECK(told(h) == (round ? 812 : 12), "%d: %d", round, told(h));
        for (int i = 2; i < 8; i++) tt_history_add(h, ids[i], i);
        CHECK(told(h) == 678, "%d", told(h));
        CHECK(!tt_history_keep(h, &e));
        memset(ids, 0, sizeof ids);
        CHECK(told(h) == 678, "%d", told(h));
        CHECK(!tt_history_keep(h, &e) && told(h) == 678, "kept twice");
    }
    tt_history_end(h);
    CHECK(told(h) == 0 && !tt_history_keep(h, &e) && told(h) == 0);
    tt_history_close(h);
    tt_history_close(NULL);
    return test_done("t_history");
}
