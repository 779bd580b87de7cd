/* port.c: see port.h. What several formats need when a model comes in. */
#include "port/port.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int tt_port_set(tt_port *p, const char *name, const char *value, tt_err *e) {
    if (!tt_hyper_set(&p->h, name, value, e)) return 0;
    e->code = TT_EFORMAT;
    tt_err_context(e, "%s", p->file);
    return TT_EFORMAT;
}

int tt_port_set_number(tt_port *p, const char *name, long value, tt_err *e) {
    char text[32];
    snprintf(text, sizeof text, "%ld", value);
    return tt_port_set(p, name, text, e);
}

int tt_port_note(tt_port *p, const char *key, const char *value, tt_err *e) {
    char *copy = tt_arena_text(p->arena, value, strlen(value));
    if (!copy || p->metas == TT_PORT_METAS)
        return tt_fail(e, TT_ENOMEM, "out of memory for %s", key);
    p->meta[p->metas].key = key;
    p->meta[p->metas++].value = copy;
    return 0;
}

int tt_port_text_open(tt_port_text *t, size_t room, tt_arena *a, tt_err *e) {
    *t = (tt_port_text){.s = tt_arena_zero(a, room), .room = room};
    return t->s ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for %zu bytes of settings", room);
}

void tt_port_say(tt_port_text *t, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(t->s + t->n, t->room - t->n, fmt, args);
    va_end(args);
    t->full = t->full || n < 0 || (size_t)n >= t->room - t->n;
    if (t->full) t->s[t->n] = 0;
    else t->n += (size_t)n;
}

const char *tt_port_bool(int x) { return x ? "true" : "false"; }

int tt_port_finish(tt_port *p, size_t vocab, size_t target_vocab, tt_err *e) {
    enum { VOCAB_MOST = 1 << 24 };
    if (vocab > VOCAB_MOST || target_vocab > VOCAB_MOST)
        return tt_fail(e, TT_EFORMAT, "%s: more than %d embeddings", p->file, (int)VOCAB_MOST);
    int rc = tt_hyper_finish(&p->h, (int)vocab, e);
    p->h.tgt_vocab = (int)target_vocab;
    if (!rc && p->h.start >= p->h.tgt_vocab)
        rc = tt_fail(e, TT_EFORMAT, "decoding starts from token %d, there are %d", p->h.start,
                     p->h.tgt_vocab);
    if (!rc && p->h.heads * (p->h.dim / p->h.heads) != p->h.dim)
        rc = tt_fail(e, TT_EFORMAT, "the heads do not divide the width");
    if (!rc) return 0;
    e->code = TT_EFORMAT;
    tt_err_context(e, "%s", p->file);
    return TT_EFORMAT;
}

static bool same(const tt_array *a, const tt_array *b) {
    if (a == b) return true;
    if (a->type != b->type || a->size != b->size || a->rank != b->rank || a->scales != b->scales)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i]) return false;
    if (a->scales && memcmp(a->scale, b->scale, a->scales * sizeof(float))) return false;
    return a->data == b->data || !memcmp(a->data, b->data, a->size);
}

int tt_port_tables(tt_port *p, tt_array *source, tt_array *target, tt_array *output, tt_err *e) {
    bool out = same(target, output), all = out && same(source, target);
    const char *names[3] = {all ? "emb" : "src.emb", all ? NULL : "tgt.emb", out ? NULL : "out.w"};
    tt_array from[3] = {*source, *target, *output};
    source->used = target->used = output->used = true;
    TT_TRY(tt_port_set(p, "tied", all ? "all" : out ? "decoder" : "none", e));
    for (int i = 0; i < 3; i++) {
        from[i].name = names[i];
        from[i].used = false;
        if (names[i]) TT_TRY(tt_arrays_add(&p->arrays, &from[i], e));
    }
    return tt_arrays_sort(&p->arrays, e);
}

static bool follows(const tt_array *x, double steps) {
    const double close = 1e-4; /* other programs compute their tables in 32 bits */
    size_t half = x->dim[1] / 2;
    for (size_t t = 0; t < x->dim[0]; t++)
        for (size_t i = 0; i < half; i++) {
            double angle = (double)t * (steps > 0 ? exp(-log(10000.0) * (double)i / steps) : 1.0);
            size_t at = t * x->dim[1] + i;
            if (fabs(tt_array_number(x, at) - sin(angle)) > close) return false;
            if (fabs(tt_array_number(x, at + half) - cos(angle)) > close) return false;
        }
    return true;
}

int tt_port_positions(tt_port *p, tt_array *enc, tt_array *dec, tt_err *e) {
    if (!enc || !dec || enc->size != dec->size || memcmp(enc->data, dec->data, enc->size) != 0)
        return tt_fail(e, TT_EFORMAT,
                       "%s: encoder and decoder have different tables of positions, expected one",
                       p->file);
    enc->used = dec->used = true;
    size_t half = enc->rank == 2 ? enc->dim[1] / 2 : 0;
    bool plain = !enc->scale && enc->type <= TT_ARRAY_F64;
    if (!half || !plain || enc->dim[1] % 2)
        return tt_fail(e, TT_EFORMAT, "%s: the table of positions has a strange shape or type",
                       p->file);
    bool marian = follows(enc, (double)half - 1), paper = !marian && follows(enc, (double)half);
    TT_TRY(tt_port_set(p, "positions", marian ? "marian" : paper ? "vaswani" : "learned", e));
    TT_TRY(tt_port_set_number(p, "max-positions", (long)enc->dim[0], e));
    if (marian || paper) return 0;
    tt_array copy = *enc;
    copy.name = "pos";
    copy.used = false;
    TT_TRY(tt_arrays_add(&p->arrays, &copy, e));
    return tt_arrays_sort(&p->arrays, e);
}

float *tt_port_array(tt_port *p, const char *name, size_t rows, size_t cols, tt_err *e) {
    float *data = tt_arena_alloc(p->arena, rows * cols * sizeof *data);
    tt_array x = {.name = name,
                  .type = TT_ARRAY_F32,
                  .rank = 2,
                  .dim = {rows, cols},
                  .size = rows * cols * sizeof *data};
    x.data = (unsigned char *)data;
    if (!data) {
        tt_fail(e, TT_ENOMEM, "%s: out of memory for %s", p->file, name);
        return NULL;
    }
    return tt_arrays_add(&p->arrays, &x, e) ? NULL : data;
}

int tt_port_add_positions(tt_port *p, const tt_modelfile *mf, const char *const names[2],
                          tt_err *e) {
    for (size_t i = 0; i < p->arrays.count; i++)
        if (!strcmp(p->arrays.item[i].name, "pos"))
            p->arrays.item[i] = p->arrays.item[--p->arrays.count];
    size_t rows = (size_t)p->h.max_length, cols = (size_t)p->h.dim;
    float *data = tt_port_array(p, names[0], rows, cols, e);
    tt_model *m;
    if (!data) return e->code;
    memset(data, 0, rows * cols * sizeof *data);
    if (p->h.positions == TT_POSITIONS_LEARNED) {
        const tt_file_tensor *t = tt_modelfile_find(mf, "pos");
        if (!t || t->rows != rows || t->cols != cols)
            return tt_fail(e, TT_EFORMAT, "%s: tensor pos is missing", p->file);
        TT_TRY(tt_modelfile_read_f32(mf, t, data, e));
    } else if (p->h.positions != TT_POSITIONS_NONE) {
        TT_TRY(tt_model_open(&m, &p->h, NULL, NULL, e));
        int rc = tt_model_place(m, e);
        if (!rc) memcpy(data, m->positions->data, rows * cols * sizeof *data);
        tt_model_close(m);
        TT_TRY(rc);
    }
    tt_array again = p->arrays.item[p->arrays.count - 1];
    again.name = names[1];
    return tt_arrays_add(&p->arrays, &again, e);
}
