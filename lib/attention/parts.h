/* parts.h: what a row of each of the three families is. A new one is a file with the functions and
 * the row, and its name in one of the lists below.
 *
 * Functions get one head of one call. Rows of queries and keys are those of the head. Everything is
 * exact whatever the instruction set: products by the run's kernels, all else plain C in a fixed
 * order.
 */
#ifndef TT_ATTENTION_PARTS_H
#define TT_ATTENTION_PARTS_H

#include "attention/attend.h"

#define TT_ALIGNS(X)                                                                               \
    X(scaled_dot)                                                                                  \
    X(dot)                                                                                         \
    X(cosine)                                                                                      \
    X(general)                                                                                     \
    X(biased_general)                                                                              \
    X(activated_general) X(additive) X(deep) X(location) X(feature) X(kernel) X(multi_dimensional)
#define TT_DISTS(X)                                                                                \
    X(softmax) X(sigmoid) X(smooth) X(sparsemax) X(entmax15) X(entmax) X(hard) X(de_attention)
#define TT_REACHES(X)                                                                              \
    X(global)                                                                                      \
    X(local)                                                                                       \
    X(blocks)                                                                                      \
    X(strided) X(fixed) X(local_m) X(local_p) X(adaptive_span) X(dynamic_span) X(low_rank) X(area)

typedef struct tt_head {
    tt_run *run;
    const tt_attend *a;
    tt_attend_par *par;
    int head, width;   /* width: of a query and a key as align made them */
    double *work;      /* (2 n + 2) scratch of distributions, n the keys of a row */
    const float *bias; /* what is added to a score, at distance 0, the others around; or NULL */
    float *dbias;      /* its gradient likewise */
    /* of the row at hand: */
    int query, total;    /* place of the query; keys of its text */
    float aim;           /* of its reach */
    int first_key;       /* the place of its first key, the others behind it; */
    const int32_t *keys; /* or the places of all */
    const float *q, *k;  /* the query and the keys, as align made them, */
    ptrdiff_t lk;        /* the latter so far apart; */
    float *dq, *dk;      /* and their gradients to add to, dk spaced likewise, in a way back */
    bool drawn;          /* random numbers may decide, */
    uint64_t draw, coin; /* under this key; and this one, which is the sentence's */
    float excess;        /* in a way back: the loss that this row's draw led to, above the usual */
} tt_head;

struct tt_dist;
typedef struct tt_align {
    tt_attend_row r;
    const struct tt_dist
        *dist; /* its own distribution, of products of features: linear.c; or NULL */
    int (*key_width)(const tt_attend *a); /* of a head's prepared query and key; NULL: K */
    void (*params)(const tt_attend *a, tt_tensor *t, tt_declare *d);
    /* Prepares queries or keys of all heads, as recorded ops. NULL: as they are. */
    tt_tensor *(*query)(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q);
    tt_tensor *(*key)(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part k,
                      const tt_key_rows *rows);
    float (*scale)(const tt_attend *a); /* of the products q·k; NULL: 1 */
    /* In place of q·k: e (n) of one query q against keys k, ld apart; NULL: the product. back adds
       to dq, to the rows of dk (ld apart, too), and to the gradients of t. */
    void (*score)(const tt_head *h, float *e, const float *q, const float *k, ptrdiff_t ld, int n);
    void (*score_back)(const tt_head *h, float *dq, float *dk, const float *de, const float *q,
                       const float *k, ptrdiff_t ld, int n);
    /* In place of score, for a score of each of a value's K numbers by itself: e (K, n), so each
       has weights of its own (each.c). */
    void (*score_each)(const tt_head *h, float *e, const float *q, const float *k, ptrdiff_t ld,
                       int n);
    void (*score_each_back)(const tt_head *h, float *dq, float *dk, const float *de, const float *q,
                            const float *k, ptrdiff_t ld, int n);
    /* What becomes of each product, in place; NULL: nothing. back: from bent scores e. */
    void (*bend)(const tt_head *h, float *e, int n);
    void (*bend_back)(const tt_head *h, float *de, const float *e, int n);
} tt_align;

typedef struct tt_dist {
    tt_attend_row r;
    bool is_probability; /* weights are not negative and sum to 1 */
    bool needs_scores;   /* the way back reads e */
    bool draws;          /* random numbers decide in training */
    bool reads_keys;     /* it needs the query and the keys themselves: those of scaled-dot */
    bool needs_norm;     /* sums of values grow with the text: a normalisation must follow */
    void (*params)(const tt_attend *a, tt_tensor *t, tt_declare *d);
    void (*weigh)(const tt_head *h, float *p, const float *e, int n); /* p may be e */
    void (*weigh_back)(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n); /* de may be dp */
} tt_dist;

typedef struct tt_reach {
    tt_attend_row r;
    void (*params)(const tt_attend *a, tt_tensor *t, tt_declare *d);
    /* A number of each query and head (N, H), of which a reach is made; NULL: it needs none. Its
     * row of a query is `aim` below. */
    tt_tensor *(*aim)(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q);
    /* The keys that query i of a head sees, out of those from 0 to s - 1, which is i in the
       decoder's self-attention: lo … hi-1, or a rising list. One of the two; both NULL: all. t: its
       parameters. */
    void (*range)(const tt_attend *a, const tt_tensor *t, int head, int i, int s, float aim,
                  int *lo, int *hi);
    int (*list)(const tt_attend *a, int head, int i, int s, int32_t *keys);
    bool (*numbered)(const tt_attend *a); /* whether they depend on the head; NULL: no */
    /* The number that the reach makes of a query, as TT_TELL_… calls it, for pictures; NULL:
       none. */
    int tells;
    double (*tell)(const tt_head *h);
    /* What is added to the scores e (n) of a row, and what multiplies its weights p; NULL: nothing.
       The ways back add to *daim, and to the gradients of t; fade_back gets the weights before, and
       turns their dp into that of the distribution. */
    void (*bend)(const tt_head *h, float *e, int n);
    void (*bend_back)(const tt_head *h, const float *de, int n, double *daim);
    bool (*fades)(const tt_attend *a); /* whether fade does anything; NULL: yes */
    void (*fade)(const tt_head *h, float *p, int n);
    void (*fade_back)(const tt_head *h, const float *p, float *dp, int n, double *daim);
    /* What a query's reach costs, at run->span_price a key of each of H heads, told to the run;
       its slope is added to *daim and to the gradients of t; NULL: nothing. */
    void (*price)(const tt_head *h, double *daim);
    /* Mixtures of all keys and values of a text in place of them, of which a query sees all: how
       many there are of n keys; those of sentences off (count+1) into rows to (count+1), as a
       recorded op; and the weights w of a text's n keys from those of its mixtures. NULL: none. */
    int (*mixtures)(const tt_attend *a, int n);
    tt_tensor *(*mix)(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part x, bool values,
                      int count, const int32_t *off, const int32_t *to);
    void (*spread)(const tt_attend *a, tt_tensor *t, int head, float *w, const float *p, int n);
} tt_reach;

#define ROW(name) extern const tt_align tt_align_##name;
TT_ALIGNS(ROW)
#undef ROW
#define ROW(name) extern const tt_dist tt_dist_##name;
TT_DISTS(ROW)
#undef ROW
#define ROW(name) extern const tt_reach tt_reach_##name;
TT_REACHES(ROW)
#undef ROW

/* Attention by features in linear time (linear.c): q and k (N, H m) as an alignment with its own
   distribution made them, v (Nk, H K), every key seen, or those up to the query's own. */
tt_tensor *tt_attend_linear(tt_run *run, const tt_attend *a, int features, tt_part q, tt_part k,
                            tt_part v, const tt_spans *spans);

/* ---- what rows are made of (attention/parts.c) -------------------------------------------------
 */

/* y (N, H A) = x W_hᵀ + b_h head by head: columns h A … of row n from columns h K … of x's part, w
 * (H A, K), b (1, H A) or NULL. */
tt_tensor *tt_op_heads(tt_run *run, tt_part x, int heads, tt_tensor *w, tt_tensor *b);

/* y (N, H K): each head's columns of x's part divided by their norm, at least 1e-8, and times
   `strength`; or, where s (1, H) is given, times log(1 + exp s_h). */
tt_tensor *tt_op_unit(tt_run *run, tt_part x, int heads, int width, float strength, tt_tensor *s);

/* Whether a reach multiplies weights. */
bool tt_attend_fades(const tt_attend *a);

/* What a weight is worth at this distance from the middle of a window of d places to each side: a
   Gaussian of deviation d / 2 (Luong et al. 2015). */
double tt_gauss(double away, double d);

/* scale (e - max e) of those e (n) for which this is above -1, falling, in double, into z, which is
 * the beginning of h->work; how many they are, and max e. With 1 and ½ the others have no weight
 * in sparsemax and entmax15. */
int tt_sort_scores(const tt_head *h, double *z, const float *e, int n, double scale, double *most);

#endif
