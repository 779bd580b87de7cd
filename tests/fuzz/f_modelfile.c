/* f_modelfile: whatever the bytes are, the reader of model files opens them or refuses them with
 * one line; what it opened can be looked up, read and converted without leaving the bounds.
 *
 * Each input is tried as it is and with all its checksums made right, or random changes would never
 * get past the first of them.
 */
#include "fuzz/holds.h"
#include "fuzz/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 20 }; /* bytes read of one tensor: enough to see a wrong bound */

static void read_entry(const tt_modelfile *mf, const tt_file_tensor *t) {
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_bytes(data, size);
    if (size < TT_TTM_HEADER) return 0;
    uint8_t *copy = malloc(size);
    HOLDS(copy);
    memcpy(copy, data, size);
    seal_model(copy, size);
    open_bytes(copy, size);
    free(copy);
    return 0;
}
