/* t_suspect.c: signs that a translation went wrong, and good translations that show none.
 */
#include "translate/suspect.h"

#include <string.h>

#include "unit/test.h"

static void test_repeats(void) {
    static const int32_t four[] = {1, 5, 5, 5, 5, 2}, three[] = {1, 5, 5, 5, 2, 5},
                         pairs[] = {4, 6, 7, 6, 7, 6, 7, 6, 7},
                         broken[] = {6, 7, 6, 7, 6, 8, 6, 7, 6, 7};
    int32_t longer[36];
    for (int i = 0; i < 36; i++) longer[i] = i % 9;
    CHECK(tt_suspect_repeats(four, 6) && !tt_suspect_repeats(three, 6));
    CHECK(tt_suspect_repeats(pairs, 9) && !tt_suspect_repeats(broken, 10));
    CHECK(!tt_suspect_repeats(longer, 36)); /* a period of nine */
    for (int i = 0; i < 36; i++) longer[i] = i % 8;
    CHECK(tt_suspect_repeats(longer, 32) && !tt_suspect_repeats(longer, 31) &&
          !tt_suspect_repeats(longer, 0));
}

static int numbers(const char *s, const char *t) {
    return tt_suspect_numbers(s, strlen(s), t, strlen(t));
}
static int copied(const char *s, const char *t) {
    return tt_suspect_copied(s, strlen(s), t, strlen(t));
}

static void test_numbers(void) {
    static const struct {
        const char *source, *target;
        int fault;
    } rows[] = {
        {"It costs 1,299.99.", "Cuesta 1.299,99.", 0},
        {"It costs 1,299.99.", "Cuesta 1.299,98.", 1},
        {"10,000 people", "10 000 personas", 0},
        {"10,000 people", "10\u00a0000 personas", 0},
        {"at 5:30 p.m.", "a las 17:30", 0},
        {"in the 1990s", "en los años 90", 0},
        {"1.5 billion", "1500 millones", 0},
        {"five dogs and cats", "5 perros y gatos", 0},
        {"3 cats, 1000 times", "tres gatos, mil veces", 0},
        {"106 matches", "10 partidos", 1},
        {"5 dogs", "7 perros", 1},
        {"in 1984", "en aquel año", 1},
        {"that year", "en 1984", 1},
        {"3 of 10 on 12/25", "3 de 10 el 25/12", 0},
        {"no number", "ninguno", 0},
        {"five dogs and 3 cats", "5 perros y tres gatos", 0},
        {"Five dogs and 30 cats", "5 perros y treinta gatos", 0},
        {"five dogs and 3 cats", "7 perros y tres gatos",
         0}, /* a word alone is not held against a digit */
        {"five dogs and 3 cats", "5 perros y 4 gatos", 1},
        {"five dogs and 3 cats", "5 perros y 5 gatos", 1},
        {"one of 5 dogs", "uno de 7 perros", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(numbers(rows[i].source, rows[i].target) == rows[i].fault, "%s: %s", rows[i].source,
              rows[i].target);
}

static void test_copied(void) {
    CHECK(copied("We see the red house.", "We see the red house!"));
    CHECK(!copied("We see the red house.", "We see the red casa."));
    CHECK(!copied("We see the red house.", "We see the red house too."));
    CHECK(!copied("We see the red house too.", "We see the red house."));
    CHECK(!copied("Anna Maria, New York 1999", "Anna Maria, New York 1999"));
    CHECK(!copied("hotel central", "hotel central"));
    CHECK(!copied("", ""));
}

/* Tokens are as many as every four bytes make, none like another. */
static unsigned find(tt_arena *a, const char *source, const char *target, int limit) {
    int32_t ids[400];
    tt_err e = {0};
    unsigned faults = 0;
    for (int i = 0; i < 400; i++) ids[i] = i;
    const tt_suspect_side s = {source, strlen(source), ids, (int)strlen(source) / 4 + 1},
                          t = {target, strlen(target), ids, (int)strlen(target) / 4 + 1};
    CHECK(!tt_suspect_find(&faults, &s, &t, limit, a, &e), "%s", e.msg);
    return faults;
}

static void test_find(tt_arena *a) {
    static const char *const dog = "The small dog that we saw yesterday runs to the old house of "
                                   "my friends near the river and sleeps there.",
                             *const perro = "El perro pequeño corre.";
    CHECK(!find(a, "The dog runs.", "El perro corre.", 30));
    CHECK(find(a, "The dog runs.", "El perro corre.", 4) == 1u << TT_FAULT_CUT);
    CHECK(find(a, dog, "El perro.", 300) == 1u << TT_FAULT_SHORT);
    CHECK(find(a, "The dog.", "", 300) == 1u << TT_FAULT_SHORT);
    CHECK(!find(a, "!", "", 300));
    CHECK(find(a, "It is late.", dog, 300) == 1u << TT_FAULT_LONG);
    CHECK(!find(a, "The small dog runs.", perro, 300));
    CHECK(find(a, "It is late. We go.", "Es tarde y vamos.", 300) == 1u << TT_FAULT_SENTENCES);
    CHECK(!find(a, "It is late. We go.", "Es tarde. Vamos.", 300));
    CHECK(!find(a, "Mr. Smith is late.", "El Sr. Smith llega tarde.", 300));
}

int main(void) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open(0, &e);
    test_repeats();
    test_numbers();
    test_copied();
    test_find(a);
    tt_arena_close(a);
    return test_done("t_suspect");
}
