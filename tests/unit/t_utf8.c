/* t_utf8.c: characters of UTF-8: every number there and back, and what is none. */
#include "base/utf8.h"
#include "unit/test.h"

#include <string.h>

/* The bad part at the start of text, of which `left` are bytes that no one looks at. */
static void bad(const char *text, int part) {
    uint32_t code = 0;
    CHECK(tt_utf8_next(text, strlen(text), &code) == -part && code == 0xfffd, "%d bytes, not %d",
          -tt_utf8_next(text, strlen(text), NULL), part);
    CHECK(!tt_utf8_valid(text, strlen(text)));
}

static void check_all(void) {
    int wrong = 0;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[4];
        uint32_t back = 1;
        size_t n = tt_utf8_put(text, c);
        int surrogate = c >= 0xd800 && c <= 0xdfff;
        wrong += n != (size_t)(c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
        if (surrogate) wrong += tt_utf8_next(text, n, &back) != -1 || tt_utf8_valid(text, n);
        else
            wrong += tt_utf8_next(text, n, &back) != (int)n || back != c || !tt_utf8_valid(text, n);
        for (size_t cut = 1; cut < n && !surrogate; cut++)
            wrong += tt_utf8_next(text, cut, &back) != -(int)cut;
    }
    CHECK(!wrong, "%d characters", wrong);
}

int main(void) {
    check_all();
    bad("\x80", 1);
    bad("\xc0\x80", 1); /* overlong */
    bad("\xc1\xbf", 1);
    bad("\xe0\x9f\xbf", 1);
    bad("\xed\xa0\x80", 1); /* a surrogate */
    bad("\xf0\x8f\xbf\xbf", 1);
    bad("\xf4\x90\x80\x80", 1); /* beyond U+10FFFF */
    bad("\xf5\x80\x80\x80", 1);
    bad("\xff", 1);
    bad("\xe2\x82", 2);
    bad("\xe2\x82z", 2);
    bad("\xf0\x9f\x98z", 3);
    bad("\xc3z", 1);
    CHECK(tt_utf8_valid("", 0) && tt_utf8_valid("a\0b", 3) &&
          tt_utf8_valid("¿Qué?", strlen("¿Qué?")));
    CHECK(!tt_utf8_valid("ab\xc3", 3) && tt_utf8_valid("ab\xc3", 2));
    return test_done("t_utf8");
}
