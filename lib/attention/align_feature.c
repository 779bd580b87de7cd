/* align_feature.c: a score of the key and its neighbours alone (after Li et al. 2019): e_j =
 * v·act(W1 μ_j + W2 s_j + b), μ_j and s_j the mean and the deviation of the keys in a window of w
 * places around j, cut at the ends of the text; in the decoder's self-attention of the last w
 * places up to j. Whatever the query, weights are alike. With n keys in a window:
 *   μ = Σ k / n,  s = √(max(Σ k² / n - μ², 0) + ε),  dk_r += dμ / n + ds (k_r - μ) / (n s)
 * A key is kept as its score; in the decoder's self-attention with its numbers behind, for the
 * windows of later ones.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "attention/hidden.h"

static const tt_setting settings[] = {
    {"dim", "hidden units of a head; 0: its width", 0, 0, 4096, 1, NULL},
    {"activation", "of the hidden layer", 0, 0, TT_HIDDEN_TANH5, 0, TT_HIDDEN_ACTS},
    {"window", "keys that a score sees, odd", 3, 1, 255, 1, NULL},
    {0}};
enum { DIM, ACTIVATION, WINDOW };
enum { V = TT_HIDDEN_MORE };
static const double LEAST = 1e-6; /* variance */

static int units(const tt_attend *a) {
    return a->align.set[DIM] != 0 ? (int)a->align.set[DIM] : a->width;
}

static int key_width(const tt_attend *a) { return a->site == TT_SITE_DEC ? 1 + a->width : 1; }

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    const int n = units(a);
    tt_hidden_params(a, n, t, d);
    tt_declare_param(
        d, &t[V],
        &(tt_param){"v", a->heads, n, .role = TT_SMALL, .deviation = 1 / sqrt((double)n)});
}

/* ---- windows --------------------------------------------------------------------------------- */

struct windows {
    tt_node node;
    tt_part x;    /* (N, D) */
    tt_tensor *y; /* (N, 2 D): means, deviations */
    const int32_t *off;
    int count, d, before, behind;
};

/* Rows lo … hi-1 of the window of row r in a sentence from row `first` to `end` - 1. */
static void window_of(const struct windows *w, int r, int first, int end, int *lo, int *hi) {
    *lo = r - w->before > first ? r - w->before : first;
    *hi = r + w->behind + 1 < end ? r + w->behind + 1 : end;
}

/* Mean and deviation of column c of n rows, ld apart. */
static void measure(const float *x, ptrdiff_t ld, int n, double *mean, double *deviation) {
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        const double one = (double)x[i * ld];
        sum += one;
        squares += one * one;
    }
    *mean = sum / n;
    const double variance = squares / n - *mean * *mean;
    *deviation = sqrt((variance > 0 ? variance : 0) + LEAST);
}

static void windows_back(tt_run *run, tt_node *node) {
    struct windows *w = (struct windows *)node;
    if (!w->y->has_grad) return;
    float *dx = tt_run_grad_add(run, w->x.of);
    const ptrdiff_t ld = w->x.of->cols;
    for (int b = 0; dx && b < w->count; b++)
        for (int r = w->off[b]; r < w->off[b + 1]; r++) {
            int lo, hi;
            window_of(w, r, w->off[b], w->off[b + 1], &lo, &hi);
            const float *dy = w->y->grad + (size_t)r * 2 * (size_t)w->d;
            for (int c = 0; c < w->d; c++) {
                const float *x = w->x.of->data + w->x.first + c;
                double mean, deviation;
                measure(x + lo * ld, ld, hi - lo, &mean, &deviation);
                for (int i = lo; i < hi; i++)
                    dx[i * ld + w->x.first + c] +=
                        (float)(((double)dy[c] +
                                 (double)dy[w->d + c] * ((double)x[i * ld] - mean) / deviation) /
                                (hi - lo));
            }
        }
}

static tt_tensor *windows(tt_run *run, const tt_attend *a, tt_part x, const tt_key_rows *rows) {
    const int size = (int)a->align.set[WINDOW], half = size / 2;
    struct windows w = {.x = x,
                        .off = rows->off,
                        .count = rows->count,
                        .d = a->heads * a->width,
                        .before = a->site == TT_SITE_DEC ? size - 1 : half,
                        .behind = a->site == TT_SITE_DEC ? 0 : half};
    w.y = tt_run_tensor(run, x.of->rows, 2 * w.d);
    assert(rows->off[rows->count] <= x.of->rows);
    const ptrdiff_t ld = x.of->cols;
    for (int b = 0; w.y && b < w.count; b++)
        for (int r = w.off[b]; r < w.off[b + 1]; r++) {
            int lo, hi;
            window_of(&w, r, w.off[b], w.off[b + 1], &lo, &hi);
            float *y = w.y->data + (size_t)r * 2 * (size_t)w.d;
            for (int c = 0; c < w.d; c++) {
                double mean, deviation;
                measure(x.of->data + lo * ld + x.first + c, ld, hi - lo, &mean, &deviation);
                y[c] = (float)mean, y[w.d + c] = (float)deviation;
            }
        }
    struct windows *record = w.y ? tt_run_record(run, sizeof *record, windows_back) : NULL;
    if (record) {
        w.node = record->node;
        *record = w;
    }
    return w.y;
}

/* The windows of one step: the last keys of each row's history, its own from x. */
static tt_tensor *step_windows(tt_run *run, const tt_attend *a, tt_part x, const tt_reads *kept) {
    const int size = (int)a->align.set[WINDOW], d = a->heads * a->width, wide = 1 + a->width;
    tt_tensor *y = tt_run_tensor(run, x.of->rows, 2 * d);
    float *room = tt_run_alloc(run, (size_t)size * (size_t)d * sizeof *room);
    for (int r = 0; y && room && r < y->rows; r++) {
        const int n = kept->n[r], some = n < size ? n : size;
        const int32_t *list = kept->rows ? kept->rows[r] : NULL;
        for (int i = 0; i < some - 1; i++) {
            const int place = n - some + i;
            const float *row =
                (const float *)kept->k + (list ? list[place] : kept->first[r] + place) * kept->ld;
            for (int head = 0; head < a->heads; head++)
                memcpy(room + i * d + head * a->width, row + head * wide + 1,
                       (size_t)a->width * sizeof *room);
        }
        memcpy(room + (some - 1) * d, x.of->data + (size_t)r * (size_t)x.of->cols + x.first,
               (size_t)d * sizeof *room);
        float *to = y->data + (size_t)r * 2 * (size_t)d;
        for (int c = 0; c < d; c++) {
            double mean, deviation;
            measure(room + c, d, some, &mean, &deviation);
            to[c] = (float)mean, to[d + c] = (float)deviation;
        }
    }
    return y;
}

/* ---- what is kept: scores, each with the key's numbers behind -------------------------------- */

struct wide {
    tt_node node;
    tt_tensor *x, *y; /* (N, H), (N, H wide) */
    int heads, wide;
};

static void widen_back(tt_run *run, tt_node *node) {
    struct wide *w = (struct wide *)node;
    if (!w->y->has_grad) return;
    float *dx = tt_run_grad_add(run, w->x);
    for (size_t i = 0; dx && i < tt_tensor_size(w->x); i++)
        dx[i] += w->y->grad[i * (size_t)w->wide];
}

static tt_tensor *widen(tt_run *run, const tt_attend *a, tt_tensor *x, tt_part k) {
    struct wide w = {.x = x, .heads = a->heads, .wide = 1 + a->width};
    w.y = x ? tt_run_tensor(run, x->rows, w.heads * w.wide) : NULL;
    for (int r = 0; w.y && r < x->rows; r++)
        for (int h = 0; h < w.heads; h++) {
            float *to = w.y->data + ((size_t)r * (size_t)w.heads + (size_t)h) * (size_t)w.wide;
            to[0] = x->data[r * w.heads + h];
            memcpy(to + 1, k.of->data + (size_t)r * (size_t)k.of->cols + k.first + h * a->width,
                   (size_t)a->width * sizeof *to);
        }
    struct wide *record = w.y ? tt_run_record(run, sizeof *record, widen_back) : NULL;
    if (record) {
        w.node = record->node;
        *record = w;
    }
    return w.y;
}

static tt_tensor *key(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part k,
                      const tt_key_rows *rows) {
    tt_tensor *w = rows->before ? step_windows(run, a, k, rows->before) : windows(run, a, k, rows);
    tt_tensor *hidden = tt_op_residual(
        run, tt_op_heads(run, (tt_part){w, 0}, a->heads, &t[TT_HIDDEN_W1], &t[TT_HIDDEN_B]),
        tt_op_heads(run, (tt_part){w, a->heads * a->width}, a->heads, &t[TT_HIDDEN_W2], NULL), 0);
    hidden = tt_hidden_op(run, hidden, (int)a->align.set[ACTIVATION]);
    tt_tensor *e = tt_op_heads(run, (tt_part){hidden, 0}, a->heads, &t[V], NULL);
    return a->site == TT_SITE_DEC ? widen(run, a, e, k) : e;
}

static void score(const tt_head *h, float *e, const float *q, const float *k, ptrdiff_t ld, int n) {
    (void)h, (void)q;
    for (int j = 0; j < n; j++) e[j] = k[j * ld];
}

static void score_back(const tt_head *h, float *dq, float *dk, const float *de, const float *q,
                       const float *k, ptrdiff_t ld, int n) {
    (void)h, (void)dq, (void)q, (void)k;
    for (int j = 0; j < n; j++) dk[j * ld] += de[j];
}

const tt_align tt_align_feature = {
    .r = {{"feature", "v·tanh(W1 μ + W2 s + b) of the keys around, whatever the query",
           "Li et al. 2019", settings},
          TT_AT_ALL},
    .key_width = key_width,
    .params = params,
    .key = key,
    .score = score,
    .score_back = score_back};
