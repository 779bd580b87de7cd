/* marianbin.c: Marian's binary models; see formats.h. Little-endian: u64 version, u64 count; for
 * each item u64 length of its name (with NUL), type, number of dimensions, bytes; the names; the
 * shapes, i32 each; u64 padding and so many zero bytes; the data. An 8- or 16-bit matrix is
 * followed by one f32, the multiplier: value = number / multiplier. It lies transposed, except the
 * embeddings (Wemb).
 */
#include <string.h>

#include "io/modeldata.h"
#include "port/formats.h"

enum {
    HEAD = 16,
    ITEM = 32,
    ITEMS_MOST = 1 << 17,
    VERSION = 1,
    VERSION_ENCRYPTED = 2,
    NAME_MOST = 1024
};

static const struct {
    unsigned code;
    int type;
} plain[] = {{0x101, TT_ARRAY_I8},  {0x102, TT_ARRAY_I16}, {0x104, TT_ARRAY_I32},
             {0x108, TT_ARRAY_I64}, {0x201, TT_ARRAY_U8},  {0x202, TT_ARRAY_U16},
             {0x204, TT_ARRAY_U32}, {0x208, TT_ARRAY_U64}, {0x402, TT_ARRAY_F16},
             {0x404, TT_ARRAY_F32}, {0x408, TT_ARRAY_F64}};

/* Type codes of the upstream tree (0x10000 and more) and of Bergamot's (0x4000 and more). */
static const struct {
    unsigned code;
    int type; /* -1: refused */
    const char *name;
} quantised[] = {{0x10001, TT_ARRAY_I8, "intgemm8"},
                 {0x10002, TT_ARRAY_I16, "intgemm16"},
                 {0x4101, TT_ARRAY_I8, "intgemm8"},
                 {0x4102, TT_ARRAY_I16, "intgemm16"},
                 {0x802, -1, "packed16 (FBGEMM)"},
                 {0x1801, -1, "packed8 for AVX2 (FBGEMM)"},
                 {0x2801, -1, "packed8 for AVX-512 (FBGEMM)"}};

enum { TILED = 0xF000, SMALL = 0xFF, TREE_UPSTREAM = 0x10000, TREE_BERGAMOT = 0x4000 };

bool tt_marianbin_is(const void *data, size_t size) {
    if (size < HEAD + ITEM) return false;
    const unsigned char *p = data;
    uint64_t version = tt_le_get(p, 8), count = tt_le_get(p + 8, 8);
    if (version == VERSION_ENCRYPTED) return true;
    return version == VERSION && count > 0 && count <= ITEMS_MOST &&
           tt_le_get(p + HEAD + 16, 8) <= TT_ARRAY_RANK && tt_le_get(p + HEAD, 8) <= NAME_MOST &&
           tt_le_get(p + HEAD, 8) > 1;
}

static int refuse_type(const char *file, const tt_array *x, unsigned code, tt_err *e) {
    for (size_t i = 0; i < sizeof quantised / sizeof *quantised; i++)
        if (quantised[i].code == code)
            return tt_fail(
                e, TT_EFORMAT,
                "%s: tensor %.80s is %s, which only its own program can read: convert the model "
                "without it",
                file, x->name, quantised[i].name);
    if ((code & TREE_UPSTREAM || code & TREE_BERGAMOT) && code & TILED && (code & SMALL) <= 2)
        return tt_fail(e, TT_EFORMAT,
                       "%s: tensor %.80s is intgemm%u laid out for one kind of processor (type "
                       "0x%x), expected "
                       "the portable form",
                       file, x->name, 8 * (code & SMALL), code);
    return tt_fail(e, TT_EFORMAT, "%s: tensor %.80s has the unknown type 0x%x", file, x->name,
                   code);
}

/* Marian's converter turns a matrix in blocks of its processor's width, and writes what of the
   blocks fits: where the first dimension is no multiple of that, every row has zeros behind it and
   the last numbers are gone. Returns the width of the rows then, else 0. */
static size_t padded_rows(const tt_array *x) {
    size_t width = tt_array_type_width(x->type), n = x->size / width, rows = x->dim[0], last = 0;
    for (size_t i = 0; i < x->size; i++)
        if (x->data[i]) last = i / width;
    for (size_t block = 4; block <= 64; block *= 2) {
        size_t wide = (rows + block - 1) / block * block;
        if (!rows || wide == rows || last < wide) continue; /* a matrix of zeros says nothing */
        size_t zeros = 0, places = 0;
        for (size_t at = rows; at < n; at += wide)
            for (size_t i = at; i < at + wide - rows && i < n; i++, places++)
                zeros += tt_le_get(x->data + i * width, (int)width) == 0;
        if (places && zeros == places) return wide;
    }
    return 0;
}

static int set_type(const char *file, tt_array *x, uint64_t code, uint64_t bytes, tt_err *e) {
    size_t n = 1;
    bool fits = true; /* as many numbers as there are bytes, at most: no overflow */
    for (int i = 0; i < x->rank && fits; i++) {
        fits = !x->dim[i] || n <= bytes / x->dim[i];
        if (fits) n *= x->dim[i];
    }
    x->type = -1;
    bool quant = false;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].code == code) x->type = plain[i].type;
    for (size_t i = 0; i < sizeof quantised / sizeof *quantised && x->type < 0; i++)
        if (quantised[i].code == code) x->type = quantised[i].type, quant = true;
    if (x->type < 0)
        return refuse_type(file, x, (unsigned)(code < UINT32_MAX ? code : UINT32_MAX), e);
    size_t need = fits ? n * tt_array_type_width(x->type) : 0;
    if (!fits || bytes < need + (quant ? sizeof(float) : 0))
        return tt_fail(e, TT_EFORMAT, "%s: tensor %.80s has %llu bytes, too few for its shape",
                       file, x->name, (unsigned long long)bytes);
    x->size = need;
    if (quant) {
        x->scale = x->data + need;
        x->scales = 1;
        size_t len = strlen(x->name);
        x->flipped = x->rank == 2 && !(len >= 4 && !strcmp(x->name + len - 4, "Wemb"));
        size_t wide = x->flipped ? padded_rows(x) : 0;
        if (wide)
            return tt_fail(e, TT_EFORMAT,
                           "%s: tensor %.80s: its rows of %zu numbers lie in rows of %zu, and the "
                           "last numbers are cut off, as "
                           "Marian's converter does: convert its float32 model here",
                           file, x->name, x->dim[0], wide);
    }
    return 0;
}

int tt_marianbin_read(tt_arrays *list, const void *data, size_t size, tt_err *e) {
    const unsigned char *p = data, *end = p + size;
    const char *file = list->file;
    if (size < HEAD)
        return tt_fail(e, TT_EFORMAT, "%s: %zu bytes are too few for a Marian model", file, size);
    uint64_t version = tt_le_get(p, 8), count = tt_le_get(p + 8, 8);
    if (version == VERSION_ENCRYPTED)
        return tt_fail(e, TT_EFORMAT,
                       "%s: an encrypted Marian model (version 2), expected version 1", file);
    if (version != VERSION)
        return tt_fail(e, TT_EFORMAT, "%s: version %llu of Marian's binary form, expected 1", file,
                       (unsigned long long)version);
    if (count > ITEMS_MOST || count > (size - HEAD) / ITEM)
        return tt_fail(e, TT_EFORMAT, "%s: counts %llu tensors, more than its size can hold", file,
                       (unsigned long long)count);
    const unsigned char *item = p + HEAD, *name = item + count * ITEM, *shape = name;
    for (uint64_t i = 0; i < count; i++) { /* the names end where the shapes begin */
        uint64_t len = tt_le_get(item + i * ITEM, 8);
        if (!len || len > NAME_MOST || len > (uint64_t)(end - shape) || shape[len - 1])
            return tt_fail(e, TT_EFORMAT, "%s: the name of tensor %llu is malformed", file,
                           (unsigned long long)i);
        shape += len;
    }
    const unsigned char *body = shape;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t rank = tt_le_get(item + i * ITEM + 16, 8);
        if (rank > TT_ARRAY_RANK || 4 * rank > (uint64_t)(end - body))
            return tt_fail(e, TT_EFORMAT, "%s: the shape of tensor %llu is malformed", file,
                           (unsigned long long)i);
        body += 4 * rank;
    }
    if (end - body < 8 || tt_le_get(body, 8) > (uint64_t)(end - body) - 8)
        return tt_fail(e, TT_EFORMAT, "%s: cut off before its data", file);
    body += 8 + tt_le_get(body, 8);
    for (uint64_t i = 0; i < count; i++, item += ITEM) {
        uint64_t bytes = tt_le_get(item + 24, 8);
        tt_array x = {
            .name = (const char *)name, .rank = (int)tt_le_get(item + 16, 8), .data = body};
        for (int d = 0; d < x.rank; d++, shape += 4) x.dim[d] = (size_t)tt_le_get(shape, 4);
        if (bytes > (uint64_t)(end - body))
            return tt_fail(e, TT_EFORMAT, "%s: cut off in tensor %.80s", file, x.name);
        TT_TRY(set_type(file, &x, tt_le_get(item + 8, 8), bytes, e));
        TT_TRY(tt_arrays_add(list, &x, e));
        name += tt_le_get(item, 8);
        body += bytes;
    }
    return 0;
}
