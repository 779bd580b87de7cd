/* outbuf.c: see outbuf.h.
 */
#include "base/outbuf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

void tt_outbuf_put(tt_outbuf *b, const char *p, size_t len) {
    if (b->failed) return;
    if (len > b->cap - b->len) {
        size_t cap = 2 * b->cap + len;
        char *more = tt_arena_alloc(b->a, cap);
        if (!more) {
            b->failed = 1;
            return;
        }
        if (b->len) memcpy(more, b->p, b->len);
        b->p = more;
        b->cap = cap;
    }
    if (len) memcpy(b->p + b->len, p, len);
    b->len += len;
}

void tt_outbuf_say(tt_outbuf *b, const char *text) { tt_outbuf_put(b, text, strlen(text)); }

void tt_outbuf_print(tt_outbuf *b, const char *fmt, ...) {
    char room[64];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(room, sizeof room, fmt, ap);
    va_end(ap);
    tt_outbuf_put(b, room, n < (int)sizeof room ? (size_t)n : sizeof room - 1);
}

void tt_outbuf_json(tt_outbuf *b, const char *p, size_t len) {
    tt_outbuf_say(b, "\"");
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)p[i];
        int step = c < 0x80 ? 1 : tt_utf8_next(p + i, len - i, NULL);
        if (step < 0)
            tt_outbuf_say(b, "\xef\xbf\xbd");
        else if (c == '"' || c == '\\')
            tt_outbuf_print(b, "\\%c", c);
        else if (c == '\n' || c == '\t' || c == '\r')
            tt_outbuf_say(b, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
        else if (c < 0x20 || c == 0x7f)
            tt_outbuf_print(b, "\\u%04x", c);
        else
            tt_outbuf_put(b, p + i, (size_t)step);
        i += (size_t)(step < 0 ? -step : step);
    }
    tt_outbuf_say(b, "\"");
}

void tt_outbuf_number(tt_outbuf *b, double x) {
    if (isfinite(x))
        tt_outbuf_print(b, "%.6g", x);
    else
        tt_outbuf_say(b, "null");
}
