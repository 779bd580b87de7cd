/* lock.c: see lock.h. */
#include "io/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tt_lock {
    int fd;
    char path[];
};

tt_lock *tt_lock_take(const char *path, tt_err *e) {
    size_t size = strlen(path) + 1;
    tt_lock *l = malloc(sizeof *l + size);
    if (!l) {
        tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
        return NULL;
    }
    memcpy(l->path, path, size);
    for (;;) { /* until the file that is locked is still the one of that name */
        struct stat here, there;
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        l->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
        if (l->fd < 0) {
            tt_fail_errno(e, TT_ECREATE, errno, "%s: cannot create", path);
        } else if (fstat(l->fd, &here) || !S_ISREG(here.st_mode)) {
            tt_fail(e, TT_ECREATE, "%s: not a regular file", path);
        } else if (fcntl(l->fd, F_SETLK, &lock)) {
            bool taken = errno == EACCES || errno == EAGAIN;
            if (taken) tt_fail(e, TT_ECREATE, "%s: another process holds it", path);
            else tt_fail_errno(e, TT_ECREATE, errno, "%s: cannot lock", path);
        } else if (!stat(path, &there) && here.st_ino == there.st_ino &&
                   here.st_dev == there.st_dev) {
            return l;
        } else {
            close(l->fd);
            continue;
        }
        if (l->fd >= 0) close(l->fd);
        free(l);
        return NULL;
    }
}

void tt_lock_drop(tt_lock *l) {
    if (!l) return;
    unlink(l->path);
    close(l->fd);
    free(l);
}
