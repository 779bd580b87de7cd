/* arrays.h: what the fuzzers of other programs' weights share: a property that must hold, and a use
 * of every number that a reader says is there. */
#ifndef TT_FUZZ_ARRAYS_H
#define TT_FUZZ_ARRAYS_H

#include <string.h>

#include "fuzz/holds.h"
#include "port/formats.h"

enum { MOST = 1 << 20 }; /* bytes of an array that are worth turning */

/* Every byte of every array is read, and every matrix turned. */
static inline void arrays_use(const tt_arrays *list) {
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

/* A reader of one kind of file: arrays, or a code with one line. */
typedef int arrays_reader(tt_arrays *list, const void *data, size_t size, tt_err *e);

static inline int arrays_try(arrays_reader *read, const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    HOLDS(a);
    tt_arrays list;
    tt_arrays_init(&list, a, "input");
    int rc = read(&list, data, size, &e);
    if (!rc) rc = tt_arrays_sort(&list, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT || rc == TT_ENOMEM);
    HOLDS(!rc || (e.code == rc && e.msg[0] && !strchr(e.msg, '\n')));
    if (!rc) arrays_use(&list);
    tt_arena_close(a);
    return 0;
}

#endif
