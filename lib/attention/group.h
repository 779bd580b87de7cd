/* group.h: rows of queries that share a run of keys, for one head: all rows of a sentence where
 * everything is seen, some neighbours where a reach is a window, one row where a reach is a list,
 * with its keys and values gathered; in decoding one row. What attend.c and each.c work on.
 *
 *     tt_cutting c = {.a = a, .head = h, .t = T, .s = S, ...};
 *     for (tt_group g; tt_group_next(&c, &g);)  ...   // lists lie in the cutting's room until the next
 */
#ifndef TT_ATTENTION_GROUP_H
#define TT_ATTENTION_GROUP_H

#include "attention/parts.h"

const tt_align *tt_align_of(const tt_attend *a);
const tt_dist *tt_dist_of(const tt_attend *a); /* an alignment may bring its own */
const tt_reach *tt_reach_of(const tt_attend *a);

/* Columns of a head in queries and in keys, as the alignment made them. */
int tt_query_width(const tt_attend *a);
int tt_head_width(const tt_attend *a);

typedef struct tt_group {
    int rows, n;          /* queries; keys */
    int first;            /* position of the first query */
    int from;             /* position of the first key, */
    int total;            /* of the keys that there are */
    const float *aim;     /* the first query's, the others `aim_ld` apart; or NULL */
    ptrdiff_t aim_ld;
    const int32_t *keys;  /* (n) positions of all; NULL: from, from+1, … */
    const int32_t *lo, *hi; /* (rows): what each sees, among the n */
} tt_group;

/* How the queries of a sentence are cut into groups, for one head. */
typedef struct tt_cutting {
    const tt_attend *a;
    int head, t, s;
    bool causal;
    int next;            /* the next query */
    const tt_attend_par *par;
    const float *aim;    /* of the first query, the others `aim_ld` apart; or NULL */
    ptrdiff_t aim_ld;
    int begun;           /* the first query */
    int32_t *lo, *hi, *keys; /* room for T, T, S */
} tt_cutting;

/* The next group; 0: there is none. */
int tt_group_next(tt_cutting *c, tt_group *g);

/* Where the numbers of a group lie: queries, keys, values. */
typedef struct tt_place {
    const float *q, *k, *v;
    ptrdiff_t lq, lk, lv;
} tt_place;

/* A head at row r of a group. */
tt_head tt_group_head(const tt_head *h, const tt_group *g, const tt_place *at, int r);

/* Scores of a group into e (rows, n); outside of what a row sees they mean nothing. */
void tt_group_score(const tt_head *h, const tt_group *g, const tt_place *at, float *e);

/* What the map of a group is to tell in place of weights, into e: products and scores (rows, n),
 * a number of the reach (rows); TT_TELL_… of h->a. */
void tt_group_tell(const tt_head *h, const tt_group *g, const tt_place *at, float *e);

/* Weights of a group into p (rows, n); as they multiply the values where faded, else as the
 * distribution made them. */
void tt_group_weigh(const tt_head *h, const tt_group *g, const tt_place *at, float *p, bool faded);

/* Sets row r of x (rows, n) to 0 outside of what the row sees. */
void tt_group_clear(const tt_group *g, float *x, int r);

/* Rows of a group's keys one behind the other. row0: position 0's; list: the rows of positions, or
 * NULL. */
const float *tt_rows_gather(float *to, const float *row0, ptrdiff_t ld, const int32_t *keys,
                            const int32_t *list, int from, int n, int width);

/* Adds rows one behind the other to those of a group's keys. */
void tt_rows_scatter(float *row0, ptrdiff_t ld, const float *from, const tt_group *g, int width,
                     const tt_kernels *k);

/* ---- a score for each number of a value (each.c) -------------------------------------------- */

/* A group of one query, of an alignment that scores each number of a value by itself: weights
 * p (K, n), as they multiply the values. e: NULL, or (K, n) for the scores. */
void tt_each_weigh(const tt_head *h, const tt_group *g, const tt_place *at, float *p, float *e,
                   bool faded);

/* y (K) = Σ_j p_cj v_jc. */
void tt_each_sum(float *y, const float *p, const float *v, ptrdiff_t lv, int n, int width);

/* The mean over the K numbers, into map (n). */
void tt_each_map(float *map, const float *p, int n, int width);

/* The way back of one query. dropped (K, n): the weights that multiplied the values; drop, keep, key: of their
 * dropout, drop 0: none. room (4, K, n). Adds to dq (a query's columns), dk, dv (lk and lv of `at` apart) and *daim. */
typedef struct tt_each_grads {
    float *dq, *dk, *dv;
    double *daim;
    uint64_t key;
    uint32_t drop;
    float keep;
    float *room;
} tt_each_grads;
void tt_each_back(const tt_head *h, const tt_group *g, const tt_place *at, const float *dy,
                  const tt_each_grads *to);

#endif
