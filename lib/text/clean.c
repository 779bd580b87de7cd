/* clean.c: see clean.h. Two passes over a line that needs repair, one over a line that does not. */
#include "text/clean.h"

#include <string.h>

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
