/* convert.c: a model file written again with its weights stored another way; see
 * tt_modelfile_convert. What belongs to a training run alone (tensors optim/…, metadata run.…) is
 * left out, so that a checkpoint becomes a model. And how far the weights of the one are from those
 * of the other.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/keys.h"
#include "io/modelfile.h"

/* A short type cannot say how wrong a weight is that is beyond its range. */
static int check_range(const tt_modelfile *in, const tt_file_tensor *t, const float *x, int type,
                       tt_err *e) {
    const float end = type == TT_TYPE_F16    ? 65520.0f
                      : type == TT_TYPE_BF16 ? 0x1.ffp127f
                                             : INFINITY;
    for (size_t i = 0; i < t->rows * t->cols; i++) {
        if (fabsf(x[i]) < end) continue;
        return tt_fail(e, TT_EDATA, "%s: tensor %s, row %zu: %g is beyond the range of %s",
                       tt_modelfile_name(in), t->name, i / t->cols, (double)x[i],
                       tt_type_name(type));
    }
    return 0;
}

static int copy_entry(tt_modelwriter *w, const tt_modelfile *in, const tt_file_tensor *t, int type,
                      tt_err *e) {
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
        if (!rc && type != TT_TYPE_F32)
            rc = tt_modelfile_check_finite(in, t, room, 0, t->rows,
                                           !strcmp(t->name, TT_ENTRY_OUT_BIAS), e);
        if (!rc && as != TT_TYPE_F32) rc = check_range(in, t, room, as, e);
        if (!rc)
            rc = tt_modelwriter_add(w, t->name, as, t->rows, t->cols, room, TT_CODEC_DEFLATE, e);
    }
    free(room);
    return rc;
}

static bool is_noted(const char *key, const tt_modelfile_note *notes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(notes[i].key, key)) return true;
    return false;
}

int tt_modelfile_convert(const tt_modelfile *in, const char *path, int type,
                         const tt_modelfile_more *more, tt_err *e) {
    return tt_modelfile_convert_noted(in, path, type, more, NULL, 0, e);
}

int tt_modelfile_convert_noted(const tt_modelfile *in, const char *path, int type,
                               const tt_modelfile_more *more, const tt_modelfile_note *notes,
                               size_t n, tt_err *e) {
    static const tt_modelfile_more none;
    const struct {
        const char *name;
        tt_span bytes;
    } new[] = {{TT_ENTRY_SHORTLIST, more ? more->shortlist : none.shortlist},
               {TT_ENTRY_SPELLING, more ? more->spelling : none.spelling}};
    enum { NEW = sizeof new / sizeof *new };
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (!w) return e->code;
    int rc = 0;
    for (size_t i = 0; !rc && i < tt_modelfile_meta_count(in); i++) {
        const char *key, *value;
        tt_modelfile_meta(in, i, &key, &value);
        if (strncmp(key, TT_KEY_RUN, strlen(TT_KEY_RUN)) != 0 && !is_noted(key, notes, n))
            rc = tt_modelwriter_set(w, key, value, e);
    }
    for (size_t i = 0; !rc && i < n; i++)
        if (!is_noted(notes[i].key, notes + i + 1, n - i - 1)) /* the last one counts */
            rc = tt_modelwriter_set(w, notes[i].key, notes[i].value, e);
    for (size_t i = 0; !rc && i < tt_modelfile_count(in); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(in, i);
        bool replaced = false;
        for (int k = 0; k < NEW; k++)
            replaced = replaced || (new[k].bytes.text && !strcmp(t->name, new[k].name));
        if (!replaced && strncmp(t->name, TT_ENTRY_OPTIM, strlen(TT_ENTRY_OPTIM)) != 0)
            rc = copy_entry(w, in, t, type, e);
    }
    for (int k = 0; k < NEW && !rc; k++)
        if (new[k].bytes.text)
            rc = tt_modelwriter_bytes(w, new[k].name, new[k].bytes.text, new[k].bytes.len,
                                      TT_CODEC_DEFLATE, e);
    if (rc) {
        tt_modelwriter_abort(w);
        return rc;
    }
    return tt_modelwriter_finish(w, e);
}

static void add_row(tt_change *c, double *sums, size_t row, const float *x, const float *y,
                    size_t n) {
    double off = 0.0, all = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double d = (double)y[i] - (double)x[i];
        off += d * d;
        all += (double)x[i] * (double)x[i];
    }
    const double error = off > 0.0 ? sqrt(off / all) : 0.0;
    sums[0] += off;
    sums[1] += all;
    if (error > c->worst) c->worst = error, c->row = row;
}

int tt_modelfile_change(tt_change *c, const tt_modelfile *a, const tt_file_tensor *t,
                        const tt_modelfile *b, const tt_file_tensor *u, tt_err *e) {
    *c = (tt_change){0};
    if (t->rows != u->rows || t->cols != u->cols)
        return tt_fail(e, TT_EFORMAT, "%s: tensor %s has another shape than in %s",
                       tt_modelfile_name(b), u->name, tt_modelfile_name(a));
    const size_t n = t->rows * t->cols;
    float *x = malloc((n + 1) * sizeof *x), *y = malloc((n + 1) * sizeof *y);
    int rc = x && y ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for tensor %s", t->name);
    if (!rc) rc = tt_modelfile_read_f32(a, t, x, e);
    if (!rc) rc = tt_modelfile_read_f32(b, u, y, e);
    double sums[2] = {0};
    for (size_t r = 0; !rc && r < t->rows; r++)
        add_row(c, sums, r, x + r * t->cols, y + r * t->cols, t->cols);
    if (sums[0] > 0.0) c->error = sqrt(sums[0] / sums[1]);
    free(x);
    free(y);
    return rc;
}
