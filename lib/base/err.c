/* err.c: see err.h. Messages live in a fixed buffer, so that reporting an error cannot fail; one
 * that does not fit is cut.
 */
#include "base/err.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int tt_err_status(int code) {
    switch (code) {
#define ROW(name, code, status, meaning)                                                           \
    case TT_E##name: return status;
        TT_ERRORS(ROW)
#undef ROW
    default: return 0;
    }
}

/* 1 if a terminal obeys the character and does not show it: C0 and C1, line ends, marks of
   direction. */
static bool is_control(uint32_t c) {
    return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0x200E ||
           c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void tt_text_visible(char *text) {
    for (char *p = text; *p;) {
        uint32_t c;
        const int n = tt_utf8_next(p, strnlen(p, 4), &c), step = n < 0 ? -n : n;
        if (n < 0 || is_control(c)) memset(p, n < 0 ? '?' : ' ', (size_t)step);
        p += step;
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
