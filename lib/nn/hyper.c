/* hyper.c: see hyper.h. The rows of hyper.def become a table of names, offsets and ranges, and
 * everything below walks that table. The presets' sizes: tiny for tests and toys; small as the usual
 * low-resource setting; base and big as in Vaswani et al. 2017; student as the tiny students of Kim et al. 2019.
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
    int dim, heads, ffn, enc_layers, dec_layers, autoreg;
} presets[] = {{128, 4, 512, 2, 2, TT_AUTOREG_ATTENTION},
               {256, 4, 1024, 3, 3, TT_AUTOREG_ATTENTION},
               {512, 8, 2048, 6, 6, TT_AUTOREG_ATTENTION},
               {1024, 16, 4096, 6, 6, TT_AUTOREG_ATTENTION},
               {256, 8, 1536, 6, 2, TT_AUTOREG_SSRU}};

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
        else *int_at(h, r) = place(r->names, r->def_name, strlen(r->def_name)); /* "": -1 */
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
    if (h->vocab < 2 || h->tgt_vocab < 2)
        return tt_fail(e, TT_ECONFIG, "a vocabulary of %d pieces is too small", h->vocab < 2 ? h->vocab : h->tgt_vocab);
    if (h->tied == TT_TIED_ALL && h->vocab != h->tgt_vocab)
        return tt_fail(e, TT_ECONFIG, "--tied all needs one vocabulary, not two of %d and %d pieces", h->vocab, h->tgt_vocab);
    if (h->start >= h->tgt_vocab)
        return tt_fail(e, TT_ECONFIG, "--start-token %d: the vocabulary has %d pieces", h->start, h->tgt_vocab);
    if (h->align_layer >= h->dec_layers)
        return tt_fail(e, TT_ECONFIG, "--alignment-layer %d: the decoder has layers 0 to %d", h->align_layer, h->dec_layers - 1);
    if (h->align_head >= h->heads)
        return tt_fail(e, TT_ECONFIG, "--alignment-head %d: a layer has heads 0 to %d", h->align_head, h->heads - 1);
    return 0;
}

int tt_hyper_top_norm(const tt_hyper *h) {
    return h->top_norm == TT_TOP_NORM_AUTO ? h->norm == TT_NORM_PRE : h->top_norm == TT_TOP_NORM_YES;
}

int tt_hyper_sines(const tt_hyper *h) {
    return h->positions == TT_POSITIONS_MARIAN || h->positions == TT_POSITIONS_VASWANI;
}

int tt_hyper_dec_ffn(const tt_hyper *h) {
    return h->dec_ffn ? h->dec_ffn : h->ffn;
}

int tt_hyper_finish(tt_hyper *h, int vocab, tt_err *e) {
    if (h->dim < 0) h->dim = presets[h->preset].dim;
    if (h->heads < 0) h->heads = presets[h->preset].heads;
    if (h->ffn < 0) h->ffn = presets[h->preset].ffn;
    if (h->enc_layers < 0) h->enc_layers = presets[h->preset].enc_layers;
    if (h->dec_layers < 0) h->dec_layers = presets[h->preset].dec_layers;
    if (h->autoreg < 0) h->autoreg = presets[h->preset].autoreg;
    h->vocab = h->tgt_vocab = vocab;
    return check(h, e);
}

/* The value of a row as it stands in a file. */
static void row_text(char *value, size_t cap, tt_hyper *h, const struct row *r) {
    if (r->kind == ROW_INT) {
        snprintf(value, cap, "%d", *int_at(h, r));
    } else if (r->kind == ROW_REAL) {
        snprintf(value, cap, "%.9g", *real_at(h, r));
    } else {
        const char *p = r->names;
        for (int i = *int_at(h, r); i > 0; i--) p += strcspn(p, "|") + 1;
        snprintf(value, cap, "%.*s", (int)strcspn(p, "|"), p);
    }
}

int tt_hyper_differ(const tt_hyper *a, const tt_hyper *b, char *was, char *is, size_t cap) {
    tt_hyper x = *a, y = *b;
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        char one[64], other[64];
        row_text(one, sizeof one, &x, r);
        row_text(other, sizeof other, &y, r);
        if (!strcmp(one, other) || r->at == offsetof(tt_hyper, preset)) continue; /* a preset only fills in the others */
        snprintf(was, cap, "%s=%s", r->name, one);
        snprintf(is, cap, "%s=%s", r->name, other);
        return 1;
    }
    snprintf(was, cap, "vocab=%d", a->vocab);
    snprintf(is, cap, "vocab=%d", b->vocab);
    return a->vocab != b->vocab || a->tgt_vocab != b->tgt_vocab;
}

int tt_hyper_write(const tt_hyper *hyper, tt_modelwriter *w, tt_err *e) {
    tt_hyper copy = *hyper, *h = &copy;
    TT_TRY(tt_modelwriter_set(w, "model.type", "transformer", e));
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        char key[64], value[64];
        snprintf(key, sizeof key, "model.%s", r->name);
        row_text(value, sizeof value, h, r);
        TT_TRY(tt_modelwriter_set(w, key, value, e));
    }
    char value[32];
    snprintf(value, sizeof value, "%d", h->vocab);
    TT_TRY(tt_modelwriter_set(w, "model.vocab", value, e));
    if (h->tgt_vocab == h->vocab) return 0;
    snprintf(value, sizeof value, "%d", h->tgt_vocab);
    return tt_modelwriter_set(w, "model.target-vocab", value, e);
}

/* One setting, from the file or by default. */
static int read_row(tt_hyper *h, const struct row *r, const tt_modelfile *mf, tt_err *e) {
    char key[64];
    snprintf(key, sizeof key, "model.%s", r->name);
    const char *name = tt_modelfile_name(mf), *value = tt_modelfile_get(mf, key);
    if (!value) {
        int by_preset = r->kind == ROW_INT ? r->def < r->low : r->kind == ROW_NAME && *int_at(h, r) < 0;
        if (!by_preset) return 0;
        if (r->at == offsetof(tt_hyper, autoreg)) {
            h->autoreg = TT_AUTOREG_ATTENTION; /* a file older than the setting */
            return 0;
        }
        return tt_fail(e, TT_EFORMAT, "%s: setting %s is missing", name, key);
    }
    if (!tt_hyper_set(h, r->name, value, e)) return 0;
    if (e) e->code = TT_EFORMAT;
    tt_err_context(e, "%s", name);
    return TT_EFORMAT;
}

/* A setting of a later version would change what the model computes: it must not be passed over. */
static int check_known(const tt_modelfile *mf, tt_err *e) {
    static const char *const others[] = {"type", "vocab", "target-vocab"};
    for (size_t i = 0; i < tt_modelfile_meta_count(mf); i++) {
        const char *key, *value;
        tt_modelfile_meta(mf, i, &key, &value);
        if (strncmp(key, "model.", 6) != 0) continue;
        int known = 0;
        for (const struct row *r = rows; r < rows + ROWS; r++) known |= !strcmp(key + 6, r->name);
        for (size_t j = 0; j < sizeof others / sizeof others[0]; j++) known |= !strcmp(key + 6, others[j]);
        if (!known)
            return tt_fail(e, TT_EFORMAT, "%s: setting %s is unknown; a newer ttrans made this model", tt_modelfile_name(mf), key);
    }
    return 0;
}

static int read_size(const tt_modelfile *mf, const char *key, const char *missing, int *size, tt_err *e) {
    const char *v = tt_modelfile_get(mf, key);
    if (!v) v = missing;
    char *end = NULL;
    long n = v ? strtol(v, &end, 10) : 0;
    if (!v || *end || n < 2 || n > 1 << 24)
        return tt_fail(e, TT_EFORMAT, "%s: setting %s is %s", tt_modelfile_name(mf), key, v ? v : "missing");
    *size = (int)n;
    return 0;
}

int tt_hyper_read(tt_hyper *h, const tt_modelfile *mf, tt_err *e) {
    const char *name = tt_modelfile_name(mf), *type = tt_modelfile_get(mf, "model.type");
    if (!type || strcmp(type, "transformer") != 0)
        return tt_fail(e, TT_EFORMAT, "%s: holds no transformer (model.type is %s)", name, type ? type : "missing");
    tt_hyper_init(h);
    TT_TRY(check_known(mf, e));
    for (const struct row *r = rows; r < rows + ROWS; r++) TT_TRY(read_row(h, r, mf, e));
    const char *vocab = tt_modelfile_get(mf, "model.vocab");
    TT_TRY(read_size(mf, "model.vocab", NULL, &h->vocab, e));
    TT_TRY(read_size(mf, "model.target-vocab", vocab, &h->tgt_vocab, e));
    if (check(h, e)) {
        tt_err_context(e, "%s", name);
        if (e) e->code = TT_EFORMAT;
        return TT_EFORMAT;
    }
    return 0;
}
