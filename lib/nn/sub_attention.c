/* sub_attention.c: attention as a sublayer: of a text's states to each other, and of a decoder's
 * states to the text. Both are one joint product for what comes from one tensor, attention, and a
 * product that joins the heads:
 *   self:   [q k v] = x W_qkv + b,  y = attend(q, k, v) W_o + b
 *   cross:  q = x W_q + b,  [k v] = text W_kv + b,  y likewise
 * Without projections q, k and v are x, or the text, and y is what attends.
 */
#include <stdio.h>

#include "nn/sublayer.h"

struct attention {
    tt_tensor in_w, in_b; /* of x: self (3HK, D), (1, 3HK); cross (HK, D), (1, HK) */
    tt_tensor kv_w, kv_b; /* of the text, cross: (2HK, D), (1, 2HK) */
    tt_tensor o_w, o_b;   /* (D, HK), (1, D) */
    tt_attend_par own;    /* of alignment, distribution, reach */
};

/* Numbers of the rows stand head by head. */
static void attend_params(const tt_attend *a, struct attention *p, tt_declare *d) {
    d->heads = a->heads;
    tt_attend_params(a, &p->own, d);
    d->heads = 0;
}

static int wide(const tt_attend *a) { return a->heads * a->width; }

/* The product behind the heads, which joins them. */
static void out_params(const tt_hyper *h, const tt_attend *a, struct attention *p, tt_declare *d) {
    tt_declare_param(d, &p->o_w,
                     &(tt_param){"o.w", h->dim, wide(a), .role = TT_MATRIX, .branch = 1,
                                 .heads = a->heads, .across = true});
    tt_declare_param(d, &p->o_b, &(tt_param){"o.b", 1, h->dim, .role = TT_BIAS});
}

static void self_params(const tt_hyper *h, tt_spot at, void *par, tt_declare *d) {
    struct attention *p = par;
    const tt_attend a = tt_hyper_attend(h, at);
    const int w = wide(&a), n = a.heads;
    if (tt_hyper_projects(h)) {
        tt_declare_param(d, &p->in_w,
                         &(tt_param){"qkv.w", 3 * w, h->dim, .role = TT_MATRIX, .parts = 3,
                                     .branch = 4, .heads = n, .groups = 3});
        tt_declare_param(d, &p->in_b,
                         &(tt_param){"qkv.b", 1, 3 * w, .role = TT_BIAS, .heads = n, .groups = 3});
        out_params(h, &a, p, d);
    }
    attend_params(&a, p, d);
}

static void cross_params(const tt_hyper *h, tt_spot at, void *par, tt_declare *d) {
    struct attention *p = par;
    const tt_attend a = tt_hyper_attend(h, at);
    const int w = wide(&a), n = a.heads;
    if (tt_hyper_projects(h)) {
        tt_declare_param(d, &p->in_w, &(tt_param){"q.w", w, h->dim, .role = TT_MATRIX, .heads = n});
        tt_declare_param(d, &p->in_b, &(tt_param){"q.b", 1, w, .role = TT_BIAS, .heads = n});
        tt_declare_param(d, &p->kv_w,
                         &(tt_param){"kv.w", 2 * w, h->dim, .role = TT_MATRIX, .parts = 2,
                                     .branch = 2, .heads = n, .groups = 2});
        tt_declare_param(d, &p->kv_b,
                         &(tt_param){"kv.b", 1, 2 * w, .role = TT_BIAS, .heads = n, .groups = 2});
        out_params(h, &a, p, d);
    }
    attend_params(&a, p, d);
}

static tt_keeping keeps(const tt_hyper *h, tt_spot at) {
    const tt_attend a = tt_hyper_attend(h, at);
    return (tt_keeping){at.site == TT_SITE_CROSS ? TT_KEEP_ONCE : TT_KEEP_CELLS,
                        tt_attend_key_width(&a), wide(&a), tt_attend_is_fused(&a) ? a.heads : 0};
}

/* x w + b; without projections x as often as it is asked for. */
static tt_tensor *project(tt_run *run, const tt_hyper *h, tt_tensor *x, tt_tensor *w, tt_tensor *b,
                          int times) {
    if (tt_hyper_projects(h)) return tt_op_linear(run, x, w, b, TT_ACT_NONE);
    tt_tensor *y = x;
    for (int i = 1; x && y && i < times; i++)
        y = tt_op_beside(run, (tt_part){y, 0}, i * h->dim, (tt_part){x, 0}, h->dim);
    return y;
}

/* The columns of x from `first` on. */
static void round_columns(tt_run *run, tt_tensor *x, int first) {
    const size_t all = x ? (size_t)x->cols : 0, from = (size_t)first;
    for (int r = 0; x && r < x->rows; r++) {
        float *row = x->data + (size_t)r * all + from;
        run->k->round16(row, row, all - from);
    }
}

/* 0, 1, 2 … within each sentence. */
static const int32_t *count_places(tt_run *run, const tt_spans *s) {
    int32_t *place = tt_run_alloc(run, ((size_t)s->q_off[s->count] + 1) * sizeof *place);
    for (int b = 0; place && b < s->count; b++)
        for (int32_t i = s->q_off[b]; i < s->q_off[b + 1]; i++) place[i] = i - s->q_off[b];
    return place;
}

/* Turns queries and keys by their places, where these are known so. */
static void turn(tt_run *run, const tt_attend *a, tt_tensor *qkv, const tt_pass *pass) {
    if (!qkv || !a->place->turns) return;
    const int32_t *place =
        pass->form == TT_STEP ? tt_memory_positions(pass->memory) : count_places(run, pass->self);
    tt_op_turn(run, (tt_part){qkv, 0}, 2 * a->heads, a->width, place);
}

static tt_tensor *self_run(tt_run *run, const tt_hyper *h, tt_spot at, void *par, tt_tensor *x,
                           const tt_pass *pass) {
    struct attention *p = par;
    tt_attend a = tt_hyper_attend(h, at);
    a.told = pass->told;
    tt_tensor *qkv = project(run, h, x, &p->in_w, &p->in_b, 3), *y;
    turn(run, &a, qkv, pass);
    if (pass->form == TT_WHOLE && pass->halved && tt_attend_is_fused(&a))
        round_columns(run, qkv, wide(&a));
    tt_part q = {qkv, 0}, k = {qkv, wide(&a)}, v = {qkv, 2 * wide(&a)};
    const bool step = pass->form == TT_STEP;
    const tt_reads before = step ? tt_memory_history(pass->memory, pass->slot) : (tt_reads){0};
    tt_key_rows rows = {.before = step ? &before : NULL};
    if (!step) {
        rows.count = pass->self->count;
        rows.off = tt_attend_mix(run, &a, &p->own, &k, &v, rows.count, pass->self->k_off);
    }
    k = tt_attend_key(run, &a, &p->own, k, &rows);
    if (step) {
        tt_reads reads = tt_memory_put(pass->memory, pass->slot, k, v);
        y = tt_attend_step(run, &a, &p->own, q, &reads, tt_memory_positions(pass->memory), NULL);
    } else {
        y = tt_attend_whole(run, &a, &p->own, q, k, v, pass->self, pass->map);
    }
    return project(run, h, y, &p->o_w, &p->o_b, 1);
}

/* Keys and values of texts off (count+1); returns the rows of each. */
static const int32_t *look(tt_run *run, const tt_hyper *h, const tt_attend *a, struct attention *p,
                           const tt_pass *pass, int count, const int32_t *off, tt_part *k,
                           tt_part *v) {
    tt_tensor *kv = project(run, h, pass->text, &p->kv_w, &p->kv_b, 2);
    if (pass->form == TT_WHOLE && pass->halved && tt_attend_is_fused(a)) round_columns(run, kv, 0);
    *k = (tt_part){kv, 0};
    *v = (tt_part){kv, wide(a)};
    off = tt_attend_mix(run, a, &p->own, k, v, count, off);
    *k = tt_attend_key(run, a, &p->own, *k, &(tt_key_rows){count, off, NULL});
    return off;
}

static void cross_open(tt_run *run, const tt_hyper *h, tt_spot at, void *par, const tt_pass *pass) {
    const tt_attend a = tt_hyper_attend(h, at);
    tt_part k, v;
    const int32_t *off = look(run, h, &a, par, pass, pass->texts->count, pass->texts->off, &k, &v);
    tt_memory_set_once(pass->memory, pass->slot, k, v, off);
}

static tt_tensor *cross_run(tt_run *run, const tt_hyper *h, tt_spot at, void *par, tt_tensor *x,
                            const tt_pass *pass) {
    struct attention *p = par;
    tt_attend a = tt_hyper_attend(h, at);
    a.last = pass->last, a.told = pass->told;
    tt_tensor *linear = project(run, h, x, &p->in_w, &p->in_b, 1), *y;
    const tt_part q = {linear, 0};
    if (pass->form == TT_STEP) {
        tt_reads reads = tt_memory_once(pass->memory, pass->slot);
        y = tt_attend_step(run, &a, &p->own, q, &reads, tt_memory_positions(pass->memory),
                           pass->row_maps);
    } else {
        tt_part k, v;
        look(run, h, &a, p, pass, pass->cross->count, pass->cross->k_off, &k, &v);
        y = tt_attend_whole(run, &a, &p->own, q, k, v, pass->cross, pass->map);
        if (run->guide && run->guide->layer == at.layer)
            tt_op_guide(run, q, k, a.width, pass->cross, run->guide);
        if (run->evenness > 0) tt_op_even(run, q, k, a.heads, a.width, pass->cross, run->evenness);
    }
    return project(run, h, y, &p->o_w, &p->o_b, 1);
}

static void say_rows(const tt_attend *a, const tt_telling *l) {
    char align[TT_PICK_TEXT], dist[TT_PICK_TEXT], reach[TT_PICK_TEXT];
    tt_pick_write(&a->align, align);
    tt_pick_write(&a->dist, dist);
    tt_pick_write(&a->reach, reach);
    tt_telling_say(l, NULL, "  %d head%s of width K = %d", a->heads, a->heads == 1 ? "" : "s",
                   a->width);
    tt_telling_say(l, NULL, "  e = %s   (%s)", a->align.row->help, align);
    tt_telling_say(l, NULL, "  p = %s   (%s)", a->dist.row->help, dist);
    tt_telling_say(l, NULL, "  over %s%s   (%s)", a->reach.row->help,
                   a->site == TT_SITE_DEC ? " up to the query's own" : "", reach);
    if (a->place && (a->place->turns || a->place->bias))
        tt_telling_say(l, NULL, "  places: %s   (%s)", a->place->row.help, a->place->row.name);
}

/* Wo is the other way round. */
static void say_shapes(char shapes[80], const tt_attend *a, int dim) {
    if (wide(a) == dim) snprintf(shapes, 80, "Wq, Wk, Wv, Wo (%d, %d)", dim, dim);
    else snprintf(shapes, 80, "Wq, Wk, Wv (%d, %d)  Wo (%d, %d)", wide(a), dim, dim, wide(a));
}

static void self_say(const tt_hyper *h, tt_spot at, const tt_telling *l) {
    char shapes[80];
    const tt_attend a = tt_hyper_attend(h, at);
    say_shapes(shapes, &a, h->dim);
    if (tt_hyper_projects(h))
        tt_telling_say(l, shapes, "f = attention(q = x Wq, k = x Wk, v = x Wv) Wo");
    else tt_telling_say(l, NULL, "f = attention(q = x, k = x, v = x)");
    say_rows(&a, l);
}

static void cross_say(const tt_hyper *h, tt_spot at, const tt_telling *l) {
    char shapes[80];
    const tt_attend a = tt_hyper_attend(h, at);
    say_shapes(shapes, &a, h->dim);
    if (tt_hyper_projects(h))
        tt_telling_say(l, shapes, "f = attention(q = y Wq, k = x Wk, v = x Wv) Wo, x of the text");
    else tt_telling_say(l, NULL, "f = attention(q = y, k = x, v = x), x of the text");
    say_rows(&a, l);
}

static bool cross_stands(const tt_hyper *h, int site) {
    (void)site;
    return !tt_hyper_decoder_cell(h);
}

const tt_sublayer tt_sub_attention = {
    {"self-attention", "attention to all tokens before", "Vaswani et al. 2017", NULL},
    "self.",
    sizeof(struct attention),
    self_params,
    keeps,
    NULL,
    self_say,
    self_run,
    TT_PART_SELF,
    TT_AT_SELF,
    tt_hyper_attends,
    true};
const tt_sublayer tt_sub_cross = {
    {"cross-attention", "attention to the text", "Vaswani et al. 2017", NULL},
    "cross.",
    sizeof(struct attention),
    cross_params,
    keeps,
    cross_open,
    cross_say,
    cross_run,
    TT_PART_CROSS,
    TT_AT_CROSS,
    cross_stands,
    true};
