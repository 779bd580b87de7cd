/* op_ssru.c: the simpler simple recurrent unit (Kim, Junczys-Dowmunt et al. 2019, "From Research to
 * Production and Back"):
 *     f = σ(g),  c_t = f c_{t-1} + (1-f) x̃,  y = max(c, 0)
 *     dc_t = dy [c_t > 0] + f_{t+1} dc_{t+1},  dx̃ = (1-f) dc,  dg = dc (c_{t-1} - x̃) f (1-f)
 * Beside the matrix products around them these loops cost little, so they are plain C; only σ is a
 * kernel.
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
    for (size_t i = 0; i < (size_t)z->rows; i++)
        k->act(f + i * d, z->data + (2 * i + 1) * d, TT_ACT_SIGMOID, d);
}

/* c = f before + (1 - f) x, y = max(c, 0), over one row. */
static void ssru_row(float *y, float *c, const float *f, const float *x, const float *before,
                     size_t d) {
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
            const float *f = n->f + at, *c = n->c + at, *x = n->z->data + 2 * at,
                        *dy = n->y->grad + at;
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
            ssru_row(y->data + at, c + at, f + at, z->data + 2 * at, i > off[b] ? c + at - d : NULL,
                     d);
        }
    struct ssru *n = tt_run_record(run, sizeof *n, ssru_back);
    if (n) n->z = z, n->y = y, n->f = f, n->c = c, n->count = count, n->off = off;
    return y;
}

tt_tensor *tt_op_ssru_rows(tt_run *run, tt_tensor *z, const float *before, const int32_t *parent,
                           float *after) {
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
