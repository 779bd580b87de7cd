/* t_clean.c: repair of UTF-8, controls and edges of a line. */
#include "unit/test.h"

#include "text/clean.h"

#include <string.h>

static void check(tt_arena *a, const char *in, size_t len, const char *want, size_t bad,
                  size_t nul) {
    tt_clean c;
    tt_err e = {0};
    CHECK(!tt_clean_line(&c, in, len, a, &e), "%s", e.msg);
    CHECK(c.len == strlen(want) && !memcmp(c.text, want, c.len), "'%.*s' for '%s'", (int)c.len,
          c.text, want);
    CHECK(c.bad == bad && c.nul == nul, "'%s': bad %zu, nul %zu", want, c.bad, c.nul);
}

#define LINE(in, want, bad, nul) check(a, in, sizeof(in) - 1, want, bad, nul)

int main(void) {
    tt_arena *a = tt_arena_open(0, NULL);
    LINE("", "", 0, 0);
    LINE("\r\n", "", 0, 0);
    LINE("plain", "plain", 0, 0);
    LINE("  niño \xc2\xbfqué?\r", "niño \xc2\xbfqué?", 0, 0);
    LINE("a\0b\0", "a b", 0, 2);
    LINE("a\tb\x7f"
         "c",
         "a b c", 0, 0);
    LINE("\xff", "\xef\xbf\xbd", 1, 0);
    LINE("a\xc3", "a\xef\xbf\xbd", 1, 0);                               /* cut short */
    LINE("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", 2, 0);                 /* overlong */
    LINE("\xe2\x82", "\xef\xbf\xbd", 1, 0);                             /* one maximal part */
    LINE("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3, 0); /* surrogate */
    LINE("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 4, 0);
    LINE("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 0, 0);
    LINE("\xe9\x74\xe9", "\xef\xbf\xbdt\xef\xbf\xbd", 2, 0); /* Latin-1 */

    /* An unchanged line is not copied. */
    const char *text = " same ";
    tt_clean c;
    tt_err e = {0};
    CHECK(!tt_clean_line(&c, text, 6, a, NULL) && c.text == text + 1 && c.len == 4, "%s", e.msg);

    /* Every character round-trips, and every two-byte pair agrees with the definition. */
    uint32_t code;
    CHECK(tt_utf8_next("\xf4\x8f\xbf\xbf", 4, &code) == 4 && code == 0x10ffff, "%s", e.msg);
    CHECK(tt_utf8_next("\xef\xbf\xbf", 3, &code) == 3 && code == 0xffff, "%s", e.msg);
    int wrong = 0;
    for (int x = 0x80; x < 256; x++)
        for (int y = 0; y < 256; y++) {
            char pair[2] = {(char)x, (char)y};
            int ok = x >= 0xc2 && x <= 0xdf && y >= 0x80 && y <= 0xbf,
                n = tt_utf8_next(pair, 2, &code);
            wrong += ok ? n != 2 || code != (uint32_t)((x & 31) << 6 | (y & 63)) : n > 0 || n < -2;
        }
    CHECK(!wrong, "%d pairs of bytes", wrong);

    /* Forward and back, a bad part being one character. */
    static const char mixed[] = "a\xc3\xa9\xff\xe6\x97\xa5";
    static const size_t begins[] = {0, 1, 3, 4, 7};
    static const uint32_t codes[] = {'a', 0xe9, 0xfffd, 0x65e5};
    size_t size;
    for (int i = 0; i < 4; i++) {
        CHECK(tt_utf8_at(mixed, 7, begins[i], &size) == codes[i] &&
              size == begins[i + 1] - begins[i]);
        CHECK(tt_utf8_before(mixed, begins[i + 1]) == begins[i]);
    }
    CHECK(tt_utf8_before(mixed, 0) == 0);

    /* 100,000 spaces are an empty line; a full arena is an error. */
    static char spaces[100000];
    memset(spaces, ' ', sizeof spaces);
    CHECK(!tt_clean_line(&c, spaces, sizeof spaces, a, NULL) && !c.len, "%s", e.msg);
    memset(spaces, 0xff, sizeof spaces);
    tt_arena *small = tt_arena_open(1000, NULL);
    CHECK(tt_clean_line(&c, spaces, sizeof spaces, small, &e) == TT_ENOMEM, "%s", e.msg);
    tt_arena_close(small);
    tt_arena_close(a);
    return test_done("t_clean");
}
