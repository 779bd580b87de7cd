/* zip.h: ZIP files, in memory for reading, streamed for writing; what .npz files and packages are
 * made of.
 *
 *     tt_zip z;
 *     TT_TRY(tt_zip_open(&z, bytes, size, "model.npz", arena, e));       // bytes stay the caller's
 *     for (i < z.count) … z.member[i].name …
 *     TT_TRY(tt_zip_read(&z, &z.member[i], &data, e));  // in bytes or in the arena
 *
 *     tt_zipwriter *w = tt_zipwriter_open(path, e);                      // atomic, see io/file.h
 *     TT_TRY(tt_zipwriter_add(w, "a.npy", parts, n_parts, e));           // members are stored
 *     return tt_zipwriter_finish(w, e);
 *
 * Known: stored and deflated members, ZIP64. Refused, each by name: encryption, other methods,
 * several disks, names that climb out of the folder, members that overlap, sizes that cannot be
 * true. Source: PKWARE's APPNOTE 6.3.
 */
#ifndef TT_PORT_ZIP_H
#define TT_PORT_ZIP_H

#include <stdbool.h>

#include "base/arena.h"

typedef struct tt_zip_member {
    const char *name;
    size_t offset;       /* of the stored bytes */
    size_t stored, size; /* bytes in the file, and once inflated */
    uint32_t crc;
    bool deflated;
} tt_zip_member;

typedef struct tt_zip {
    const unsigned char *data;
    size_t bytes;
    const char *file;
    tt_arena *arena;
    tt_zip_member *member; /* (count), in the arena; folders are left out */
    size_t count;
} tt_zip;

/* 1 if the path stays in the folder where it is unpacked, and its bytes can be shown. */
bool tt_zip_safe_name(const char *name, size_t len);
/* What so many bytes may become when they are inflated: 4 times as many and 60 MiB. */
size_t tt_zip_room(size_t bytes);

/* 1 if the bytes begin as a ZIP file does. */
bool tt_zip_is(const void *data, size_t size);

/* Reads and checks the directory. TT_EFORMAT. */
int tt_zip_open(tt_zip *z, const void *data, size_t size, const char *file, tt_arena *a, tt_err *e);

/* m->size bytes, held against their checksum: where they lie, or inflated into the arena. */
int tt_zip_read(const tt_zip *z, const tt_zip_member *m, const unsigned char **data, tt_err *e);

typedef struct tt_zipwriter tt_zipwriter;

typedef struct tt_zip_part {
    const void *data;
    size_t size;
} tt_zip_part;

tt_zipwriter *tt_zipwriter_open(const char *path, tt_err *e);
int tt_zipwriter_add(tt_zipwriter *w, const char *name, const tt_zip_part *parts, int n, tt_err *e);
int tt_zipwriter_finish(tt_zipwriter *w, tt_err *e); /* `w` is gone whatever the result */
void tt_zipwriter_abort(tt_zipwriter *w);            /* NULL is allowed */

#endif
