/* muon.c: momentum, orthogonalised, for the matrices inside the network (Jordan et al. 2024,
 * "Muon").
 *   m ← β m + g,   u = g + β m,   W ← W - η (0.2 √max(rows, cols) · ortho(u) + λ W)
 * ortho(u) is the nearest (semi-)orthogonal matrix, by five steps of a quintic Newton-Schulz
 * iteration:
 *   X ← a X + (b A + c A²) X,  A = X Xᵀ,  X₀ = u / |u|
 * with Jordan's a, b, c, which trade exactness (singular values end between 0.7 and 1.2) for speed.
 * The factor 0.2 √max(…) gives a step the size of Adam's, so that one rate serves both (Liu et al.
 * 2025).
 */
#include "train/muon.h"

#include <math.h>
#include <string.h>

/* The coefficients a, b, c of the quintic: those of Jordan et al. 2024. */
static const float a_ = 3.4445f, b_ = -4.7750f, c_ = 2.0315f;
enum { STEPS = 5 };

const tt_setting tt_muon_settings[] = {
    {"momentum", "share of the momentum that stays", 0.95, 0, 0.9999, 0, NULL},
    {"update", "size of a step beside Adam's at the same rate", 0.2, 0, 100, 0, NULL},
    {NULL, NULL, 0, 0, 0, 0, NULL}};

/* X (m, n), m <= n, becomes ortho(X). */
static void orthogonalise(tt_run *run, float *x, int m, int n) {
    const tt_kernels *k = run->k;
    size_t mm = (size_t)m * (size_t)m, mn = (size_t)m * (size_t)n;
    float *square = tt_run_alloc(run, 2 * mm * sizeof *square);
    float *product = tt_run_alloc(run, mn * sizeof *product);
    if (!square || !product) return;
    float *poly = square + mm;
    k->scale(x, x, (float)(1.0 / (sqrt(k->sumsq(x, mn)) + 1e-7)), mn);
    for (int i = 0; i < STEPS; i++) {
        k->gemm(square, m, x, n, 1, x, 1, n, TT_GEMM_SET, NULL, m, m, n, run->work);
        k->gemm(poly, m, square, m, 1, square, m, 1, TT_GEMM_SET, NULL, m, m, m, run->work);
        k->scale(poly, poly, c_, mm);
        k->axpy(poly, square, b_, mm);
        k->gemm(product, n, poly, m, 1, x, n, 1, TT_GEMM_SET, NULL, m, n, m, run->work);
        k->scale(x, x, a_, mn);
        k->add(x, x, product, mn);
    }
}

void tt_muon_apply(tt_run *run, const tt_step *s, float *p, const float *g, float *const *state,
                   int rows, int cols) {
    const tt_kernels *k = run->k;
    const double beta = s->set[0], match = s->set[1];
    size_t n = (size_t)rows * (size_t)cols;
    float *moment = state[0], *x = tt_run_alloc(run, n * sizeof *x),
          *wide = tt_run_alloc(run, n * sizeof *wide);
    if (!x || !wide) return;
    k->scale(moment, moment, (float)beta, n);
    k->axpy(moment, g, (float)s->scale, n);
    k->scale(x, moment, (float)beta, n);
    k->axpy(x, g, (float)s->scale, n);
    double rate = s->rate * match * sqrt(rows > cols ? rows : cols);
    if (s->decay > 0) k->scale(p, p, (float)(1.0 - s->rate * s->decay), n);
    if (rows <= cols) {
        orthogonalise(run, x, rows, cols);
    } else { /* on its side, so that X Xᵀ is the small square */
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < cols; j++)
                wide[(size_t)j * (size_t)rows + (size_t)i] =
                    x[(size_t)i * (size_t)cols + (size_t)j];
        orthogonalise(run, wide, cols, rows);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < cols; j++)
                x[(size_t)i * (size_t)cols + (size_t)j] =
                    wide[(size_t)j * (size_t)rows + (size_t)i];
    }
    k->axpy(p, x, (float)-rate, n);
}
