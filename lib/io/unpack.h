/* unpack.h: what is compressed with xz or zstd, by the system's libraries where they are installed.
 *
 *     int kind = tt_unpack_kind(bytes, len, &more);        // by the first bytes
 *     tt_unpack *u = tt_unpack_open(kind);  // NULL: no library, or none within reach in a sandbox
 *     TT_TRY(tt_unpack_run(u, name, &in, &in_len, at_end, out, cap, &got, e));
 *
 * The libraries (liblzma.so.5, libzstd.so.1) are looked for when they are first wanted; the program
 * is not linked with them. Several streams one behind the other are one text, as with gzip.
 */
#ifndef TT_IO_UNPACK_H
#define TT_IO_UNPACK_H

#include "base/err.h"

enum { TT_UNPACK_NONE, TT_UNPACK_XZ, TT_UNPACK_ZSTD };

/* By the first bytes; *more: they are too few to say. */
int tt_unpack_kind(const unsigned char *bytes, size_t len, int *more);

typedef struct tt_unpack tt_unpack;
tt_unpack *tt_unpack_open(int kind);
void tt_unpack_close(tt_unpack *u);

/* Takes bytes from *in (*len) and leaves up to cap in out, *got of them. at_end: there is no more
   input behind *in; then *got = 0 says that all is out. TT_EFORMAT for what is damaged or cut off;
   TT_ENOMEM. */
int tt_unpack_run(tt_unpack *u, const char *name, const unsigned char **in, size_t *len, int at_end,
                  void *out, size_t cap, size_t *got, tt_err *e);

#endif
