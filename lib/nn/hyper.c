/* hyper.c: see hyper.h. The rows of hyper.def become a table of names, offsets and ranges, and
 * everything below walks that table. The presets' sizes: tiny for tests and toys; small as the usual
 * low-resource setting; base and big as in Vaswani et al. 2017.
 */
#include "nn/hyper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_INT, ROW_REAL, ROW_NAME };

static const struct row {
    const char *name;
    int kind;
    size_t at;
    double def, low, high;
    const char *def_name, *names;
} rows[] = {
#define INT(field, name, def, low, high, help) {name, ROW_INT, offsetof(tt_hyper, field), def, low, high, NULL, NULL},
#define REAL(field, name, def, low, high, help) {name, ROW_REAL, offsetof(tt_hyper, field), def, low, high, NULL, NULL},
#define NAME(field, name, def, names, help) {name, ROW_NAME, offsetof(tt_hyper, field), 0, 0, 0, def, names},
#include "nn/hyper.def"
#undef INT
#undef REAL
#undef NAME
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* In the order of hyper.def's names. */
static const struct {
    int dim, heads, ffn, enc_layers, dec_layers;
} presets[] = {{128, 4, 512, 2, 2}, {256, 4, 1024, 3, 3}, {512, 8, 2048, 6, 6}, {1024, 16, 4096, 6, 6}};

/* The place of `word` (len) among "a|b|c", or -1. */
static int place(const char *names, const char *word, size_t len) {
    int i = 0;
    for (const char *p = names;; i++) {
        size_t n = strcspn(p, "|");
        if (n == len && !memcmp(p, word, n)) return i;
        if (!p[n]) return -1;
        p += n + 1;
    }
}

static int *int_at(tt_hyper *h, const struct row *r) {
    return (int *)(void *)((char *)h + r->at);
}

static double *real_at(tt_hyper *h, const struct row *r) {
    return (double *)(void *)((char *)h + r->at);
}

void tt_hyper_init(tt_hyper *h) {
    memset(h, 0, sizeof *h);
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        if (r->kind == ROW_INT) *int_at(h, r) = (int)r->def;
        else if (r->kind == ROW_REAL) *real_at(h, r) = r->def;
        else *int_at(h, r) = place(r->names, r->def_name, strlen(r->def_name));
    }
}

int tt_hyper_set(tt_hyper *h, const char *name, const char *value, tt_err *e) {
    const struct row *r = rows;
    while (r < rows + ROWS && strcmp(r->name, name) != 0) r++;
    if (r == rows + ROWS) return tt_fail(e, TT_EUSAGE, "no model setting is called '%s'", name);
    if (r->kind == ROW_NAME) {
        int at = place(r->names, value, strlen(value));
        if (at < 0) return tt_fail(e, TT_EUSAGE, "%s: '%s' is none of %s", name, value, r->names);
        *int_at(h, r) = at;
        return 0;
    }
    char *end;
    errno = 0;
    double x = strtod(value, &end);
    if (end == value || *end || errno || !(x >= r->low && x <= r->high) || (r->kind == ROW_INT && x != (int)x))
        return tt_fail(e, TT_EUSAGE, "%s: '%s' is not a%s number from %g to %g", name, value,
                       r->kind == ROW_INT ? " whole" : "", r->low, r->high);
    if (r->kind == ROW_INT) *int_at(h, r) = (int)x;
    else *real_at(h, r) = x;
    return 0;
}

static int check(const tt_hyper *h, tt_err *e) {
    if (h->dim % h->heads)
        return tt_fail(e, TT_ECONFIG, "--heads %d does not divide --dim %d", h->heads, h->dim);
    if (h->dim % 2) return tt_fail(e, TT_ECONFIG, "--dim %d is odd; positions need sines and cosines", h->dim);
    if (h->vocab < 2) return tt_fail(e, TT_ECONFIG, "a vocabulary of %d pieces is too small", h->vocab);
    return 0;
}

int tt_hyper_finish(tt_hyper *h, int vocab, tt_err *e) {
    if (h->dim < 0) h->dim = presets[h->preset].dim;
    if (h->heads < 0) h->heads = presets[h->preset].heads;
    if (h->ffn < 0) h->ffn = presets[h->preset].ffn;
    if (h->enc_layers < 0) h->enc_layers = presets[h->preset].enc_layers;
    if (h->dec_layers < 0) h->dec_layers = presets[h->preset].dec_layers;
    h->vocab = vocab;
    return check(h, e);
}

int tt_hyper_write(const tt_hyper *hyper, tt_modelwriter *w, tt_err *e) {
    tt_hyper copy = *hyper, *h = &copy;
    TT_TRY(tt_modelwriter_set(w, "model.type", "transformer", e));
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        char key[64], value[64];
        snprintf(key, sizeof key, "model.%s", r->name);
        if (r->kind == ROW_INT) {
            snprintf(value, sizeof value, "%d", *int_at(h, r));
        } else if (r->kind == ROW_REAL) {
            snprintf(value, sizeof value, "%.9g", *real_at(h, r));
        } else {
            const char *p = r->names;
            for (int i = *int_at(h, r); i > 0; i--) p += strcspn(p, "|") + 1;
            snprintf(value, sizeof value, "%.*s", (int)strcspn(p, "|"), p);
        }
        TT_TRY(tt_modelwriter_set(w, key, value, e));
    }
    char value[32];
    snprintf(value, sizeof value, "%d", h->vocab);
    return tt_modelwriter_set(w, "model.vocab", value, e);
}

int tt_hyper_read(tt_hyper *h, const tt_modelfile *mf, tt_err *e) {
    const char *name = tt_modelfile_name(mf), *type = tt_modelfile_get(mf, "model.type");
    if (!type || strcmp(type, "transformer") != 0)
        return tt_fail(e, TT_EFORMAT, "%s: holds no transformer (model.type is %s)", name, type ? type : "missing");
    tt_hyper_init(h);
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        char key[64];
        snprintf(key, sizeof key, "model.%s", r->name);
        const char *value = tt_modelfile_get(mf, key);
        if (!value) return tt_fail(e, TT_EFORMAT, "%s: setting %s is missing", name, key);
        if (tt_hyper_set(h, r->name, value, e)) {
            if (e) e->code = TT_EFORMAT;
            tt_err_context(e, "%s", name);
            return TT_EFORMAT;
        }
    }
    const char *v = tt_modelfile_get(mf, "model.vocab");
    char *end = NULL;
    long size = v ? strtol(v, &end, 10) : 0;
    if (!v || *end || size < 2 || size > 1 << 24)
        return tt_fail(e, TT_EFORMAT, "%s: setting model.vocab is %s", name, v ? v : "missing");
    h->vocab = (int)size;
    if (check(h, e)) {
        tt_err_context(e, "%s", name);
        if (e) e->code = TT_EFORMAT;
        return TT_EFORMAT;
    }
    return 0;
}
