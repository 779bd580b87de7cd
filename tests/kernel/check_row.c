/* check_row.c: rows of a matrix: normalisation, softmax, loss. */
#include "check.h"

VOID_CASE(softmax, k->softmax(b[0], s->variant > 1 ? b[0] : b[1], fabsf(p), n))
VOID_CASE(softmax_back, k->softmax_back(b[0], b[1], s->variant > 1 ? b[0] : b[2], p, n))
VALUE_CASE(logsumexp, k->logsumexp(b[0], n))
static void sizes_add_rows(size_t *len, const shape *s) {
    len[0] = len_n(s);
    len[1] = len_mn(s);
}
VOID_CASE(add_rows, k->add_rows(b[0], b[1], (size_t)s->m, n))

static void sizes_norm(size_t *len, const shape *s) {
    const size_t want[] = {len_mn(s), (size_t)s->m, (size_t)s->m, len_mn(s), len_n(s), len_n(s)};
    memcpy(len, want, sizeof want);
}
VOID_CASE(norm,
          k->norm(b[0], b[1], b[2], s->variant ? b[0] : b[3], b[4], b[5], 1e-5f, (size_t)s->m, n))

static void sizes_norm_back(size_t *len, const shape *s) {
    const size_t want[] = {len_mn(s), len_n(s), len_n(s),     len_mn(s),
                           len_mn(s), len_n(s), (size_t)s->m, (size_t)s->m};
    memcpy(len, want, sizeof want);
}
VOID_CASE(norm_back, k->norm_back(b[0], b[1], b[2], s->variant ? b[0] : b[3], b[4], b[5], b[6],
                                  b[7], (size_t)s->m, n))

static void sizes_xent(size_t *len, const shape *s) {
    len[0] = len_n(s);
    len[1] = 1;
}
static double run_xent(const tt_kernels *k, float **b, const shape *s) {
    if (s->n == 0) return 0.0;
    const size_t gold = (size_t)s->n * 7 / 11;
    return (double)k->xent(b[0], gold, s->variant % 2 ? 0.1f : 0.0f, 0.25f,
                           s->variant > 1 ? b[1] : NULL, len_n(s));
}

static void plain_rows(const tt_kernels *c) {
    enum { N = 333, GOLD = 77 };
    float x[N], y[N], g[N], gain[N], bias[N], dgain[N] = {0}, dbias[N] = {0}, mean, rstd, nll;
    fill(x, N, 0);
    fill(g, N, 0);
    fill(gain, N, 0);
    fill(bias, N, 0);
    double sum = 0.0, sq = 0.0, gs = 0.0, gh = 0.0, total = 0.0, top = -INFINITY, dot = 0.0;
    for (int i = 0; i < N; i++) sum += (double)x[i];
    for (int i = 0; i < N; i++) sq += ((double)x[i] - sum / N) * ((double)x[i] - sum / N);
    const double mid = sum / N, inv = 1.0 / sqrt(sq / N + 1e-5);
    c->norm(y, &mean, &rstd, x, gain, bias, 1e-5f, 1, N);
    for (int i = 0; i < N; i++) {
        const double h = ((double)x[i] - mid) * inv;
        near("norm", (double)y[i], h * (double)gain[i] + (double)bias[i], 2e-6);
        gs += (double)g[i] * (double)gain[i];
        gh += (double)g[i] * (double)gain[i] * h;
        top = fmax(top, (double)x[i]);
    }
    c->norm_back(y, dgain, dbias, g, x, gain, &mean, &rstd, 1, N);
    for (int i = 0; i < N; i++) {
        const double h = ((double)x[i] - mid) * inv;
        near("norm_back", (double)y[i],
             inv * ((double)g[i] * (double)gain[i] - gs / N - h * gh / N), 4e-6);
        near("norm_back", (double)dgain[i], (double)g[i] * h, 2e-6);
        near("norm_back", (double)dbias[i], (double)g[i], 0.0);
        total += exp((double)x[i] - top);
    }
    memcpy(y, x, sizeof y);
    const double loss = (double)c->xent(y, GOLD, 0.1f, 2.0f, &nll, N), lse = top + log(total);
    near("xent", (double)nll, lse - (double)x[GOLD], 2e-6);
    near("xent", loss, 0.9 * (lse - (double)x[GOLD]) + 0.1 * (lse - mid), 2e-6);
    for (int i = 0; i < N; i++) {
        near("xent", (double)y[i], 2.0 * (exp((double)x[i] - lse) - 0.9 * (i == GOLD) - 0.1 / N),
             5e-7);
    }
    c->softmax(y, x, 1.0f, N);
    for (int i = 0; i < N; i++) dot += (double)y[i] * (double)g[i];
    c->softmax_back(dgain, y, g, 0.5f, N);
    for (int i = 0; i < N; i++)
        near("softmax_back", (double)dgain[i], 0.5 * (double)y[i] * ((double)g[i] - dot), 1e-7);
}

static const kcase cases_rows[] = {
    {"add_rows", 1, ROWS, sizes_add_rows, run_add_rows, 4, 1},
    {"norm", 2, ROWS, sizes_norm, run_norm, 8, 7},
    {"norm_back", 2, ROWS, sizes_norm_back, run_norm_back, 12, 14},
    {"softmax", 4, VECTOR, sizes_n2, run_softmax, 8, 1},
    {"softmax_back", 4, VECTOR, sizes_n3, run_softmax_back, 12, 5},
    {"logsumexp", 1, VECTOR, sizes_n1, run_logsumexp, 4, 1},
    {"xent", 4, VECTOR, sizes_xent, run_xent, 8, 1},
};
FAMILY(rows);
PROGRAM(rows)
