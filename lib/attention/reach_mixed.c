/* reach_mixed.c: reaches that look at mixtures of all keys in place of the keys, so they cannot
 * stand where some are still to come.
 *   low-rank  K̄ = F_K K, V̄ = F_V V, F (r, P), of which a text of S tokens uses the first S
 *             columns (Wang et al. 2020, Linformer).
 *             Weights of keys are p F_V, which may be negative. dF = dK̄ Kᵀ, dK = Fᵀ dK̄
 *   area      every run of up to M neighbours is a mixture: the mean of its keys, the sum of its
 *             values (Li et al. 2019); runs of 1,
 *             then of 2, … A key's weight is the sum of those of the runs that it is in
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "attention/parts.h"

/* ---- low-rank -------------------------------------------------------------------------------- */

enum { RANK, SHARE };
enum { SHARE_HEADS, SHARE_NONE, SHARE_KEYS };
static const tt_setting low_rank[] = {
    {"rank", "mixtures, whatever the text's length", 32, 1, 65536, 1, NULL},
    {"share", "one matrix for all heads, for none, or for all heads, keys and values", 0, 0, 2, 0,
     "heads|none|keys"},
    {0}};

static int rank(const tt_attend *a) { return (int)a->reach.set[RANK]; }
static int share(const tt_attend *a) { return (int)a->reach.set[SHARE]; }
static int own_heads(const tt_attend *a) { return share(a) == SHARE_NONE ? a->heads : 1; }

static void declare_matrix(const tt_attend *a, tt_tensor *t, const char *name, tt_declare *d) {
    tt_declare_param(d, t,
                     &(tt_param){name, own_heads(a) * rank(a), a->longest, .role = TT_SMALL,
                                 .heads = own_heads(a) == a->heads ? a->heads : -1,
                                 .deviation = 1 / sqrt((double)rank(a))});
}

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    declare_matrix(a, &t[0], share(a) == SHARE_KEYS ? "w" : "k.w", d);
    if (share(a) != SHARE_KEYS) declare_matrix(a, &t[1], "v.w", d);
}

static tt_tensor *matrix_of(const tt_attend *a, tt_tensor *t, bool values) {
    return &t[values && share(a) != SHARE_KEYS];
}

static int low_rank_mixtures(const tt_attend *a, int n) {
    (void)n;
    return rank(a);
}

struct mixing {
    tt_node node;
    tt_attend a;
    tt_part x;
    tt_tensor *w, *y;
    int count;
    const int32_t *off, *to;
};

/* A sentence's rows and columns for one matrix: x (s, wide), y (r, wide), w (r, s). */
struct product {
    size_t x, y, w;
    int s, r, wide;
};

static struct product product_of(const struct mixing *m, int b, int part) {
    const int r = rank(&m->a), d = m->a.heads * m->a.width, wide = d / own_heads(&m->a);
    return (struct product){.x = (size_t)m->off[b] * (size_t)m->x.of->cols +
                                 (size_t)(m->x.first + part * wide),
                            .y = (size_t)m->to[b] * (size_t)d + (size_t)(part * wide),
                            .w = (size_t)(part * r) * (size_t)m->w->cols,
                            .s = m->off[b + 1] - m->off[b],
                            .r = r,
                            .wide = wide};
}

static void mix_back(tt_run *run, tt_node *node) {
    struct mixing *m = (struct mixing *)node;
    if (!m->y->has_grad) return;
    float *dx = tt_run_grad_add(run, m->x.of), *dw = m->w->grad ? tt_run_grad_add(run, m->w) : NULL;
    const ptrdiff_t lx = m->x.of->cols, ly = m->y->cols, lw = m->w->cols;
    for (int b = 0; dx && b < m->count; b++)
        for (int part = 0; part < own_heads(&m->a); part++) {
            const struct product p = product_of(m, b, part);
            run->k->gemm(dx + p.x, lx, m->w->data + p.w, 1, lw, m->y->grad + p.y, ly, 1,
                         TT_GEMM_ADD, NULL, p.s, p.wide, p.r, run->work);
            if (dw)
                run->k->gemm(dw + p.w, lw, m->y->grad + p.y, ly, 1, m->x.of->data + p.x, 1, lx,
                             TT_GEMM_ADD, NULL, p.r, p.s, p.wide, run->work);
        }
}

static tt_tensor *low_rank_mix(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part x,
                               bool values, int count, const int32_t *off, const int32_t *to) {
    tt_tensor *y = x.of ? tt_run_tensor(run, to[count], a->heads * a->width) : NULL;
    struct mixing m = {.a = *a,
                       .x = x,
                       .w = matrix_of(a, t, values),
                       .y = y,
                       .count = count,
                       .off = off,
                       .to = to};
    for (int b = 0; y && b < count; b++)
        for (int part = 0; part < own_heads(a); part++) {
            const struct product p = product_of(&m, b, part);
            run->k->gemm(y->data + p.y, y->cols, m.w->data + p.w, m.w->cols, 1, x.of->data + p.x,
                         x.of->cols, 1, TT_GEMM_SET, NULL, p.r, p.wide, p.s, run->work);
        }
    struct mixing *record = y ? tt_run_record(run, sizeof *record, mix_back) : NULL;
    if (record) {
        m.node = record->node;
        *record = m;
    }
    return y;
}

static void low_rank_spread(const tt_attend *a, tt_tensor *t, int head, float *w, const float *p,
                            int n) {
    const tt_tensor *f = matrix_of(a, t, true);
    const int first = share(a) == SHARE_NONE ? head * rank(a) : 0;
    for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int r = 0; r < rank(a); r++)
            sum +=
                (double)p[r] * (double)f->data[(size_t)(first + r) * (size_t)f->cols + (size_t)j];
        w[j] = (float)sum;
    }
}

/* ---- area ------------------------------------------------------------------------------------ */

static const tt_setting area[] = {{"most", "neighbours in an area at most", 3, 1, 64, 1, NULL},
                                  {0}};

/* The longest run in a text of n tokens. */
static int longest_run(const tt_attend *a, int n) {
    const int most = (int)a->reach.set[0];
    return most < n ? most : n;
}

static int area_mixtures(const tt_attend *a, int n) {
    const int m = longest_run(a, n);
    return n * m - m * (m - 1) / 2;
}

struct areas {
    tt_node node;
    tt_attend a;
    tt_part x;
    tt_tensor *y;
    bool values;
    int count;
    const int32_t *off, *to;
};

static void areas_back(tt_run *run, tt_node *node) {
    const struct areas *n = (const struct areas *)node;
    if (!n->y->has_grad) return;
    float *dx = tt_run_grad_add(run, n->x.of);
    const size_t d = (size_t)n->y->cols, lx = (size_t)n->x.of->cols;
    for (int b = 0; dx && b < n->count; b++) {
        const int s = n->off[b + 1] - n->off[b];
        const float *dy = n->y->grad + (size_t)n->to[b] * d;
        for (int m = 1; m <= longest_run(&n->a, s); m++)
            for (int j = 0; j + m <= s; j++, dy += d)
                for (int i = j; i < j + m; i++)
                    run->k->axpy(dx + (size_t)(n->off[b] + i) * lx + n->x.first, dy,
                                 n->values ? 1.0f : 1.0f / (float)m, d);
    }
}

/* Sums of m keys become means; returns what is behind the rows. */
static float *mean_rows(const tt_kernels *k, float *row, int m, int rows, size_t d) {
    const size_t size = (size_t)rows * d;
    k->scale(row, row, 1.0f / (float)m, size);
    return row + size;
}

static tt_tensor *area_mix(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part x, bool values,
                           int count, const int32_t *off, const int32_t *to) {
    tt_tensor *y = x.of ? tt_run_tensor(run, to[count], a->heads * a->width) : NULL;
    const size_t d = y ? (size_t)y->cols : 0;
    (void)t;
    for (int b = 0; y && b < count; b++) {
        const int s = off[b + 1] - off[b];
        float *row = y->data + (size_t)to[b] * d;
        const float *from = x.of->data + (size_t)off[b] * (size_t)x.of->cols + x.first,
                    *shorter = row; /* sums of the runs of m - 1 */
        for (int m = 1; m <= longest_run(a, s); m++) {
            const float *next = row;
            for (int j = 0; j + m <= s; j++, row += d) {
                const float *last = from + (size_t)(j + m - 1) * (size_t)x.of->cols;
                if (m == 1) memcpy(row, last, d * sizeof *row);
                else run->k->add(row, shorter + (size_t)j * d, last, d);
            }
            shorter = next;
        }
        row = y->data + (size_t)to[b] * d;
        for (int m = 1; !values && m <= longest_run(a, s); m++)
            row = mean_rows(run->k, row, m, s - m + 1, d);
    }
    struct areas *n = y ? tt_run_record(run, sizeof *n, areas_back) : NULL;
    if (n) {
        n->a = *a, n->x = x, n->y = y, n->values = values, n->count = count, n->off = off;
        n->to = to;
    }
    return y;
}

static void area_spread(const tt_attend *a, tt_tensor *t, int head, float *w, const float *p,
                        int n) {
    (void)t, (void)head;
    memset(w, 0, (size_t)n * sizeof *w);
    for (int m = 1; m <= longest_run(a, n); m++)
        for (int j = 0; j + m <= n; j++, p++)
            for (int i = j; i < j + m; i++) w[i] += *p;
}

const tt_reach tt_reach_low_rank = {
    .r = {{"low-rank", "r mixtures of all keys: F K and F V with F (r, positions)",
           "Wang et al. 2020", low_rank},
          TT_AT_ENC | TT_AT_CROSS},
    .params = params,
    .mixtures = low_rank_mixtures,
    .mix = low_rank_mix,
    .spread = low_rank_spread};
const tt_reach tt_reach_area = {
    .r = {{"area", "runs of neighbours: the mean of their keys, the sum of their values",
           "Li et al. 2019", area},
          TT_AT_ENC | TT_AT_CROSS},
    .mixtures = area_mixtures,
    .mix = area_mix,
    .spread = area_spread};
