/* convert.c: a model file written again with its weights stored another way; see tt_modelfile_convert. What
 * belongs to a training run alone (tensors optim/…, metadata run.…) is left out, so that a checkpoint
 * becomes a model.
 */
#include <stdlib.h>
#include <string.h>

#include "io/modelfile.h"

static int copy_entry(tt_modelwriter *w, const tt_modelfile *in, const tt_entry *t, int type, tt_err *e) {
    size_t numbers = t->rows * t->cols;
    void *room = malloc(t->type == TT_TYPE_U8 ? t->raw + 1 : (numbers + 1) * sizeof(float));
    if (!room) return tt_fail(e, TT_ENOMEM, "out of memory for tensor %s", t->name);
    int rc;
    if (t->type == TT_TYPE_U8) {
        rc = tt_modelfile_read(in, t, room, e);
        if (!rc) rc = tt_modelwriter_bytes(w, t->name, room, t->raw, TT_CODEC_DEFLATE, e);
    } else {
        rc = tt_modelfile_read_f32(in, t, room, e);
        int as = t->rows > 1 ? type : TT_TYPE_F32; /* biases and gains are small and matter much */
        if (!rc) rc = tt_modelwriter_add(w, t->name, as, t->rows, t->cols, room, TT_CODEC_DEFLATE, e);
    }
    free(room);
    return rc;
}

int tt_modelfile_convert(const tt_modelfile *in, const char *path, int type, tt_err *e) {
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (!w) return e->code;
    int rc = 0;
    for (size_t i = 0; !rc && i < tt_modelfile_meta_count(in); i++) {
        const char *key, *value;
        tt_modelfile_meta(in, i, &key, &value);
        if (strncmp(key, "run.", 4) != 0) rc = tt_modelwriter_set(w, key, value, e);
    }
    for (size_t i = 0; !rc && i < tt_modelfile_count(in); i++) {
        const tt_entry *t = tt_modelfile_entry(in, i);
        if (strncmp(t->name, "optim/", 6) != 0) rc = copy_entry(w, in, t, type, e);
    }
    if (rc) {
        tt_modelwriter_abort(w);
        return rc;
    }
    return tt_modelwriter_finish(w, e);
}
