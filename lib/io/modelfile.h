/* modelfile.h: reading and writing a .ttm file, one file that is a whole model (or checkpoint).
 *
 *     tt_modelfile *mf = tt_modelfile_open(path, e);                      // declared in ttrans.h
 *     const tt_file_tensor *t = tt_modelfile_find(mf, "enc.0.ffn.1.w");
 *     if (t && t->rows == F && t->cols == D) rc = tt_modelfile_read_f32(mf, t, weights, e);
 *     tt_modelfile_close(mf);
 *
 *     tt_modelwriter *w = tt_modelwriter_open(path, e);
 *     tt_modelwriter_set(w, "train.updates", "12000", NULL);              // errors stay in w …
 *     tt_modelwriter_add(w, "embed", TT_TYPE_I8, V, D, data, TT_CODEC_DEFLATE, NULL);
 *     rc = tt_modelwriter_finish(w, e);                                   // … and come out here
 *
 * The file, all numbers little-endian, no padding but where said (to the byte: ttrans-model(5)):
 *
 *  1. Header, 64 bytes: magic 89 "TTM" 0d 0a 1a 0a (8); u32 version = 1; u32 flags = 0; u64 file
 *     size; u64 offset and u64 size of the directory; u32 count of metadata, u32 count of entries;
 *     u32 CRC-32 of the directory; 8 zero bytes; u32 CRC-32 of the 60 bytes before. Magic, version
 *     and the last CRC-32 stay where they are in all versions.
 *  2. Data: for each entry its stored bytes, starting at a multiple of 64; zero bytes between.
 *  3. Directory, last in the file: first the metadata in rising order of keys, then the entries in
 *     the order of their data.
 *     3.1 Metadata: u16 key length, u32 value length, key, value (UTF-8, no NUL).
 *     3.2 Entry: u8 type, u8 codec, u16 name length, u32 CRC-32 of the stored bytes, u64 rows, u64
 *         columns, u64 offset, u64 stored size, u64 raw size, name.
 *     Keys and names are 1 to 255 graphic ASCII bytes ('!' to '~') and do not repeat.
 *  4. Raw bytes of a (rows, columns) tensor, row after row: f32, bf16, f16 one number each; i8
 *     first one f32 scale a row, then rows × columns signed bytes, value = scale × byte; u8 plain
 *     bytes, rows = 1.
 *  5. Codec 0: stored bytes = raw bytes, so they can be used where they are mapped. Codec 1: a zlib
 *     stream (RFC 1950) of the byte planes: byte 0 of every number, then byte 1 of every number, …
 *     i8 and u8 go into it as they are.
 *
 * CRC-32 is zlib's. A reader trusts nothing: sizes and offsets are held against the file's real
 * size before memory is asked for; with the zero bytes checked too, no flipped bit goes unseen.
 */
#ifndef TT_IO_MODELFILE_H
#define TT_IO_MODELFILE_H

#include <stdbool.h>

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reading: on top of what ttrans.h declares; one open file may be read by several threads - */

/* A file in memory: `data` stays the caller's and must outlive the handle; `name` is copied. */
tt_modelfile *tt_modelfile_open_memory(const void *data, size_t size, const char *name, tt_err *e);

/* The entry's t->raw bytes, decompressed, into dst. TT_EFORMAT if its checksum does not fit;
   TT_EDATA, naming the row, if a scale of i8 is negative or makes numbers that are not finite. */
int tt_modelfile_read(const tt_modelfile *mf, const tt_file_tensor *t, void *dst, tt_err *e);

/* The entry will hardly be read again: its part of the file is no longer kept in memory for this
 * process. */
void tt_modelfile_done(const tt_modelfile *mf, const tt_file_tensor *t);

/* Its rows × cols numbers as f32 into dst, whatever the type; checked as above. TT_EFORMAT: u8. */
int tt_modelfile_read_f32(const tt_modelfile *mf, const tt_file_tensor *t, float *dst, tt_err *e);

/* TT_EDATA, naming tensor and row, where one of the numbers x of its rows from `first` on is not
   finite: nothing can be computed with it. may_close: -infinity may stand there. */
int tt_modelfile_check_finite(const tt_modelfile *mf, const tt_file_tensor *t, const float *x,
                              size_t first, size_t rows, bool may_close, tt_err *e);

/* Where the raw bytes lie, 64-byte aligned, until the file is closed; NULL unless the codec is
   TT_CODEC_STORED. Nothing is read, so nothing is checked: see tt_modelfile_check. */
const void *tt_modelfile_map(const tt_modelfile *mf, const tt_file_tensor *t);

/* What reading is made of, for rows.c. The data of an entry that is deflated, checked and inflated,
   its byte planes as they are: TT_EFORMAT. Whether crc is the checksum of the stored bytes:
   TT_EFORMAT. Whether the scales of its raw bytes, if it is i8, are numbers from 0 with a finite
   127-fold: TT_EDATA. */
int tt_modelfile_inflate(const tt_modelfile *mf, const tt_file_tensor *t, void *dst, tt_err *e);
int tt_modelfile_check_sum(const tt_modelfile *mf, const tt_file_tensor *t, uint32_t crc,
                           tt_err *e);
int tt_modelfile_check_scales(const tt_modelfile *mf, const tt_file_tensor *t, const void *raw,
                              tt_err *e);

/* ---- writing: atomic, see file.h. The same calls give the same bytes. The first failure stays in
   the writer and is returned by every later call; `e` may be NULL where finish will tell. */

typedef struct tt_modelwriter tt_modelwriter;

tt_modelwriter *tt_modelwriter_open(const char *path, tt_err *e); /* NULL: TT_ECREATE, TT_ENOMEM */

/* A line of metadata; a key set again takes the new value. Both are copied. */
int tt_modelwriter_set(tt_modelwriter *w, const char *key, const char *value, tt_err *e);

/* A tensor, converted from f32 (nearest, ties to even) and written before the call returns. i8:
   scale = max|x| / 127 for each row; a NaN or infinity is then TT_EDATA, naming tensor and row. A
   finite number beyond f16's range becomes infinite, as IEEE 754 has it. With TT_CODEC_DEFLATE an
   entry that would not shrink by an eighth is stored. */
int tt_modelwriter_add(tt_modelwriter *w, const char *name, int type, size_t rows, size_t cols,
                       const float *data, int codec, tt_err *e); /* data (rows, cols) */

/* A tensor whose raw bytes (4. above) are there already. */
int tt_modelwriter_raw(tt_modelwriter *w, const char *name, int type, size_t rows, size_t cols,
                       const void *raw, int codec, tt_err *e);

/* Plain bytes, type u8; for instance the vocabulary, "vocab.spm". */
int tt_modelwriter_bytes(tt_modelwriter *w, const char *name, const void *data, size_t size,
                         int codec, tt_err *e);

/* Writes directory and header, syncs, renames; `w` is gone whatever the result. */
int tt_modelwriter_finish(tt_modelwriter *w, tt_err *e);
void tt_modelwriter_abort(tt_modelwriter *w); /* leaves what was at path; NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
