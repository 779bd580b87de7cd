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
    void (*progress)(void *ctx, const char *line); /* how far a long part of the work is: the next line takes this one's
                                                      place; or NULL */
} tt_log;

/* Processors this process may run on, at least 1. */
int tt_cpu_count(void);

/* The processor's own name, "" where it has none; cut off at `cap` bytes, of which 64 are enough. */
void tt_cpu_name(char *name, size_t cap);

/* ---- lines of text ------------------------------------------------------------------------- */

/* Encodings of a text. A byte order mark comes before what is asked for. */
enum {
    TT_TEXT_UTF8,         /* and what a mark says, UTF-16 and UTF-32 too; the mark is taken off */
    TT_TEXT_MARKED,       /* the same, but the mark of UTF-8 stays, as other programs have it */
    TT_TEXT_UTF16,        /* without a mark too */
    TT_TEXT_WINDOWS_1252,
    TT_TEXT_LATIN_1,
    TT_TEXT_LATIN_9,
    TT_TEXT_AUTO          /* UTF-8, or Windows-1252 where the first line beyond ASCII is no UTF-8 */
};

/* Text line by line, split at newlines only; plain or gzip, "-" is standard input. What begins as something that is no
   text (a PDF file, compressed otherwise, a model, …) is TT_EDATA, saying what it is. See io/lines.h. */
typedef struct tt_lines tt_lines;

tt_lines *tt_lines_open(const char *path, size_t max_line, tt_err *e); /* 0: the default cap; TT_TEXT_UTF8 */
tt_lines *tt_lines_open_as(const char *path, size_t max_line, int encoding, tt_err *e);
void tt_lines_close(tt_lines *in);

/* 1: *line holds *len bytes, borrowed until the next call; 0: end; negative: a code, message in *e. */
int tt_lines_next(tt_lines *in, const char **line, size_t *len, tt_err *e);

size_t tt_lines_number(const tt_lines *in);    /* of the line given last, in its file; from 1 */
const char *tt_lines_name(const tt_lines *in); /* path as given, or "standard input" */

/* ---- processor ----------------------------------------------------------------------------- */

/* The instruction set that arithmetic uses here: `want` ("c", "avx2", …), or the best this CPU has
   for NULL or "". NULL with TT_EUSAGE for one that is unknown or that the CPU lacks. */
const char *tt_isa(const char *want, tt_err *e);

/* ---- vocabulary ---------------------------------------------------------------------------- */

typedef struct tt_vocab tt_vocab;

/* Opens a SentencePiece model file, or the vocabulary inside a model file (.ttm). It must have an eos
   piece. Threads may share it. NULL on failure. */
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

typedef struct tt_span { /* UTF-8, borrowed, need not end in NUL */
    const char *text;
    size_t len;
} tt_span;

/* Writes the model again to path, matrices stored as `type`; of a checkpoint, only the model. shortlist: bytes that
   tt_shortlist_bytes gave, to stand in the file; text NULL: what stands there already. `e` is not NULL.
   TT_EDATA, naming tensor and row, when a weight is not finite or too great for the type, unless that is f32. */
int tt_modelfile_convert(const tt_modelfile *in, const char *path, int type, tt_span shortlist, tt_err *e);

/* The bytes of a shortlist's file in its binary form, held against the vocabularies of the model; to be freed by the
   caller. TT_EFORMAT, TT_ENOINPUT, TT_ENOMEM. */
int tt_shortlist_bytes(char **bytes, size_t *len, const char *path, const tt_modelfile *mf, tt_err *e);

/* How far a tensor of one file is from that of another: |y - x| / |x|, Euclidean, of the whole and of the
   row where it is greatest. */
typedef struct tt_change {
    double error, worst;
    size_t row; /* of the worst, from 0 */
} tt_change;

/* u of b against t of a. TT_EFORMAT: another shape, no numbers, damaged. */
int tt_modelfile_change(tt_change *c, const tt_modelfile *a, const tt_entry *t, const tt_modelfile *b,
                        const tt_entry *u, tt_err *e);

/* ---- other programs' models ------------------------------------------------------------------ */

typedef struct tt_import_options {
    const char *source;        /* a file, a folder, or a ZIP file of one */
    const char *model;         /* the model file to write */
    const char *const *vocabs; /* vocabularies: one for both sides, or the source's and the target's; none: found beside */
    int n_vocabs;
    int store;                 /* TT_TYPE_… of the matrices; -1: what they are stored as there */
} tt_import_options;

/* Makes a model file of a model of Marian (OPUS-MT, Bergamot), CTranslate2 or Hugging Face's MarianMT, recognised by its bytes.
   TT_EFORMAT for what is damaged, or has an option that this program cannot follow, naming it; TT_ENOINPUT for
   what is missing. `e` is not NULL. */
int tt_import(const tt_import_options *o, const tt_log *log, tt_err *e);

enum { TT_EXPORT_SAFETENSORS, TT_EXPORT_MARIAN, TT_EXPORT_CTRANSLATE2 };

/* Writes a folder with the model as the other program reads it: weights as f32, settings, vocabularies. TT_ECONFIG for a setting that
   the format has nothing like. `e` is not NULL. */
int tt_export(const char *model, const char *folder, int format, const tt_log *log, tt_err *e);

const char *tt_type_name(int type);     /* "f32" …; NULL if there is no such type */
const char *tt_codec_name(int codec);   /* "stored", "deflate" */

/* ---- training ------------------------------------------------------------------------------ */

/* Parallel text: two files in step, or with tgt NULL one TSV, source TAB target. Plain or .gz, "-" is
   standard input. */
typedef struct tt_source {
    const char *src, *tgt;
    double weight; /* how often a pair of it occurs in an epoch */
} tt_source;

enum { TT_REPORT_TICK, TT_REPORT_TRAIN, TT_REPORT_VALID, TT_REPORT_SKIPPED, TT_REPORT_SAVED, TT_REPORT_END };

/* What training tells while it runs. TICK: after every update; TRAIN: every `disp_every`, means since the
   last one; VALID: scores of the development set; SKIPPED: an update with a non-finite loss or
   gradient; SAVED: a checkpoint is on disk; END: the last one. */
typedef struct tt_report {
    int kind;
    long update;            /* updates done */
    double epoch;           /* epochs done, with the fraction */
    double loss, perplexity; /* nats a target token, label-smoothed; exp of the plain one */
    double rate, norm;      /* learning rate; gradient norm before clipping */
    double tokens_per_s;    /* target tokens */
    double elapsed, left;   /* seconds of training; until the end, negative: not known */
    double bleu, chrf;      /* VALID: of greedy translations */
    int best;               /* VALID: 1 when this is the best so far and was written to the model file */
    long tokens;            /* target tokens seen so far */
} tt_report;

typedef struct tt_train_options {
    const char *model;               /* where the model goes; its checkpoint is model.ckpt beside it */
    const char *vocab;               /* SentencePiece model; NULL with `from` */
    const char *from;                /* start from this model's weights and vocabulary, or NULL */
    const tt_source *sources;
    int n_sources;
    const tt_source *valid;          /* development set, or NULL */
    const char *const *settings;     /* model settings: name, value, name, value … (hyper.def) */
    int n_settings;                  /* pairs */
    int store;                       /* TT_TYPE_… of the weights in the model file */
    int restart;                     /* forget an earlier run's checkpoint */
    uint64_t seed;
    int threads;
    int shards;                      /* parts of a batch whose gradients are summed in order; at most so many threads work */
    int batch_tokens, window, accumulate;
    int max_tokens;                  /* longest side of a pair */
    double max_ratio;
    const char *optimizer, *schedule; /* rows of their tables; schedule NULL: linear when the run has an end in
                                         time, else inverse-sqrt */
    double rate;                     /* peak learning rate; for noam its factor */
    double beta1, beta2, epsilon, decay;
    double clip;                     /* largest gradient norm, per target token; 0: none */
    double smoothing;
    int sampled_softmax; /* outputs drawn beside an update's tokens (Jean et al. 2015); 0: all are computed */
    long warmup;                     /* updates */
    double cooldown;                 /* last part of the run, 0 … 1, in which the rate also falls to 0 */
    long max_updates;                /* the run ends at the first of these that is not 0 */
    double max_epochs, time_limit;   /* time_limit: seconds of training, over all restarts */
    long valid_every, disp_every, save_every; /* updates; 0: never (a model is written at the end in any case) */
    int patience;                    /* validations without a better one before the run ends; 0: any */
    int by_loss;                     /* the best model is that of least loss, not of most BLEU */
    int bad_limit;                   /* skipped updates in a row before giving up */
    const char *isa;                 /* kernels, or NULL */
    const volatile sig_atomic_t *stop; /* becomes non-zero: save and return TT_ESTOPPED; or NULL */
    const tt_log *log;
    void (*report)(void *ctx, const tt_report *r); /* or NULL; called on the caller's thread */
    void *report_ctx;
} tt_train_options;

void tt_train_defaults(tt_train_options *o);

/* Trains until an end is reached. Started again with the same options it goes on from the checkpoint and ends in
   the same bytes as an unbroken run (unless a time limit plans the rate). 0; TT_ESTOPPED after
   saving; TT_EDIVERGED after `bad_limit` skipped updates, the last good model kept; or an error. */
int tt_train(const tt_train_options *o, tt_err *e);

/* Names and summaries of optimisers and schedules; NULL from the end on. */
const char *tt_train_optimizer(int i, const char **help);
const char *tt_train_schedule(int i, const char **help);

/* ---- lexical shortlists --------------------------------------------------------------------- */

/* A shortlist holds, for each source token, the target tokens that translate it, so that a translator need not
   look at the others: see search/shortlist.h. */
typedef struct tt_shortlist_options {
    const char *vocab;        /* SentencePiece model, or a model file with one; for both sides */
    const tt_source *sources; /* parallel text */
    int n_sources;
    const char *alignments;   /* word alignments of the one source, in Pharaoh form; NULL: learned (IBM Model 1) */
    int first;                /* ids below are in each sentence's list; the end of a sentence is in any case */
    int frequent;             /* so many of the text's most frequent target tokens as well */
    int best;                 /* most targets of a source token */
    double threshold;         /* and their least probability */
    int iterations;           /* of learning */
    int max_tokens;           /* pairs with a longer side are left out */
    int threads;
    int text;                 /* 1: written as lines TARGET SOURCE PROBABILITY, else in the binary form */
} tt_shortlist_options;

/* Makes one and writes it at once or not at all; the same bytes whatever the threads. `e` is not NULL. TT_EDATA, naming
   file and line, for wrong text; TT_ECONFIG for alignments with several sources. */
int tt_shortlist_make(const char *path, const tt_shortlist_options *o, const tt_log *log, tt_err *e);

typedef struct tt_shortlist_cover {
    size_t pairs, tokens, covered; /* target tokens, ends counted; of these within their sentence's list */
    double words;                  /* mean length of a sentence's list */
    size_t whole;                  /* pairs whose target tokens are all within */
} tt_shortlist_cover;

/* How well the shortlist at path would serve the text of o (its vocab, sources, max_tokens and threads). `e` is not NULL. */
int tt_shortlist_test(const char *path, const tt_shortlist_options *o, tt_shortlist_cover *c, const tt_log *log,
                      tt_err *e);

/* ---- translation --------------------------------------------------------------------------- */

/* Lines of text to lines of text, one for one and in order.
 *
 *     tt_translate_options o;
 *     tt_translate_init(&o);                        // what the model, or else this program, finds best
 *     tt_translator *t = tt_translator_open("en-es.ttm", &o, &e);
 *     rc = tt_translate_line(t, "Good morning.", 13, &out, &len, &e);      // out: "Buenos días.\n"
 *     rc = tt_translate_file(t, "-", "-", NULL, &stats, &e);               // until the input ends
 *     tt_translator_close(t);
 *
 * The output depends on the text, the model and the options of the search: not on threads, batches or
 * neighbouring lines. One call at a time.
 */
typedef struct tt_translator tt_translator;

enum { TT_ALIGN_NONE, TT_ALIGN_HARD, TT_ALIGN_SOFT };

enum { TT_COMPUTE_AUTO = -1, TT_COMPUTE_BF16_BOTH = -2 };
/* Of word_penalty: what the model's file says, else nothing. */
#define TT_MODEL_SAYS (-1e9)

/* How a line is cut before it is translated: at ends of sentences, or only where it is too long. */
enum { TT_SPLIT_SENTENCE, TT_SPLIT_NONE, TT_SPLIT_PARAGRAPH };

typedef struct tt_translate_options {
    const char *const *more_inputs; /* (n_more_inputs) files read behind that of tt_translate_file, as one text; borrowed */
    int n_more_inputs;
    int encoding;             /* of the input: TT_TEXT_… */
    const char *isa;          /* instruction set of the kernels; NULL: the best this CPU has */
    int threads;              /* 0: all processors */
    int compute;              /* of matrix products: TT_TYPE_F32, TT_TYPE_BF16 (weights rounded), TT_TYPE_I8,
                                 TT_COMPUTE_BF16_BOTH (what they meet rounded too);
                                 TT_COMPUTE_AUTO: the one that the file's matrices are stored in, f32 for f16 */
    int beam;                 /* 1: greedy search; 0: as the model's file says, else 4 */
    double normalize;         /* scores are divided by length to this power; 0: not; negative: as the model's file says,
                                 else 0.6; for pairs 0 */
    double word_penalty;      /* subtracted for each token */
    double max_length_factor; /* most target tokens for a source token; 0: as the model's file says, else 3 */
    int min_length;           /* least target tokens of a sentence, its end not counted; 0: it may have no translation */
    int split;                /* TT_SPLIT_…; negative: as the model's file says, else SENTENCE. PARAGRAPH joins lines up to a blank one */
    int keep;                 /* 1: what is no language (text/keep.h) comes out as it went in */
    const char *const *patterns; /* (n_patterns) POSIX extended regular expressions of what else is kept; borrowed */
    int n_patterns;
    int capitals;             /* 1: sentences in capitals are read in small letters; negative: unless decode.capitals in the file is 1 */
    int max_length;           /* longer sentences are split into parts of so many tokens; 0: as the model needs */
    int allow_unk;            /* 1: the unknown piece may be chosen; negative: as the model's file says, else not */
    int n_best;               /* 0: the plain form, else so many hypotheses a line; negative: as many as the beam */
    int scores, word_scores;  /* 1: printed */
    int alignment;            /* TT_ALIGN_…: printed */
    int alignment_pieces;     /* 1: between tokens, ends of sentences counted; 0: between words */
    double threshold;         /* of hard links; 1: the greatest weight alone */
    int links;                /* 1: made ready for tt_translate_document */
    int replace_unk;          /* 1: an unknown piece is chosen where it is likely, and what is written for it is the
                                 source word that was looked at most */
    int json;                 /* 1: lines are JSON objects, {"text": …}, and so is what is written; see layout.h */
    int pairs;                /* 1: lines are SOURCE TAB TARGET (more columns are passed over), and what is written is
                                 the score of each: its log probability */
    const char *targets;      /* or the targets are the lines of this file; borrowed; NULL: not */
    int filter;               /* 1: what is written is instead the pairs of score `least` or above */
    double least;
    const char *const *more_models; /* (n_more) further models of an ensemble, with the same vocabulary; borrowed */
    int n_more;
    const double *weights;    /* (1 + n_more) of their log probabilities; NULL: 1 each; borrowed */
    int prefix;               /* 1: lines may be SOURCE TAB PREFIX, what the translation has to begin with, */
    const char *prefix_text;  /* unless all begin with this; borrowed until close */
    const char *shortlist;    /* file of likely translations (ttrans-shortlist), the only tokens computed; "": the one inside
                                 the model's file, which has to be there; NULL: that one if it is there */
    int no_shortlist;         /* 1: the list inside the model's file is not used, either */
    const char *glossary;     /* file of SOURCE TAB TARGET: where the one is translated, the other stands; of SOURCE alone: it
                                 stays as it is; NULL: none */
    int sampling;             /* 1: hypotheses are drawn, not searched; the beam is not used */
    double temperature;       /* of what is drawn; below 1 likelier, above 1 more varied */
    int top_k;                /* drawn from the k likeliest tokens; 0: from all */
    double top_p;             /* from the likeliest that together have this probability; 1: from all */
    uint64_t seed;
    int no_repeat;            /* no so many tokens in a row twice in a translation; 0: allowed */
    int checks;               /* 1: a translation that looks wrong (TT_FAULTS) is searched again, and the better one
                                 written; not for samples, pairs, n-best lists and given beginnings */
    int retry_loops;          /* 1: without checks, those that repeat themselves still are */
    double coverage;          /* strength of the coverage penalty (Wu et al. 2016); 0: none */
    int diversity_groups;     /* the beam is shared out to so many, */
    double diversity_strength; /* and each keeps away from the tokens of those before it */
    int mini_batch;           /* most sentences of a batch */
    int mini_batch_words;     /* most source tokens of a batch, each counted once for every hypothesis of a beam where that
                                 leaves 24 of them or more; fewer where their keys and values would take more than 16 KiB
                                 a token and 32 MiB, twice as much up to 24; a longer sentence is a batch of its own */
    int maxi_batch;           /* batches read ahead and sorted by length together */
    int cache;                /* MiB of sentences remembered with their translations; 0: equal ones are searched each time */
} tt_translate_options;

void tt_translate_init(tt_translate_options *o);

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
    size_t lines, blank;         /* read, as many written; of these with nothing to translate */
    size_t bytes;                /* read, newlines counted */
    size_t words;                /* of the input, between white space */
    size_t sentences;            /* translated: lines and parts of lines */
    size_t source_tokens, target_tokens; /* pieces, ends of sentences counted */
    size_t recalled;             /* sentences that equal another, and were not searched again */
    size_t split;                /* lines translated in parts */
    size_t bad_json;             /* lines that were no request, and got an error as their answer */
    size_t bad_utf8, nul;        /* bad parts of UTF-8, NUL bytes: replaced */
    int windows_1252;            /* 1: what is no UTF-8 at the beginning makes sense as Windows-1252 */
    size_t cut;                  /* characters that alone exceeded the model's reach, shortened */
    size_t unscored;             /* pairs of which a side exceeds the model's reach: their score is -inf */
    size_t dropped;              /* pairs that the filter did not let through */
    size_t batches;              /* searched or scored */
    size_t smaller;              /* of those: cut sooner than asked for, by what their keys and values would take */
    size_t faults[TT_FAULT_COUNT]; /* sentences whose translation, as written, is suspected of each; */
    size_t suspects;             /* of any */
    size_t retried, mended;      /* searched again on suspicion; of these without a fault then */
    size_t unmet;                /* terms of the glossary that do not stand in the translation */
    char unmet_terms[3][64];     /* the first of them, as "dog → can", cut short where they are long; "": none */
    double load_seconds, seconds; /* opening the model; reading, translating and writing */
} tt_translate_stats;

/* NULL on failure: TT_ENOINPUT, TT_EFORMAT (no model, damaged, without a vocabulary or with one of
   another size), TT_EUSAGE (an option out of range, an unknown instruction set), TT_ENOMEM. */
tt_translator *tt_translator_open(const char *model, const tt_translate_options *o, tt_err *e);
void tt_translator_close(tt_translator *t);

/* One line: no newline inside. *out (len), newline included, is borrowed until the next call on t. */
int tt_translate_line(tt_translator *t, const char *text, size_t text_len, const char **out, size_t *len,
                      tt_err *e);

/* Called between windows of lines, on the caller's thread. */
typedef struct tt_translate_watch {
    void (*report)(void *ctx, const tt_translate_stats *s);
    void *ctx;
} tt_translate_watch;

/* A file, plain or gzip, or "-", to a file or "-". Lines are translated as they come: what is there is
   taken together, up to the read-ahead, and written before more is waited for. On failure the lines
   before it have been written. watch and stats may be NULL. */
int tt_translate_file(tt_translator *t, const char *in, const char *out, const tt_translate_watch *watch,
                      tt_translate_stats *stats, tt_err *e);

/* The format of documents that a file's suffix means: "html", "markdown" …; NULL: plain text. */
const char *tt_document_format(const char *path);

/* The same of a document as a whole: what people read in it is translated, all else stays byte for byte. `to` is the
   language's code, for formats that name it; NULL: es. What is wrong in the document is said to the log as warnings,
   with lines. The translator must have been opened with `links`. TT_EUSAGE for an unknown format, TT_EDATA for more
   than 256 MiB. log, watch and stats may be NULL. */
int tt_translate_document(tt_translator *t, const char *in, const char *out, const char *format, const char *to,
                          const tt_log *log, const tt_translate_watch *watch, tt_translate_stats *stats, tt_err *e);

/* ---- figures of a machine ------------------------------------------------------------------ */

/* What this machine does with a model, row by row as it is measured, and then the settings to choose.
 *
 *     tt_bench_options o = {.types = 1u << TT_TYPE_F32 | 1u << TT_TYPE_I8, .parts = TT_BENCH_TEXT, .seconds = 30};
 *     rc = tt_bench("en-es.ttm", &o, show, ctx, &e);          // show(ctx, row) for each
 */
enum {
    TT_BENCH_PRODUCT,   /* isa, what, compute, m, n, k; rate: 10^9 operations a second, on one thread */
    TT_BENCH_READ,      /* threads; rate: 10^9 bytes a second from memory */
    TT_BENCH_START,     /* compute, threads; p50: seconds to open the model, p95: and to translate a first line of `words` */
    TT_BENCH_BULK,      /* compute, beam, threads, mini_batch…; rate: source words a second; memory */
    TT_BENCH_LINE,      /* compute, beam, threads, words; p50, p95: seconds of one line; memory */
    TT_BENCH_BEST_BULK, /* of all BULK rows of this beam the fastest, again */
    TT_BENCH_BEST_LINE  /* of the LINE rows the quickest for a usual line */
};

typedef struct tt_bench_row {
    int kind;         /* TT_BENCH_…: says which of the rest are set */
    int compute;      /* TT_TYPE_… of the products */
    const char *isa;  /* level of the kernels */
    const char *what; /* matrix: "self.qkv", "self.o", "ffn.1", "ffn.2", "output" */
    int m, n, k;      /* C (m,n) = A (m,k) B (k,n) */
    int beam, threads;
    int mini_batch, mini_batch_words; /* as in tt_translate_options; mini_batch 1: a sentence is a batch */
    int words;        /* of a line */
    double rate, p50, p95;
    size_t memory;    /* bytes at most in use for it; 0: the system does not say */
} tt_bench_row;

enum { TT_BENCH_PRODUCTS = 1, TT_BENCH_TEXT = 2 }; /* parts: PRODUCT and READ rows; the others */

typedef struct tt_bench_options {
    const char *isa;   /* NULL: the best this CPU has, and products on each */
    int threads;       /* the most; 0: all processors */
    int beam;          /* 0: 1 and 4 */
    unsigned types;    /* 1u << TT_TYPE_F32, BF16, I8: what is tried */
    int parts;         /* of the two above */
    double seconds;    /* to take; more where the model is so slow that measuring each setting once takes longer */
    const char *input; /* text to translate, plain or gzip, its first MiB; NULL: some that is built in */
} tt_bench_options;

/* The row is borrowed during the call. Errors as tt_translator_open; TT_EDATA for a text without a word. */
typedef void tt_bench_fn(void *ctx, const tt_bench_row *row);
int tt_bench(const char *model, const tt_bench_options *o, tt_bench_fn *fn, void *ctx, tt_err *e);

/* ---- scoring ------------------------------------------------------------------------------- */

/* Scores of translations as sacreBLEU 2.6 computes them, to the last bit of the double.
 *
 *     tt_score *s = tt_score_open("chrf", NULL, 1, &e);
 *     while (more) rc = tt_score_add(s, hyp, &ref, &e);      // memory does not grow with segments
 *     tt_score_result r;
 *     tt_score_get(s, &r);                                   // r.score: 57.2
 *     tt_score_close(s);
 *
 * A score serves one system and one metric; scores share nothing, so each may have a thread.
 */
typedef struct tt_score tt_score;

#define TT_SCORE_ORDER_MAX 16                  /* highest n-gram order that may be asked for */
#define TT_SCORE_SEGMENT_MAX ((size_t)16 << 20) /* bytes of one hypothesis or reference */
#define TT_SCORE_REFS_MAX 64                   /* references of one segment */

/* Cuts a line into tokens: calls `token(token_ctx, t)` for each in order, and stops with what that
   returns as soon as it is not 0. 0, or a code with its message in *e. The tokens may be given up
   when it returns. */
typedef int tt_token_fn(void *token_ctx, tt_span token);
typedef int tt_cut_fn(void *cut_ctx, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e);

/* All zero is sacreBLEU's default: {0}. What pointers point at is only read by tt_score_open, but
   for cut_ctx, which must outlive the score. Each metric reads its own fields and no others. */
typedef struct tt_score_options {
    const char *tokenize;   /* bleu: "13a" (NULL), another of tt_score_tokenizer, or, with `cut`, the
                               name that is signed: at most 63 bytes, no ':', '|' or white space */
    tt_cut_fn *cut;         /* bleu: tokenises instead, for example tt_pieces_cut; or NULL */
    void *cut_ctx;
    int lowercase;          /* bleu: 1 compares in lower case */
    const char *smooth;     /* bleu: "exp" (NULL), "floor", "add-k", "none" */
    const double *smooth_value; /* bleu: for floor (NULL: 0.1) and add-k (NULL: 1) */
    int effective_order;    /* bleu: 1 for single sentences */
    int max_order;          /* bleu: 0 means 4 */
    int char_order;         /* chrf: 0 means 6 */
    int word_order;         /* chrf: 0; 2 makes it chrF++ */
    int beta;               /* chrf: 0 means 2 */
    int whitespace;         /* chrf: 1 counts white space too */
    int eps_smoothing;      /* chrf: 1 smooths with epsilon instead of skipping empty orders */
    int chrf_lowercase;     /* chrf: 1 compares in lower case */
    int ter_normalized;     /* ter: 1 undoes entities and cuts off punctuation */
    int ter_no_punct;       /* ter: 1 deletes . , ? : ; ! " ( ) */
    int ter_asian;          /* ter: 1 lets these two know Chinese and Japanese characters and marks */
    int ter_case_sensitive; /* ter: 0 compares in lower case */
    int keep;               /* 1 keeps the statistics of every segment, for tt_score_confidence and
                               tt_score_compare: per segment 80 bytes (bleu), 144 (chrf), 16 (ter) */
} tt_score_options;

typedef struct tt_score_result {
    double score;        /* 0 … 100; TER may exceed 100, and the less the better */
    char name[32];       /* "BLEU", "chrF2", "chrF2++", "TER" */
    char verbose[320];   /* bleu: "82.4/50.0/45.5/37.5 (BP = 0.943 …)"; chrf, ter: "" */
    char signature[256]; /* as tt_score_sign without tags, long: "nrefs:1|case:mixed|…|impl:ttrans-…" */
    double hyp_len, ref_len; /* bleu: tokens; chrf: characters; ter: edits and mean tokens of the references */
    double bp;               /* bleu: brevity penalty, 0 … 1; others 1 */
    double precisions[TT_SCORE_ORDER_MAX]; /* bleu: percent, smoothed, of order 1, 2, …; others 0 */
} tt_score_result;

/* `metric` is "bleu", "chrf" or "ter"; every segment will have `refs` >= 1 references, some of which may be
   missing; `o` may be NULL. NULL on failure: TT_EUSAGE, naming what is unknown or out of range, TT_ENOMEM. */
tt_score *tt_score_open(const char *metric, const tt_score_options *o, int refs, tt_err *e);
void tt_score_close(tt_score *s);

/* One more segment; refs[0 … refs-1] are its references. A reference whose text is NULL is missing, which is not
   the same as an empty one; one at least must be there. White space at the end of each is dropped. TT_EDATA
   for what tt_score_check rejects or a segment without references, naming hypothesis or reference; what `cut` returned;
   TT_ENOMEM. After an error the sums are as before. */
int tt_score_add(tt_score *s, tt_span hyp, const tt_span *refs, tt_err *e);

/* The same for `n` systems: hyps[i] goes to scores[i]. All have the same metric, options and number of references
   (TT_EUSAGE if seen), and what there is to do with these is done once. After an error no score has changed. */
int tt_score_add_each(tt_score *const *scores, int n, const tt_span *hyps, const tt_span *refs, tt_err *e);

/* TT_EDATA for what is not UTF-8, saying at which byte, or above TT_SCORE_SEGMENT_MAX. */
int tt_score_check(tt_span line, tt_err *e);
tt_span tt_score_strip(tt_span line); /* without the white space at its end, Unicode's included */

void tt_score_get(const tt_score *s, tt_score_result *r);      /* of all segments so far */
void tt_score_get_last(const tt_score *s, tt_score_result *r); /* of the last segment alone */
void tt_score_reset(tt_score *s);                              /* forgets the segments */
size_t tt_score_segments(const tt_score *s);

/* "bleu", "chrf", "ter": the i-th metric, NULL from the end on; the i-th tokeniser likewise: "13a", "none", "char",
   "intl", "zh". */
const char *tt_score_metric(int i);
const char *tt_score_tokenizer(int i);

/* The tokens that the score compares, in lower case where it does: bleu, ter: its words; chrf: as bleu with "none".
   They are the score's until its next call. Returns as tt_cut_fn; TT_EDATA for what tt_score_check rejects. */
int tt_score_words(tt_score *s, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e);

/* What a signature tells beside the options of the metric; zero and NULL are left out. */
typedef struct tt_score_tags {
    int bs, ar;                                     /* trials of the bootstrap, of the randomisation */
    const char *seed;                               /* "12345", "none" */
    const char *test, *lang, *origlang, *subset;
} tt_score_tags;

/* The signature, cut off at `cap` bytes (256 hold all without test and subset): "nrefs:1|bs:1000|seed:12345|…|
   version:2.6.0|impl:ttrans-0.1.0", or with `brief` sacreBLEU's short keys and "i" for impl: "#:1|…|v:2.6.0|i:…". nrefs is the number of references of the segments so far, or "var" if they differ. `tags` may be NULL. */
void tt_score_sign(const tt_score *s, const tt_score_tags *tags, int brief, char *text, size_t cap);

/* How to resample. All zero: {0}, is sacreBLEU's default for a confidence interval or a paired bootstrap. */
enum { TT_TRIALS_BOOTSTRAP, TT_TRIALS_RANDOMISATION };
typedef struct tt_trials {
    int kind;         /* TT_TRIALS_… */
    int count;        /* 0 means 1000, or 10000 for randomisation; at most 1000000 */
    const char *seed; /* a whole number in decimal digits, as SACREBLEU_SEED; NULL: "12345"; "none": from the system */
    int threads;      /* 0 means 1; the result does not depend on it */
} tt_trials;

typedef struct tt_certainty {
    double mean, ci; /* bootstrap: mean of the resampled scores, and half the width of their 95 % interval; else 0 */
    double p;        /* of a difference to the first system as great as this, or greater, by chance; 1 for the first */
} tt_certainty;

/* Bootstrap (Efron 1979; Koehn 2004) of one score: mean ± ci, as sacreBLEU's --confidence. The score was opened with
   `keep` and has segments. TT_EUSAGE for options out of range or a score that keeps nothing; TT_EDATA for 0 segments;
   TT_ENOMEM. */
int tt_score_confidence(const tt_score *s, const tt_trials *t, tt_certainty *c, tt_err *e);

/* Compares systems[1 … n-1] to systems[0], the baseline, into c[0 … n-1]: paired bootstrap (Koehn 2004) with intervals,
   or paired approximate randomisation (Riezler and Maxwell 2005). All scores have the same metric and options and the
   same number of segments, and keep them. As in sacreBLEU a seed of 0 is here as none. Errors as above. */
int tt_score_compare(const tt_score *const *systems, int n, const tt_trials *t, tt_certainty *c, tt_err *e);

/* A SentencePiece model as a tokeniser for tt_score_options:
 *
 *     tt_pieces *p = tt_pieces_open("flores200.model", &e);
 *     tt_score_options o = {.tokenize = "flores200", .cut = tt_pieces_cut, .cut_ctx = p};
 *
 * Threads may share it. NULL on failure: TT_ENOINPUT, TT_EFORMAT, TT_ENOMEM.
 */
typedef struct tt_pieces tt_pieces;

tt_pieces *tt_pieces_open(const char *path, tt_err *e);
void tt_pieces_close(tt_pieces *p);
int tt_pieces_cut(void *pieces, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e);
/* ---- what scores hide ---------------------------------------------------------------------- */

/* The first byte that is not UTF-8: its place from 0, or line.len when there is none. *column (may be
   NULL) counts characters from 1; *part (may be NULL): bytes that one U+FFFD stands for. */
size_t tt_utf8_bad(tt_span line, size_t *column, size_t *part);

/* Sums over segments that a score does not show. Words stand between white space; a number is a row
   of digits, points and commas inside it left out, so that 1,000.5 is 1.000,5. Of several references
   that with the nearest number of words counts, but a word or number is missed only where all miss it. */
typedef struct tt_facts {
    size_t segments;
    size_t empty;                    /* hypotheses without a word for a reference with some */
    size_t hyp_words, ref_words;
    size_t exact;                    /* hypotheses that are a reference, word for word */
    size_t repeated, ref_repeated;   /* words of phrases (1 … 4 words) said twice in a row */
    size_t numbers, lost, invented;  /* of the references; not in the hypothesis; only there */
    size_t sources, copied;          /* segments with a source; hypothesis is it, though no reference is */
    size_t source_words, copied_words; /* hypothesis words of those; from the source and in no reference */
} tt_facts;

typedef struct tt_fact_finder tt_fact_finder;

tt_fact_finder *tt_facts_open(tt_err *e);
void tt_facts_close(tt_fact_finder *f);

/* Adds one segment to *sums. Texts are valid UTF-8; `source` may be NULL. 0 or TT_ENOMEM. */
int tt_facts_add(tt_fact_finder *f, tt_facts *sums, tt_span hyp, const tt_span *refs, int n_refs,
                 const tt_span *source, tt_err *e);

/* Which words two texts share. A longest common subsequence is SAME; other words that the other text
   has left over are MOVED; the rest is OTHER. Punctuation at a word's ends is a word of its own. */
enum { TT_WORD_SAME, TT_WORD_MOVED, TT_WORD_OTHER };

typedef struct tt_marked {
    tt_span word; /* part of the text given */
    int mark;
} tt_marked;

typedef struct tt_comparison {
    const tt_marked *a, *b; /* until the next comparison */
    size_t a_len, b_len;
} tt_comparison;

/* Beyond 3000 words that differ in the middle of a text all of them are OTHER or MOVED. 0, TT_ENOMEM. */
int tt_facts_compare(tt_fact_finder *f, tt_comparison *c, tt_span a, tt_span b, tt_err *e);

/* ---- attention maps ------------------------------------------------------------------------ */

/* What each head of each layer looks at while a sentence becomes its translation.
 *     tt_attention *a = tt_attention_open(t, "The house.", 10, NULL, 0, &e);     // t translates it
 *     tt_attention_map m;
 *     rc = tt_attention_get(a, &m, TT_ATTENTION_CROSS, 0, 0, &e);
 *     m.weights[i * m.cols + j]: how much row i looks at column j
 */
typedef struct tt_attention tt_attention;
enum { TT_ATTENTION_CROSS, TT_ATTENTION_ENCODER, TT_ATTENTION_DECODER };
/* Row and column names are pieces of the vocabulary. A row of the cross and decoder maps is the token that was
   about to be produced; a column of the decoder's is what had been read: "<s>" or the token that the model starts from, then the
   tokens. */
typedef struct tt_attention_map {
    const float *weights; /* (rows, cols), each row sums to 1; until the next get or close */
    int rows, cols;
    const char *const *row_names, *const *col_names; /* until close */
    int layer, head;  /* from 1; head 0: the mean of all heads */
    int layers, heads; /* how many there are */
} tt_attention_map;

/* A target of NULL: the translation t finds. The vocabulary of t must outlive the result. NULL on failure: TT_EDATA
   for a sentence (or target) that is empty or longer than the model's reach, TT_ENOMEM. */
tt_attention *tt_attention_open(tt_translator *t, const char *text, size_t len, const char *target,
                                size_t target_len, tt_err *e);
void tt_attention_close(tt_attention *a);

/* layer 1, 2, … or 0 for the last; head 1, 2, … or 0 for the mean. TT_EUSAGE, with the range, and where the decoder has a recurrent
   unit or an average in place of attention. */
int tt_attention_get(tt_attention *a, tt_attention_map *m, int side, int layer, int head, tt_err *e);

/* From now on. words 1: a word's tokens as one: a column's weight is their sum, a row's their mean. ends 0: without ends
   of sentences; rows may sum to less than 1, and a map may have none. As opened: 0 and 1. */
void tt_attention_shape(tt_attention *a, int words, int ends);
const char *tt_attention_source(const tt_attention *a); /* both sides as text; until close */
const char *tt_attention_target(const tt_attention *a);

/* Calls fn for the sentence that a line is, or, beyond the model's reach, for each part of it, 0 … parts - 1; `a` is closed
   behind the call. Stops with what fn returns as soon as it is not 0; errors as tt_attention_open. */
typedef int tt_attention_fn(void *ctx, tt_attention *a, int part, int parts, tt_err *e);
int tt_attention_each(tt_translator *t, const char *text, size_t len, tt_attention_fn *fn, void *ctx, tt_err *e);
#ifdef __cplusplus
}
#endif
#endif
