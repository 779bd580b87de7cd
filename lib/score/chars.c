/* chars.c: the check of UTF-8. One look at eight bytes clears plain ASCII; else one character at a
 * time (base/utf8.h).
 */
#include "score/chars.h"
#include "base/utf8.h"

#include <string.h>

/* Bytes of the well-formed character at s[0], which is not ASCII; 0 if it is not one, and then
   *part is how many bytes from here on could have begun one, at least 1. */
static size_t wide(const unsigned char *s, size_t len, size_t *part) {
    if (s[0] >= 0xc2 && s[0] <= 0xdf && len > 1 && tt_utf8_inside((char)s[1]))
        return 2; /* as most are in Europe */
    const int n = tt_utf8_next((const char *)s, len, NULL);
    *part = n < 0 ? (size_t)-n : 1;
    return n < 0 ? 0 : (size_t)n;
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
