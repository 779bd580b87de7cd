/* utf8.c: see utf8.h. The table of well-formed sequences is 3-7 of the Unicode Standard: the second
 * byte alone is bounded by the first one, the others are 80 … BF.
 */
#include "base/utf8.h"

int tt_utf8_next(const char *text, size_t len, uint32_t *code) {
    const unsigned char *p = (const unsigned char *)text;
    unsigned char b = p[0];
    uint32_t bad;
    if (!code) code = &bad;
    if (b < 0x80) {
        *code = b;
        return 1;
    }
    int size = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
    unsigned low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;  /* no overlong form */
    unsigned high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf; /* no surrogate, none too large */
    *code = 0xfffd;
    if (b < 0xc2 || b > 0xf4) return -1;
    uint32_t value = b & (0x7fu >> size);
    for (int i = 1; i < size; i++) {
        if ((size_t)i >= len || p[i] < low || p[i] > high) return -i;
        value = value << 6 | (p[i] & 0x3f);
        low = 0x80, high = 0xbf;
    }
    *code = value;
    return size;
}

uint32_t tt_utf8_at(const char *text, size_t len, size_t i, size_t *size) {
    uint32_t c;
    const int n = tt_utf8_next(text + i, len - i, &c);
    *size = (size_t)(n < 0 ? -n : n);
    return c;
}

size_t tt_utf8_before(const char *text, size_t i) {
    while (i && tt_utf8_inside(text[--i])) continue;
    return i;
}

int tt_utf8_valid(const char *text, size_t len) {
    for (size_t i = 0; i < len;) {
        int step = (unsigned char)text[i] < 0x80 ? 1 : tt_utf8_next(text + i, len - i, NULL);
        if (step < 0) return 0;
        i += (size_t)step;
    }
    return 1;
}

size_t tt_utf8_put(char *out, uint32_t code) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const size_t size = tt_utf8_size(code);
    for (size_t i = size; --i; code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xf00 >> size & 0xff) | code);
    return size;
}
