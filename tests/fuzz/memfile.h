/* memfile.h: bytes under a path, for readers that open files themselves; include this header first.
 *
 *     memfile f = memfile_open(data, size);
 *     reads(f.path);
 *     memfile_close(&f);
 */
#ifndef TT_FUZZ_MEMFILE_H
#define TT_FUZZ_MEMFILE_H

#define _GNU_SOURCE
#include <ftw.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/holds.h"

typedef struct memfile {
    int fd;
    char path[40];
} memfile;

static inline memfile memfile_open(const void *data, size_t size) {
    memfile f = {.fd = memfd_create("input", MFD_CLOEXEC)};
    HOLDS(f.fd >= 0 && (!size || write(f.fd, data, size) == (ssize_t)size));
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline void memfile_close(memfile *f) { close(f->fd); }

static char memfile_made[64];

static inline int memfile_remove_one(const char *path, const struct stat *st, int what,
                                     struct FTW *where) {
    (void)st, (void)what, (void)where;
    return remove(path);
}

static inline void memfile_remove(void) {
    nftw(memfile_made, memfile_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A folder in memory that is this process's own, made once and gone when the process ends. */
static inline const char *memfile_folder(void) {
    if (!*memfile_made) {
        snprintf(memfile_made, sizeof memfile_made, "%s/ttrans-fuzz.XXXXXX",
                 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
        HOLDS(mkdtemp(memfile_made) && !atexit(memfile_remove));
    }
    return memfile_made;
}

/* A whole file, the caller's to free. */
static inline uint8_t *memfile_read(const char *path, size_t *size) {
    struct stat st;
    FILE *f = fopen(path, "rb");
    HOLDS(f && !fstat(fileno(f), &st));
    *size = (size_t)st.st_size;
    uint8_t *bytes = malloc(*size + 1);
    HOLDS(bytes && fread(bytes, 1, *size, f) == *size);
    fclose(f);
    return bytes;
}

/* A refusal: a code that is expected, and one line. */
#define REFUSED(e, condition) HOLDS((condition) && (e).msg[0] && !strchr((e).msg, '\n'))

#endif
