/* heads.c: what attention heads do over a text: see heads.h.
 *
 * A row of weights w (cols) with sum s = Σ |w_j| is looked at as a distribution p_j = |w_j| / s.
 * Its diagonal d is row i of a text that looks at itself, and i (cols - 1) / (rows - 1) of a text
 * that looks at another. All figures are means over rows; rows whose weights are all 0 count for
 * `sum` alone.
 */
#include "score/heads.h"

#include <math.h>
#include <stdlib.h>

struct sums {
    double rows, live;
    double entropy, confidence, distance, previous, same, next, first, last, sparse, zeros, sum;
};

struct tt_heads {
    int layers, heads, itself;
    struct sums *of; /* (layers · heads) */
    double *common;  /* (layers · heads)²: Σ over rows of Σ_j min(p_j, q_j), of a pair a < b */
    double rows;
};

tt_heads *tt_heads_open(int layers, int heads, int itself, tt_err *e) {
    tt_heads *h = calloc(1, sizeof *h);
    const size_t n = (size_t)layers * (size_t)heads;
    if (h) {
        *h = (tt_heads){.layers = layers, .heads = heads, .itself = itself};
        h->of = calloc(n, sizeof *h->of);
        h->common = calloc(n * n, sizeof *h->common);
    }
    if (h && h->of && h->common) return h;
    tt_heads_close(h);
    tt_fail(e, TT_ENOMEM, "out of memory for figures of %d layers of %d heads", layers, heads);
    return NULL;
}

void tt_heads_close(tt_heads *h) {
    if (!h) return;
    free(h->of);
    free(h->common);
    free(h);
}

static double sum_of(const float *w, int n) {
    double sum = 0;
    for (int j = 0; j < n; j++) sum += fabs((double)w[j]);
    return sum;
}

static double share(const float *w, int n, int j, double sum) {
    return j < 0 || j >= n ? 0 : fabs((double)w[j]) / sum;
}

static void add_row(struct sums *s, const float *w, int n, double diagonal) {
    const double sum = sum_of(w, n);
    const int d = (int)(diagonal + 0.5);
    double most = 0, signed_sum = 0;
    int sparse = 0, zeros = 0;
    for (int j = 0; j < n; j++) signed_sum += (double)w[j];
    s->rows++;
    s->sum += signed_sum;
    if (!(sum > 0)) return;
    s->live++;
    for (int j = 0; j < n; j++) {
        const double p = fabs((double)w[j]) / sum;
        if (p > 0) s->entropy -= p * log2(p);
        if (p > most) most = p;
        sparse += p < 0.1 / n;
        zeros += !(p > 0);
        s->distance += p * fabs(j - diagonal);
    }
    s->confidence += most;
    s->sparse += (double)sparse / n;
    s->zeros += (double)zeros / n;
    s->previous += share(w, n, d - 1, sum);
    s->same += share(w, n, d, sum);
    s->next += share(w, n, d + 1, sum);
    s->first += share(w, n, 0, sum);
    s->last += share(w, n, n - 1, sum);
}

/* What two heads have in common: 1 a row where they are the same, 0 where they look at other
 * tokens. */
static double in_common(const float *a, const float *b, int rows, int cols) {
    double all = 0;
    for (int i = 0; i < rows; i++, a += cols, b += cols) {
        const double x = sum_of(a, cols), y = sum_of(b, cols);
        if (!(x > 0) || !(y > 0)) continue;
        for (int j = 0; j < cols; j++) all += fmin(fabs((double)a[j]) / x, fabs((double)b[j]) / y);
    }
    return all;
}

void tt_heads_add(tt_heads *h, const float *const *maps, int rows, int cols) {
    const int n = h->layers * h->heads;
    const double slope = h->itself ? 1 : rows > 1 ? (double)(cols - 1) / (rows - 1) : 0;
    for (int k = 0; k < n; k++)
        for (int i = 0; maps[k] && i < rows; i++)
            add_row(&h->of[k], maps[k] + (size_t)i * (size_t)cols, cols, slope * i);
    for (int a = 0; a < n; a++)
        for (int b = a + 1; maps[a] && b < n; b++)
            if (maps[b])
                h->common[(size_t)a * (size_t)n + (size_t)b] +=
                    in_common(maps[a], maps[b], rows, cols);
    h->rows += rows;
}

void tt_heads_get(const tt_heads *h, int layer, int head, tt_head_facts *f) {
    const int n = h->layers * h->heads, k = (layer - 1) * h->heads + head - 1;
    const struct sums *s = &h->of[k];
    const double live = s->live > 0 ? s->live : 1;
    *f = (tt_head_facts){.rows = s->rows,
                         .entropy = s->entropy / live,
                         .confidence = s->confidence / live,
                         .distance = s->distance / live,
                         .previous = s->previous / live,
                         .same = s->same / live,
                         .next = s->next / live,
                         .first = s->first / live,
                         .last = s->last / live,
                         .sparse = s->sparse / live,
                         .zeros = s->zeros / live,
                         .sum = s->rows > 0 ? s->sum / s->rows : 0};
    for (int other = 0; other < n; other++) {
        if (other == k) continue;
        const int a = other < k ? other : k, b = other < k ? k : other;
        const double like =
            h->rows > 0 ? h->common[(size_t)a * (size_t)n + (size_t)b] / h->rows : 0;
        if (like <= f->likeness) continue;
        f->likeness = like;
        f->like_layer = other / h->heads + 1;
        f->like_head = other % h->heads + 1;
    }
}
