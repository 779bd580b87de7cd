/* f_text.c: whatever the bytes, a cleaned line is valid UTF-8 without controls or white edges, and
 * its parts rise, hold no half character, fit the limit, and leave nothing out but white space. The
 * first byte of the input is the limit.
 */
#include "text/clean.h"
#include "text/split.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds) {
    if (!holds) abort();
}

/* Characters that are no blank, as a stand-in for tokens. */
static long count(void *ctx, const char *text, size_t len) {
    long n = 0;
    (void)ctx;
    for (size_t i = 0; i < len; i++) n += text[i] != ' ' && ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static void check_clean(const tt_clean *c) {
    int step;
    for (size_t i = 0; i < c->len; i += (size_t)step) {
        step = tt_utf8_next(c->text + i, c->len - i, NULL);
        demand(step > 0 && (step > 1 || ((unsigned char)c->text[i] >= ' ' && c->text[i] != 0x7f)));
    }
    demand(!c->len || (c->text[0] != ' ' && c->text[c->len - 1] != ' '));
}

/* White space of Unicode begins with one of these bytes; letters that do are few. */
static int may_be_space(unsigned char byte) {
    return byte == ' ' || byte == 0xc2 || (byte >= 0xe1 && byte <= 0xe3) || (byte & 0xc0) == 0x80;
}

static void check_parts(const char *text, size_t len, const tt_cut *p, size_t n, long limit) {
    size_t at = 0;
    for (size_t i = 0; i <= n; i++) {
        size_t begin = i < n ? p[i].begin : len, end = i < n ? p[i].end : len;
        demand(begin >= at && end <= len && (i == n || end > begin));
        for (; at < begin; at++) demand(may_be_space((unsigned char)text[at]));
        demand(begin == len || ((unsigned char)text[begin] & 0xc0) != 0x80);
        demand(end == len || ((unsigned char)text[end] & 0xc0) != 0x80);
        demand(i == n || !limit || count(NULL, text + begin, end - begin) <= limit);
        at = end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    long limit = size ? 1 + data[0] % 64 : 1;
    tt_clean c;
    tt_cut *parts;
    size_t n;
    const char *text = size ? (const char *)data + 1 : "";
    demand(a != NULL);
    demand(!tt_clean_line(&c, text, size ? size - 1 : 0, a, &e));
    check_clean(&c);
    demand(!tt_split_sentences(c.text, c.len, a, &parts, &n, &e));
    check_parts(c.text, c.len, parts, n, 0);
    demand(!tt_split_text(c.text, c.len, limit, count, NULL, a, &parts, &n, &e));
    check_parts(c.text, c.len, parts, n, limit);
    tt_arena_close(a);
    return 0;
}
