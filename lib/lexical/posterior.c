/* posterior.c: the two models in which words come from their places independently of each other,
 * and the table of all; see posterior.h. With a prior a(j | i, n, m), of which the empty word has
 * p0 and the others the rest,
 *
 *     γ(i, j) = a(j) p(t_i | s_j) / Σ_j' a(j') p(t_i | s_j')
 */
#include "lexical/posterior.h"

#include <math.h>
#include <stddef.h>

/* A row of weights becomes one of probabilities; the sum before. */
static double normalise(float *row, int n) {
    double sum = 0;
    for (int j = 0; j < n; j++) sum += (double)row[j];
    const float one = (float)(1 / sum);
    for (int j = 0; j < n; j++) row[j] *= one;
    return sum;
}

void tt_posterior_ibm1(float *e, int n, int m, const tt_prior *prior, float *work,
                       tt_prior_sums *sums) {
    const float each = (float)((1 - prior->null) / n), null = (float)prior->null;
    (void)work;
    for (int i = 0; i < m; i++) {
        float *row = e + (size_t)i * (size_t)(n + 1);
        for (int j = 0; j < n; j++) row[j] *= each;
        row[n] *= null;
        sums->log += log(normalise(row, n + 1));
    }
    sums->words += m;
}

/* ---- along the diagonal --------------------------------------------------------------------- */

/* exp(-λ |x - (j + ½) / n|) for each j, into a (n), by steps of exp(-λ / n) from the two middles
   about x; their sum, and in *off their sum times the distances. */
static double lay_prior(float *a, int n, double x, double tension, double *off) {
    const double ratio = exp(-tension / n);
    const int below = (int)floor(x * n - 0.5); /* -1 where x is before the first middle */
    double sum = 0, far = x - (below + 0.5) / n, w = exp(-tension * far);
    *off = 0;
    for (int j = below; j >= 0; j--, w *= ratio, far += 1.0 / n)
        sum += w, *off += w * far, a[j] = (float)w;
    far = (below + 1.5) / n - x;
    w = exp(-tension * far);
    for (int j = below + 1; j < n; j++, w *= ratio, far += 1.0 / n)
        sum += w, *off += w * far, a[j] = (float)w;
    return sum;
}

void tt_posterior_diagonal(float *e, int n, int m, const tt_prior *prior, float *work,
                           tt_prior_sums *sums) {
    const float null = (float)prior->null;
    for (int i = 0; i < m; i++) {
        float *row = e + (size_t)i * (size_t)(n + 1);
        double off;
        const double x = (i + 0.5) / m;
        const float rest = (float)((1 - prior->null) / lay_prior(work, n, x, prior->tension, &off));
        for (int j = 0; j < n; j++) row[j] *= work[j] * rest;
        row[n] *= null;
        sums->log += log(normalise(row, n + 1));
        for (int j = 0; j < n; j++) sums->off += (double)row[j] * fabs(x - (j + 0.5) / n);
        sums->linked += 1 - (double)row[n];
    }
    sums->words += m;
}

double tt_diagonal_off(int n, int m, double tension, float *work) {
    double all = 0;
    for (int i = 0; i < m; i++) {
        double off;
        const double sum = lay_prior(work, n, (i + 0.5) / m, tension, &off);
        all += off / sum;
    }
    return all;
}

/* ---- the table ------------------------------------------------------------------------------ */

#define SETTINGS(first, usual)                                                                     \
    {                                                                                              \
        {"iterations", "of learning this model", usual, 1, 100, 1, NULL},                          \
            {"first", "iterations of Model 1 before", first, 0, 100, 1, NULL},                     \
            {"alpha", "strength of the prior by which words have few translations; 0: none",       \
             0.1,     0,                                                                           \
             10,      0,                                                                           \
             NULL},                                                                                \
            {"null", "part of the words that translate nothing", 0.08, 0, 0.9, 0, NULL},           \
            {"agree", "both directions learn what they agree on (Liang et al. 2006)", 1, 0, 1, 1,  \
             "no|yes"},                                                                            \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
static const tt_setting of_ibm1[] = SETTINGS(0, 5), of_diagonal[] = SETTINGS(1, 5),
                        of_hmm[] = SETTINGS(3, 5);

static const tt_align_model rows[] = {
    {{"hmm", "a word is near the one before it", "Vogel et al. 1996", of_hmm}, tt_posterior_hmm},
    {{"diagonal", "a word has its translation at the same part of the sentence", "Dyer et al. 2013",
      of_diagonal},
     tt_posterior_diagonal},
    {{"ibm1", "any place is as good as any other", "Brown et al. 1993", of_ibm1},
     tt_posterior_ibm1},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_aligner = {"aligner", "how word alignments are learned", row_at};
