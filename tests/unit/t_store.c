/* t_store.c: pairs and notes come back as they were added, from memory and from files, narrow and
   wide. */
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "text/store.h"
#include "unit/test.h"

enum { PAIRS = 900, MOST = 1300 };

static size_t length(uint64_t pair, int side) {
    return pair % 100 == 7 ? MOST : tt_rand_below(pair, (uint64_t)side, 30);
}

/* The note of a pair: some are empty, some of an odd length. */
static size_t note_of(uint64_t pair, char *note) {
    const size_t n = tt_rand_below(pair, 3, 40);
    for (size_t i = 0; i < n; i++) note[i] = (char)tt_rand_below(pair + 5, i, 256);
    return n;
}

static void check(int wide, int noted, const char *folder) {
    tt_err e = {0};
    static int32_t ids[2][MOST];
    char note[40];
    uint64_t bytes = 0;
    tt_store *s = tt_store_open(wide, noted, folder, &e);
    CHECK(s, "%s", e.msg);
    if (!s) return;
    for (uint64_t i = 0; i < PAIRS; i++) {
        for (int side = 0; side < 2; side++)
            for (size_t k = 0; k < length(i, side); k++)
                ids[side][k] =
                    (int32_t)tt_rand_below(i + 9, k * 2 + (size_t)side, wide ? 1u << 30 : 65536);
        CHECK(!tt_store_add(s, ids[0], length(i, 0), ids[1], length(i, 1), &e), "%s", e.msg);
        if (noted) CHECK(!tt_store_note(s, note, note_of(i, note), &e), "%s", e.msg);
    }
    CHECK(!tt_store_finish(s, &e) && tt_store_pairs(s) == PAIRS, "%s", e.msg);
    int bad = 0;
    for (uint64_t n = 0; n < 2 * PAIRS; n++) {
        const uint64_t i = n % PAIRS;
        const tt_raw r = tt_store_get(s, i);
        size_t own = (length(i, 0) + length(i, 1)) * (wide ? 4 : 2), len;
        const char *held = tt_raw_note(&r, &len);
        bad += !held != !noted || (held && (len != note_of(i, note) || memcmp(held, note, len)));
        if (noted) own += wide ? (4 + len + 3) / 4 * 4 : (4 + len + 1) / 2 * 2;
        bad += tt_raw_bytes(&r) != own;
        if (n < PAIRS) bytes += own;
        for (int side = 0; side < 2; side++) {
            bad += r.n[side] != length(i, side);
            tt_raw_ids(&r, side, ids[side]);
            for (size_t k = 0; k < r.n[side]; k++)
                bad += ids[side][k] !=
                       (int32_t)tt_rand_below(i + 9, k * 2 + (size_t)side, wide ? 1u << 30 : 65536);
        }
        if (n == PAIRS) tt_store_forget(s);
    }
    CHECK(!bad, "wide %d, notes %d: %d are others", wide, noted, bad);
    CHECK(tt_store_bytes(s) == bytes);
    tt_store_close(s);
}

int main(void) {
    const char *folder = getenv("TT_TEST_TMP");
    for (int i = 0; i < 4; i++) {
        check(i / 2, i % 2, NULL);
        check(i / 2, i % 2, folder ? folder : "/tmp");
    }
    return test_done("t_store");
}
