/* model.c: see model.h. One walk names every parameter with its shape; opening, initialising, reading,
 * writing and packing are visits of that walk, so the list stands here once.
 *
 * Positions: p(t, i) = sin(t ω_i) in the first D/2 columns and cos(t ω_i) in the rest (sines and cosines of
 * Vaswani et al. 2017, 3.5, not interleaved), ω_i = 10000^(-i / (D/2 - 1)) with Marian's spacing and
 * 10000^(-i / (D/2)) with the paper's.
 */
#include "nn/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum {
    ALIGN = 16,            /* floats: one cache line */
    INFLATED_MOST = 64,    /* floats of weights for a byte of the file */
    PLACES_FREE = 16 << 20 /* floats of positions, whatever the weights */
};

struct walk {
    tt_model_visit *visit;
    void *ctx;
    size_t offset;
};

static void one(struct walk *w, const char *at, const char *name, tt_tensor *t, int rows, int cols) {
    char full[64];
    snprintf(full, sizeof full, "%s%s", at, name);
    t->rows = rows;
    t->cols = cols;
    w->visit(w->ctx, full, t, w->offset);
    w->offset += (tt_tensor_size(t) + ALIGN - 1) / ALIGN * ALIGN;
}

static void attention(struct walk *w, const char *layer, tt_attention_par *p, int cross, int d) {
    char at[40];
    snprintf(at, sizeof at, "%s%s", layer, cross ? "cross." : "self.");
    if (cross) {
        one(w, at, "q.w", &p->q_w, d, d);
        one(w, at, "q.b", &p->q_b, 1, d);
        one(w, at, "kv.w", &p->kv_w, 2 * d, d);
        one(w, at, "kv.b", &p->kv_b, 1, 2 * d);
    } else {
        one(w, at, "qkv.w", &p->qkv_w, 3 * d, d);
        one(w, at, "qkv.b", &p->qkv_b, 1, 3 * d);
    }
    one(w, at, "o.w", &p->o_w, d, d);
    one(w, at, "o.b", &p->o_b, 1, d);
    one(w, at, "norm.g", &p->norm_g, 1, d);
    one(w, at, "norm.b", &p->norm_b, 1, d);
}

static void ssru(struct walk *w, const char *at, tt_recur_par *p, int d) {
    one(w, at, "rnn.w", &p->w, 2 * d, d);
    one(w, at, "rnn.b", &p->b, 1, 2 * d);
    one(w, at, "rnn.norm.g", &p->norm_g, 1, d);
    one(w, at, "rnn.norm.b", &p->norm_b, 1, d);
}

static void average(struct walk *w, const char *at, tt_recur_par *p, const tt_hyper *h) {
    one(w, at, "aan.1.w", &p->w1, h->aan_dim, h->dim);
    one(w, at, "aan.1.b", &p->b1, 1, h->aan_dim);
    one(w, at, "aan.2.w", &p->w2, h->dim, h->aan_dim);
    one(w, at, "aan.2.b", &p->b2, 1, h->dim);
    if (h->aan_gate) {
        one(w, at, "aan.in.w", &p->in_w, h->dim, h->dim);
        one(w, at, "aan.in.b", &p->in_b, 1, h->dim);
        one(w, at, "aan.forget.w", &p->forget_w, h->dim, h->dim);
        one(w, at, "aan.forget.b", &p->forget_b, 1, h->dim);
    }
    one(w, at, "aan.norm.g", &p->norm_g, 1, h->dim);
    one(w, at, "aan.norm.b", &p->norm_b, 1, h->dim);
}

static void layer(struct walk *w, const char *side, int i, tt_layer *l, int decoder, const tt_hyper *h) {
    char at[24];
    int ffn = decoder ? tt_hyper_dec_ffn(h) : h->ffn;
    snprintf(at, sizeof at, "%s.%d.", side, i);
    if (!decoder || h->autoreg == TT_AUTOREG_ATTENTION) attention(w, at, &l->self, 0, h->dim);
    else if (h->autoreg == TT_AUTOREG_SSRU) ssru(w, at, &l->recur, h->dim);
    else average(w, at, &l->recur, h);
    if (decoder) attention(w, at, &l->cross, 1, h->dim);
    one(w, at, "ffn.1.w", &l->w1, ffn, h->dim);
    one(w, at, "ffn.1.b", &l->b1, 1, ffn);
    one(w, at, "ffn.2.w", &l->w2, h->dim, ffn);
    one(w, at, "ffn.2.b", &l->b2, 1, h->dim);
    one(w, at, "ffn.norm.g", &l->ffn_g, 1, h->dim);
    one(w, at, "ffn.norm.b", &l->ffn_b, 1, h->dim);
}

static size_t walk(tt_model *m, tt_model_visit *visit, void *ctx) {
    struct walk w = {visit, ctx, 0};
    const tt_hyper *h = &m->h;
    one(&w, "", h->tied == TT_TIED_ALL ? "emb" : "src.emb", &m->emb, h->vocab, h->dim);
    if (h->tied != TT_TIED_ALL) one(&w, "", "tgt.emb", &m->tgt_emb, h->tgt_vocab, h->dim);
    if (h->tied == TT_TIED_NONE) one(&w, "", "out.w", &m->out_w, h->tgt_vocab, h->dim);
    one(&w, "", "out.b", &m->out_b, 1, h->tgt_vocab);
    if (h->positions == TT_POSITIONS_LEARNED) one(&w, "", "pos", &m->pos, h->max_length, h->dim);
    if (h->emb_norm) {
        one(&w, "src.", "norm.g", &m->src_g, 1, h->dim);
        one(&w, "src.", "norm.b", &m->src_b, 1, h->dim);
        one(&w, "tgt.", "norm.g", &m->tgt_g, 1, h->dim);
        one(&w, "tgt.", "norm.b", &m->tgt_b, 1, h->dim);
    }
    for (int i = 0; i < h->enc_layers; i++) layer(&w, "enc", i, &m->enc[i], 0, h);
    for (int i = 0; i < h->dec_layers; i++) layer(&w, "dec", i, &m->dec[i], 1, h);
    if (tt_hyper_top_norm(h)) {
        one(&w, "enc.", "norm.g", &m->enc_g, 1, h->dim);
        one(&w, "enc.", "norm.b", &m->enc_b, 1, h->dim);
        one(&w, "dec.", "norm.g", &m->dec_g, 1, h->dim);
        one(&w, "dec.", "norm.b", &m->dec_b, 1, h->dim);
    }
    return w.offset;
}

void tt_model_walk(tt_model *m, tt_model_visit *visit, void *ctx) {
    walk(m, visit, ctx);
}

static void visit_nothing(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)ctx, (void)name, (void)t, (void)offset;
}

size_t tt_model_size(const tt_hyper *h) {
    tt_layer enc, dec; /* every layer of a side is alike, so one of each measures them all */
    tt_model m = {.h = *h, .enc = &enc, .dec = &dec};
    m.h.enc_layers = m.h.dec_layers = 1;
    size_t with_one = walk(&m, visit_nothing, NULL);
    m.h.enc_layers = 0;
    size_t no_enc = walk(&m, visit_nothing, NULL);
    m.h.dec_layers = 0;
    size_t none = walk(&m, visit_nothing, NULL);
    return none + (with_one - no_enc) * (size_t)h->enc_layers + (no_enc - none) * (size_t)h->dec_layers;
}

static void fill_positions(float *p, int rows, int d, int spacing) {
    int half = d / 2, steps = spacing == TT_POSITIONS_MARIAN ? half - 1 : half;
    for (int i = 0; i < half; i++) {
        const double w = half > 1 ? exp(-log(10000.0) * i / steps) : 1.0;
        for (int t = 0; t < rows; t++) {
            p[(size_t)t * (size_t)d + (size_t)i] = (float)sin(t * w);
            p[(size_t)t * (size_t)d + (size_t)(half + i)] = (float)cos(t * w);
        }
    }
}

tt_model *tt_model_skeleton(const tt_hyper *h, tt_err *e) {
    tt_model *m = calloc(1, sizeof *m);
    if (m) {
        m->h = *h;
        m->enc = calloc((size_t)h->enc_layers, sizeof *m->enc);
        m->dec = calloc((size_t)h->dec_layers, sizeof *m->dec);
    }
    if (!m || !m->enc || !m->dec) {
        tt_model_close(m);
        tt_fail(e, TT_ENOMEM, "out of memory for a model of width %d", h->dim);
        return NULL;
    }
    if (tt_hyper_sines(h)) m->pos = (tt_tensor){.rows = h->max_length, .cols = h->dim};
    m->positions = h->positions == TT_POSITIONS_NONE ? NULL : &m->pos;
    m->src_table = &m->emb;
    m->tgt_table = h->tied == TT_TIED_ALL ? &m->emb : &m->tgt_emb;
    m->out = h->tied == TT_TIED_NONE ? &m->out_w : m->tgt_table;
    return m;
}

int tt_model_place(tt_model *m, tt_err *e) {
    const tt_hyper *h = &m->h;
    if (!tt_hyper_sines(h)) return 0;
    m->pos.data = m->owned[3] = malloc((size_t)h->max_length * (size_t)h->dim * sizeof(float));
    if (!m->pos.data) return tt_fail(e, TT_ENOMEM, "out of memory for %d positions of width %d", h->max_length, h->dim);
    fill_positions(m->pos.data, h->max_length, h->dim, h->positions);
    return 0;
}

void tt_model_close(tt_model *m) {
    if (!m) return;
    for (size_t i = 0; i < sizeof m->owned / sizeof m->owned[0]; i++) free(m->owned[i]);
    free(m->enc);
    free(m->dec);
    free(m);
}

struct lay {
    float *params, *grads;
};

static void visit_lay(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)name;
    const struct lay *l = ctx;
    t->data = l->params ? l->params + offset : NULL;
    t->grad = l->grads ? l->grads + offset : NULL;
    t->has_grad = false;
    t->packed = NULL;
}

int tt_model_open(tt_model **m, const tt_hyper *h, float *params, float *grads, tt_err *e) {
    *m = tt_model_skeleton(h, e);
    if (!*m) return TT_ENOMEM;
    walk(*m, visit_lay, &(struct lay){params, grads});
    if (!params || !tt_model_place(*m, e)) return 0;
    tt_model_close(*m);
    *m = NULL;
    return TT_ENOMEM;
}

static void visit_clear(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)ctx, (void)name, (void)offset;
    t->has_grad = false;
}

void tt_model_clear(tt_model *m) {
    walk(m, visit_clear, NULL);
}

int tt_model_matrices(const char *name) {
    size_t n = strlen(name);
    if (n < 2 || strcmp(name + n - 2, ".w") != 0 || !strcmp(name, "out.w")) return 0;
    return strstr(name, ".qkv.w") ? 3 : strstr(name, ".kv.w") || strstr(name, ".rnn.w") ? 2 : 1;
}

struct init {
    uint64_t key;
    int dim;
};

static void visit_init(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    const struct init *in = ctx;
    size_t n = tt_tensor_size(t), len = strlen(name);
    uint64_t key = tt_key(in->key, offset);
    if (!tt_tensor_is_matrix(t)) {
        bool gain = len > 7 && !strcmp(name + len - 6, "norm.g");
        for (size_t i = 0; i < n; i++) t->data[i] = gain ? 1.0f : 0.0f;
    } else if (!tt_model_matrices(name)) {
        double s = 1.0 / sqrt(in->dim);
        for (size_t i = 0; i < n; i++) t->data[i] = (float)(s * tt_rand_normal(key, i));
    } else { /* joint matrices count as the D×D ones they are made of */
        int out = t->rows / tt_model_matrices(name);
        double s = sqrt(6.0 / (out + t->cols));
        for (size_t i = 0; i < n; i++) t->data[i] = (float)(s * (2.0 * tt_rand_unit(key, i) - 1.0));
    }
}

void tt_model_init(tt_model *m, uint64_t seed) {
    walk(m, visit_init, &(struct init){tt_key(seed, 0x696e6974), m->h.dim});
}

static void visit_count(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)name, (void)offset;
    *(size_t *)ctx += tt_tensor_size(t);
}

size_t tt_model_params(tt_model *m) {
    size_t n = 0;
    walk(m, visit_count, &n);
    return n;
}

/* ---- files --------------------------------------------------------------------------------- */

const tt_entry *tt_model_entry(const tt_modelfile *mf, const char *name, const tt_tensor *t, tt_err *e) {
    const tt_entry *x = tt_modelfile_find(mf, name);
    const char *file = tt_modelfile_name(mf);
    if (!x) {
        tt_fail(e, TT_EFORMAT, "%s: tensor %s is missing", file, name);
        return NULL;
    }
    if (x->rows == (size_t)t->rows && x->cols == (size_t)t->cols) return x;
    tt_fail(e, TT_EFORMAT, "%s: tensor %s is %zu x %zu, expected %d x %d", file, name, x->rows, x->cols, t->rows, t->cols);
    return NULL;
}

struct fitting {
    const tt_modelfile *mf;
    tt_err *e;
    int rc;
};

static void visit_fit(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)offset;
    struct fitting *f = ctx;
    if (!f->rc && !tt_model_entry(f->mf, name, t, f->e)) f->rc = TT_EFORMAT;
}

int tt_model_fits(const tt_hyper *h, const tt_modelfile *mf, tt_err *e) {
    const char *file = tt_modelfile_name(mf);
    const size_t size = tt_model_size(h), places = tt_hyper_sines(h) ? (size_t)h->max_length * (size_t)h->dim : 0;
    if (size > tt_modelfile_size(mf) * INFLATED_MOST)
        return tt_fail(e, TT_EFORMAT, "%s: its settings ask for more weights than it can hold", file);
    if (places > size + PLACES_FREE)
        return tt_fail(e, TT_EFORMAT, "%s: its settings ask for %d positions of width %d, more than all its weights", file,
                       h->max_length, h->dim);
    tt_model *m = tt_model_skeleton(h, e);
    if (!m) return TT_ENOMEM;
    struct fitting f = {mf, e, 0};
    walk(m, visit_fit, &f);
    tt_model_close(m);
    return f.rc;
}

/* Every f32-convertible tensor of the file must belong to the model; other rooms' (vocabulary,
   optimiser state) have names with a slash or are bytes. */
int tt_model_check_surplus(const tt_modelfile *mf, size_t found, tt_err *e) {
    size_t own = 0;
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_entry *x = tt_modelfile_entry(mf, i);
        own += x->type != TT_TYPE_U8 && !strchr(x->name, '/');
    }
    if (own == found) return 0;
    return tt_fail(e, TT_EFORMAT, "%s: holds %zu tensors, the model has %zu", tt_modelfile_name(mf), own, found);
}

struct reading {
    const tt_modelfile *mf;
    size_t found;
    tt_err *e;
    int rc;
};

static void visit_read(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)offset;
    struct reading *r = ctx;
    if (r->rc) return;
    const tt_entry *x = tt_model_entry(r->mf, name, t, r->e);
    r->rc = x ? tt_modelfile_read_f32(r->mf, x, t->data, r->e) : TT_EFORMAT;
    if (!r->rc) r->rc = tt_modelfile_check_finite(r->mf, x, t->data, 0, x->rows, r->e);
    r->found++;
}

int tt_model_read(tt_model *m, const tt_modelfile *mf, tt_err *e) {
    struct reading r = {.mf = mf, .e = e};
    walk(m, visit_read, &r);
    return r.rc ? r.rc : tt_model_check_surplus(mf, r.found, e);
}

struct writing {
    tt_modelwriter *w;
    int type;
    tt_err *e;
    int rc;
};

static void visit_write(void *ctx, const char *name, tt_tensor *t, size_t offset) {
    (void)offset;
    struct writing *w = ctx;
    if (w->rc) return;
    int type = tt_tensor_is_matrix(t) ? w->type : TT_TYPE_F32;
    w->rc = tt_modelwriter_add(w->w, name, type, (size_t)t->rows, (size_t)t->cols, t->data, TT_CODEC_DEFLATE, w->e);
}

int tt_model_write(tt_model *m, tt_modelwriter *w, int type, tt_err *e) {
    TT_TRY(tt_hyper_write(&m->h, w, e));
    struct writing x = {w, type, e, 0};
    walk(m, visit_write, &x);
    return x.rc;
}
