/* f_zip: whatever the bytes are, the reader of ZIP files lists members that lie inside and have
 * safe names, and inflates them to the size they say, or refuses with one line; and so does the
 * reader of .npz on top of it.
 *
 * Checksums are made right first, or random changes would never get past them. */
#include "fuzz/arrays.h"
#include "fuzz/seal.h"
#include "port/zip.h"

static void open_zip(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    tt_zip z;
    HOLDS(a);
    int rc = tt_zip_open(&z, data, size, "input", a, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT || rc == TT_ENOMEM);
    HOLDS(!rc || (e.msg[0] && !strchr(e.msg, '\n')));
    for (size_t i = 0; !rc && i < z.count; i++) {
        const tt_zip_member *m = &z.member[i];
        const unsigned char *bytes;
        HOLDS(m->offset <= size && m->stored <= size - m->offset);
        HOLDS(m->name[0] && m->name[0] != '/' && strncmp(m->name, "../", 3) != 0 &&
              !strstr(m->name, "/../"));
        if (m->size <= MOST && !tt_zip_read(&z, m, &bytes, &e) && m->size)
            HOLDS(bytes[m->size - 1] + 1);
    }
    tt_arena_close(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_zip(data, size);
    uint8_t *copy = malloc(size + 1);
    HOLDS(copy);
    if (size) memcpy(copy, data, size);
    seal_zip(copy, size);
    open_zip(copy, size);
    arrays_try(tt_npz_read, copy, size);
    free(copy);
    return 0;
}
