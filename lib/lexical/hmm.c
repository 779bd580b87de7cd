/* hmm.c: a hidden Markov model of word alignment (Vogel et al. 1996), forward and backward; see
 * posterior.h.
 *
 * A state remembers the last place k = 0 … n that a word came from, 0 being before the first: place
 * j is k = j + 1. From k the next word comes from place j with (1 - p0) w(j + 1 - k) / Z(k), Z(k) =
 * Σ_j w(j + 1 - k), or from the empty word with p0, and k stays. With α(i, k) and β(i, k) scaled so
 * that Σ_k α = 1:
 *
 *     r(i, j) = p(t_i | s_j) (1 - p0) Σ_k α(i-1, k) / Z(k) w(j + 1 - k)
 *     z(i, k) = p(t_i | ε) p0 α(i-1, k)                  α(i, k) = (r(i, k - 1) + z(i, k)) / S_i
 *     β(i-1, k) = ((1 - p0) / Z(k) Σ_j w(j + 1 - k) p(t_i | s_j) β(i, j + 1) + p0 p(t_i | ε) β(i,
 *       k)) / S_i
 *     γ(i, j) = r(i, j) β(i, j + 1) / S_i
 *
 * A sum over k is an axpy for each k over neighbouring j, so that compilers make vectors of both
 * loops.
 */
#include "lexical/posterior.h"

#include <math.h>
#include <string.h>

struct chain {
    int n, m;
    float rest, null;
    float *w, *back;      /* (2n + 2): of a jump by d, w[n + d] and back[n - d] */
    float *share;         /* (n + 1): (1 - p0) / Z(k) */
    float *beta, *before; /* (n + 1) */
    float *x;             /* (n) */
    float *jumps;         /* (2n + 2): expected, over what w says of them; as w */
    float *scale;         /* (m): 1 / S_i */
    float *alpha;         /* (m + 1, n + 1) */
    float *r;             /* (m, n) */
};

size_t tt_posterior_work(int n, int m) {
    return (size_t)(m + 1) * (size_t)(n + 1) + (size_t)m * (size_t)(n + 1) + 10 * (size_t)(n + 1);
}

static int bound(int d) {
    return d > TT_JUMP_MOST ? TT_JUMP_MOST : d < -TT_JUMP_MOST ? -TT_JUMP_MOST : d;
}

static void open_chain(struct chain *c, int n, int m, const tt_prior *prior, float *work) {
    *c = (struct chain){
        .n = n, .m = m, .rest = (float)(1 - prior->null), .null = (float)prior->null};
    c->w = work;
    c->back = c->w + 2 * n + 2;
    c->share = c->back + 2 * n + 2;
    c->beta = c->share + n + 1;
    c->before = c->beta + n + 1;
    c->x = c->before + n + 1;
    c->jumps = c->x + n;
    c->scale = c->jumps + 2 * n + 2;
    c->alpha = c->scale + m;
    c->r = c->alpha + (size_t)(m + 1) * (size_t)(n + 1);
    for (int d = -n; d <= n; d++)
        c->back[n - d] = c->w[n + d] = prior->jump[TT_JUMP_MOST + bound(d)];
    for (int k = 0; k <= n; k++) {
        float z = 0;
        for (int j = 0; j < n; j++) z += c->w[n + j + 1 - k];
        c->share[k] = c->rest / z;
        c->beta[k] = 1;
    }
    memset(c->jumps, 0, (size_t)(2 * n + 2) * sizeof *c->jumps);
    memset(c->alpha, 0, (size_t)(n + 1) * sizeof *c->alpha);
    c->alpha[0] = 1;
}

/* to (n) += x · from (n) */
static void add_times(float *restrict to, const float *restrict from, float x, int n) {
    for (int j = 0; j < n; j++) to[j] += x * from[j];
}

/* r(i, ·) and α(i, ·) of p (n + 1), those of word i; S_i. */
static double step(struct chain *c, const float *p, int i) {
    const int n = c->n;
    const float *last = c->alpha + (size_t)i * (size_t)(n + 1), empty = p[n] * c->null;
    float *next = c->alpha + (size_t)(i + 1) * (size_t)(n + 1), *r = c->r + (size_t)i * (size_t)n;
    memset(r, 0, (size_t)n * sizeof *r);
    for (int k = 0; k <= n; k++)
        if (last[k] > 1e-12f) add_times(r, c->w + n + 1 - k, last[k] * c->share[k], n);
    double sum = 0;
    for (int k = 0; k <= n; k++) next[k] = empty * last[k];
    for (int j = 0; j < n; j++) {
        r[j] *= p[j];
        next[j + 1] += r[j];
    }
    for (int k = 0; k <= n; k++) sum += (double)next[k];
    c->scale[i] = (float)(1 / sum);
    for (int k = 0; k <= n; k++) next[k] *= c->scale[i];
    return sum;
}

/* γ(i, ·) in place of p, the jumps into word i, and β(i - 1, ·) in place of β(i, ·). */
static void step_back(struct chain *c, float *p, int i) {
    const int n = c->n;
    const float *last = c->alpha + (size_t)i * (size_t)(n + 1), *r = c->r + (size_t)i * (size_t)n;
    const float empty = p[n] * c->null * c->scale[i];
    float sum = 0;
    for (int k = 0; k <= n; k++) {
        sum += empty * last[k] * c->beta[k];
        c->before[k] = 0;
    }
    p[n] = sum;
    for (int j = 0; j < n; j++) {
        const float b = c->beta[j + 1] * c->scale[i];
        c->x[j] = p[j] * b;
        p[j] = r[j] * b;
    }
    for (int j = 0; j < n; j++)
        if (c->x[j] > 1e-20f) add_times(c->before, c->back + n - j - 1, c->x[j], n + 1);
    for (int k = 0; k <= n; k++) {
        if (last[k] > 1e-12f) add_times(c->jumps + n + 1 - k, c->x, last[k] * c->share[k], n);
        c->before[k] = c->share[k] * c->before[k] + empty * c->beta[k];
    }
    float *swap = c->beta;
    c->beta = c->before;
    c->before = swap;
}

void tt_posterior_hmm(float *e, int n, int m, const tt_prior *prior, float *work,
                      tt_prior_sums *sums) {
    struct chain c;
    open_chain(&c, n, m, prior, work);
    for (int i = 0; i < m; i++) sums->log += log(step(&c, e + (size_t)i * (size_t)(n + 1), i));
    for (int i = m - 1; i >= 0; i--) step_back(&c, e + (size_t)i * (size_t)(n + 1), i);
    for (int d = -n; d <= n; d++)
        sums->jump[TT_JUMP_MOST + bound(d)] += (double)(c.w[n + d] * c.jumps[n + d]);
    sums->words += m;
}
