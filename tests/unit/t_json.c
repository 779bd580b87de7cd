/* t_json: values, strings with their escapes, keys, and what is refused. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "test.h"

static tt_arena *a;

static int read(tt_json **root, const char *text, tt_err *e) {
    return tt_json_read(root, text, strlen(text), "t.json", a, e);
}

static void refuses(const char *text, const char *message) {
    tt_err e = {0};
    tt_json *root;
    CHECK(read(&root, text, &e) == TT_EFORMAT, "%s", text);
    CHECK(!strcmp(e.msg, message), "%s: %s", text, e.msg);
}

int main(void) {
    tt_err e = {0};
    tt_json *root;
    a = tt_arena_open(0, &e);
    CHECK(!read(&root,
                " {\"n\": -12.5e1, \"s\": \"\\u00e9\\ud83d\\ude00\\n\\\"\", \"l\": [true, false, "
                "null, []], \"\": {}} \n",
                &e),
          "%s", e.msg);
    CHECK(root->kind == TT_JSON_OBJECT && root->count == 4);
    CHECK(tt_json_get(root, "n")->number == -125.0 &&
          !strcmp(tt_json_get(root, "n")->text, "-12.5e1"));
    CHECK(!strcmp(tt_json_get(root, "s")->text, "\xc3\xa9\xf0\x9f\x98\x80\n\""));
    CHECK(tt_json_get(root, "l")->count == 4 &&
          tt_json_get(root, "l")->child->kind == TT_JSON_TRUE);
    CHECK(tt_json_get(root, "")->kind == TT_JSON_OBJECT && !tt_json_get(root, "x") &&
          !tt_json_get(NULL, "x"));
    CHECK(!read(&root, "\"\\ud800x\"", &e) && !strcmp(root->text, "\xef\xbf\xbdx"));
    CHECK(!strcmp(tt_json_quote("a\"\\\n\x7f", 5, a), "\"a\\\"\\\\\\u000a\\u007f\""));
    refuses("", "t.json:1: expected a value");
    refuses("{\"a\": 1,}", "t.json:1: expected a string");
    refuses("{\"a\" 1}", "t.json:1: expected ':'");
    refuses("[1\n2]", "t.json:2: expected ',' or ']'");
    refuses("[01]", "t.json:1: expected a number without zeros before it");
    refuses("[1.]", "t.json:1: expected a digit");
    refuses("[1e]", "t.json:1: expected a digit");
    refuses("\"a", "t.json:1: expected the end of the string");
    refuses("\"a\tb\"", "t.json:1: expected a string without control characters");
    refuses("\"\\x\"", "t.json:1: expected an escape such as \\n or \\u00e9");
    refuses("{\"a\": 1, \"a\": 2}", "t.json: the key \"a\" is there twice");
    refuses("1 2", "t.json:1: expected nothing behind the value");
    char deep[200];
    memset(deep, '[', TT_JSON_DEPTH);
    memset(deep + TT_JSON_DEPTH, ']', TT_JSON_DEPTH);
    deep[2 * TT_JSON_DEPTH] = 0;
    CHECK(!read(&root, deep, &e));
    memset(deep, '[', TT_JSON_DEPTH + 1);
    refuses(deep, "t.json:1: expected values nested less deep");
    char *many = malloc(2 * TT_JSON_VALUES + 2);
    for (int i = 0; i < TT_JSON_VALUES; i++) many[2 * i] = i ? ',' : '[', many[2 * i + 1] = '0';
    many[2 * TT_JSON_VALUES] = ']', many[2 * TT_JSON_VALUES + 1] = 0;
    refuses(many, "t.json: more than 524288 values");
    free(many);
    tt_arena_close(a);
    return test_done("t_json");
}
