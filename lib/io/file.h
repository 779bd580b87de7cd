/* file.h: bytes in and out, with every failure said: which file, what happened, why.
 *
 *     char *text; size_t len;
 *     TT_TRY(tt_file_read(&text, &len, "hyper.txt", 1 << 20, e));   // gzip is undone; free(text)
 *
 *     tt_output *o = tt_output_open(path, TT_OUTPUT_ATOMIC, e);
 *     if (!o) return e->code;
 *     tt_output_write(o, data, size, NULL);       // errors stay in o …
 *     return tt_output_finish(o, e);              // … and come out here at the latest
 *
 * For reading, "-" is standard input, and what starts with gzip's magic is decompressed on the way
 * (several members too); a name ending in .gz must. The same of xz and zstd, by the system's
 * libraries where they are (unpack.h). For writing, "-" is standard output. A closed pipe shows as
 * TT_EIO only where the program ignores SIGPIPE; this room leaves signals alone.
 */
#ifndef TT_IO_FILE_H
#define TT_IO_FILE_H

#include <stdbool.h>

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reading -------------------------------------------------------------------------------- */

/* A stream of bytes. */
typedef struct tt_input tt_input;

/* NULL on failure: TT_ENOINPUT (missing, not allowed, a directory), TT_ENOMEM. */
tt_input *tt_input_open(const char *path, tt_err *e);
/* Over an open descriptor, which stays the caller's; `name` is for messages and copied. */
tt_input *tt_input_open_fd(int fd, const char *name, tt_err *e);
void tt_input_close(tt_input *in);

/* Waits for input and leaves 1 … cap bytes in buf, their number in *got; *got = 0 at the end.
   A read cut short by a signal is taken up again. TT_EIO, or TT_EFORMAT for damaged gzip data. */
int tt_input_read(tt_input *in, void *buf, size_t *got, size_t cap, tt_err *e);

/* 1 if the next tt_input_read will not wait longer than `wait_ms` milliseconds (0: not at all,
   negative: for ever) for a first byte, 0 if it would. With gzip that byte may be one of several
   needed; `read` then waits for the rest. */
bool tt_input_ready(tt_input *in, int wait_ms);

const char *tt_input_name(const tt_input *in); /* path as given, or "standard input" */

/* Fails if `path` cannot be read. What may be opened twice is tried; standard input, pipes and
   devices are left alone. TT_ENOINPUT. */
int tt_input_try(const char *path, tt_err *e);

/* A whole file in memory, a NUL behind it; the caller frees *data. More than `max` bytes (after
   decompression) is TT_EDATA; nothing larger is ever allocated. */
int tt_file_read(char **data, size_t *len, const char *path, size_t max, tt_err *e);

/* A file's bytes as they lie on disk, read-only, until tt_mapped_close; data is NULL for an empty
   file. Not for pipes, devices or terminals (TT_ENOINPUT, at once). The file must not be cut short
   while it is mapped: replacing it by rename, as TT_OUTPUT_ATOMIC does, is fine. */
typedef struct tt_mapped {
    const unsigned char *data; /* owned */
    size_t size;
} tt_mapped;

int tt_mapped_open(tt_mapped *map, const char *path, tt_err *e);
/* Tells the system that these bytes will not be read soon; it may drop their whole pages. Reading
   them again still works. */
void tt_mapped_done(const tt_mapped *map, size_t from, size_t size);
void tt_mapped_close(tt_mapped *map); /* leaves *map empty; a zeroed one is fine */

/* ---- writing -------------------------------------------------------------------------------- */

typedef struct tt_output tt_output;

enum {
    TT_OUTPUT_PLAIN, /* creates or empties the file at once */
    TT_OUTPUT_ATOMIC /* writes a file without a name; `finish` syncs it and names it PATH. Until
                        then, and after any failure or crash, what was at PATH stays as it was, and
                        nothing else is left. Where the file system has no such files it is
                        PATH.part-PID-N until then. Of two writers the last one wins. Devices,
                        pipes and files that have no name are written directly. */
};

/* NULL on failure: TT_ECREATE, TT_ENOMEM. */
tt_output *tt_output_open(const char *path, int mode, tt_err *e);
/* Fails if `path` cannot be written atomically. Asked before work that takes long; leaves
   nothing behind. TT_ECREATE. */
int tt_output_try(const char *path, tt_err *e);
/* Over an open descriptor, which stays the caller's and open. */
tt_output *tt_output_open_fd(int fd, const char *name, tt_err *e);

/* All of `size` bytes, through a buffer when small. The first failure (TT_EIO with the system's
   words: full disk, closed pipe) is kept and returned by every later call, `finish` included. */
int tt_output_write(tt_output *o, const void *data, size_t size, tt_err *e);
int tt_output_flush(tt_output *o, tt_err *e);
/* Overwrites bytes written before (a header completed last); only on files. */
int tt_output_patch(tt_output *o, uint64_t offset, const void *data, size_t size, tt_err *e);
bool tt_output_can_patch(
    const tt_output *o); /* 1 if so: no pipe, terminal or descriptor of the caller's */
int tt_output_fd(
    const tt_output *o); /* for stdio over a duplicate of it; nothing may be in o's buffer then */
uint64_t tt_output_size(const tt_output *o); /* bytes written so far, the buffer's included */

/* Flushes, syncs and renames if atomic, closes; `o` is gone whatever the result. */
int tt_output_finish(tt_output *o, tt_err *e);
/* Gives up: removes the part file if atomic; `o` is gone. NULL is allowed. */
void tt_output_abort(tt_output *o);

#ifdef __cplusplus
}
#endif
#endif
