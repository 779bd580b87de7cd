/* t_edits.c: edits with moves against the definition carried out word by word: every candidate's
 * distance from a whole table. t_ter.c has values of another program, and the limits.
 */
#include "score/edits.h"
#include "base/rng.h"
#include "unit/test.h"

#include <string.h>

enum { MOST = 90, PHRASE = 10, FAR = 50 };

static int table[MOST + 1][MOST + 1];

/* Least edits without moves; the table stays. */
static int distance(const uint32_t *h, int n, const uint32_t *r, int m) {
    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= m; j++) {
            int least = i ? table[i - 1][j] + 1 : j;
            if (j && table[i][j - 1] + 1 < least) least = table[i][j - 1] + 1;
            if (i && j && table[i - 1][j - 1] + (h[i - 1] != r[j - 1]) < least)
                least = table[i - 1][j - 1] + (h[i - 1] != r[j - 1]);
            table[i][j] = least;
        }
    return table[n][m];
}

/* Of equally short ways the one that replaces, before the one that deletes a word of h, before the
 * one that inserts. */
static void align(const uint32_t *h, int n, const uint32_t *r, int m, int *at, int *h_wrong,
                  int *r_wrong) {
    memset(h_wrong, 0, MOST * sizeof *h_wrong);
    memset(r_wrong, 0, MOST * sizeof *r_wrong);
    for (int i = n, j = m; i || j;) {
        const int wrong = i && j && h[i - 1] != r[j - 1];
        if (i && j && table[i - 1][j - 1] + wrong == table[i][j]) {
            i--, j--;
            h_wrong[i] = r_wrong[j] = wrong;
            at[j] = i;
        } else if (i && table[i - 1][j] + 1 == table[i][j]) {
            h_wrong[--i] = 1;
        } else {
            r_wrong[--j] = 1;
            at[j] = i - 1;
        }
    }
}

/* h with the phrase taken out and put before word `target`; one within the phrase counts from
 * behind it. */
static void move(uint32_t *to, const uint32_t *h, int n, int start, int len, int target) {
    uint32_t rest[MOST];
    const int end = start + len;
    memcpy(rest, h, (size_t)start * sizeof *h);
    memcpy(rest + start, h + end, (size_t)(n - end) * sizeof *h);
    int place = target < start ? target : target > end ? target - len : target;
    if (place > n - len) place = n - len;
    memcpy(to, rest, (size_t)place * sizeof *h);
    memcpy(to + place, h + start, (size_t)len * sizeof *h);
    memcpy(to + place + len, rest + place, (size_t)(n - len - place) * sizeof *h);
}

static int any(const int *wrong, int from, int len) {
    for (int i = from; i < from + len; i++)
        if (wrong[i]) return 1;
    return 0;
}

/* Makes the move that saves most, of the longest phrase, from and to the nearest to the beginning.
 * What it saves. */
static int best_move(uint32_t *h, int n, const uint32_t *r, int m) {
    int at[MOST], h_wrong[MOST], r_wrong[MOST], gain = 0, length = 0;
    uint32_t best[MOST], moved[MOST];
    const int now = distance(h, n, r, m);
    align(h, n, r, m, at, h_wrong, r_wrong);
    for (int start = 0; start < n; start++)
        for (int len = 1; len <= PHRASE && start + len <= n; len++) {
            int to = -1; /* of the best of this phrase */
            for (int j = 0; j + len <= m; j++) {
                if (j < start - FAR || j > start + FAR ||
                    memcmp(h + start, r + j, (size_t)len * sizeof *h))
                    continue;
                if (!any(h_wrong, start, len) || !any(r_wrong, j, len) ||
                    (at[j] >= start && at[j] < start + len))
                    continue;
                for (int k = 0; k <= len; k++) {
                    const int target = j + k ? at[j + k - 1] + 1 : 0;
                    move(moved, h, n, start, len, target);
                    const int saved = now - distance(moved, n, r, m);
                    if (saved <= 0 || saved < gain ||
                        (saved == gain &&
                         (len < length || (len == length && (to < 0 || target >= to)))))
                        continue;
                    gain = saved;
                    length = len;
                    to = target;
                    memcpy(best, moved, (size_t)n * sizeof *best);
                }
            }
        }
    if (gain) memcpy(h, best, (size_t)n * sizeof *h);
    return gain;
}

static int by_hand(uint32_t *h, int n, const uint32_t *r, int m) {
    int moves = 0;
    while (distance(h, n, r, m) && best_move(h, n, r, m)) moves++;
    return moves + distance(h, n, r, m);
}

/* A text and another that was made of it: phrases moved, words replaced, left out and added. */
static int change(uint32_t *h, const uint32_t *r, int m, uint64_t key, uint32_t words) {
    int n = m;
    uint32_t moved[MOST];
    memcpy(h, r, (size_t)m * sizeof *h);
    for (uint64_t i = 0; n > 0 && i < 1 + key % 3; i++) {
        const int len = 1 + (int)tt_rand_below(key, 10 * i, (uint32_t)(n < 5 ? n : 5)),
                  start = (int)tt_rand_below(key, 10 * i + 1, (uint32_t)(n - len + 1));
        move(moved, h, n, start, len, (int)tt_rand_below(key, 10 * i + 2, (uint32_t)n));
        memcpy(h, moved, (size_t)n * sizeof *h);
        h[tt_rand_below(key, 10 * i + 3, (uint32_t)n)] = tt_rand_below(key, 10 * i + 4, words);
        if (tt_rand_below(key, 10 * i + 5, 2)) n--;
        else if (n < MOST - 5) h[n++] = tt_rand_below(key, 10 * i + 6, words);
    }
    return n;
}

/* m words of r from so many different ones. */
static void compare(int turns, int least, int most, uint32_t words) {
    tt_arena *a = tt_arena_open(0, NULL);
    int wrong = 0, moves = 0;
    for (int turn = 0; turn < turns; turn++) {
        const uint64_t key = (uint64_t)turn * 7919 + words;
        const int m = least + (int)tt_rand_below(key, 500, (uint32_t)(most - least + 1));
        uint32_t r[MOST], h[MOST], mine[MOST];
        double got = -1;
        for (int j = 0; j < m; j++) r[j] = tt_rand_below(key, 600 + (uint64_t)j, words);
        const int n = change(h, r, m, key, words);
        memcpy(mine, h, sizeof mine);
        const int plain = distance(h, n, r, m), want = n && m ? by_hand(mine, n, r, m) : n + m;
        tt_symbols hyp = {h, (size_t)n}, ref = {r, (size_t)m};
        const size_t peak = tt_arena_mark(a).used;
        CHECK(!tt_edits(&got, &hyp, &ref, a) && tt_arena_mark(a).used == peak);
        const int same =
            got >= want && got <= want && (!n || !m || !memcmp(h, mine, (size_t)n * sizeof *h));
        if (!same && wrong++ < 3)
            printf("%d words of %d, turn %d: %g edits, by hand %d\n", m, (int)words, turn, got,
                   want);
        moves += want < plain;
    }
    CHECK(!wrong, "%d of %d pairs", wrong, turns);
    CHECK(moves > turns / 20, "moves help in %d of %d pairs only", moves, turns);
    tt_arena_close(a);
}

int main(void) {
    compare(3000, 0, 8, 4); /* many equal words: many ways of the same length */
    compare(400, 10, 30, 12);
    compare(60, 66, 80, 2000); /* more than fit into the bits of a word */
    compare(20, 66, 80, 60);
    return test_done("t_edits");
}
