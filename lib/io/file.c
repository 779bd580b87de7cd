/* file.c: input streams (plain or gzip), whole files, maps, and the output writer.
 *
 * Reading: raw bytes land in a fixed buffer; the first two tell gzip from plain. A plain stream
 * then reads straight into the caller's memory, a gzip stream goes through zlib's inflate.
 * Writing: an atomic output is a file without a name until it is whole, so that a crash leaves
 * nothing and no link or file of another's can lie in its way. The data is synced, then named, then
 * the directory is synced: after a power cut there is the old file or the new one.
 */
#define _GNU_SOURCE
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "io/unpack.h"

enum {
    BUFFER = 1 << 16, /* a pipe's capacity on Linux: one system call empties or fills it */
    MAX_LINKS = 40,   /* as Linux allows itself in one path */
    PART_TRIES = 100
};

static char *copy_text(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && !memcmp(text + n - m, end, m);
}

static void wait_for(int fd, short events) {
    struct pollfd p = {.fd = fd, .events = events};
    poll(&p, 1, -1); /* whatever it says, the next read or write tells more */
}

/* ---- reading -------------------------------------------------------------------------------- */

/* MEMBER, BETWEEN: inside a gzip member, or behind one; PACKED: xz or zstd. */
enum { SNIFF, PLAIN, MEMBER, BETWEEN, PACKED };

struct tt_input {
    int fd, state;
    bool own, eof, more; /* more: inflate filled its output last time and may hold further bytes */
    char *name;
    size_t pos, len; /* unread part of raw */
    z_stream z;
    tt_unpack *unpack; /* PACKED: owned */
    unsigned char raw[BUFFER];
};

/* how: O_NONBLOCK where a pipe that nobody writes to must not be waited for. */
static int open_for_reading(int *fd, struct stat *st, const char *path, int how, tt_err *e) {
    *fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC | how);
    if (*fd < 0 || fstat(*fd, st) != 0) {
        tt_fail_errno(e, TT_ENOINPUT, errno, "%s: cannot open", path);
    } else if (S_ISDIR(st->st_mode)) {
        tt_fail(e, TT_ENOINPUT, "%s: is a directory, expected a file", path);
    } else {
        return 0;
    }
    if (*fd >= 0) close(*fd);
    return TT_ENOINPUT;
}

tt_input *tt_input_open_fd(int fd, const char *name, tt_err *e) {
    tt_input *in = malloc(sizeof *in);
    char *copy = copy_text(name);
    if (!in || !copy) {
        free(in);
        free(copy);
        tt_fail(e, TT_ENOMEM, "%s: out of memory", name);
        return NULL;
    }
    in->fd = fd;
    in->state = SNIFF;
    in->own = in->eof = in->more = false;
    in->name = copy;
    in->pos = in->len = 0;
    in->unpack = NULL;
    return in;
}

tt_input *tt_input_open(const char *path, tt_err *e) {
    if (!strcmp(path, "-")) return tt_input_open_fd(STDIN_FILENO, "standard input", e);
    struct stat st;
    int fd;
    if (open_for_reading(&fd, &st, path, 0, e)) return NULL;
    tt_input *in = tt_input_open_fd(fd, path, e);
    if (in) {
        in->own = true;
    } else {
        close(fd);
    }
    return in;
}

void tt_input_close(tt_input *in) {
    if (!in) return;
    if (in->state == MEMBER || in->state == BETWEEN) inflateEnd(&in->z);
    tt_unpack_close(in->unpack);
    if (in->own) close(in->fd);
    free(in->name);
    free(in);
}

const char *tt_input_name(const tt_input *in) { return in->name; }

/* One read(2), taken up again after signals; on a descriptor that does not block, waits. */
static int read_some(tt_input *in, void *buf, size_t *got, size_t cap, tt_err *e) {
    for (;;) {
        ssize_t n = read(in->fd, buf, cap);
        if (n >= 0) {
            *got = (size_t)n;
            in->eof = n == 0;
            return 0;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            wait_for(in->fd, POLLIN);
        } else if (errno != EINTR) {
            return tt_fail_errno(e, TT_EIO, errno, "%s: cannot read", in->name);
        }
    }
}

/* Adds to the unread part of raw; at the end, sets eof and adds nothing. */
static int fill(tt_input *in, tt_err *e) {
    if (in->pos == in->len) in->pos = in->len = 0;
    size_t got;
    TT_TRY(read_some(in, in->raw + in->len, &got, BUFFER - in->len, e));
    in->len += got;
    return 0;
}

/* Decides how to read as soon as the first bytes allow. Packed data without a library to unpack it
   is PLAIN, for the readers of text to refuse. */
static int sniff(tt_input *in, tt_err *e) {
    int more = 1, kind = TT_UNPACK_NONE;
    while (!in->eof && more) {
        TT_TRY(fill(in, e));
        kind = tt_unpack_kind(in->raw, in->len, &more);
        more |= in->len == 1 && in->raw[0] == 0x1f;
    }
    if (kind != TT_UNPACK_NONE && (in->unpack = tt_unpack_open(kind)) != NULL) {
        in->state = PACKED;
        return 0;
    }
    if (in->len >= 2 && in->raw[0] == 0x1f && in->raw[1] == 0x8b) {
        memset(&in->z, 0, sizeof in->z);
        if (inflateInit2(&in->z, 15 + 16) != Z_OK) /* largest window, gzip wrapper */
            return tt_fail(e, TT_ENOMEM, "%s: out of memory", in->name);
        in->state = MEMBER;
    } else if (ends_with(in->name, ".gz")) {
        return tt_fail(e, TT_EFORMAT, "%s: not gzip data, though the name says so", in->name);
    } else if (kind != TT_UNPACK_XZ && ends_with(in->name, ".xz")) {
        return tt_fail(e, TT_EFORMAT, "%s: not xz data, though the name says so", in->name);
    } else if (kind != TT_UNPACK_ZSTD && ends_with(in->name, ".zst")) {
        return tt_fail(e, TT_EFORMAT, "%s: not zstd data, though the name says so", in->name);
    } else {
        in->state = PLAIN;
    }
    return 0;
}

static int read_plain(tt_input *in, void *buf, size_t *got, size_t cap, tt_err *e) {
    *got = 0;
    if (in->pos < in->len) { /* what sniffing read */
        *got = in->len - in->pos < cap ? in->len - in->pos : cap;
        memcpy(buf, in->raw + in->pos, *got);
        in->pos += *got;
        return 0;
    }
    return in->eof ? 0 : read_some(in, buf, got, cap, e);
}

/* Behind a member: another one, zeros that fill up a tape block, or the end. */
static int next_member(tt_input *in, tt_err *e) {
    while (in->pos < in->len && in->raw[in->pos] == 0) in->pos++;
    if (in->pos == in->len) return 0;
    if (in->raw[in->pos] != 0x1f)
        return tt_fail(e, TT_EFORMAT, "%s: something else follows the gzip data", in->name);
    inflateReset(&in->z);
    in->state = MEMBER;
    return 0;
}

static int read_gzip(tt_input *in, void *buf, size_t *got, size_t cap, tt_err *e) {
    cap = cap < UINT_MAX ? cap : UINT_MAX;
    *got = 0;
    while (*got == 0) {
        if (in->pos == in->len && !in->eof && !in->more) TT_TRY(fill(in, e));
        if (in->state == BETWEEN) {
            TT_TRY(next_member(in, e));
            if (in->state == BETWEEN && in->eof) return 0;
            continue;
        }
        in->z.next_in = in->raw + in->pos;
        in->z.avail_in = (uInt)(in->len - in->pos);
        in->z.next_out = buf;
        in->z.avail_out = (uInt)cap;
        int rc = inflate(&in->z, Z_NO_FLUSH);
        in->pos = in->len - in->z.avail_in;
        in->more = in->z.avail_out == 0;
        *got = cap - in->z.avail_out;
        if (rc == Z_STREAM_END) {
            in->state = BETWEEN;
            in->more = false;
        } else if (rc == Z_MEM_ERROR) {
            return tt_fail(e, TT_ENOMEM, "%s: out of memory", in->name);
        } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
            return tt_fail(e, TT_EFORMAT, "%s: gzip data is damaged: %s", in->name,
                           in->z.msg ? in->z.msg : "a dictionary is missing");
        } else if (*got == 0 && in->eof) {
            return tt_fail(e, TT_EFORMAT, "%s: gzip data is cut off", in->name);
        }
    }
    return 0;
}

static int read_packed(tt_input *in, void *buf, size_t *got, size_t cap, tt_err *e) {
    *got = 0;
    for (;;) {
        if (in->pos == in->len && !in->eof && !in->more) TT_TRY(fill(in, e));
        const unsigned char *at = in->raw + in->pos;
        const size_t had = in->len - in->pos;
        size_t len = had;
        TT_TRY(tt_unpack_run(in->unpack, in->name, &at, &len, in->eof, buf, cap, got, e));
        in->pos = in->len - len;
        in->more = *got == cap;
        if (*got || (in->eof && len == had)) return 0;
    }
}

int tt_input_read(tt_input *in, void *buf, size_t *got, size_t cap, tt_err *e) {
    if (in->state == SNIFF) TT_TRY(sniff(in, e));
    if (in->state == PACKED) return read_packed(in, buf, got, cap, e);
    return in->state == PLAIN ? read_plain(in, buf, got, cap, e) : read_gzip(in, buf, got, cap, e);
}

bool tt_input_ready(tt_input *in, int wait_ms) {
    if (in->eof || in->more || in->pos < in->len || in->fd < 0) return true;
    struct pollfd p = {.fd = in->fd, .events = POLLIN};
    int n;
    do {
        n = poll(&p, 1, wait_ms);
    } while (n < 0 && errno == EINTR && wait_ms <= 0);
    return n > 0 || (n < 0 && errno != EINTR); /* let read report what is wrong */
}

int tt_file_read(char **data, size_t *len, const char *path, size_t max, tt_err *e) {
    *data = NULL;
    *len = 0;
    tt_input *in = tt_input_open(path, e);
    if (!in) return e->code;

    char *text = NULL;
    size_t used = 0, cap = 0, got = 0;
    int rc = 0;
    do {
        used += got;
        if (used == cap) { /* one byte above max shows that there is more than max */
            cap = cap < BUFFER ? BUFFER : 2 * cap;
            if (cap > max) cap = max + 1;
            char *more = realloc(text, cap + 1);
            if (!more) {
                rc = tt_fail(e, TT_ENOMEM, "%s: out of memory", in->name);
                goto out;
            }
            text = more;
        }
        rc = tt_input_read(in, text + used, &got, cap - used, e);
        if (!rc && used + got > max)
            rc = tt_fail(e, TT_EDATA, "%s: more than %zu bytes", in->name, max);
    } while (!rc && got > 0);
out:
    tt_input_close(in);
    if (rc) {
        free(text);
        return rc;
    }
    text[used] = '\0';
    *data = text;
    *len = used;
    return 0;
}

int tt_mapped_open(tt_mapped *map, const char *path, tt_err *e) {
    *map = (tt_mapped){0};
    struct stat st;
    int fd, rc = 0;
    TT_TRY(open_for_reading(&fd, &st, path, O_NONBLOCK, e));
    if (!S_ISREG(st.st_mode)) {
        rc = tt_fail(e, TT_ENOINPUT, "%s: not a regular file", path);
    } else if (st.st_size > 0) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED) {
            rc = tt_fail_errno(e, TT_ENOMEM, errno, "%s: cannot map", path);
        } else {
            *map = (tt_mapped){p, (size_t)st.st_size};
        }
    }
    close(fd);
    return rc;
}

void tt_mapped_done(const tt_mapped *map, size_t from, size_t size) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t first = (from + page - 1) / page * page, last = (from + size) / page * page;
    if (map->data && first < last)
        madvise((void *)(uintptr_t)(map->data + first), last - first, MADV_DONTNEED);
}

void tt_mapped_close(tt_mapped *map) {
    if (map->data) munmap((void *)(uintptr_t)map->data, map->size);
    *map = (tt_mapped){0};
}

int tt_input_try(const char *path, tt_err *e) {
    struct stat st;
    if (!strcmp(path, "-") || (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return 0;
    tt_input *in = tt_input_open(path, e);
    if (!in) return e->code;
    tt_input_close(in);
    return 0;
}

/* ---- writing -------------------------------------------------------------------------------- */

struct tt_output {
    int fd;
    bool own;
    char *name; /* as given, for messages */
    char *target,
        *part; /* atomic: the name to be had, and the file's until then, if it has one; else NULL */
    uint64_t size;
    tt_err err; /* the first failure */
    size_t used;
    unsigned char buf[BUFFER];
};

static int kept(const tt_output *o, tt_err *e) {
    if (e) *e = o->err;
    return o->err.code;
}

static int keep_errno(tt_output *o, int num, const char *what, tt_err *e) {
    tt_fail_errno(&o->err, TT_EIO, num, "%s: cannot %s", o->name, what);
    return kept(o, e);
}

static char *join(const char *a, size_t a_len, const char *b) {
    size_t b_size = strlen(b) + 1;
    char *text = malloc(a_len + b_size);
    if (!text) return NULL;
    memcpy(text, a, a_len);
    memcpy(text + a_len, b, b_size);
    return text;
}

static size_t folder_len(const char *path) { /* up to and with the last slash */
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The path behind symbolic links, so that the rename replaces the file and not a link to it. */
static char *resolve(const char *path) {
    char *at = copy_text(path), link[PATH_MAX + 1];
    for (int i = 0; at && i < MAX_LINKS; i++) {
        ssize_t n = readlink(at, link, PATH_MAX);
        if (n <= 0) break;
        link[n] = '\0';
        char *next = join(at, link[0] == '/' ? 0 : folder_len(at), link);
        free(at);
        at = next;
    }
    return at;
}

/* A name beside `target` for one moment or, where files without a name are not to be had, for the
 * time of writing. */
static char *part_name(const char *target, int try) {
    char end[48];
    snprintf(end, sizeof end, ".part-%ld-%d", (long)getpid(), try);
    return join(target, strlen(target), end);
}

/* A file without a name in the folder of o->target: whatever ends the process, nothing is left of
   it. Where the file system has no such files, a new one under a name of its own, o->part, which is
   no link and nobody else's. */
static int open_part(tt_output *o) {
    size_t n = folder_len(o->target);
    char *folder = n ? join(o->target, n, "") : copy_text(".");
    if (folder && !access("/proc/self/fd", X_OK))
        o->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    free(folder);
    for (int i = 0; o->fd < 0 && i < PART_TRIES; i++) {
        o->part = part_name(o->target, i);
        if (!o->part) errno = ENOMEM;
        else o->fd = open(o->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (o->fd >= 0) break;
        int why = errno;
        free(o->part);
        o->part = NULL; /* not ours to remove */
        errno = why;
        if (why != EEXIST) break;
    }
    return o->fd < 0 ? -1 : 0;
}

/* Opens `path`; o->name is set. Returns 0 or a code. */
static int open_output(tt_output *o, const char *path, int mode, tt_err *e) {
    struct stat st;
    bool exists = stat(path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        return tt_fail(e, TT_ECREATE, "%s: is a directory, expected a file", path);
    if (mode == TT_OUTPUT_ATOMIC && (!exists || (S_ISREG(st.st_mode) && st.st_nlink > 0))) {
        o->target = resolve(path);
        if (!o->target) return tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
        if (exists && access(path, W_OK))
            return tt_fail_errno(e, TT_ECREATE, errno, "%s: cannot create", path);
        if (open_part(o)) return tt_fail_errno(e, TT_ECREATE, errno, "%s: cannot create", path);
        o->own = true;
        if (exists) fchmod(o->fd, st.st_mode & 0777); /* as before; the umask's choice if refused */
        return 0;
    }
    o->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
    if (o->fd < 0) return tt_fail_errno(e, TT_ECREATE, errno, "%s: cannot create", path);
    o->own = true;
    return 0;
}

int tt_output_try(const char *path, tt_err *e) {
    struct stat st;
    if (!strcmp(path, "-") || (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return 0;
    tt_output *o = tt_output_open(path, TT_OUTPUT_ATOMIC, e);
    if (!o) return e->code;
    tt_output_abort(o);
    return 0;
}

tt_output *tt_output_open_fd(int fd, const char *name, tt_err *e) {
    tt_output *o = malloc(sizeof *o);
    char *copy = copy_text(name);
    if (!o || !copy) {
        free(o);
        free(copy);
        tt_fail(e, TT_ENOMEM, "%s: out of memory", name);
        return NULL;
    }
    o->fd = fd;
    o->own = false;
    o->name = copy;
    o->target = o->part = NULL;
    o->size = 0;
    o->err = (tt_err){0};
    o->used = 0;
    return o;
}

tt_output *tt_output_open(const char *path, int mode, tt_err *e) {
    if (!strcmp(path, "-")) return tt_output_open_fd(STDOUT_FILENO, "standard output", e);
    tt_output *o = tt_output_open_fd(-1, path, e);
    if (o && open_output(o, path, mode, e)) {
        tt_output_abort(o);
        o = NULL;
    }
    return o;
}

static int write_all(tt_output *o, const unsigned char *data, size_t size, tt_err *e) {
    while (size > 0) {
        ssize_t n = write(o->fd, data, size < SSIZE_MAX ? size : SSIZE_MAX);
        if (n >= 0) {
            data += n;
            size -= (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            wait_for(o->fd, POLLOUT);
        } else if (errno != EINTR) {
            return keep_errno(o, errno, "write", e);
        }
    }
    return 0;
}

int tt_output_flush(tt_output *o, tt_err *e) {
    if (o->err.code) return kept(o, e);
    size_t used = o->used;
    o->used = 0;
    return write_all(o, o->buf, used, e);
}

int tt_output_write(tt_output *o, const void *data, size_t size, tt_err *e) {
    if (o->err.code) return kept(o, e);
    o->size += size;
    if (size > BUFFER - o->used) TT_TRY(tt_output_flush(o, e));
    if (size >= BUFFER) return write_all(o, data, size, e);
    if (size > 0) memcpy(o->buf + o->used, data, size);
    o->used += size;
    return 0;
}

int tt_output_patch(tt_output *o, uint64_t offset, const void *data, size_t size, tt_err *e) {
    TT_TRY(tt_output_flush(o, e));
    const unsigned char *from = data;
    while (size > 0) {
        ssize_t n = o->own ? pwrite(o->fd, from, size, (off_t)offset) : (errno = ESPIPE, -1);
        if (n > 0) {
            from += n;
            offset += (uint64_t)n;
            size -= (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            return keep_errno(o, n == 0 ? EIO : errno, "rewrite", e);
        }
    }
    return 0;
}

int tt_output_fd(const tt_output *o) { return o->fd; }

bool tt_output_can_patch(const tt_output *o) { return o->own && lseek(o->fd, 0, SEEK_CUR) >= 0; }

uint64_t tt_output_size(const tt_output *o) { return o->size; }

/* The rename is on disk when the directory is. Some file systems refuse that sync; the file itself
   is safe by then, so this reports nothing. */
static void sync_folder(const char *path) {
    size_t n = folder_len(path);
    char *folder = n ? join(path, n, "") : copy_text(".");
    int fd = folder ? open(folder, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

static void free_output(tt_output *o) {
    free(o->name);
    free(o->target);
    free(o->part);
    free(o);
}

/* Gives the whole file its name. A name that is taken cannot be had but by rename. */
static int name_output(tt_output *o) {
    char source[48];
    if (o->part) return rename(o->part, o->target);
    snprintf(source, sizeof source, "/proc/self/fd/%d", o->fd);
    if (!linkat(AT_FDCWD, source, AT_FDCWD, o->target, AT_SYMLINK_FOLLOW)) return 0;
    for (int i = 0; errno == EEXIST && i < PART_TRIES; i++) {
        free(o->part);
        o->part = part_name(o->target, i);
        if (!o->part) return errno = ENOMEM, -1;
        if (!linkat(AT_FDCWD, source, AT_FDCWD, o->part, AT_SYMLINK_FOLLOW))
            return rename(o->part, o->target);
        if (errno != EEXIST) break;
    }
    int why = errno;
    free(o->part);
    o->part = NULL;
    errno = why;
    return -1;
}

int tt_output_finish(tt_output *o, tt_err *e) {
    tt_output_flush(o, e);
    if (o->target) {
        if (!o->err.code && fsync(o->fd) != 0) keep_errno(o, errno, "sync", e);
        if (!o->err.code && name_output(o) != 0) keep_errno(o, errno, "rename", e);
        if (!o->err.code) sync_folder(o->target);
        else if (o->part) unlink(o->part);
    }
    if (o->own && close(o->fd) != 0 && !o->err.code) keep_errno(o, errno, "close", e);
    int rc = o->err.code ? kept(o, e) : 0;
    free_output(o);
    return rc;
}

void tt_output_abort(tt_output *o) {
    if (!o) return;
    if (o->part) unlink(o->part);
    if (o->own && o->fd >= 0) close(o->fd);
    free_output(o);
}
