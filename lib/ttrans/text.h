/* text.h: lines of text as they are read, and the vocabulary that makes tokens of them.
 *
 *     tt_lines *in = tt_lines_open("text.en", 0, &e);
 *     while ((rc = tt_lines_next(in, &line, &len, &e)) > 0) …;              // 0: the end
 *     tt_lines_close(in);
 *
 *     tt_vocab *v = tt_vocab_open("en-es.spm", &e);
 *     rc = tt_vocab_convert(v, TT_VOCAB_TO_PIECES, "text.en", "-", NULL, &e);
 *     tt_vocab_close(v);
 */
#ifndef TTRANS_TEXT_H
#define TTRANS_TEXT_H

#include "ttrans/error.h"

TT_C_BEGIN

/* ---- lines of text ------------------------------------------------------------------------- */

/* Encodings of a text. A byte order mark comes before what is asked for. */
enum {
    TT_TEXT_UTF8,   /* and what a mark says, UTF-16 and UTF-32 too; the mark is taken off */
    TT_TEXT_MARKED, /* the same, but the mark of UTF-8 stays, as other programs have it */
    TT_TEXT_UTF16,  /* without a mark too */
    TT_TEXT_WINDOWS_1252,
    TT_TEXT_LATIN_1,
    TT_TEXT_LATIN_9,
    TT_TEXT_AUTO /* UTF-8, or Windows-1252 where the first line beyond ASCII is no UTF-8 */
};

/* Text line by line, split at newlines only; plain or gzip, "-" is standard input. What begins as
   something that is no text (a PDF file, compressed otherwise, a model, …) is TT_EDATA, saying what
   it is. See io/lines.h. */
typedef struct tt_lines tt_lines;

tt_lines *tt_lines_open(const char *path, size_t max_line,
                        tt_err *e); /* 0: the default cap; TT_TEXT_UTF8 */
tt_lines *tt_lines_open_as(const char *path, size_t max_line, int encoding, tt_err *e);
void tt_lines_close(tt_lines *in);

/* 1: *line holds *len bytes, borrowed until the next call; 0: end; negative: a code, message in *e.
 */
int tt_lines_next(tt_lines *in, const char **line, size_t *len, tt_err *e);

size_t tt_lines_number(const tt_lines *in);    /* of the line given last, in its file; from 1 */
const char *tt_lines_name(const tt_lines *in); /* path as given, or "standard input" */

/* ---- vocabulary ---------------------------------------------------------------------------- */

typedef struct tt_vocab tt_vocab;

/* Opens a SentencePiece model file, or the vocabulary inside a model file (.ttm). It must have an
   eos piece. Threads may share it. NULL on failure. */
tt_vocab *tt_vocab_open(const char *path, tt_err *e);
void tt_vocab_close(tt_vocab *v);

typedef struct tt_vocab_info {
    int size;               /* pieces; ids are 0 … size-1 */
    const char *type;       /* "unigram" or "bpe" */
    const char *normaliser; /* "nmt_nfkc", … ; the vocabulary's */
    int byte_fallback;      /* 1: characters without a piece become bytes, so nothing is unknown */
    int eos, unk, bos, pad; /* ids; -1: none */
} tt_vocab_info;

void tt_vocab_describe(const tt_vocab *v, tt_vocab_info *info);
int tt_vocab_size(const tt_vocab *v);
const char *tt_vocab_piece(const tt_vocab *v, int id); /* the vocabulary's; NULL out of range */
float tt_vocab_score(const tt_vocab *v, int id);       /* log probability (unigram) or rank (bpe) */

typedef struct tt_vocab_options {
    const char *const *inputs; /* files, plain or .gz, "-" for the standard input */
    int n_inputs;
    int tsv;         /* 1: every TAB-separated column is a sentence, else the line is */
    int bpe;         /* 0: unigram */
    int size;        /* pieces, specials included */
    double coverage; /* of characters, 0 < coverage <= 1 */
    int byte_fallback;
    const char *const *symbols; /* user-defined symbols, each always one piece */
    int n_symbols;
    const char *normaliser; /* a row of the family normaliser; NULL: nmt_nfkc */
    size_t sample;          /* train on at most so many sentences, drawn evenly; 0: all */
    uint64_t seed;          /* of the drawing */
} tt_vocab_options;

/* Trains on one thread and writes the model file `path` at once or not at all; the same input and
   options give the same bytes. The size of the sample is logged. */
int tt_vocab_train(const char *path, const tt_vocab_options *o, const tt_log *log, tt_err *e);

enum { TT_VOCAB_TO_IDS, TT_VOCAB_TO_PIECES, TT_VOCAB_FROM_IDS, TT_VOCAB_FROM_PIECES };

/* Converts a file line by line, text to tokens separated by spaces or back; "-" is the standard
   input or output. TT_EDATA, with the line, for a word that is no id or no piece. */
int tt_vocab_convert(const tt_vocab *v, int how, const char *in, const char *out, const tt_log *log,
                     tt_err *e);

TT_C_END

#endif
