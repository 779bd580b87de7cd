/* f_request.c: a line of JSON is read or refused, and never read past; what was read and written
 * again as JSON is read as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/outbuf.h"
#include "translate/request.h"
#include "text/clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_utf8(tt_span s) {
    for (size_t i = 0; i < s.len;) {
        int step = tt_utf8_next(s.text + i, s.len - i, NULL);
        if (step < 0) return 0;
        i += (size_t)step;
    }
    return 1;
}

static void write_again(tt_outbuf *b, const tt_request *q) {
    tt_outbuf_say(b, "{\"id\": ");
    if (!q->id.text) tt_outbuf_say(b, "0");
    else if (q->id_is_number) tt_outbuf_put(b, q->id.text, q->id.len);
    else tt_outbuf_json(b, q->id.text, q->id.len);
    tt_outbuf_say(b, ", \"text\": ");
    tt_outbuf_json(b, q->text.text, q->text.len);
    tt_outbuf_say(b, "}");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_request q, again;
    tt_arena *a = tt_arena_open(0, &e);
    if (!a) abort();
    int rc = tt_request_read(&q, (const char *)data, size, a, &e);
    if (rc && (rc != TT_EDATA || !e.msg[0])) abort();
    if (!rc) {
        tt_outbuf b = {.a = a};
        write_again(&b, &q);
        if (b.failed || tt_request_read(&again, b.p, b.len, a, &e)) abort();
        if (is_utf8(q.text) &&
            (again.text.len != q.text.len || memcmp(again.text.text, q.text.text, q.text.len)))
            abort();
        if (q.id.text && is_utf8(q.id) &&
            (again.id.len != q.id.len || memcmp(again.id.text, q.id.text, q.id.len)))
            abort();
    }
    tt_arena_close(a);
    return 0;
}
