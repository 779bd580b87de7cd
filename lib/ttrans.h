/* ttrans.h: the library's one public header.
 *
 *     tt_err e;
 *     if (tt_something(..., &e)) fprintf(stderr, "%s\n", e.msg);
 *
 * A function that can fail takes a `tt_err *` last, returns 0 or a negative code of TT_ERRORS, and
 * on failure leaves code and message there. Strings are UTF-8. Nothing here prints, exits or keeps
 * global state. Who owns what is said at each declaration; what `open` gives, `close` takes back,
 * and closing NULL is allowed.
 */
#ifndef TTRANS_H
#define TTRANS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TT_VERSION "0.1.0"

/* ---- errors -------------------------------------------------------------------------------- */

/* name, code, exit status (sysexits(3)), meaning */
#define TT_ERRORS(X)                                                                               \
    X(USAGE, -1, 64, "wrong use of the command line")                                              \
    X(DATA, -2, 65, "input data is wrong")                                                         \
    X(FORMAT, -3, 65, "file is not in the expected format, or damaged")                            \
    X(NOINPUT, -4, 66, "input cannot be opened")                                                   \
    X(INTERNAL, -5, 70, "internal error")                                                          \
    X(DIVERGED, -6, 70, "training diverged")                                                       \
    X(NOMEM, -7, 71, "out of memory or another resource of the system")                            \
    X(CREATE, -8, 73, "output cannot be created")                                                  \
    X(IO, -9, 74, "reading or writing failed")                                                     \
    X(STOPPED, -10, 75, "stopped on request; can be continued")                                    \
    X(CONFIG, -11, 78, "settings contradict each other")

#define TT_ERR_CODE_(name, code, status, meaning) TT_E##name = (code),
enum { TT_ERRORS(TT_ERR_CODE_) };
#undef TT_ERR_CODE_

typedef struct tt_err {
    int code;      /* 0, or negative: TT_EDATA … */
    char msg[500]; /* one line, no newline at the end */
} tt_err;

/* The exit status for a code: 0 for 0, else the sysexits(3) number of its row. */
int tt_err_status(int code);

/* ---- log ----------------------------------------------------------------------------------- */

enum { TT_LOG_ERROR, TT_LOG_WARN, TT_LOG_INFO, TT_LOG_DEBUG };

/* Where messages go: `line` has no newline. A zeroed tt_log is silent. May be called from any
   thread, one call at a time. */
typedef struct tt_log {
    void (*line)(void *ctx, int level, const char *line);
    void *ctx;
    int level; /* messages above this level are dropped before formatting */
} tt_log;

/* ---- lines of text ------------------------------------------------------------------------- */

/* Text line by line, split at newlines only; plain or gzip, "-" is standard input. See io/lines.h. */
typedef struct tt_lines tt_lines;

tt_lines *tt_lines_open(const char *path, size_t max_line, tt_err *e); /* 0: the default cap */
void tt_lines_close(tt_lines *in);

/* 1: *line holds *len bytes, borrowed until the next call; 0: end; negative: a code, message in *e. */
int tt_lines_next(tt_lines *in, const char **line, size_t *len, tt_err *e);

size_t tt_lines_number(const tt_lines *in);    /* of the line given last; from 1 */
const char *tt_lines_name(const tt_lines *in); /* path as given, or "standard input" */

/* ---- vocabulary ---------------------------------------------------------------------------- */

typedef struct tt_vocab tt_vocab;

/* Opens a SentencePiece model file. It must have an eos piece. Threads may share it. NULL on failure. */
tt_vocab *tt_vocab_open(const char *path, tt_err *e);
void tt_vocab_close(tt_vocab *v);

typedef struct tt_vocab_info {
    int size;                /* pieces; ids are 0 … size-1 */
    const char *type;        /* "unigram" or "bpe" */
    const char *normaliser;  /* "nmt_nfkc", … ; the vocabulary's */
    int byte_fallback;       /* 1: characters without a piece become bytes, so nothing is unknown */
    int eos, unk, bos, pad;  /* ids; -1: none */
} tt_vocab_info;

void tt_vocab_describe(const tt_vocab *v, tt_vocab_info *info);
int tt_vocab_size(const tt_vocab *v);
const char *tt_vocab_piece(const tt_vocab *v, int id); /* the vocabulary's; NULL out of range */
float tt_vocab_score(const tt_vocab *v, int id);       /* log probability (unigram) or rank (bpe) */

typedef struct tt_vocab_options {
    const char *const *inputs; /* files, plain or .gz, "-" for the standard input */
    int n_inputs;
    int tsv;                   /* 1: every TAB-separated column is a sentence, else the line is */
    int bpe;                   /* 0: unigram */
    int size;                  /* pieces, specials included */
    double coverage;           /* of characters, 0 < coverage <= 1 */
    int byte_fallback;
    const char *const *symbols; /* user-defined symbols, each always one piece */
    int n_symbols;
    const char *normaliser;     /* nmt_nfkc (NULL), nfkc, nmt_nfkc_cf, nfkc_cf, identity */
    size_t sample;              /* train on at most so many sentences, drawn evenly; 0: all */
    uint64_t seed;              /* of the drawing */
} tt_vocab_options;

/* Trains on one thread and writes the model file `path` at once or not at all; the same input and
   options give the same bytes. The size of the sample is logged. */
int tt_vocab_train(const char *path, const tt_vocab_options *o, const tt_log *log, tt_err *e);

enum { TT_VOCAB_TO_IDS, TT_VOCAB_TO_PIECES, TT_VOCAB_FROM_IDS, TT_VOCAB_FROM_PIECES };

/* Converts a file line by line, text to tokens separated by spaces or back; "-" is the standard
   input or output. TT_EDATA, with the line, for a word that is no id or no piece. */
int tt_vocab_convert(const tt_vocab *v, int how, const char *in, const char *out, const tt_log *log, tt_err *e);

/* ---- model settings ------------------------------------------------------------------------ */

/* ---- model file ---------------------------------------------------------------------------- */

/* A .ttm file: settings, vocabulary and weights. Opening reads and checks header and directory, not
   the data: it takes a millisecond, whatever the size. See ttrans-model(5). */
typedef struct tt_modelfile tt_modelfile;

/* name, number in the file, name for people, bytes of one number */
#define TT_TYPES(X)                                                                                \
    X(F32, 0, "f32", 4)                                                                            \
    X(BF16, 1, "bf16", 2)                                                                          \
    X(F16, 2, "f16", 2)                                                                            \
    X(I8, 3, "int8", 1)                                                                            \
    X(U8, 4, "bytes", 1)

#define TT_TYPE_NUMBER_(name, number, text, width) TT_TYPE_##name = (number),
enum { TT_TYPES(TT_TYPE_NUMBER_) TT_TYPE_COUNT };
#undef TT_TYPE_NUMBER_
enum { TT_CODEC_STORED, TT_CODEC_DEFLATE, TT_CODEC_COUNT };

/* One tensor of the file; all borrowed from it. */
typedef struct tt_entry {
    const char *name;
    int type, codec;      /* TT_TYPE_…, TT_CODEC_… */
    size_t rows, cols;    /* shape */
    uint64_t offset;      /* of its bytes in the file */
    size_t stored, raw;   /* bytes in the file; bytes once decompressed */
    uint32_t crc;         /* CRC-32 of the stored bytes */
} tt_entry;

/* NULL on failure: TT_ENOINPUT (missing, a directory), TT_EFORMAT (empty, cut off, foreign, newer,
   damaged), TT_ENOMEM. */
tt_modelfile *tt_modelfile_open(const char *path, tt_err *e);
void tt_modelfile_close(tt_modelfile *mf);

const char *tt_modelfile_name(const tt_modelfile *mf); /* the path it was opened by */
uint64_t tt_modelfile_size(const tt_modelfile *mf);    /* bytes of the file */

/* Metadata, sorted by key: the value of a key or NULL; the i-th pair, both NULL from the end on. */
const char *tt_modelfile_get(const tt_modelfile *mf, const char *key);
size_t tt_modelfile_meta_count(const tt_modelfile *mf);
void tt_modelfile_meta(const tt_modelfile *mf, size_t i, const char **key, const char **value);

/* Tensors, in the order of the file; NULL where there is none. */
size_t tt_modelfile_count(const tt_modelfile *mf);
const tt_entry *tt_modelfile_entry(const tt_modelfile *mf, size_t i);
const tt_entry *tt_modelfile_find(const tt_modelfile *mf, const char *name);

/* Reads the entry's bytes and holds them against their checksum: 0 or TT_EFORMAT. */
int tt_modelfile_check(const tt_modelfile *mf, const tt_entry *t, tt_err *e);

const char *tt_type_name(int type);     /* "f32" …; NULL if there is no such type */
const char *tt_codec_name(int codec);   /* "stored", "deflate" */

/* ---- training ------------------------------------------------------------------------------ */

/* ---- translation --------------------------------------------------------------------------- */

/* ---- scoring ------------------------------------------------------------------------------- */

/* Corpus scores as sacreBLEU 2.6 computes them, to the last bit of the double.
 *
 *     tt_score *s = tt_score_open("chrf", NULL, 1, &e);
 *     while (more) rc = tt_score_add(s, hyp, &ref, &e);      // memory does not grow with segments
 *     tt_score_result r;
 *     tt_score_get(s, &r);                                   // r.score: 57.2
 *     tt_score_close(s);
 */
typedef struct tt_score tt_score;

/* UTF-8, borrowed, need not end in NUL. */
typedef struct tt_span {
    const char *text;
    size_t len;
} tt_span;

#define TT_SCORE_ORDER_MAX 16                  /* highest n-gram order that may be asked for */
#define TT_SCORE_SEGMENT_MAX ((size_t)16 << 20) /* bytes of one hypothesis or reference */

/* All zero is sacreBLEU's default: {0}. */
typedef struct tt_score_options {
    const char *tokenize;   /* bleu: "13a" (NULL) or "none" */
    const char *smooth;     /* bleu: "exp" (NULL), "floor", "add-k", "none" */
    const double *smooth_value; /* bleu: for floor (NULL: 0.1) and add-k (NULL: 1); read at open */
    int effective_order;    /* bleu: 1 for single sentences */
    int max_order;          /* bleu: 0 means 4 */
    int char_order;         /* chrf: 0 means 6 */
    int word_order;         /* chrf: 0; 2 makes it chrF++ */
    int beta;               /* chrf: 0 means 2 */
    int whitespace;         /* chrf: 1 counts white space too */
    int eps_smoothing;      /* chrf: 1 smooths with epsilon instead of skipping empty orders */
} tt_score_options;

typedef struct tt_score_result {
    double score;        /* 0 … 100 */
    char name[32];       /* "BLEU", "chrF2", "chrF2++" */
    char verbose[320];   /* bleu: "82.4/50.0/45.5/37.5 (BP = 0.943 …)"; chrf: "" */
    char signature[160]; /* "nrefs:1|case:mixed|…|version:2.6.0|impl:ttrans-…" */
} tt_score_result;

/* `metric` is "bleu" or "chrf"; every segment will have `refs` >= 1 references; `o` may be NULL.
   NULL on failure: TT_EUSAGE, naming what is unknown or out of range, TT_ENOMEM. */
tt_score *tt_score_open(const char *metric, const tt_score_options *o, int refs, tt_err *e);
void tt_score_close(tt_score *s);

/* One more segment; refs[0 … refs-1] are its references. White space at the end of each is dropped.
   TT_EDATA for what is not UTF-8 or above TT_SCORE_SEGMENT_MAX, naming the hypothesis or the
   reference; TT_ENOMEM. After an error the sums are as before. */
int tt_score_add(tt_score *s, tt_span hyp, const tt_span *refs, tt_err *e);

void tt_score_get(const tt_score *s, tt_score_result *r);      /* of all segments so far */
void tt_score_get_last(const tt_score *s, tt_score_result *r); /* of the last segment alone */
void tt_score_reset(tt_score *s);                              /* forgets the segments */
size_t tt_score_segments(const tt_score *s);

/* "bleu", "chrf", …: the i-th metric, NULL from the end on; the i-th tokeniser likewise. */
const char *tt_score_metric(int i);
const char *tt_score_tokenizer(int i);

/* ---- attention maps ------------------------------------------------------------------------ */

#ifdef __cplusplus
}
#endif
#endif
