/* t_hash.c: texts of every length are told apart, and a table finds the number of each. */
#include "base/hash.h"

#include "unit/test.h"

enum { MANY = 2000 };
static char texts[MANY][24];
static size_t lengths[MANY];

static tt_span text_of(const void *ctx, int number) {
    (void)ctx;
    return (tt_span){texts[number], lengths[number]};
}

static void test_bytes(void) {
    const char zeros[40] = {0};
    for (size_t i = 0; i < sizeof zeros; i++) /* the length counts: zeros are not padding */
        for (size_t j = 0; j < i; j++)
            CHECK(tt_hash_bytes(0, zeros, i) != tt_hash_bytes(0, zeros, j), "%zu and %zu", i, j);
    CHECK(tt_hash_bytes(1, "a", 1) != tt_hash_bytes(2, "a", 1), "what was added before is lost");
    CHECK(tt_hash_add(0, 'a') != tt_hash_add(0, 'b'));
}

static void test_table(void) {
    tt_hash_slots t;
    CHECK(tt_hash_make(&t, 2 * MANY) && t.mask + 1 == 4096, "%zu slots", t.mask + 1);
    if (!t.slot) return;
    for (int i = 0; i < MANY; i++) {
        lengths[i] = (size_t)snprintf(texts[i], sizeof texts[i], "%.*s%d", i % 9, "xxxxxxxx", i);
        const size_t at = tt_hash_find(&t, texts[i], lengths[i], text_of, NULL);
        CHECK(t.slot[at] < 0, "%s is there before it is put", texts[i]);
        t.slot[at] = i;
    }
    for (int i = 0; i < MANY; i++)
        CHECK(t.slot[tt_hash_find(&t, texts[i], lengths[i], text_of, NULL)] == i, "%s", texts[i]);
    CHECK(t.slot[tt_hash_find(&t, "y", 1, text_of, NULL)] < 0 &&
          t.slot[tt_hash_find(&t, "", 0, text_of, NULL)] < 0);
    free(t.slot);
}

int main(void) {
    test_bytes();
    test_table();
    return test_done("t_hash");
}
