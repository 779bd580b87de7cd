/* groups.h: rows of queries that share a run of keys, for attend_whole.c and attend_step.c.
 *
 *     struct cutting c = {.a = a, .head = h, .t = T, .s = S, …};
 *     while (tt_group_next(&c, &g)) {
 *         tt_group_weigh(&head, &g, &place, p, true);      // p (g.rows, g.n)
 *         …
 *     }
 *
 * A group is all rows of a sentence where everything is seen, some neighbours where a reach is a
 * window, and one row where a reach is a list, with its keys and values gathered. Nothing is owned.
 */
#ifndef TT_ATTENTION_GROUPS_H
#define TT_ATTENTION_GROUPS_H

#include "attention/parts.h"
#include "attention/position.h"

static inline const tt_align *tt_align_of(const tt_attend *a) {
    return (const tt_align *)a->align.row;
}
static inline const tt_dist *tt_dist_of(const tt_attend *a) {
    return tt_align_of(a)->dist ? tt_align_of(a)->dist : (const tt_dist *)a->dist.row;
}
static inline const tt_reach *tt_reach_of(const tt_attend *a) {
    return (const tt_reach *)a->reach.row;
}

static inline int tt_head_width(const tt_attend *a) {
    return tt_align_of(a)->key_width ? tt_align_of(a)->key_width(a) : a->width;
}

static inline int tt_query_width(const tt_attend *a) {
    return tt_align_of(a)->query ? tt_head_width(a) : a->width;
}

/* The rows of the mixtures of sentences off (count+1); off itself where nothing is mixed. */
const int32_t *tt_attend_mixed(tt_run *run, const tt_attend *a, int count, const int32_t *off);

/* A query as the alignment wants it. */
tt_part tt_attend_query(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q);

/* Rows of queries of one head, and the keys that any of them sees. */
struct group {
    int rows, n;      /* queries; keys */
    int first;        /* position of the first query */
    int from;         /* position of the first key, */
    int total;        /* of the keys that there are */
    const float *aim; /* the first query's, the others `aim_ld` apart; or NULL */
    ptrdiff_t aim_ld;
    const int32_t *keys;    /* (n) positions of all; NULL: from, from+1, … */
    const int32_t *lo, *hi; /* (rows): what each sees, among the n */
};

/* How the queries of a sentence are cut into groups, for one head. */
struct cutting {
    const tt_attend *a;
    int head, t, s;
    bool causal;
    int next; /* the next query */
    const tt_attend_par *par;
    const float *aim; /* of the first query, the others `aim_ld` apart; or NULL */
    ptrdiff_t aim_ld;
    int begun;               /* the first query */
    int32_t *lo, *hi, *keys; /* room for T, T, S */
};

/* Where the numbers of a group lie: queries, keys, values. */
struct place {
    const float *q, *k, *v;
    ptrdiff_t lq, lk, lv;
};

/* The next group; 0: there is none. */
int tt_group_next(struct cutting *c, struct group *g);

/* A head at row r of a group. */
tt_head tt_group_head(const tt_head *h, const struct group *g, const struct place *at, int r);

/* Scores of a group as the alignment makes them, into e (rows, n); outside of what a row sees they
 * mean nothing. */
void tt_group_align(const tt_head *h, const struct group *g, const struct place *at, float *e);

/* The same, and what the reach and the places add to them: what distributions get. */
void tt_group_score(const tt_head *h, const struct group *g, const struct place *at, float *e);

/* What the map of a group is to tell in place of weights, into e: products and scores (rows, n),
 * a number of the reach (rows); TT_TELL_… of h->a. */
void tt_group_tell(const tt_head *h, const struct group *g, const struct place *at, float *e);

/* What a reach and the places add to the scores e (n) of a row. */
void tt_group_bend(const tt_head *one, float *e, int n);

/* The gradient de (n) of a row's scores is that of the biases of its keys' distances. */
void tt_group_bias_back(const tt_head *h, const float *de, int n);

/* Sets row r of x (rows, n) to 0 outside of what the row sees. */
void tt_group_clear(const struct group *g, float *x, int r);

/* Weights of a group into p (rows, n); as they multiply the values where faded, else as the
 * distribution made them. */
void tt_group_weigh(const tt_head *h, const struct group *g, const struct place *at, float *p,
                    bool faded);

/* Rows of a group's keys one behind the other. row0: position 0's; list: the rows of positions, or
 * NULL. */
const float *tt_group_gather(float *to, const float *row0, ptrdiff_t ld, const int32_t *keys,
                             const int32_t *list, int from, int n, int width);

/* Adds gathered rows to the rows of a group's keys. */
void tt_group_scatter(float *row0, ptrdiff_t ld, const float *from, const struct group *g,
                      int width, const tt_kernels *k);

/* Where a head's numbers of distance 0 are in `of`, which is laid out as biases are (position.h);
 * NULL for none. */
static inline float *tt_head_bias(const tt_tensor *bias, float *of, int head) {
    return of ? of + (size_t)head * (size_t)bias->cols + bias->cols / 2 : NULL;
}

/* Row `row` of a head's columns. */
static inline float *tt_head_cell(const tt_part *p, float *base, int row, int head, int width) {
    return base + (size_t)row * (size_t)p->of->cols + (size_t)p->first +
           (size_t)head * (size_t)width;
}

/* ---- a score for each number of a value (each.c) -------------------------------------------- */

/* A group of one query, of an alignment that scores each number of a value by itself: weights
 * p (K, n), as they multiply the values. e: NULL, or (K, n) for the scores. */
void tt_each_weigh(const tt_head *h, const struct group *g, const struct place *at, float *p,
                   float *e, bool faded);

/* y (K) = Σ_j p_cj v_jc. */
void tt_each_sum(float *y, const float *p, const float *v, ptrdiff_t lv, int n, int width);

/* The mean over the K numbers, into map (n). */
void tt_each_map(float *map, const float *p, int n, int width, int feature);

/* The way back of one query. dropped (K, n): the weights that multiplied the values; drop, keep,
 * key: of their dropout, drop 0: none. room (4, K, n). Adds to dq (a query's columns), dk, dv (lk
 * and lv of `at` apart) and *daim. */
typedef struct tt_each_grads {
    float *dq, *dk, *dv;
    double *daim;
    uint64_t key;
    uint32_t drop;
    float keep;
    float *room;
} tt_each_grads;
void tt_each_back(const tt_head *h, const struct group *g, const struct place *at, const float *dy,
                  const tt_each_grads *to);

#endif
