/* outbuf.h: text put together in a piece of arena memory that doubles when full.
 *
 *     tt_outbuf b = {.a = arena};
 *     tt_outbuf_say(&b, "score ");
 *     tt_outbuf_print(&b, "%g", score);
 *     if (b.failed) …                          // memory was out at some point
 */
#ifndef TT_BASE_OUTBUF_H
#define TT_BASE_OUTBUF_H

#include "base/arena.h"

typedef struct tt_outbuf {
    tt_arena *a;
    char *p; /* (len of cap), no NUL behind */
    size_t len, cap;
    int failed;
} tt_outbuf;

void tt_outbuf_put(tt_outbuf *b, const char *p, size_t len);
void tt_outbuf_say(tt_outbuf *b, const char *text);

/* At most 63 bytes: two numbers and what joins them. */
void tt_outbuf_print(tt_outbuf *b, const char *fmt, ...) TT_PRINTF(2, 3);

/* A JSON string, quotes included; bad UTF-8 becomes U+FFFD. */
void tt_outbuf_json(tt_outbuf *b, const char *p, size_t len);

/* A JSON number of 6 digits, or null where it is none. */
void tt_outbuf_number(tt_outbuf *b, double x);

#endif
