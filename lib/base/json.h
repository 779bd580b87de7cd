/* json.h: JSON (RFC 8259): read value by value, or as a tree in an arena; and texts written as JSON
 * strings.
 *
 *     tt_json_in in = {.begin = line, .at = line, .end = line + len, .a = arena, .e = e, …};
 *     TT_TRY(tt_json_name(&in, &name));              // "id":
 *     TT_TRY(tt_json_string(&in, &text));            // or tt_json_number, tt_json_skip
 *
 *     tt_json *root;
 *     TT_TRY(tt_json_read(&root, text, len, "config.json", arena, e));
 *     const tt_json *d = tt_json_get(root, "d_model");
 *     if (d && d->kind == TT_JSON_NUMBER) … d->number …
 *
 * Nesting is capped at TT_JSON_DEPTH, values of a tree at TT_JSON_VALUES (each takes some 100
 * bytes, and 2 of the text); a key twice in one object of a tree is refused.
 */
#ifndef TT_BASE_JSON_H
#define TT_BASE_JSON_H

#include <stdbool.h>

#include "base/arena.h"

enum { TT_JSON_DEPTH = 64, TT_JSON_VALUES = 1 << 19 };

/* ---- value by value ------------------------------------------------------------------------ */

typedef struct tt_json_in {
    const char *begin, *at, *end; /* the text, borrowed; what is read next */
    const char *file; /* messages name it and the line; NULL: they name the byte, from 1 */
    int code;         /* of failures */
    bool lenient;     /* takes control characters in strings, and zeros before a number */
    tt_arena *a;      /* of strings that have escapes */
    tt_err *e;
} tt_json_in;

/* Fails with the place and "expected …". */
int tt_json_expected(tt_json_in *in, const char *what);

/* Passes blanks; the byte behind them, 0 at the end. */
char tt_json_peek(tt_json_in *in);

/* Reads past blanks and the word, if it comes next. */
bool tt_json_word(tt_json_in *in, const char *word);

/* A string, its escapes undone: in the arena, or in the text itself. Half a pair of surrogates is
 * U+FFFD. */
int tt_json_string(tt_json_in *in, tt_span *to);

/* A number, as it is written. */
int tt_json_number(tt_json_in *in, tt_span *to);

/* A string and the colon behind it. */
int tt_json_name(tt_json_in *in, tt_span *name);

/* Passes any value. */
int tt_json_skip(tt_json_in *in);

/* The bytes of the escape that begins with the backslash at p < end, and the character it stands
   for; half a pair of surrogates stands for itself. 0: JSON has no such escape. */
size_t tt_json_escape(const char *p, const char *end, uint32_t *code);

/* ---- as a tree ----------------------------------------------------------------------------- */

enum {
    TT_JSON_NULL,
    TT_JSON_FALSE,
    TT_JSON_TRUE,
    TT_JSON_NUMBER,
    TT_JSON_STRING,
    TT_JSON_ARRAY,
    TT_JSON_OBJECT
};

typedef struct tt_json {
    int kind;
    const char *key; /* in an object: UTF-8, NUL-ended, of key_len bytes */
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

/* ---- written ------------------------------------------------------------------------------- */

enum {
    TT_JSON_SHORT = 1,  /* \n, \t and \r instead of \u000a … */
    TT_JSON_NO_TAG = 2, /* < as \u003c, so that a page can hold the text */
    TT_JSON_ASCII =
        4 /* all beyond ASCII as \u…; bytes that are not UTF-8 become U+DC80 … U+DCFF, of which
             Python's "surrogateescape" makes the bytes again. Else those become U+FFFD */
};

/* Writes a text as a JSON string, quotes included, by calls of `put`. */
void tt_json_write(void (*put)(void *to, const char *p, size_t n), void *to, const char *text,
                   size_t len, unsigned style);

/* The same into the arena, NUL-ended; NULL when that is full. */
char *tt_json_quote(const char *text, size_t len, tt_arena *a);

#endif
