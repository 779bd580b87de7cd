/* f_safetensors: whatever the bytes are, the reader of safetensors makes arrays of them, all of whose numbers lie inside, or
 * refuses them with one line. */
#include "port/formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    HOLDS(a);
    tt_arrays list;
    tt_arrays_init(&list, a, "input");
    int rc = tt_safetensors_read(&list, data, size, &e);
    if (!rc) rc = tt_arrays_sort(&list, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT || rc == TT_ENOMEM);
    HOLDS(!rc || (e.code == rc && e.msg[0] && !strchr(e.msg, '\n')));
    if (!rc) use(&list);
    tt_arena_close(a);
    return 0;
}
