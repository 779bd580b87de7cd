/* t_letter.c: kinds and cases of characters.
 */
#include "text/letter.h"

#include <string.h>

#include "unit/test.h"

static void test_kinds(void) {
    static const uint32_t are[] = {'a',   'Z',   0xf1,  0x141,  0x1b0,  0x3a9,  0x416,  0x5d0,
                                   0x627, 0x905, 0xe01, 0x3042, 0x65e5, 0xac00, 0x1ea1, 0x20000},
                          are_not[] = {'0',    ' ',    '!',    0xbf,   0xd7,   0xf7,  0x2014,
                                       0x20ac, 0x2603, 0x3000, 0xff01, 0x200b, 0xfffd};
    for (size_t i = 0; i < sizeof are / sizeof *are; i++)
        CHECK(tt_is_letter(are[i]), "U+%04X", (unsigned)are[i]);
    for (size_t i = 0; i < sizeof are_not / sizeof *are_not; i++)
        CHECK(!tt_is_letter(are_not[i]), "U+%04X", (unsigned)are_not[i]);
    CHECK(!tt_text_has_letter("12.5 = \xe2\x82\xac", 10) && tt_text_has_letter("1 \xc3\xb1", 4) &&
          !tt_text_has_letter("", 0));
    CHECK(!tt_text_has_letter("\xff\xc3", 2));
}

/* There and back, for every letter that has a case. */
static void test_cases(void) {
    for (uint32_t c = 0; c < 0x3000; c++) {
        const uint32_t small = tt_to_small(c), capital = tt_to_capital(c);
        CHECK(small == c || capital == c, "U+%04X", (unsigned)c);
        CHECK(small == c || (tt_to_capital(small) == c && tt_is_letter(c) && tt_is_letter(small) &&
                             tt_is_capital(c)),
              "U+%04X", (unsigned)c);
        CHECK(capital == c || (tt_to_small(capital) == c && tt_is_small(c)), "U+%04X", (unsigned)c);
    }
}

static void test_text(void) {
    static const char *const pairs[][2] = {{"HOLA, \xc3\x91"
                                            "and\xc3\x9a 3",
                                            "hola, \xc3\xb1"
                                            "and\xc3\xba 3"},
                                           {"\xc5\x81\xc3\x93"
                                            "D\xc5\xb9",
                                            "\xc5\x82\xc3\xb3"
                                            "d\xc5\xba"},
                                           {"\xd0\x9f\xd0\xa0\xd0\x98", "\xd0\xbf\xd1\x80\xd0\xb8"},
                                           {"STRA\xc3\x9f"
                                            "E \xff",
                                            "stra\xc3\x9f"
                                            "e \xff"}};
    char out[64];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const size_t len = strlen(pairs[i][0]);
        tt_text_case(out, pairs[i][0], len, TT_CASE_SMALL);
        CHECK(len == strlen(pairs[i][1]) && !memcmp(out, pairs[i][1], len), "%.*s", (int)len, out);
    }
    tt_text_case(out, "\xc3\xbf \xc3\xb1", 5,
                 TT_CASE_CAPITAL); /* the capital of U+00FF has two bytes as well */
    CHECK(!memcmp(out, "\xc5\xb8 \xc3\x91", 5));
}

int main(void) {
    test_kinds();
    test_cases();
    test_text();
    return test_done("t_letter");
}
