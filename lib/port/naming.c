/* naming.c: see naming.h. Both ways are visits of the model's walk (nn/model.h), which says every
 * tensor's name and shape; the pieces of a tensor are equal parts of its rows, so each is one run
 * of its numbers.
 */
#include "port/naming.h"

#include <ctype.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/modeldata.h"

enum { PIECES_MOST = 3, NAME_MOST = 96 };

/* A row filled in for one tensor. */
struct theirs {
    const tt_name_row *row;
    int count;
    char name[PIECES_MOST][NAME_MOST]; /* "0": zeros */
};

/* 1 if `name` fits the pattern. Side and layer of it. */
static bool fits(const char *pattern, const char *name, int *side, int *layer) {
    for (; *pattern; pattern++) {
        if (*pattern == '@') {
            *side = !strncmp(name, "dec", 3);
            if (!*side && strncmp(name, "enc", 3) != 0) return false;
            name += 3;
        } else if (*pattern == '#') {
            if (!isdigit((unsigned char)*name)) return false;
            char *end;
            *layer = (int)strtol(name, &end, 10);
            name = end;
        } else if (*pattern != *name++) {
            return false;
        }
    }
    return !*name;
}

static void fill_in(struct theirs *t, const tt_naming *n, int side, int layer) {
    if (side && n->decoder) layer = n->decoder[layer];
    size_t at = 0;
    for (const char *p = t->row->theirs;; p++) {
        char *out = t->name[t->count];
        if (!*p || *p == '|') {
            out[at] = 0;
            at = 0;
            t->count++;
            if (!*p) return;
        } else if (*p == '@') {
            at += (size_t)snprintf(out + at, NAME_MOST - at, "%s", n->side[side]);
        } else if (*p == '#') {
            at += (size_t)snprintf(out + at, NAME_MOST - at, "%d", layer + n->first);
        } else {
            out[at++] = *p;
        }
    }
}

static int look_up(struct theirs *t, const tt_naming *n, const char *ours, const char *file,
                   tt_err *e) {
    int side = 0, layer = 0;
    static const tt_name_row own = {0};
    memset(t, 0, sizeof *t);
    if (!n->rows) {
        t->row = &own;
        t->count = 1;
        snprintf(t->name[0], sizeof t->name[0], "%s", ours);
        return 0;
    }
    for (const tt_name_row *row = n->rows; row->ours; row++) {
        if ((row->when & ~n->has) || !fits(row->ours, ours, &side, &layer)) continue;
        t->row = row;
        fill_in(t, n, side, layer);
        return 0;
    }
    return tt_fail(e, TT_EFORMAT, "%s: this format has no place for tensor %s", file, ours);
}

/* ---- import -------------------------------------------------------------------------------- */

struct importing {
    tt_modelwriter *w;
    const tt_naming *n;
    tt_arrays *from;
    int store;
    float *room; /* one tensor */
    size_t room_size;
    tt_err *e;
    int rc;
};

/* Numbers that can be weights, and scales that can divide. */
static int check_numbers(const struct importing *x, const tt_array *a) {
    bool quantised = a->type == TT_ARRAY_I8 || a->type == TT_ARRAY_I16;
    if (a->type > TT_ARRAY_F64 && !(quantised && a->scale))
        return tt_fail(x->e, TT_EFORMAT,
                       "%s: tensor %s has numbers of type %s, expected float32, float16, or "
                       "quantised ones with "
                       "their scale",
                       x->from->file, a->name, tt_array_type_name(a->type));
    for (size_t i = 0; a->scale && i < a->scales; i++) {
        float scale;
        tt_ttm_to_f32(&scale, a->scale + i * sizeof scale, TT_TYPE_F32, 1);
        if (!(scale > 0) || scale > FLT_MAX)
            return tt_fail(x->e, TT_EFORMAT,
                           "%s: tensor %s has the scale %g, expected a positive one", x->from->file,
                           a->name, (double)scale);
    }
    return 0;
}

/* The pieces of one tensor: NULL where there are none (zeros, or absent by an option). */
static int find_pieces(struct importing *x, const struct theirs *t, const tt_tensor *to,
                       tt_array *piece[PIECES_MOST]) {
    size_t rows = (size_t)to->rows, cols = (size_t)to->cols, parts = (size_t)t->count;
    bool vector = rows == 1;
    if (vector) cols /= parts;
    else rows /= parts;
    for (int i = 0; i < t->count; i++) {
        piece[i] = strcmp(t->name[i], "0") != 0 ? tt_arrays_find(x->from, t->name[i]) : NULL;
        if (!piece[i] && strcmp(t->name[i], "0") != 0 && !(t->row->absent & x->n->has))
            return tt_fail(x->e, TT_EFORMAT, "%s: tensor %s is missing", x->from->file, t->name[i]);
        if (!piece[i]) continue;
        piece[i]->used = true;
        size_t r, c, want_r = rows, want_c = cols;
        if (!vector && t->row->transposed) want_r = cols, want_c = rows;
        tt_shape_text shape;
        if (!tt_array_matrix(piece[i], &r, &c) || r != want_r || c != want_c)
            return tt_fail(x->e, TT_EFORMAT, "%s: tensor %s is %s, its settings ask for %zu x %zu",
                           x->from->file, t->name[i], tt_array_shape(piece[i], &shape), want_r,
                           want_c);
        TT_TRY(check_numbers(x, piece[i]));
    }
    return 0;
}

/* The type that loses nothing. */
static int kept_type(const struct theirs *t, tt_array *const piece[], bool matrix) {
    int type = -1;
    for (int i = 0; i < t->count && matrix; i++) {
        const tt_array *p = piece[i];
        bool in_rows = p && p->flipped == t->row->transposed && (p->scales <= 1 || !p->flipped);
        int one = !p                                              ? TT_TYPE_F32
                  : p->type == TT_ARRAY_F16                       ? TT_TYPE_F16
                  : p->type == TT_ARRAY_BF16                      ? TT_TYPE_BF16
                  : p->type == TT_ARRAY_I8 && p->scale && in_rows ? TT_TYPE_I8
                                                                  : TT_TYPE_F32;
        type = type < 0 || type == one ? one : TT_TYPE_F32;
    }
    return type < 0 ? TT_TYPE_F32 : type;
}

/* int8 as it stands: a scale for each row, then the numbers. */
static void copy_i8(unsigned char *raw, const tt_tensor *to, tt_array *const piece[], int count) {
    size_t rows = (size_t)(to->rows / count), cols = (size_t)to->cols;
    unsigned char *scales = raw, *numbers = raw + (size_t)to->rows * sizeof(float);
    for (int i = 0; i < count; i++) {
        for (size_t r = 0; r < rows; r++) {
            float theirs;
            tt_ttm_to_f32(&theirs, piece[i]->scale + (piece[i]->scales > 1 ? r : 0) * sizeof theirs,
                          TT_TYPE_F32, 1);
            float ours = 1 / theirs;
            memcpy(scales, &ours, sizeof ours);
            scales += sizeof ours;
        }
        memcpy(numbers, piece[i]->data, rows * cols);
        numbers += rows * cols;
    }
}

static int bring(struct importing *x, const tt_param *param, const tt_tensor *t) {
    const char *name = param->name;
    struct theirs theirs;
    tt_array *piece[PIECES_MOST];
    size_t n = (size_t)t->rows * (size_t)t->cols;
    TT_TRY(look_up(&theirs, x->n, name, x->from->file, x->e));
    TT_TRY(find_pieces(x, &theirs, t, piece));
    if (n > x->room_size) {
        free(x->room);
        x->room_size = 0;
        x->room = malloc(n * sizeof *x->room + (size_t)t->rows * sizeof(float));
        if (!x->room)
            return tt_fail(x->e, TT_ENOMEM, "%s: out of memory for tensor %s", x->from->file, name);
        x->room_size = n;
    }
    size_t rows = (size_t)t->rows, cols = (size_t)t->cols, part = n / (size_t)theirs.count;
    int type = kept_type(&theirs, piece, t->rows > 1);
    if (t->rows > 1 && x->store == TT_STORE_AS_IS && type == TT_TYPE_I8) {
        copy_i8((unsigned char *)x->room, t, piece, theirs.count);
        return tt_modelwriter_raw(x->w, name, TT_TYPE_I8, rows, cols, x->room, TT_CODEC_STORED,
                                  x->e);
    }
    for (int i = 0; i < theirs.count; i++) {
        float *to = x->room + (size_t)i * part;
        if (piece[i]) tt_array_f32(to, piece[i], t->rows > 1 && theirs.row->transposed);
        for (size_t k = 0; !piece[i] && k < part; k++) to[k] = param->role == TT_GAIN ? 1.0f : 0.0f;
    }
    if (t->rows == 1) type = TT_TYPE_F32;
    else if (x->store != TT_STORE_AS_IS) type = x->store;
    return tt_modelwriter_add(x->w, name, type, rows, cols, x->room, TT_CODEC_STORED, x->e);
}

static void visit_import(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)offset;
    struct importing *x = ctx;
    tt_log_progress(x->n->log, "tensor %s", p->name);
    if (!x->rc) x->rc = bring(x, p, t);
}

static int check_left_over(const tt_arrays *from, tt_err *e) {
    for (size_t i = 0; i < from->count; i++)
        if (!from->item[i].used)
            return tt_fail(e, TT_EFORMAT,
                           "%s: tensor %.80s has no place in the model that its settings describe",
                           from->file, from->item[i].name);
    return 0;
}

int tt_naming_import(tt_modelwriter *w, const tt_hyper *h, const tt_naming *n, tt_arrays *from,
                     int store, tt_err *e) {
    struct importing x = {.w = w, .n = n, .from = from, .store = store, .e = e};
    tt_model *m;
    TT_TRY(tt_model_open(&m, h, NULL, NULL, e));
    x.rc = tt_hyper_write(h, w, e);
    tt_model_walk(m, visit_import, &x);
    tt_model_close(m);
    free(x.room);
    return x.rc ? x.rc : check_left_over(from, e);
}

/* ---- export -------------------------------------------------------------------------------- */

struct exporting {
    tt_arrays *to;
    const tt_modelfile *mf;
    const tt_naming *n;
    tt_err *e;
    int rc;
};

/* `ours`: the tensor that it is a piece of. */
static int add_piece(struct exporting *x, const char *ours, const char *name, float *data,
                     size_t rows, size_t cols, bool transposed) {
    tt_array a = {.name = name, .type = TT_ARRAY_F32, .rank = 2, .dim = {rows, cols}};
    size_t n = rows * cols;
    a.data = (const unsigned char *)data;
    a.size = n * sizeof *data;
    if (rows == 1 && x->n->flat) a.rank = 1, a.dim[0] = cols;
    if (!strcmp(name, "0")) {
        for (size_t i = 0; i < n; i++)
            if (data[i] != 0.0f)
                return tt_fail(x->e, TT_ECONFIG,
                               "%s: tensor %s: this format has no place for number %zu of it, "
                               "which is %g, expected 0",
                               tt_modelfile_name(x->mf), ours, i, (double)data[i]);
        return 0;
    }
    if (transposed) {
        float *turned = tt_arena_alloc(x->to->arena, a.size);
        if (!turned) return tt_fail(x->e, TT_ENOMEM, "out of memory for tensor %s", name);
        tt_array_f32(turned, &a, true);
        a.dim[0] = cols;
        a.dim[1] = rows;
        a.data = (const unsigned char *)turned;
    }
    return tt_arrays_add(x->to, &a, x->e);
}

static int send(struct exporting *x, const char *name, const tt_tensor *t) {
    struct theirs theirs;
    const char *file = tt_modelfile_name(x->mf);
    TT_TRY(look_up(&theirs, x->n, name, file, x->e));
    const tt_file_tensor *entry = tt_modelfile_find(x->mf, name);
    size_t rows = (size_t)t->rows, cols = (size_t)t->cols, parts = (size_t)theirs.count;
    if (!entry) return tt_fail(x->e, TT_EFORMAT, "%s: tensor %s is missing", file, name);
    if (entry->rows != rows || entry->cols != cols)
        return tt_fail(x->e, TT_EFORMAT, "%s: tensor %s is %zu x %zu, expected %zu x %zu", file,
                       name, entry->rows, entry->cols, rows, cols);
    float *data = tt_arena_alloc(x->to->arena, rows * cols * sizeof *data);
    if (!data) return tt_fail(x->e, TT_ENOMEM, "out of memory for tensor %s", name);
    TT_TRY(tt_modelfile_read_f32(x->mf, entry, data, x->e));
    size_t step = rows * cols / parts;
    if (t->rows > 1) rows /= parts;
    else cols /= parts;
    for (size_t i = 0; i < parts; i++)
        TT_TRY(add_piece(x, name, theirs.name[i], data + i * step, rows, cols,
                         t->rows > 1 && theirs.row->transposed));
    return 0;
}

static void visit_export(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)offset;
    struct exporting *x = ctx;
    if (!x->rc) x->rc = send(x, p->name, t);
}

int tt_naming_export(tt_arrays *to, const tt_modelfile *mf, const tt_hyper *h, const tt_naming *n,
                     tt_err *e) {
    struct exporting x = {to, mf, n, e, 0};
    tt_model *m;
    TT_TRY(tt_model_open(&m, h, NULL, NULL, e));
    tt_model_walk(m, visit_export, &x);
    tt_model_close(m);
    return x.rc;
}
