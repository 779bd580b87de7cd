/* json.h: JSON (RFC 8259) as a tree in an arena, and the escaping that writing it needs.
 *
 *     tt_json *root;
 *     TT_TRY(tt_json_read(&root, text, len, "config.json", arena, e));
 *     const tt_json *d = tt_json_get(root, "d_model");
 *     if (d && d->kind == TT_JSON_NUMBER) … d->number …
 *
 * Nesting is capped at TT_JSON_DEPTH, values at TT_JSON_VALUES (each takes some 100 bytes, and 2 of the text); a key twice in one object is refused.
 */
#ifndef TT_PORT_JSON_H
#define TT_PORT_JSON_H

#include <stdbool.h>

#include "base/arena.h"

enum {
    TT_JSON_NULL,
    TT_JSON_FALSE,
    TT_JSON_TRUE,
    TT_JSON_NUMBER,
    TT_JSON_STRING,
    TT_JSON_ARRAY,
    TT_JSON_OBJECT
};
enum { TT_JSON_DEPTH = 64, TT_JSON_VALUES = 1 << 19 };

typedef struct tt_json {
    int kind;
    const char *key;  /* in an object: UTF-8, NUL-ended, of key_len bytes */
    size_t key_len;
    const char *text; /* string, or the number as it is written; NUL-ended */
    size_t len;       /* of the text, which may hold NULs */
    double number;
    struct tt_json *child, *next; /* first element or member; the next one beside this */
    struct tt_json **sorted;      /* object: (count) members by key */
    size_t count;                 /* elements or members */
} tt_json;

/* TT_EFORMAT, with the line, for what is no JSON text. */
int tt_json_read(tt_json **root, const char *text, size_t len, const char *file, tt_arena *a,
                 tt_err *e);

/* A member of an object, or NULL; also when `j` is no object, or NULL. */
const tt_json *tt_json_get(const tt_json *j, const char *key);

/* The text between quotes, escaped, into the arena; NULL when that is full. */
char *tt_json_quote(const char *text, size_t len, tt_arena *a);

#endif
