/* temp.h: a file without a name, gone with its handle: what is too much for memory.
 *
 *     tt_temp *t = tt_temp_open("/var/tmp", 1 << 16, &e);
 *     TT_TRY(tt_temp_add(t, bytes, len, &e));
 *     TT_TRY(tt_temp_read(t, all, tt_temp_size(t), &e)); // or
 *     TT_TRY(tt_temp_map(t, &base, &e));
 *     tt_temp_close(t);
 */
#ifndef TT_IO_TEMP_H
#define TT_IO_TEMP_H

#include <stdint.h>

#include "base/err.h"

typedef struct tt_temp tt_temp;

/* buffer: bytes that are held back until there are so many. TT_ECREATE, TT_ENOMEM. */
tt_temp *tt_temp_open(const char *folder, size_t buffer, tt_err *e);
void tt_temp_close(tt_temp *t);

/* Behind what is there. TT_EIO: the disk is full, or gone. */
int tt_temp_add(tt_temp *t, const void *bytes, size_t len, tt_err *e);
size_t tt_temp_size(const tt_temp *t);

/* The first len bytes. */
int tt_temp_read(tt_temp *t, void *to, size_t len, tt_err *e);

/* All of the file as memory that is read alone, the handle's; nothing is added afterwards. */
int tt_temp_map(tt_temp *t, const void **base, tt_err *e);
/* The system may take the memory back until it is next read. */
void tt_temp_forget(const tt_temp *t);

/* Nothing is in it any more. Not for one that is mapped. */
int tt_temp_clear(tt_temp *t, tt_err *e);

#endif
