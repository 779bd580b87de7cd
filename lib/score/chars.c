/* chars.c: the check of UTF-8. One look at eight bytes clears plain ASCII; else one character at a
 * time, by the table of well-formed sequences in the Unicode standard (3-7).
 */
#include "score/chars.h"

#include <string.h>

/* Bytes of the well-formed character at s[0], which is not ASCII; 0 if it is not one, and then
   *part is how many bytes from here on could have begun one, at least 1. */
static size_t wide(const unsigned char *s, size_t len, size_t *part) {
    unsigned char low = 0x80, high = 0xbf; /* allowed second bytes */
    size_t size;
    *part = 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf) {
        if (len > 1 && (s[1] & 0xc0) == 0x80) return 2; /* as most are in Europe */
        return 0;
    } else if (s[0] >= 0xe0 && s[0] <= 0xef) {
        size = 3;
        if (s[0] == 0xe0) low = 0xa0;
        if (s[0] == 0xed) high = 0x9f; /* surrogates */
    } else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        size = 4;
        if (s[0] == 0xf0) low = 0x90;
        if (s[0] == 0xf4) high = 0x8f;
    } else {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if (i == len || s[i] < low || s[i] > high) return 0;
        low = 0x80, high = 0xbf;
        ++*part;
    }
    return size;
}

/* Bytes of plain ASCII at the start. */
static size_t plain(const unsigned char *s, size_t len) {
    size_t i = 0;
    for (uint64_t eight; len - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, s + i, sizeof eight);
        if (eight & 0x8080808080808080u) break;
    }
    while (i < len && s[i] < 0x80) i++;
    return i;
}

size_t tt_chars_bad(const char *text, size_t len, size_t *part) {
    const unsigned char *s = (const unsigned char *)text;
    size_t i = plain(s, len);
    while (i < len) {
        size_t size = wide(s + i, len - i, part);
        if (!size) return i;
        i += size;
        i += plain(s + i, len - i);
    }
    return len;
}
