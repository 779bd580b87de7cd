/* t_yaml: options and vocabularies as Marian writes them, and what is refused. */
#include <string.h>

#include "port/yaml.h"
#include "test.h"

static tt_arena *a;

static int read(tt_yaml *y, const char *text, tt_err *e) { return tt_yaml_read(y, text, strlen(text), "t.yml", false, a, e); }

static void is(const tt_yaml *y, const char *key, const char *value) {
    const tt_yaml_entry *x = tt_yaml_get(y, key);
    CHECK(x && x->count == 1 && !strcmp(x->value[0], value), "%s: %s", key, x && x->count ? x->value[0] : "not there");
}

static void refuses(const char *text, const char *message) {
    tt_err e = {0};
    tt_yaml y;
    CHECK(read(&y, text, &e) == TT_EFORMAT, "%s", text);
    CHECK(!strcmp(e.msg, message), "%s: %s", text, e.msg);
}

int main(void) {
    tt_err e = {0};
    tt_yaml y;
    a = tt_arena_open(0, &e);
    CHECK(!read(&y, "---\ntype: transformer\r\nempty: \"\"\nsingle: 'it''s'\n# note\nurl: http://x#y  # note\nnone:\nlist:\n  - a\n  - \"b c\"\n"
                    "flow: [x, 'y', \"z\"]\nbelow:\n  []\n\"\\x41\\u00e9\\\"\": 3\n? \"long key\"\n: 4\nlast: 5", &e), "%s", e.msg);
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
