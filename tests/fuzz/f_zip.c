/* f_zip: whatever the bytes are, the reader of ZIP files lists members that lie inside and have safe names, and inflates them
 * to the size they say, or refuses with one line; and so does the reader of .npz on top of it.
 *
 * Checksums are made right first, or random changes would never get past them. */
#include "port/formats.h"
#include "port/zip.h"
#include "io/modeldata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(property)                                                                            \
    do {                                                                                           \
        if (!(property)) {                                                                         \
            fprintf(stderr, "does not hold: %s\n", #property);                                     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum { MOST = 1 << 20 }; /* bytes an arena may grow to for one input */

/* Every byte of every array is read, and every matrix turned. */
static void use(const tt_arrays *list) {
    for (size_t i = 0; i < list->count; i++) {
        const tt_array *x = &list->item[i];
        size_t rows, cols;
        HOLDS(x->name && *x->name && tt_arrays_find(list, x->name) == x);
        if (x->size > MOST || !tt_array_matrix(x, &rows, &cols)) continue;
        float *to = malloc((rows * cols + 1) * sizeof *to);
        HOLDS(to);
        tt_array_f32(to, x, false);
        tt_array_f32(to, x, true);
        free(to);
    }
}

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
        HOLDS(m->name[0] && m->name[0] != '/' && strncmp(m->name, "../", 3) != 0 && !strstr(m->name, "/../"));
        if (m->size <= MOST && !tt_zip_read(&z, m, &bytes, &e) && m->size) HOLDS(bytes[m->size - 1] + 1);
    }
    tt_arena_close(a);
}

static void open_npz(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    tt_arrays list;
    HOLDS(a);
    tt_arrays_init(&list, a, "input");
    int rc = tt_npz_read(&list, data, size, &e);
    if (!rc) rc = tt_arrays_sort(&list, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT || rc == TT_ENOMEM);
    if (!rc) use(&list);
    tt_arena_close(a);
}

/* Makes the checksums right of members that are stored and lie inside. */
static void seal(uint8_t *p, size_t size) {
    for (size_t i = 0; i + 46 <= size; i++) {
        if (tt_le_get(p + i, 4) != 0x02014b50) continue;
        uint64_t at = tt_le_get(p + i + 42, 4), n = tt_le_get(p + i + 20, 4);
        if (at + 30 > size) continue;
        at += 30 + tt_le_get(p + at + 26, 2) + tt_le_get(p + at + 28, 2);
        if (at <= size && n <= size - at && !tt_le_get(p + i + 10, 2)) tt_le_put(p + i + 16, crc32_z(0, p + at, (size_t)n), 4);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_zip(data, size);
    uint8_t *copy = malloc(size + 1);
    HOLDS(copy);
    if (size) memcpy(copy, data, size);
    seal(copy, size);
    open_zip(copy, size);
    open_npz(copy, size);
    free(copy);
    return 0;
}
