/* average.c: the mean of several models; see tt_modelfile_average. Weights of one run's last
 * checkpoints, or of runs that began with the same weights, lie so near each other that their mean
 * is a model, and mostly a better one than each (Junczys-Dowmunt et al. 2016).
 *
 * Numbers are summed in double, in the order of the files. One tensor is in memory at a time.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/keys.h"
#include "nn/hyper.h"

/* Tensors and metadata of a training run are no part of a model. */
static bool is_of_run(const char *name) {
    return !strncmp(name, TT_ENTRY_OPTIM, strlen(TT_ENTRY_OPTIM)) ||
           !strncmp(name, TT_KEY_RUN, strlen(TT_KEY_RUN));
}

/* Notes on how a model came about may differ, and settings that only training reads. */
static bool is_setting(const char *key) {
    tt_hyper h;
    tt_hyper_setting s;
    tt_hyper_init(&h);
    if (is_of_run(key) || !strncmp(key, "train.", 6)) return false;
    return strncmp(key, "model.", 6) != 0 || !tt_hyper_get(&h, key + 6, &s) ||
           s.class != TT_HYPER_TRAIN;
}

/* The settings of a that b lacks or has otherwise. */
static int check_settings(const tt_modelfile *a, const tt_modelfile *b, tt_err *e) {
    const char *key, *value;
    for (size_t i = 0; i < tt_modelfile_meta_count(a); i++) {
        tt_modelfile_meta(a, i, &key, &value);
        const char *other = tt_modelfile_get(b, key);
        if (!is_setting(key) || (other && !strcmp(value, other))) continue;
        if (!other)
            return tt_fail(e, TT_ECONFIG, "%s has %s=%.60s, and %s has no %s", tt_modelfile_name(a),
                           key, value, tt_modelfile_name(b), key);
        return tt_fail(e, TT_ECONFIG, "%s has %s=%.60s, and %s %s=%.60s", tt_modelfile_name(a), key,
                       value, tt_modelfile_name(b), key, other);
    }
    return 0;
}

static int check_bytes(const tt_modelfile *a, const tt_file_tensor *t, const tt_modelfile *b,
                       const tt_file_tensor *u, tt_err *e) {
    char *x = malloc(t->raw + 1), *y = malloc(u->raw + 1);
    int rc = x && y ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for %s", t->name);
    if (!rc) rc = tt_modelfile_read(a, t, x, e);
    if (!rc) rc = tt_modelfile_read(b, u, y, e);
    if (!rc && (t->raw != u->raw || memcmp(x, y, t->raw) != 0))
        rc = tt_fail(e, TT_ECONFIG, "%s and %s differ in %s", tt_modelfile_name(a),
                     tt_modelfile_name(b), t->name);
    free(x);
    free(y);
    return rc;
}

/* The entries of a that b lacks or has in another shape; bytes, as of vocabularies, must be the
 * same. */
static int check_entries(const tt_modelfile *a, const tt_modelfile *b, tt_err *e) {
    for (size_t i = 0; i < tt_modelfile_count(a); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(a, i), *u = tt_modelfile_find(b, t->name);
        if (is_of_run(t->name)) continue;
        if (!u)
            return tt_fail(e, TT_ECONFIG, "%s has %s, and %s has not", tt_modelfile_name(a),
                           t->name, tt_modelfile_name(b));
        if ((t->type == TT_TYPE_U8) != (u->type == TT_TYPE_U8) ||
            (t->type != TT_TYPE_U8 && (t->rows != u->rows || t->cols != u->cols)))
            return tt_fail(e, TT_ECONFIG, "%s is (%zu, %zu) in %s, and (%zu, %zu) in %s", t->name,
                           t->rows, t->cols, tt_modelfile_name(a), u->rows, u->cols,
                           tt_modelfile_name(b));
        if (t->type == TT_TYPE_U8) TT_TRY(check_bytes(a, t, b, u, e));
    }
    return 0;
}

static int add_tensor(double *sum, float *x, const tt_modelfile *mf, const char *name, tt_err *e) {
    const tt_file_tensor *t = tt_modelfile_find(mf, name);
    TT_TRY(tt_modelfile_read_f32(mf, t, x, e));
    TT_TRY(tt_modelfile_check_finite(mf, t, x, 0, t->rows, !strcmp(t->name, TT_ENTRY_OUT_BIAS), e));
    for (size_t i = 0; i < t->rows * t->cols; i++) sum[i] += (double)x[i];
    return 0;
}

static int write_tensor(tt_modelwriter *w, tt_modelfile *const *in, size_t n,
                        const tt_file_tensor *t, tt_err *e) {
    const size_t numbers = t->rows * t->cols;
    double *sum = calloc(numbers + 1, sizeof *sum);
    float *x = malloc((numbers + 1) * sizeof *x);
    int rc = sum && x ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for tensor %s", t->name);
    for (size_t k = 0; !rc && k < n; k++) rc = add_tensor(sum, x, in[k], t->name, e);
    for (size_t i = 0; !rc && i < numbers; i++) x[i] = (float)(sum[i] / (double)n);
    if (!rc)
        rc = tt_modelwriter_add(w, t->name, TT_TYPE_F32, t->rows, t->cols, x, TT_CODEC_DEFLATE, e);
    free(sum);
    free(x);
    return rc;
}

static int write_bytes(tt_modelwriter *w, const tt_modelfile *in, const tt_file_tensor *t,
                       tt_err *e) {
    char *bytes = malloc(t->raw + 1);
    if (!bytes) return tt_fail(e, TT_ENOMEM, "out of memory for %s", t->name);
    int rc = tt_modelfile_read(in, t, bytes, e);
    if (!rc) rc = tt_modelwriter_bytes(w, t->name, bytes, t->raw, TT_CODEC_DEFLATE, e);
    free(bytes);
    return rc;
}

/* A note that all have alike is true of the mean, too. */
static bool is_common(tt_modelfile *const *in, size_t n, const char *key, const char *value) {
    for (size_t k = 1; k < n; k++) {
        const char *other = tt_modelfile_get(in[k], key);
        if (!other || strcmp(value, other) != 0) return false;
    }
    return true;
}

static int write_all(tt_modelwriter *w, tt_modelfile *const *in, size_t n, tt_err *e) {
    char text[24];
    for (size_t i = 0; i < tt_modelfile_meta_count(in[0]); i++) {
        const char *key, *value;
        tt_modelfile_meta(in[0], i, &key, &value);
        if (!is_of_run(key) && is_common(in, n, key, value))
            TT_TRY(tt_modelwriter_set(w, key, value, e));
    }
    snprintf(text, sizeof text, "%zu", n);
    TT_TRY(tt_modelwriter_set(w, "train.averaged", text, e));
    for (size_t i = 0; i < tt_modelfile_count(in[0]); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(in[0], i);
        if (is_of_run(t->name)) continue;
        TT_TRY(t->type == TT_TYPE_U8 ? write_bytes(w, in[0], t, e) : write_tensor(w, in, n, t, e));
    }
    return 0;
}

int tt_modelfile_average(tt_modelfile *const *in, size_t n, const char *path, tt_err *e) {
    for (size_t k = 1; k < n; k++) {
        TT_TRY(check_settings(in[0], in[k], e));
        TT_TRY(check_settings(in[k], in[0], e));
        TT_TRY(check_entries(in[0], in[k], e));
        TT_TRY(check_entries(in[k], in[0], e));
    }
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (!w) return e->code;
    int rc = write_all(w, in, n, e);
    if (rc) {
        tt_modelwriter_abort(w);
        return rc;
    }
    return tt_modelwriter_finish(w, e);
}
