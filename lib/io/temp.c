/* temp.c: see temp.h. */
/* for madvise */
#define _DEFAULT_SOURCE

#include "io/temp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct tt_temp {
    int fd;
    char *held; /* (room) */
    size_t holds, room, written;
    void *map; /* (written), or NULL */
    char folder[512];
};

tt_temp *tt_temp_open(const char *folder, size_t buffer, tt_err *e) {
    char name[600];
    tt_temp *t = calloc(1, sizeof *t);
    if (t) t->held = malloc(buffer ? buffer : 1);
    if (!t || !t->held) {
        free(t);
        tt_fail(e, TT_ENOMEM, "out of memory for a temporary file");
        return NULL;
    }
    snprintf(t->folder, sizeof t->folder, "%s", folder);
    snprintf(name, sizeof name, "%s/ttrans-XXXXXX", t->folder);
    t->room = buffer ? buffer : 1;
    t->fd = mkstemp(name);
    if (t->fd >= 0) {
        unlink(name);
        return t;
    }
    tt_fail_errno(e, TT_ECREATE, errno, "%.400s: no temporary file can be made", t->folder);
    tt_temp_close(t);
    return NULL;
}

void tt_temp_close(tt_temp *t) {
    if (!t) return;
    if (t->map) munmap(t->map, t->written);
    if (t->fd >= 0) close(t->fd);
    free(t->held);
    free(t);
}

static int failed(const tt_temp *t, const char *what, tt_err *e) {
    return tt_fail_errno(e, TT_EIO, errno, "%.400s: temporary file cannot be %s", t->folder, what);
}

static int put(tt_temp *t, const char *bytes, size_t len, tt_err *e) {
    while (len) {
        const ssize_t n = pwrite(t->fd, bytes, len, (off_t)t->written);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return failed(t, "written", e);
        bytes += n;
        len -= (size_t)n;
        t->written += (size_t)n;
    }
    return 0;
}

static int flush(tt_temp *t, tt_err *e) {
    const size_t n = t->holds;
    t->holds = 0;
    return put(t, t->held, n, e);
}

int tt_temp_add(tt_temp *t, const void *bytes, size_t len, tt_err *e) {
    if (t->holds + len > t->room) TT_TRY(flush(t, e));
    if (len > t->room) return put(t, bytes, len, e);
    if (len) memcpy(t->held + t->holds, bytes, len);
    t->holds += len;
    return 0;
}

size_t tt_temp_size(const tt_temp *t) { return t->written + t->holds; }

int tt_temp_read(tt_temp *t, void *to, size_t len, tt_err *e) {
    size_t at = 0;
    TT_TRY(flush(t, e));
    while (at < len) {
        const ssize_t n = pread(t->fd, (char *)to + at, len - at, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return failed(t, "read", e);
        at += (size_t)n;
    }
    return 0;
}

int tt_temp_map(tt_temp *t, const void **base, tt_err *e) {
    TT_TRY(flush(t, e));
    *base = NULL;
    if (!t->written) return 0;
    void *p = mmap(NULL, t->written, PROT_READ, MAP_SHARED, t->fd, 0);
    if (p == MAP_FAILED) return failed(t, "mapped", e);
    *base = t->map = p;
    return 0;
}

void tt_temp_forget(const tt_temp *t) {
    if (t->map) madvise(t->map, t->written, MADV_DONTNEED);
}

int tt_temp_clear(tt_temp *t, tt_err *e) {
    t->holds = t->written = 0;
    return ftruncate(t->fd, 0) ? failed(t, "cleared", e) : 0;
}
