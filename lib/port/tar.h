/* tar.h: the regular files of a tar archive in memory (POSIX ustar, with pax and GNU long names).
 *
 *     tt_tar t;
 *     if (tt_tar_is(data, size)) TT_TRY(tt_tar_open(&t, data, size, "a.tar", arena, e));
 *     for (i < t.count) … t.member[i].name, .data, .size …
 *
 * Folders, devices and links are passed over, and so are the "._" files that macOS puts beside
 * others. A name that leads out of the archive's folder is refused.
 */
#ifndef TT_PORT_TAR_H
#define TT_PORT_TAR_H

#include <stdbool.h>

#include "base/arena.h"

typedef struct tt_tar_member {
    const char *name;          /* in the arena; without "./" in front */
    const unsigned char *data; /* (size), in the archive */
    size_t size;
} tt_tar_member;

typedef struct tt_tar {
    tt_tar_member *member; /* (count), in the arena, by name */
    size_t count, room;
    const char *file; /* for messages, borrowed */
} tt_tar;

/* 1 if the bytes begin a tar archive. 512 bytes are enough to say. */
bool tt_tar_is(const void *data, size_t size);

/* Data and file name must outlive the members. TT_EFORMAT. */
int tt_tar_open(tt_tar *t, const void *data, size_t size, const char *file, tt_arena *a, tt_err *e);

#endif
