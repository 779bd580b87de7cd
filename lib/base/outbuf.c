/* outbuf.c: see outbuf.h.
 */
#include "base/outbuf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

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

static void put(void *b, const char *p, size_t n) { tt_outbuf_put(b, p, n); }

void tt_outbuf_json(tt_outbuf *b, const char *p, size_t len) {
    tt_json_write(put, b, p, len, TT_JSON_SHORT);
}

void tt_outbuf_number(tt_outbuf *b, double x) {
    if (isfinite(x)) tt_outbuf_print(b, "%.6g", x);
    else tt_outbuf_say(b, "null");
}
