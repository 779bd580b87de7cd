/* model.c: see model.h. One walk names every parameter with its shape; opening, initialising,
 * reading, writing and packing are visits of that walk, so the list stands here once.
 */
#include "nn/model.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/keys.h"
#include "base/rng.h"
#include "nn/init.h"
#include "nn/arch.h"

enum {
    INFLATED_MOST = 64,    /* floats of weights for a byte of the file */
    PLACES_FREE = 16 << 20 /* floats of positions, whatever the weights */
};

static void unit(tt_declare *d, const tt_hyper *h, tt_unit *u) {
    const size_t at = tt_declare_enter(d, "%s", u->kind->at);
    d->spot = u->at;
    d->part = u->kind->part;
    u->kind->params(h, u->at, u->par, d);
    if (tt_order_of(h, u->at.site)->normed) tt_norm_params(h, &u->norm, d);
    d->part = TT_NO_PART;
    tt_declare_leave(d, at);
}

void tt_layers_params(tt_declare *d, const tt_hyper *h, const char *side, tt_layer *l, int count) {
    d->side = side[0] == 'd' ? TT_DECODER_SIDE : TT_ENCODER_SIDE;
    for (int i = 0; i < count; i++) {
        const size_t at = tt_declare_enter(d, "%s.%d.", side, i);
        d->layer = i + 1;
        for (int j = 0; j < l[i].units; j++) unit(d, h, &l[i].unit[j]);
        tt_declare_leave(d, at);
    }
    d->side = TT_NO_SIDE;
    d->layer = 0;
}

static void norm(tt_declare *d, const tt_hyper *h, const char *side, tt_norm_par *p) {
    const size_t at = tt_declare_enter(d, "%s.", side);
    tt_norm_params(h, p, d);
    tt_declare_leave(d, at);
}

static size_t walk(tt_model *m, tt_param_visit *visit, void *ctx) {
    tt_declare d = {.visit = visit, .ctx = ctx};
    const tt_hyper *h = &m->h;
    const char *name = h->tied == TT_TIED_ALL ? "emb" : "src.emb";
    d.side = TT_ENCODER_SIDE;
    d.part = TT_PART_EMBEDDING;
    tt_declare_param(&d, &m->emb, &(tt_param){name, h->vocab, h->dim, .role = TT_TABLE});
    d.side = TT_DECODER_SIDE;
    if (h->tied != TT_TIED_ALL)
        tt_declare_param(&d, &m->tgt_emb,
                         &(tt_param){"tgt.emb", h->tgt_vocab, h->dim, .role = TT_TABLE});
    d.side = TT_NO_SIDE;
    if (h->tied == TT_TIED_NONE)
        tt_declare_param(&d, &m->out_w,
                         &(tt_param){"out.w", h->tgt_vocab, h->dim, .role = TT_TABLE});
    tt_declare_param(
        &d, &m->out_b,
        &(tt_param){TT_ENTRY_OUT_BIAS, 1, h->tgt_vocab, .role = TT_BIAS, .may_close = true});
    if (tt_position_at(h->positions)->learned)
        tt_declare_param(&d, &m->pos, &(tt_param){"pos", h->max_length, h->dim, .role = TT_TABLE});
    if (h->characters) tt_represent_params(h, &m->represent, &d);
    if (h->emb_norm) {
        norm(&d, h, "src", &m->src_norm);
        norm(&d, h, "tgt", &m->tgt_norm);
    }
    d.part = TT_NO_PART;
    tt_layers_params(&d, h, "enc", m->enc, h->enc_layers);
    m->arch->params(m, &d);
    if (tt_hyper_top_norm(h) && !tt_hyper_encoder_cell(h)) norm(&d, h, "enc", &m->enc_norm);
    if (tt_hyper_top_norm(h) && m->arch->placed) norm(&d, h, "dec", &m->dec_norm);
    if (h->combine) {
        tt_declare_param(&d, &m->blend_w,
                         &(tt_param){"blend.w", h->dim, h->dim, .role = TT_MATRIX});
        tt_declare_param(&d, &m->blend_v,
                         &(tt_param){"blend.v", 1, h->dim, .role = TT_SMALL,
                                     .deviation = 1 / sqrt((double)h->dim)});
    }
    if (tt_hyper_texts(h) == 2) tt_pair_params(h, &m->pair, &d);
    if (h->context) tt_context_params(h, &m->context, &d);
    return d.offset;
}

void tt_model_walk(tt_model *m, tt_param_visit *visit, void *ctx) { walk(m, visit, ctx); }

static void visit_nothing(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)ctx, (void)p, (void)t, (void)offset;
}

/* The sublayers of a layer: those that stand in it. */
static tt_layer make_layer(const tt_hyper *h, bool decoder) {
    const tt_sublayer *kind;
    tt_layer l = {.units = 0};
    for (int i = 0; (kind = tt_sublayer_at(i)) != NULL; i++)
        for (int site = 0; site < TT_SITES; site++) {
            const bool here = (kind->sites >> site & 1) && decoder == (site != TT_SITE_ENC);
            if (!here || !kind->stands(h, site)) continue;
            assert(l.units < TT_UNITS);
            l.unit[l.units++] = (tt_unit){.kind = kind, .at = {site, 0}};
        }
    return l;
}

static size_t size_of(const tt_layer *l) {
    size_t n = 0;
    for (int i = 0; i < l->units; i++) n += (l->unit[i].kind->size + 63) / 64 * 64;
    return n;
}

/* Makes `count` layers, their parameters from *at on. */
static void make_layers(tt_layer *l, int count, const tt_layer *like, char **at) {
    for (int i = 0; i < count; i++) {
        l[i] = *like;
        for (int j = 0; j < like->units; j++) {
            l[i].unit[j].par = *at;
            l[i].unit[j].at.layer = i;
            *at += (like->unit[j].kind->size + 63) / 64 * 64;
        }
    }
}

size_t tt_model_size(const tt_hyper *h) {
    tt_err e;
    tt_model *m = tt_model_skeleton(h, &e);
    if (!m) return SIZE_MAX;
    const size_t size = walk(m, visit_nothing, NULL);
    tt_model_close(m);
    return size;
}

tt_model *tt_model_skeleton(const tt_hyper *h, tt_err *e) {
    const size_t enc = (size_t)h->enc_layers, dec = (size_t)h->dec_layers;
    const tt_layer encoder = make_layer(h, false), decoder = make_layer(h, true);
    tt_model *m = calloc(1, sizeof *m);
    if (m) {
        m->h = *h;
        m->enc = calloc(enc, sizeof *m->enc);
        m->dec = calloc(dec, sizeof *m->dec);
        m->owned[1] = calloc(1, enc * size_of(&encoder) + dec * size_of(&decoder));
        m->arch = tt_arch_of(h);
        if (m->arch->size) m->owned[2] = m->recurrent = calloc(1, m->arch->size());
    }
    if (!m || !m->enc || !m->dec || !m->owned[1] || (m->arch->size && !m->recurrent)) {
        tt_model_close(m);
        tt_fail(e, TT_ENOMEM, "out of memory for a model of width %d", h->dim);
        return NULL;
    }
    char *par = m->owned[1];
    make_layers(m->enc, h->enc_layers, &encoder, &par);
    make_layers(m->dec, h->dec_layers, &decoder, &par);
    if (tt_hyper_sines(h)) m->pos = (tt_tensor){.rows = h->max_length, .cols = h->dim};
    m->positions = tt_hyper_sines(h) || tt_position_at(h->positions)->learned ? &m->pos : NULL;
    m->src_table = &m->emb;
    m->tgt_table = h->tied == TT_TIED_ALL ? &m->emb : &m->tgt_emb;
    m->out = h->tied == TT_TIED_NONE ? &m->out_w : m->tgt_table;
    return m;
}

int tt_model_place(tt_model *m, tt_err *e) {
    const tt_hyper *h = &m->h;
    if (!tt_hyper_sines(h)) return 0;
    m->pos.data = m->owned[3] = malloc((size_t)h->max_length * (size_t)h->dim * sizeof(float));
    if (!m->pos.data)
        return tt_fail(e, TT_ENOMEM, "out of memory for %d positions of width %d", h->max_length,
                       h->dim);
    tt_position_at(h->positions)->fill(m->pos.data, h->max_length, h->dim);
    return 0;
}

void tt_model_close(tt_model *m) {
    if (!m) return;
    for (size_t i = 0; i < sizeof m->owned / sizeof m->owned[0]; i++) free(m->owned[i]);
    free(m->enc);
    free(m->dec);
    free(m);
}

void tt_model_spell(tt_model *m, const tt_grams *grams) { m->h.grams = grams; }

struct lay {
    float *params, *grads;
};

static void visit_lay(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)p;
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

static void visit_clear(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)ctx, (void)p, (void)offset;
    t->has_grad = false;
}

void tt_model_clear(tt_model *m) { walk(m, visit_clear, NULL); }

struct init {
    const tt_hyper *h;
    uint64_t key;
};

static void visit_init(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    const struct init *in = ctx;
    tt_init_fill(in->h, p, t, tt_key(in->key, offset));
}

void tt_model_init(tt_model *m, uint64_t seed) {
    walk(m, visit_init, &(struct init){&m->h, tt_key(seed, 0x696e6974)});
}

static void visit_redraw(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    const struct init *in = ctx;
    if (p->features) tt_init_fill(in->h, p, t, tt_key(in->key, offset));
}

void tt_model_redraw(tt_model *m, uint64_t seed, uint64_t time) {
    walk(m, visit_redraw, &(struct init){&m->h, tt_key(tt_key(seed, 0x72656472), time)});
}

static void visit_count(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)p, (void)offset;
    *(size_t *)ctx += tt_tensor_size(t);
}

size_t tt_model_params(tt_model *m) {
    size_t n = 0;
    walk(m, visit_count, &n);
    return n;
}

/* ---- files --------------------------------------------------------------------------------- */

const tt_file_tensor *tt_model_entry(const tt_modelfile *mf, const tt_param *p, tt_err *e) {
    const tt_file_tensor *x = tt_modelfile_find(mf, p->name);
    const char *file = tt_modelfile_name(mf);
    if (!x) {
        tt_fail(e, TT_EFORMAT, "%s: tensor %s is missing", file, p->name);
        return NULL;
    }
    if (x->rows == (size_t)p->rows && x->cols == (size_t)p->cols) return x;
    tt_fail(e, TT_EFORMAT, "%s: tensor %s is %zu x %zu, expected %d x %d", file, p->name, x->rows,
            x->cols, p->rows, p->cols);
    return NULL;
}

struct fitting {
    const tt_modelfile *mf;
    tt_err *e;
    int rc;
};

static void visit_fit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)t, (void)offset;
    struct fitting *f = ctx;
    if (!f->rc && !tt_model_entry(f->mf, p, f->e)) f->rc = TT_EFORMAT;
}

int tt_model_fits(const tt_hyper *h, const tt_modelfile *mf, tt_err *e) {
    const char *file = tt_modelfile_name(mf);
    const size_t size = tt_model_size(h),
                 places = tt_hyper_sines(h) ? (size_t)h->max_length * (size_t)h->dim : 0;
    if (size > tt_modelfile_size(mf) * INFLATED_MOST)
        return tt_fail(e, TT_EFORMAT, "%s: its settings ask for more weights than it can hold",
                       file);
    if (places > size + PLACES_FREE)
        return tt_fail(
            e, TT_EFORMAT,
            "%s: its settings ask for %d positions of width %d, more than all its weights", file,
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
        const tt_file_tensor *x = tt_modelfile_entry(mf, i);
        own += x->type != TT_TYPE_U8 && !strchr(x->name, '/');
    }
    if (own == found) return 0;
    return tt_fail(e, TT_EFORMAT, "%s: holds %zu tensors, the model has %zu", tt_modelfile_name(mf),
                   own, found);
}

struct reading {
    const tt_modelfile *mf;
    size_t found;
    tt_err *e;
    int rc;
};

static void visit_read(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)offset;
    struct reading *r = ctx;
    if (r->rc) return;
    const tt_file_tensor *x = tt_model_entry(r->mf, p, r->e);
    r->rc = x ? tt_modelfile_read_f32(r->mf, x, t->data, r->e) : TT_EFORMAT;
    if (!r->rc)
        r->rc = tt_modelfile_check_finite(r->mf, x, t->data, 0, x->rows, p->may_close, r->e);
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

static void visit_write(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)offset;
    struct writing *w = ctx;
    if (w->rc) return;
    int type = p->role == TT_MATRIX || p->role == TT_TABLE ? w->type : TT_TYPE_F32;
    w->rc = tt_modelwriter_add(w->w, p->name, type, (size_t)t->rows, (size_t)t->cols, t->data,
                               TT_CODEC_DEFLATE, w->e);
}

int tt_model_write(tt_model *m, tt_modelwriter *w, int type, tt_err *e) {
    TT_TRY(tt_hyper_write(&m->h, w, e));
    struct writing x = {w, type, e, 0};
    walk(m, visit_write, &x);
    return x.rc;
}
