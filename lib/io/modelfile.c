/* modelfile.c: the reader of .ttm files; the format is told in modelfile.h.
 *
 * Opening maps the file and checks header, directory and the zero bytes between the data; after
 * that every entry is known to lie inside the file, to overlap no other and to have the raw size
 * its shape asks for, so that the reading functions check nothing but checksums. The data itself is
 * touched only when read. All state is written once, in open: reading is free for many threads.
 */
#include "io/modelfile.h"

#include "io/file.h"
#include "io/kind.h"
#include "io/modeldata.h"
#include "io/rows.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

/* deflate cannot do better than this: 258 bytes for 2 bits (RFC 1951), rounded up. */
enum { MAX_RATIO = 1040 };

enum { BLOCK = 64 }; /* rows: summed and decoded before they leave the cache */

typedef struct pair {
    const char *key, *value;
} pair;

struct tt_modelfile {
    char *name;
    tt_mapped map; /* empty for open_memory */
    const unsigned char *data;
    size_t size;
    char *text; /* keys, values and names, each with a NUL; what the pointers below point at */
    pair *metas;
    tt_file_tensor *entries;
    const tt_file_tensor **by_name;
    size_t meta_count, entry_count;
};

/* ---- opening --------------------------------------------------------------------------------- */

/* The directory while it is taken apart. */
typedef struct cursor {
    const unsigned char *at, *end;
    char *text; /* where the next string is copied to */
} cursor;

/* The next `len` bytes as a string; NULL if the directory ends before. */
static const char *take_text(cursor *c, size_t len) {
    if ((size_t)(c->end - c->at) < len) return NULL;
    char *text = c->text;
    memcpy(text, c->at, len);
    text[len] = '\0';
    c->text += len + 1;
    c->at += len;
    return text;
}

/* What is it then? */
static int foreign(const tt_modelfile *mf, tt_err *e) {
    size_t len = mf->size < 4096 ? mf->size : 4096;
    tt_kind k = tt_kind_of(mf->data, len, len == mf->size);
    const char *what = k.what, *todo = k.todo;
    if (mf->size > 2 && mf->data[0] == 0x1F && mf->data[1] == 0x8B)
        what = "compressed with gzip", todo = "unpack it first";
    else if (k.sort != TT_KIND_OTHER)
        return tt_fail(e, TT_EFORMAT, "%s: not a ttrans model (its first bytes are foreign)",
                       mf->name);
    bool helps = !strncmp(todo, "unpack", 6) || !strncmp(todo, "ttrans import", 13);
    return tt_fail(e, TT_EFORMAT, "%s: is %s, not a ttrans model%s%s", mf->name, what,
                   helps ? "; " : "", helps ? todo : "");
}

static int check_header(const tt_modelfile *mf, tt_err *e) {
    const unsigned char *h = mf->data;
    size_t head = mf->size < 8 ? mf->size : 8;
    if (mf->size == 0) return tt_fail(e, TT_EFORMAT, "%s: empty file, expected a model", mf->name);
    if (memcmp(h, TT_TTM_MAGIC, head)) return foreign(mf, e);
    if (mf->size < TT_TTM_HEADER)
        return tt_fail(e, TT_EFORMAT, "%s: cut off: %zu bytes, the header alone has %d", mf->name,
                       mf->size, TT_TTM_HEADER);
    if (crc32_z(0, h, TT_TTM_AT_CRC) != tt_le_get(h + TT_TTM_AT_CRC, 4))
        return tt_fail(e, TT_EFORMAT, "%s: damaged: checksum of the header is wrong", mf->name);
    uint64_t version = tt_le_get(h + TT_TTM_AT_VERSION, 4);
    if (version != TT_TTM_VERSION)
        return tt_fail(e, TT_EFORMAT,
                       "%s: format version %llu, this ttrans (" TT_VERSION ") reads version %d",
                       mf->name, (unsigned long long)version, TT_TTM_VERSION);
    if (tt_le_get(h + TT_TTM_AT_FLAGS, 4) || tt_le_get(h + TT_TTM_AT_ZERO, 8))
        return tt_fail(e, TT_EFORMAT, "%s: needs features this ttrans (" TT_VERSION ") lacks",
                       mf->name);
    uint64_t size = tt_le_get(h + TT_TTM_AT_SIZE, 8);
    if (size != mf->size)
        return tt_fail(e, TT_EFORMAT, "%s: %s: %zu bytes, its header says %llu", mf->name,
                       mf->size < size ? "cut off" : "has bytes behind its end", mf->size,
                       (unsigned long long)size);
    uint64_t dir = tt_le_get(h + TT_TTM_AT_DIR, 8), dir_size = tt_le_get(h + TT_TTM_AT_DIR_SIZE, 8);
    if (dir < TT_TTM_HEADER || dir > size || dir_size != size - dir ||
        dir_size > TT_TTM_DIRECTORY_MAX)
        return tt_fail(e, TT_EFORMAT, "%s: the header's place for the directory is impossible",
                       mf->name);
    if (crc32_z(0, h + dir, (size_t)dir_size) != tt_le_get(h + TT_TTM_AT_DIR_CRC, 4))
        return tt_fail(e, TT_EFORMAT, "%s: damaged: checksum of the directory is wrong", mf->name);
    uint64_t metas = tt_le_get(h + TT_TTM_AT_METAS, 4);
    uint64_t entries = tt_le_get(h + TT_TTM_AT_ENTRIES, 4);
    if (metas * (TT_TTM_META_FIXED + 1) + entries * (TT_TTM_ENTRY_FIXED + 1) > dir_size)
        return tt_fail(e, TT_EFORMAT, "%s: the header counts more than the directory holds",
                       mf->name);
    return 0;
}

static int bad_directory(const tt_modelfile *mf, tt_err *e) {
    return tt_fail(e, TT_EFORMAT, "%s: the directory is malformed", mf->name);
}

static int read_meta(tt_modelfile *mf, cursor *c, size_t i, tt_err *e) {
    if (c->end - c->at < TT_TTM_META_FIXED) return bad_directory(mf, e);
    size_t key_len = (size_t)tt_le_get(c->at, 2), value_len = (size_t)tt_le_get(c->at + 2, 4);
    c->at += TT_TTM_META_FIXED;
    pair *p = &mf->metas[i];
    p->key = take_text(c, key_len);
    p->value = p->key ? take_text(c, value_len) : NULL;
    if (!p->value || !tt_ttm_name_ok(p->key, key_len) || !tt_ttm_text_ok(p->value, value_len))
        return bad_directory(mf, e);
    int order = i > 0 ? strcmp(p[-1].key, p->key) : -1;
    if (order == 0)
        return tt_fail(e, TT_EFORMAT, "%s: metadata %s is there twice", mf->name, p->key);
    return order < 0 ? 0 : bad_directory(mf, e);
}

static bool all_zero(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i]) return false;
    return true;
}

/* `end` is where the data of the entry before ended, `limit` where the directory begins. */
static int check_entry(const tt_modelfile *mf, const tt_file_tensor *t, uint64_t raw, uint64_t end,
                       uint64_t limit, tt_err *e) {
    size_t need;
    if (!tt_type_name(t->type) || !tt_codec_name(t->codec))
        return tt_fail(e, TT_EFORMAT, "%s: tensor %s has unknown type %d or codec %d", mf->name,
                       t->name, t->type, t->codec);
    if (t->offset % TT_TTM_ALIGN || t->offset > limit || t->stored > limit - t->offset)
        return tt_fail(e, TT_EFORMAT, "%s: tensor %s lies outside the file's data", mf->name,
                       t->name);
    if (t->offset < end)
        return tt_fail(e, TT_EFORMAT, "%s: tensor %s overlaps the one before it", mf->name,
                       t->name);
    if (!tt_ttm_raw_size(&need, t->type, t->rows, t->cols) || need != raw ||
        (t->codec == TT_CODEC_STORED ? raw != t->stored : raw / MAX_RATIO > t->stored))
        return tt_fail(e, TT_EFORMAT, "%s: tensor %s: sizes contradict its shape", mf->name,
                       t->name);
    return 0;
}

static int read_entry(tt_modelfile *mf, cursor *c, size_t i, uint64_t end, uint64_t limit,
                      tt_err *e) {
    if (c->end - c->at < TT_TTM_ENTRY_FIXED) return bad_directory(mf, e);
    const unsigned char *p = c->at;
    size_t name_len = (size_t)tt_le_get(p + 2, 2);
    uint64_t rows = tt_le_get(p + 8, 8), cols = tt_le_get(p + 16, 8);
    uint64_t stored = tt_le_get(p + 32, 8), raw = tt_le_get(p + 40, 8);
    c->at += TT_TTM_ENTRY_FIXED;
    tt_file_tensor *t = &mf->entries[i];
    *t = (tt_file_tensor){.name = take_text(c, name_len),
                          .type = p[0],
                          .codec = p[1],
                          .rows = (size_t)rows,
                          .cols = (size_t)cols,
                          .offset = tt_le_get(p + 24, 8),
                          .stored = (size_t)stored,
                          .raw = (size_t)raw,
                          .crc = (uint32_t)tt_le_get(p + 4, 4)};
    if (!t->name || !tt_ttm_name_ok(t->name, name_len)) return bad_directory(mf, e);
    mf->by_name[i] = t;
    if (t->rows != rows || t->cols != cols || t->stored != stored || t->raw != raw)
        return tt_fail(e, TT_EFORMAT, "%s: tensor %s is too large for this machine", mf->name,
                       t->name);
    TT_TRY(check_entry(mf, t, raw, end, limit, e));
    if (!all_zero(mf->data + end, (size_t)(t->offset - end)))
        return tt_fail(e, TT_EFORMAT, "%s: damaged: the bytes before tensor %s are not zero",
                       mf->name, t->name);
    return 0;
}

static int order_by_name(const void *a, const void *b) {
    const tt_file_tensor *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static int read_directory(tt_modelfile *mf, tt_err *e) {
    const unsigned char *h = mf->data;
    uint64_t limit = tt_le_get(h + TT_TTM_AT_DIR, 8), end = TT_TTM_HEADER;
    size_t dir_size = (size_t)tt_le_get(h + TT_TTM_AT_DIR_SIZE, 8);
    mf->meta_count = (size_t)tt_le_get(h + TT_TTM_AT_METAS, 4);
    mf->entry_count = (size_t)tt_le_get(h + TT_TTM_AT_ENTRIES, 4);

    /* a record's fixed part is longer than the NULs its strings get, so dir_size holds the text */
    mf->text = malloc(dir_size + 1);
    mf->metas = calloc(mf->meta_count + 1, sizeof *mf->metas);
    mf->entries = calloc(mf->entry_count + 1, sizeof *mf->entries);
    mf->by_name = calloc(mf->entry_count + 1, sizeof *mf->by_name);
    if (!mf->text || !mf->metas || !mf->entries || !mf->by_name)
        return tt_fail(e, TT_ENOMEM, "%s: out of memory", mf->name);

    cursor c = {h + limit, h + mf->size, mf->text};
    for (size_t i = 0; i < mf->meta_count; i++) TT_TRY(read_meta(mf, &c, i, e));
    for (size_t i = 0; i < mf->entry_count; i++) {
        TT_TRY(read_entry(mf, &c, i, end, limit, e));
        end = mf->entries[i].offset + mf->entries[i].stored;
    }
    if (c.at != c.end) return bad_directory(mf, e);
    if (!all_zero(h + end, (size_t)(limit - end)))
        return tt_fail(e, TT_EFORMAT, "%s: damaged: the bytes before the directory are not zero",
                       mf->name);
    qsort(mf->by_name, mf->entry_count, sizeof *mf->by_name, order_by_name);
    for (size_t i = 1; i < mf->entry_count; i++)
        if (!strcmp(mf->by_name[i - 1]->name, mf->by_name[i]->name))
            return tt_fail(e, TT_EFORMAT, "%s: tensor %s is there twice", mf->name,
                           mf->by_name[i]->name);
    return 0;
}

tt_modelfile *tt_modelfile_open_memory(const void *data, size_t size, const char *name, tt_err *e) {
    size_t name_size = strlen(name) + 1;
    tt_modelfile *mf = calloc(1, sizeof *mf);
    if (!mf || !(mf->name = malloc(name_size))) {
        free(mf);
        tt_fail(e, TT_ENOMEM, "%s: out of memory", name);
        return NULL;
    }
    memcpy(mf->name, name, name_size);
    mf->data = data;
    mf->size = size;
    if (check_header(mf, e) || read_directory(mf, e)) {
        tt_modelfile_close(mf);
        return NULL;
    }
    return mf;
}

tt_modelfile *tt_modelfile_open(const char *path, tt_err *e) {
    tt_mapped map;
    struct stat st;
    if (!strcmp(path, "-") && stat(path, &st)) {
        tt_fail(e, TT_EUSAGE,
                "-: a model is not read from standard input, for it is mapped from its file: name "
                "that");
        return NULL;
    }
    if (tt_mapped_open(&map, path, e)) return NULL;
    tt_modelfile *mf = tt_modelfile_open_memory(map.data, map.size, path, e);
    if (mf) {
        mf->map = map;
    } else {
        tt_mapped_close(&map);
    }
    return mf;
}

void tt_modelfile_close(tt_modelfile *mf) {
    if (!mf) return;
    tt_mapped_close(&mf->map);
    free(mf->name);
    free(mf->text);
    free(mf->metas);
    free(mf->entries);
    free(mf->by_name);
    free(mf);
}

/* ---- looking --------------------------------------------------------------------------------- */

const char *tt_modelfile_name(const tt_modelfile *mf) { return mf->name; }
uint64_t tt_modelfile_size(const tt_modelfile *mf) { return mf->size; }
size_t tt_modelfile_meta_count(const tt_modelfile *mf) { return mf->meta_count; }
size_t tt_modelfile_count(const tt_modelfile *mf) { return mf->entry_count; }

void tt_modelfile_meta(const tt_modelfile *mf, size_t i, const char **key, const char **value) {
    *key = *value = NULL;
    if (i >= mf->meta_count) return;
    *key = mf->metas[i].key;
    *value = mf->metas[i].value;
}

static int key_to_pair(const void *key, const void *p) {
    return strcmp(key, ((const pair *)p)->key);
}

const char *tt_modelfile_get(const tt_modelfile *mf, const char *key) {
    const pair *p = bsearch(key, mf->metas, mf->meta_count, sizeof *mf->metas, key_to_pair);
    return p ? p->value : NULL;
}

const tt_file_tensor *tt_modelfile_entry(const tt_modelfile *mf, size_t i) {
    return i < mf->entry_count ? &mf->entries[i] : NULL;
}

static int name_to_entry(const void *name, const void *p) {
    const tt_file_tensor *const *t = p;
    return strcmp(name, (*t)->name);
}

const tt_file_tensor *tt_modelfile_find(const tt_modelfile *mf, const char *name) {
    const tt_file_tensor **t =
        bsearch(name, mf->by_name, mf->entry_count, sizeof *mf->by_name, name_to_entry);
    return t ? *t : NULL;
}

/* ---- data ------------------------------------------------------------------------------------ */

const void *tt_modelfile_map(const tt_modelfile *mf, const tt_file_tensor *t) {
    return t->codec == TT_CODEC_STORED ? mf->data + t->offset : NULL;
}

int tt_modelfile_check_sum(const tt_modelfile *mf, const tt_file_tensor *t, uint32_t crc,
                           tt_err *e) {
    if (crc == t->crc) return 0;
    return tt_fail(e, TT_EFORMAT, "%s: damaged: checksum of tensor %s is wrong", mf->name, t->name);
}

int tt_modelfile_check(const tt_modelfile *mf, const tt_file_tensor *t, tt_err *e) {
    return tt_modelfile_check_sum(mf, t, (uint32_t)crc32_z(0, mf->data + t->offset, t->stored), e);
}

int tt_modelfile_inflate(const tt_modelfile *mf, const tt_file_tensor *t, void *dst, tt_err *e) {
    TT_TRY(tt_modelfile_check(mf, t, e));
    if (tt_ttm_inflate(dst, t->raw, mf->data + t->offset, t->stored, e))
        return tt_err_context(e, "%s: tensor %s", mf->name, t->name);
    return 0;
}

/* A row's greatest weight is 127 times its scale. */
int tt_modelfile_check_scales(const tt_modelfile *mf, const tt_file_tensor *t, const void *raw,
                              tt_err *e) {
    for (size_t r = 0; t->type == TT_TYPE_I8 && r < t->rows; r++) {
        float scale;
        memcpy(&scale, (const char *)raw + r * sizeof scale, sizeof scale);
        if (!(scale >= 0.0f && 127.0f * scale <= FLT_MAX))
            return tt_fail(
                e, TT_EDATA,
                "%s: tensor %s, row %zu: its scale is %g: expected a finite number from 0",
                mf->name, t->name, r, (double)scale);
    }
    return 0;
}

int tt_modelfile_read(const tt_modelfile *mf, const tt_file_tensor *t, void *dst, tt_err *e) {
    size_t width = tt_type_width(t->type);
    if (t->codec == TT_CODEC_STORED) {
        TT_TRY(tt_modelfile_check(mf, t, e));
        if (t->raw) memcpy(dst, mf->data + t->offset, t->raw);
        return tt_modelfile_check_scales(mf, t, dst, e);
    }
    if (width == 1) {
        TT_TRY(tt_modelfile_inflate(mf, t, dst, e));
        return tt_modelfile_check_scales(mf, t, dst, e);
    }
    unsigned char *planes = malloc(t->raw + 1);
    if (!planes) return tt_fail(e, TT_ENOMEM, "%s: tensor %s: out of memory", mf->name, t->name);
    int rc = tt_modelfile_inflate(mf, t, planes, e);
    if (!rc) tt_ttm_join(dst, planes, width, t->raw / width, t->raw / width);
    free(planes);
    return rc;
}

void tt_modelfile_done(const tt_modelfile *mf, const tt_file_tensor *t) {
    tt_mapped_done(&mf->map, t->offset, t->stored);
}

int tt_modelfile_read_f32(const tt_modelfile *mf, const tt_file_tensor *t, float *dst, tt_err *e) {
    if (t->type == TT_TYPE_U8)
        return tt_fail(e, TT_EFORMAT, "%s: %s holds bytes, expected numbers", mf->name, t->name);
    unsigned char *room = malloc(tt_rows_room(t) + 1);
    if (!room) return tt_fail(e, TT_ENOMEM, "%s: tensor %s: out of memory", mf->name, t->name);
    tt_rows r;
    int rc = tt_rows_open(&r, mf, t, room, e);
    for (size_t at = 0, n; !rc && at < t->rows; at += n) {
        n = t->rows - at < BLOCK ? t->rows - at : BLOCK;
        float *to = dst + at * t->cols;
        const float *x = tt_rows_f32(&r, n, to);
        if (x != to) memcpy(to, x, n * t->cols * sizeof *to);
    }
    if (!rc) rc = tt_rows_close(&r, e);
    free(room);
    return rc;
}

/* Looks for exponents of ones. Blocks of a fixed size, because compilers make wide operations of
 * them: this is done at every start. */
static bool all_finite(const float *x, size_t n) {
    const uint32_t exponent = 0x7f800000, carry = 0x00800000;
    uint32_t bits[16], seen[16] = {0}, any = 0;
    size_t i = 0;
    for (; n - i >= 16; i += 16) {
        memcpy(bits, x + i, sizeof bits);
        for (int j = 0; j < 16; j++) seen[j] |= (bits[j] & exponent) + carry;
    }
    for (; i < n; i++) {
        memcpy(bits, x + i, sizeof *bits);
        any |= (bits[0] & exponent) + carry;
    }
    for (int j = 0; j < 16; j++) any |= seen[j];
    return !(any >> 31);
}

int tt_modelfile_check_finite(const tt_modelfile *mf, const tt_file_tensor *t, const float *x,
                              size_t first, size_t rows, bool may_close, tt_err *e) {
    size_t n = rows * t->cols, i = 0;
    if (all_finite(x, n)) return 0;
    const float least = may_close ? -INFINITY : -FLT_MAX;
    while (i < n && x[i] >= least && x[i] <= FLT_MAX) i++;
    if (i == n) return 0;
    return tt_fail(e, TT_EDATA,
                   "%s: tensor %s, row %zu: a NaN or infinity, expected finite numbers", mf->name,
                   t->name, first + i / t->cols);
}
