/* chrf.h: the arithmetic of chrF on given counts; tt_metric_chrf (metric.h) is the metric itself.
 *
 *     chrF_β = 100 · (1 + β²) · P · R / (β² · P + R)                          (Popović 2015, 2017)
 *
 * P and R are the means of precision and recall over the character n-gram orders (and, for chrF++,
 * word n-gram orders) for which both sides have n-grams. With epsilon smoothing it is instead the
 * mean over all orders of their F, a missing precision or recall counting as 1e-16.
 */
#ifndef TT_SCORE_CHRF_H
#define TT_SCORE_CHRF_H

#include "ttrans.h"

/* `counts`: for each order the n-grams of the hypothesis, of the reference, and those in both. */
double tt_chrf_compute(const double *counts, int orders, int beta, int eps_smoothing);

#endif
