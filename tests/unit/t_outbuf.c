/* t_outbuf.c: text in pieces of every length, JSON strings and numbers, and a buffer whose memory
 * is out. */
#include "base/outbuf.h"
#include "base/rng.h"
#include "unit/test.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static int is(const tt_outbuf *b, const char *want) {
    return !b->failed && b->len == strlen(want) && !memcmp(b->p, want, b->len);
}

static void test_pieces(void) {
    static char all[1 << 16], piece[2000];
    size_t len = 0;
    tt_arena *a = tt_arena_open(0, NULL);
    tt_outbuf b = {.a = a};
    tt_outbuf_put(&b, NULL, 0);
    CHECK(b.len == 0 && !b.failed);
    for (uint64_t i = 0; i < 200; i++) {
        const size_t n = tt_rand_below(3, 2 * i, i % 10 ? 30 : 2000);
        for (size_t k = 0; k < n; k++) piece[k] = (char)tt_rand_below(4, i * 2000 + k, 256);
        memcpy(all + len, piece, n);
        len += n;
        tt_outbuf_put(&b, piece, n);
        CHECK(b.len <= b.cap && !b.failed);
    }
    CHECK(b.len == len && !memcmp(b.p, all, len), "%zu bytes, not %zu", b.len, len);
    tt_arena_close(a);
}

static void test_print(void) {
    tt_arena *a = tt_arena_open(0, NULL);
    for (int n = 60; n <= 70; n++) {
        char text[80] = {0};
        memset(text, 'x', (size_t)n);
        tt_outbuf b = {.a = a};
        tt_outbuf_print(&b, "%s", text);
        CHECK(b.len == (size_t)(n < 63 ? n : 63), "%d: %zu", n, b.len);
        CHECK(!memchr(b.p, 0, b.len), "%d: a NUL", n);
    }
    tt_outbuf b = {.a = a};
    tt_outbuf_say(&b, "score ");
    tt_outbuf_print(&b, "%d-%d", 3, -4);
    CHECK(is(&b, "score 3--4"));
    tt_arena_close(a);
}

static void json(tt_arena *a, const char *text, size_t len, const char *want) {
    tt_outbuf b = {.a = a};
    tt_outbuf_json(&b, text, len);
    CHECK(is(&b, want), "%.*s, not %s", (int)b.len, b.p, want);
}

static void test_json(void) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a \"b\" \\ /", "\"a \\\"b\\\" \\\\ /\""},
        {"\n\t\r", "\"\\n\\t\\r\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
        {"\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\""}, /* a byte of no character */

        {"\xc3", "\"\xef\xbf\xbd\""}}; /* cut off */
    tt_arena *a = tt_arena_open(0, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        json(a, cases[i].text, strlen(cases[i].text), cases[i].want);
    json(a, "a\0b", 3, "\"a\\u0000b\"");
    tt_outbuf b = {.a = a};
    tt_outbuf_json(&b, "\xed\xa0\x80x", 4);
    CHECK(b.len > 3 && !memchr(b.p, 0xed, b.len) && b.p[b.len - 2] == 'x', "%.*s", (int)b.len, b.p);
    tt_arena_close(a);
}

static void test_numbers(void) {
    static const struct {
        double x;
        const char *want;
    } cases[] = {{0, "0"},           {1.5, "1.5"},
                 {-2, "-2"},         {1.0 / 3, "0.333333"},
                 {1e-7, "1e-07"},    {1234567, "1.23457e+06"},
                 {NAN, "null"},      {INFINITY, "null"},
                 {-INFINITY, "null"}};
    tt_arena *a = tt_arena_open(0, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_outbuf b = {.a = a};
        tt_outbuf_number(&b, cases[i].x);
        CHECK(is(&b, cases[i].want), "%.*s, not %s", (int)b.len, b.p, cases[i].want);
    }
    tt_arena_close(a);
}

/* Once memory was out, nothing more comes, however short. */
static void test_full(void) {
    tt_arena *a = tt_arena_open(4096, NULL);
    tt_outbuf b = {.a = a};
    static char long_one[5000];
    tt_outbuf_say(&b, "begin");
    tt_outbuf_put(&b, long_one, sizeof long_one);
    CHECK(b.failed && b.len == 5 && !memcmp(b.p, "begin", 5));
    tt_outbuf_say(&b, "x");
    tt_outbuf_json(&b, "y", 1);
    tt_outbuf_number(&b, 1);
    CHECK(b.failed && b.len == 5);
    tt_arena_close(a);
}

int main(void) {
    test_pieces();
    test_print();
    test_json();
    test_numbers();
    test_full();
    return test_done("t_outbuf");
}
