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

#include <stdbool.h>

#include "base/arena.h"
#include "base/pick.h"
#include "score/tokens.h"

#define TT_STATS_MAX (2 * 3 * TT_SCORE_ORDER_MAX) /* chrF with all its orders */

/* The options with every default filled in; o's own pointers are good in `check` only. */
typedef struct tt_score_setting {
    tt_score_options o;
    int smooth; /* TT_SMOOTH_… */
    double smooth_value;
    tt_words words;    /* how a line becomes words */
    char tok_name[64]; /* as signed */
} tt_score_setting;

/* Values of a resampled corpus are sums in float32, and sacreBLEU's formulas then work in float32
   as far as NumPy's rules of promotion take them; in the paired randomisation sums are whole
   numbers. */
typedef enum tt_width { TT_WIDTH_DOUBLE, TT_WIDTH_FLOAT, TT_WIDTH_WHOLE } tt_width;

typedef struct tt_metric {
    tt_row row;                                   /* its name as asked for */
    bool less;                                    /* is less better? */
    int (*check)(tt_score_setting *s, tt_err *e); /* fills in defaults; TT_EUSAGE */
    int (*size)(const tt_score_setting *s);       /* length of a row of statistics */
    /* rows (n_hyps, size): the row of each hypothesis for one segment. Memory is the arena's. 0, or
       a code with its message, which TT_ENOMEM does without. */
    int (*count)(const tt_score_setting *s, double *rows, const tt_span *hyps, int n_hyps,
                 const tt_span *refs, int n_refs, tt_arena *arena, tt_err *e);
    /* The score of a row. */
    double (*score)(const tt_score_setting *s, const double *row, tt_width width);
    /* All of *r but its signature. */
    void (*result)(const tt_score_setting *s, const double *row, tt_score_result *r);
    /* The metric's own keys: "case:mixed|eff:no|…", or the short ones. */
    void (*sign)(const tt_score_setting *s, int brief, char *text, size_t cap);
    /* The line as it is compared, to be cut by tt_words_cut. 0, or a code with its message. */
    int (*prepare)(const tt_score_setting *s, tt_span *line, tt_arena *arena, tt_err *e);
} tt_metric;

extern const tt_metric tt_metric_bleu, tt_metric_chrf, tt_metric_ter;
extern const tt_family tt_family_metric, tt_family_smoothing;

struct tt_score {
    const tt_metric *metric;
    tt_score_setting setting;
    int size;                    /* of a row */
    int refs;                    /* places for references in a segment */
    int fewest, most, last_refs; /* references that were there */
    size_t segments, room;
    double *kept; /* (segments, size), room for `room`; NULL unless asked for */
    double sum[TT_STATS_MAX], last[TT_STATS_MAX];
    tt_arena *arena;
};

/* TT_EUSAGE unless low <= *value <= high; 0 becomes `def` before. */
int tt_score_order(int *value, int def, int low, const char *what, tt_err *e);

#endif
