/* attend.c: see attend.h. The rows of queries are taken in groups that share a run of keys: all rows of a sentence where everything is
 * seen, some neighbours where a reach is a window, one row where a reach is a list, with its keys and values gathered; in decoding one
 * row. In a group
 *   E = align(Q, K),  P = distribution(E) in what each row sees, 0 outside,  P̃ = dropout(P),  O = P̃ V
 *   dP̃ = dO Vᵀ,  dV = P̃ᵀ dO,  dP = mask dP̃,  dE from the distribution,  dQ, dK from the alignment
 * Only the weights are kept for the way back, and only those of keys that a group sees: time and memory follow the reach. Scores
 * are made again where a way back needs them.
 */
#include "attention/attend.h"

#include <assert.h>
#include <string.h>

#include "attention/group.h"
#include "base/rng.h"

#define ENTRY(name) &tt_align_##name,
static const tt_align *const aligns[] = {TT_ALIGNS(ENTRY)};
#undef ENTRY
#define ENTRY(name) &tt_dist_##name,
static const tt_dist *const dists[] = {TT_DISTS(ENTRY)};
#undef ENTRY
#define ENTRY(name) &tt_reach_##name,
static const tt_reach *const reaches[] = {TT_REACHES(ENTRY)};
#undef ENTRY

#define ROW_AT(rows, i)                                                                            \
    ((i) >= 0 && (size_t)(i) < sizeof(rows) / sizeof *(rows) ? &(rows)[i]->r.row : NULL)
static const tt_row *align_at(int i) { return ROW_AT(aligns, i); }
static const tt_row *dist_at(int i) { return ROW_AT(dists, i); }
static const tt_row *reach_at(int i) { return ROW_AT(reaches, i); }

const tt_family tt_family_align = {"align", "how a query and a key are scored", align_at};
const tt_family tt_family_distribution = {"distribution", "how scores become weights", dist_at};
const tt_family tt_family_reach = {"reach", "which keys a query sees", reach_at};

const tt_align *tt_align_of(const tt_attend *a) { return (const tt_align *)a->align.row; }
const tt_dist *tt_dist_of(const tt_attend *a) {
    return tt_align_of(a)->dist ? tt_align_of(a)->dist : (const tt_dist *)a->dist.row;
}
const tt_reach *tt_reach_of(const tt_attend *a) { return (const tt_reach *)a->reach.row; }

/* Triples with a text of their own: tt_op_attend and tt_op_attend_rows. */
static const struct {
    const tt_align *align;
    const tt_dist *dist;
    const tt_reach *reach;
} fused[] = {{&tt_align_scaled_dot, &tt_dist_softmax, &tt_reach_global}};

bool tt_attend_is_fused(const tt_attend *a) {
    for (size_t i = 0; i < sizeof fused / sizeof *fused; i++)
        if (tt_align_of(a) == fused[i].align && tt_dist_of(a) == fused[i].dist &&
            tt_reach_of(a) == fused[i].reach)
            return true;
    return false;
}

bool tt_attend_is_probability(const tt_attend *a) {
    return tt_dist_of(a)->is_probability && !tt_reach_of(a)->fade;
}

static int check_site(const tt_attend *a, const tt_pick *p, const tt_family *f, tt_err *e) {
    static const char *const names[TT_SITES] = {"the encoder's self-attention",
                                                "the decoder's self-attention", "cross-attention"};
    const tt_attend_row *r = (const tt_attend_row *)p->row;
    if (r->sites >> a->site & 1) return 0;
    return tt_fail(e, TT_ECONFIG,
                   "%s %s cannot stand in %s; take another there, '%s list %s' tells them", f->name,
                   p->row->name, names[a->site], "ttrans", f->name);
}

int tt_attend_check(const tt_attend *a, tt_err *e) {
    TT_TRY(check_site(a, &a->align, &tt_family_align, e));
    TT_TRY(check_site(a, &a->dist, &tt_family_distribution, e));
    TT_TRY(check_site(a, &a->reach, &tt_family_reach, e));
    if (tt_align_of(a)->dist && a->dist.row != &tt_dist_softmax.r.row)
        return tt_fail(e, TT_ECONFIG,
                       "align %s brings its own weights; leave distribution %s out there",
                       a->align.row->name, a->dist.row->name);
    if (tt_reach_of(a)->bend && tt_dist_of(a) != &tt_dist_softmax) /* an alignment's own is none either */
        return tt_fail(e, TT_ECONFIG,
                       "reach %s is for distribution softmax, not %s; take another of the two",
                       a->reach.row->name, a->dist.row->name);
    if (tt_reach_of(a)->fade && (tt_dist_of(a)->draws || !tt_dist_of(a)->is_probability))
        return tt_fail(e, TT_ECONFIG,
                       "reach %s is for weights that sum to 1, not for %s; take another of the two",
                       a->reach.row->name, a->dist.row->name);
    if (tt_dist_of(a)->reads_keys && tt_align_of(a) != &tt_align_scaled_dot)
        return tt_fail(e, TT_ECONFIG,
                       "distribution %s reads queries and keys themselves; take align scaled-dot, "
                       "not %s, or another distribution",
                       a->dist.row->name, a->align.row->name);
    if (tt_align_of(a)->score_each && (tt_dist_of(a)->draws || !tt_dist_of(a)->is_probability))
        return tt_fail(e, TT_ECONFIG,
                       "align %s weighs each number by itself, with weights that sum to 1, not "
                       "with %s; take another of the two",
                       a->align.row->name, a->dist.row->name);
    return 0;
}

bool tt_attend_tells(const tt_attend *a, int told) {
    if (told == TT_TELL_WEIGHTS) return true;
    if (told == TT_TELL_SCORES || told == TT_TELL_SCALED) return !tt_align_of(a)->score_each;
    return tt_reach_of(a)->tell && tt_reach_of(a)->tells == told;
}

bool tt_attend_draws(const tt_attend *a) { return tt_dist_of(a)->draws; }

bool tt_attend_needs_norm(const tt_attend *a) { return tt_dist_of(a)->needs_norm; }

void tt_attend_params(const tt_attend *a, tt_attend_par *par, tt_declare *d) {
    if (tt_align_of(a)->params) {
        const size_t at = tt_declare_enter(d, "align.");
        tt_align_of(a)->params(a, par->align, d);
        tt_declare_leave(d, at);
    }
    if (tt_dist_of(a)->params) {
        const size_t at = tt_declare_enter(d, "distribution.");
        tt_dist_of(a)->params(a, par->dist, d);
        tt_declare_leave(d, at);
    }
    if (tt_reach_of(a)->params) {
        const size_t at = tt_declare_enter(d, "reach.");
        tt_reach_of(a)->params(a, par->reach, d);
        tt_declare_leave(d, at);
    }
}

int tt_attend_key_width(const tt_attend *a) { return a->heads * tt_head_width(a); }

tt_part tt_attend_key(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part k,
                      const tt_key_rows *rows) {
    if (!tt_align_of(a)->key || !k.of) return k;
    return (tt_part){tt_align_of(a)->key(run, a, par->align, k, rows), 0};
}

static tt_part query(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q) {
    if (!tt_align_of(a)->query || !q.of) return q;
    return (tt_part){tt_align_of(a)->query(run, a, par->align, q), 0};
}

/* Whether the fused kernel of one row computes the triple but for its reach: products, softmax, all
 * at once. */
static bool has_kernel(const tt_attend *a) {
    const tt_align *align = tt_align_of(a);
    return tt_dist_of(a) == &tt_dist_softmax && !align->score && !align->score_each && !align->bend &&
           tt_head_width(a) == a->width && !tt_reach_of(a)->bend && !tt_reach_of(a)->fade;
}

static float scale_of(const tt_attend *a) { return tt_align_of(a)->scale ? tt_align_of(a)->scale(a) : 1; }

/* ---- whole sequences ------------------------------------------------------------------------- */

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
    tt_tensor *y;
    const float *probs; /* of group after group */
    tt_spans spans;
    uint64_t key, draw; /* of dropout; of a distribution that draws, */
    bool drawn;         /* if it did */
    uint32_t drop;
    float keep;
};

static tt_cutting cut_sentence(const struct node *n, const struct scratch *s, int b, int head) {
    const tt_spans *sp = &n->spans;
    return (tt_cutting){
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
            tt_cutting c = cut_sentence(n, s, b, head);
            tt_group g;
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

/* Row `row` of a head's columns. */
static float *cell(const tt_part *p, float *base, int row, int head, int width) {
    return base + (size_t)row * (size_t)p->of->cols + (size_t)p->first +
           (size_t)head * (size_t)width;
}

/* The numbers of a group of a sentence; of a list they are gathered. */
static tt_place place_of(const struct node *n, const tt_head *h, const struct scratch *s,
                             const tt_group *g, int b) {
    const int q0 = n->spans.q_off[b] + g->first - n->spans.first, k0 = n->spans.k_off[b];
    const float *k = cell(&n->k, n->k.of->data, k0, h->head, h->width),
                *v = cell(&n->v, n->v.of->data, k0, h->head, n->a.width);
    const float *q = cell(&n->q, n->q.of->data, q0, h->head, tt_query_width(&n->a));
    if (!g->keys)
        return (tt_place){q,
                              k + g->from * ld_of(&n->k),
                              v + g->from * ld_of(&n->v),
                              ld_of(&n->q),
                              ld_of(&n->k),
                              ld_of(&n->v)};
    return (tt_place){q,
                          tt_rows_gather(s->k, k, ld_of(&n->k), g->keys, NULL, 0, g->n, h->width),
                          tt_rows_gather(s->v, v, ld_of(&n->v), g->keys, NULL, 0, g->n, n->a.width),
                          ld_of(&n->q),
                          h->width,
                          n->a.width};
}

/* The weights of a group into a map (T, S). */
static void write_map(const tt_group *g, const float *p, float *map, int s, int first) {
    for (int r = 0; r < g->rows; r++)
        for (int j = 0; j < g->n; j++)
            map[(size_t)(g->first - first + r) * (size_t)s +
                (size_t)(g->keys ? g->keys[j] : g->from + j)] =
                p[(size_t)r * (size_t)g->n + (size_t)j];
}

/* The loss that the draw of query row q0 of sentence b led to, above the usual: that of its token where
 * the row says nothing else, otherwise the sentence's mean. */
static float excess(const tt_run *run, const struct node *n, int b, int q0) {
    if (!run->row_losses || !run->mean_losses) return 0;
    const bool own = n->a.site == TT_SITE_CROSS && n->a.last;
    const double loss = own ? (double)run->row_losses[q0]
                            : (double)run->mean_losses[n->a.order ? n->a.order[b] : b];
    return (float)(loss - run->usual_loss);
}

static void aim_grad(const struct node *n, int row, int head, double daim) {
    n->aim->grad[(size_t)row * (size_t)n->a.heads + (size_t)head] += (float)daim;
}

/* The key of a sentence's coin, apart from those of its groups. */
static uint64_t coin_of(const struct node *n, int b) {
    return tt_key(tt_key(n->draw, UINT64_MAX), (uint64_t)(n->a.order ? n->a.order[b] : b));
}

static void group_back(const struct node *n, const tt_head *h, const struct scratch *s,
                       const tt_group *g, const tt_place *at, const float *p, uint64_t key,
                       int b, float *dq, float *dk, float *dv) {
    const tt_kernels *kn = h->run->k;
    const tt_align *align = tt_align_of(&n->a);
    const tt_dist *dist = tt_dist_of(&n->a);
    const size_t size = (size_t)g->rows * (size_t)g->n;
    const int width = n->a.width, d = n->y->cols, k0 = n->spans.k_off[b];
    const int q0 = n->spans.q_off[b] + g->first - n->spans.first;
    const float *o = n->y->grad + (size_t)q0 * (size_t)d + (size_t)h->head * (size_t)width;
    float *to_q = cell(&n->q, dq, q0, h->head, tt_query_width(&n->a));
    float *all_k = cell(&n->k, dk, k0, h->head, h->width),
          *all_v = cell(&n->v, dv, k0, h->head, width);
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
        if (n->aim) aim_grad(n, q0, h->head, daim);
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
    if (reach->fade) tt_group_weigh(h, g, at, s->p, false), weights = s->p;
    if (dist->needs_scores || align->bend) tt_group_score(h, g, at, s->e);
    for (int r = 0; r < g->rows; r++) {
        const size_t row = (size_t)r * (size_t)g->n + (size_t)g->lo[r];
        const int seen = g->hi[r] - g->lo[r];
        float *de = s->dp + row;
        tt_head one = tt_group_head(h, g, at, r);
        double daim = 0;
        one.dq = to_q + r * at->lq, one.dk = to_k + g->lo[r] * at->lk;
        one.excess = dist->draws ? excess(h->run, n, b, q0 + r) : 0;
        if (reach->fade) reach->fade_back(&one, weights + row, de, seen, &daim);
        dist->weigh_back(&one, de, weights + row, s->e + row, de, seen);
        if (reach->bend) reach->bend_back(&one, de, seen, &daim);
        if (n->aim) aim_grad(n, q0 + r, h->head, daim);
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
    tt_rows_scatter(all_k, ld_of(&n->k), s->dk, g, h->width, kn);
    tt_rows_scatter(all_v, ld_of(&n->v), s->dv, g, width, kn);
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
    if (!dq || !dk || !dv || (n->aim && !tt_run_grad_add(run, n->aim)) || open_scratch(run, n, &s, true))
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
                               .work = s.work,
                               .drawn = n->drawn,
                               .coin = coin_of(n, b)};
            tt_cutting c = cut_sentence(n, &s, b, head);
            tt_group g;
            while (tt_group_next(&c, &g)) {
                const tt_place place = place_of(n, &h, &s, &g, b);
                group_back(n, &h, &s, &g, &place, n->probs + at, tt_key(n->key, at), b, dq, dk, dv);
                at += (size_t)g.rows * (size_t)g.n;
            }
        }
}

/* One query against a list of keys, where they lie. */
static void run_row(const struct node *n, const tt_head *h, const tt_group *g, int b,
                    float *p) {
    const int q0 = n->spans.q_off[b] + g->first - n->spans.first, k0 = n->spans.k_off[b],
              width = n->a.width;
    float *y = n->y->data + (size_t)q0 * (size_t)n->y->cols + (size_t)h->head * (size_t)width;
    const float *q = cell(&n->q, n->q.of->data, q0, h->head, width),
                *k = cell(&n->k, n->k.of->data, k0, h->head, width);
    const float *v = cell(&n->v, n->v.of->data, k0, h->head, width);
    h->run->k->attend(y, p, q, k, v, ld_of(&n->k), g->keys, scale_of(&n->a), g->n, 1, width);
}

/* One group: its weights into p (rows, n), or their means where each number has its own, and its rows of y.
 * key: of dropout. */
static void run_group(const struct node *n, const tt_head *h, const struct scratch *s,
                      const tt_group *g, int b, float *p, uint64_t key) {
    const tt_kernels *kn = h->run->k;
    const int width = n->a.width, d = n->y->cols;
    float *y = n->y->data + (size_t)(n->spans.q_off[b] + g->first - n->spans.first) * (size_t)d +
               (size_t)h->head * (size_t)width;
    const tt_place place = place_of(n, h, s, g, b);
    if (tt_align_of(&n->a)->score_each) {
        tt_each_weigh(h, g, &place, s->p, NULL, true);
        tt_each_map(p, s->p, g->n, width);
        if (n->drop)
            kn->dropout(s->p, s->p, key, n->drop, n->keep, (size_t)width * (size_t)g->n);
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

static void run_whole(tt_run *run, struct node *n, struct scratch *s, float *probs, float *maps) {
    const bool stored = run->taped && !tt_align_of(&n->a)->score_each;
    size_t at = 0;
    for (int b = 0; b < n->spans.count; b++)
        for (int head = 0; head < n->a.heads; head++) {
            tt_head h = {.run = run,
                         .a = &n->a,
                         .par = n->par,
                         .head = head,
                         .width = tt_head_width(&n->a),
                         .work = s->work,
                         .drawn = n->drawn,
                         .coin = coin_of(n, b)};
            tt_cutting c = cut_sentence(n, s, b, head);
            tt_group g;
            while (tt_group_next(&c, &g)) {
                const size_t size = (size_t)g.rows * (size_t)g.n;
                float *p = stored ? probs + at : probs;
                h.draw = tt_key(n->draw, at);
                if (g.keys && !n->drop && ld_of(&n->k) == ld_of(&n->v) && has_kernel(&n->a))
                    run_row(n, &h, &g, b, p);
                else run_group(n, &h, s, &g, b, p, tt_key(n->key, at));
                if (maps && n->a.told != TT_TELL_WEIGHTS) {
                    const tt_place place = place_of(n, &h, s, &g, b);
                    tt_group_tell(&h, &g, &place, p);
                    if (n->a.told >= TT_TELL_CENTRE) /* a number a query, in column 0 */
                        g.from = 0, g.keys = NULL, g.n = 1;
                }
                if (maps) write_map(&g, p, maps, c.s, n->spans.first);
                at += size;
            }
            if (maps) maps += (size_t)(c.t - n->spans.first) * (size_t)c.s;
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

tt_tensor *tt_attend_whole(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q,
                           tt_part k, tt_part v, const tt_spans *spans, float *maps) {
    const int d = a->heads * a->width;
    const bool covers =
        !k.of || spans->k_off[spans->count] ==
                     k.of->rows; /* not so while a decoder is trained step by step */
    const bool weights = a->told == TT_TELL_WEIGHTS || !maps;
    if (tt_attend_is_fused(a) && covers && weights)
        return tt_op_attend(run, q, k, v, d, a->heads, spans, a->drop, maps);
    tt_tensor *aim = tt_reach_of(a)->aim ? tt_reach_of(a)->aim(run, a, par->reach, q) : NULL;
    q = query(run, a, par, q);
    if (!q.of || !k.of || !v.of || (tt_reach_of(a)->aim && !aim)) return NULL;
    assert(v.first + d <= v.of->cols && q.of->rows == spans->q_off[spans->count] &&
           k.of->rows == v.of->rows);
    const bool dropping = run->drop && a->drop > 0;
    if (tt_align_of(a)->dist && tt_reach_of(a) == &tt_reach_global && !dropping && !maps && covers &&
        !spans->first)
        return tt_attend_linear(run, a, tt_head_width(a), q, k, v, spans);
    struct node n = {
        .a = *a, .par = par, .q = q, .k = k, .v = v, .aim = aim, .spans = *spans, .keep = 1};
    struct scratch s;
    size_t largest;
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
    run_whole(run, &n, &s, probs, maps);
    struct node *record = tt_run_record(run, sizeof *record, back);
    if (record) {
        n.probs = probs;
        n.node = record->node;
        *record = n;
    }
    return n.y;
}

/* ---- a step of decoding ---------------------------------------------------------------------- */

/* Scratch of a step. */
struct stepping {
    const tt_reads *reads;
    int32_t *lo, *hi, *keys; /* (1), (1), (most keys) */
    float *k, *v, *p;        /* gathered rows, weights */
    const tt_tensor *aim;    /* (rows, H), or NULL */
    double *work;
};

/* One head of row r: the query at position i. */
static void step_head(const tt_head *h, const struct stepping *s, int r, int i, const float *q,
                      float *out, float *map) {
    const tt_attend *a = h->a;
    const tt_reads *reads = s->reads;
    const int32_t *list = reads->rows ? reads->rows[r] : NULL;
    const float *k0 = (const float *)reads->k + (list ? 0 : reads->first[r] * reads->ld) +
                      (size_t)h->head * (size_t)h->width;
    const float *v0 = (const float *)reads->v + (list ? 0 : reads->first[r] * reads->v_ld) +
                      (size_t)h->head * (size_t)a->width;
    tt_cutting c = {.a = a,
                        .head = h->head,
                        .t = i + 1,
                        .s = reads->n[r],
                        .causal = a->site == TT_SITE_DEC,
                        .next = i,
                        .lo = s->lo,
                        .hi = s->hi,
                        .keys = s->keys,
                        .par = h->par,
                        .begun = i,
                        .aim =
                            s->aim ? s->aim->data + (size_t)r * (size_t)a->heads + h->head : NULL};
    tt_group g;
    tt_group_next(&c, &g);
    tt_place at = {q,          k0 + g.from * reads->ld, v0 + g.from * reads->v_ld, 0, reads->ld,
                       reads->v_ld};
    if (list || g.keys) {
        at.k = tt_rows_gather(s->k, k0, reads->ld, g.keys, list, g.from, g.n, h->width), at.lk = h->width;
        at.v = tt_rows_gather(s->v, v0, reads->v_ld, g.keys, list, g.from, g.n, a->width), at.lv = a->width;
    }
    if (tt_align_of(a)->score_each) {
        float *own = s->p + g.n;
        tt_each_weigh(h, &g, &at, own, NULL, true);
        tt_each_sum(out, own, at.v, at.lv, g.n, a->width);
        tt_each_map(s->p, own, g.n, a->width);
    } else {
        tt_group_weigh(h, &g, &at, s->p, true);
        h->run->k->gemm(out, a->width, s->p, g.n, 1, at.v, at.lv, 1, TT_GEMM_SET, NULL, 1, a->width,
                        g.n, h->run->work);
    }
    for (int j = 0; map && j < g.n; j++) map[g.keys ? g.keys[j] : g.from + j] = s->p[j];
}

tt_tensor *tt_attend_step(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q,
                          const tt_reads *reads, const int32_t *position, float *const *maps) {
    const int d = a->heads * a->width, wide = tt_head_width(a);
    if (tt_attend_is_fused(a)) return tt_op_attend_rows(run, q, d, a->heads, reads, maps);
    const tt_tensor *aim = tt_reach_of(a)->aim ? tt_reach_of(a)->aim(run, a, par->reach, q) : NULL;
    q = query(run, a, par, q);
    if (!q.of || (tt_reach_of(a)->aim && !aim)) return NULL;
    assert(!run->taped && !reads->brief);
    size_t most = 1;
    for (int r = 0; r < q.of->rows; r++)
        if ((size_t)reads->n[r] > most) most = (size_t)reads->n[r];
    tt_tensor *y = tt_run_tensor(run, q.of->rows, d);
    struct stepping s = {.reads = reads,
                         .aim = aim,
                         .lo = tt_run_alloc(run, (most + 2) * sizeof *s.lo),
                         .k = tt_run_alloc(run, most * (size_t)(wide + 2 * a->width + 1) * sizeof *s.k),
                         .work = tt_run_alloc(run, (2 * most + 2) * sizeof *s.work)};
    if (run->failed) return NULL;
    s.hi = s.lo + 1;
    s.keys = s.hi + 1;
    s.v = s.k + most * (size_t)wide;
    s.p = s.v + most * (size_t)a->width;
    for (int r = 0; r < y->rows; r++) {
        float *map = maps ? maps[r] : NULL;
        const size_t n = (size_t)reads->n[r];
        if (map) memset(map, 0, (size_t)a->heads * n * sizeof *map);
        for (int head = 0; head < a->heads; head++) {
            const tt_head h = {
                .run = run, .a = a, .par = par, .head = head, .width = wide, .work = s.work};
            step_head(&h, &s, r, position[r], cell(&q, q.of->data, r, head, tt_query_width(a)),
                      y->data + (size_t)r * (size_t)d + (size_t)(head * a->width),
                      map ? map + (size_t)head * n : NULL);
        }
    }
    return y;
}
