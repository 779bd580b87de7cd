/* filter.h: which pairs of sentences are fit to be learned from. A family: a row a filter, each
 * with settings of its own.
 *
 *     tt_filters *f = tt_filters_open(rows, n, &e);
 *     TT_TRY(tt_filters_ask(f, &pair, &why, arena, e));  // the first filter that drops it, or -1
 *     tt_filters_pick(f, why)->row->name
 *
 * The idea of such filters is that of OpusFilter and Bicleaner; these are plain rules.
 */
#ifndef TT_TEXT_FILTER_H
#define TT_TEXT_FILTER_H

#include "text/modify.h"

extern const tt_family tt_family_filter;

typedef struct tt_filters tt_filters;

/* Rows with their settings, in the order in which they are asked; rows NULL: all that need none,
 * n is 0. NULL: TT_EUSAGE, TT_ENOMEM. */
tt_filters *tt_filters_open(const char *const *rows, int n, tt_err *e);
void tt_filters_close(tt_filters *f);

int tt_filters_count(const tt_filters *f);
const tt_pick *tt_filters_pick(const tt_filters *f, int i);

/* *why: the place of the filter that drops the pair, -1: none. Duplicates are of the pairs that
     were asked for before and
   not dropped. Sides: valid UTF-8, trimmed (clean.h). */
int tt_filters_ask(tt_filters *f, const tt_pair_text *pair, int *why, tt_arena *a, tt_err *e);

/* The language whose common words stand most often in a text, "en"; NULL: none, or two are equal.
   *hits, where not NULL, how often those of `of` do. */
const char *tt_common_words(const char *text, size_t len, const char *of, int *most, int *hits);

#endif
