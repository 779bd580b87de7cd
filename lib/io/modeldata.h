/* modeldata.h: what reader and writer of a .ttm file share: the layout's numbers (modelfile.h says
 * what they mean), little-endian fields, types, codecs, conversions. For this room, and for port,
 * which reads numbers of the same kinds from other files.
 */
#ifndef TT_IO_MODELDATA_H
#define TT_IO_MODELDATA_H

#include "base/err.h"
#include "base/le.h"
#include "base/pick.h"

#include <stdbool.h>

#define TT_TTM_MAGIC "\x89TTM\r\n\x1a\n" /* as PNG's: shows a file mangled by a text-mode copy */

enum {
    TT_TTM_VERSION = 1,
    TT_TTM_HEADER = 64,
    TT_TTM_ALIGN = 64,       /* a cache line, and the widest vector register */
    TT_TTM_META_FIXED = 6,   /* bytes of a metadata record before its key */
    TT_TTM_ENTRY_FIXED = 48, /* bytes of an entry before its name */
    TT_TTM_NAME_MAX = 255
};

/* What the directory may take: far more than any model needs, and still little memory. */
#define TT_TTM_DIRECTORY_MAX ((uint64_t)64 << 20)

/* Offsets of the header's fields. */
enum {
    TT_TTM_AT_VERSION = 8,
    TT_TTM_AT_FLAGS = 12,
    TT_TTM_AT_SIZE = 16,
    TT_TTM_AT_DIR = 24,
    TT_TTM_AT_DIR_SIZE = 32,
    TT_TTM_AT_METAS = 40,
    TT_TTM_AT_ENTRIES = 44,
    TT_TTM_AT_DIR_CRC = 48,
    TT_TTM_AT_ZERO = 52,
    TT_TTM_AT_CRC = 60
};

static inline uint64_t tt_ttm_round(uint64_t x) { return (x + TT_TTM_ALIGN - 1) & ~(uint64_t)63; }

bool tt_ttm_name_ok(const char *name, size_t len); /* 1 … 255 graphic ASCII bytes */
bool tt_ttm_text_ok(const char *text, size_t len); /* UTF-8 without NUL */

size_t tt_type_width(int type); /* bytes of one number */

/* Raw bytes of a (rows, cols) tensor; false if there is no such type or size_t cannot hold them. */
bool tt_ttm_raw_size(size_t *raw, int type, uint64_t rows, uint64_t cols);

/* n numbers to f32 and back. i8 is converted row by row with its scale. `src` of the first needs no
   alignment. From f32: nearest, ties to even. */
void tt_ttm_to_f32(float *dst, const unsigned char *src, int type, size_t n);
void tt_ttm_from_f32(unsigned char *dst, const float *src, int type, size_t n);
void tt_ttm_i8_to_f32(float *dst, const unsigned char *src, float scale, size_t n);
void tt_ttm_i8_from_f32(unsigned char *dst, const float *src, float inv, size_t n);
/* A row's scale, max|x| / 127, or NaN if some x is not finite; *inv = 127 / max|x| is what from_f32
   takes. Both are 0 where max|x| is below 2^-100. */
float tt_ttm_i8_scale(float *inv, const float *src, size_t n);

/* Between n numbers of `width` bytes and their byte planes; those to join are `apart` bytes from
 * each other. */
void tt_ttm_split(unsigned char *planes, const unsigned char *raw, size_t width, size_t n);
void tt_ttm_join(unsigned char *raw, const unsigned char *planes, size_t width, size_t n,
                 size_t apart);

/* zlib over buffers of any size. deflate: *got = bytes written, 0 if `cap` does not hold them.
   inflate: TT_EFORMAT unless the stream fills dst exactly and ends. `e` gets a bare reason. */
int tt_ttm_deflate(unsigned char *dst, size_t *got, size_t cap, const unsigned char *src, size_t n,
                   int type, tt_err *e);
int tt_ttm_inflate(unsigned char *dst, size_t n, const unsigned char *src, size_t stored,
                   tt_err *e);

extern const tt_family tt_family_type; /* row i is TT_TYPE_… i */

#endif
