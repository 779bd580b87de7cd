/* unpack.c: see unpack.h. The few declarations of the two libraries stand here, as their stable
 * interfaces have them (liblzma 5: lzma/base.h, container.h; libzstd 1: zstd.h), so that building
 * needs neither.
 */
#include "io/unpack.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* lzma_stream */
struct lzma {
    const unsigned char *next_in;
    size_t avail_in;
    uint64_t total_in;
    unsigned char *next_out;
    size_t avail_out;
    uint64_t total_out;
    const void *allocator;
    void *internal, *reserved_ptr[4];
    uint64_t reserved_int[2];
    size_t reserved_size[2];
    int reserved_enum[2];
};
enum {
    LZMA_OK = 0,
    LZMA_STREAM_END = 1,
    LZMA_MEM_ERROR = 5,
    LZMA_MEMLIMIT_ERROR = 6,
    LZMA_BUF_ERROR = 10,
    LZMA_RUN = 0,
    LZMA_FINISH = 3,
    LZMA_CONCATENATED = 8
};

static const uint64_t lzma_memory = (uint64_t)1 << 30; /* more than xz -9 needs */

/* ZSTD_inBuffer, ZSTD_outBuffer */
struct zstd_in {
    const void *src;
    size_t size, pos;
};
struct zstd_out {
    void *dst;
    size_t size, pos;
};

struct tt_unpack {
    int kind;
    void *library;
    struct lzma xz;
    int (*lzma_code)(struct lzma *, int);
    void (*lzma_end)(struct lzma *);
    void *zstd;
    size_t (*zstd_run)(void *, struct zstd_out *, struct zstd_in *);
    unsigned (*zstd_bad)(size_t);
    size_t (*zstd_free)(void *);
    size_t left; /* zstd: hint of the frame at hand; 0: between frames */
    int done;    /* xz: all is out */
};

int tt_unpack_kind(const unsigned char *bytes, size_t len, int *more) {
    static const unsigned char xz[] = {0xfd, '7', 'z', 'X', 'Z', 0},
                               zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    const size_t a = len < sizeof xz ? len : sizeof xz, b = len < sizeof zstd ? len : sizeof zstd;
    const int is_xz = !memcmp(bytes, xz, a), is_zstd = !memcmp(bytes, zstd, b);
    *more = (is_xz && len < sizeof xz) || (is_zstd && len < sizeof zstd);
    return *more     ? TT_UNPACK_NONE
           : is_xz   ? TT_UNPACK_XZ
           : is_zstd ? TT_UNPACK_ZSTD
                     : TT_UNPACK_NONE;
}

/* A function of the library; POSIX lets a pointer of dlsym be one. */
static bool find(const tt_unpack *u, const char *name, void *function, size_t size) {
    void *at = dlsym(u->library, name);
    memcpy(function, &at, size);
    return at != NULL;
}
#define FIND(name, field) find(u, name, &(field), sizeof(field))

static bool open_xz(tt_unpack *u) {
    int (*decoder)(struct lzma *, uint64_t, uint32_t);
    u->library = dlopen("liblzma.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!u->library || !FIND("lzma_stream_decoder", decoder) || !FIND("lzma_code", u->lzma_code) ||
        !FIND("lzma_end", u->lzma_end))
        return false;
    return decoder(&u->xz, lzma_memory, LZMA_CONCATENATED) == LZMA_OK;
}

static bool open_zstd(tt_unpack *u) {
    void *(*create)(void);
    u->library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!u->library || !FIND("ZSTD_createDStream", create) ||
        !FIND("ZSTD_decompressStream", u->zstd_run) || !FIND("ZSTD_isError", u->zstd_bad) ||
        !FIND("ZSTD_freeDStream", u->zstd_free))
        return false;
    u->zstd = create();
    return u->zstd != NULL;
}

tt_unpack *tt_unpack_open(int kind) {
    tt_unpack *u = calloc(1, sizeof *u);
    if (!u) return NULL;
    u->kind = kind;
    if (kind == TT_UNPACK_XZ ? open_xz(u) : open_zstd(u)) return u;
    tt_unpack_close(u);
    return NULL;
}

void tt_unpack_close(tt_unpack *u) {
    if (!u) return;
    if (u->xz.internal && u->lzma_end) u->lzma_end(&u->xz);
    if (u->zstd) u->zstd_free(u->zstd);
    if (u->library) dlclose(u->library);
    free(u);
}

static int damaged(const char *name, const char *what, const char *how, tt_err *e) {
    return tt_fail(e, TT_EFORMAT, "%s: %s data is %s", name, what, how);
}

static int run_xz(tt_unpack *u, const char *name, const unsigned char **in, size_t *len, int at_end,
                  void *out, size_t cap, size_t *got, tt_err *e) {
    if (u->done) return 0;
    u->xz.next_in = *in;
    u->xz.avail_in = *len;
    u->xz.next_out = out;
    u->xz.avail_out = cap;
    const int rc = u->lzma_code(&u->xz, at_end ? LZMA_FINISH : LZMA_RUN);
    *in = u->xz.next_in;
    *len = u->xz.avail_in;
    *got = cap - u->xz.avail_out;
    if (rc == LZMA_STREAM_END) u->done = 1;
    else if (rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR)
        return tt_fail(e, TT_ENOMEM, "%s: out of memory for xz data", name);
    else if (at_end && !*len && !*got && (rc == LZMA_OK || rc == LZMA_BUF_ERROR))
        return damaged(name, "xz", "cut off", e);
    else if (rc != LZMA_OK && rc != LZMA_BUF_ERROR) return damaged(name, "xz", "damaged", e);
    return 0;
}

static int run_zstd(tt_unpack *u, const char *name, const unsigned char **in, size_t *len,
                    int at_end, void *out, size_t cap, size_t *got, tt_err *e) {
    struct zstd_in from = {*in, *len, 0};
    struct zstd_out to = {out, cap, 0};
    if (!*len && !u->left) return 0;
    const size_t rc = u->zstd_run(u->zstd, &to, &from);
    if (u->zstd_bad(rc)) return damaged(name, "zstd", "damaged", e);
    u->left = rc;
    *in += from.pos;
    *len -= from.pos;
    *got = to.pos;
    if (at_end && !*got && !from.pos && u->left) return damaged(name, "zstd", "cut off", e);
    return 0;
}

int tt_unpack_run(tt_unpack *u, const char *name, const unsigned char **in, size_t *len, int at_end,
                  void *out, size_t cap, size_t *got, tt_err *e) {
    *got = 0;
    return u->kind == TT_UNPACK_XZ ? run_xz(u, name, in, len, at_end, out, cap, got, e)
                                   : run_zstd(u, name, in, len, at_end, out, cap, got, e);
}
