/* t_request.c: lines of JSON, good and bad, and JSON written.
 */
#include "translate/request.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/outbuf.h"
#include "unit/test.h"

static tt_arena *a;

static int is(tt_span s, const char *want) {
    return want ? s.text && s.len == strlen(want) && !memcmp(s.text, want, s.len) : !s.text;
}

static void test_good(void) {
    static const struct {
        const char *line, *id, *text, *prefix, *target;
        int number;
    } cases[] = {
        {"{\"text\": \"Good morning.\"}", NULL, "Good morning.", NULL, NULL, 0},
        {" { \"id\" : 7 ,\"text\":\"a\",\"prefix\":\"b\",\"target\":\"c\"}\r", "7", "a", "b", "c",
         1},
        {"{\"id\":\"x-1\",\"text\":\"\"}", "x-1", "", NULL, NULL, 0},
        {"{\"id\":-1.5e+3,\"text\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "-1.5e+3", "a\"\\/\b\f\n\r\t",
         NULL, NULL, 1},
        {"{\"text\":\"\\u00e9\\u20AC\\ud83d\\ude00\"}", NULL,
         "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", NULL, NULL, 0},
        {"{\"text\":\"\\ud83d!\\ude00\\ud800\\u0041\"}", NULL,
         "\xef\xbf\xbd!\xef\xbf\xbd\xef\xbf\xbd"
         "A",
         NULL, NULL, 0},
        {"{\"a\":{\"text\":[1,{\"b\":[]},\"]\"]},\"c\":[[],{},null,true,false,-0.5],\"text\":"
         "\"x\"}",
         NULL, "x", NULL, NULL, 0},
        {"{\"text\":\"x\",\"text\":\"y\"}", NULL, "y", NULL, NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tt_err e = {0};
        tt_request q;
        CHECK(!tt_request_read(&q, cases[i].line, strlen(cases[i].line), a, &e), "%s: %s",
              cases[i].line, e.msg);
        CHECK(is(q.id, cases[i].id) && is(q.text, cases[i].text) && is(q.prefix, cases[i].prefix) &&
                  is(q.target, cases[i].target),
              "%s", cases[i].line);
        CHECK(!q.id.text || q.id_is_number == cases[i].number);
    }
}

static void test_more(void) {
    static const char line[] = "{\"a\": [1, {\"b\": 2}], \"text\": \"x\", \"n_best\": 3, "
                               "\"alternatives\":64,  \"c\" :null }";
    tt_err e = {0};
    tt_request q;
    CHECK(!tt_request_read(&q, line, strlen(line), a, &e) && q.n_best == 3 &&
              q.alternatives == 64 && q.n_more == 2,
          "%s", e.msg);
    CHECK(is(q.more[0], "\"a\": [1, {\"b\": 2}]") && is(q.more[1], "\"c\" :null"));
    static const char *const bad[] = {
        "{\"n_best\":0,\"text\":\"\"}", "{\"n_best\":65,\"text\":\"\"}",
        "{\"n_best\":\"2\",\"text\":\"\"}", "{\"n_best\":2.5,\"text\":\"\"}",
        "{\"alternatives\":-1,\"text\":\"\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(tt_request_read(&q, bad[i], strlen(bad[i]), a, &e) == TT_EDATA &&
                  !strncmp(e.msg, "byte ", 5),
              "%s", bad[i]);
    char many[8000] = "{\"text\": \"x\"";
    size_t n = strlen(many);
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, ", \"m%d\": %d", i, i);
    many[n++] = '}';
    CHECK(!tt_request_read(&q, many, n, a, &e) && q.n_more == TT_REQUEST_MORE, "%s", e.msg);
}

/* Members that are null are not there; but a text has to be. */
static void test_null(void) {
    static const char line[] =
        "{\"text\": \"x\", \"id\": null, \"prefix\":null , \"target\": null, \"n_best\": null, "
        "\"alternatives\": null, \"glossary\": null, \"format\": null, \"more\": null}";
    tt_err e = {0};
    tt_request q;
    CHECK(!tt_request_read(&q, line, strlen(line), a, &e), "%s", e.msg);
    CHECK(!q.id.text && !q.prefix.text && !q.target.text && !q.n_best && !q.alternatives &&
          !q.n_terms && !q.format);
    CHECK(q.n_more == 1 && is(q.more[0], "\"more\": null"));
    CHECK(tt_request_read(&q, "{\"text\": null}", 14, a, &e) == TT_EDATA);
}

static void test_terms(void) {
    static const struct {
        const char *value;
        size_t n;
        const char *terms[6]; /* source, target, …; a target NULL: kept */
    } cases[] = {{"{}", 0, {NULL}},
                 {"[]", 0, {NULL}},
                 {"{\"dog\": \"can\", \"h\\u00e9\":\"\"}", 2, {"dog", "can", "h\xc3\xa9", ""}},
                 {" [ [ \"dog\" , \"can\" ] , [\"a\",\"b\"] ]", 2, {"dog", "can", "a", "b"}},
                 {"[\"Blue Moon\", \"dog\", [\"a\", \"b\"]]",
                  3,
                  {"Blue Moon", NULL, "dog", NULL, "a", "b"}}};
    static const struct {
        const char *value, *expected;
    } bad[] = {{"\"dog\"", "terms as {"},
               {"7", "terms as {"},
               {"{\"dog\"}", "':'"},
               {"{\"dog\": 7}", "a string"},
               {"{\"dog\": null}", "a string"},
               {"[[\"dog\"]]", "',' and the target"},
               {"[[\"a\", \"b\", \"c\"]]", "']' behind source"},
               {"[\"a\" \"b\"]", "',' or ']'"},
               {"[7]", "a string"},
               {"{\"a\": \"b\",}", "a string"},
               {"[\"a\"", "',' or ']'"}};
    char line[200];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_err e = {0};
        tt_request q;
        snprintf(line, sizeof line, "{\"glossary\": %s, \"text\": \"x\"}", cases[i].value);
        CHECK(!tt_request_read(&q, line, strlen(line), a, &e) && q.n_terms == cases[i].n, "%s: %s",
              line, e.msg);
        for (size_t k = 0; k < q.n_terms && k < cases[i].n; k++)
            CHECK(is(q.terms[k].source, cases[i].terms[2 * k]) &&
                      is(q.terms[k].target, cases[i].terms[2 * k + 1]),
                  "%s", line);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tt_err e = {0};
        tt_request q;
        snprintf(line, sizeof line, "{\"id\": 3, \"text\": \"x\", \"glossary\": %s}", bad[i].value);
        CHECK(tt_request_read(&q, line, strlen(line), a, &e) == TT_EDATA &&
                  strstr(e.msg, bad[i].expected),
              "%s: %s", line, e.msg);
        CHECK(is(q.id, "3"));
    }
}

static void test_format(void) {
    tt_err e = {0};
    tt_request q;
    CHECK(!tt_request_read(&q, "{\"text\":\"x\",\"format\":\"srt\"}", 27, a, &e) &&
              q.format == tt_format_named("srt"),
          "%s", e.msg);
    CHECK(!tt_request_read(&q, "{\"text\":\"x\",\"format\":\"text\"}", 28, a, &e) && !q.format,
          "%s", e.msg);
    CHECK(tt_request_read(&q, "{\"text\":\"x\",\"format\":\"htm\"}", 27, a, &e) == TT_EDATA &&
              !strcmp(e.msg, "byte 22: expected text, html, xml, markdown, srt, vtt, po, xliff, "
                             "tmx, json-strings"),
          "%s", e.msg);
    CHECK(tt_request_read(&q, "{\"text\":\"x\",\"format\":[]}", 24, a, &e) == TT_EDATA);
}

static void test_bad(void) {
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"", "byte 1: expected a JSON object such as {\"text\": \"…\"}"},
        {"Good morning.", "byte 1: expected a JSON object such as {\"text\": \"…\"}"},
        {"{}", "no \"text\" in the object"},
        {"{\"id\":1}", "no \"text\" in the object"},
        {"{\"text\":7}", "byte 9: expected a string"},
        {"{\"text\":null}", "byte 9: expected a string"},
        {"{\"text\":\"a}", "byte 12: expected the end of the string"},
        {"{\"text\":\"\\x\"}", "byte 11: expected an escape such as \\n or \\u00e9"},
        {"{\"text\":\"\\u12g4\"}", "byte 11: expected an escape such as \\n or \\u00e9"},
        {"{\"text\":\"a\"", "byte 12: expected ',' or '}'"},
        {"{\"text\":\"a\"} x", "byte 14: expected nothing behind the object"},
        {"{\"text\" \"a\"}", "byte 9: expected ':'"},
        {"{\"text\":\"a\",}", "byte 13: expected a string"},
        {"{\"id\":true,\"text\":\"a\"}", "byte 7: expected a string or a number as id"},
        {"{\"id\":1.,\"text\":\"a\"}", "byte 9: expected a digit"},
        {"{\"x\":[1,2},\"text\":\"a\"}", "byte 10: expected ',' or ']'"},
        {"{\"x\":{\"a\":1],\"text\":\"a\"}", "byte 12: expected ',' or '}'"},
        {"{\"x\":{\"a\":1,2},\"text\":\"a\"}", "byte 13: expected a string"},
        {"{\"x\":nul,\"text\":\"a\"}", "byte 6: expected a value"},
        {"{\"x\":[,],\"text\":\"a\"}", "byte 7: expected a value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tt_err e = {0};
        tt_request q;
        int rc = tt_request_read(&q, cases[i].line, strlen(cases[i].line), a, &e);
        CHECK(rc == TT_EDATA && !strcmp(e.msg, cases[i].message), "%s: %s", cases[i].line, e.msg);
    }
}

static void test_deep(void) {
    enum { DEEP = 100000 };
    static char line[2 * DEEP + 40];
    for (int depth = TT_JSON_DEPTH; depth <= DEEP; depth += DEEP - TT_JSON_DEPTH) {
        tt_err e = {0};
        tt_request q;
        int n = snprintf(line, sizeof line, "{\"text\":\"a\",\"x\":");
        memset(line + n, '[', (size_t)depth);
        memset(line + n + depth, ']', (size_t)depth);
        line[n + 2 * depth] = '}';
        int rc = tt_request_read(&q, line, (size_t)(n + 2 * depth + 1), a, &e);
        CHECK(depth == DEEP ? rc == TT_EDATA && strstr(e.msg, "values nested less deep") != NULL
                            : !rc,
              "%d deep: %s", depth, e.msg);
    }
}

static void test_written(void) {
    tt_outbuf b = {.a = a};
    tt_outbuf_json(&b, "a\"\\\n\x01\xc3\xa9\xff\x7f", 9);
    tt_outbuf_say(&b, " ");
    tt_outbuf_number(&b, -0.1234567);
    tt_outbuf_say(&b, " ");
    tt_outbuf_number(&b, (double)-INFINITY);
    const char want[] = "\"a\\\"\\\\\\n\\u0001\xc3\xa9\xef\xbf\xbd\\u007f\" -0.123457 null";
    CHECK(b.len == strlen(want) && !memcmp(b.p, want, b.len), "%.*s", (int)b.len, b.p);
}

int main(void) {
    tt_err e;
    a = tt_arena_open(0, &e);
    test_good();
    test_more();
    test_null();
    test_terms();
    test_format();
    test_bad();
    test_deep();
    test_written();
    tt_arena_close(a);
    return test_done("t_request");
}
