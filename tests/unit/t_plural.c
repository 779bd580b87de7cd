/* t_plural.c: the other numbers of English and Spanish terms.
 */
#include "translate/plural.h"

#include <string.h>

#include "unit/test.h"

static tt_arena *a;

/* Is `form` among the term's forms, with `one` as it says? */
static int has(int language, const char *term, const char *form, int one) {
    tt_plural list[TT_PLURAL_MOST];
    const int n = tt_plural_forms(list, TT_PLURAL_MOST, language, term, strlen(term), a);
    for (int i = 0; i < n; i++)
        if (list[i].text.len == strlen(form) && !memcmp(list[i].text.text, form, list[i].text.len))
            return list[i].one == one;
    return 0;
}

static void test_english(void) {
    static const char *const plurals[][2] = {{"dog", "dogs"},
                                             {"Dog", "Dogs"},
                                             {"box", "boxes"},
                                             {"church", "churches"},
                                             {"city", "cities"},
                                             {"boy", "boys"},
                                             {"photo", "photos"},
                                             {"hero", "heroes"},
                                             {"child", "children"},
                                             {"grandchild", "grandchildren"},
                                             {"Woman", "Women"},
                                             {"fireman", "firemen"},
                                             {"foot", "feet"},
                                             {"knife", "knives"},
                                             {"housewife", "housewives"},
                                             {"half", "halves"},
                                             {"thief", "thieves"},
                                             {"dwarf", "dwarfs"},
                                             {"dwarf", "dwarves"},
                                             {"ox", "oxen"},
                                             {"salesperson", "salespeople"},
                                             {"analysis", "analyses"},
                                             {"criterion", "criteria"},
                                             {"phenomenon", "phenomena"},
                                             {"nucleus", "nuclei"},
                                             {"matrix", "matrices"},
                                             {"bacterium", "bacteria"},
                                             {"bureau", "bureaux"},
                                             {"mother-in-law", "mothers-in-law"},
                                             {"power of attorney", "powers of attorney"},
                                             {"hot dog", "hot dogs"}};
    for (size_t i = 0; i < sizeof plurals / sizeof *plurals; i++)
        CHECK(has(TT_LANGUAGE_ENGLISH, plurals[i][0], plurals[i][1], 0), "%s, %s", plurals[i][0],
              plurals[i][1]);
    static const char *const singulars[][2] = {
        {"children", "child"}, {"men", "man"},     {"women", "woman"}, {"feet", "foot"},
        {"knives", "knife"},   {"leaves", "leaf"}, {"lives", "life"},  {"oxen", "ox"}};
    for (size_t i = 0; i < sizeof singulars / sizeof *singulars; i++)
        CHECK(has(TT_LANGUAGE_ENGLISH, singulars[i][0], singulars[i][1], 1), "%s, %s",
              singulars[i][0], singulars[i][1]);
    static const char *const none[][2] = {
        {"Is", "Ises"},  {"I", "Is"},   {"us", "i"},      {"human", "humen"}, {"glasses", "glass"},
        {"news", "new"}, {"42", "42s"}, {"omen", "oman"}, {"boss", "bosss"}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK(!has(TT_LANGUAGE_ENGLISH, none[i][0], none[i][1], 0) &&
                  !has(TT_LANGUAGE_ENGLISH, none[i][0], none[i][1], 1),
              "%s, %s", none[i][0], none[i][1]);
    tt_plural list[TT_PLURAL_MOST];
    CHECK(tt_plural_forms(list, TT_PLURAL_MOST, TT_LANGUAGE_ENGLISH, "leaf", 4, a) > 0 &&
          list[0].verb);
    CHECK(tt_plural_forms(list, TT_PLURAL_MOST, TT_LANGUAGE_ENGLISH, "wolf", 4, a) > 0 &&
          !list[0].verb);
    CHECK(tt_plural_forms(list, 1, TT_LANGUAGE_ENGLISH, "knife", 5, a) == 1);
    CHECK(!tt_plural_forms(list, TT_PLURAL_MOST, TT_LANGUAGE_ENGLISH, "", 0, a));
}

static void test_spanish(void) {
    static const char *const plurals[][2] = {{"perro", "perros"},
                                             {"can", "canes"},
                                             {"voz", "voces"},
                                             {"cami\xc3\xb3n", "camiones"},
                                             {"ingl\xc3\xa9s", "ingleses"},
                                             {"punto de vista", "puntos de vista"},
                                             {"perro caliente", "perros calientes"},
                                             {"fecha tope", "fechas tope"},
                                             {"sof\xc3\xa1", "sof\xc3\xa1s"},
                                             {"vivienda social", "viviendas sociales"}};
    for (size_t i = 0; i < sizeof plurals / sizeof *plurals; i++)
        CHECK(has(TT_LANGUAGE_SPANISH, plurals[i][0], plurals[i][1], 0), "%s, %s", plurals[i][0],
              plurals[i][1]);
    static const char *const singulars[][2] = {{"perros", "perro"},
                                               {"canes", "can"},
                                               {"voces", "voz"},
                                               {"clases", "clase"},
                                               {"camiones", "cami\xc3\xb3n"},
                                               {"perros calientes", "perro caliente"}};
    for (size_t i = 0; i < sizeof singulars / sizeof *singulars; i++)
        CHECK(has(TT_LANGUAGE_SPANISH, singulars[i][0], singulars[i][1], 1), "%s, %s",
              singulars[i][0], singulars[i][1]);
    CHECK(!has(TT_LANGUAGE_SPANISH, "lunes", "luness", 0) &&
          !has(TT_LANGUAGE_SPANISH, "can", "cans", 0));
    CHECK(has(TT_LANGUAGE_OTHER, "casa", "casas", 0));
    char longest[2000];
    memset(longest, 'a', sizeof longest);
    tt_plural list[TT_PLURAL_MOST];
    for (int l = TT_LANGUAGE_OTHER; l <= TT_LANGUAGE_SPANISH; l++)
        CHECK(tt_plural_forms(list, TT_PLURAL_MOST, l, longest, sizeof longest, a) == 0);
    for (size_t i = 1; i < sizeof longest; i += 2) longest[i] = ' ';
    for (size_t n = 500; n < 530; n++)
        CHECK(tt_plural_forms(list, TT_PLURAL_MOST, TT_LANGUAGE_SPANISH, longest, n, a) >= 0);
}

static void test_codes(void) {
    CHECK(tt_language_of("en") == TT_LANGUAGE_ENGLISH &&
          tt_language_of("en-GB") == TT_LANGUAGE_ENGLISH);
    CHECK(tt_language_of("es_MX") == TT_LANGUAGE_SPANISH &&
          tt_language_of("spa") == TT_LANGUAGE_SPANISH);
    CHECK(tt_language_of("est") == TT_LANGUAGE_OTHER && tt_language_of("") == TT_LANGUAGE_OTHER &&
          !tt_language_of(NULL));
}

int main(void) {
    tt_err e = {0};
    a = tt_arena_open(0, &e);
    test_english();
    test_spanish();
    test_codes();
    tt_arena_close(a);
    return test_done("t_plural");
}
