/* attend_whole.c: attention of whole sequences, see attend.h. In a group of rows (groups.h)
 *   E = align(Q, K),  P = distribution(E) in what each row sees, 0 outside,  P̃ = dropout(P),  O =
 *                     P̃
 * V dP̃ = dO Vᵀ,  dV = P̃ᵀ dO,  dP = mask dP̃,  dE from the distribution,  dQ, dK from the
 *                 alignment
 * Only the weights are kept for the way back, and only those of keys that a group sees: time and
 * memory follow the reach. Scores are made again where a way back needs them.
 */
#include <assert.h>
#include <string.h>

#include "attention/groups.h"
#include "base/rng.h"

/* Whether the fused kernel of one row computes the triple but for its reach: products, softmax, all
 * at once. */
static bool has_kernel(const tt_attend *a) {
    const tt_align *align = tt_align_of(a);
    return tt_dist_of(a) == &tt_dist_softmax && !align->score && !align->score_each &&
           !align->bend && tt_head_width(a) == a->width && !tt_reach_of(a)->bend &&
           !tt_reach_of(a)->fade && !(a->place && a->place->bias);
}

static float scale_of(const tt_attend *a) {
    return tt_align_of(a)->scale ? tt_align_of(a)->scale(a) : 1;
}

/* Scratch of a pass over whole sequences. */
struct scratch {
    int32_t *lo, *hi, *keys; /* (T), (T), (S) of the longest */
    double *work;            /* (2 S + 2) */
    float *k, *v;            /* (S, width) of gathered rows */
    float *dk, *dv;          /* of theirs, for the way back */
    float *p, *e, *dp;       /* the largest group */
};

struct node {
    tt_node node;
    tt_attend a;
    tt_attend_par *par;
    tt_part q, k, v; /* q and k as align made them */
    tt_tensor *aim;  /* (Nq, H), of the reach; or NULL */
    tt_tensor *bias; /* of distances, (H, 2 longest - 1); or NULL */
    tt_tensor *y;
    const float *probs; /* of group after group */
    tt_spans spans;
    uint64_t key, draw; /* of dropout; of a distribution that draws, */
    bool drawn;         /* if it did */
    uint32_t drop;
    float keep;
};

static struct cutting cut_sentence(const struct node *n, const struct scratch *s, int b, int head) {
    const tt_spans *sp = &n->spans;
    return (struct cutting){
        .a = &n->a,
        .head = head,
        .t = sp->first + sp->q_off[b + 1] - sp->q_off[b],
        .s = sp->k_off[b + 1] - sp->k_off[b],
        .causal = sp->causal,
        .next = sp->first,
        .lo = s->lo,
        .hi = s->hi,
        .keys = s->keys,
        .par = n->par,
        .begun = sp->first,
        .aim_ld = n->a.heads,
        .aim = n->aim ? n->aim->data + (size_t)sp->q_off[b] * (size_t)n->a.heads + head : NULL};
}

/* Floats of all groups' weights, and of the largest. */
static size_t count_weights(const struct node *n, const struct scratch *s, size_t *largest) {
    size_t all = 0;
    *largest = 1;
    for (int b = 0; b < n->spans.count; b++)
        for (int head = 0; head < n->a.heads; head++) {
            struct cutting c = cut_sentence(n, s, b, head);
            struct group g;
            while (tt_group_next(&c, &g)) {
                const size_t one = (size_t)g.rows * (size_t)g.n;
                if (one > *largest) *largest = one;
                all += one;
            }
        }
    return all;
}

/* Memory for positions, for gathered rows, and for distributions. */
static int open_scratch(tt_run *run, const struct node *n, struct scratch *s, bool back) {
    int t = 1, keys = 1;
    for (int b = 0; b < n->spans.count; b++) {
        const int one = n->spans.q_off[b + 1] - n->spans.q_off[b],
                  other = n->spans.k_off[b + 1] - n->spans.k_off[b];
        if (one > t) t = one;
        if (other > keys) keys = other;
    }
    const bool listed = tt_reach_of(&n->a)->list != NULL;
    const size_t rows = listed ? (size_t)keys : 0, wide = (size_t)tt_head_width(&n->a),
                 width = (size_t)n->a.width;
    *s = (struct scratch){
        .lo = tt_run_alloc(run, (size_t)(2 * t + keys) * sizeof *s->lo),
        .work = tt_run_alloc(run, (size_t)(2 * keys + 2) * sizeof *s->work),
        .k = tt_run_alloc(run, (back ? 2 : 1) * rows * (wide + width) * sizeof *s->k)};
    if (run->failed) return run->failed;
    s->hi = s->lo + t;
    s->keys = s->hi + t;
    s->v = s->k + rows * wide;
    s->dk = s->v + rows * width;
    s->dv = s->dk + (back ? rows * wide : 0);
    return 0;
}

static ptrdiff_t ld_of(const tt_part *p) { return p->of->cols; }

/* The numbers of a group of a sentence; of a list they are gathered. */
static struct place place_of(const struct node *n, const tt_head *h, const struct scratch *s,
                             const struct group *g, int b) {
    const int q0 = n->spans.q_off[b] + g->first - n->spans.first, k0 = n->spans.k_off[b];
    const float *k = tt_head_cell(&n->k, n->k.of->data, k0, h->head, h->width),
                *v = tt_head_cell(&n->v, n->v.of->data, k0, h->head, n->a.width);
    const float *q = tt_head_cell(&n->q, n->q.of->data, q0, h->head, tt_query_width(&n->a));
    if (!g->keys)
        return (struct place){q,
                              k + g->from * ld_of(&n->k),
                              v + g->from * ld_of(&n->v),
                              ld_of(&n->q),
                              ld_of(&n->k),
                              ld_of(&n->v)};
    return (struct place){
        q,
        tt_group_gather(s->k, k, ld_of(&n->k), g->keys, NULL, 0, g->n, h->width),
        tt_group_gather(s->v, v, ld_of(&n->v), g->keys, NULL, 0, g->n, n->a.width),
        ld_of(&n->q),
        h->width,
        n->a.width};
}

/* The weights of a group into a map (T, S). */
static void write_map(const tt_head *h, const struct group *g, const float *p, float *map, int s,
                      int first) {
    const tt_reach *reach = tt_reach_of(h->a);
    for (int r = 0; reach->mix && r < g->rows; r++)
        reach->spread(h->a, h->par->reach, h->head,
                      map + (size_t)(g->first - first + r) * (size_t)s,
                      p + (size_t)r * (size_t)g->n, s);
    for (int r = 0; !reach->mix && r < g->rows; r++)
        for (int j = 0; j < g->n; j++)
            map[(size_t)(g->first - first + r) * (size_t)s +
                (size_t)(g->keys ? g->keys[j] : g->from + j)] =
                p[(size_t)r * (size_t)g->n + (size_t)j];
}

/* The loss that the draw of query row q0 of sentence b led to, above the usual: that of its token
 * where the row says nothing else, otherwise the sentence's mean. */
static float excess(const tt_run *run, const struct node *n, int b, int q0) {
    if (!run->row_losses || !run->mean_losses) return 0;
    const bool own = n->a.site == TT_SITE_CROSS && n->a.last;
    const double loss = own ? (double)run->row_losses[q0]
                            : (double)run->mean_losses[n->a.order ? n->a.order[b] : b];
    return (float)(loss - run->usual_loss);
}

static void add_aim_grad(const struct node *n, int row, int head, double daim) {
    n->aim->grad[(size_t)row * (size_t)n->a.heads + (size_t)head] += (float)daim;
}

/* The key of a sentence's coin, apart from those of its groups. */
static uint64_t coin_of(const struct node *n, int b) {
    return tt_key(tt_key(n->draw, UINT64_MAX), (uint64_t)(n->a.order ? n->a.order[b] : b));
}

static void group_back(const struct node *n, const tt_head *h, const struct scratch *s,
                       const struct group *g, const struct place *at, const float *p, uint64_t key,
                       int b, float *dq, float *dk, float *dv) {
    const tt_kernels *kn = h->run->k;
    const tt_align *align = tt_align_of(&n->a);
    const tt_dist *dist = tt_dist_of(&n->a);
    const size_t size = (size_t)g->rows * (size_t)g->n;
    const int width = n->a.width, d = n->y->cols, k0 = n->spans.k_off[b];
    const int q0 = n->spans.q_off[b] + g->first - n->spans.first;
    const float *o = n->y->grad + (size_t)q0 * (size_t)d + (size_t)h->head * (size_t)width;
    float *to_q = tt_head_cell(&n->q, dq, q0, h->head, tt_query_width(&n->a));
    float *all_k = tt_head_cell(&n->k, dk, k0, h->head, h->width),
          *all_v = tt_head_cell(&n->v, dv, k0, h->head, width);
    float *to_k = g->keys ? s->dk : all_k + g->from * at->lk,
          *to_v = g->keys ? s->dv : all_v + g->from * at->lv;
    if (g->keys) {
        memset(s->dk, 0, (size_t)g->n * (size_t)h->width * sizeof *s->dk);
        memset(s->dv, 0, (size_t)g->n * (size_t)width * sizeof *s->dv);
    }
    if (align->score_each) {
        double daim = 0;
        tt_each_back(h, g, at, o,
                     &(tt_each_grads){to_q, to_k, to_v, &daim, key, n->drop, n->keep, s->p});
        if (n->aim) add_aim_grad(n, q0, h->head, daim);
        goto gathered;
    }
    const float *dropped = p;
    if (n->drop) {
        kn->dropout(s->p, p, key, n->drop, n->keep, size);
        dropped = s->p;
    }
    kn->gemm(to_v, at->lv, dropped, 1, g->n, o, d, 1, TT_GEMM_ADD, NULL, g->n, width, g->rows,
             h->run->work);
    kn->gemm(s->dp, g->n, o, d, 1, at->v, 1, at->lv, TT_GEMM_SET, NULL, g->rows, g->n, width,
             h->run->work);
    if (n->drop) kn->dropout(s->dp, s->dp, key, n->drop, n->keep, size);
    const tt_reach *reach = tt_reach_of(&n->a);
    const float *weights = p; /* of the distribution */
    const bool fades = tt_attend_fades(&n->a);
    if (fades) tt_group_weigh(h, g, at, s->p, false), weights = s->p;
    if (dist->needs_scores) tt_group_score(h, g, at, s->e);
    for (int r = 0; r < g->rows; r++) {
        const size_t row = (size_t)r * (size_t)g->n + (size_t)g->lo[r];
        const int seen = g->hi[r] - g->lo[r];
        float *de = s->dp + row;
        tt_head one = tt_group_head(h, g, at, r);
        double daim = 0;
        one.dq = to_q + r * at->lq, one.dk = to_k + g->lo[r] * at->lk;
        one.excess = dist->draws ? excess(h->run, n, b, q0 + r) : 0;
        if (fades) reach->fade_back(&one, weights + row, de, seen, &daim);
        dist->weigh_back(&one, de, weights + row, s->e + row, de, seen);
        if (reach->bend) reach->bend_back(&one, de, seen, &daim);
        if (reach->price && h->run->span_price > 0) reach->price(&one, &daim);
        if (h->dbias) tt_group_bias_back(&one, de, seen);
        if (n->aim) add_aim_grad(n, q0 + r, h->head, daim);
    }
    if (align->bend) tt_group_align(h, g, at, s->e); /* without what was added since */
    for (int r = 0; r < g->rows; r++) {
        const size_t row = (size_t)r * (size_t)g->n + (size_t)g->lo[r];
        const int seen = g->hi[r] - g->lo[r];
        float *de = s->dp + row;
        const tt_head one = tt_group_head(h, g, at, r);
        if (align->bend) align->bend_back(h, de, s->e + row, seen);
        if (align->score)
            align->score_back(&one, to_q + r * at->lq, to_k + g->lo[r] * at->lk, de,
                              at->q + r * at->lq, at->k + g->lo[r] * at->lk, at->lk, seen);
        else tt_group_clear(g, s->dp, r);
    }
    if (!align->score) {
        if (align->scale) kn->scale(s->dp, s->dp, align->scale(&n->a), size);
        kn->gemm(to_q, at->lq, s->dp, g->n, 1, at->k, at->lk, 1, TT_GEMM_ADD, NULL, g->rows,
                 h->width, g->n, h->run->work);
        kn->gemm(to_k, at->lk, s->dp, 1, g->n, at->q, at->lq, 1, TT_GEMM_ADD, NULL, g->n, h->width,
                 g->rows, h->run->work);
    }
gathered:
    if (!g->keys) return;
    tt_group_scatter(all_k, ld_of(&n->k), s->dk, g, h->width, kn);
    tt_group_scatter(all_v, ld_of(&n->v), s->dv, g, width, kn);
}

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    float *dq = tt_run_grad_add(run, n->q.of);
    float *dk = tt_run_grad_add(run, n->k.of), *dv = tt_run_grad_add(run, n->v.of);
    for (int i = 0; i < TT_ATTEND_PARAMS; i++) {
        if (n->par->align[i].grad) tt_run_grad_add(run, &n->par->align[i]);
        if (n->par->dist[i].grad) tt_run_grad_add(run, &n->par->dist[i]);
        if (n->par->reach[i].grad) tt_run_grad_add(run, &n->par->reach[i]);
    }
    struct scratch s;
    size_t largest;
    float *dbias = n->bias && n->a.place->params ? tt_run_grad_add(run, n->bias) : NULL;
    if (run->failed || !dq || !dk || !dv || (n->aim && !tt_run_grad_add(run, n->aim)) ||
        open_scratch(run, n, &s, true))
        return;
    count_weights(n, &s, &largest);
    const size_t each = tt_align_of(&n->a)->score_each ? (size_t)n->a.width : 0;
    s.p = tt_run_alloc(run, (each ? 4 * each : 3) * largest * sizeof *s.p);
    if (!s.p) return;
    s.e = s.p + largest;
    s.dp = s.e + largest;
    size_t at = 0;
    for (int b = 0; b < n->spans.count; b++)
        for (int head = 0; head < n->a.heads; head++) {
            const tt_head h = {.run = run,
                               .a = &n->a,
                               .par = n->par,
                               .head = head,
                               .width = tt_head_width(&n->a),
                               .bias = tt_head_bias(n->bias, n->bias ? n->bias->data : NULL, head),
                               .dbias = tt_head_bias(n->bias, dbias, head),
                               .work = s.work,
                               .drawn = n->drawn,
                               .coin = coin_of(n, b)};
            struct cutting c = cut_sentence(n, &s, b, head);
            struct group g;
            while (tt_group_next(&c, &g)) {
                const struct place place = place_of(n, &h, &s, &g, b);
                group_back(n, &h, &s, &g, &place, n->probs + at, tt_key(n->key, at), b, dq, dk, dv);
                at += (size_t)g.rows * (size_t)g.n;
            }
        }
}

/* One query against a list of keys, where they lie. */
static void run_row(const struct node *n, const tt_head *h, const struct group *g, int b,
                    float *p) {
    const int q0 = n->spans.q_off[b] + g->first - n->spans.first, k0 = n->spans.k_off[b],
              width = n->a.width;
    float *y = n->y->data + (size_t)q0 * (size_t)n->y->cols + (size_t)h->head * (size_t)width;
    const float *q = tt_head_cell(&n->q, n->q.of->data, q0, h->head, width),
                *k = tt_head_cell(&n->k, n->k.of->data, k0, h->head, width);
    const float *v = tt_head_cell(&n->v, n->v.of->data, k0, h->head, width);
    h->run->k->attend(y, p, q, k, v, ld_of(&n->k), g->keys, scale_of(&n->a), NULL, 0, g->n, 1,
                      width);
}

/* One group: its weights into p (rows, n), or their means where each number has its own, and its
 * rows of y. key: of dropout. */
static void run_group(const struct node *n, const tt_head *h, const struct scratch *s,
                      const struct group *g, int b, float *p, uint64_t key) {
    const tt_kernels *kn = h->run->k;
    const int width = n->a.width, d = n->y->cols;
    float *y = n->y->data + (size_t)(n->spans.q_off[b] + g->first - n->spans.first) * (size_t)d +
               (size_t)h->head * (size_t)width;
    const struct place place = place_of(n, h, s, g, b);
    if (tt_align_of(&n->a)->score_each) {
        tt_each_weigh(h, g, &place, s->p, NULL, true);
        tt_each_map(p, s->p, g->n, width, n->a.told.feature);
        if (n->drop) kn->dropout(s->p, s->p, key, n->drop, n->keep, (size_t)width * (size_t)g->n);
        tt_each_sum(y, s->p, place.v, place.lv, g->n, width);
        return;
    }
    const float *dropped = p;
    tt_group_weigh(h, g, &place, p, true);
    if (n->drop) {
        kn->dropout(s->p, p, key, n->drop, n->keep, (size_t)g->rows * (size_t)g->n);
        dropped = s->p;
    }
    kn->gemm(y, d, dropped, g->n, 1, place.v, place.lv, 1, TT_GEMM_SET, NULL, g->rows, width, g->n,
             h->run->work);
}

/* text: the spans in keys, of which the node's may be mixtures. */
static void run_whole(tt_run *run, struct node *n, struct scratch *s, float *probs,
                      const tt_spans *text, float *maps) {
    const bool stored = run->taped && !tt_align_of(&n->a)->score_each;
    size_t at = 0;
    for (int b = 0; b < n->spans.count; b++)
        for (int head = 0; head < n->a.heads; head++) {
            tt_head h = {.run = run,
                         .a = &n->a,
                         .par = n->par,
                         .head = head,
                         .width = tt_head_width(&n->a),
                         .bias = tt_head_bias(n->bias, n->bias ? n->bias->data : NULL, head),
                         .work = s->work,
                         .drawn = n->drawn,
                         .coin = coin_of(n, b)};
            struct cutting c = cut_sentence(n, s, b, head);
            const int keys = text->k_off[b + 1] - text->k_off[b];
            struct group g;
            while (tt_group_next(&c, &g)) {
                const size_t size = (size_t)g.rows * (size_t)g.n;
                float *p = stored ? probs + at : probs;
                h.draw = tt_key(n->draw, at);
                if (g.keys && !n->drop && ld_of(&n->k) == ld_of(&n->v) && has_kernel(&n->a))
                    run_row(n, &h, &g, b, p);
                else run_group(n, &h, s, &g, b, p, tt_key(n->key, at));
                if (maps && n->a.told.what != TT_TELL_WEIGHTS) {
                    const struct place place = place_of(n, &h, s, &g, b);
                    tt_group_tell(&h, &g, &place, p);
                    if (n->a.told.what >= TT_TELL_CENTRE) /* a number a query, in column 0 */
                        g.from = 0, g.keys = NULL, g.n = 1;
                }
                if (maps) write_map(&h, &g, p, maps, keys, n->spans.first);
                at += size;
            }
            if (maps) maps += (size_t)(c.t - n->spans.first) * (size_t)keys;
        }
}

/* The size of all maps. */
static size_t map_size(const tt_spans *sp, int heads) {
    size_t all = 0;
    for (int b = 0; b < sp->count; b++)
        all +=
            (size_t)(sp->q_off[b + 1] - sp->q_off[b]) * (size_t)(sp->k_off[b + 1] - sp->k_off[b]);
    return all * (size_t)heads;
}

/* The biases of the longest sentence; NULL where places add none. */
static tt_tensor *bias_for(tt_run *run, const tt_attend *a, tt_attend_par *par,
                           const tt_spans *spans) {
    int longest = 1;
    if (!a->place || !a->place->bias) return NULL;
    for (int b = 0; b < spans->count; b++)
        if (spans->k_off[b + 1] - spans->k_off[b] > longest)
            longest = spans->k_off[b + 1] - spans->k_off[b];
    return a->place->bias(run, a, par->place, longest);
}

tt_tensor *tt_attend_whole(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q,
                           tt_part k, tt_part v, const tt_spans *spans, float *maps) {
    const int d = a->heads * a->width;
    const bool covers =
        !k.of || spans->k_off[spans->count] ==
                     k.of->rows; /* not so while a decoder is trained step by step */
    tt_tensor *bias = k.of ? bias_for(run, a, par, spans) : NULL;
    const bool weights = a->told.what == TT_TELL_WEIGHTS || !maps;
    if (tt_attend_is_fused(a) && covers && weights)
        return tt_op_attend(run, q, k, v, bias, d, a->heads, spans, a->drop, maps);
    tt_tensor *aim = tt_reach_of(a)->aim ? tt_reach_of(a)->aim(run, a, par->reach, q) : NULL;
    q = tt_attend_query(run, a, par, q);
    if (!q.of || !k.of || !v.of || (tt_reach_of(a)->aim && !aim)) return NULL;
    assert(v.first + d <= v.of->cols && q.of->rows == spans->q_off[spans->count] &&
           k.of->rows == v.of->rows);
    const bool dropping = run->drop && a->drop > 0;
    if (tt_align_of(a)->dist && tt_reach_of(a) == &tt_reach_global && !dropping && !maps &&
        covers && !spans->first)
        return tt_attend_linear(run, a, tt_head_width(a), q, k, v, spans);
    struct node n = {.a = *a,
                     .par = par,
                     .q = q,
                     .k = k,
                     .v = v,
                     .aim = aim,
                     .bias = bias,
                     .spans = *spans,
                     .keep = 1};
    struct scratch s;
    size_t largest;
    n.spans.k_off = tt_attend_mixed(run, a, spans->count, spans->k_off);
    if (!n.spans.k_off) return NULL;
    n.y = tt_run_tensor(run, q.of->rows, d);
    if (!n.y || open_scratch(run, &n, &s, false)) return NULL;
    const size_t all = count_weights(&n, &s, &largest);
    const size_t each = tt_align_of(a)->score_each ? (size_t)a->width : 0;
    float *probs = tt_run_alloc(run, (run->taped && !each ? all : largest) * sizeof *probs);
    s.p = dropping || each ? tt_run_alloc(run, (each ? each : 1) * largest * sizeof *s.p) : NULL;
    if (run->failed) return NULL;
    if (dropping) {
        n.key = tt_run_draw(run);
        n.drop = (uint32_t)((double)a->drop * 0x1p32);
        n.keep = 1.0f / (1.0f - a->drop);
    }
    n.drawn = run->drop && tt_dist_of(a)->draws;
    if (n.drawn) n.draw = tt_run_draw(run);
    if (maps) memset(maps, 0, map_size(spans, a->heads) * sizeof *maps);
    run_whole(run, &n, &s, probs, spans, maps);
    struct node *record = tt_run_record(run, sizeof *record, back);
    if (record) {
        n.probs = probs;
        n.node = record->node;
        *record = n;
    }
    return n.y;
}
