/* f_modelfile: whatever the bytes are, the reader of model files opens them or refuses them with
 * one line; what it opened can be looked up, read and converted without leaving the bounds.
 *
 * Each input is tried as it is and with all its checksums made right, or random changes would never
 * get past the first of them.
 */
#include "fuzz/holds.h"
#include "io/modeldata.h"
#include "io/modelfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MOST = 1 << 20 }; /* bytes read of one tensor: enough to see a wrong bound */

static void read_entry(const tt_modelfile *mf, const tt_entry *t) {
    HOLDS(tt_modelfile_find(mf, t->name) == t);
    HOLDS(t->offset <= tt_modelfile_size(mf) && t->stored <= tt_modelfile_size(mf) - t->offset);
    if (t->raw > MOST || t->rows * t->cols > MOST) return;
    tt_err e = {0};
    size_t n = t->rows * t->cols;
    unsigned char *raw = malloc(t->raw > 0 ? t->raw : 1); /* of exactly the size that is needed */
    float *x = malloc((n > 0 ? n : 1) * sizeof *x);
    HOLDS(raw && x);
    int rc = tt_modelfile_read(mf, t, raw, &e), rc_f32 = tt_modelfile_read_f32(mf, t, x, &e);
    HOLDS(rc == 0 || rc == TT_EFORMAT || rc == TT_EDATA); /* TT_EDATA: a number that is none */
    HOLDS(rc_f32 == rc || rc_f32 == TT_EDATA || t->type == TT_TYPE_U8);
    const void *map = tt_modelfile_map(mf, t);
    HOLDS(!map || rc || !memcmp(map, raw, t->raw));
    HOLDS(rc || t->type != TT_TYPE_F32 || !memcmp(x, raw, t->raw));
    free(raw);
    free(x);
}

static void open_bytes(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_modelfile *mf = tt_modelfile_open_memory(data, size, "input", &e);
    if (!mf) {
        HOLDS(e.code == TT_EFORMAT && e.msg[0] && !strchr(e.msg, '\n'));
        return;
    }
    for (size_t i = 0; i < tt_modelfile_meta_count(mf); i++) {
        const char *key, *value;
        tt_modelfile_meta(mf, i, &key, &value);
        HOLDS(tt_modelfile_get(mf, key) == value);
    }
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) read_entry(mf, tt_modelfile_entry(mf, i));
    tt_modelfile_close(mf);
}

/* Makes the checksums of entries, directory and header right, as far as the bytes lie inside. */
static void seal(uint8_t *p, size_t size) {
    uint64_t dir = tt_le_get(p + TT_TTM_AT_DIR, 8), dir_size = tt_le_get(p + TT_TTM_AT_DIR_SIZE, 8);
    uint64_t metas = tt_le_get(p + TT_TTM_AT_METAS, 4);
    uint64_t entries = tt_le_get(p + TT_TTM_AT_ENTRIES, 4);
    if (dir > size || dir_size > size - dir) return;
    uint64_t at = dir, end = dir + dir_size;
    for (; metas > 0 && end - at >= TT_TTM_META_FIXED; metas--) {
        uint64_t len = TT_TTM_META_FIXED + tt_le_get(p + at, 2) + tt_le_get(p + at + 2, 4);
        at = len < end - at ? at + len : end;
    }
    for (; entries > 0 && end - at >= TT_TTM_ENTRY_FIXED; entries--) {
        uint64_t from = tt_le_get(p + at + 24, 8), stored = tt_le_get(p + at + 32, 8);
        if (from <= size && stored <= size - from)
            tt_le_put(p + at + 4, crc32_z(0, p + from, (size_t)stored), 4);
        uint64_t len = TT_TTM_ENTRY_FIXED + tt_le_get(p + at + 2, 2);
        at = len < end - at ? at + len : end;
    }
    tt_le_put(p + TT_TTM_AT_DIR_CRC, crc32_z(0, p + dir, (size_t)dir_size), 4);
    tt_le_put(p + TT_TTM_AT_CRC, crc32_z(0, p, TT_TTM_AT_CRC), 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_bytes(data, size);
    if (size < TT_TTM_HEADER) return 0;
    uint8_t *copy = malloc(size);
    HOLDS(copy);
    memcpy(copy, data, size);
    memcpy(copy, TT_TTM_MAGIC, 8);
    tt_le_put(copy + TT_TTM_AT_SIZE, size, 8);
    seal(copy, size);
    open_bytes(copy, size);
    free(copy);
    return 0;
}
