/* err.c: see err.h. Messages live in a fixed buffer, so that reporting an error cannot fail; one
 * that does not fit is cut.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int tt_err_status(int code) {
    switch (code) {
#define ROW(name, code, status, meaning)                                                           \
    case TT_E##name:                                                                               \
        return status;
        TT_ERRORS(ROW)
#undef ROW
    default:
        return 0;
    }
}

/* Bytes of the character at p, as UTF-8 has them, and its number; 0: none. */
static size_t character(const unsigned char *p, uint32_t *c) {
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xC2 ? 0
               : p[0] < 0xE0 ? 2
               : p[0] < 0xF0 ? 3
               : p[0] < 0xF5 ? 4
                             : 0;
    *c = n < 2 ? p[0] : p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
        *c = *c << 6 | (p[i] & 0x3F);
    }
    return n;
}

/* Does a terminal obey it rather than show it: C0 and C1, line ends, marks of direction? */
static int is_control(uint32_t c) {
    return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0x200E ||
           c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void tt_text_visible(char *text) {
    for (unsigned char *p = (unsigned char *)text; *p;) {
        uint32_t c;
        size_t n = character(p, &c);
        if (n && !is_control(c)) {
            p += n;
            continue;
        }
        for (*p++ = n ? ' ' : '?'; n > 1; n--) *p++ = ' ';
    }
}

/* A message is one line, whatever was in the names it quotes from a file. */
static void keep_line(tt_err *e) { tt_text_visible(e->msg); }

int tt_fail(tt_err *e, int code, const char *fmt, ...) {
    if (!e) return code;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    keep_line(e);
    e->code = code;
    return code;
}

int tt_fail_errno(tt_err *e, int code, int num, const char *fmt, ...) {
    if (!e) return code;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    char text[128] = "unknown error";
    if (strerror_r(num, text, sizeof text)) snprintf(text, sizeof text, "error %d", num);
    if (n >= 0 && (size_t)n < sizeof e->msg)
        snprintf(e->msg + n, sizeof e->msg - (size_t)n, ": %s", text);
    keep_line(e);
    e->code = code;
    return code;
}

int tt_err_context(tt_err *e, const char *fmt, ...) {
    if (!e) return TT_EINTERNAL;
    char old[sizeof e->msg];
    memcpy(old, e->msg, sizeof old);
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    size_t at = n > 0 ? (size_t)n : 0, room = sizeof e->msg - 1;
    for (const char *p = ": "; *p && at < room; p++) e->msg[at++] = *p;
    for (const char *p = old; *p && at < room; p++) e->msg[at++] = *p;
    e->msg[at < room ? at : room] = 0;
    keep_line(e);
    return e->code;
}
