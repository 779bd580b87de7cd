/* npz.c: NumPy's array files; see formats.h. A .npy member is 93 "NUMPY", version, the length of a
 * header, the header (a Python dictionary with descr, fortran_order and shape), the numbers.
 * Source: NEP 1.
 */
#include <stdio.h>
#include <string.h>

#include "io/modeldata.h"
#include "port/formats.h"
#include "port/zip.h"

static const char magic[] = "\x93NUMPY";
enum { MAGIC = 6, HEADER_MOST = 4096, ALIGN = 64, NAME_MOST = 1024 };

static const struct {
    const char *descr;
    int type;
} descrs[] = {{"<f4", TT_ARRAY_F32}, {"<f2", TT_ARRAY_F16}, {"<f8", TT_ARRAY_F64},
              {"|i1", TT_ARRAY_I8},  {"<i2", TT_ARRAY_I16}, {"<i4", TT_ARRAY_I32},
              {"<i8", TT_ARRAY_I64}, {"|u1", TT_ARRAY_U8},  {"<u2", TT_ARRAY_U16},
              {"<u4", TT_ARRAY_U32}, {"<u8", TT_ARRAY_U64}, {"|b1", TT_ARRAY_BOOL},
              {"<i1", TT_ARRAY_I8},  {"<u1", TT_ARRAY_U8}, /* as Marian writes single bytes */
              {">i1", TT_ARRAY_I8},  {">u1", TT_ARRAY_U8}};

/* What stands behind 'key': in the header, or NULL. */
static const char *value_of(const char *header, const char *key) {
    const char *p = strstr(header, key);
    if (!p) return NULL;
    p += strlen(key);
    while (*p == ' ') p++;
    if (*p++ != ':') return NULL;
    while (*p == ' ') p++;
    return p;
}

static int read_shape(tt_array *x, const char *p, const char *file, tt_err *e) {
    if (*p++ != '(')
        return tt_fail(e, TT_EFORMAT, "%s: member %.80s: its shape is malformed", file, x->name);
    for (;;) {
        while (*p == ' ' || *p == ',') p++;
        if (*p == ')') return 0;
        size_t n = 0;
        if (*p < '0' || *p > '9' || x->rank == TT_ARRAY_RANK)
            return tt_fail(
                e, TT_EFORMAT,
                "%s: member %.80s: its shape is malformed, or has more than %d dimensions", file,
                x->name, (int)TT_ARRAY_RANK);
        for (; *p >= '0' && *p <= '9'; p++) {
            if (n > (SIZE_MAX >> 8) / 10)
                return tt_fail(e, TT_EFORMAT, "%s: member %.80s: its shape is too large", file,
                               x->name);
            n = 10 * n + (size_t)(*p - '0');
        }
        x->dim[x->rank++] = n;
    }
}

static int read_npy(tt_array *x, const unsigned char *p, size_t size, const char *file, tt_err *e) {
    char header[HEADER_MOST + 1];
    if (size < 12 || memcmp(p, magic, MAGIC) || (p[MAGIC] != 1 && p[MAGIC] != 2))
        return tt_fail(e, TT_EFORMAT, "%s: member %.80s is no NumPy array of version 1 or 2", file,
                       x->name);
    size_t at = p[MAGIC] == 1 ? 10 : 12, len = (size_t)tt_le_get(p + 8, p[MAGIC] == 1 ? 2 : 4);
    if (len > HEADER_MOST || len > size - at)
        return tt_fail(e, TT_EFORMAT, "%s: member %.80s: its header of %zu bytes is not there",
                       file, x->name, len);
    memcpy(header, p + at, len);
    header[len] = 0;
    const char *descr = value_of(header, "'descr'"), *order = value_of(header, "'fortran_order'"),
               *shape = value_of(header, "'shape'");
    if (!descr || !order || !shape || *descr != '\'')
        return tt_fail(e, TT_EFORMAT,
                       "%s: member %.80s: its header lacks descr, fortran_order or shape", file,
                       x->name);
    if (strncmp(order, "False", 5) != 0)
        return tt_fail(e, TT_EFORMAT, "%s: member %.80s is in Fortran order, expected C order",
                       file, x->name);
    size_t type = 0, types = sizeof descrs / sizeof *descrs, n = strcspn(descr + 1, "'");
    while (type < types && (n != 3 || memcmp(descrs[type].descr, descr + 1, 3) != 0)) type++;
    if (type == types)
        return tt_fail(
            e, TT_EFORMAT,
            "%s: member %.80s has numbers of type %.*s, expected <f4, <f2 or another known one",
            file, x->name, (int)(n < 20 ? n : 20), descr + 1);
    x->type = descrs[type].type;
    x->data = p + at + len;
    x->size = size - at - len;
    return read_shape(x, shape, file, e);
}

int tt_npz_read(tt_arrays *list, const void *data, size_t size, tt_err *e) {
    tt_zip z;
    TT_TRY(tt_zip_open(&z, data, size, list->file, list->arena, e));
    for (size_t i = 0; i < z.count; i++) {
        char name[NAME_MOST];
        size_t n = strlen(z.member[i].name);
        if (n >= sizeof name)
            return tt_fail(e, TT_EFORMAT, "%s: a member's name has %zu bytes", list->file, n);
        if (n > 4 && !strcmp(z.member[i].name + n - 4, ".npy")) n -= 4;
        memcpy(name, z.member[i].name, n);
        name[n] = 0;
        tt_array x = {.name = name};
        const unsigned char *bytes;
        TT_TRY(tt_zip_read(&z, &z.member[i], &bytes, e));
        TT_TRY(read_npy(&x, bytes, z.member[i].size, list->file, e));
        TT_TRY(tt_arrays_add(list, &x, e));
    }
    return 0;
}

static int add_member(tt_zipwriter *w, const tt_array *x, tt_err *e) {
    char header[256], name[NAME_MOST + 8], shape[128];
    size_t d = 0, at = 0;
    while (descrs[d].type != x->type) d++;
    for (int i = 0; i < x->rank; i++)
        at += (size_t)snprintf(shape + at, sizeof shape - at,
                               x->rank == 1 ? "%zu,"
                               : i          ? ", %zu"
                                            : "%zu",
                               x->dim[i]);
    shape[at] = 0;
    int n = snprintf(header + 10, sizeof header - 10,
                     "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descrs[d].descr,
                     shape);
    size_t len =
        ((size_t)n + 11 + ALIGN - 1) / ALIGN * ALIGN; /* the numbers begin at a multiple of 64 */
    memset(header + 10 + n, ' ', len - 10 - (size_t)n);
    header[len - 1] = '\n';
    memcpy(header, magic, MAGIC);
    header[6] = 1, header[7] = 0;
    tt_le_put((unsigned char *)header + 8, len - 10, 2);
    snprintf(name, sizeof name, "%s.npy", x->name);
    return tt_zipwriter_add(w, name, (tt_zip_part[]){{header, len}, {x->data, x->size}}, 2, e);
}

int tt_npz_write(const tt_arrays *list, const char *path, tt_err *e) {
    tt_zipwriter *w = tt_zipwriter_open(path, e);
    if (!w) return e->code;
    int rc = 0;
    for (size_t i = 0; i < list->count && !rc; i++) rc = add_member(w, &list->item[i], e);
    if (!rc) return tt_zipwriter_finish(w, e);
    tt_zipwriter_abort(w);
    return rc;
}
