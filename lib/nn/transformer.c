/* transformer.c: see transformer.h. A layer is a chain of sublayers, each wrapped the same way:
 *   post:  x ← norm(x + dropout(f(x)))        (Vaswani et al. 2017)
 *   pre:   x ← x + dropout(f(norm(x)))        (Xiong et al. 2020; a last norm on top of each side)
 * What differs between training and decoding is only where attention finds its keys, and a recurrence its
 * past: in the batch (struct where, spans) or in the cache.
 */
#include "nn/transformer.h"

#include <math.h>
#include <string.h>

#include "nn/cache.h"

enum {
    ENCODED = 256 /* tokens that go through the encoder together: what they need for a while stays in the level 2 cache */
};

/* How the rows of this pass reach their keys and values. */
struct where {
    const tt_spans *self, *cross; /* given sequences */
    tt_tensor *memory;            /* (N_src, D) encoder states; NULL in the encoder and with a cache */
    bool brief;                   /* keys and values are rounded as a cache would keep them */
    tt_cache *cache;              /* decoding: everything is there */
    int layer;
    float *self_map, *cross_map;  /* (H, T, S) or NULL */
    float *const *row_maps;       /* decoding: a row's cross weights (H, S), or NULL */
};

/* Whether a model's weights have fewer bits than a float. */
static bool is_brief(const tt_model *m) {
    return m->out->packed && m->out->packed_as != TT_PACKED_F32;
}

/* The columns of x from `first` on. */
static void round_columns(tt_run *run, tt_tensor *x, int first) {
    const size_t all = x ? (size_t)x->cols : 0, from = (size_t)first;
    for (int r = 0; x && r < x->rows; r++) {
        float *row = x->data + (size_t)r * all + from;
        run->k->round16(row, row, all - from);
    }
}

static tt_tensor *self_attention(tt_run *run, const tt_hyper *h, tt_attention_par *p, tt_tensor *x, const struct where *w) {
    tt_tensor *qkv = tt_op_linear(run, x, &p->qkv_w, &p->qkv_b, TT_ACT_NONE), *y;
    tt_part q = {qkv, 0}, k = {qkv, h->dim}, v = {qkv, 2 * h->dim};
    if (w->cache) {
        tt_reads reads = tt_cache_self(w->cache, w->layer, qkv);
        y = tt_op_attend_rows(run, q, h->dim, h->heads, &reads, NULL);
    } else {
        if (w->brief) round_columns(run, qkv, h->dim);
        y = tt_op_attend(run, q, k, v, h->dim, h->heads, w->self, (float)h->attention_dropout, w->self_map);
    }
    return tt_op_linear(run, y, &p->o_w, &p->o_b, TT_ACT_NONE);
}

static tt_tensor *ssru(tt_run *run, tt_recur_par *p, tt_tensor *x, const struct where *w) {
    tt_tensor *z = tt_op_linear(run, x, &p->w, &p->b, TT_ACT_NONE);
    if (!w->cache) return tt_op_ssru(run, z, w->self->count, w->self->q_off);
    tt_state_rows s = tt_cache_state(w->cache, w->layer);
    return tt_op_ssru_rows(run, z, s.before, s.parent, s.after);
}

static tt_tensor *average_attention(tt_run *run, const tt_hyper *h, tt_recur_par *p, tt_tensor *x, const struct where *w) {
    tt_tensor *y;
    if (w->cache) {
        tt_state_rows s = tt_cache_state(w->cache, w->layer);
        y = tt_op_average_rows(run, x, s.before, s.parent, s.after, tt_cache_steps(w->cache) - 1);
    } else {
        y = tt_op_average(run, x, w->self->count, w->self->q_off);
    }
    y = tt_op_linear(run, y, &p->w1, &p->b1, h->aan_activation);
    y = tt_op_linear(run, tt_op_residual(run, NULL, y, (float)h->ffn_dropout), &p->w2, &p->b2, TT_ACT_NONE);
    if (!h->aan_gate) return y;
    tt_tensor *in = tt_op_linear(run, x, &p->in_w, &p->in_b, TT_ACT_NONE);
    return tt_op_gate(run, in, x, tt_op_linear(run, y, &p->forget_w, &p->forget_b, TT_ACT_NONE), y);
}

static tt_tensor *cross_attention(tt_run *run, const tt_hyper *h, tt_attention_par *p, tt_tensor *x, const struct where *w) {
    tt_tensor *q = tt_op_linear(run, x, &p->q_w, &p->q_b, TT_ACT_NONE), *y;
    if (w->cache) {
        tt_reads reads = tt_cache_cross(w->cache, w->layer);
        y = tt_op_attend_rows(run, (tt_part){q, 0}, h->dim, h->heads, &reads, w->row_maps);
    } else {
        tt_tensor *kv = tt_op_linear(run, w->memory, &p->kv_w, &p->kv_b, TT_ACT_NONE);
        if (w->brief) round_columns(run, kv, 0);
        y = tt_op_attend(run, (tt_part){q, 0}, (tt_part){kv, 0}, (tt_part){kv, h->dim}, h->dim, h->heads, w->cross,
                         (float)h->attention_dropout, w->cross_map);
    }
    return tt_op_linear(run, y, &p->o_w, &p->o_b, TT_ACT_NONE);
}

static tt_tensor *feed_forward(tt_run *run, const tt_hyper *h, tt_layer *l, tt_tensor *x) {
    tt_tensor *inner = tt_op_linear(run, x, &l->w1, &l->b1, h->activation);
    inner = tt_op_residual(run, NULL, inner, (float)h->ffn_dropout);
    return tt_op_linear(run, inner, &l->w2, &l->b2, TT_ACT_NONE);
}

static tt_tensor *enter(tt_run *run, const tt_hyper *h, tt_tensor *x, tt_tensor *gain, tt_tensor *bias) {
    return h->norm == TT_NORM_PRE ? tt_op_norm(run, x, gain, bias, (float)h->norm_eps) : x;
}

static tt_tensor *leave(tt_run *run, const tt_hyper *h, tt_tensor *x, tt_tensor *fx, tt_tensor *gain, tt_tensor *bias) {
    tt_tensor *y = tt_op_residual(run, x, fx, (float)h->dropout);
    return h->norm == TT_NORM_POST ? tt_op_norm(run, y, gain, bias, (float)h->norm_eps) : y;
}

/* Without a tape nothing but a sublayer's result is wanted: it goes to `into`, and the memory that it took is free
   again. */
static tt_tensor *keep(tt_run *run, tt_tensor *into, tt_mark mark, tt_tensor *y) {
    if (!into || !y) return y;
    if (y != into) memcpy(into->data, y->data, tt_tensor_size(y) * sizeof(float));
    tt_arena_rewind(run->arena, mark);
    return into;
}

/* into: x itself, when it may be overwritten, or NULL. */
static tt_tensor *layer(tt_run *run, const tt_hyper *h, tt_layer *l, tt_tensor *x, tt_tensor *into, const struct where *w,
                        bool decoder) {
    tt_mark mark = tt_arena_mark(run->arena);
    tt_attention_par *p = &l->self;
    tt_recur_par *q = &l->recur;
    if (!decoder || h->autoreg == TT_AUTOREG_ATTENTION) {
        x = leave(run, h, x, self_attention(run, h, p, enter(run, h, x, &p->norm_g, &p->norm_b), w), &p->norm_g, &p->norm_b);
    } else {
        tt_tensor *in = enter(run, h, x, &q->norm_g, &q->norm_b);
        tt_tensor *y = h->autoreg == TT_AUTOREG_SSRU ? ssru(run, q, in, w) : average_attention(run, h, q, in, w);
        x = leave(run, h, x, y, &q->norm_g, &q->norm_b);
    }
    x = keep(run, into, mark, x);
    if (decoder) {
        p = &l->cross;
        x = leave(run, h, x, cross_attention(run, h, p, enter(run, h, x, &p->norm_g, &p->norm_b), w), &p->norm_g, &p->norm_b);
        x = keep(run, into, mark, x);
    }
    x = leave(run, h, x, feed_forward(run, h, l, enter(run, h, x, &l->ffn_g, &l->ffn_b)), &l->ffn_g, &l->ffn_b);
    return keep(run, into, mark, x);
}

static tt_tensor *top(tt_run *run, const tt_hyper *h, tt_tensor *x, tt_tensor *gain, tt_tensor *bias) {
    return tt_hyper_top_norm(h) ? tt_op_norm(run, x, gain, bias, (float)h->norm_eps) : x;
}

static tt_tensor *decoder(tt_run *run, tt_model *m, tt_tensor *x, struct where *w, const tt_maps *maps,
                          float *const *alignment) {
    int from = m->h.align_layer < 0 ? m->h.dec_layers - 1 : m->h.align_layer;
    tt_tensor *into = run->taped ? NULL : x;
    for (int i = 0; i < m->h.dec_layers; i++) {
        w->layer = i;
        w->self_map = maps && maps->dec ? maps->dec[i] : NULL;
        w->cross_map = maps && maps->cross ? maps->cross[i] : NULL;
        w->row_maps = i == from ? alignment : NULL;
        x = layer(run, &m->h, &m->dec[i], x, into, w, true);
    }
    return top(run, &m->h, x, &m->dec_g, &m->dec_b);
}

static tt_tensor *embed(tt_run *run, tt_model *m, tt_tensor *table, const int32_t *ids, const int32_t *pos, int n) {
    float scale = m->h.scaled ? sqrtf((float)m->h.dim) : 1.0f;
    tt_tensor *x = tt_op_embed(run, table, m->positions, ids, pos, n, scale);
    return tt_op_residual(run, NULL, x, (float)m->h.dropout);
}

static tt_tensor *embed_source(tt_run *run, tt_model *m, const int32_t *ids, const int32_t *pos, int n) {
    tt_tensor *x = embed(run, m, m->src_table, ids, pos, n);
    return m->h.emb_norm ? tt_op_norm(run, x, &m->src_g, &m->src_b, (float)m->h.norm_eps) : x;
}

/* prev (n): the tokens before, -1 at the start. */
static tt_tensor *embed_target(tt_run *run, tt_model *m, const int32_t *prev, const int32_t *pos, int n) {
    if (m->h.start >= 0) {
        int32_t *ids = tt_run_alloc(run, ((size_t)n + 1) * sizeof *ids);
        for (int i = 0; ids && i < n; i++) ids[i] = prev[i] < 0 ? m->h.start : prev[i];
        if (!ids) return NULL;
        prev = ids;
    }
    tt_tensor *x = embed(run, m, m->tgt_table, prev, pos, n);
    return m->h.emb_norm ? tt_op_norm(run, x, &m->tgt_g, &m->tgt_b, (float)m->h.norm_eps) : x;
}

/* 0, 1, 2 … within each sentence. */
static int32_t *count_positions(tt_run *run, const tt_seqs *s) {
    int32_t n = s->off[s->count], *pos = tt_run_alloc(run, ((size_t)n + 1) * sizeof *pos);
    if (!pos) return NULL;
    for (int b = 0; b < s->count; b++)
        for (int32_t i = s->off[b]; i < s->off[b + 1]; i++) pos[i] = i - s->off[b];
    return pos;
}

/* The states (N, D) of src: `into`, if that is given. */
static tt_tensor *encode(tt_run *run, tt_model *m, const tt_seqs *src, const tt_maps *maps, tt_tensor *into) {
    tt_mark begin = tt_arena_mark(run->arena);
    int32_t *pos = count_positions(run, src);
    tt_spans *spans = tt_run_alloc(run, sizeof *spans);
    if (!pos || !spans) return NULL;
    *spans = (tt_spans){src->count, src->off, src->off, false};
    tt_mark mark = tt_arena_mark(run->arena);
    tt_tensor *x = keep(run, into, mark, embed_source(run, m, src->ids, pos, src->off[src->count]));
    for (int i = 0; i < m->h.enc_layers; i++) {
        struct where w = {.self = spans, .self_map = maps && maps->enc ? maps->enc[i] : NULL};
        x = layer(run, &m->h, &m->enc[i], x, into, &w, false);
    }
    return keep(run, into, begin, top(run, &m->h, x, &m->enc_g, &m->enc_b));
}

tt_tensor *tt_transformer_encode(tt_run *run, tt_model *m, const tt_seqs *src, const tt_maps *maps) {
    if (run->taped || maps) return encode(run, m, src, maps, NULL);
    tt_tensor *all = tt_run_tensor(run, src->off[src->count], m->h.dim);
    int32_t *off = tt_run_alloc(run, ((size_t)src->count + 1) * sizeof *off);
    if (!all || !off) return NULL;
    for (int first = 0, n; first < src->count; first += n) {
        const int32_t *from = src->off + first;
        for (n = 0; first + n < src->count && (!n || from[n + 1] - *from <= ENCODED); n++) off[n] = from[n] - *from;
        off[n] = from[n] - *from;
        const tt_seqs some = {n, off, src->ids + *from};
        tt_tensor part = {.data = all->data + (size_t)*from * (size_t)all->cols, .rows = off[n], .cols = all->cols};
        if (!encode(run, m, &some, NULL, &part)) return NULL;
    }
    return all;
}

tt_tensor *tt_transformer_decode(tt_run *run, tt_model *m, const tt_seqs *tgt, tt_tensor *memory, const tt_seqs *src,
                                 const tt_maps *maps) {
    int32_t n = tgt->off[tgt->count], *pos = count_positions(run, tgt);
    int32_t *prev = tt_run_alloc(run, ((size_t)n + 1) * sizeof *prev);
    tt_spans *spans = tt_run_alloc(run, 2 * sizeof *spans);
    if (!pos || !prev || !spans) return NULL;
    for (int32_t i = 0; i < n; i++) prev[i] = pos[i] ? tgt->ids[i - 1] : -1;
    spans[0] = (tt_spans){tgt->count, tgt->off, tgt->off, true};
    spans[1] = (tt_spans){tgt->count, tgt->off, src->off, false};
    struct where w = {.self = &spans[0], .cross = &spans[1], .memory = memory, .brief = is_brief(m)};
    return decoder(run, m, embed_target(run, m, prev, pos, n), &w, maps, NULL);
}

void tt_transformer_loss(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt, float smoothing,
                         tt_loss *loss, float *nll) {
    tt_tensor *memory = tt_transformer_encode(run, m, src, NULL);
    tt_tensor *x = tt_transformer_decode(run, m, tgt, memory, src, NULL);
    tt_op_xent(run, x, m->out, &m->out_b, tgt->ids, smoothing, loss, nll);
}

tt_tensor *tt_transformer_step(tt_run *run, tt_model *m, tt_cache *c, int rows, const int32_t *prev,
                               const int32_t *parent, const int32_t *sentence, float *const *cross) {
    const int32_t *pos = tt_cache_step(run, c, rows, parent, sentence);
    if (!pos) return NULL;
    struct where w = {.cache = c};
    return decoder(run, m, embed_target(run, m, prev, pos, rows), &w, NULL, cross);
}

tt_tensor *tt_transformer_logits(tt_run *run, tt_model *m, const tt_cache *c, const tt_tensor *states, int first, int rows) {
    tt_out_layer *out = tt_cache_output(c);
    tt_tensor part = {.data = states->data + (size_t)first * (size_t)states->cols, .rows = rows, .cols = states->cols};
    return tt_op_linear(run, &part, out ? &out->w : m->out, out ? &out->b : &m->out_b, TT_ACT_NONE);
}

int tt_transformer_pick(tt_run *run, tt_model *m, const tt_tensor *states, const int32_t *barred, int count, tt_greatest *of) {
    tt_run_greatest(run, of, states->data, states->rows, m->out, m->out_b.data, barred, count);
    return run->failed;
}

int tt_cache_restrict(tt_run *run, tt_model *m, tt_cache *c, const int32_t *ids, int n) {
    tt_out_layer *out = tt_run_alloc(run, sizeof *out);
    float *bias = tt_run_alloc(run, (size_t)n * sizeof *bias);
    if (!out || !bias) return run->failed;
    for (int i = 0; i < n; i++) bias[i] = m->out_b.data[ids[i]];
    out->b = (tt_tensor){.data = bias, .rows = 1, .cols = n};
    if (tt_model_select(run, m->out, ids, n, &out->w)) return run->failed;
    tt_cache_set_output(c, out);
    return 0;
}

size_t tt_cache_size(const tt_model *m, int n, int rows) {
    return tt_cache_bytes(&m->h, is_brief(m), n, rows);
}

tt_cache *tt_cache_open(tt_run *run, tt_model *m, const tt_seqs *src, const tt_room *room) {
    const bool brief = is_brief(m);
    tt_tensor *memory = tt_transformer_encode(run, m, src, NULL);
    tt_cache *c = tt_cache_make(run, &m->h, src, room, brief);
    for (int i = 0; c && i < m->h.dec_layers; i++) {
        tt_mark mark = tt_arena_mark(run->arena);
        tt_tensor *kv = tt_op_linear(run, memory, &m->dec[i].cross.kv_w, &m->dec[i].cross.kv_b, TT_ACT_NONE);
        tt_cache_set_cross(c, i, kv);
        if (brief) tt_arena_rewind(run->arena, mark);
    }
    return run->failed ? NULL : c;
}
