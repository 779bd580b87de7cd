/* t_font.c: letters have dots where they should, and accents make them different.
 */
#include <string.h>

#include "unit/test.h"

#include "draw/sheet.h"

static int same(uint32_t a, uint32_t b) {
    uint16_t x[5], y[5];
    tt_font_glyph(x, a);
    tt_font_glyph(y, b);
    return !memcmp(x, y, sizeof x);
}

static int bits(uint32_t code, unsigned mask) {
    uint16_t x[5];
    int n = 0;
    tt_font_glyph(x, code);
    for (int i = 0; i < 5; i++)
        for (unsigned m = x[i] & mask; m; m &= m - 1) n++;
    return n;
}

int main(void) {
    for (uint32_t c = '!'; c < 0x7f; c++) {
        CHECK(bits(c, 0xffff) > 0 && !bits(c, 7), "%c", (int)c);
        for (uint32_t d = c + 1; d < 0x7f; d++)
            if (same(c, d)) CHECK(0, "%c is as %c", (int)c, (int)d);
    }
    CHECK(bits(' ', 0xffff) == 0 && bits('g', 0x400) > 0 && bits('a', 0x400) == 0);
    const uint32_t boxes = 0x3b1; /* Greek: a hollow box */
    for (uint32_t c = 0xc0; c < 0x180; c++)
        CHECK(!same(c, boxes), "U+%04X has no letter", (unsigned)c);
    CHECK(!same(0xe1, 'a') && !same(0xe1, 0xe0) && !same(0xf1, 'n') && !same(0xe7, 'c') &&
          !same(0xf8, 'o'));
    CHECK(bits(0xc1, 3) > 0 && bits(0xe1, 3) == 0, "accents of capitals stand above their row");
    CHECK(same(boxes, 0x4e00) && !same(0xbf, boxes) && !same(0xa1, boxes) && same(0x2581, '_'));
    return test_done("t_font");
}
