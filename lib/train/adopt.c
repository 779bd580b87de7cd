/* adopt.c: see adopt.h. */
#include "train/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "train/names.h"

struct adopting {
    const tt_modelfile *from;
    const tt_adoption *how;
    tt_adopted *told;
    tt_model *m;
    int *source; /* (pieces now, SPELT_MOST): ids of the old vocabulary, -1 behind them */
    tt_err *e;
    int rc;
};

enum { SPELT_MOST = 16 /* a longer spelling says little of a piece */ };

/* The old ids that stand for piece i: its own, or those that spell it. */
static int find_source(const tt_adoption *how, int i, int *source, tt_arena *a, tt_err *e) {
    size_t len, n = 0, text_len;
    int32_t *ids, id = i;
    char *text;
    const char *piece = tt_vocab_piece_at(how->now, i, &len);
    source[0] = piece ? tt_vocab_find(how->old, piece, len) : -1;
    source[1] = -1;
    if (source[0] >= 0 || !piece || tt_vocab_is_control(how->now, i)) return 0;
    TT_TRY(tt_vocab_decode(how->now, &id, 1, a, &text, &text_len, e));
    TT_TRY(tt_vocab_encode(how->old, text, text_len, 0, a, &ids, &n, e));
    for (size_t k = 0; k < n && k < SPELT_MOST; k++) source[k] = ids[k];
    if (n < SPELT_MOST) source[n] = -1;
    return 0;
}

static int list_sources(struct adopting *x) {
    const tt_adoption *how = x->how;
    const int n = tt_vocab_size(how->now);
    x->source = calloc((size_t)n * SPELT_MOST, sizeof *x->source);
    tt_arena *a = tt_arena_open(0, x->e);
    int rc = a ? 0 : x->e->code;
    if (!rc && !x->source) rc = tt_fail(x->e, TT_ENOMEM, "out of memory for %d pieces", n);
    for (int i = 0; !rc && i < n; i++) {
        int *source = x->source + (size_t)i * SPELT_MOST;
        rc = find_source(how, i, source, a, x->e);
        tt_arena_reset(a);
        if (source[0] < 0) continue;
        size_t len;
        const char *piece = tt_vocab_piece_at(how->now, i, &len);
        if (tt_vocab_find(how->old, piece, len) >= 0) x->told->pieces++;
        else x->told->spelt++;
    }
    tt_arena_close(a);
    return rc;
}

/* Whether the tensor has a row, or (the output's bias) a number, for each piece. */
static bool is_of_pieces(const tt_model *m, const tt_tensor *t) {
    return t == &m->emb || t == &m->tgt_emb || t == &m->out_w || t == &m->out_b;
}

/* Rows of `width` numbers by their pieces. */
static int take_pieces(struct adopting *x, const tt_file_tensor *entry, tt_tensor *t) {
    const size_t width = t->rows == 1 ? 1 : (size_t)t->cols,
                 old = entry->rows * entry->cols / width;
    const int n = tt_vocab_size(x->how->now);
    float *rows = malloc((entry->rows * entry->cols + 1) * sizeof *rows);
    if (!rows) return tt_fail(x->e, TT_ENOMEM, "out of memory for %s", entry->name);
    const int rc = tt_modelfile_read_f32(x->from, entry, rows, x->e);
    for (int i = 0; !rc && i < n; i++) {
        const int *source = x->source + (size_t)i * SPELT_MOST;
        float *to = t->data + (size_t)i * width;
        int count = 0;
        while (count < SPELT_MOST && source[count] >= 0 && (size_t)source[count] < old) count++;
        for (size_t c = 0; count && c < width; c++) {
            double sum = 0;
            for (int k = 0; k < count; k++) sum += (double)rows[(size_t)source[k] * width + c];
            to[c] = (float)(sum / count);
        }
    }
    free(rows);
    return rc;
}

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct adopting *x = ctx;
    (void)offset;
    if (x->rc) return;
    if (x->how->names && !tt_names_have(x->how->names, p->name)) {
        x->told->afresh++;
        return;
    }
    const tt_file_tensor *entry = tt_modelfile_find(x->from, p->name);
    const bool pieces = x->source && is_of_pieces(x->m, t),
               fits = entry && entry->cols == (size_t)t->cols && entry->rows == (size_t)t->rows,
               wide = entry && (t->rows == 1 ? entry->rows == 1 : entry->cols == (size_t)t->cols);
    if (!(pieces ? wide : fits)) {
        if (!x->how->partial)
            x->rc = entry ? tt_fail(x->e, TT_EFORMAT,
                                    "%s: tensor %s is %zu x %zu, expected %d x %d; --from-partial "
                                    "yes begins it afresh",
                                    tt_modelfile_name(x->from), p->name, entry->rows, entry->cols,
                                    t->rows, t->cols)
                          : tt_fail(x->e, TT_EFORMAT,
                                    "%s: tensor %s is missing; --from-partial yes begins it afresh",
                                    tt_modelfile_name(x->from), p->name);
        x->told->afresh++;
        return;
    }
    x->told->taken++;
    x->rc =
        pieces ? take_pieces(x, entry, t) : tt_modelfile_read_f32(x->from, entry, t->data, x->e);
    if (!x->rc && !pieces)
        x->rc =
            tt_modelfile_check_finite(x->from, entry, t->data, 0, entry->rows, p->may_close, x->e);
}

int tt_adopt(tt_model *m, const tt_modelfile *from, const tt_adoption *how, tt_adopted *told,
             tt_err *e) {
    struct adopting x = {.from = from, .how = how, .told = told, .m = m, .e = e};
    *told = (tt_adopted){0};
    if (how->old != how->now) x.rc = list_sources(&x);
    if (!x.rc) x.rc = tt_names_check(how->names, m, "--from-names", e);
    if (!x.rc) tt_model_walk(m, visit, &x);
    free(x.source);
    return x.rc;
}
