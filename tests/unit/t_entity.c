/* t_entity: references to characters: by name, by number, and what is none.
 */
#include "markup/gather.h"
#include "unit/test.h"

#include <string.h>

static void is(const char *p, size_t used, const char *want) {
    char text[8];
    size_t n = 0, got = tt_entity_at(p, strlen(p), text, &n);
    CHECK(got == used && (!used || (n == strlen(want) && !memcmp(text, want, n))), "%s: %zu", p,
          got);
}

int main(void) {
    is("&amp;x", 5, "&");
    is("&AElig;", 7, "\xc3\x86");
    is("&zwnj; ", 6, "\xe2\x80\x8c");
    is("&thetasym;", 10, "\xcf\x91");
    is("&apos;", 6, "'");
    is("&eacute;", 8, "\xc3\xa9");
    is("&Eacute;", 8, "\xc3\x89");
    is("&#233;", 6, "\xc3\xa9");
    is("&#XE9;", 6, "\xc3\xa9");
    is("&#x1F600;", 9, "\xf0\x9f\x98\x80");
    const char *none[] = {"&",      "&;",       "&amp",       "&am;",
                          "&ampx;", "&#;",      "&#x;",       "&#0;",
                          "&#10;",  "&#xD800;", "&#x110000;", "&#99999999999999;",
                          "&#12a;", "& amp;",   "&a&amp;",    "&lol9;"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) is(none[i], 0, "");
    return test_done("t_entity");
}
