/* array.c: see array.h. Conversions go through f32, which holds f16, bf16, int8 and int16 exactly.
 */
#include "port/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/modeldata.h"
#include "ttrans.h"

enum { MOST = 1 << 17 }; /* arrays of one file: far more than any model has */

static const struct {
    const char *name;
    size_t width;
} types[] = {
#define ROW(name, text, width) {text, width},
    TT_ARRAY_TYPES(ROW)
#undef ROW
};

const char *tt_array_type_name(int type) { return types[type].name; }
size_t tt_array_type_width(int type) { return types[type].width; }

void tt_arrays_init(tt_arrays *list, tt_arena *a, const char *file) {
    *list = (tt_arrays){.arena = a, .file = file};
}

const char *tt_array_shape(const tt_array *x, tt_shape_text *text) {
    size_t at = 0;
    text->s[0] = 0;
    for (int i = 0; i < x->rank; i++)
        at += (size_t)snprintf(text->s + at, sizeof text->s - at, i ? " x %zu" : "%zu", x->dim[i]);
    return text->s;
}

static bool right_size(const tt_array *x) {
    size_t n = types[x->type].width;
    for (int i = 0; i < x->rank; i++) {
        if (x->dim[i] && n > SIZE_MAX / x->dim[i]) return false;
        n *= x->dim[i];
    }
    return n == x->size;
}

int tt_arrays_add(tt_arrays *list, const tt_array *x, tt_err *e) {
    tt_shape_text shape;
    size_t len = strlen(x->name);
    if (!len || len > 1024)
        return tt_fail(e, TT_EFORMAT, "%s: a tensor's name has %zu bytes, expected 1 to 1024",
                       list->file, len);
    if (!right_size(x))
        return tt_fail(
            e, TT_EFORMAT, "%s: tensor %.80s has %zu bytes, which is not its shape, %s (%s)",
            list->file, x->name, x->size, tt_array_shape(x, &shape), types[x->type].name);
    if (list->count == MOST)
        return tt_fail(e, TT_EFORMAT, "%s: more than %d tensors", list->file, (int)MOST);
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 256;
        tt_array *more = tt_arena_alloc(list->arena, room * sizeof *more);
        if (!more)
            return tt_fail(e, TT_ENOMEM, "%s: out of memory for %zu tensors", list->file, room);
        if (list->count) memcpy(more, list->item, list->count * sizeof *more);
        list->item = more;
        list->room = room;
    }
    char *name = tt_arena_text(list->arena, x->name, len);
    if (!name) return tt_fail(e, TT_ENOMEM, "%s: out of memory", list->file);
    list->item[list->count] = *x;
    list->item[list->count++].name = name;
    return 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const tt_array *)a)->name, ((const tt_array *)b)->name);
}

int tt_arrays_sort(tt_arrays *list, tt_err *e) {
    if (list->count) qsort(list->item, list->count, sizeof *list->item, by_name);
    for (size_t i = 1; i < list->count; i++)
        if (!strcmp(list->item[i - 1].name, list->item[i].name))
            return tt_fail(e, TT_EFORMAT, "%s: tensor %.80s is there twice", list->file,
                           list->item[i].name);
    return 0;
}

tt_array *tt_arrays_find(const tt_arrays *list, const char *name) {
    tt_array key = {.name = name};
    return list->count ? bsearch(&key, list->item, list->count, sizeof key, by_name) : NULL;
}

bool tt_array_matrix(const tt_array *x, size_t *rows, size_t *cols) {
    *rows = x->rank == 2 ? x->dim[0] : 1;
    *cols = x->rank ? x->dim[x->rank - 1] : 1;
    return x->rank <= 2;
}

double tt_array_number(const tt_array *x, size_t i) {
    const unsigned char *p = x->data + i * types[x->type].width;
    uint64_t u = tt_le_get(p, (int)types[x->type].width);
    float f;
    double d;
    switch (x->type) {
    case TT_ARRAY_F64: memcpy(&d, &u, sizeof d); return d;
    case TT_ARRAY_F32: tt_ttm_to_f32(&f, p, TT_TYPE_F32, 1); return (double)f;
    case TT_ARRAY_F16: tt_ttm_to_f32(&f, p, TT_TYPE_F16, 1); return (double)f;
    case TT_ARRAY_BF16: tt_ttm_to_f32(&f, p, TT_TYPE_BF16, 1); return (double)f;
    case TT_ARRAY_I8: return (double)(int8_t)u;
    case TT_ARRAY_I16: return (double)(int16_t)u;
    case TT_ARRAY_I32: return (double)(int32_t)u;
    case TT_ARRAY_I64: return (double)(int64_t)u;
    default: return (double)u;
    }
}

/* n numbers from the i-th on, without their scale. */
static void numbers(float *dst, const tt_array *x, size_t i, size_t n) {
    const unsigned char *p = x->data + i * types[x->type].width;
    if (x->type == TT_ARRAY_F32) tt_ttm_to_f32(dst, p, TT_TYPE_F32, n);
    else if (x->type == TT_ARRAY_F16) tt_ttm_to_f32(dst, p, TT_TYPE_F16, n);
    else if (x->type == TT_ARRAY_BF16) tt_ttm_to_f32(dst, p, TT_TYPE_BF16, n);
    else
        for (size_t k = 0; k < n; k++) dst[k] = (float)tt_array_number(x, i + k);
}

/* Scales divide: that is how both programs that write such files get their values back. */
static void unscale(float *dst, const tt_array *x, size_t rows, size_t cols) {
    for (size_t r = 0; r < rows; r++) {
        float scale;
        tt_ttm_to_f32(&scale, x->scale + (x->scales > 1 ? r : 0) * sizeof scale, TT_TYPE_F32, 1);
        for (size_t c = 0; c < cols; c++) dst[r * cols + c] /= scale;
    }
}

/* dst (cols, rows) from src (rows, cols), in squares that fit the first cache. */
static void transpose(float *dst, const float *src, size_t rows, size_t cols) {
    enum { SIDE = 32 };
    for (size_t i = 0; i < rows; i += SIDE)
        for (size_t j = 0; j < cols; j += SIDE)
            for (size_t r = i; r < rows && r < i + SIDE; r++)
                for (size_t c = j; c < cols && c < j + SIDE; c++)
                    dst[c * rows + r] = src[r * cols + c];
}

void tt_array_f32(float *dst, const tt_array *x, bool transposed) {
    size_t rows, cols;
    tt_array_matrix(x, &rows, &cols);
    if (!rows || !cols) return; /* the other can be any number: nothing stands behind it */
    if (x->flipped) {           /* what lies there is (cols, rows) */
        size_t r = rows;
        rows = cols;
        cols = r;
    }
    bool turn = transposed != x->flipped && rows > 1 && cols > 1;
    float *room = turn ? malloc(rows * cols * sizeof *room) : dst;
    if (!room) { /* one by one, slowly, rather than not at all */
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < cols; c++) {
                numbers(&dst[c * rows + r], x, r * cols + c, 1);
                tt_array one = *x;
                if (x->scale && x->scales > 1) one.scale += r * sizeof(float), one.scales = 1;
                if (x->scale) unscale(&dst[c * rows + r], &one, 1, 1);
            }
        return;
    }
    numbers(room, x, 0, rows * cols);
    if (x->scale) unscale(room, x, rows, cols);
    if (!turn) return;
    transpose(dst, room, rows, cols);
    free(room);
}
