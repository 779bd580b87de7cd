/* stack.c: see stack.h. A layer is a chain of sublayers, each between what its block order
 * (order.h) puts before and behind it. Training and decoding run this same text; they differ in the
 * pass (sublayer.h).
 */
#include "nn/stack.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "nn/arch.h"
#include "nn/recurrent.h"
#include "tensor/recompute.h"

enum {
    LAYERS_MOST = 64, /* of hyper.def */
    ENCODE_TOKENS =
        256 /* go through the encoder together: their temporaries then fit the L2 cache */
};

/* Without a tape nothing but a sublayer's result is needed: it goes to `into`, and the memory
 * behind `mark` is free again. */
static tt_tensor *overwrite(tt_run *run, tt_tensor *into, tt_mark mark, tt_tensor *y) {
    if (!into || !y) return y;
    if (y != into) memcpy(into->data, y->data, tt_tensor_size(y) * sizeof(float));
    tt_arena_rewind(run->arena, mark);
    return into;
}

/* Where the maps of a layer's site go; NULL: nowhere. */
static float *map_of(const tt_maps *maps, int site, int layer) {
    return maps && maps->of[site] ? maps->of[site][layer] : NULL;
}

/* Layer i of x. into: x itself, when it may be overwritten, or NULL. */
static tt_tensor *run_layer(tt_run *run, const tt_hyper *h, tt_layer *l, int i, tt_tensor *x,
                            tt_tensor *into, tt_pass *pass, const tt_maps *maps) {
    tt_mark mark = tt_arena_mark(run->arena);
    for (int j = 0; j < l->units; j++) {
        tt_unit *u = &l->unit[j];
        const tt_order *order = tt_order_of(h, u->at.site);
        pass->slot = i * TT_UNITS + j;
        pass->told = maps ? maps->told : (tt_tell){0};
        pass->map = u->kind->attends ? map_of(maps, u->at.site, i) : NULL;
        tt_tensor *fx =
            u->kind->run(run, h, u->at, u->par, order->before(run, h, &u->norm, x), pass);
        x = overwrite(run, into, mark, order->after(run, h, u->at.site, &u->norm, x, fx));
    }
    return x;
}

/* A layer, as tt_recompute takes it. */
struct again {
    const tt_hyper *h;
    tt_layer *layer;
    int i;
    tt_pass pass;
};

static tt_tensor *run_again(tt_run *run, void *ctx, tt_tensor *x) {
    struct again *a = ctx;
    tt_pass pass = a->pass;
    return run_layer(run, a->h, a->layer, a->i, x, NULL, &pass, NULL);
}

/* Layer i of x, which dropout may leave out as a whole. The pass's rows live until the run is
   reset. */
static tt_tensor *pass_layer(tt_run *run, const tt_hyper *h, tt_layer *l, int i, tt_tensor *x,
                             tt_tensor *into, tt_pass *pass, const tt_maps *maps) {
    if (run->drop && run->layer_drop > 0 &&
        tt_rand_unit(tt_run_draw(run), 0) < (double)run->layer_drop)
        return x;
    tt_run_enter(run, tt_layer_part(l->unit->at.site != TT_SITE_ENC, i));
    if (!run->taped || !run->recompute || maps) return run_layer(run, h, l, i, x, into, pass, maps);
    struct again *a = tt_run_alloc(run, sizeof *a);
    if (!a) return NULL;
    *a = (struct again){h, l, i, *pass};
    return tt_recompute(run, run_again, a, x, pass->text);
}

static tt_tensor *top(tt_run *run, const tt_hyper *h, tt_norm_par *p, tt_tensor *x) {
    return tt_hyper_top_norm(h) ? tt_norm_run(run, h, p, x) : x;
}

/* The tokens ids (n) with some left out, of chance p: -1, which has a position alone. */
static const int32_t *leave_out(tt_run *run, const int32_t *ids, int n, float p) {
    int32_t *left = tt_run_alloc(run, ((size_t)n + 1) * sizeof *left);
    const uint64_t key = tt_run_draw(run);
    for (int i = 0; left && i < n; i++)
        left[i] = tt_rand_unit(key, (uint64_t)i) < (double)p ? -1 : ids[i];
    return left;
}

/* side: 0 source, 1 target. recurrent: a side that needs no positions. maps: or NULL. */
static tt_tensor *embed(tt_run *run, tt_model *m, int side, tt_tensor *table, const int32_t *ids,
                        const int32_t *pos, int n, bool recurrent, const tt_maps *maps) {
    float scale = m->h.scaled ? sqrtf((float)m->h.dim) : 1.0f;
    const float p = run->drop ? run->word_drop[side] : 0;
    if (p > 0) {
        ids = leave_out(run, ids, n, p);
        if (!ids) return NULL;
        scale /= 1 - p;
    }
    tt_tensor *positions = recurrent ? NULL : m->positions;
    tt_tensor *x = side == 0 && m->h.characters
                       ? tt_op_place(run,
                                     tt_represent_run(run, &m->h, &m->represent, table, ids, n,
                                                      maps ? maps->represent : NULL),
                                     positions, pos, scale)
                       : tt_op_embed(run, table, positions, ids, pos, n, scale);
    return tt_op_residual(run, NULL, x, (float)m->h.dropout);
}

static tt_tensor *embed_source(tt_run *run, tt_model *m, const int32_t *ids, const int32_t *pos,
                               int n, const tt_maps *maps) {
    tt_tensor *x =
        embed(run, m, 0, m->src_table, ids, pos, n, tt_hyper_encoder_cell(&m->h) != NULL, maps);
    return m->h.emb_norm ? tt_norm_run(run, &m->h, &m->src_norm, x) : x;
}

/* prev (n): the tokens before, -1 at the start. */
static tt_tensor *embed_target(tt_run *run, tt_model *m, const int32_t *prev, const int32_t *pos,
                               int n) {
    if (m->h.start >= 0) {
        int32_t *ids = tt_run_alloc(run, ((size_t)n + 1) * sizeof *ids);
        for (int i = 0; ids && i < n; i++) ids[i] = prev[i] < 0 ? m->h.start : prev[i];
        if (!ids) return NULL;
        prev = ids;
    }
    tt_tensor *x = embed(run, m, 1, m->tgt_table, prev, pos, n, !m->arch->placed, NULL);
    return m->h.emb_norm ? tt_norm_run(run, &m->h, &m->tgt_norm, x) : x;
}

/* For tt_own_tokens: a recurrent decoder's. */
static tt_tensor *embed_own(void *model, tt_run *run, const int32_t *prev, int n) {
    return embed_target(run, model, prev, NULL, n);
}

/* 0, 1, 2 … within each sentence. */
static int32_t *count_positions(tt_run *run, const tt_seqs *s) {
    int32_t n = s->off[s->count], *pos = tt_run_alloc(run, ((size_t)n + 1) * sizeof *pos);
    if (!pos) return NULL;
    for (int b = 0; b < s->count; b++)
        for (int32_t i = s->off[b]; i < s->off[b + 1]; i++) pos[i] = i - s->off[b];
    return pos;
}

/* What the layers have made, where all of it counts: x (N, D) of each and its score e = v tanh(W
   x). */
struct blending {
    tt_model *m;
    tt_tensor *x[LAYERS_MOST + 1], *e[LAYERS_MOST + 1];
    int n;
};

static void keep_layer(tt_run *run, struct blending *b, tt_tensor *x, const tt_tensor *into) {
    if (!b->m->h.combine) return;
    tt_tensor *kept = x && into ? tt_run_tensor(run, x->rows, x->cols) : x;
    if (kept && into) memcpy(kept->data, x->data, tt_tensor_size(x) * sizeof *x->data);
    b->x[b->n] = kept;
    b->e[b->n++] = tt_op_worth(run, kept, &b->m->blend_w, NULL, &b->m->blend_v);
}

/* The states (N, D) of src: `into`, if that is given. first: the number of its first sequence. */
static tt_tensor *encode(tt_run *run, tt_model *m, const tt_seqs *src, int first,
                         const tt_maps *maps, tt_tensor *into) {
    tt_mark begin = tt_arena_mark(run->arena);
    int32_t *pos = count_positions(run, src);
    tt_spans *spans = tt_run_alloc(run, sizeof *spans);
    if (!pos || !spans) return NULL;
    *spans = (tt_spans){src->count, src->off, src->off, false, 0};
    tt_mark mark = tt_arena_mark(run->arena);
    tt_tensor *x = embed_source(run, m, src->ids, pos, src->off[src->count], maps);
    if (tt_hyper_texts(&m->h) == 2) x = tt_pair_mark(run, &m->pair, x, src->count, src->off, first);
    x = overwrite(run, into, mark, x);
    struct blending blend = {.m = m};
    keep_layer(run, &blend, x, into);
    tt_pass pass = {.form = TT_WHOLE, .self = spans};
    for (int i = 0; i < m->h.enc_layers; i++) {
        x = pass_layer(run, &m->h, &m->enc[i], i, x, into, &pass, maps);
        keep_layer(run, &blend, x, into);
    }
    if (m->h.combine) x = tt_op_blend(run, blend.x, blend.e, blend.n, maps ? maps->layers : NULL);
    return overwrite(run, into, begin,
                     tt_hyper_encoder_cell(&m->h) ? x : top(run, &m->h, &m->enc_norm, x));
}

/* All sequences of src, each by itself. */
static tt_tensor *encode_all(tt_run *run, tt_model *m, const tt_seqs *src, const tt_maps *maps) {
    if (run->taped || maps) return encode(run, m, src, 0, maps, NULL);
    tt_tensor *all = tt_run_tensor(run, src->off[src->count], m->h.dim);
    int32_t *off = tt_run_alloc(run, ((size_t)src->count + 1) * sizeof *off);
    if (!all || !off) return NULL;
    for (int first = 0, n; first < src->count; first += n) {
        const int32_t *from = src->off + first;
        for (n = 0; first + n < src->count && (!n || from[n + 1] - *from <= ENCODE_TOKENS); n++)
            off[n] = from[n] - *from;
        off[n] = from[n] - *from;
        const tt_seqs some = {n, off, src->ids + *from, NULL};
        tt_tensor part = {.data = all->data + (size_t)*from * (size_t)all->cols,
                          .rows = off[n],
                          .cols = all->cols};
        if (!encode(run, m, &some, first, NULL, &part)) return NULL;
    }
    return all;
}

/* Maps of two texts, (H, S1, S1) and (H, S2, S2), as one of both, (H, S, S): neither sees the
   other. */
static void join_maps(tt_run *run, const tt_hyper *h, const tt_seqs *split, float *map) {
    const size_t s1 = (size_t)split->off[1], s = (size_t)split->off[2], s2 = s - s1,
                 heads = (size_t)h->heads;
    float *both = tt_run_alloc(run, heads * s * s * sizeof *both);
    if (!both) return;
    memset(both, 0, heads * s * s * sizeof *both);
    for (size_t head = 0; head < heads; head++) {
        for (size_t i = 0; i < s1; i++)
            memcpy(both + (head * s + i) * s, map + (head * s1 + i) * s1, s1 * sizeof *both);
        for (size_t i = 0; i < s2; i++)
            memcpy(both + (head * s + s1 + i) * s + s1,
                   map + heads * s1 * s1 + (head * s2 + i) * s2, s2 * sizeof *both);
    }
    memcpy(map, both, heads * s * s * sizeof *both);
}

/* Texts and those before them, which the layers read each by itself. */
static tt_tensor *encode_document(tt_run *run, tt_model *m, const tt_seqs *src,
                                  const tt_maps *maps) {
    const tt_before *before = tt_context_before(run, &m->h, src);
    tt_tensor *text = encode_all(run, m, src, maps);
    if (!before || !text) return text;
    return tt_context_run(run, &m->h, &m->context, text, src,
                          encode_all(run, m, &before->texts, NULL), before,
                          maps ? &maps->context : NULL);
}

tt_tensor *tt_stack_encode(tt_run *run, tt_model *m, const tt_seqs *src, const tt_maps *maps) {
    if (m->h.context) return encode_document(run, m, src, maps);
    if (tt_hyper_texts(&m->h) == 1) return encode_all(run, m, src, maps);
    const tt_seqs *split = tt_pair_split(run, src);
    tt_tensor *text = split ? encode_all(run, m, split, maps) : NULL;
    for (int i = 0; text && i < m->h.enc_layers; i++)
        if (map_of(maps, TT_SITE_ENC, i)) join_maps(run, &m->h, split, maps->of[TT_SITE_ENC][i]);
    return text ? tt_pair_join(run, &m->h, &m->pair, text, split, maps ? &maps->pair : NULL) : NULL;
}

/* ---- a decoder of layers ------------------------------------------------------------------- */

static bool has_layers(const tt_hyper *h) { return !tt_hyper_decoder_cell(h); }

static void layers_params(tt_model *m, tt_declare *d) {
    tt_layers_params(d, &m->h, "dec", m->dec, m->h.dec_layers);
}

static int layers_align(const tt_model *m) {
    return m->h.align_layer < 0 ? m->h.dec_layers - 1 : m->h.align_layer;
}

static int layers_maps(const tt_model *m) { return m->h.dec_layers; }

static tt_tensor *decoder(tt_run *run, tt_model *m, tt_tensor *x, tt_pass *pass,
                          const tt_maps *maps, float *const *row_maps) {
    const int from = layers_align(m);
    tt_tensor *into = run->taped ? NULL : x;
    for (int i = 0; i < m->h.dec_layers; i++) {
        pass->row_maps = i == from ? row_maps : NULL;
        pass->last = i == m->h.dec_layers - 1;
        x = pass_layer(run, &m->h, &m->dec[i], i, x, into, pass, maps);
    }
    return top(run, &m->h, &m->dec_norm, x);
}

static tt_tensor *layers_whole(tt_run *run, tt_model *m, tt_tensor *embedded, const tt_seqs *tgt,
                               tt_tensor *text, const tt_seqs *src, const tt_maps *maps) {
    tt_spans *spans = tt_run_alloc(run, 2 * sizeof *spans);
    if (!spans) return NULL;
    spans[0] = (tt_spans){tgt->count, tgt->off, tgt->off, true, 0};
    spans[1] = (tt_spans){tgt->count, tgt->off, src->off, false, 0};
    tt_pass pass = {.form = TT_WHOLE,
                    .self = &spans[0],
                    .cross = &spans[1],
                    .text = text,
                    .halved = tt_model_halves(m)};
    return decoder(run, m, embedded, &pass, maps, NULL);
}

static int layers_keeps(const tt_model *m, tt_keeping *keep) {
    const int slots = m->h.dec_layers * TT_UNITS;
    const bool halved = tt_model_halves(m);
    for (int i = 0; i < slots; i++) {
        const tt_layer *l = &m->dec[i / TT_UNITS];
        const tt_unit *u = &l->unit[i % TT_UNITS];
        keep[i] = i % TT_UNITS < l->units && u->kind->keeps ? u->kind->keeps(&m->h, u->at)
                                                            : (tt_keeping){0};
        if (!halved) keep[i].heads = 0;
    }
    return slots;
}

static void layers_open(tt_run *run, tt_model *m, tt_memory *memory, tt_tensor *text,
                        const tt_seqs *src) {
    tt_pass pass = {.form = TT_STEP, .text = text, .memory = memory, .texts = src};
    const bool halved = tt_model_halves(m);
    for (int i = 0; i < m->h.dec_layers; i++) {
        for (int j = 0; j < m->dec[i].units; j++) {
            const tt_unit *u = &m->dec[i].unit[j];
            if (!u->kind->open) continue;
            tt_mark mark = tt_arena_mark(run->arena);
            pass.slot = i * TT_UNITS + j;
            u->kind->open(run, &m->h, u->at, u->par, &pass);
            if (halved && u->kind->keeps(&m->h, u->at).heads)
                tt_arena_rewind(run->arena, mark); /* the memory has a copy */
        }
    }
}

static tt_tensor *layers_step(tt_run *run, tt_model *m, tt_memory *memory, tt_tensor *embedded,
                              float *const *row_maps) {
    tt_pass pass = {.form = TT_STEP, .memory = memory};
    return decoder(run, m, embedded, &pass, NULL, row_maps);
}

/* ---- a recurrent decoder -------------------------------------------------------------------- */

static bool has_cell(const tt_hyper *h) { return tt_hyper_decoder_cell(h) != NULL; }

static void steps_params(tt_model *m, tt_declare *d) {
    tt_recurrent_params(&m->h, m->recurrent, d);
}

static int steps_align(const tt_model *m) {
    (void)m;
    return 0;
}

static int steps_maps(const tt_model *m) {
    (void)m;
    return 1;
}

static tt_tensor *steps_whole(tt_run *run, tt_model *m, tt_tensor *embedded, const tt_seqs *tgt,
                              tt_tensor *text, const tt_seqs *src, const tt_maps *maps) {
    const tt_own_tokens own = {m->out, &m->out_b, embed_own, m};
    const bool feeds = run->drop && run->own > 0;
    return tt_recurrent_whole(run, &m->h, m->recurrent, embedded, tgt, text, src,
                              map_of(maps, TT_SITE_CROSS, 0), maps ? maps->told : (tt_tell){0},
                              feeds ? &own : NULL);
}

static int steps_keeps(const tt_model *m, tt_keeping *keep) {
    return tt_recurrent_keeps(&m->h, keep);
}

static void steps_open(tt_run *run, tt_model *m, tt_memory *memory, tt_tensor *text,
                       const tt_seqs *src) {
    tt_recurrent_open(run, &m->h, m->recurrent, memory, text, src);
}

static tt_tensor *steps_step(tt_run *run, tt_model *m, tt_memory *memory, tt_tensor *embedded,
                             float *const *row_maps) {
    return tt_recurrent_step(run, &m->h, m->recurrent, memory, embedded, row_maps);
}

/* ---- the rows ------------------------------------------------------------------------------- */

static const tt_arch rows[] = {
    {{"transformer", "a stack of layers, each of which sees all tokens before at once",
      "Vaswani et al. 2017", NULL},
     has_layers,
     true,
     NULL,
     layers_params,
     layers_align,
     layers_maps,
     layers_whole,
     layers_keeps,
     layers_open,
     layers_step},
    {{"recurrent", "one step after the other, each of which reads the state before",
      "Cho et al. 2014", NULL},
     has_cell,
     false,
     tt_recurrent_size,
     steps_params,
     steps_align,
     steps_maps,
     steps_whole,
     steps_keeps,
     steps_open,
     steps_step},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_architecture = {
    "architecture", "how the states of a decoder follow; the option decoder chooses", row_at};

const tt_arch *tt_arch_of(const tt_hyper *h) {
    const tt_arch *a = rows;
    while (!a->fits(h)) a++;
    return a;
}

/* ---- decoders ------------------------------------------------------------------------------- */

int tt_stack_align_layer(const tt_model *m) { return m->arch->align_layer(m); }

tt_tensor *tt_stack_decode(tt_run *run, tt_model *m, const tt_seqs *tgt, tt_tensor *text,
                           const tt_seqs *src, const tt_maps *maps) {
    int32_t n = tgt->off[tgt->count], *pos = count_positions(run, tgt);
    int32_t *prev = tt_run_alloc(run, ((size_t)n + 1) * sizeof *prev);
    if (!pos || !prev) return NULL;
    for (int32_t i = 0; i < n; i++) prev[i] = pos[i] ? tgt->ids[i - 1] : -1;
    return m->arch->whole(run, m, embed_target(run, m, prev, pos, n), tgt, text, src, maps);
}

int tt_stack_keeps(const tt_model *m, tt_keeping *keep) { return m->arch->keeps(m, keep); }

void tt_stack_open(tt_run *run, tt_model *m, tt_memory *memory, tt_tensor *text,
                   const tt_seqs *src) {
    m->arch->open(run, m, memory, text, src);
}

tt_tensor *tt_stack_step(tt_run *run, tt_model *m, tt_memory *memory, int count,
                         const int32_t *prev, const int32_t *position, float *const *row_maps) {
    return m->arch->step(run, m, memory, embed_target(run, m, prev, position, count), row_maps);
}
