/* f_tar: whatever the bytes are, the reader of tar archives lists members that lie inside and have
 * safe names, or refuses with one line. Checksums are made right first, or random changes would
 * never get past them.
 */
#include "fuzz/holds.h"
#include "port/tar.h"

#include <string.h>

enum { BLOCK = 512 };

static void open_tar(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    tt_tar t;
    HOLDS(a);
    int rc = tt_tar_open(&t, data, size, "input", a, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT || rc == TT_ENOMEM);
    HOLDS(!rc || (e.msg[0] && !strchr(e.msg, '\n')));
    for (size_t i = 0; !rc && i < t.count; i++) {
        const tt_tar_member *m = &t.member[i];
        HOLDS(m->data >= data && m->size <= size && (size_t)(m->data - data) <= size - m->size);
        HOLDS(m->name[0] && m->name[0] != '/' && strncmp(m->name, "../", 3) != 0 &&
              !strstr(m->name, "/../"));
        HOLDS(!i || strcmp(t.member[i - 1].name, m->name) < 0);
    }
    tt_arena_close(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_tar(data, size);
    uint8_t *copy = malloc(size + 1);
    HOLDS(copy);
    if (size) memcpy(copy, data, size);
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) { /* each block might be a header */
        unsigned sum = 8 * ' ';
        char text[8];
        for (size_t i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0 : copy[at + i];
        snprintf(text, sizeof text, "%06o", sum);
        if (copy[at]) memcpy(copy + at + 148, text, sizeof text);
    }
    open_tar(copy, size);
    free(copy);
    return 0;
}
