/* packed.c: a model for decoding. See model.h, tt_model_load and tt_model_packed.
 *
 * Decoding only multiplies by matrices and looks rows of embeddings up. So of each tensor it keeps: biases
 * and gains as they are; the tables that are looked up as rows, f32 or, with 8-bit products, bytes and
 * scales; and every matrix that is multiplied packed for its product, and in no other form. All of it
 * lies in one block.
 */
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "nn/model.h"
#include "tensor/product.h"

struct packing {
    const tt_modelfile *mf;
    const float *params; /* or the weights of another model */
    const tt_kernels *k;
    tt_model *m;
    int type;            /* of the products */
    unsigned char *block;
    size_t used, largest; /* bytes of it; bytes of the largest tensor on its way */
    unsigned char *room;  /* (largest) */
    size_t found;
    tt_err *e;
    int rc;
};

static bool looked_up(const tt_model *m, const tt_tensor *t) {
    return t == m->src_table || t == m->tgt_table || t == &m->pos;
}

static bool multiplied(const tt_model *m, const tt_tensor *t) {
    return tt_tensor_is_matrix(t) && (t == m->out || !looked_up(m, t));
}

static size_t round_up(size_t n) {
    return (n + 63) / 64 * 64;
}

/* The next `size` bytes of the block; only counted while there is none. */
static void *take(struct packing *p, size_t size) {
    void *at = p->block ? p->block + p->used : NULL;
    p->used += round_up(size);
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
static bool as_bytes(const struct packing *p, const tt_tensor *t) {
    return p->type == TT_TYPE_I8 && tt_tensor_is_matrix(t) && t != &p->m->pos;
}

/* Where a tensor's rows and its packed form go. With `bytes` and `scales` or with `data`. */
static void place(struct packing *p, tt_tensor *t, const float *data, const int8_t *bytes, const float *scales) {
    size_t n = tt_tensor_size(t);
    if (multiplied(p->m, t)) {
        t->packed_as = packed_as(p->type);
        void *to = take(p, tt_packed_size(p->k, t->packed_as, t->rows, t->cols));
        t->packed = to;
        if (to) tt_packed_fill(p->k, to, t->packed_as, bytes ? (const void *)bytes : data, scales, t->rows, t->cols);
    }
    if (multiplied(p->m, t) && !looked_up(p->m, t)) return;
    if (as_bytes(p, t)) {
        int8_t *b = take(p, n);
        float *s = take(p, (size_t)t->rows * sizeof *s);
        if (!b) return;
        memcpy(b, bytes, n);
        memcpy(s, scales, (size_t)t->rows * sizeof *s);
        t->bytes = b, t->scales = s;
    } else if (!p->params) {
        t->data = take(p, n * sizeof *t->data);
        if (t->data) memcpy(t->data, data, n * sizeof *t->data);
    }
}

static void visit_measure(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)name, (void)offset;
    struct packing *p = ctx;
    size_t n = tt_tensor_size(t), wide = TT_ROW8(t->cols) * (size_t)t->rows;
    /* f32; or, for bytes, scales and bytes as in the file, or f32 and then rows of quantize8 */
    size_t raw = round_up(n * sizeof(float)) + (as_bytes(p, t) ? round_up(wide) + (size_t)t->rows * sizeof(float) : 0);
    if (raw > p->largest) p->largest = raw;
    place(p, t, NULL, NULL, NULL);
}

/* f32 (rows, cols), perhaps in the room, to bytes and scales behind it there. */
static void round_rows(struct packing *p, tt_tensor *t, const float *data) {
    size_t rows = (size_t)t->rows, cols = (size_t)t->cols, wide = TT_ROW8(t->cols);
    int8_t *q = (int8_t *)(p->room + round_up(rows * cols * sizeof(float)));
    float *scales = (float *)(void *)(q + round_up(rows * wide));
    p->k->quantize8(q, scales, NULL, data, t->cols, t->rows, t->cols);
    for (size_t r = 0; r < rows; r++) memmove(q + r * cols, q + r * wide, cols);
    place(p, t, NULL, q, scales);
}

/* Reads a tensor that is not kept as it is stored: its numbers, in the file or in the room. */
static int read_numbers(const float **data, struct packing *p, const tt_entry *x) {
    const void *raw = p->room;
    TT_TRY(x->type == TT_TYPE_F32 ? tt_modelfile_look(p->mf, x, &raw, p->room, p->e)
                                  : tt_modelfile_read_f32(p->mf, x, (float *)(void *)p->room, p->e));
    *data = raw;
    return x->type == TT_TYPE_I8 ? 0 /* its scales have been looked at */ : tt_modelfile_check_finite(p->mf, x, raw, p->e);
}

static void visit_load(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)offset;
    struct packing *p = ctx;
    const float *data;
    const void *raw;
    if (p->rc) return;
    const tt_entry *x = tt_model_entry(p->mf, name, t, p->e);
    p->rc = x ? 0 : TT_EFORMAT;
    p->found++;
    if (p->rc) return;
    if (as_bytes(p, t) && x->type == TT_TYPE_I8) {
        p->rc = tt_modelfile_look(p->mf, x, &raw, p->room, p->e);
        const float *scales = raw;
        if (!p->rc) place(p, t, NULL, (const int8_t *)(scales + t->rows), scales);
    } else {
        p->rc = read_numbers(&data, p, x);
        if (!p->rc && as_bytes(p, t)) round_rows(p, t, data);
        else if (!p->rc) place(p, t, data, NULL, NULL);
    }
    tt_modelfile_done(p->mf, x);
}

static void visit_pack(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)name;
    struct packing *p = ctx;
    t->data = (float *)(uintptr_t)(p->params + offset); /* shared; a decoding model only reads it */
    place(p, t, t->data, NULL, NULL);
}

/* Measures, takes memory and fills it. */
static int fill(tt_model **m, struct packing *p, tt_model_visit *visit) {
    tt_model_walk(p->m, visit_measure, p);
    p->block = p->m->owned[0] = tt_pages_alloc(p->used);
    p->room = p->params ? NULL : tt_pages_alloc(p->largest);
    p->used = 0;
    if (!p->block || (!p->room && !p->params)) p->rc = tt_fail(p->e, TT_ENOMEM, "out of memory for the weights");
    else tt_model_walk(p->m, visit, p);
    free(p->room);
    if (!p->rc && p->mf) p->rc = tt_model_check_surplus(p->mf, p->found, p->e);
    if (p->rc) tt_model_close(p->m);
    *m = p->rc ? NULL : p->m;
    return p->rc;
}

/* The type of the largest tensor, as far as products come in it. */
static int stored_type(const tt_modelfile *mf) {
    const tt_entry *most = NULL;
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_entry *x = tt_modelfile_entry(mf, i);
        if (x->type != TT_TYPE_U8 && (!most || x->rows * x->cols > most->rows * most->cols)) most = x;
    }
    return most && (most->type == TT_TYPE_I8 || most->type == TT_TYPE_BF16) ? most->type : TT_TYPE_F32;
}

int tt_model_load(tt_model **m, const tt_modelfile *mf, const tt_kernels *k, int type, tt_err *e) {
    tt_hyper h;
    *m = NULL;
    TT_TRY(tt_hyper_read(&h, mf, e));
    if (tt_model_size(&h) > tt_modelfile_size(mf) * 64)
        return tt_fail(e, TT_EFORMAT, "%s: its settings ask for more weights than it can hold", tt_modelfile_name(mf));
    struct packing p = {.mf = mf, .k = k, .type = type == TT_COMPUTE_AUTO ? stored_type(mf) : type, .e = e};
    p.m = tt_model_skeleton(&h, e);
    return p.m ? fill(m, &p, visit_load) : TT_ENOMEM;
}

int tt_model_packed(tt_model **m, tt_model *of, const tt_kernels *k, tt_err *e) {
    struct packing p = {.params = of->emb.data, .k = k, .type = TT_TYPE_F32, .e = e};
    *m = NULL;
    p.m = tt_model_skeleton(&of->h, e);
    return p.m ? fill(m, &p, visit_pack) : TT_ENOMEM;
}

int tt_model_select(tt_run *run, const tt_tensor *w, const int32_t *ids, int n, tt_tensor *part) {
    const tt_kernels *k = run->k;
    size_t cols = (size_t)w->cols, size = (size_t)n * cols;
    if (run->failed) return run->failed;
    if (!w->data && !w->bytes)
        return run->failed = tt_fail(&run->err, TT_EUSAGE, "a shortlist needs an output layer that is tied to the embeddings");
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
            memcpy((float *)rows + i * cols, w->data + from, cols * sizeof(float));
        }
    }
    tt_packed_fill(k, to, w->packed_as, rows, scales, n, w->cols);
    tt_arena_rewind(run->arena, mark);
    part->packed = to;
    return 0;
}
