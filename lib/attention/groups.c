/* groups.c: see groups.h. In a group
 *   E = align(Q, K),  P = distribution(E) in what each row sees, 0 outside, times what a reach
 * fades
 */
#include "attention/groups.h"

#include <string.h>

#include "base/rng.h"

enum { WINDOW_ROWS = 16 /* queries of a group in a reach of ranges */ };

static float aim_at(const struct cutting *c, int i) {
    return c->aim ? c->aim[(i - c->begun) * c->aim_ld] : 0;
}

static int keys_before(const struct cutting *c, int i) { return c->causal ? i + 1 : c->s; }

static void cut_window(struct cutting *c, struct group *g, int most) {
    const tt_reach *reach = tt_reach_of(c->a);
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

int tt_group_next(struct cutting *c, struct group *g) {
    if (c->next >= c->t) return 0;
    const tt_reach *reach = tt_reach_of(c->a);
    *g = (struct group){.first = c->next,
                        .lo = c->lo,
                        .hi = c->hi,
                        .total = c->s,
                        .aim_ld = c->aim_ld,
                        .aim = c->aim ? c->aim + (c->next - c->begun) * c->aim_ld : NULL};
    if (!reach->list) {
        cut_window(c, g,
                   reach->aim || tt_align_of(c->a)->score_each ? 1
                   : reach->range                              ? WINDOW_ROWS
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

tt_head tt_group_head(const tt_head *h, const struct group *g, const struct place *at, int r) {
    tt_head one = *h;
    one.keys = g->keys ? g->keys + g->lo[r] : NULL;
    one.first_key = g->from + g->lo[r];
    one.draw = tt_key(h->draw, (uint64_t)r);
    one.query = g->first + r;
    one.total = g->total;
    one.aim = g->aim ? g->aim[r * g->aim_ld] : 0;
    one.q = at->q + r * at->lq;
    one.k = at->k + g->lo[r] * at->lk;
    one.lk = at->lk;
    return one;
}

/* finished: with scale, and what bends products. */
static void align_rows(const tt_head *h, const struct group *g, const struct place *at, float *e,
                       bool finished) {
    const tt_align *align = tt_align_of(h->a);
    const size_t n = (size_t)g->n;
    if (!align->score) {
        h->run->k->gemm(e, g->n, at->q, at->lq, 1, at->k, 1, at->lk, TT_GEMM_SET, NULL, g->rows,
                        g->n, h->width, h->run->work);
        if (align->scale && finished)
            h->run->k->scale(e, e, align->scale(h->a), (size_t)g->rows * n);
    }
    for (int r = 0; r < g->rows && (align->score || align->bend); r++) {
        float *row = e + (size_t)r * n + g->lo[r];
        const int seen = g->hi[r] - g->lo[r];
        const tt_head one = tt_group_head(h, g, at, r);
        if (align->score)
            align->score(&one, row, at->q + r * at->lq, at->k + g->lo[r] * at->lk, at->lk, seen);
        if (align->bend && finished) align->bend(h, row, seen);
    }
}

void tt_group_align(const tt_head *h, const struct group *g, const struct place *at, float *e) {
    align_rows(h, g, at, e, true);
}

void tt_group_tell(const tt_head *h, const struct group *g, const struct place *at, float *e) {
    const int told = h->a->told.what;
    if (told == TT_TELL_SCORES) align_rows(h, g, at, e, false);
    if (told == TT_TELL_SCALED) tt_group_score(h, g, at, e);
    for (int r = 0; r < g->rows; r++) {
        if (told == TT_TELL_SCORES || told == TT_TELL_SCALED) {
            tt_group_clear(g, e, r);
            continue;
        }
        const tt_head one = tt_group_head(h, g, at, r);
        e[r] = (float)tt_reach_of(h->a)->tell(&one);
    }
}

/* Adds the biases of its keys' distances to a row's scores e (n). */
static void add_bias(const tt_head *h, float *e, int n) {
    if (!h->keys) h->run->k->add(e, e, h->bias + h->first_key - h->query, (size_t)n);
    for (int j = 0; h->keys && j < n; j++) e[j] += h->bias[h->keys[j] - h->query];
}

void tt_group_bend(const tt_head *one, float *e, int n) {
    if (tt_reach_of(one->a)->bend) tt_reach_of(one->a)->bend(one, e, n);
    if (one->bias) add_bias(one, e, n);
}

void tt_group_score(const tt_head *h, const struct group *g, const struct place *at, float *e) {
    const tt_reach *reach = tt_reach_of(h->a);
    tt_group_align(h, g, at, e);
    for (int r = 0; r < g->rows && (reach->bend || h->bias); r++) {
        float *row = e + (size_t)r * (size_t)g->n + g->lo[r];
        const tt_head one = tt_group_head(h, g, at, r);
        tt_group_bend(&one, row, g->hi[r] - g->lo[r]);
    }
}

void tt_group_clear(const struct group *g, float *x, int r) {
    float *row = x + (size_t)r * (size_t)g->n;
    memset(row, 0, (size_t)g->lo[r] * sizeof *row);
    memset(row + g->hi[r], 0, (size_t)(g->n - g->hi[r]) * sizeof *row);
}

void tt_group_weigh(const tt_head *h, const struct group *g, const struct place *at, float *p,
                    bool faded) {
    const bool fades = faded && tt_attend_fades(h->a);
    tt_group_score(h, g, at, p);
    for (int r = 0; r < g->rows; r++) {
        float *row = p + (size_t)r * (size_t)g->n + g->lo[r];
        const tt_head one = tt_group_head(h, g, at, r);
        tt_dist_of(h->a)->weigh(&one, row, row, g->hi[r] - g->lo[r]);
        if (fades) tt_reach_of(h->a)->fade(&one, row, g->hi[r] - g->lo[r]);
        tt_group_clear(g, p, r);
    }
}

const float *tt_group_gather(float *to, const float *row0, ptrdiff_t ld, const int32_t *keys,
                             const int32_t *list, int from, int n, int width) {
    for (int j = 0; j < n; j++) {
        const int32_t position = keys ? keys[j] : from + j;
        memcpy(to + (size_t)j * (size_t)width, row0 + (list ? list[position] : position) * ld,
               (size_t)width * sizeof *to);
    }
    return to;
}

void tt_group_scatter(float *row0, ptrdiff_t ld, const float *from, const struct group *g,
                      int width, const tt_kernels *k) {
    for (int j = 0; j < g->n; j++) {
        float *row = row0 + g->keys[j] * ld;
        k->add(row, row, from + (size_t)j * (size_t)width, (size_t)width);
    }
}

void tt_group_bias_back(const tt_head *h, const float *de, int n) {
    for (int j = 0; j < n; j++)
        h->dbias[(h->keys ? h->keys[j] : h->first_key + j) - h->query] += de[j];
}
