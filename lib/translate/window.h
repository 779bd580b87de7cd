/* window.h: a window of lines to their translations, on all threads; the public part is in
 * ttrans.h.
 *
 *     tt_item items[n];                          // line, source, number of each
 *     TT_TRY(tt_translate_window(t, items, n, &stats, e));
 *     items[i].out, items[i].out_len             // borrowed until the next window
 *
 * Three passes over the workers: lines are cleaned, encoded, and split where they are too long; the
 * parts of all lines, sorted by length, are searched in batches; each line's output is laid out.
 * Given pairs take the same way, whole, and are scored where others are searched.
 */
#ifndef TT_TRANSLATE_WINDOW_H
#define TT_TRANSLATE_WINDOW_H

#include "nn/network.h"
#include "markup/markup.h"
#include "translate/request.h"
#include "ttrans.h"

typedef struct tt_item {
    tt_span line;   /* as it was read, without its newline; in a pair of files the source's */
    tt_span source; /* what is to be translated */
    tt_span target; /* its given translation, or the beginning of it; text NULL: none */
    tt_span id;     /* of a JSON line; text NULL: none was given */
    int id_is_number;
    int n_best, alternatives; /* of a JSON line; 0: none were asked for */
    const tt_span *more;      /* (n_more) its other members, to be given back */
    size_t n_more;
    const tt_request_term *terms; /* (n_terms) of its own glossary */
    size_t n_terms;
    const tt_format *format; /* of its text; NULL: plain */
    const char *wrong;       /* why a JSON line is none; NULL: it is one */
    size_t number;   /* its place in the stream, from 0: the first field of an n-best list */
    const char *out; /* what to write for it, the last newline included */
    size_t out_len;
    tt_rendition made; /* of a translator that was opened with `links`: the translation alone, and
                          its links to the words of `source`; borrowed until the next window */
} tt_item;

/* Adds to *stats. On failure no item has an output. */
int tt_translate_window(tt_translator *t, tt_item *items, size_t n, tt_translate_stats *stats,
                        tt_err *e);

/* What stream.c needs of it. */
typedef struct tt_translator_plan {
    size_t lines;        /* that a window should hold at most */
    int pairs;           /* lines of input are pairs */
    int prefix;          /* lines are SOURCE, or SOURCE TAB PREFIX */
    int json;            /* lines are JSON */
    int paragraphs;      /* lines are joined up to a blank one */
    int filter;          /* what is written are lines of the input */
    int texts;           /* of a source, 1 or 2 */
    int links;           /* translations come with links between words */
    const char *targets; /* the file of their second halves; NULL: SOURCE TAB TARGET */
    double load_seconds;
    const tt_translate_options *options; /* the translator's */
} tt_translator_plan;

tt_translator_plan tt_translator_ask(const tt_translator *t);

/* The next line begins a document; so does one behind a blank one. A model that reads what stands
   before a sentence reads the lines of windows as one text. */
void tt_translator_begin(tt_translator *t);

/* What attn.c needs of it; borrowed until close. The run is that of the caller's thread. */
typedef struct tt_translator_parts {
    struct tt_model *model;
    const tt_vocab *source, *target; /* vocabularies */
    struct tt_run *run;
    const struct tt_search_opts *search;
    int limit;                  /* source tokens of a sentence, eos counted */
    int texts;                  /* of a source, 1 or 2 */
    tt_tell told;               /* what attention maps are of */
    struct tt_history *history; /* of the document at hand; NULL: none is read */
} tt_translator_parts;

tt_translator_parts tt_translator_view(tt_translator *t);

#endif
