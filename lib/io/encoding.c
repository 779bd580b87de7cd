/* encoding.c: see encoding.h. The tables of single bytes are those of the WHATWG's Encoding
 * Standard, but that bytes without a character stay without one. Latin-1 has the letters of
 * Windows-1252 in 80 … 9F, as browsers read it.
 */
#include "io/encoding.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

static const uint16_t windows_1252[32] = {/* of 80 … 9F; 0: none */
                                          0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
                                          0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
                                          0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D,
                                          0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
                                          0x0153, 0,      0x017E, 0x0178};

/* The number of a byte's character, or 0 for none. A NUL never comes here. */
static uint32_t of_byte(int encoding, unsigned char b) {
    static const uint16_t latin_9[][2] = {{0xA4, 0x20AC}, {0xA6, 0x160}, {0xA8, 0x161},
                                          {0xB4, 0x17D},  {0xB8, 0x17E}, {0xBC, 0x152},
                                          {0xBD, 0x153},  {0xBE, 0x178}};
    if (b < 0x80) return b;
    if (b < 0xA0) return encoding == TT_TEXT_LATIN_9 ? 0 : windows_1252[b - 0x80];
    for (size_t i = 0; encoding == TT_TEXT_LATIN_9 && i < sizeof latin_9 / sizeof *latin_9; i++)
        if (latin_9[i][0] == b) return latin_9[i][1];
    return b;
}

static size_t bad(char *out) {
    *out = (char)0xFF;
    return 1;
}

/* One unit of UTF-16. A first half waits; one that waits in vain is bad. */
static size_t put_utf16(tt_decoder *d, char *out, uint32_t unit) {
    size_t n = 0;
    if (d->high && unit >= 0xDC00 && unit < 0xE000) {
        n = tt_utf8_put(out, 0x10000 + ((d->high & 0x3FF) << 10 | (unit & 0x3FF)));
        d->high = 0;
        return n;
    }
    if (d->high) n = bad(out);
    d->high = 0;
    if (unit >= 0xD800 && unit < 0xDC00) d->high = unit;
    else if (unit >= 0xDC00 && unit < 0xE000) n += bad(out + n);
    else n += tt_utf8_put(out + n, unit);
    return n;
}

static size_t put_unit(tt_decoder *d, char *out, const unsigned char *u) {
    switch (d->encoding) {
    case TT_TEXT_UTF16LE: return put_utf16(d, out, (uint32_t)(u[0] | u[1] << 8));
    case TT_TEXT_UTF16BE: return put_utf16(d, out, (uint32_t)(u[1] | u[0] << 8));
    default: {
        int little = d->encoding == TT_TEXT_UTF32LE;
        uint32_t c = 0;
        for (int i = 0; i < 4; i++) c = c << 8 | u[little ? 3 - i : i];
        return c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? bad(out) : tt_utf8_put(out, c);
    }
    }
}

bool tt_encoding_is_bytes(int encoding) {
    return encoding == TT_TEXT_WINDOWS_1252 || encoding == TT_TEXT_LATIN_1 ||
           encoding == TT_TEXT_LATIN_9;
}

size_t tt_decode(tt_decoder *d, char *out, const unsigned char *in, size_t len, int last) {
    const size_t size = d->encoding == TT_TEXT_UTF32LE || d->encoding == TT_TEXT_UTF32BE ? 4 : 2;
    size_t n = 0;
    if (tt_encoding_is_bytes(d->encoding)) {
        for (size_t i = 0; i < len; i++) {
            uint32_t u = of_byte(d->encoding, in[i]);
            n += u || !in[i] ? tt_utf8_put(out + n, u) : bad(out + n);
        }
        return n;
    }
    for (size_t i = 0; i < len; i++) {
        d->kept[d->n_kept++] = in[i];
        if (d->n_kept < size) continue;
        n += put_unit(d, out + n, d->kept);
        d->n_kept = 0;
    }
    if (last && (d->n_kept || d->high)) {
        n += bad(out + n);
        d->n_kept = d->high = 0;
    }
    return n;
}
