/* bleu.h: the arithmetic of BLEU on given counts; tt_metric_bleu (metric.h) is the metric itself.
 *
 *     score = BP · exp(1/N Σ log p_n),  BP = exp(1 − r/c) if c < r, else 1
 *
 * (Papineni et al. 2002)
 *
 * c: length of the hypotheses, r: sum of the reference lengths that are closest, the shorter on a
 * tie. What becomes of p_n = 0 is told by `smooth`: "exp" halves from one such order to the next,
 * "floor" puts value / total, "add-k" adds value to both counts for n > 1 (Chen and Cherry 2014).
 */
#ifndef TT_SCORE_BLEU_H
#define TT_SCORE_BLEU_H

#include "score/metric.h"

/* In the order of the rows of tt_family_smoothing. */
enum { TT_SMOOTH_EXP, TT_SMOOTH_FLOOR, TT_SMOOTH_ADD_K, TT_SMOOTH_NONE };

typedef struct tt_bleu {
    double score, bp, ratio;
    double precisions[TT_SCORE_ORDER_MAX]; /* percent */
} tt_bleu;

/* `matches` and `totals` have `order` counts each. With `effective` 1 the mean stops at the highest
   order that has any n-gram. */
tt_bleu tt_bleu_compute(const double *matches, const double *totals, double hyp_len, double ref_len,
                        int order, int smooth, double smooth_value, int effective, tt_width width);

#endif
