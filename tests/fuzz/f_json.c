/* f_json: whatever the text is, it becomes a tree whose members can be found by their keys, or is
 * refused with one line; a string of UTF-8 quoted again reads as the same string. */
#include "fuzz/holds.h"
#include "base/json.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void walk(const tt_json *j, tt_arena *a, int depth) {
    size_t n = 0;
    HOLDS(depth <= TT_JSON_DEPTH);
    for (const tt_json *m = j->child; m; m = m->next, n++) {
        if (j->kind == TT_JSON_OBJECT) HOLDS(tt_json_get(j, m->key) == m);
        walk(m, a, depth + 1);
    }
    HOLDS(n == j->count);
    if (j->kind != TT_JSON_STRING || j->len > 1000 || !tt_utf8_valid(j->text, j->len)) return;
    char *quoted = tt_json_quote(j->text, j->len, a);
    tt_json *again;
    HOLDS(quoted && !tt_json_read(&again, quoted, strlen(quoted), "again", a, NULL));
    HOLDS(again->kind == TT_JSON_STRING && again->len == j->len &&
          !memcmp(again->text, j->text, j->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)256 << 20, &e);
    tt_json *root;
    HOLDS(a);
    int rc = tt_json_read(&root, (const char *)data, size, "input", a, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT);
    HOLDS(!rc || (e.msg[0] && !strchr(e.msg, '\n')));
    if (!rc) walk(root, a, 0);
    tt_arena_close(a);
    return 0;
}
