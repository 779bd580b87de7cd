/* translate.h: a window of lines to their translations, on all threads; the public part is in
 * ttrans.h.
 *
 *     tt_item items[n];                          // text, len, number of each line
 *     TT_TRY(tt_translate_window(t, items, n, &stats, e));
 *     items[i].out, items[i].out_len             // borrowed until the next window
 *
 * Three passes over the workers: lines are cleaned, encoded, and split where they are too long; the
 * parts of all lines, sorted by length, are searched in batches; each line's output is laid out.
 */
#ifndef TT_SEARCH_TRANSLATE_H
#define TT_SEARCH_TRANSLATE_H

#include "ttrans.h"

typedef struct tt_item {
    const char *text; /* a line without its newline */
    size_t len;
    size_t number;   /* its place in the stream, from 0: the first field of an n-best list */
    const char *out; /* what to write for it, the last newline included */
    size_t out_len;
} tt_item;

/* Adds to *stats. On failure no item has an output. */
int tt_translate_window(tt_translator *t, tt_item *items, size_t n, tt_translate_stats *stats,
                        tt_err *e);

/* Lines that a window should hold at most. */
size_t tt_translate_window_lines(const tt_translator *t);

double tt_translate_load_seconds(const tt_translator *t);
/* What attn.c needs of it; borrowed until close. The run is that of the caller's thread. */
typedef struct tt_translator_parts {
    struct tt_model *model;
    const tt_vocab *vocab;
    struct tt_run *run;
    const struct tt_search_opts *search;
    int limit; /* source tokens of a sentence, eos counted */
} tt_translator_parts;

tt_translator_parts tt_translator_look(tt_translator *t);

double tt_translate_clock(void); /* seconds, from some moment on */

#endif
