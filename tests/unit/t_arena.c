/* t_arena.c: random allocating, marking and rewinding against a plain list of what is alive;
 * limits; loops that settle down.
 */
#include "base/arena.h"
#include "base/rng.h"
#include "unit/test.h"

#include <stdint.h>
#include <string.h>

enum { MOST = 400, KEY = 11 };

/* One allocation that is alive. */
struct piece {
    unsigned char *p;
    size_t size;
    unsigned char byte; /* all of it */
};

static size_t rounded(size_t size) { return size ? (size + 63) / 64 * 64 : 64; }

static int holds(const struct piece *x) {
    for (size_t i = 0; i < x->size; i++)
        if (x->p[i] != x->byte) return 0;
    return 1;
}

/* Some small sizes, a few that need a chunk of their own. */
static size_t some_size(uint64_t i) {
    switch (tt_rand_below(KEY, 4 * i, 8)) {
    case 0: return 0;
    case 1: return 1 + tt_rand_below(KEY, 4 * i + 1, 400000);
    case 2: return 1 + tt_rand_below(KEY, 4 * i + 1, 60000);
    default: return 1 + tt_rand_below(KEY, 4 * i + 1, 300);
    }
}

static void test_random(void) {
    static struct piece pieces[MOST];
    static size_t counts[MOST]; /* of pieces when a mark was set */
    static tt_mark marks[MOST];
    size_t n = 0, n_marks = 0, in_use = 0, most = 0, wrong = 0, unaligned = 0;
    tt_arena *a = tt_arena_open(0, NULL);
    for (uint64_t i = 0; i < 6000; i++) {
        const uint32_t what = tt_rand_below(KEY, 4 * i + 2, 20);
        if (what < 16 && n < MOST) {
            struct piece x = {.size = some_size(i), .byte = (unsigned char)i};
            x.p = what ? tt_arena_alloc(a, x.size) : tt_arena_zero(a, x.size);
            if (!what) x.byte = 0;
            else memset(x.p, x.byte, x.size);
            unaligned += (uintptr_t)x.p % 64 != 0;
            in_use += rounded(x.size);
            pieces[n++] = x;
        } else if (what < 18 && n_marks < MOST) {
            counts[n_marks] = n;
            marks[n_marks++] = tt_arena_mark(a);
        } else {
            const size_t to = n_marks ? tt_rand_below(KEY, 4 * i + 3, (uint32_t)n_marks) : 0;
            for (size_t k = 0; k < n; k++) wrong += !holds(&pieces[k]);
            if (what == 19 && n > MOST / 2) tt_arena_reset(a), n = n_marks = 0;
            else if (n_marks) tt_arena_rewind(a, marks[to]), n = counts[to], n_marks = to;
            in_use = 0;
            for (size_t k = 0; k < n; k++) in_use += rounded(pieces[k].size);
        }
        if (in_use > most) most = in_use;
    }
    for (size_t k = 0; k < n; k++) wrong += !holds(&pieces[k]);
    CHECK(!wrong, "%zu pieces were written over", wrong);
    CHECK(!unaligned, "%zu pieces do not begin at a multiple of 64", unaligned);
    CHECK(tt_arena_peak(a) == most, "peak %zu, not %zu", tt_arena_peak(a), most);
    tt_arena_close(a);
}

static void test_limit(void) {
    static const size_t limits[] = {100, 4096, 300000, 1 << 20, 1000000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        tt_arena *a = tt_arena_open(limits[i], NULL);
        size_t n = 0;
        while (n <= limits[i] / 64 && tt_arena_alloc(a, 64)) n++;
        CHECK(n == limits[i] / 64, "%zu pieces of 64 bytes in %zu", n, limits[i]);
        CHECK(!tt_arena_alloc(a, 1) && !tt_arena_zero(a, 1) && !tt_arena_text(a, "", 0));
        tt_arena_reset(a);
        CHECK(tt_arena_alloc(a, 64) != NULL, "nothing after a reset");
        CHECK(!tt_arena_alloc(a, limits[i] + 1));
        tt_arena_close(a);
    }
    tt_arena *a = tt_arena_open(0, NULL);
    CHECK(!tt_arena_alloc(a, SIZE_MAX) && !tt_arena_alloc(a, SIZE_MAX / 4 + 1) &&
          !tt_arena_alloc(a, SIZE_MAX - 63));
    tt_arena_close(a);
}

/* A request that is refused takes nothing away from those that follow. */
static void test_refused(void) {
    enum { PIECES = 16, PIECE = 1 << 16 };
    tt_arena *a = tt_arena_open((size_t)PIECES * PIECE, NULL);
    for (int i = 0; i < PIECES; i++) CHECK(tt_arena_alloc(a, PIECE) != NULL, "piece %d", i);
    tt_arena_reset(a);
    char *first = tt_arena_text(a, "first", 5);
    CHECK(!tt_arena_alloc(a, (size_t)PIECES * PIECE));
    int n = 0;
    while (n < PIECES && tt_arena_alloc(a, PIECE)) n++;
    CHECK(n >= PIECES - 1, "%d pieces after a refused one", n);
    CHECK(!strcmp(first, "first"));
    tt_arena_close(a);
}

/* A loop that needs the same memory each time gets it at the same places, from its second turn on.
 */
static void test_loop(void) {
    enum { PIECES = 40 };
    static char *before[PIECES];
    tt_arena *a = tt_arena_open(0, NULL);
    size_t moved = 0;
    for (int turn = 0; turn < 6; turn++) {
        tt_arena_reset(a);
        for (int i = 0; i < PIECES; i++) {
            char *p = tt_arena_alloc(a, 50000 + 1000 * (size_t)i);
            moved += turn > 2 && p != before[i];
            before[i] = p;
        }
    }
    CHECK(!moved, "%zu pieces moved", moved);
    tt_arena_close(a);
}

/* Small things lie side by side, aligned to 8, and none is written over, whatever is marked and
   rewound between them. */
static void test_small(void) {
    static unsigned char *at[4000];
    static size_t size[4000];
    size_t n = 0, sum = 0, wrong = 0, unaligned = 0, from = 0;
    tt_arena *a = tt_arena_open(0, NULL);
    tt_mark m = tt_arena_mark(a);
    for (uint64_t i = 0; i < 4000; i++) {
        if (tt_rand_below(KEY, 3 * i, 50) == 0) m = tt_arena_mark(a), from = n;
        if (tt_rand_below(KEY, 3 * i + 1, 90) == 0) tt_arena_rewind(a, m), n = from;
        size[n] = tt_rand_below(KEY, 3 * i + 2, 40);
        at[n] = tt_arena_small(a, size[n]);
        unaligned += (uintptr_t)at[n] % 8 != 0;
        memset(at[n], (int)(n % 251), size[n]);
        n++;
    }
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < size[k]; i++) wrong += at[k][i] != k % 251;
    CHECK(n > 100 && !wrong && !unaligned, "%zu of %zu: %zu written over, %zu not at 8", n, n,
          wrong, unaligned);
    tt_arena_reset(a);
    const size_t before = tt_arena_peak(a);
    for (int i = 0; i < 200000; i++) sum += tt_arena_small(a, 16) != NULL;
    CHECK(sum == 200000);
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(tt_arena_peak(a) > before && tt_arena_peak(a) < 200000 * 17, "%zu bytes",
          tt_arena_peak(a));
#endif
    tt_arena_close(a);
    a = tt_arena_open(100, NULL); /* too little for a block */
    CHECK(tt_arena_small(a, 8) && !tt_arena_small(a, 8));
    tt_arena_close(a);
}

static void test_text(void) {
    tt_arena *a = tt_arena_open(0, NULL);
    char *x = tt_arena_text(a, "words and more", 5), *y = tt_arena_text(a, NULL, 0);
    CHECK(!strcmp(x, "words") && !strcmp(y, "") && x != y);
    const tt_mark m = tt_arena_mark(a);
    memset(tt_arena_alloc(a, 1000), 7, 1000);
    tt_arena_rewind(a, m);
    const char *zeros = tt_arena_zero(a, 1000);
    size_t other = 0;
    for (int i = 0; i < 1000; i++) other += zeros[i] != 0;
    CHECK(!other, "%zu bytes of cleared memory are not 0", other);
    tt_arena_close(a);
    tt_arena_close(NULL);
}

int main(void) {
    test_random();
    test_limit();
    test_refused();
    test_loop();
    test_small();
    test_text();
    return test_done("t_arena");
}
