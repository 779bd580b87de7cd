/* modelwriter.c: the writer of .ttm files; the format is told in modelfile.h.
 *
 * Data goes out as it comes in; the directory is collected and follows it; the header, left as
 * zeros at first, is completed last. Stored entries are converted piece by piece, so that writing a
 * large checkpoint needs no second copy of it. Entries to be compressed are converted whole.
 */
#include "io/modelfile.h"

#include "io/file.h"
#include "io/modeldata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum {
    PIECE = 1 << 14, /* numbers converted at a time: 64 KiB of f32, within the first two caches */
    LEAST_GAIN = 8   /* deflate must save an eighth, see modeldata.c */
};

typedef struct record {
    char *bytes; /* as in the file */
    size_t size;
} record;

typedef struct list {
    record *items;
    size_t count, cap;
} list;

struct tt_modelwriter {
    tt_output *out;
    char *path;
    list metas, entries;
    tt_err err; /* the first failure */
};

static int kept(const tt_modelwriter *w, tt_err *e) {
    if (e) *e = w->err;
    return w->err.code;
}

static int no_memory(tt_modelwriter *w, tt_err *e) {
    tt_fail(&w->err, TT_ENOMEM, "%s: out of memory", w->path);
    return kept(w, e);
}

static tt_modelwriter *no_pipe(const char *path, tt_err *e) {
    tt_fail(e, TT_EUSAGE,
            "%s: a model cannot be written to a pipe, for its head is completed last: name a file",
            strcmp(path, "-") ? path : "standard output");
    return NULL;
}

tt_modelwriter *tt_modelwriter_open(const char *path, tt_err *e) {
    static const unsigned char header[TT_TTM_HEADER];
    size_t path_size = strlen(path) + 1;
    struct stat st;
    if (!stat(path, &st) && S_ISFIFO(st.st_mode))
        return no_pipe(path, e); /* opening one waits for a reader */
    tt_modelwriter *w = calloc(1, sizeof *w);
    if (!w || !(w->path = malloc(path_size))) {
        free(w);
        tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
        return NULL;
    }
    memcpy(w->path, path, path_size);
    w->out = tt_output_open(path, TT_OUTPUT_ATOMIC, e);
    if (!w->out) {
        tt_modelwriter_abort(w);
        return NULL;
    }
    if (!tt_output_can_patch(w->out)) {
        tt_modelwriter_abort(w);
        return no_pipe(path, e);
    }
    tt_output_write(w->out, header, sizeof header, &w->err);
    return w;
}

static void free_list(list *l) {
    for (size_t i = 0; i < l->count; i++) free(l->items[i].bytes);
    free(l->items);
}

void tt_modelwriter_abort(tt_modelwriter *w) {
    if (!w) return;
    tt_output_abort(w->out);
    free_list(&w->metas);
    free_list(&w->entries);
    free(w->path);
    free(w);
}

/* A new record of `size` bytes at the end of the list; NULL: no memory. */
static unsigned char *add_record(list *l, size_t size) {
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        record *items = realloc(l->items, cap * sizeof *items);
        if (!items) return NULL;
        l->items = items;
        l->cap = cap;
    }
    char *bytes = malloc(size);
    if (!bytes) return NULL;
    l->items[l->count++] = (record){bytes, size};
    return (unsigned char *)bytes;
}

/* ---- metadata -------------------------------------------------------------------------------- */

static size_t key_len(const record *r) { return (size_t)tt_le_get((unsigned char *)r->bytes, 2); }

static int order_by_key(const void *a, const void *b) {
    const record *x = a, *y = b;
    size_t n = key_len(x), m = key_len(y);
    int order = memcmp(x->bytes + TT_TTM_META_FIXED, y->bytes + TT_TTM_META_FIXED, n < m ? n : m);
    return order ? order : (n > m) - (n < m);
}

int tt_modelwriter_set(tt_modelwriter *w, const char *key, const char *value, tt_err *e) {
    if (w->err.code) return kept(w, e);
    size_t n = strlen(key), m = strlen(value);
    if (!tt_ttm_name_ok(key, n) || !tt_ttm_text_ok(value, m) || m > TT_TTM_DIRECTORY_MAX / 2) {
        tt_fail(&w->err, TT_EDATA, "%s: metadata \"%.80s\": key or value is not allowed", w->path,
                key);
        return kept(w, e);
    }
    unsigned char *p = add_record(&w->metas, TT_TTM_META_FIXED + n + m);
    if (!p) return no_memory(w, e);
    tt_le_put(p, n, 2);
    tt_le_put(p + 2, m, 4);
    memcpy(p + TT_TTM_META_FIXED, key, n);
    memcpy(p + TT_TTM_META_FIXED + n, value, m);

    record *last = &w->metas.items[w->metas.count - 1];
    for (record *r = w->metas.items; r < last; r++) {
        if (order_by_key(r, last) == 0) {
            free(r->bytes);
            *r = *last;
            w->metas.count--;
            break;
        }
    }
    return 0;
}

/* ---- data ------------------------------------------------------------------------------------ */

static void write_stored(tt_modelwriter *w, tt_file_tensor *t, const void *data, size_t size) {
    t->crc = (uint32_t)crc32_z(t->crc, data, size);
    tt_output_write(w->out, data, size, &w->err);
}

static int bad_row(tt_modelwriter *w, const tt_file_tensor *t, size_t row) {
    return tt_fail(&w->err, TT_EDATA,
                   "%s: tensor %s, row %zu: a NaN or infinity cannot be stored as int8", w->path,
                   t->name, row);
}

static int store_floats(tt_modelwriter *w, tt_file_tensor *t, const float *data) {
    size_t n = t->rows * t->cols, width = tt_type_width(t->type);
    if (t->type == TT_TYPE_F32) {
        write_stored(w, t, data, n * width);
        return w->err.code;
    }
    unsigned char piece[2 * PIECE];
    for (size_t i = 0; i < n && !w->err.code; i += PIECE) {
        size_t take = n - i < PIECE ? n - i : PIECE;
        tt_ttm_from_f32(piece, data + i, t->type, take);
        write_stored(w, t, piece, take * width);
    }
    return w->err.code;
}

static int store_i8(tt_modelwriter *w, tt_file_tensor *t, const float *data) {
    float *scales = malloc(2 * (t->rows + 1) * sizeof *scales);
    if (!scales) return no_memory(w, NULL);
    float *inv = scales + t->rows;
    for (size_t r = 0; r < t->rows && !w->err.code; r++) {
        scales[r] = tt_ttm_i8_scale(&inv[r], data + r * t->cols, t->cols);
        if (isnan(scales[r])) bad_row(w, t, r);
    }
    if (!w->err.code) write_stored(w, t, scales, t->rows * sizeof *scales);
    unsigned char piece[PIECE];
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t c = 0; c < t->cols && !w->err.code; c += PIECE) {
            size_t take = t->cols - c < PIECE ? t->cols - c : PIECE;
            tt_ttm_i8_from_f32(piece, data + r * t->cols + c, inv[r], take);
            write_stored(w, t, piece, take);
        }
    }
    free(scales);
    return w->err.code;
}

/* The tensor's raw bytes into `raw`. */
static int convert(tt_modelwriter *w, const tt_file_tensor *t, unsigned char *raw,
                   const float *data) {
    if (t->type != TT_TYPE_I8) {
        tt_ttm_from_f32(raw, data, t->type, t->rows * t->cols);
        return 0;
    }
    unsigned char *numbers = raw + t->rows * sizeof(float);
    for (size_t r = 0; r < t->rows; r++) {
        const float *row = data + r * t->cols;
        float inv, scale = tt_ttm_i8_scale(&inv, row, t->cols);
        if (isnan(scale)) return bad_row(w, t, r);
        memcpy(raw + r * sizeof scale, &scale, sizeof scale);
        tt_ttm_i8_from_f32(numbers + r * t->cols, row, inv, t->cols);
    }
    return 0;
}

/* Compresses and writes `raw` (t->raw bytes), or stores it where that gains too little. */
static int deflate_raw(tt_modelwriter *w, tt_file_tensor *t, const unsigned char *raw) {
    size_t width = tt_type_width(t->type), cap = t->raw - t->raw / LEAST_GAIN, got = 0;
    unsigned char *planes = width > 1 ? malloc(t->raw + 1) : NULL, *packed = malloc(cap + 1);
    if (!packed || (width > 1 && !planes)) {
        no_memory(w, NULL);
        goto out;
    }
    if (planes) tt_ttm_split(planes, raw, width, t->raw / width);
    if (tt_ttm_deflate(packed, &got, cap, planes ? planes : raw, t->raw, t->type, &w->err)) {
        tt_err_context(&w->err, "%s: tensor %s", w->path, t->name);
        goto out;
    }
    if (got) {
        t->codec = TT_CODEC_DEFLATE;
        t->stored = got;
    }
    write_stored(w, t, got ? packed : raw, t->stored);
out:
    free(planes);
    free(packed);
    return w->err.code;
}

static int deflate_floats(tt_modelwriter *w, tt_file_tensor *t, const float *data) {
    unsigned char *raw = malloc(t->raw + 1);
    if (!raw) return no_memory(w, NULL);
    if (!convert(w, t, raw, data)) deflate_raw(w, t, raw);
    free(raw);
    return w->err.code;
}

/* ---- entries --------------------------------------------------------------------------------- */

static int begin(tt_modelwriter *w, tt_file_tensor *t, int codec) {
    if (!tt_ttm_name_ok(t->name, strlen(t->name)) || !tt_codec_name(codec) ||
        !tt_ttm_raw_size(&t->raw, t->type, t->rows, t->cols))
        return tt_fail(&w->err, TT_EINTERNAL, "%s: tensor \"%.80s\": impossible name, type, shape",
                       w->path, t->name);
    static const unsigned char zeros[TT_TTM_ALIGN];
    t->stored = t->raw;
    t->offset = tt_ttm_round(tt_output_size(w->out));
    return tt_output_write(w->out, zeros, (size_t)(t->offset - tt_output_size(w->out)), &w->err);
}

static int end(tt_modelwriter *w, const tt_file_tensor *t) {
    size_t n = strlen(t->name);
    unsigned char *p = add_record(&w->entries, TT_TTM_ENTRY_FIXED + n);
    if (!p) return no_memory(w, NULL);
    p[0] = (unsigned char)t->type;
    p[1] = (unsigned char)t->codec;
    tt_le_put(p + 2, n, 2);
    tt_le_put(p + 4, t->crc, 4);
    tt_le_put(p + 8, t->rows, 8);
    tt_le_put(p + 16, t->cols, 8);
    tt_le_put(p + 24, t->offset, 8);
    tt_le_put(p + 32, t->stored, 8);
    tt_le_put(p + 40, t->raw, 8);
    memcpy(p + TT_TTM_ENTRY_FIXED, t->name, n);
    return 0;
}

int tt_modelwriter_add(tt_modelwriter *w, const char *name, int type, size_t rows, size_t cols,
                       const float *data, int codec, tt_err *e) {
    if (w->err.code) return kept(w, e);
    tt_file_tensor t = {.name = name, .type = type, .rows = rows, .cols = cols};
    int rc = type == TT_TYPE_U8
                 ? tt_fail(&w->err, TT_EINTERNAL, "%s: %s: bytes are not numbers", w->path, name)
                 : begin(w, &t, codec);
    if (!rc)
        rc = codec == TT_CODEC_DEFLATE ? deflate_floats(w, &t, data)
             : type == TT_TYPE_I8      ? store_i8(w, &t, data)
                                       : store_floats(w, &t, data);
    if (!rc) rc = end(w, &t);
    return rc ? kept(w, e) : 0;
}

int tt_modelwriter_bytes(tt_modelwriter *w, const char *name, const void *data, size_t size,
                         int codec, tt_err *e) {
    return tt_modelwriter_raw(w, name, TT_TYPE_U8, 1, size, data, codec, e);
}

int tt_modelwriter_raw(tt_modelwriter *w, const char *name, int type, size_t rows, size_t cols,
                       const void *raw, int codec, tt_err *e) {
    if (w->err.code) return kept(w, e);
    tt_file_tensor t = {.name = name, .type = type, .rows = rows, .cols = cols};
    int rc = begin(w, &t, codec);
    if (!rc && codec == TT_CODEC_DEFLATE) {
        rc = deflate_raw(w, &t, raw);
    } else if (!rc) {
        write_stored(w, &t, raw, t.raw);
        rc = w->err.code;
    }
    if (!rc) rc = end(w, &t);
    return rc ? kept(w, e) : 0;
}

/* ---- finish ---------------------------------------------------------------------------------- */

static uint32_t write_list(tt_modelwriter *w, const list *l, uint32_t crc) {
    for (size_t i = 0; i < l->count; i++) {
        const record *r = &l->items[i];
        crc = (uint32_t)crc32_z(crc, (const Bytef *)r->bytes, r->size);
        tt_output_write(w->out, r->bytes, r->size, &w->err);
    }
    return crc;
}

static int entry_by_name(const void *a, const void *b) {
    const record *x = a, *y = b;
    if (x->size != y->size) return x->size < y->size ? -1 : 1;
    return memcmp(x->bytes + TT_TTM_ENTRY_FIXED, y->bytes + TT_TTM_ENTRY_FIXED,
                  x->size - TT_TTM_ENTRY_FIXED);
}

/* A file that the reader would refuse must not replace a good one. */
static void check_names(tt_modelwriter *w) {
    list *l = &w->entries;
    record *sorted = malloc((l->count + 1) * sizeof *sorted);
    if (!sorted) {
        no_memory(w, NULL);
        return;
    }
    if (l->count) memcpy(sorted, l->items, l->count * sizeof *sorted);
    qsort(sorted, l->count, sizeof *sorted, entry_by_name);
    for (size_t i = 1; i < l->count && !w->err.code; i++)
        if (entry_by_name(&sorted[i - 1], &sorted[i]) == 0)
            tt_fail(&w->err, TT_EINTERNAL, "%s: tensor %.*s is written twice", w->path,
                    (int)(sorted[i].size - TT_TTM_ENTRY_FIXED),
                    sorted[i].bytes + TT_TTM_ENTRY_FIXED);
    free(sorted);
}

static void write_end(tt_modelwriter *w) {
    uint64_t dir = tt_output_size(w->out);
    if (w->metas.count) qsort(w->metas.items, w->metas.count, sizeof *w->metas.items, order_by_key);
    uint32_t crc = write_list(w, &w->entries, write_list(w, &w->metas, 0));
    uint64_t size = tt_output_size(w->out);
    if (!w->err.code && size - dir > TT_TTM_DIRECTORY_MAX)
        tt_fail(&w->err, TT_EINTERNAL, "%s: too much metadata", w->path);

    unsigned char h[TT_TTM_HEADER] = {0};
    memcpy(h, TT_TTM_MAGIC, 8);
    tt_le_put(h + TT_TTM_AT_VERSION, TT_TTM_VERSION, 4);
    tt_le_put(h + TT_TTM_AT_SIZE, size, 8);
    tt_le_put(h + TT_TTM_AT_DIR, dir, 8);
    tt_le_put(h + TT_TTM_AT_DIR_SIZE, size - dir, 8);
    tt_le_put(h + TT_TTM_AT_METAS, w->metas.count, 4);
    tt_le_put(h + TT_TTM_AT_ENTRIES, w->entries.count, 4);
    tt_le_put(h + TT_TTM_AT_DIR_CRC, crc, 4);
    tt_le_put(h + TT_TTM_AT_CRC, crc32_z(0, h, TT_TTM_AT_CRC), 4);
    if (!w->err.code) tt_output_patch(w->out, 0, h, sizeof h, &w->err);
}

int tt_modelwriter_finish(tt_modelwriter *w, tt_err *e) {
    if (!w->err.code) check_names(w);
    if (!w->err.code) write_end(w);
    if (!w->err.code) {
        tt_output_finish(w->out, &w->err);
        w->out = NULL;
    }
    int rc = w->err.code ? kept(w, e) : 0;
    tt_modelwriter_abort(w);
    return rc;
}
