/* t_yaml: options and vocabularies as Marian writes them, and what is refused. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "port/yaml.h"
#include "test.h"

static tt_arena *a;

static int read(tt_yaml *y, const char *text, tt_err *e) {
    return tt_yaml_read(y, text, strlen(text), "t.yml", false, a, e);
}

static void is(const tt_yaml *y, const char *key, const char *value) {
    const tt_yaml_entry *x = tt_yaml_get(y, key);
    CHECK(x && x->count == 1 && !strcmp(x->value[0], value), "%s: %s", key,
          x && x->count ? x->value[0] : "not there");
}

static void refuses(const char *text, const char *message) {
    tt_err e = {0};
    tt_yaml y;
    CHECK(read(&y, text, &e) == TT_EFORMAT, "%s", text);
    CHECK(!strcmp(e.msg, message), "%s: %s", text, e.msg);
}

/* A list on one line takes memory as it is long, and many keys take time as they are many. */
static void long_list(int n) {
    tt_err e = {0};
    tt_yaml y;
    char *text = malloc(2 * (size_t)n + 8);
    memcpy(text, "l: [", 4);
    for (int i = 0; i < n; i++) text[4 + 2 * i] = 'a', text[5 + 2 * i] = i + 1 < n ? ',' : ']';
    text[4 + 2 * n] = 0;
    tt_arena *b = tt_arena_open(0, &e), *kept = a;
    a = b;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    CHECK(!read(&y, text, &e) && y.entry[0].count == (size_t)n, "%s", e.msg);
    getrusage(RUSAGE_SELF, &after);
    CHECK(after.ru_maxrss - before.ru_maxrss < 64 << 10, "%ld KiB",
          after.ru_maxrss - before.ru_maxrss);
    a = kept;
    tt_arena_close(b);
    free(text);
}

static void many_keys(int n) {
    tt_err e = {0};
    tt_yaml y;
    char *text = malloc(12 * (size_t)n + 1), *p = text;
    for (int i = 0; i < n; i++) p += snprintf(p, 13, "k%06d: 1\n", i);
    clock_t start = clock();
    CHECK(!read(&y, text, &e) && y.count == (size_t)n, "%s", e.msg);
    CHECK(clock() - start < 2 * CLOCKS_PER_SEC, "%g s", (double)(clock() - start) / CLOCKS_PER_SEC);
    free(text);
}

int main(void) {
    tt_err e = {0};
    tt_yaml y;
    a = tt_arena_open(0, &e);
    CHECK(!read(&y,
                "---\ntype: transformer\r\nempty: \"\"\nsingle: 'it''s'\n# note\nurl: http://x#y  "
                "# note\nnone:\nlist:\n  - a\n  - \"b c\"\n"
                "flow: [x, 'y', \"z\"]\nbelow:\n  []\n\"\\x41\\u00e9\\\"\": 3\n? \"long key\"\n: "
                "4\nlast: 5",
                &e),
          "%s", e.msg);
    CHECK(y.count == 11, "%zu", y.count);
    is(&y, "type", "transformer");
    is(&y, "empty", "");
    is(&y, "single", "it's");
    is(&y, "url", "http://x#y");
    is(&y, "A\xc3\xa9\"", "3");
    is(&y, "long key", "4");
    is(&y, "last", "5");
    CHECK(tt_yaml_get(&y, "none")->count == 0 && !tt_yaml_get(&y, "none")->list);
    CHECK(tt_yaml_get(&y, "list")->count == 2 && !strcmp(tt_yaml_get(&y, "list")->value[1], "b c"));
    CHECK(tt_yaml_get(&y, "flow")->count == 3 && !strcmp(tt_yaml_get(&y, "flow")->value[2], "z"));
    CHECK(tt_yaml_get(&y, "below")->list && tt_yaml_get(&y, "below")->count == 0);
    refuses("b: 1\na: 1\nc: 0\nb: 2\na: 2", "t.yml:4: the key b is there twice");
    CHECK(!read(&y, "l: ['it''s', \"\\\"q\\L\", p]", &e), "%s", e.msg);
    CHECK(tt_yaml_get(&y, "l")->count == 3 && !strcmp(tt_yaml_get(&y, "l")->value[0], "it's") &&
          !strcmp(tt_yaml_get(&y, "l")->value[1], "\"q\xe2\x80\xa8") &&
          !strcmp(tt_yaml_get(&y, "l")->value[2], "p"));
    CHECK(!read(&y, "-a: 1\n\n-b: 2\n\rc: 3\n#d: 4", &e) && y.count == 3, "%s: %zu", e.msg,
          y.count);
    long_list(60000);
    many_keys(60000);
    refuses("a: 1\na: 2", "t.yml:2: the key a is there twice");
    refuses("a:\n  b: c", "t.yml:2: a mapping inside a mapping, which is not read here");
    refuses("a: |\n  text", "t.yml:1: a form of YAML that is not read here");
    refuses("a: &x 1", "t.yml:1: a form of YAML that is not read here");
    refuses("{a: 1}", "t.yml:1: expected a key: a form of YAML that is not read here");
    refuses("just text", "t.yml:1: expected a key and a colon");
    refuses("a: \"b", "t.yml:1: a quoted text that does not end on its line");
    refuses("a: \"\\q\"", "t.yml:1: an escape that YAML does not have");
    refuses("a: [b, c", "t.yml:1: expected , or ] in a list");
    refuses("  - a", "t.yml:1: expected a key");
    refuses("? a", "t.yml:1: a key without a value at the end");
    tt_arena_close(a);
    return test_done("t_yaml");
}
