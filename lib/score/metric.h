/* metric.h: what a metric is to score.c: a row of a table, and statistics that add up.
 *
 * A metric turns a segment into a short row of numbers; the row of a corpus is the sum over its
 * segments; a score is made from a row. So corpora, single sentences and resampled corpora are all
 * scored alike. Counts stay exact: a double holds integers up to 2^53.
 *
 * To add a metric: a file with these functions, and a row in score.c.
 */
#ifndef TT_SCORE_METRIC_H
#define TT_SCORE_METRIC_H

#include "base/arena.h"
#include "score/tok13a.h"

#define TT_STATS_MAX (2 * 3 * TT_SCORE_ORDER_MAX) /* chrF with all its orders */

/* The options with every default filled in; o's own pointers are good in `check` only. */
typedef struct tt_score_setting {
    tt_score_options o;
    int smooth; /* TT_SMOOTH_… */
    double smooth_value;
    const tt_tokenizer *tokenizer;
    int n_refs;
} tt_score_setting;

typedef struct tt_metric {
    const char *name;                             /* as asked for */
    int (*check)(tt_score_setting *s, tt_err *e); /* fills in defaults; TT_EUSAGE */
    int (*size)(const tt_score_setting *s);       /* length of a row of statistics */
    /* The row of one segment; scratch memory is the arena's. 0 or TT_ENOMEM. */
    int (*count)(const tt_score_setting *s, double *row, tt_span hyp, const tt_span *refs,
                 tt_arena *arena);
    /* Score, name and verbose part of a row. */
    void (*result)(const tt_score_setting *s, const double *row, tt_score_result *r);
    /* The metric's own keys: "case:mixed|eff:no|…". */
    void (*sign)(const tt_score_setting *s, char *text, size_t cap);
} tt_metric;

extern const tt_metric tt_metric_bleu, tt_metric_chrf;

/* TT_EUSAGE unless low <= *value <= high; 0 becomes `def` before. */
int tt_score_order(int *value, int def, int low, const char *what, tt_err *e);

#endif
