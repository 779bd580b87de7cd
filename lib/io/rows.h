/* rows.h: the numbers of a tensor in a file, some rows at a time, so that each byte is checked,
 * decoded and used while it is in the cache, and no second copy of a large tensor is made.
 *
 *     tt_rows r;
 *     TT_TRY(tt_rows_open(&r, mf, t, room, e));                   // room: tt_rows_room(t) bytes
 *     for (size_t n; (n = next rows) > 0;) use(tt_rows_f32(&r, n, to), n);
 *     TT_TRY(tt_rows_close(&r, e));  // only now is known that they were sound
 *
 * Rows are delivered before the checksum is known. The receiver must accept any numbers, and
 * discard what was made of them if tt_rows_close fails. tt_rows_close checks all bytes, also those
 * of rows nobody read.
 */
#ifndef TT_IO_ROWS_H
#define TT_IO_ROWS_H

#include "base/err.h"

#include <stdbool.h>

typedef struct tt_rows {
    const tt_modelfile *mf;
    const tt_file_tensor *t;
    const unsigned char *raw; /* stored or inflated; inflated f32, bf16, f16 lie in byte planes */
    size_t next;              /* row */
    size_t summed;            /* stored bytes whose checksum is in crc */
    uint32_t crc;
} tt_rows;

/* Bytes of memory that a tensor needs while it is read: 0 where it is stored. */
size_t tt_rows_room(const tt_file_tensor *t);

/* Deflated data is checked and inflated here: TT_EFORMAT. `room` is borrowed until close, as the
 * file. */
int tt_rows_open(tt_rows *r, const tt_modelfile *mf, const tt_file_tensor *t, void *room,
                 tt_err *e);

/* The next n rows (n, cols): in the file where f32 is stored there, else converted into `to`. Not
 * for u8. */
const float *tt_rows_f32(tt_rows *r, size_t n, float *to);

/* The next n rows (n, cols) of an i8 tensor as they stand, and their scales (n). */
const int8_t *tt_rows_bytes(tt_rows *r, size_t n, const float **scales);

/* TT_EFORMAT if the checksum does not fit; TT_EDATA, naming the row, if a scale of i8 is negative
   or makes numbers that are not finite. Without a failure *e stays as it is. */
int tt_rows_close(tt_rows *r, tt_err *e);

#endif
