/* ttm.h: model files, and those of other programs on their way in and out.
 *
 *     tt_modelfile *mf = tt_modelfile_open("en-es.ttm", &e);
 *     puts(tt_modelfile_get(mf, "model.dim"));                              // "256"
 *     rc = tt_modelfile_convert(mf, "small.ttm", TT_TYPE_I8, (tt_span){0}, &e);
 *     tt_modelfile_close(mf);
 *
 *     rc = tt_export("en-es.ttm", "folder", TT_EXPORT_MARIAN, NULL, &e);
 */
#ifndef TTRANS_TTM_H
#define TTRANS_TTM_H

#include "ttrans/error.h"

TT_C_BEGIN

/* A .ttm file: settings, vocabulary and weights. Opening reads and checks header and directory, not
   the data: it takes a millisecond, whatever the size. See ttrans-model(5). */
typedef struct tt_modelfile tt_modelfile;

/* name, number in the file, name for people, bytes of one number, help; the last one is for no
 * weights */
#define TT_TYPES(X)                                                                                \
    X(F32, 0, "f32", 4, "32-bit floats")                                                           \
    X(BF16, 1, "bf16", 2, "bfloat16: 32-bit floats, cut off")                                      \
    X(F16, 2, "f16", 2, "half floats")                                                             \
    X(I8, 3, "int8", 1, "8-bit whole numbers, each row with a scale")                              \
    X(U8, 4, "bytes", 1, "bytes as they are")

#define TT_TYPE_NUMBER_(name, number, text, width, help) TT_TYPE_##name = (number),
enum { TT_TYPES(TT_TYPE_NUMBER_) TT_TYPE_COUNT };
#undef TT_TYPE_NUMBER_
enum { TT_CODEC_STORED, TT_CODEC_DEFLATE, TT_CODEC_COUNT };

/* One tensor of the file; all borrowed from it. */
typedef struct tt_file_tensor {
    const char *name;
    int type, codec;    /* TT_TYPE_…, TT_CODEC_… */
    size_t rows, cols;  /* shape */
    uint64_t offset;    /* of its bytes in the file */
    size_t stored, raw; /* bytes in the file; bytes once decompressed */
    uint32_t crc;       /* CRC-32 of the stored bytes */
} tt_file_tensor;

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
const tt_file_tensor *tt_modelfile_entry(const tt_modelfile *mf, size_t i);
const tt_file_tensor *tt_modelfile_find(const tt_modelfile *mf, const char *name);

/* Reads the entry's bytes and holds them against their checksum: 0 or TT_EFORMAT. */
int tt_modelfile_check(const tt_modelfile *mf, const tt_file_tensor *t, tt_err *e);

typedef struct tt_modelfile_more {
    tt_span shortlist, spelling; /* that tt_shortlist_bytes and tt_speller_bytes gave; NULL: none */
} tt_modelfile_more;

/* Writes the model again to path, matrices stored as `type`; of a checkpoint, only the model. more:
   what takes the place of the file's own; or NULL. TT_EDATA, naming tensor and row, when a weight
   is not finite or too great for the type, unless that is f32. */
int tt_modelfile_convert(const tt_modelfile *in, const char *path, int type,
                         const tt_modelfile_more *more, tt_err *e);

/* The same with metadata, whatever the file had under these keys; of one key the last. */
typedef struct tt_modelfile_note {
    const char *key, *value; /* borrowed */
} tt_modelfile_note;
int tt_modelfile_convert_noted(const tt_modelfile *in, const char *path, int type,
                               const tt_modelfile_more *more, const tt_modelfile_note *notes,
                               size_t n, tt_err *e);

/* The mean of n models (at least one), or of the models in checkpoints, as f32. Settings, tensors
   and vocabularies must be the same: TT_ECONFIG names the first that is not. Of the notes train.…
   those that all have alike are kept. */
int tt_modelfile_average(tt_modelfile *const *in, size_t n, const char *path, tt_err *e);

/* Fails if NAME=VALUE is none for the metadata decode.NAME, which tell the search what no option
   does. Names: beam-size, normalize, word-penalty, max-length-factor, allow-unk, split
   (sentence, none), capitals (1: the model was trained on them), placeholders (0: the model was not
   trained on the reserved pieces ⟦0⟧ … ⟦9⟧ of its vocabulary). TT_EUSAGE. */
int tt_decode_check(const char *setting, tt_err *e);

/* The bytes of a shortlist's file in its binary form, held against the vocabularies of the model;
   to be freed by the caller. TT_EFORMAT, TT_ENOINPUT, TT_ENOMEM. */
int tt_shortlist_bytes(char **bytes, size_t *len, const char *path, const tt_modelfile *mf,
                       tt_err *e);

/* The bytes of a list of words of the source, WORD TAB COUNT a line; to be freed by the caller.
   TT_EFORMAT, with the line, TT_ENOINPUT, TT_ENOMEM. */
int tt_speller_bytes(char **bytes, size_t *len, const char *path, tt_err *e);

/* How far a tensor of one file is from that of another: |y - x| / |x|, Euclidean, of the whole and
   of the row where it is greatest. */
typedef struct tt_change {
    double error, worst;
    size_t row; /* of the worst, from 0 */
} tt_change;

/* u of b against t of a. TT_EFORMAT: another shape, no numbers, damaged. */
int tt_modelfile_change(tt_change *c, const tt_modelfile *a, const tt_file_tensor *t,
                        const tt_modelfile *b, const tt_file_tensor *u, tt_err *e);

const char *tt_type_name(int type);   /* "f32" …; NULL if there is no such type */
const char *tt_codec_name(int codec); /* "stored", "deflate" */

/* A model as equations, with the shapes of its matrices; and its sides drawn over some steps (1 to
   20), one beside the other. put gets each line, without its newline. TT_EFORMAT for a file that is
   no model. */
typedef void tt_line_fn(void *ctx, const char *line);
int tt_model_equations(const tt_modelfile *mf, tt_line_fn *put, void *ctx, tt_err *e);
int tt_model_unroll(const tt_modelfile *mf, int steps, tt_line_fn *put, void *ctx, tt_err *e);

/* ---- other programs' models ------------------------------------------------------------------ */

typedef struct tt_import_options {
    const char *source;        /* a file, a folder, or a package of one: ZIP, tar, .tar.gz */
    const char *model;         /* the model file to write */
    const char *const *vocabs; /* vocabularies: one for both sides, or the source's and the
                                  target's; none: found beside */
    int n_vocabs;
    int store; /* TT_TYPE_… of the matrices; -1: what they are stored as there */
} tt_import_options;

/* Makes a model file of a model of Marian (OPUS-MT, Bergamot), CTranslate2 or Hugging Face's
   MarianMT, recognised by its bytes. TT_EFORMAT for what is damaged, or has an option that this
   program cannot follow, naming it; TT_ENOINPUT for what is missing. */
int tt_import(const tt_import_options *o, const tt_log *log, tt_err *e);

enum { TT_EXPORT_SAFETENSORS, TT_EXPORT_MARIAN, TT_EXPORT_CTRANSLATE2 };

/* Writes a folder with the model as the other program reads it: weights as f32, settings,
   vocabularies. TT_ECONFIG for a setting that the format has nothing like. */
int tt_export(const char *model, const char *folder, int format, const tt_log *log, tt_err *e);

TT_C_END

#endif
