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

#include "attention/parts.h"
#include "base/rng.h"

enum { WINDOW_ROWS = 16 /* queries of a group in a reach of ranges */ };

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

static const tt_align *align_of(const tt_attend *a) { return (const tt_align *)a->align.row; }
static const tt_dist *dist_of(const tt_attend *a) {
    return align_of(a)->dist ? align_of(a)->dist : (const tt_dist *)a->dist.row;
}
static const tt_reach *reach_of(const tt_attend *a) { return (const tt_reach *)a->reach.row; }

/* Triples with a text of their own: tt_op_attend and tt_op_attend_rows. */
static const struct {
    const tt_align *align;
    const tt_dist *dist;
    const tt_reach *reach;
} fused[] = {{&tt_align_scaled_dot, &tt_dist_softmax, &tt_reach_global}};

bool tt_attend_is_fused(const tt_attend *a) {
    for (size_t i = 0; i < sizeof fused / sizeof *fused; i++)
        if (align_of(a) == fused[i].align && dist_of(a) == fused[i].dist &&
            reach_of(a) == fused[i].reach)
            return true;
    return false;
}

bool tt_attend_is_probability(const tt_attend *a) {
    return dist_of(a)->is_probability && !reach_of(a)->fade;
}

bool tt_attend_is_numbered(const tt_attend *a) {
    return reach_of(a)->numbered && reach_of(a)->numbered(a);
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
    if (align_of(a)->dist && a->dist.row != &tt_dist_softmax.r.row)
        return tt_fail(e, TT_ECONFIG,
                       "align %s brings its own weights; leave distribution %s out there",
                       a->align.row->name, a->dist.row->name);
    if (reach_of(a)->bend && dist_of(a) != &tt_dist_softmax) /* an alignment's own is none either */
        return tt_fail(e, TT_ECONFIG,
                       "reach %s is for distribution softmax, not %s; take another of the two",
                       a->reach.row->name, a->dist.row->name);
    if (reach_of(a)->fade && (dist_of(a)->draws || !dist_of(a)->is_probability))
        return tt_fail(e, TT_ECONFIG,
                       "reach %s is for weights that sum to 1, not for %s; take another of the two",
                       a->reach.row->name, a->dist.row->name);
    return 0;
}

void tt_attend_params(const tt_attend *a, tt_attend_par *par, tt_declare *d) {
    if (align_of(a)->params) {
        const size_t at = tt_declare_enter(d, "align.");
        align_of(a)->params(a, par->align, d);
        tt_declare_leave(d, at);
    }
    if (dist_of(a)->params) {
        const size_t at = tt_declare_enter(d, "distribution.");
        dist_of(a)->params(a, par->dist, d);
        tt_declare_leave(d, at);
    }
    if (reach_of(a)->params) {
        const size_t at = tt_declare_enter(d, "reach.");
        reach_of(a)->params(a, par->reach, d);
        tt_declare_leave(d, at);
    }
}

static int head_width(const tt_attend *a) {
    return align_of(a)->key_width ? align_of(a)->key_width(a) : a->width;
}

int tt_attend_key_width(const tt_attend *a) { return a->heads * head_width(a); }

tt_part tt_attend_key(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part k) {
    if (!align_of(a)->key || !k.of) return k;
    return (tt_part){align_of(a)->key(run, a, par->align, k), 0};
}

static tt_part query(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q) {
    if (!align_of(a)->query || !q.of) return q;
    return (tt_part){align_of(a)->query(run, a, par->align, q), 0};
}

/* ---- groups -------------------------------------------------------------------------------- */

/* Rows of queries of one head, and the keys that any of them sees. */
struct group {
    int rows, n;          /* queries; keys */
    int first;            /* position of the first query */
    int from;             /* position of the first key, */
    int total;            /* of the keys that there are */
    const float *aim;     /* the first query's, the others `aim_ld` apart; or NULL */
    ptrdiff_t aim_ld;
    const int32_t *keys;  /* (n) positions of all; NULL: from, from+1, … */
    const int32_t *lo, *hi; /* (rows): what each sees, among the n */
};

/* How the queries of a sentence are cut into groups, for one head. */
struct cutting {
    const tt_attend *a;
    int head, t, s;
    bool causal;
    int next;            /* the next query */
    const tt_attend_par *par;
    const float *aim;    /* of the first query, the others `aim_ld` apart; or NULL */
    ptrdiff_t aim_ld;
    int begun;           /* the first query */
    int32_t *lo, *hi, *keys; /* room for T, T, S */
};

static float aim_at(const struct cutting *c, int i) {
    return c->aim ? c->aim[(i - c->begun) * c->aim_ld] : 0;
}

static int keys_before(const struct cutting *c, int i) { return c->causal ? i + 1 : c->s; }

static void cut_window(struct cutting *c, struct group *g, int most) {
    const tt_reach *reach = reach_of(c->a);
    int from = c->s, to = 0;
    for (g->rows = 0; g->rows < most && c->next < c->t; g->rows++, c->next++) {
        int lo = 0, hi = keys_before(c, c->next);
        if (reach->range)
            reach->range(c->a, c->par->reach, c->head, c->next, hi, aim_at(c, c->next), &lo, &hi);
        c->lo[g->rows] = lo;
        c->hi[g->rows] = hi;
        if (lo < from) from = lo;
        if (hi > to) to = hi;
    }
    for (int r = 0; r < g->rows; r++) c->lo[r] -= from, c->hi[r] -= from;
    g->from = from;
    g->n = to - from;
    g->keys = NULL;
}

/* The next group; 0: there is none. */
static int next_group(struct cutting *c, struct group *g) {
    if (c->next >= c->t) return 0;
    const tt_reach *reach = reach_of(c->a);
    *g = (struct group){.first = c->next,
                        .lo = c->lo,
                        .hi = c->hi,
                        .total = c->s,
                        .aim_ld = c->aim_ld,
                        .aim = c->aim ? c->aim + (c->next - c->begun) * c->aim_ld : NULL};
    if (!reach->list) {
        cut_window(c, g,
                   reach->aim     ? 1
                   : reach->range ? WINDOW_ROWS
                                  : c->t); /* windows of one query each lie anywhere */
        return 1;
    }
    g->rows = 1;
    g->n = reach->list(c->a, c->head, c->next, keys_before(c, c->next), c->keys);
    g->keys = c->keys;
    c->lo[0] = 0;
    c->hi[0] = g->n;
    c->next++;
    return 1;
}

/* Where the numbers of a group lie: queries, keys, values. */
struct place {
    const float *q, *k, *v;
    ptrdiff_t lq, lk, lv;
};

/* A head at row r of a group. */
static tt_head head_of_row(const tt_head *h, const struct group *g, int r) {
    tt_head one = *h;
    one.keys = g->keys ? g->keys + g->lo[r] : NULL;
    one.first_key = g->from + g->lo[r];
    one.draw = tt_key(h->draw, (uint64_t)r);
    one.query = g->first + r;
    one.total = g->total;
    one.aim = g->aim ? g->aim[r * g->aim_ld] : 0;
    return one;
}

/* Scores of a group into e (rows, n); outside of what a row sees they mean nothing. */
static void score(const tt_head *h, const struct group *g, const struct place *at, float *e) {
    const tt_align *align = align_of(h->a);
    const size_t n = (size_t)g->n;
    if (!align->score) {
        h->run->k->gemm(e, g->n, at->q, at->lq, 1, at->k, 1, at->lk, TT_GEMM_SET, NULL, g->rows,
                        g->n, h->width, h->run->work);
        if (align->scale) h->run->k->scale(e, e, align->scale(h->a), (size_t)g->rows * n);
    }
    for (int r = 0; r < g->rows; r++) {
        float *row = e + (size_t)r * n + g->lo[r];
        const int seen = g->hi[r] - g->lo[r];
        const tt_head one = head_of_row(h, g, r);
        if (align->score)
            align->score(&one, row, at->q + r * at->lq, at->k + g->lo[r] * at->lk, at->lk, seen);
        if (align->bend) align->bend(h, row, seen);
        if (reach_of(h->a)->bend) reach_of(h->a)->bend(&one, row, seen);
    }
}

/* Sets row r of x (rows, n) to 0 outside of what the row sees. */
static void clear_outside(const struct group *g, float *x, int r) {
    float *row = x + (size_t)r * (size_t)g->n;
    memset(row, 0, (size_t)g->lo[r] * sizeof *row);
    memset(row + g->hi[r], 0, (size_t)(g->n - g->hi[r]) * sizeof *row);
}

/* Weights of a group into p (rows, n); as they multiply the values where faded, else as the
 * distribution made them. */
static void weigh(const tt_head *h, const struct group *g, const struct place *at, float *p,
                  bool faded) {
    score(h, g, at, p);
    for (int r = 0; r < g->rows; r++) {
        float *row = p + (size_t)r * (size_t)g->n + g->lo[r];
        const tt_head one = head_of_row(h, g, r);
        dist_of(h->a)->weigh(&one, row, row, g->hi[r] - g->lo[r]);
        if (faded && reach_of(h->a)->fade) reach_of(h->a)->fade(&one, row, g->hi[r] - g->lo[r]);
        clear_outside(g, p, r);
    }
}

/* Rows of a group's keys one behind the other. row0: position 0's; list: the rows of positions, or
 * NULL. */
static const float *gather(float *to, const float *row0, ptrdiff_t ld, const int32_t *keys,
                           const int32_t *list, int from, int n, int width) {
    for (int j = 0; j < n; j++) {
        const int32_t position = keys ? keys[j] : from + j;
        memcpy(to + (size_t)j * (size_t)width, row0 + (list ? list[position] : position) * ld,
               (size_t)width * sizeof *to);
    }
    return to;
}

static void scatter(float *row0, ptrdiff_t ld, const float *from, const struct group *g, int width,
                    const tt_kernels *k) {
    for (int j = 0; j < g->n; j++) {
        float *row = row0 + g->keys[j] * ld;
        k->add(row, row, from + (size_t)j * (size_t)width, (size_t)width);
    }
}

/* Whether the fused kernel of one row computes the triple but for its reach: products, softmax, all
 * at once. */
static bool has_kernel(const tt_attend *a) {
    const tt_align *align = align_of(a);
    return dist_of(a) == &tt_dist_softmax && !align->score && !align->bend &&
           head_width(a) == a->width && !reach_of(a)->bend && !reach_of(a)->fade;
}

static float scale_of(const tt_attend *a) { return align_of(a)->scale ? align_of(a)->scale(a) : 1; }

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
    uint64_t key, draw; /* of dropout; of a distribution that draws */
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
            while (next_group(&c, &g)) {
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
    const bool listed = reach_of(&n->a)->list != NULL;
    const size_t rows = listed ? (size_t)keys : 0, wide = (size_t)head_width(&n->a),
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
static struct place place_of(const struct node *n, const tt_head *h, const struct scratch *s,
                             const struct group *g, int b) {
    const int q0 = n->spans.q_off[b] + g->first - n->spans.first, k0 = n->spans.k_off[b];
    const float *k = cell(&n->k, n->k.of->data, k0, h->head, h->width),
                *v = cell(&n->v, n->v.of->data, k0, h->head, n->a.width);
    const float *q = cell(&n->q, n->q.of->data, q0, h->head, h->width);
    if (!g->keys)
        return (struct place){q,
                              k + g->from * ld_of(&n->k),
                              v + g->from * ld_of(&n->v),
                              ld_of(&n->q),
                              ld_of(&n->k),
                              ld_of(&n->v)};
    return (struct place){q,
                          gather(s->k, k, ld_of(&n->k), g->keys, NULL, 0, g->n, h->width),
                          gather(s->v, v, ld_of(&n->v), g->keys, NULL, 0, g->n, n->a.width),
                          ld_of(&n->q),
                          h->width,
                          n->a.width};
}

/* The weights of a group into a map (T, S). */
static void write_map(const struct group *g, const float *p, float *map, int s, int first) {
    for (int r = 0; r < g->rows; r++)
        for (int j = 0; j < g->n; j++)
            map[(size_t)(g->first - first + r) * (size_t)s +
                (size_t)(g->keys ? g->keys[j] : g->from + j)] =
                p[(size_t)r * (size_t)g->n + (size_t)j];
}

static void group_back(const struct node *n, const tt_head *h, const struct scratch *s,
                       const struct group *g, const struct place *at, const float *p, uint64_t key,
                       int b, float *dq, float *dk, float *dv) {
    const tt_kernels *kn = h->run->k;
    const tt_align *align = align_of(&n->a);
    const tt_dist *dist = dist_of(&n->a);
    const size_t size = (size_t)g->rows * (size_t)g->n;
    const int width = n->a.width, d = n->y->cols, k0 = n->spans.k_off[b];
    const int q0 = n->spans.q_off[b] + g->first - n->spans.first;
    const float *o = n->y->grad + (size_t)q0 * (size_t)d + (size_t)h->head * (size_t)width;
    float *to_q = cell(&n->q, dq, q0, h->head, h->width);
    float *all_k = cell(&n->k, dk, k0, h->head, h->width),
          *all_v = cell(&n->v, dv, k0, h->head, width);
    float *to_k = g->keys ? s->dk : all_k + g->from * at->lk,
          *to_v = g->keys ? s->dv : all_v + g->from * at->lv;
    if (g->keys) {
        memset(s->dk, 0, (size_t)g->n * (size_t)h->width * sizeof *s->dk);
        memset(s->dv, 0, (size_t)g->n * (size_t)width * sizeof *s->dv);
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
    const tt_reach *reach = reach_of(&n->a);
    const float *weights = p; /* of the distribution */
    if (reach->fade) weigh(h, g, at, s->p, false), weights = s->p;
    if (dist->needs_scores || align->bend) score(h, g, at, s->e);
    for (int r = 0; r < g->rows; r++) {
        const size_t row = (size_t)r * (size_t)g->n + (size_t)g->lo[r];
        const int seen = g->hi[r] - g->lo[r];
        float *de = s->dp + row;
        const tt_head one = head_of_row(h, g, r);
        double daim = 0;
        if (reach->fade) reach->fade_back(&one, weights + row, de, seen, &daim);
        dist->weigh_back(h, de, weights + row, s->e + row, de, seen);
        if (reach->bend) reach->bend_back(&one, de, seen, &daim);
        if (n->aim)
            n->aim->grad[(size_t)(q0 + r) * (size_t)n->a.heads + (size_t)h->head] += (float)daim;
        if (align->bend) align->bend_back(h, de, s->e + row, seen);
        if (align->score)
            align->score_back(&one, to_q + r * at->lq, to_k + g->lo[r] * at->lk, de,
                              at->q + r * at->lq, at->k + g->lo[r] * at->lk, at->lk, seen);
        else clear_outside(g, s->dp, r);
    }
    if (!align->score) {
        if (align->scale) kn->scale(s->dp, s->dp, align->scale(&n->a), size);
        kn->gemm(to_q, at->lq, s->dp, g->n, 1, at->k, at->lk, 1, TT_GEMM_ADD, NULL, g->rows,
                 h->width, g->n, h->run->work);
        kn->gemm(to_k, at->lk, s->dp, 1, g->n, at->q, at->lq, 1, TT_GEMM_ADD, NULL, g->n, h->width,
                 g->rows, h->run->work);
    }
    if (!g->keys) return;
    scatter(all_k, ld_of(&n->k), s->dk, g, h->width, kn);
    scatter(all_v, ld_of(&n->v), s->dv, g, width, kn);
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
    s.p = tt_run_alloc(run, 3 * largest * sizeof *s.p);
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
                               .width = head_width(&n->a),
                               .work = s.work};
            struct cutting c = cut_sentence(n, &s, b, head);
            struct group g;
            while (next_group(&c, &g)) {
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
    const float *q = cell(&n->q, n->q.of->data, q0, h->head, width),
                *k = cell(&n->k, n->k.of->data, k0, h->head, width);
    const float *v = cell(&n->v, n->v.of->data, k0, h->head, width);
    h->run->k->attend(y, p, q, k, v, ld_of(&n->k), g->keys, scale_of(&n->a), g->n, 1, width);
}

static void run_whole(tt_run *run, struct node *n, struct scratch *s, float *probs, float *maps) {
    const tt_kernels *kn = run->k;
    const int width = n->a.width, d = n->y->cols;
    size_t at = 0;
    for (int b = 0; b < n->spans.count; b++)
        for (int head = 0; head < n->a.heads; head++) {
            tt_head h = {.run = run,
                         .a = &n->a,
                         .par = n->par,
                         .head = head,
                         .width = head_width(&n->a),
                         .work = s->work,
                         .drawn = run->drop && dist_of(&n->a)->draws};
            struct cutting c = cut_sentence(n, s, b, head);
            struct group g;
            while (next_group(&c, &g)) {
                const size_t size = (size_t)g.rows * (size_t)g.n;
                float *p = run->taped ? probs + at : probs;
                at += size;
                if (g.keys && !n->drop && ld_of(&n->k) == ld_of(&n->v) && has_kernel(&n->a)) {
                    run_row(n, &h, &g, b, p);
                    if (maps) write_map(&g, p, maps, c.s, n->spans.first);
                    continue;
                }
                const struct place place = place_of(n, &h, s, &g, b);
                const float *dropped = p;
                h.draw = tt_key(n->draw, at - size);
                weigh(&h, &g, &place, p, true);
                if (maps) write_map(&g, p, maps, c.s, n->spans.first);
                if (n->drop) {
                    kn->dropout(s->p, p, tt_key(n->key, at - size), n->drop, n->keep, size);
                    dropped = s->p;
                }
                kn->gemm(n->y->data +
                             (size_t)(n->spans.q_off[b] + g.first - n->spans.first) * (size_t)d +
                             (size_t)head * (size_t)width,
                         d, dropped, g.n, 1, place.v, place.lv, 1, TT_GEMM_SET, NULL, g.rows, width,
                         g.n, run->work);
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
    if (tt_attend_is_fused(a) && covers)
        return tt_op_attend(run, q, k, v, d, a->heads, spans, a->drop, maps);
    tt_tensor *aim = reach_of(a)->aim ? reach_of(a)->aim(run, a, par->reach, q) : NULL;
    q = query(run, a, par, q);
    if (!q.of || !k.of || !v.of || (reach_of(a)->aim && !aim)) return NULL;
    assert(v.first + d <= v.of->cols && q.of->rows == spans->q_off[spans->count] &&
           k.of->rows == v.of->rows);
    const bool dropping = run->drop && a->drop > 0;
    if (align_of(a)->dist && reach_of(a) == &tt_reach_global && !dropping && !maps && covers &&
        !spans->first)
        return tt_attend_linear(run, a, head_width(a), q, k, v, spans);
    struct node n = {
        .a = *a, .par = par, .q = q, .k = k, .v = v, .aim = aim, .spans = *spans, .keep = 1};
    struct scratch s;
    size_t largest;
    n.y = tt_run_tensor(run, q.of->rows, d);
    if (!n.y || open_scratch(run, &n, &s, false)) return NULL;
    const size_t all = count_weights(&n, &s, &largest);
    float *probs = tt_run_alloc(run, (run->taped ? all : largest) * sizeof *probs);
    s.p = dropping ? tt_run_alloc(run, largest * sizeof *s.p) : NULL;
    if (run->failed) return NULL;
    if (dropping) {
        n.key = tt_run_draw(run);
        n.drop = (uint32_t)((double)a->drop * 0x1p32);
        n.keep = 1.0f / (1.0f - a->drop);
    }
    if (run->drop && dist_of(a)->draws) n.draw = tt_run_draw(run);
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
    struct cutting c = {.a = a,
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
    struct group g;
    next_group(&c, &g);
    struct place at = {q,          k0 + g.from * reads->ld, v0 + g.from * reads->v_ld, 0, reads->ld,
                       reads->v_ld};
    if (list || g.keys) {
        at.k = gather(s->k, k0, reads->ld, g.keys, list, g.from, g.n, h->width), at.lk = h->width;
        at.v = gather(s->v, v0, reads->v_ld, g.keys, list, g.from, g.n, a->width), at.lv = a->width;
    }
    weigh(h, &g, &at, s->p, true);
    h->run->k->gemm(out, a->width, s->p, g.n, 1, at.v, at.lv, 1, TT_GEMM_SET, NULL, 1, a->width,
                    g.n, h->run->work);
    for (int j = 0; map && j < g.n; j++) map[g.keys ? g.keys[j] : g.from + j] = s->p[j];
}

tt_tensor *tt_attend_step(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q,
                          const tt_reads *reads, const int32_t *position, float *const *maps) {
    const int d = a->heads * a->width, wide = head_width(a);
    if (tt_attend_is_fused(a)) return tt_op_attend_rows(run, q, d, a->heads, reads, maps);
    const tt_tensor *aim = reach_of(a)->aim ? reach_of(a)->aim(run, a, par->reach, q) : NULL;
    q = query(run, a, par, q);
    if (!q.of || (reach_of(a)->aim && !aim)) return NULL;
    assert(!run->taped && !reads->brief);
    size_t most = 1;
    for (int r = 0; r < q.of->rows; r++)
        if ((size_t)reads->n[r] > most) most = (size_t)reads->n[r];
    tt_tensor *y = tt_run_tensor(run, q.of->rows, d);
    struct stepping s = {.reads = reads,
                         .aim = aim,
                         .lo = tt_run_alloc(run, (most + 2) * sizeof *s.lo),
                         .k = tt_run_alloc(run, most * (size_t)(wide + a->width + 1) * sizeof *s.k),
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
            step_head(&h, &s, r, position[r], cell(&q, q.of->data, r, head, wide),
                      y->data + (size_t)r * (size_t)d + (size_t)(head * a->width),
                      map ? map + (size_t)head * n : NULL);
        }
    }
    return y;
}
