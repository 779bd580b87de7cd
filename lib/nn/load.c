/* load.c: a model for decoding. See model.h, tt_loading and tt_model_packed.
 *
 * Decoding only multiplies by matrices and looks rows of embeddings up. So of each tensor it keeps:
 * biases and gains as they are; every matrix that is multiplied packed for its product, and in no
 * other form; the tables that are looked up as rows, f32 or, with 8-bit products, bytes and scales,
 * unless that form holds the floats themselves. All of it lies in one block, laid out before
 * anything is read. So tensors can be filled in by any thread in any order, slice after slice from
 * the file: no more than a slice of a stored tensor is ever there twice.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "io/rows.h"
#include "nn/model.h"
#include "tensor/product.h"

/* A tensor and where its forms go; NULL for those it does not have. */
struct part {
    tt_tensor *t;
    bool is_matrix, may_close; /* of its declaration (param.h) */
    const tt_file_tensor *x;   /* NULL where the numbers are another model's */
    void *packed;
    int8_t *bytes;
    float *scales, *data;
};

/* A worker: memory for a tensor that is not used as it stands in the file, and the first failure it
 * met. */
struct loader {
    unsigned char *room; /* of the loading's size, when first needed */
    tt_err err;
    size_t part;
};

struct tt_loading {
    const tt_modelfile *mf;
    const float *params; /* or the weights of another model */
    const tt_kernels *k;
    tt_model *m;
    int type; /* of the products */
    unsigned char *block;
    size_t used; /* bytes of it */
    struct part *parts;
    size_t count;
    size_t inflated, room; /* bytes of a hand's room: for inflated data; and slices behind it */
    struct loader *loaders;
    int workers;
    _Atomic size_t failed; /* the first part that did, so far; parts behind it need not be read */
    tt_err *e;             /* while it is opened */
    int rc;
};

/* Rows of embeddings and positions are looked up; of the output layer only where it is tied to
 * them. */
static bool looked_up(const tt_model *m, const tt_tensor *t) {
    return t == m->src_table || t == m->tgt_table || t == &m->pos || t == &m->represent.grams;
}

static size_t round_up(size_t n) { return (n + 63) / 64 * 64; }

/* The next `size` bytes of the block; only counted while there is none. */
static void *take(tt_loading *l, size_t size) {
    void *at = l->block ? l->block + l->used : NULL;
    l->used += round_up(size);
    return at;
}

static int packed_as(int type) {
    switch (type) {
    case TT_TYPE_I8: return TT_PACKED_I8;
    case TT_TYPE_BF16: return TT_PACKED_BF16;
    case TT_COMPUTE_BF16_BOTH: return TT_PACKED_BF16_BOTH;
    default: return TT_PACKED_F32;
    }
}

/* Rows of positions are added, not multiplied: they stay f32. */
static bool as_bytes(const tt_loading *l, const struct part *p) {
    return l->type == TT_TYPE_I8 && p->is_matrix && p->t != &l->m->pos;
}

static size_t slice_rows(const tt_tensor *t, size_t first) {
    const size_t left = (size_t)t->rows - first;
    return left < TT_SLICE ? left : TT_SLICE;
}

/* Takes the places of a tensor's forms. */
static struct part place(tt_loading *l, const tt_param *param, tt_tensor *t) {
    const size_t n = tt_tensor_size(t), rows = (size_t)t->rows;
    const bool is_matrix = param->role == TT_MATRIX || param->role == TT_TABLE;
    struct part p = {.t = t, .is_matrix = is_matrix, .may_close = param->may_close};
    if (is_matrix && (t == l->m->out || !looked_up(l->m, t))) {
        t->packed_as = packed_as(l->type);
        t->packed = p.packed = take(l, tt_packed_size(l->k, t->packed_as, t->rows, t->cols));
    }
    if (p.packed && (!looked_up(l->m, t) || t->packed_as == TT_PACKED_F32)) return p;
    if (as_bytes(l, &p)) {
        t->bytes = p.bytes = take(l, n);
        t->scales = p.scales = take(l, rows * sizeof *p.scales);
    } else if (!l->params) {
        t->data = p.data = take(l, n * sizeof *p.data);
    }
    return p;
}

static void visit_measure(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)offset;
    tt_loading *l = ctx;
    place(l, p, t);
    l->count++;
}

/* What a hand needs for this tensor. */
static void measure_room(tt_loading *l, const struct part *p) {
    const bool straight = p->x->type == TT_TYPE_I8 && as_bytes(l, p);
    const bool in_place = p->x->type == TT_TYPE_F32 && p->x->codec == TT_CODEC_STORED;
    const size_t n = slice_rows(p->t, 0), inflated = round_up(tt_rows_room(p->x));
    size_t slice = straight || in_place ? 0 : round_up(n * p->x->cols * sizeof(float));
    if (as_bytes(l, p) && !straight) slice += round_up(n * TT_ROW8(p->t->cols)) + n * sizeof(float);
    if (inflated > l->inflated) l->inflated = inflated;
    if (slice > l->room) l->room = slice;
}

static void visit_place(void *ctx, const tt_param *param, tt_tensor *t, size_t offset) {
    tt_loading *l = ctx;
    struct part *p = &l->parts[l->count++];
    *p = place(l, param, t);
    if (l->rc) return;
    if (l->params) {
        t->data =
            (float *)(uintptr_t)(l->params + offset); /* shared; a decoding model only reads it */
    } else if ((p->x = tt_model_entry(l->mf, param, l->e))) {
        measure_room(l, p);
    } else {
        l->rc = TT_EFORMAT;
    }
}

/* Measures, takes memory and lays the model's tensors out in it. */
static int lay(tt_loading *l, const tt_hyper *h) {
    l->m = tt_model_skeleton(h, l->e);
    if (!l->m) return TT_ENOMEM;
    tt_model_walk(l->m, visit_measure, l);
    l->block = l->m->owned[0] = tt_pages_alloc(l->used);
    l->parts = calloc(l->count, sizeof *l->parts);
    l->loaders = calloc((size_t)l->workers, sizeof *l->loaders);
    if (!l->block || !l->parts || !l->loaders)
        return tt_fail(l->e, TT_ENOMEM, "out of memory for the weights");
    l->used = l->count = 0;
    atomic_init(&l->failed, SIZE_MAX);
    tt_model_walk(l->m, visit_place, l);
    l->room += l->inflated;
    if (!l->rc && l->mf) l->rc = tt_model_check_surplus(l->mf, l->count, l->e);
    return l->rc ? l->rc : tt_model_place(l->m, l->e);
}

/* n rows from `first`, a multiple of TT_SLICE, to all their places: bytes and scales, or floats. */
static void fill(const tt_loading *l, const struct part *p, size_t first, size_t n,
                 const float *data, const int8_t *bytes, const float *scales) {
    const tt_tensor *t = p->t;
    const size_t cols = (size_t)t->cols;
    if (p->packed) {
        char *to = (char *)p->packed + tt_packed_size(l->k, t->packed_as, (int)first, t->cols);
        tt_packed_fill(l->k, to, t->packed_as, bytes ? (const void *)bytes : data, scales, (int)n,
                       t->cols);
    }
    if (p->bytes) {
        memcpy(p->bytes + first * cols, bytes, n * cols);
        memcpy(p->scales + first, scales, n * sizeof *scales);
    }
    if (p->data) memcpy(p->data + first * cols, data, n * cols * sizeof *data);
}

/* f32 (n, cols) to bytes and scales in `to`, and from there to their places. */
static void round_rows(const tt_loading *l, const struct part *p, size_t first, size_t n,
                       const float *data, unsigned char *to) {
    const size_t cols = (size_t)p->t->cols, wide = TT_ROW8(p->t->cols);
    int8_t *q = (int8_t *)to;
    float *scales = (float *)(void *)(to + round_up(n * wide));
    l->k->quantize8(q, scales, NULL, data, p->t->cols, (int)n, p->t->cols);
    for (size_t r = 0; r < n; r++) memmove(q + r * cols, q + r * wide, cols);
    fill(l, p, first, n, NULL, q, scales);
}

static int fill_slice(const tt_loading *l, const struct part *p, tt_rows *r, size_t first,
                      unsigned char *room, tt_err *e) {
    const size_t n = slice_rows(p->t, first);
    if (as_bytes(l, p) && p->x->type == TT_TYPE_I8) {
        const float *scales;
        const int8_t *bytes = tt_rows_bytes(r, n, &scales);
        fill(l, p, first, n, NULL, bytes, scales);
        return 0;
    }
    const float *data = tt_rows_f32(r, n, (float *)(void *)room);
    if (p->x->type != TT_TYPE_I8)
        TT_TRY(tt_modelfile_check_finite(l->mf, p->x, data, first, n, p->may_close,
                                         e)); /* i8: its scales tell */
    if (data == (float *)(void *)room) room += round_up(n * p->x->cols * sizeof *data);
    if (as_bytes(l, p)) round_rows(l, p, first, n, data, room);
    else fill(l, p, first, n, data, NULL, NULL);
    return 0;
}

static int read_part(const tt_loading *l, const struct part *p, struct loader *h) {
    if (!h->room && l->room && !(h->room = tt_pages_alloc(l->room)))
        return tt_fail(&h->err, TT_ENOMEM, "out of memory for the weights");
    tt_rows r;
    TT_TRY(tt_rows_open(&r, l->mf, p->x, h->room, &h->err));
    int rc = 0;
    for (size_t first = 0; !rc && first < p->x->rows; first += TT_SLICE)
        rc = fill_slice(l, p, &r, first, h->room ? h->room + l->inflated : NULL, &h->err);
    const int damaged = tt_rows_close(&r, &h->err); /* which is why a number may be none */
    tt_modelfile_done(l->mf, p->x);
    return damaged ? damaged : rc;
}

/* The type of the largest tensor, as far as products come in it. */
static int stored_type(const tt_modelfile *mf) {
    const tt_file_tensor *most = NULL;
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_file_tensor *x = tt_modelfile_entry(mf, i);
        if (x->type != TT_TYPE_U8 && (!most || x->rows * x->cols > most->rows * most->cols))
            most = x;
    }
    return most && (most->type == TT_TYPE_I8 || most->type == TT_TYPE_BF16) ? most->type
                                                                            : TT_TYPE_F32;
}

/* Gives the model away, or closes it after a failure; ends all else of the loading. */
static int end(tt_model **m, tt_loading *l, int rc) {
    for (int i = 0; l->loaders && i < l->workers; i++) free(l->loaders[i].room);
    free(l->loaders);
    free(l->parts);
    if (rc) tt_model_close(l->m);
    *m = rc ? NULL : l->m;
    return rc;
}

int tt_loading_open(tt_loading **loading, const tt_modelfile *mf, const tt_kernels *k, int type,
                    int workers, tt_err *e) {
    tt_hyper h;
    *loading = NULL;
    TT_TRY(tt_hyper_read(&h, mf, e));
    TT_TRY(tt_model_fits(&h, mf, e));
    tt_loading *l = calloc(1, sizeof *l);
    if (!l) return tt_fail(e, TT_ENOMEM, "out of memory for the weights");
    *l = (tt_loading){.mf = mf,
                      .k = k,
                      .type = type == TT_COMPUTE_AUTO ? stored_type(mf) : type,
                      .workers = workers,
                      .e = e};
    int rc = lay(l, &h);
    l->e = NULL;
    if (!rc) {
        *loading = l;
        return 0;
    }
    end(&l->m, l, rc);
    free(l);
    return rc;
}

size_t tt_loading_parts(const tt_loading *l) { return l->count; }

void tt_loading_do(tt_loading *l, size_t part, int worker) {
    struct loader *h = &l->loaders[worker];
    size_t first = atomic_load(&l->failed);
    if (part > first || !read_part(l, &l->parts[part], h)) return;
    h->part = part;
    while (part < first && !atomic_compare_exchange_weak(&l->failed, &first, part)) {
    }
}

int tt_loading_close(tt_model **m, tt_loading *l, tt_err *e) {
    const struct loader *failed = NULL;
    for (int i = 0; i < l->workers; i++) {
        const struct loader *h = &l->loaders[i];
        if (h->err.code && (!failed || h->part < failed->part)) failed = h;
    }
    if (failed && e) *e = failed->err;
    const int rc = end(m, l, failed ? failed->err.code : 0);
    free(l);
    return rc;
}

int tt_model_packed(tt_model **m, tt_model *of, const tt_kernels *k, tt_err *e) {
    tt_loading l = {.params = of->emb.data, .k = k, .type = TT_TYPE_F32, .e = e};
    int rc = lay(&l, &of->h);
    for (size_t i = 0; !rc && i < l.count; i++) {
        const tt_tensor *t = l.parts[i].t;
        for (size_t first = 0; first < (size_t)t->rows; first += TT_SLICE)
            fill(&l, &l.parts[i], first, slice_rows(t, first), t->data + first * (size_t)t->cols,
                 NULL, NULL);
    }
    return end(m, &l, rc);
}

int tt_model_select(tt_run *run, const tt_tensor *w, const int32_t *ids, int n, tt_tensor *part) {
    const tt_kernels *k = run->k;
    size_t cols = (size_t)w->cols, size = (size_t)n * cols;
    if (run->failed) return run->failed;
    if (!w->data && !w->bytes && w->packed_as != TT_PACKED_F32)
        return run->failed = tt_fail(
                   &run->err, TT_EUSAGE,
                   "a shortlist needs an output layer that is f32, or tied to the embeddings");
    *part = (tt_tensor){.rows = n, .cols = w->cols, .packed_as = w->packed_as};
    void *to = tt_run_alloc(run, tt_packed_size(k, w->packed_as, n, w->cols));
    tt_mark mark = tt_arena_mark(run->arena);
    void *rows = tt_run_alloc(run, size * (w->bytes ? 1 : sizeof(float)));
    float *scales = tt_run_alloc(run, (size_t)n * sizeof *scales);
    if (run->failed) return run->failed;
    for (size_t i = 0; i < (size_t)n; i++) {
        size_t from = (size_t)ids[i] * cols;
        if (w->bytes) {
            memcpy((int8_t *)rows + i * cols, w->bytes + from, cols);
            scales[i] = w->scales[ids[i]];
        } else {
            float *to_row = (float *)rows + i * cols;
            const float *row = tt_product_lookup(k, w, ids[i], to_row);
            if (row != to_row) memcpy(to_row, row, cols * sizeof *row);
        }
    }
    tt_packed_fill(k, to, w->packed_as, rows, scales, n, w->cols);
    tt_arena_rewind(run->arena, mark);
    part->packed = to;
    return 0;
}
