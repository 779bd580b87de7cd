/* ct2bin.c: CTranslate2's model.bin; see formats.h. Little-endian: u32 version; string spec, u32
 * revision; u32 count; each variable: string name, u8 rank, u32 a dimension, u8 type, u32 bytes,
 * data; u32 count of aliases, each string alias, string variable. A string is u16 length with NUL,
 * bytes, NUL. Before version 4 the type is the width of a number and the count follows it; before 3
 * there are no aliases; version 1 has no spec, and the names of OpenNMT-tf.
 */
#include <string.h>

#include "io/file.h"
#include "io/modeldata.h"
#include "port/formats.h"

enum {
    OLDEST = 1,
    NEWEST = 6,
    TYPED = 4,
    ALIASED = 3,
    NAMED = 2,
    STRING_MOST = 1024,
    VARIABLES_MOST = 1 << 17
};

static const int types[] = {TT_ARRAY_F32, TT_ARRAY_I8,  TT_ARRAY_I16,
                            TT_ARRAY_I32, TT_ARRAY_F16, TT_ARRAY_BF16};
enum { TYPES = sizeof types / sizeof *types };

struct cursor {
    const unsigned char *at, *end;
    const char *file;
    tt_err *e;
};

static int cut_off(const struct cursor *c, const char *what) {
    return tt_fail(c->e, TT_EFORMAT, "%s: cut off in %.80s", c->file, what);
}

static bool take(struct cursor *c, uint64_t *x, int bytes) {
    if (c->end - c->at < bytes) return false;
    *x = tt_le_get(c->at, bytes);
    c->at += bytes;
    return true;
}

/* Where the string lies, its NUL behind it; NULL when it is none. */
static const char *take_string(struct cursor *c) {
    uint64_t len;
    if (!take(c, &len, 2) || !len || len > STRING_MOST || len > (uint64_t)(c->end - c->at))
        return NULL;
    const char *s = (const char *)c->at;
    c->at += len;
    return strnlen(s, (size_t)len) == len - 1 ? s : NULL;
}

bool tt_ct2bin_is(const void *data, size_t size) {
    struct cursor c = {data, (const unsigned char *)data + size, "", NULL};
    uint64_t version;
    if (!take(&c, &version, 4) || version < 1 || version > 64) return false;
    if (version < NAMED) { /* a few variables, of which the first one's name says what it is */
        const char *first =
            take(&c, &version, 4) && version < VARIABLES_MOST ? take_string(&c) : NULL;
        return first && strchr(first, '/');
    }
    const char *spec = take_string(&c);
    return spec && strlen(spec) >= 4 && strlen(spec) < 64 &&
           strspn(spec, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
               strlen(spec);
}

/* What stands in the names of version 1, and what in the later ones; of two that fit the upper
 * counts. */
static const char *const renamed[][2] = {{"transformer/", ""},
                                         {":0", ""},
                                         {"w_embs", "embeddings/weight"},
                                         {"masked_multi_head", "self_attention"},
                                         {"LayerNorm", "layer_norm"},
                                         {"dense", "projection"},
                                         {"kernel", "weight"},
                                         {"conv1d_2", "linear_2"},
                                         {"conv1d_1", "linear_1"},
                                         {"conv1d", "linear_0"},
                                         {"multi_head", "attention"}};
enum { RENAMED = sizeof renamed / sizeof *renamed };

/* A name of version 1 as later versions have it, in the arena; NULL when that is full. */
static const char *rename_old(const char *old, tt_arena *a) {
    enum { LONGER = 3 }; /* no replacement is longer than so many times what it stands for */
    bool encoder = strstr(old, "encoder/") != NULL;
    char *name = tt_arena_alloc(a, LONGER * strlen(old) + 1), *to = name;
    while (name && *old) {
        int r = 0;
        while (r < RENAMED && strncmp(old, renamed[r][0], strlen(renamed[r][0])) != 0) r++;
        if (r == RENAMED) {
            *to++ = *old++;
            continue;
        }
        const char *by =
            encoder && !strcmp(renamed[r][0], "multi_head") ? "self_attention" : renamed[r][1];
        memcpy(to, by, strlen(by));
        to += strlen(by);
        old += strlen(renamed[r][0]);
    }
    if (name) *to = 0;
    return name;
}

static int read_variable(struct cursor *c, tt_arrays *list, uint64_t version, tt_err *e) {
    const char *name = take_string(c);
    uint64_t rank, dim, type, size;
    if (!name) return cut_off(c, "the name of a variable");
    if (version < NAMED && !(name = rename_old(name, list->arena)))
        return tt_fail(e, TT_ENOMEM, "%s: out of memory", c->file);
    tt_array x = {.name = name};
    if (!take(c, &rank, 1) || rank > TT_ARRAY_RANK)
        return tt_fail(e, TT_EFORMAT, "%s: variable %.80s has more than %d dimensions", c->file,
                       name, (int)TT_ARRAY_RANK);
    for (; x.rank < (int)rank; x.rank++) {
        if (!take(c, &dim, 4)) return cut_off(c, name);
        x.dim[x.rank] = (size_t)dim;
    }
    if (!take(c, &type, 1) || !take(c, &size, 4)) return cut_off(c, name);
    if (version < TYPED) {
        x.type = type == 4 ? TT_ARRAY_F32 : type == 2 ? TT_ARRAY_I16 : TT_ARRAY_I8;
        if (type != 1 && type != 2 && type != 4)
            return tt_fail(e, TT_EFORMAT, "%s: variable %.80s has numbers of %d bytes", c->file,
                           name, (int)type);
        size *= type;
    } else if (type >= TYPES) {
        return tt_fail(e, TT_EFORMAT, "%s: variable %.80s has the unknown type %d", c->file, name,
                       (int)type);
    } else {
        x.type = types[type];
    }
    if (size > (uint64_t)(c->end - c->at)) return cut_off(c, name);
    x.data = c->at;
    x.size = (size_t)size;
    c->at += size;
    return tt_arrays_add(list, &x, e);
}

/* Scales go to what they scale. CTranslate2 has one a row of 8-bit matrices, one alone for 16 bits.
 */
static int join_scales(tt_arrays *list, tt_err *e) {
    for (size_t i = 0; i < list->count; i++) {
        tt_array *s = &list->item[i];
        size_t n = strlen(s->name);
        if (n < 7 || n > STRING_MOST || strcmp(s->name + n - 6, "_scale") != 0) continue;
        char name[STRING_MOST + 1];
        memcpy(name, s->name, n - 6);
        name[n - 6] = 0;
        tt_array *x = tt_arrays_find(list, name);
        if (!x || (x->type != TT_ARRAY_I8 && x->type != TT_ARRAY_I16)) continue;
        size_t count = s->size / sizeof(float);
        if (s->type != TT_ARRAY_F32 || x->rank != 2 || (count != 1 && count != x->dim[0]))
            return tt_fail(e, TT_EFORMAT, "%s: %.80s does not fit the rows of what it scales",
                           list->file, s->name);
        x->scale = s->data;
        x->scales = count;
        s->used = true;
    }
    return 0;
}

int tt_ct2bin_read(tt_arrays *list, char spec[64], unsigned *revision, const void *data,
                   size_t size, tt_err *e) {
    struct cursor c = {data, (const unsigned char *)data + size, list->file, e};
    uint64_t version, number, count;
    if (!take(&c, &version, 4)) return cut_off(&c, "its version");
    if (version < OLDEST || version > NEWEST)
        return tt_fail(e, TT_EFORMAT, "%s: version %llu of CTranslate2's form, expected %d to %d",
                       list->file, (unsigned long long)version, (int)OLDEST, (int)NEWEST);
    const char *s = version < NAMED ? "TransformerBase" : take_string(&c);
    number = 1;
    if (!s || strlen(s) >= 64 || (version >= NAMED && !take(&c, &number, 4)) ||
        !take(&c, &count, 4))
        return cut_off(&c, "its head");
    memcpy(spec, s, strlen(s) + 1);
    *revision = (unsigned)number;
    if (count > VARIABLES_MOST)
        return tt_fail(e, TT_EFORMAT, "%s: counts %llu variables", list->file,
                       (unsigned long long)count);
    for (uint64_t i = 0; i < count; i++) TT_TRY(read_variable(&c, list, version, e));
    TT_TRY(tt_arrays_sort(list, e));
    if (version >= ALIASED) {
        if (!take(&c, &count, 4)) return cut_off(&c, "its aliases");
        if (count > VARIABLES_MOST)
            return tt_fail(e, TT_EFORMAT, "%s: counts %llu aliases", list->file,
                           (unsigned long long)count);
        size_t sorted = list->count;
        for (uint64_t i = 0; i < count; i++) {
            const char *alias = take_string(&c), *of = alias ? take_string(&c) : NULL;
            if (!of) return cut_off(&c, "an alias");
            tt_arrays variables = *list;
            variables.count = sorted;
            tt_array *x = tt_arrays_find(&variables, of);
            if (!x)
                return tt_fail(e, TT_EFORMAT, "%s: %.80s is an alias of %.80s, which is not there",
                               list->file, alias, of);
            tt_array copy = *x;
            copy.name = alias;
            TT_TRY(tt_arrays_add(list, &copy, e));
        }
        TT_TRY(tt_arrays_sort(list, e));
    }
    if (c.at != c.end)
        return tt_fail(e, TT_EFORMAT, "%s: %zu bytes behind its end", list->file,
                       (size_t)(c.end - c.at));
    return join_scales(list, e);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void put(tt_output *o, uint64_t x, int bytes) {
    unsigned char p[8];
    tt_le_put(p, x, bytes);
    tt_output_write(o, p, (size_t)bytes, NULL); /* a failure stays in the output */
}

static void put_string(tt_output *o, const char *s) {
    put(o, strlen(s) + 1, 2);
    tt_output_write(o, s, strlen(s) + 1, NULL);
}

/* The earlier array over the same bytes, or x itself. */
static const tt_array *original(const tt_arrays *list, const tt_array *x) {
    for (const tt_array *y = list->item; y < x; y++)
        if (y->data == x->data && y->size == x->size && y->rank == x->rank && x->rank &&
            !memcmp(y->dim, x->dim, (size_t)x->rank * sizeof *x->dim))
            return y;
    return x;
}

int tt_ct2bin_write(const tt_arrays *list, const char *spec, unsigned revision, const char *path,
                    tt_err *e) {
    size_t aliases = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->item[i].size > UINT32_MAX)
            return tt_fail(e, TT_EDATA, "%s: tensor %.80s is too large for the format", path,
                           list->item[i].name);
        aliases += original(list, &list->item[i]) != &list->item[i];
    }
    tt_output *o = tt_output_open(path, TT_OUTPUT_ATOMIC, e);
    if (!o) return e->code;
    put(o, NEWEST, 4);
    put_string(o, spec);
    put(o, revision, 4);
    put(o, list->count - aliases, 4);
    for (size_t i = 0; i < list->count; i++) {
        const tt_array *x = &list->item[i];
        int type = 0;
        if (original(list, x) != x) continue;
        while (types[type] != x->type) type++;
        put_string(o, x->name);
        put(o, (uint64_t)x->rank, 1);
        for (int d = 0; d < x->rank; d++) put(o, x->dim[d], 4);
        put(o, (uint64_t)type, 1);
        put(o, x->size, 4);
        tt_output_write(o, x->data, x->size, NULL);
    }
    put(o, aliases, 4);
    for (size_t i = 0; i < list->count; i++) {
        const tt_array *x = &list->item[i], *y = original(list, x);
        if (y == x) continue;
        put_string(o, x->name);
        put_string(o, y->name);
    }
    return tt_output_finish(o, e);
}
