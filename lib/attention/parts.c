/* parts.c: ops on the heads of a tensor that alignments are made of; see parts.h. Way back:
 *   heads:  dx = dy W_h,  dW_h = dyᵀ x,  db = Σ dy
 *   unit:   y = β x̂, x̂ = x / ‖x‖:  dx = β (dy - (dy·x̂) x̂) / ‖x‖,  dβ = Σ dy·x̂,  ds = dβ σ(s);
 *           where ‖x‖ is below its bound that bound
 *           is a constant: dx = β dy / bound
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "attention/parts.h"

static const double LEAST = 1e-8; /* norm */

/* The gradient of a parameter to add to. NULL: the parameter is kept, or no memory. */
static float *learned_grad(tt_run *run, tt_tensor *t) {
    return t->grad ? tt_run_grad_add(run, t) : NULL;
}

struct heads {
    tt_node node;
    tt_part x;
    tt_tensor *w, *b, *y;
    int heads;
};

static void heads_back(tt_run *run, tt_node *node) {
    struct heads *n = (struct heads *)node;
    const tt_kernels *k = run->k;
    if (!n->y->has_grad) return;
    const int in = n->w->cols, out = n->w->rows / n->heads, rows = n->y->rows;
    const ptrdiff_t lx = n->x.of->cols, ly = n->y->cols;
    float *dx = tt_run_grad_add(run, n->x.of), *dw = learned_grad(run, n->w),
          *db = n->b ? learned_grad(run, n->b) : NULL;
    if (!dx) return;
    for (int h = 0; h < n->heads; h++) {
        const float *dy = n->y->grad + h * out, *x = n->x.of->data + n->x.first + h * in;
        const size_t w = (size_t)h * (size_t)out * (size_t)in;
        run->gemm(dx + n->x.first + h * in, lx, dy, ly, 1, n->w->data + w, in, 1, TT_GEMM_ADD, NULL,
                  rows, in, out, run->work);
        if (dw)
            run->gemm(dw + w, in, dy, 1, ly, x, lx, 1, TT_GEMM_ADD, NULL, out, in, rows, run->work);
    }
    if (db) k->add_rows(db, n->y->grad, (size_t)rows, (size_t)n->y->cols);
}

tt_tensor *tt_op_heads(tt_run *run, tt_part x, int heads, tt_tensor *w, tt_tensor *b) {
    if (!x.of) return NULL;
    assert(w->rows % heads == 0 && x.first + heads * w->cols <= x.of->cols &&
           (!b || b->cols == w->rows));
    const int in = w->cols, out = w->rows / heads;
    tt_tensor *y = tt_run_tensor(run, x.of->rows, w->rows);
    for (int h = 0; y && h < heads; h++)
        run->gemm(y->data + h * out, y->cols, x.of->data + x.first + h * in, x.of->cols, 1,
                  w->data + (size_t)h * (size_t)out * (size_t)in, 1, in, TT_GEMM_SET,
                  b ? b->data + h * out : NULL, y->rows, out, in, run->work);
    struct heads *n = y ? tt_run_record(run, sizeof *n, heads_back) : NULL;
    if (n) n->x = x, n->w = w, n->b = b, n->y = y, n->heads = heads;
    return y;
}

struct unit {
    tt_node node;
    tt_part x;
    tt_tensor *s, *y;
    float strength;
    int heads, width;
};

/* The norm of x (n), and whether it is its bound. */
static double norm_of(const float *x, int n, bool *bound) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    *bound = !(sqrt(sum) >= LEAST);
    return *bound ? LEAST : sqrt(sum);
}

/* β of a head. */
static double strength_of(const tt_tensor *s, float strength, int head) {
    if (!s) return (double)strength;
    const double x = (double)s->data[head];
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static void unit_back(tt_run *run, tt_node *node) {
    struct unit *n = (struct unit *)node;
    if (!n->y->has_grad) return;
    float *dx = tt_run_grad_add(run, n->x.of), *ds = n->s ? learned_grad(run, n->s) : NULL;
    if (!dx) return;
    for (int h = 0; h < n->heads; h++) {
        const double beta = strength_of(n->s, n->strength, h);
        double dbeta = 0;
        for (int r = 0; r < n->y->rows; r++) {
            const size_t at =
                (size_t)r * (size_t)n->x.of->cols + (size_t)(n->x.first + h * n->width);
            const float *x = n->x.of->data + at,
                        *dy = n->y->grad + (size_t)r * (size_t)n->y->cols + (size_t)(h * n->width);
            bool bound;
            const double norm = norm_of(x, n->width, &bound);
            double dot = 0; /* dy·x̂ */
            for (int i = 0; i < n->width; i++) dot += (double)dy[i] * (double)x[i] / norm;
            for (int i = 0; i < n->width; i++)
                dx[at + (size_t)i] +=
                    (float)(beta * ((double)dy[i] - (bound ? 0 : dot * (double)x[i] / norm)) /
                            norm);
            dbeta += dot;
        }
        if (ds) ds[h] += (float)(dbeta / (1 + exp(-(double)n->s->data[h])));
    }
}

tt_tensor *tt_op_unit(tt_run *run, tt_part x, int heads, int width, float strength, tt_tensor *s) {
    if (!x.of) return NULL;
    assert(x.first + heads * width <= x.of->cols && (!s || s->cols == heads));
    tt_tensor *y = tt_run_tensor(run, x.of->rows, heads * width);
    for (int h = 0; y && h < heads; h++) {
        const double beta = strength_of(s, strength, h);
        for (int r = 0; r < y->rows; r++) {
            const float *from =
                x.of->data + (size_t)r * (size_t)x.of->cols + (size_t)(x.first + h * width);
            float *to = y->data + (size_t)r * (size_t)y->cols + (size_t)(h * width);
            bool bound;
            const double norm = norm_of(from, width, &bound);
            for (int i = 0; i < width; i++) to[i] = (float)(beta * (double)from[i] / norm);
        }
    }
    struct unit *n = y ? tt_run_record(run, sizeof *n, unit_back) : NULL;
    if (n) n->x = x, n->s = s, n->y = y, n->strength = strength, n->heads = heads, n->width = width;
    return y;
}

/* Merges the falling runs a (na) and b (nb) into to. */
static void merge(double *to, const double *a, size_t na, const double *b, size_t nb) {
    while (na || nb) {
        const bool first = na && (!nb || *a >= *b);
        *to++ = first ? *a++ : *b++;
        if (first) na--;
        else nb--;
    }
}

/* Sorts a run of n, falling, by insertion; equal ones stay in order. */
static void sort_few(double *z, size_t n) {
    for (size_t i = 1; i < n; i++) {
        const double x = z[i];
        size_t at = i;
        for (; at > 0 && z[at - 1] < x; at--) z[at] = z[at - 1];
        z[at] = x;
    }
}

double tt_gauss(double away, double d) {
    const double deviation = d / 2;
    return exp(-away * away / (2 * deviation * deviation));
}

int tt_sort_scores(const tt_head *h, double *z, const float *e, int n, double scale, double *most) {
    enum { FEW = 16 };
    size_t size = 0;
    *most = n ? (double)h->run->k->max(e, (size_t)n) : 0;
    for (int i = 0; i < n; i++) {
        const double one = scale * ((double)e[i] - *most);
        if (one > -1) z[size++] = one;
    }
    double *from = z, *to = z + n;
    for (size_t at = 0; at < size; at += FEW) sort_few(z + at, size - at < FEW ? size - at : FEW);
    for (size_t run = FEW; run < size; run *= 2) {
        for (size_t at = 0; at < size; at += 2 * run) {
            const size_t a = size - at < run ? size - at : run,
                         b = size - at - a < run ? size - at - a : run;
            merge(to + at, from + at, a, from + at + a, b);
        }
        double *other = from;
        from = to;
        to = other;
    }
    if (from != z) memcpy(z, from, size * sizeof *z);
    return (int)size;
}
