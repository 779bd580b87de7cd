/* marks.c: see place.h: words, the blanks between them, the marks at their ends.
 */
#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "markup/place.h"
#include "base/utf8.h"
#include "text/clean.h"

size_t tt_blank_at(const char *p, size_t len) {
    unsigned char c = len ? (unsigned char)p[0] : 'x';
    if (c <= ' ' || c == 0x7f) return 1;
    if (c < 0xc2 || len < 2) return 0;
    uint32_t code;
    int step = tt_utf8_next(p, len, &code);
    if (step < 2) return 0;
    return code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200b) || code == 0x2028 ||
                   code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000
               ? (size_t)step
               : 0;
}

size_t tt_words_of(const char *text, size_t len, tt_span *spans, size_t most) {
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        while (i < len && tt_ascii_blank(text[i])) i++;
        const size_t from = i;
        while (i < len && !tt_ascii_blank(text[i])) i++;
        if (i == from) break;
        if (n < most) spans[n] = (tt_span){text + from, i - from};
        n++;
    }
    return n;
}

int tt_mark_at(const char *p, size_t len, const char *set) {
    for (size_t n; *set; set += n) {
        n = (unsigned char)*set < 0x80 ? 1 : (unsigned char)*set < 0xe0 ? 2 : 3;
        if (n <= len && !memcmp(p, set, n)) return (int)n;
    }
    return 0;
}

/* Bytes of marks that open at the word's beginning, and that close at its end; none where it is all
   marks. */
size_t tt_marks_before(tt_span w) {
    size_t i = 0;
    for (int n; i < w.len && (n = tt_mark_at(w.text + i, w.len - i, "([{\"'¿¡«“‘„"));
         i += (size_t)n)
        continue;
    return i < w.len ? i : 0;
}

size_t tt_marks_behind(tt_span w) {
    size_t end = w.len, lead = tt_marks_before(w);
    while (end > lead) {
        size_t i = end - 1;
        while (i > lead && tt_utf8_inside(w.text[i])) i--;
        if (!tt_mark_at(w.text + i, end - i, ".,;:!?)]}\"'»”’…")) break;
        end = i;
    }
    return end > lead ? w.len - end : 0;
}
