/* safetensors.c: see formats.h. u64 length of a JSON header; the header, {name: {dtype, shape,
 * data_offsets}}, where offsets count from its end; the data.
 */
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/modeldata.h"
#include "port/formats.h"

#include <stdlib.h>

enum { HEADER_MOST = 100 << 20 }; /* the cap of the reference implementation */

static const struct {
    const char *dtype;
    int type;
} dtypes[] = {{"F32", TT_ARRAY_F32},  {"F16", TT_ARRAY_F16}, {"BF16", TT_ARRAY_BF16},
              {"F64", TT_ARRAY_F64},  {"I8", TT_ARRAY_I8},   {"I16", TT_ARRAY_I16},
              {"I32", TT_ARRAY_I32},  {"I64", TT_ARRAY_I64}, {"U8", TT_ARRAY_U8},
              {"U16", TT_ARRAY_U16},  {"U32", TT_ARRAY_U32}, {"U64", TT_ARRAY_U64},
              {"BOOL", TT_ARRAY_BOOL}};
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

bool tt_safetensors_is(const void *data, size_t size) {
    const unsigned char *p = data;
    if (size < 10 || p[8] != '{') return false;
    return tt_le_get(p, 8) <= HEADER_MOST;
}

/* A whole number from 0 to what a size_t can hold. */
static bool whole(const tt_json *j, size_t *n) {
    if (!j || j->kind != TT_JSON_NUMBER || strspn(j->text, "0123456789") != j->len ||
        j->number > 0x1p53)
        return false;
    *n = (size_t)j->number;
    return true;
}

struct span {
    size_t begin, end;
    const char *name;
};

static int read_one(tt_arrays *list, const tt_json *m, const unsigned char *data, size_t size,
                    struct span *span, tt_err *e) {
    const tt_json *dtype = tt_json_get(m, "dtype"), *shape = tt_json_get(m, "shape");
    const tt_json *offsets = tt_json_get(m, "data_offsets"), *d = shape ? shape->child : NULL;
    tt_array x = {.name = m->key};
    int t = 0;
    if (!dtype || dtype->kind != TT_JSON_STRING || !shape || shape->kind != TT_JSON_ARRAY ||
        !offsets || offsets->kind != TT_JSON_ARRAY || offsets->count != 2)
        return tt_fail(e, TT_EFORMAT, "%s: tensor %.80s lacks dtype, shape or data_offsets",
                       list->file, x.name);
    while (t < DTYPES && strcmp(dtypes[t].dtype, dtype->text) != 0) t++;
    if (t == DTYPES)
        return tt_fail(e, TT_EFORMAT, "%s: tensor %.80s has the unknown dtype %.20s", list->file,
                       x.name, dtype->text);
    x.type = dtypes[t].type;
    if (shape->count > TT_ARRAY_RANK)
        return tt_fail(e, TT_EFORMAT, "%s: tensor %.80s has %zu dimensions, expected at most %d",
                       list->file, x.name, shape->count, (int)TT_ARRAY_RANK);
    for (; d; d = d->next)
        if (!whole(d, &x.dim[x.rank++]))
            return tt_fail(e, TT_EFORMAT, "%s: tensor %.80s: a dimension is no whole number",
                           list->file, x.name);
    if (!whole(offsets->child, &span->begin) || !whole(offsets->child->next, &span->end) ||
        span->begin > span->end || span->end > size)
        return tt_fail(e, TT_EFORMAT,
                       "%s: tensor %.80s: its offsets lie outside the %zu bytes of data",
                       list->file, x.name, size);
    span->name = x.name;
    x.data = data + span->begin;
    x.size = span->end - span->begin;
    return tt_arrays_add(list, &x, e);
}

static int by_begin(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    if (x->begin != y->begin) return x->begin > y->begin ? 1 : -1;
    return (x->end > y->end) - (x->end < y->end);
}

int tt_safetensors_read(tt_arrays *list, const void *data, size_t size, tt_err *e) {
    const unsigned char *p = data;
    const char *file = list->file;
    if (size < 8)
        return tt_fail(e, TT_EFORMAT, "%s: %zu bytes are too few for safetensors", file, size);
    uint64_t len = tt_le_get(p, 8);
    if (len > HEADER_MOST || len > size - 8)
        return tt_fail(e, TT_EFORMAT, "%s: a header of %llu bytes, the file has %zu", file,
                       (unsigned long long)len, size);
    tt_json *root;
    TT_TRY(tt_json_read(&root, (const char *)p + 8, (size_t)len, file, list->arena, e));
    if (root->kind != TT_JSON_OBJECT)
        return tt_fail(e, TT_EFORMAT, "%s: its header is no JSON object", file);
    struct span *spans = tt_arena_alloc(list->arena, (root->count + 1) * sizeof *spans);
    if (!spans) return tt_fail(e, TT_ENOMEM, "%s: out of memory", file);
    size_t n = 0, at = 0, rest = size - 8 - (size_t)len;
    for (const tt_json *m = root->child; m; m = m->next)
        if (strcmp(m->key, "__metadata__") != 0)
            TT_TRY(read_one(list, m, p + 8 + len, rest, &spans[n++], e));
    if (n) qsort(spans, n, sizeof *spans, by_begin);
    for (size_t i = 0; i < n; at = spans[i++].end)
        if (spans[i].begin != at)
            return tt_fail(e, TT_EFORMAT, "%s: tensor %.80s %s", file, spans[i].name,
                           spans[i].begin < at ? "overlaps another" : "leaves a gap before it");
    if (at != rest)
        return tt_fail(e, TT_EFORMAT, "%s: %zu bytes behind the last tensor", file, rest - at);
    return 0;
}

static int write_header(tt_output *o, const tt_arrays *list, tt_err *e) {
    size_t room = 64, at = 0, offset = 0;
    for (size_t i = 0; i < list->count; i++) room += 6 * strlen(list->item[i].name) + 256;
    char *text = tt_arena_alloc(list->arena, room);
    if (!text) return tt_fail(e, TT_ENOMEM, "out of memory for a header of %zu bytes", room);
    at += (size_t)snprintf(text, room, "{\"__metadata__\":{\"format\":\"pt\"}");
    for (size_t i = 0; i < list->count; i++) {
        const tt_array *x = &list->item[i];
        int t = 0;
        while (dtypes[t].type != x->type) t++;
        char *name = tt_json_quote(x->name, strlen(x->name), list->arena);
        if (!name) return tt_fail(e, TT_ENOMEM, "out of memory for a tensor's name");
        at += (size_t)snprintf(text + at, room - at, ",%s:{\"dtype\":\"%s\",\"shape\":[", name,
                               dtypes[t].dtype);
        for (int d = 0; d < x->rank; d++)
            at += (size_t)snprintf(text + at, room - at, d ? ",%zu" : "%zu", x->dim[d]);
        at += (size_t)snprintf(text + at, room - at, "],\"data_offsets\":[%zu,%zu]}", offset,
                               offset + x->size);
        offset += x->size;
    }
    text[at++] = '}';
    while (at % 8) text[at++] = ' '; /* so the data is aligned */
    unsigned char len[8];
    tt_le_put(len, at, 8);
    TT_TRY(tt_output_write(o, len, sizeof len, e));
    return tt_output_write(o, text, at, e);
}

int tt_safetensors_write(const tt_arrays *list, const char *path, tt_err *e) {
    tt_output *o = tt_output_open(path, TT_OUTPUT_ATOMIC, e);
    if (!o) return e->code;
    int rc = write_header(o, list, e);
    for (size_t i = 0; i < list->count && !rc; i++)
        rc = tt_output_write(o, list->item[i].data, list->item[i].size, e);
    if (!rc) return tt_output_finish(o, e);
    tt_output_abort(o);
    return rc;
}
