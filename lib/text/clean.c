/* clean.c: see clean.h. Two passes over a line that needs repair, one over a line that does not.
 * The table of well-formed sequences is 3-7 of the Unicode Standard: the second byte alone is
 * bounded by the first one, the others are 80 … BF.
 */
#include "text/clean.h"

#include <string.h>

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
    while (i && ((unsigned char)text[--i] & 0xc0) == 0x80) continue;
    return i;
}

static unsigned is_control(unsigned char c) { return c < ' ' || c == 0x7f; }

static unsigned is_edge(unsigned char c) { return is_control(c) || c == ' '; }

int tt_clean_line(tt_clean *out, const char *text, size_t len, tt_arena *a, tt_err *e) {
    size_t bad = 0, controls = 0, nul = 0;
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i];
        int step = c < 0x80 ? 1 : tt_utf8_next(text + i, len - i, NULL);
        bad += step < 0 ? 1 : 0;
        nul += c ? 0 : 1;
        controls += is_control(c);
        i += (size_t)(step < 0 ? -step : step);
    }
    if (bad || controls) { /* a bad byte grows to at most three */
        char *copy = tt_arena_alloc(a, len + 2 * bad);
        if (!copy) return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", len);
        size_t n = 0;
        for (size_t i = 0; i < len;) {
            int step = tt_utf8_next(text + i, len - i, NULL);
            if (step < 0) {
                memcpy(copy + n, "\xef\xbf\xbd", 3);
                n += 3;
                i += (size_t)-step;
            } else if (step == 1 && is_control((unsigned char)text[i])) {
                copy[n++] = ' ';
                i++;
            } else {
                memcpy(copy + n, text + i, (size_t)step);
                n += (size_t)step;
                i += (size_t)step;
            }
        }
        text = copy;
        len = n;
    }
    while (len && is_edge((unsigned char)text[len - 1])) len--;
    while (len && is_edge((unsigned char)*text)) text++, len--;
    *out = (tt_clean){.text = text, .len = len, .bad = bad, .nul = nul};
    return 0;
}
