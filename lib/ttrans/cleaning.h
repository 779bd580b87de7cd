/* cleaning.h: parallel text without the pairs that are not fit to be learned from.
 *
 *     // filters NULL: the usual ones
 *     tt_cleaning o = {.sources = &source, .n_sources = 1, .output = "clean.tsv"};
 *     tt_cleaned c;
 *     rc = tt_clean_text(&o, &c, &log, &e);
 *     for (i = 0; i < c.filters; i++) printf("%s %zu\n", c.name[i], c.dropped[i]);
 */
#ifndef TTRANS_CLEANING_H
#define TTRANS_CLEANING_H

#include "ttrans/training.h"

TT_C_BEGIN

enum { TT_CLEANING_FILTERS = 32 };

typedef struct tt_cleaning {
    const tt_parallel *sources; /* read one after the other; weights do not count */
    int n_sources;
    const char *const *filters; /* (n_filters) rows of the family, with their settings; NULL: every
                                   row but script and language, as it is */
    int n_filters;
    const char *output;   /* a TSV, "-" standard output; further columns are kept */
    const char *rejected; /* a TSV of what was dropped, the filter's name in front; or NULL */
} tt_cleaning;

typedef struct tt_cleaned {
    size_t read, kept;
    size_t dropped[TT_CLEANING_FILTERS]; /* (filters), each by the first that dropped the pair */
    const char *name[TT_CLEANING_FILTERS];
    int filters;
    size_t repaired; /* pairs with bad UTF-8 or control characters */
} tt_cleaned;

/* TT_EUSAGE for an unknown filter; TT_EDATA with file and line for a line without TAB; errors of
   files. */
int tt_clean_text(const tt_cleaning *o, tt_cleaned *c, const tt_log *log, tt_err *e);

TT_C_END

#endif
