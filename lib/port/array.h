/* array.h: named arrays of numbers, the middle through which every foreign format passes.
 *
 *     tt_arrays list;
 *     tt_arrays_init(&list, arena, "model.npz");
 *     TT_TRY(tt_npz_read(&list, bytes, size, e));            // formats.h: each reader fills a list
 *     TT_TRY(tt_arrays_sort(&list, e));                      // then names can be found
 *     tt_array *a = tt_arrays_find(&list, "Wemb");
 *     tt_array_f32(dst, a, transposed);
 *
 * The list and its names live in the arena. Data is borrowed: from the file's bytes, or from the
 * arena.
 */
#ifndef TT_PORT_ARRAY_H
#define TT_PORT_ARRAY_H

#include <stdbool.h>

#include "base/arena.h"

/* name, for people and in messages, bytes of one number */
#define TT_ARRAY_TYPES(X)                                                                          \
    X(F32, "float32", 4)                                                                           \
    X(F16, "float16", 2)                                                                           \
    X(BF16, "bfloat16", 2)                                                                         \
    X(F64, "float64", 8)                                                                           \
    X(I8, "int8", 1)                                                                               \
    X(I16, "int16", 2)                                                                             \
    X(I32, "int32", 4)                                                                             \
    X(I64, "int64", 8)                                                                             \
    X(U8, "uint8", 1)                                                                              \
    X(U16, "uint16", 2)                                                                            \
    X(U32, "uint32", 4)                                                                            \
    X(U64, "uint64", 8)                                                                            \
    X(BOOL, "bool", 1)

#define TT_ARRAY_TYPE_(name, text, width) TT_ARRAY_##name,
enum { TT_ARRAY_TYPES(TT_ARRAY_TYPE_) TT_ARRAY_TYPE_COUNT };
#undef TT_ARRAY_TYPE_

enum { TT_ARRAY_RANK = 4 };

typedef struct tt_array {
    const char *name;
    int type, rank;
    size_t dim[TT_ARRAY_RANK];  /* row-major */
    const unsigned char *data;  /* little-endian, aligned to nothing */
    size_t size;                /* bytes: numbers times width */
    const unsigned char *scale; /* quantised: f32s, value = number / scale; NULL: value = number */
    size_t scales;              /* 1, or one for each of dim[0] */
    bool flipped;               /* the bytes lie in the order of the transposed matrix */
    bool used;                  /* something was made of it, or may be left out */
} tt_array;

typedef struct tt_arrays {
    tt_arena *arena;
    const char *file; /* for messages */
    tt_array *item;   /* (count), sorted by name after tt_arrays_sort */
    size_t count, room;
} tt_arrays;

void tt_arrays_init(tt_arrays *list, tt_arena *a, const char *file);

/* A copy of *x, its name copied too. TT_EFORMAT when the size is not what type and shape ask for,
   or the name is empty. */
int tt_arrays_add(tt_arrays *list, const tt_array *x, tt_err *e);

/* Brings the list in order of names. TT_EFORMAT for one that is there twice. */
int tt_arrays_sort(tt_arrays *list, tt_err *e);
tt_array *tt_arrays_find(const tt_arrays *list, const char *name); /* NULL: not there */

const char *tt_array_type_name(int type);
size_t tt_array_type_width(int type);

/* "12 x 34", "7", "" for a scalar; into `text`, which is returned. */
typedef struct tt_shape_text {
    char s[96];
} tt_shape_text;
const char *tt_array_shape(const tt_array *x, tt_shape_text *text);

/* As a matrix: a vector is one row, a scalar 1 x 1. false for more than two dimensions. */
bool tt_array_matrix(const tt_array *x, size_t *rows, size_t *cols);

/* The matrix x, or its transpose, as f32 into dst, row after row. x is a matrix as above. */
void tt_array_f32(float *dst, const tt_array *x, bool transposed);

/* Element i of an array of whole numbers or floats, as a double. */
double tt_array_number(const tt_array *x, size_t i);

#endif
