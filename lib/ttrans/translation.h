/* translation.h: lines of text to lines of text, one for one and in order.
 *
 *     tt_translate_options o;
 *     tt_translate_init(&o);  // what the model, or else this program, finds best
 *     tt_translator *t = tt_translator_open("en-es.ttm", &o, &e);
 *     rc = tt_translate_line(t, "Good morning.", 13, &out, &len, &e);      // out: "Buenos días.\n"
 *     rc = tt_translate_file(t, "-", "-", NULL, &stats, &e);               // until the input ends
 *     tt_translator_close(t);
 *
 * The output depends on the text, the model and the options of the search: not on threads, batches
 * or neighbouring lines. One call at a time.
 */
#ifndef TTRANS_TRANSLATION_H
#define TTRANS_TRANSLATION_H

#include "ttrans/translate_options.h"

TT_C_BEGIN

typedef struct tt_translator tt_translator;

/* What a translation is suspected of: name, in JSON, words of a warning. */
#define TT_FAULTS(X)                                                                               \
    X(REPEATS, "repeats", "going round in circles")                                                \
    X(CUT, "cut", "ended at the length limit")                                                     \
    X(LONG, "long", "far too long")                                                                \
    X(SHORT, "short", "far too short")                                                             \
    X(COPY, "copy", "left as it was")                                                              \
    X(NUMBERS, "numbers", "with other numbers")                                                    \
    X(SENTENCES, "sentences", "with more or fewer sentences")

#define TT_FAULT_(name, json, text) TT_FAULT_##name,
enum { TT_FAULTS(TT_FAULT_) TT_FAULT_COUNT };
#undef TT_FAULT_

/* Sums over the lines so far. */
typedef struct tt_translate_stats {
    size_t lines, blank; /* read, as many written; of these with nothing to translate */
    size_t bytes;        /* read, newlines counted */
    size_t words;        /* of the input, between white space */
    size_t sentences;    /* translated: lines and parts of lines */
    size_t source_tokens, target_tokens; /* pieces, ends of sentences counted */
    size_t recalled;      /* sentences that equal another, and were not searched again */
    size_t split;         /* lines translated in parts */
    size_t bad_json;      /* lines that were no request, and got an error as their answer */
    size_t bad_utf8, nul; /* bad parts of UTF-8, NUL bytes: replaced */
    int windows_1252;     /* 1: what is no UTF-8 at the beginning makes sense as Windows-1252 */
    size_t cut;           /* characters that alone exceeded the model's reach, shortened */
    size_t unscored;      /* pairs of which a side exceeds the model's reach: their score is -inf */
    size_t dropped, overflowed; /* pairs that the filter kept back; sentences in which the model's
                                    arithmetic overflowed */
    size_t batches;             /* searched or scored */
    size_t
        smaller; /* of those: cut sooner than asked for, by what their keys and values would take */
    size_t
        faults[TT_FAULT_COUNT]; /* sentences whose translation, as written, is suspected of each; */
    size_t suspects;            /* of any */
    size_t retried, mended;     /* searched again on suspicion; of these without a fault then */
    size_t unmet;               /* terms of the glossary that do not stand in the translation */
    char unmet_terms[3][64]; /* the first of them, as "dog → can", cut short where they are long;
                                "": none */
    double load_seconds, seconds; /* opening the model; reading, translating and writing */
} tt_translate_stats;

/* NULL on failure: TT_ENOINPUT, TT_EFORMAT (no model, damaged, without a vocabulary or with one of
   another size), TT_EUSAGE (an option out of range, an unknown instruction set), TT_ENOMEM. */
tt_translator *tt_translator_open(const char *model, const tt_translate_options *o, tt_err *e);
void tt_translator_close(tt_translator *t);

/* One line: no newline inside. *out (len), newline included, is borrowed until the next call on t.
 */
int tt_translate_line(tt_translator *t, const char *text, size_t text_len, const char **out,
                      size_t *len, tt_err *e);

/* Called between windows of lines, on the caller's thread. */
typedef struct tt_translate_watch {
    void (*report)(void *ctx, const tt_translate_stats *s);
    void *ctx;
} tt_translate_watch;

/* A file, plain or gzip, or "-", to a file or "-". Lines are translated as they come: what is there
   is taken together, up to the read-ahead, and written before more is waited for. On failure the
   lines before it have been written. watch and stats may be NULL. */
int tt_translate_file(tt_translator *t, const char *in, const char *out,
                      const tt_translate_watch *watch, tt_translate_stats *stats, tt_err *e);

/* The format of documents that a file's suffix means: "html", "markdown" …; NULL: plain text. */
const char *tt_document_format(const char *path);

/* The same of a document as a whole: what people read in it is translated, all else stays byte for
   byte. `to` is the language's code, for formats that name it; NULL: es. What is wrong in the
   document is said to the log as warnings, with lines. The translator must have been opened with
   `links`. TT_EUSAGE for an unknown format, TT_EDATA for more than 256 MiB. log, watch and stats
   may be NULL. */
int tt_translate_document(tt_translator *t, const char *in, const char *out, const char *format,
                          const char *to, const tt_log *log, const tt_translate_watch *watch,
                          tt_translate_stats *stats, tt_err *e);

/* The texts that it would translate, one after the other, and the line of the document that each
   begins in; encoding as in the translator's options. Ends with what fn returns as soon as that is
   not 0. */
typedef int tt_document_fn(void *ctx, const char *text, size_t len, size_t line, tt_err *e);
int tt_document_each(const char *in, const char *format, int encoding, const tt_log *log,
                     tt_document_fn *fn, void *ctx, tt_err *e);

TT_C_END

#endif
