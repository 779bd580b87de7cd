/* chars.h: UTF-8 as Python sees it, for scores that must agree with a program written in it.
 *
 * White space is what str.split() and str.rstrip() take for it: U+0009–000D, 001C–001F, 0020, 0085,
 * 00A0, 1680, 2000–200A, 2028, 2029, 202F, 205F, 3000. So a no-break space separates words and
 * U+200B does not. Everything but tt_chars_bad and tt_chars_valid expects valid UTF-8.
 */
#ifndef TT_SCORE_CHARS_H
#define TT_SCORE_CHARS_H

#include <stdbool.h>

#include "base/utf8.h"
#include "ttrans.h"

/* The place of the first byte that is not UTF-8 as RFC 3629 has it (shortest form, no surrogates,
   at most U+10FFFF), or len. *part is then the length of the maximal bad part, which Python and
   Unicode §3.9 replace by one U+FFFD. */
size_t tt_chars_bad(const char *text, size_t len, size_t *part);

static inline bool tt_chars_valid(const char *text, size_t len) {
    size_t part;
    return tt_chars_bad(text, len, &part) == len;
}

/* Bytes of the white space character at text[0], 0 if there is none; len >= 1. */
static inline size_t tt_chars_space(const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) return s[0] == ' ' || (s[0] >= 9 && s[0] <= 13) || (s[0] >= 28 && s[0] <= 31);
    if (s[0] == 0xc2) return len > 1 && (s[1] == 0x85 || s[1] == 0xa0) ? 2 : 0;
    if (len < 3 || s[0] < 0xe1 || s[0] > 0xe3) return 0;
    unsigned tail = (unsigned)s[1] << 8 | s[2];
    if (s[0] == 0xe1) return tail == 0x9a80 ? 3 : 0;
    if (s[0] == 0xe3) return tail == 0x8080 ? 3 : 0;
    return (tail >= 0x8080 && tail <= 0x808a) || tail == 0x80a8 || tail == 0x80a9 ||
                   tail == 0x80af || tail == 0x819f
               ? 3
               : 0;
}

/* Bytes of the character that starts with this byte. */
static inline size_t tt_chars_size(char first) {
    unsigned char c = (unsigned char)first;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* The code point at *text, which moves on by one character. */
static inline uint32_t tt_chars_next(const char **text) {
    const unsigned char *s = (const unsigned char *)*text;
    size_t size = tt_chars_size(**text);
    *text += size;
    if (size == 1) return s[0];
    if (size == 2) return (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
    if (size == 3) return (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
    return (s[0] & 0x07u) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6 | (s[3] & 0x3fu);
}

/* The text without the white space at its end. */
static inline tt_span tt_chars_rstrip(tt_span s) {
    while (s.len) {
        size_t at = s.len - 1;
        while (at && tt_utf8_inside(s.text[at])) at--;
        if (!tt_chars_space(s.text + at, s.len - at)) break;
        s.len = at;
    }
    return s;
}

#endif
