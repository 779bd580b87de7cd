/* tensorwise.c: Adafactor and LAMB.
 *
 *   adafactor   (Shazeer and Stern 2018, algorithms 4 and 5), t the update, β2 = 1 - t^-decay:
 *       r ← β2 r + (1-β2) mean over columns of (g² + 1e-30)      r (rows), c (cols): all that is
 *         kept of a matrix
 *       c ← β2 c + (1-β2) mean over rows    of (g² + 1e-30)
 *       u = g / √(r c / mean r);  of a vector u = g / √v, v ← β2 v + (1-β2) (g² + 1e-30)
 *       u ← u / max(1, RMS(u) / clip),   p ← p - η max(1e-3, RMS(p)) u     without `relative` p ← p
 *                                        - η u
 *   lamb        (You et al. 2020), m and v as Adam has them:
 *       u = m̂/(√v̂ + ε) + λ p,   p ← p - η |p|/|u| u        |p|/|u| is 1 where one of them is 0
 *
 * Sums run in double over the elements in order, so they are the same on every instruction set.
 */
#include "train/tensorwise.h"

#include <math.h>

enum { DECAY, CLIP, RELATIVE };

const tt_setting tt_adafactor_settings[] = {
    {"decay", "the squares' share that stays after update t is 1 - t^-decay", 0.8, 0.1, 1, 0, NULL},
    {"clip", "greatest root mean square of a step before the rate", 1, 1e-3, 1e6, 0, NULL},
    {"relative", "multiply the rate by the root mean square of the tensor", 1, 0, 1, 0, "no|yes"},
    {NULL, NULL, 0, 0, 0, 0, NULL}};

static const double tiny = 1e-30, least = 1e-3; /* the paper's ε1 and ε2 */

size_t tt_adafactor_state(const double *set, int block, int rows, int cols) {
    (void)set;
    if (block) return 0;
    return rows > 1 && cols > 1 ? (size_t)rows + (size_t)cols : (size_t)rows * (size_t)cols;
}

static double mean_square(const tt_kernels *k, const float *x, size_t n) {
    return k->sumsq(x, n) / (double)n;
}

/* What keeps `share` of itself and takes the rest from x. */
static float mix(float kept, double share, double x) {
    return (float)(share * (double)kept + (1.0 - share) * x);
}

/* sums (cols): scratch. */
static void factor_matrix(float *u, float *r, float *c, double *sums, const float *g, double scale,
                          double share, int rows, int cols) {
    double mean = 0;
    for (int j = 0; j < cols; j++) sums[j] = 0;
    for (int i = 0; i < rows; i++) {
        const float *row = g + (size_t)i * (size_t)cols;
        double sum = 0;
        for (int j = 0; j < cols; j++) {
            double x = (double)row[j] * scale, square = x * x + tiny;
            sum += square;
            sums[j] += square;
        }
        r[i] = mix(r[i], share, sum / cols);
        mean += (double)r[i];
    }
    mean /= rows;
    for (int j = 0; j < cols; j++) {
        c[j] = mix(c[j], share, sums[j] / rows);
        sums[j] = scale / sqrt((double)c[j]);
    }
    for (int i = 0; i < rows; i++) {
        const double by_row = 1.0 / sqrt((double)r[i] / mean);
        const size_t at = (size_t)i * (size_t)cols;
        for (int j = 0; j < cols; j++)
            u[at + (size_t)j] = (float)((double)g[at + (size_t)j] * by_row * sums[j]);
    }
}

static void divide_vector(float *u, float *v, const float *g, double scale, double share,
                          size_t n) {
    for (size_t i = 0; i < n; i++) {
        double x = (double)g[i] * scale;
        v[i] = mix(v[i], share, x * x + tiny);
        u[i] = (float)(x / sqrt((double)v[i]));
    }
}

void tt_adafactor_apply(tt_run *run, const tt_step *s, float *p, const float *g,
                        float *const *state, int rows, int cols) {
    const tt_kernels *k = run->k;
    const size_t n = (size_t)rows * (size_t)cols;
    const double share = 1.0 - pow((double)s->number, -s->set[DECAY]);
    float *u = tt_run_alloc(run, n * sizeof *u);
    double *sums = tt_run_alloc(run, (size_t)cols * sizeof *sums);
    if (!u || !sums) return;
    if (rows > 1 && cols > 1)
        factor_matrix(u, state[0], state[0] + rows, sums, g, s->scale, share, rows, cols);
    else divide_vector(u, state[0], g, s->scale, share, n);
    double rate = s->rate;
    if (s->set[RELATIVE] > 0) rate *= fmax(least, sqrt(mean_square(k, p, n)));
    double too_much = sqrt(mean_square(k, u, n)) / s->set[CLIP];
    if (s->decay > 0) k->scale(p, p, (float)(1.0 - s->rate * s->decay), n);
    k->axpy(p, u, (float)(-rate / fmax(1.0, too_much)), n);
}

void tt_lamb_apply(tt_run *run, const tt_step *s, float *p, const float *g, float *const *state,
                   int rows, int cols) {
    const tt_kernels *k = run->k;
    const size_t n = (size_t)rows * (size_t)cols;
    const double c1 = 1.0 / (1.0 - pow(s->beta1, (double)s->number)),
                 c2 = 1.0 / (1.0 - pow(s->beta2, (double)s->number));
    float *u = tt_run_alloc(run, n * sizeof *u);
    if (!u) return;
    /* Adam's step of rate 1 from nothing: -m̂/(√v̂ + ε) */
    for (size_t i = 0; i < n; i++) u[i] = 0;
    k->adam(u, state[0], state[1], g, (float)s->scale, 1.0f, (float)s->beta1, (float)s->beta2,
            (float)c1, (float)c2, (float)s->epsilon, 0.0f, n);
    if (s->decay > 0) k->axpy(u, p, (float)-s->decay, n);
    double weights = sqrt(k->sumsq(p, n)), step = sqrt(k->sumsq(u, n));
    double trust = weights > 0 && step > 0 ? weights / step : 1.0;
    k->axpy(p, u, (float)(s->rate * trust), n);
}
