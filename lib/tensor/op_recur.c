/* op_recur.c: what may stand in a decoder in place of self-attention, at a cost that does not grow with
 * the length: the simpler simple recurrent unit (Kim, Junczys-Dowmunt et al. 2019, "From Research to
 * Production and Back")
 *     f = σ(g),  c_t = f c_{t-1} + (1-f) x̃,  y = max(c, 0)
 *     dc_t = dy [c_t > 0] + f_{t+1} dc_{t+1},  dx̃ = (1-f) dc,  dg = dc (c_{t-1} - x̃) f (1-f)
 * and the average of what came before (Zhang, Xiong and Su 2018)
 *     y_t = Σ_{i<=t} x_i / (t+1),  dx_i = Σ_{t>=i} dy_t / (t+1)
 * with its gate y = σ(a) x + σ(b) z. Beside the matrix products around them these loops cost little, so
 * they are plain C; only σ is a kernel.
 */
#include <assert.h>
#include <string.h>

#include "tensor/op.h"

struct ssru {
    tt_node node;
    tt_tensor *z, *y;
    const float *f, *c; /* (N, D) */
    int count;
    const int32_t *off;
};

/* f (N, D) = σ of the right half of z (N, 2D). */
static void forget_gates(const tt_kernels *k, float *f, const tt_tensor *z) {
    size_t d = (size_t)z->cols / 2;
    for (size_t i = 0; i < (size_t)z->rows; i++) k->act(f + i * d, z->data + (2 * i + 1) * d, TT_ACT_SIGMOID, d);
}

/* c = f before + (1 - f) x, y = max(c, 0), over one row. */
static void ssru_row(float *y, float *c, const float *f, const float *x, const float *before, size_t d) {
    for (size_t j = 0; j < d; j++) {
        float old = before ? before[j] : 0.0f, now = f[j] * old + (1.0f - f[j]) * x[j];
        c[j] = now;
        y[j] = now < 0.0f ? 0.0f : now;
    }
}

static void ssru_back(tt_run *run, tt_node *node) {
    struct ssru *n = (struct ssru *)node;
    if (!n->y->has_grad) return;
    int how;
    size_t d = (size_t)n->y->cols;
    float *dz = tt_run_grad(run, n->z, &how), *carry = tt_run_alloc(run, d * sizeof *carry);
    if (!dz || !carry) return;
    if (how == TT_GEMM_SET) memset(dz, 0, tt_tensor_size(n->z) * sizeof *dz);
    for (int b = 0; b < n->count; b++) {
        memset(carry, 0, d * sizeof *carry);
        for (int32_t i = n->off[b + 1]; i-- > n->off[b];) {
            size_t at = (size_t)i * d;
            const float *f = n->f + at, *c = n->c + at, *x = n->z->data + 2 * at, *dy = n->y->grad + at;
            const float *old = i > n->off[b] ? c - d : NULL;
            float *dx = dz + 2 * at, *dg = dx + d;
            for (size_t j = 0; j < d; j++) {
                float dc = (c[j] > 0.0f ? dy[j] : 0.0f) + carry[j];
                dx[j] += (1.0f - f[j]) * dc;
                dg[j] += dc * ((old ? old[j] : 0.0f) - x[j]) * f[j] * (1.0f - f[j]);
                carry[j] = f[j] * dc;
            }
        }
    }
}

tt_tensor *tt_op_ssru(tt_run *run, tt_tensor *z, int count, const int32_t *off) {
    if (!z) return NULL;
    assert(z->cols % 2 == 0 && off[0] == 0 && off[count] == z->rows);
    size_t d = (size_t)z->cols / 2, size = (size_t)z->rows * d;
    tt_tensor *y = tt_run_tensor(run, z->rows, z->cols / 2);
    float *f = tt_run_alloc(run, 2 * size * sizeof *f);
    if (!y || !f) return NULL;
    float *c = f + size;
    forget_gates(run->k, f, z);
    for (int b = 0; b < count; b++)
        for (int32_t i = off[b]; i < off[b + 1]; i++) {
            size_t at = (size_t)i * d;
            ssru_row(y->data + at, c + at, f + at, z->data + 2 * at, i > off[b] ? c + at - d : NULL, d);
        }
    struct ssru *n = tt_run_record(run, sizeof *n, ssru_back);
    if (n) n->z = z, n->y = y, n->f = f, n->c = c, n->count = count, n->off = off;
    return y;
}

tt_tensor *tt_op_ssru_rows(tt_run *run, tt_tensor *z, const float *before, const int32_t *parent, float *after) {
    if (!z) return NULL;
    assert(z->cols % 2 == 0 && after && (!before || parent));
    size_t d = (size_t)z->cols / 2;
    tt_tensor *y = tt_run_tensor(run, z->rows, z->cols / 2);
    float *f = tt_run_alloc(run, (size_t)z->rows * d * sizeof *f);
    if (!y || !f) return NULL;
    forget_gates(run->k, f, z);
    for (size_t r = 0; r < (size_t)z->rows; r++)
        ssru_row(y->data + r * d, after + r * d, f + r * d, z->data + 2 * r * d,
                 before ? before + (size_t)parent[r] * d : NULL, d);
    return y;
}

struct average {
    tt_node node;
    tt_tensor *x, *y;
    int count;
    const int32_t *off;
};

static void average_back(tt_run *run, tt_node *node) {
    struct average *n = (struct average *)node;
    if (!n->y->has_grad) return;
    int how;
    size_t d = (size_t)n->y->cols;
    float *dx = tt_run_grad(run, n->x, &how), *carry = tt_run_alloc(run, d * sizeof *carry);
    if (!dx || !carry) return;
    if (how == TT_GEMM_SET) memset(dx, 0, tt_tensor_size(n->x) * sizeof *dx);
    for (int b = 0; b < n->count; b++) {
        memset(carry, 0, d * sizeof *carry);
        for (int32_t i = n->off[b + 1]; i-- > n->off[b];) {
            run->k->axpy(carry, n->y->grad + (size_t)i * d, 1.0f / (float)(i - n->off[b] + 1), d);
            run->k->add(dx + (size_t)i * d, dx + (size_t)i * d, carry, d);
        }
    }
}

/* sum = before + x, y = sum / (step + 1), over one row. */
static void average_row(const tt_kernels *k, float *y, float *sum, const float *x, const float *before, int step, size_t d) {
    if (before) k->add(sum, before, x, d);
    else memcpy(sum, x, d * sizeof *sum);
    k->scale(y, sum, 1.0f / (float)(step + 1), d);
}

tt_tensor *tt_op_average(tt_run *run, tt_tensor *x, int count, const int32_t *off) {
    if (!x) return NULL;
    assert(off[0] == 0 && off[count] == x->rows);
    size_t d = (size_t)x->cols;
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    float *sum = tt_run_alloc(run, d * sizeof *sum);
    if (!y || !sum) return NULL;
    for (int b = 0; b < count; b++)
        for (int32_t i = off[b]; i < off[b + 1]; i++)
            average_row(run->k, y->data + (size_t)i * d, sum, x->data + (size_t)i * d, i > off[b] ? sum : NULL, i - off[b], d);
    struct average *n = tt_run_record(run, sizeof *n, average_back);
    if (n) n->x = x, n->y = y, n->count = count, n->off = off;
    return y;
}

tt_tensor *tt_op_average_rows(tt_run *run, tt_tensor *x, const float *before, const int32_t *parent, float *after, int step) {
    if (!x) return NULL;
    assert(after && step >= 0 && (!before || parent));
    size_t d = (size_t)x->cols;
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    for (size_t r = 0; y && r < (size_t)x->rows; r++)
        average_row(run->k, y->data + r * d, after + r * d, x->data + r * d, before ? before + (size_t)parent[r] * d : NULL,
                    step, d);
    return y;
}

#ifndef NDEBUG
static bool same_shape(const tt_tensor *a, const tt_tensor *b) { return a->rows == b->rows && a->cols == b->cols; }
#endif

struct gate {
    tt_node node;
    tt_tensor *a, *x, *b, *z, *y;
    const float *open; /* σ(a) and σ(b), (2, N, D) */
};

/* Adds g ∘ other to t's gradient; with `slope`, through σ: g ∘ other ∘ s ∘ (1 - s). */
static void gate_side(tt_run *run, tt_tensor *t, const float *g, const float *other, const float *slope, size_t n) {
    int how;
    float *dt = tt_run_grad(run, t, &how);
    if (!dt) return;
    if (how == TT_GEMM_SET) memset(dt, 0, n * sizeof *dt);
    for (size_t i = 0; i < n; i++) dt[i] += g[i] * other[i] * (slope ? slope[i] * (1.0f - slope[i]) : 1.0f);
}

static void gate_back(tt_run *run, tt_node *node) {
    struct gate *n = (struct gate *)node;
    if (!n->y->has_grad) return;
    size_t size = tt_tensor_size(n->y);
    const float *dy = n->y->grad, *sa = n->open, *sb = n->open + size;
    gate_side(run, n->a, dy, n->x->data, sa, size);
    gate_side(run, n->x, dy, sa, NULL, size);
    gate_side(run, n->b, dy, n->z->data, sb, size);
    gate_side(run, n->z, dy, sb, NULL, size);
}

tt_tensor *tt_op_gate(tt_run *run, tt_tensor *a, tt_tensor *x, tt_tensor *b, tt_tensor *z) {
    if (!a || !x || !b || !z) return NULL;
    assert(same_shape(a, x) && same_shape(b, x) && same_shape(z, x));
    size_t size = tt_tensor_size(x);
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    float *open = tt_run_alloc(run, 2 * size * sizeof *open);
    if (!y || !open) return NULL;
    run->k->act(open, a->data, TT_ACT_SIGMOID, size);
    run->k->act(open + size, b->data, TT_ACT_SIGMOID, size);
    for (size_t i = 0; i < size; i++) y->data[i] = open[i] * x->data[i] + open[size + i] * z->data[i];
    struct gate *n = tt_run_record(run, sizeof *n, gate_back);
    if (n) n->a = a, n->x = x, n->b = b, n->z = z, n->y = y, n->open = open;
    return y;
}
