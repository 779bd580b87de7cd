/* f_yaml: whatever the text is, it becomes a list of entries, or is refused with one line; as a
   list of pieces too. */
#include "fuzz/holds.h"
#include "port/lexicon.h"
#include "port/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)1 << 30, &e);
    tt_yaml y;
    tt_piece_list l;
    HOLDS(a);
    int rc = tt_yaml_read(&y, (const char *)data, size, "input", false, a, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT);
    HOLDS(!rc || (e.msg[0] && !strchr(e.msg, '\n')));
    for (size_t i = 0; !rc && i < y.count; i++) {
        const tt_yaml_entry *x = &y.entry[i];
        HOLDS(!x->key[x->key_len]);
        for (size_t k = 0; k < x->count; k++) HOLDS(x->value[k]);
        if (!x->list) HOLDS(x->count <= 1);
    }
    rc = tt_piece_list_read(&l, (const char *)data, size, "input", a, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT);
    for (size_t i = 0; !rc && i < l.count; i++)
        if (l.piece[i]) HOLDS(strlen(l.piece[i]) <= 4096 && !strchr(l.piece[i], '\n'));
    tt_arena_close(a);
    return 0;
}
