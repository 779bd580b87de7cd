/* encoding.h: text in other encodings made UTF-8, piece by piece as it comes.
 *
 *     tt_decoder d = {.encoding = TT_TEXT_UTF16LE};
 *     size_t n = tt_decode(&d, out, in, len, 0);      // out: 3 * len + 4 bytes are enough
 *
 * A unit that is cut off by the end of a piece is kept in the decoder for the next one. What the
 * encoding does not have (an unpaired surrogate, a byte of Windows-1252 without a character)
 * becomes the byte FF, which no UTF-8 has, so that whoever repairs bad UTF-8 repairs and counts
 * that as well.
 */
#ifndef TT_IO_ENCODING_H
#define TT_IO_ENCODING_H

#include <stdbool.h>
#include <stdint.h>

#include "ttrans.h"

/* Beside those of ttrans.h; what a mark or a look at the bytes found. */
enum { TT_TEXT_UTF16LE = 100, TT_TEXT_UTF16BE, TT_TEXT_UTF32LE, TT_TEXT_UTF32BE };

/* Owns nothing; zeroed but for the encoding at the start. */
typedef struct tt_decoder {
    int encoding;
    unsigned char kept[4]; /* the beginning of a unit */
    size_t n_kept;
    uint32_t high; /* a surrogate that waits for its second half; 0: none */
} tt_decoder;

/* Bytes of `in` as UTF-8 into out, whose number is returned; at the end of the text (`last`), also
 * what is incomplete. */
size_t tt_decode(tt_decoder *d, char *out, const unsigned char *in, size_t len, int last);

/* 1 if each byte is a character: Windows-1252, Latin-1, Latin-9. */
bool tt_encoding_is_bytes(int encoding);

#endif
