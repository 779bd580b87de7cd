/* recurrent.c: see recurrent.h. A step is written once (struct step): training takes it T times
 * with the states on the tape, for the sentences that are longer than the step, which are the first
 * ones in falling order of length; decoding takes it once for each token. What needs no state, the
 * products of all tokens before and the keys of the text, is made once.
 */
#include "nn/recurrent.h"

#include <stdio.h>
#include <string.h>

#include "attention/parts.h"
#include "nn/bylength.h"
#include "base/rng.h"

enum { LAYERS_MOST = 64 };
enum { SLOT_TEXT, SLOT_FEED, SLOT_STATES }; /* then h and c of each layer */

struct layer {
    tt_tensor w, b; /* (G D, D), (1, G D): of the token before, or of the layer below */
    tt_cell_par cell;
    tt_tensor init_w, init_b; /* of the first state */
};

struct tt_recurrent {
    struct layer layer[LAYERS_MOST];
    tt_tensor in_w; /* (G D, D): the first layer's, of context or fed vector */
    tt_tensor q_w, q_b, kv_w, kv_b, o_w, o_b; /* projections, where there are several heads */
    tt_attend_par own;
    tt_tensor read_s, read_y, read_c, read_b; /* readout: (R, D) three times, (1, R), R = D or 2 D;
                                                 luong: read_s, read_c, read_b */
};

size_t tt_recurrent_size(void) { return sizeof(struct tt_recurrent); }

/* ---- settings -------------------------------------------------------------------------------- */

static int setting(const tt_hyper *h, int which) { return (int)h->decoder.set[which]; }
static int attention(const tt_hyper *h) { return setting(h, TT_SIDE_ATTENTION); }
static bool attends(const tt_hyper *h) { return attention(h) != TT_RNN_NONE; }
static bool both(const tt_hyper *h) { return ((const tt_side *)h->encoder.row)->both; }

/* Whether a step reads the state before it. */
static bool hands_on(const tt_hyper *h) {
    return setting(h, TT_SIDE_RECURRENCE) == TT_RECURRENCE_HIDDEN;
}

/* Whether a step reads what the last one ended with. */
static bool feeds(const tt_hyper *h) {
    return attention(h) == TT_RNN_LUONG && setting(h, TT_SIDE_FEEDING) == TT_FEEDING_YES;
}

/* Whether each step reads a vector beside the token: a context, or the last step's end. */
static bool reads_more(const tt_hyper *h) {
    if (attention(h) == TT_RNN_NONE) return setting(h, TT_SIDE_CONTEXT) == TT_CONTEXT_EVERY_STEP;
    return attention(h) == TT_RNN_BAHDANAU || feeds(h);
}

/* Whether the readout sees a context. */
static bool reads_context(const tt_hyper *h) { return attends(h) || reads_more(h); }

static int readout(const tt_hyper *h) {
    return attention(h) == TT_RNN_LUONG ? TT_READOUT_TANH : setting(h, TT_SIDE_READOUT);
}

static bool sums(const tt_hyper *h) {
    const int residual = setting(h, TT_SIDE_RESIDUAL);
    return residual == TT_RESIDUAL_YES || (residual == TT_RESIDUAL_AUTO && h->dec_layers > 2);
}

static tt_cell_use use_of(const tt_hyper *h, struct layer *l) {
    return (tt_cell_use){tt_hyper_decoder_cell(h), h->decoder.set, &l->cell, h->dim, NULL};
}

/* The first state comes from half a state of the text alone. */
static bool from_half(const tt_hyper *h) { return both(h) && attention(h) == TT_RNN_BAHDANAU; }

/* ---- parameters ------------------------------------------------------------------------------ */

static void matrix(tt_declare *d, tt_tensor *t, const char *name, int rows, int cols) {
    tt_declare_param(d, t, &(tt_param){name, rows, cols, .role = TT_MATRIX});
}

static void bias(tt_declare *d, tt_tensor *t, const char *name, int cols) {
    tt_declare_param(d, t, &(tt_param){name, 1, cols, .role = TT_BIAS});
}

static void attention_params(const tt_hyper *h, tt_recurrent *p, tt_declare *d) {
    const size_t at = tt_declare_enter(d, "cross.");
    d->part = TT_PART_CROSS;
    const tt_attend a = tt_hyper_attend(h, (tt_spot){TT_SITE_CROSS, 0});
    if (h->heads > 1) {
        matrix(d, &p->q_w, "q.w", h->dim, h->dim);
        bias(d, &p->q_b, "q.b", h->dim);
        tt_declare_param(d, &p->kv_w,
                         &(tt_param){"kv.w", 2 * h->dim, h->dim, .role = TT_MATRIX, .parts = 2});
        bias(d, &p->kv_b, "kv.b", 2 * h->dim);
        matrix(d, &p->o_w, "o.w", h->dim, h->dim);
        bias(d, &p->o_b, "o.b", h->dim);
    }
    tt_attend_params(&a, &p->own, d);
    d->part = TT_NO_PART;
    tt_declare_leave(d, at);
}

void tt_recurrent_params(const tt_hyper *h, tt_recurrent *p, tt_declare *d) {
    const int half = from_half(h) ? h->dim / 2 : h->dim,
              wide = readout(h) == TT_READOUT_MAXOUT ? 2 * h->dim : h->dim;
    const size_t side = tt_declare_enter(d, "dec.");
    for (int i = 0; i < h->dec_layers; i++) {
        struct layer *l = &p->layer[i];
        const tt_cell_use u = use_of(h, l);
        const size_t at = tt_declare_enter(d, "%d.rnn.", i);
        d->part = TT_PART_SELF;
        tt_cell_input(&u, h->dim, &l->w, &l->b, d);
        if (hands_on(h)) {
            u.cell->params(&u, d);
            tt_declare_param(d, &l->init_w,
                             &(tt_param){"init.w", h->dim, half, .role = TT_SMALL, .glorot = true});
            bias(d, &l->init_b, "init.b", h->dim);
        }
        d->part = TT_NO_PART;
        tt_declare_leave(d, at);
    }
    const int gates = tt_hyper_decoder_cell(h)->gates;
    const tt_param in = {"in.w", gates * h->dim, h->dim, .role = TT_MATRIX, .parts = gates};
    if (reads_more(h)) tt_declare_param(d, &p->in_w, &in);
    if (attends(h)) attention_params(h, p, d);
    if (readout(h) != TT_READOUT_NONE) {
        matrix(d, &p->read_s, "read.s.w", wide, h->dim);
        if (attention(h) != TT_RNN_LUONG) matrix(d, &p->read_y, "read.y.w", wide, h->dim);
        if (reads_context(h)) matrix(d, &p->read_c, "read.c.w", wide, h->dim);
        bias(d, &p->read_b, "read.b", wide);
    }
    tt_declare_leave(d, side);
}

/* ---- a step ---------------------------------------------------------------------------------- */

/* What a step of some rows reads and leaves. */
struct step {
    tt_run *run;
    const tt_hyper *h;
    tt_recurrent *p;
    tt_tensor *in, *read; /* of the token before: (rows, G D) with the bias, (rows, R) or NULL */
    tt_tensor *feed; /* the vector that each step reads beside it, (rows, D): C, or the last step's
                        end; or NULL */
    tt_cell_state *states; /* (dec_layers): before, then after */
    tt_tensor *(*attend)(struct step *s, tt_tensor *query);
    const void *how; /* attend's own */
};

static tt_tensor *add(tt_run *run, tt_tensor *a, tt_tensor *b) {
    return a && b ? tt_op_residual(run, a, b, 0) : a ? a : b;
}

/* The cells of all layers. more: what the first one reads beside the token, or NULL. Returns the
 * state of the last. */
static tt_tensor *run_cells(struct step *s, tt_tensor *more) {
    tt_tensor *x = NULL;
    for (int i = 0; i < s->h->dec_layers; i++) {
        struct layer *l = &s->p->layer[i];
        const tt_cell_use u = use_of(s->h, l);
        tt_tensor *z = s->in;
        if (i)
            z = tt_op_linear(s->run, tt_op_residual(s->run, NULL, x, (float)s->h->dropout), &l->w,
                             &l->b, TT_ACT_NONE);
        else if (more)
            z = add(s->run, tt_op_linear(s->run, more, &s->p->in_w, NULL, TT_ACT_NONE), z);
        if (hands_on(s->h)) s->states[i] = tt_op_cell(s->run, &u, z, s->states[i]);
        else s->states[i].h = tt_op_act(s->run, z, tt_cell_rnn_act(s->h->decoder.set));
        x = i && sums(s->h) ? tt_op_residual(s->run, x, s->states[i].h, 0) : s->states[i].h;
        if (!x) return NULL;
    }
    return x;
}

static tt_tensor *read_out(struct step *s, tt_tensor *state, tt_tensor *context) {
    tt_recurrent *p = s->p;
    if (readout(s->h) == TT_READOUT_NONE) return state;
    tt_tensor *y = tt_op_linear(s->run, state, &p->read_s, &p->read_b, TT_ACT_NONE);
    if (s->read) y = add(s->run, y, s->read);
    if (context) y = add(s->run, y, tt_op_linear(s->run, context, &p->read_c, NULL, TT_ACT_NONE));
    return readout(s->h) == TT_READOUT_MAXOUT ? tt_op_maxout(s->run, y) : tt_op_tanh(s->run, y);
}

/* The state of one step, and what its readout sees beside it: c_t, C, or NULL. */
static tt_tensor *advance(struct step *s, tt_tensor **context) {
    *context = NULL;
    if (attention(s->h) == TT_RNN_BAHDANAU) {
        *context = s->attend(s, s->states[0].h);
        return *context ? run_cells(s, *context) : NULL;
    }
    tt_tensor *state = run_cells(s, reads_more(s->h) ? s->feed : NULL);
    if (state && attention(s->h) == TT_RNN_LUONG) *context = s->attend(s, state);
    else if (reads_more(s->h)) *context = s->feed;
    return attends(s->h) && !*context ? NULL : state;
}

/* One step; returns what the output layer gets, and leaves in feed what the next step reads. */
static tt_tensor *take(struct step *s) {
    tt_tensor *context, *state = advance(s, &context),
                        *out = state ? read_out(s, state, context) : NULL;
    if (attention(s->h) == TT_RNN_LUONG) s->feed = out;
    return out;
}

static tt_tensor *zeros(tt_run *run, int rows, int cols) {
    tt_tensor *t = tt_run_tensor(run, rows, cols);
    if (t) memset(t->data, 0, tt_tensor_size(t) * sizeof *t->data);
    return t;
}

/* The text as one vector a sentence (B, D); first, last (B): rows of its tokens. */
static tt_tensor *summary(tt_run *run, const tt_hyper *h, tt_tensor *text, int count,
                          const int32_t *off, const int32_t *first, const int32_t *last) {
    if (!tt_hyper_encoder_cell(h))
        return tt_op_pick(run, tt_op_average(run, text, count, off), last, count);
    tt_tensor *end = tt_op_pick(run, text, last, count);
    if (!both(h)) return end;
    return tt_op_beside(run, (tt_part){end, 0}, h->dim / 2,
                        (tt_part){tt_op_pick(run, text, first, count), h->dim / 2}, h->dim / 2);
}

/* States before the first step into states (dec_layers), and C or zeros into *feed. off (count+1).
 */
static void begin(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_tensor *text, int count,
                  const int32_t *off, tt_cell_state *states, tt_tensor **feed) {
    int32_t *first = tt_run_alloc(run, 2 * (size_t)count * sizeof *first);
    if (!first || !text) return;
    int32_t *last = first + count;
    for (int b = 0; b < count; b++) first[b] = off[b], last[b] = off[b + 1] - 1;
    const bool half = from_half(h);
    tt_tensor *all =
        half ? tt_op_pick(run, text, first, count) : summary(run, h, text, count, off, first, last);
    for (int i = 0; hands_on(h) && i < h->dec_layers; i++) {
        struct layer *l = &p->layer[i];
        states[i].h = tt_op_tanh(run, tt_op_heads(run, (tt_part){all, half ? h->dim / 2 : 0}, 1,
                                                  &l->init_w, &l->init_b));
        states[i].c = tt_hyper_decoder_cell(h)->memory ? zeros(run, count, h->dim) : NULL;
    }
    *feed = attends(h) ? zeros(run, count, h->dim) : all;
}

/* Keys, as the alignment keeps them, and values of texts off (count+1); returns the rows of
   each. */
static const int32_t *look(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_tensor *text,
                           int count, const int32_t *off, tt_part *k, tt_part *v) {
    const tt_attend a = tt_hyper_attend(h, (tt_spot){TT_SITE_CROSS, 0});
    tt_part keys = {text, 0}, values = {text, 0};
    if (h->heads > 1) {
        tt_tensor *kv = tt_op_linear(run, text, &p->kv_w, &p->kv_b, TT_ACT_NONE);
        keys = (tt_part){kv, 0}, values = (tt_part){kv, h->dim};
    }
    off = tt_attend_mix(run, &a, &p->own, &keys, &values, count, off);
    *k = tt_attend_key(run, &a, &p->own, keys, &(tt_key_rows){count, off, NULL});
    *v = values;
    return off;
}

static tt_tensor *project(struct step *s, tt_tensor *query) {
    return s->h->heads > 1 ? tt_op_linear(s->run, query, &s->p->q_w, &s->p->q_b, TT_ACT_NONE)
                           : query;
}

static tt_tensor *join(struct step *s, tt_tensor *y) {
    return s->h->heads > 1 ? tt_op_linear(s->run, y, &s->p->o_w, &s->p->o_b, TT_ACT_NONE) : y;
}

/* ---- whole sequences ------------------------------------------------------------------------- */

struct whole {
    tt_part k, v;
    const int32_t *order;         /* (B): the sentences by falling length */
    const int32_t *q_off, *k_off; /* (B+1): 0, 1, 2 …; of the text in the order of the sentences */
    int t, all;                   /* all: sentences, whose steps are all taken at once; or 0 */
    tt_tell told;
    float **maps, *row_maps; /* (B) of (H, T, S), and room for (H, S) of each; or NULL */
    const int32_t *lengths;  /* (B) of the translations */
};

/* The weights of a step to their rows in the maps. */
static void write_maps(const struct whole *w, int rows, size_t heads) {
    const float *from = w->row_maps;
    for (int r = 0; r < rows; r++) {
        const size_t n = (size_t)(w->k_off[r + 1] - w->k_off[r]), length = (size_t)w->lengths[r];
        for (size_t head = 0; head < heads; head++, from += n)
            memcpy(w->maps[r] + (head * length + (size_t)w->t) * n, from, n * sizeof *from);
    }
}

static tt_tensor *attend_whole(struct step *s, tt_tensor *query) {
    const struct whole *w = s->how;
    tt_attend a = tt_hyper_attend(s->h, (tt_spot){TT_SITE_CROSS, 0});
    a.order = w->order, a.told = w->told;
    const int rows = s->in->rows;
    if (w->all) {
        tt_spans *all = tt_run_alloc(s->run, sizeof *all);
        if (!all) return NULL;
        *all = (tt_spans){w->all, w->q_off, w->k_off, false, 0};
        return join(s, tt_attend_whole(s->run, &a, &s->p->own, (tt_part){project(s, query), 0},
                                       w->k, w->v, all, w->row_maps));
    }
    int32_t *at = tt_run_alloc(s->run, (size_t)rows * sizeof *at);
    tt_spans *spans = tt_run_alloc(s->run, sizeof *spans);
    if (!at || !spans) return NULL;
    for (int r = 0; r < rows; r++)
        at[r] = r; /* the state before has rows of sentences that have ended */
    if (query->rows > rows) query = tt_op_pick(s->run, query, at, rows);
    *spans = (tt_spans){rows, w->q_off, w->k_off, false, w->t};
    tt_tensor *y = tt_attend_whole(s->run, &a, &s->p->own, (tt_part){project(s, query), 0}, w->k,
                                   w->v, spans, w->row_maps);
    if (w->maps && y) write_maps(w, rows, (size_t)a.heads);
    return join(s, y);
}

/* Where the maps of sentences lie in a block, in the order of the sentences. */
static void place_maps(tt_run *run, struct whole *w, const tt_hyper *h, const tt_seqs *tgt,
                       const tt_seqs *src, const int32_t *order, float *map) {
    const size_t count = (size_t)tgt->count;
    const size_t weights = (size_t)h->heads * (size_t)src->off[src->count];
    float **maps = tt_run_alloc(run, 2 * count * sizeof *maps), **at = maps + count;
    int32_t *lengths = tt_run_alloc(run, count * sizeof *lengths);
    float *row_maps = tt_run_alloc(run, weights * sizeof *row_maps);
    if (run->failed) return;
    for (size_t b = 0; b < count; b++) {
        at[b] = map;
        map += (size_t)h->heads * (size_t)(tgt->off[b + 1] - tgt->off[b]) *
               (size_t)(src->off[b + 1] - src->off[b]);
    }
    for (size_t i = 0; i < count; i++) {
        maps[i] = at[order[i]];
        lengths[i] = tgt->off[order[i] + 1] - tgt->off[order[i]];
    }
    w->maps = maps, w->row_maps = row_maps, w->lengths = lengths;
}

/* A decoder in training: all sentences of a batch. */
struct training {
    struct step s;
    struct whole w;
    const tt_seqs *tgt;
    const int32_t *order;
    tt_tensor *in, *read; /* of all tokens (N, …), or NULL where steps are fed their own tokens */
    const tt_own_tokens *own;
};

/* The products of the tokens before, into s->in and s->read. */
static void take_tokens(struct training *t, tt_tensor *embedded, tt_tensor **in, tt_tensor **read) {
    tt_recurrent *p = t->s.p;
    tt_run *run = t->s.run;
    *in = tt_op_linear(run, embedded, &p->layer[0].w, &p->layer[0].b, TT_ACT_NONE);
    *read = p->read_y.rows ? tt_op_linear(run, embedded, &p->read_y, NULL, TT_ACT_NONE) : NULL;
}

/* The tokens that n rows read at step `at`: given ones, or, by chance, the best of the step before
 * (rows of it in `out`). */
static const int32_t *choose_tokens(struct training *t, const int32_t *rows, int n, int at,
                                    const tt_tensor *out) {
    tt_run *run = t->s.run;
    int32_t *prev = tt_run_alloc(run, (size_t)n * sizeof *prev);
    if (!prev) return NULL;
    tt_mark mark = tt_arena_mark(run->arena);
    const int v = t->own->out->rows, d = t->own->out->cols;
    float *logits = tt_run_alloc(run, (size_t)v * sizeof *logits);
    for (int i = 0; logits && i < n; i++) {
        const uint64_t key = tt_key(tt_key(run->key, 0x6f776e), (uint64_t)t->order[i]);
        prev[i] = at ? t->tgt->ids[rows[i] - 1] : -1;
        if (!at || !(tt_rand_unit(key, (uint64_t)at) < (double)run->own)) continue;
        run->k->gemm(logits, v, out->data + (size_t)i * (size_t)d, d, 1, t->own->out->data, 1, d,
                     TT_GEMM_SET, t->own->out_b->data, 1, v, d, run->work);
        prev[i] = (int32_t)run->k->argmax(logits, (size_t)v);
    }
    tt_arena_rewind(run->arena, mark);
    return prev;
}

/* Step after step: what the output layer gets (N, D). */
static tt_tensor *take_steps(struct training *t) {
    struct step *s = &t->s;
    tt_run *run = s->run;
    const size_t count = (size_t)t->tgt->count;
    const int32_t *order = t->order, all = t->tgt->off[count];
    const int steps = count ? t->tgt->off[order[0] + 1] - t->tgt->off[order[0]] : 0;
    const bool each = feeds(s->h) || t->own; /* the readout is part of a step */
    tt_tensor **outs = tt_run_alloc(run, 2 * (size_t)(steps + 1) * sizeof(tt_tensor *));
    if (!outs) return NULL;
    tt_tensor **contexts = outs + steps + 1;
    const int32_t **places = tt_run_alloc(run, (size_t)(steps + 1) * sizeof(int32_t *));
    for (int at = 0; at < steps && !run->failed; at++) {
        int32_t *rows = tt_run_alloc(run, 2 * count * sizeof *rows);
        if (!rows) return NULL;
        int32_t *head = rows + count;
        const int n = tt_bylength_rows(t->tgt, order, at, rows);
        for (int i = 0; i < n; i++) head[i] = i;
        t->w.t = at;
        if (t->own) {
            const int32_t *prev = choose_tokens(t, rows, n, at, at ? outs[at - 1] : NULL);
            take_tokens(t, prev ? t->own->embed(t->own->ctx, run, prev, n) : NULL, &s->in,
                        &s->read);
        } else {
            s->in = tt_op_pick(run, t->in, rows, n);
            s->read = t->read && each ? tt_op_pick(run, t->read, rows, n) : NULL;
        }
        if (s->feed && s->feed->rows > n) s->feed = tt_op_pick(run, s->feed, head, n);
        contexts[at] = NULL;
        outs[at] = !s->in ? NULL : each ? take(s) : advance(s, &contexts[at]);
        places[at] = rows;
    }
    if (run->failed) return NULL;
    tt_tensor *y = tt_op_join(run, outs, places, steps, all);
    if (each || !y) return y;
    s->read = t->read;
    return read_out(s, y, contexts[0] ? tt_op_join(run, contexts, places, steps, all) : NULL);
}

/* All steps at once, where none reads the state before it. */
static tt_tensor *take_all(struct training *t, const tt_seqs *src, float *map) {
    const tt_seqs *tgt = t->tgt;
    int32_t *of = tt_run_alloc(t->s.run, ((size_t)tgt->off[tgt->count] + 1) * sizeof *of);
    if (!of) return NULL;
    for (int b = 0; b < tgt->count; b++)
        for (int32_t i = tgt->off[b]; i < tgt->off[b + 1]; i++) of[i] = b;
    t->w.q_off = tgt->off, t->w.k_off = src->off, t->w.row_maps = map, t->w.all = tgt->count;
    t->s.in = t->in, t->s.read = t->read;
    t->s.feed = tt_op_pick(t->s.run, t->s.feed, of, tgt->off[tgt->count]);
    return t->s.in && t->s.feed ? take(&t->s) : NULL;
}

tt_tensor *tt_recurrent_whole(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_tensor *embedded,
                              const tt_seqs *tgt, tt_tensor *text, const tt_seqs *src, float *map,
                              tt_tell told, const tt_own_tokens *own) {
    const size_t count = (size_t)tgt->count;
    const bool at_once = !hands_on(h) && !own;
    int32_t *order = tt_sort_sequences(run, tgt->count, tgt->off),
            *off = tt_run_alloc(run, 2 * (count + 1) * sizeof *off);
    if (!order || !off || !embedded || !text) return NULL;
    for (size_t i = 0; i <= count; i++) off[i] = (int32_t)i;
    struct training t = {.tgt = tgt, .order = order, .own = own};
    tt_cell_state states[LAYERS_MOST] = {{NULL, NULL}};
    t.s = (struct step){
        .run = run, .h = h, .p = p, .states = states, .attend = attend_whole, .how = &t.w};
    t.w = (struct whole){.order = at_once ? NULL : order,
                         .told = told,
                         .q_off = off,
                         .k_off = at_once ? src->off : off + count + 1};
    if (!at_once) text = tt_bylength_text(run, text, src, order, off + count + 1);
    if (map && !at_once) place_maps(run, &t.w, h, tgt, src, order, map);
    begin(run, h, p, text, tgt->count, t.w.k_off, states, &t.s.feed);
    if (attends(h)) look(run, h, p, text, tgt->count, t.w.k_off, &t.w.k, &t.w.v);
    if (!own) take_tokens(&t, embedded, &t.in, &t.read);
    return run->failed ? NULL : at_once ? take_all(&t, src, map) : take_steps(&t);
}

/* ---- decoding -------------------------------------------------------------------------------- */

int tt_recurrent_keeps(const tt_hyper *h, tt_keeping *keep) {
    const tt_attend a = tt_hyper_attend(h, (tt_spot){TT_SITE_CROSS, 0});
    keep[SLOT_TEXT] = attends(h) ? (tt_keeping){TT_KEEP_ONCE, tt_attend_key_width(&a), h->dim, 0}
                                 : (tt_keeping){0};
    keep[SLOT_FEED] = (tt_keeping){TT_KEEP_STATE, h->dim, 0, 0};
    for (int i = 0; i < h->dec_layers; i++) {
        keep[SLOT_STATES + 2 * i] =
            hands_on(h) ? (tt_keeping){TT_KEEP_STATE, h->dim, 0, 0} : (tt_keeping){0};
        keep[SLOT_STATES + 2 * i + 1] = tt_hyper_decoder_cell(h)->memory
                                            ? (tt_keeping){TT_KEEP_STATE, h->dim, 0, 0}
                                            : (tt_keeping){0};
    }
    return SLOT_STATES + 2 * h->dec_layers;
}

void tt_recurrent_open(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_memory *m,
                       tt_tensor *text, const tt_seqs *src) {
    tt_cell_state states[LAYERS_MOST] = {{NULL, NULL}};
    tt_tensor *feed = NULL;
    tt_part k, v;
    begin(run, h, p, text, src->count, src->off, states, &feed);
    if (attends(h)) {
        const int32_t *off = look(run, h, p, text, src->count, src->off, &k, &v);
        tt_memory_set_once(m, SLOT_TEXT, k, v, off);
    }
    tt_memory_start(m, SLOT_FEED, feed);
    for (int i = 0; i < h->dec_layers; i++) {
        if (hands_on(h)) tt_memory_start(m, SLOT_STATES + 2 * i, states[i].h);
        if (states[i].c) tt_memory_start(m, SLOT_STATES + 2 * i + 1, states[i].c);
    }
}

/* The state that each row has before this step. */
static tt_tensor *recall(tt_run *run, const tt_memory *m, int slot, int rows, int cols) {
    const tt_state_rows s = tt_memory_state(m, slot);
    tt_tensor *t = tt_run_tensor(run, rows, cols);
    for (int r = 0; t && r < rows; r++)
        memcpy(t->data + (size_t)r * (size_t)cols, s.before + (size_t)s.parent[r] * (size_t)cols,
               (size_t)cols * sizeof *t->data);
    return t;
}

static void store(const tt_memory *m, int slot, const tt_tensor *t) {
    if (t) memcpy(tt_memory_state(m, slot).after, t->data, tt_tensor_size(t) * sizeof *t->data);
}

struct live {
    tt_memory *m;
    float *const *row_maps;
};

static tt_tensor *attend_step(struct step *s, tt_tensor *query) {
    const struct live *l = s->how;
    const tt_attend a = tt_hyper_attend(s->h, (tt_spot){TT_SITE_CROSS, 0});
    const tt_reads reads = tt_memory_once(l->m, SLOT_TEXT);
    return join(s, tt_attend_step(s->run, &a, &s->p->own, (tt_part){project(s, query), 0}, &reads,
                                  tt_memory_positions(l->m), l->row_maps));
}

tt_tensor *tt_recurrent_step(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_memory *m,
                             tt_tensor *embedded, float *const *row_maps) {
    const struct live live = {m, row_maps};
    tt_cell_state states[LAYERS_MOST] = {{NULL, NULL}};
    if (!embedded) return NULL;
    const int rows = embedded->rows;
    for (int i = 0; i < h->dec_layers; i++) {
        if (hands_on(h)) states[i].h = recall(run, m, SLOT_STATES + 2 * i, rows, h->dim);
        if (tt_hyper_decoder_cell(h)->memory)
            states[i].c = recall(run, m, SLOT_STATES + 2 * i + 1, rows, h->dim);
    }
    struct step s = {.run = run,
                     .h = h,
                     .p = p,
                     .states = states,
                     .attend = attend_step,
                     .how = &live,
                     .feed = recall(run, m, SLOT_FEED, rows, h->dim)};
    s.in = tt_op_linear(run, embedded, &p->layer[0].w, &p->layer[0].b, TT_ACT_NONE);
    s.read = p->read_y.rows ? tt_op_linear(run, embedded, &p->read_y, NULL, TT_ACT_NONE) : NULL;
    if (run->failed) return NULL;
    tt_tensor *out = take(&s);
    for (int i = 0; out && i < h->dec_layers; i++) {
        if (hands_on(h)) store(m, SLOT_STATES + 2 * i, states[i].h);
        store(m, SLOT_STATES + 2 * i + 1, states[i].c);
    }
    if (out) store(m, SLOT_FEED, s.feed);
    return out;
}

/* ---- equations ------------------------------------------------------------------------------- */

void tt_recurrent_say(const tt_hyper *h, const tt_telling *l) {
    static const char *const reads[] = {
        [TT_RNN_BAHDANAU] = "; c_t", [TT_RNN_LUONG] = "; h̄⁻", [TT_RNN_NONE] = "; C"};
    static const char *const read_outs[] = {
        [TT_READOUT_TANH] = "tanh", [TT_READOUT_MAXOUT] = "maxout", [TT_READOUT_NONE] = ""};
    const tt_cell *cell = tt_hyper_decoder_cell(h);
    const tt_attend a = tt_hyper_attend(h, (tt_spot){TT_SITE_CROSS, 0});
    char shapes[96];
    const int n =
        snprintf(shapes, sizeof shapes, "%d gate%s: W (%d, %d)", cell->gates,
                 cell->gates == 1 ? "" : "s", h->dim, reads_more(h) ? 2 * h->dim : h->dim);
    if (hands_on(h))
        snprintf(shapes + n, sizeof shapes - (size_t)n, "  U (%d, %d)", h->dim, h->dim);
    if (!attends(h))
        tt_telling_say(l, NULL, "C = %s",
                       both(h) ? "[last state forward; first state backward]"
                               : "last state of the text");
    if (hands_on(h))
        tt_telling_say(l, NULL, "s_0 = tanh(%s Winit + b)",
                       from_half(h) ? "first state backward"
                       : attends(h) ? "last state of the text"
                                    : "C");
    if (attends(h)) {
        tt_telling_say(l, NULL, "c_t = Σ_j p_tj x_j,  e_tj = %s with q = %s, k = x_j",
                       a.align.row->help, attention(h) == TT_RNN_BAHDANAU ? "s_t⁻" : "s_t");
        tt_telling_say(l, NULL, "p = %s over %s", a.dist.row->help, a.reach.row->help);
    }
    if (hands_on(h))
        tt_telling_say(l, shapes, "s_t = cell([y_t⁻%s], s_t⁻):  %s   (%s)",
                       reads_more(h) ? reads[attention(h)] : "", cell->row.help, cell->row.name);
    else
        tt_telling_say(l, shapes, "s_t = φ([y_t⁻%s] W + b): a step hands on its output alone",
                       reads_more(h) ? reads[attention(h)] : "");
    if (attention(h) == TT_RNN_LUONG)
        tt_telling_say(l, NULL, "y_t = h\u0304_t = tanh([c_t; s_t] W + b)");
    else if (readout(h) == TT_READOUT_NONE) tt_telling_say(l, NULL, "y_t = s_t");
    else
        tt_telling_say(l, NULL, "y_t = %s(s_t Ws + y_t⁻ Wy%s + b)", read_outs[readout(h)],
                       !reads_context(h) ? ""
                       : attends(h)      ? " + c_t Wc"
                                         : " + C Wc");
}
