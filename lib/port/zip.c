/* zip.c: see zip.h. The directory at the end of the file is believed only as far as the headers
 * before the members agree with it and everything lies inside the file.
 */
#include "port/zip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "io/file.h"
#include "io/modeldata.h"

enum {
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    END64 = 0x06064b50,
    LOCATOR64 = 0x07064b50,
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR64_SIZE = 20,
    EXTRA64 = 1, /* id of the extra field with 64-bit sizes */
    COMMENT_MOST = 65535,
    MEMBERS_MOST = 1 << 17,
    MAX_RATIO = 1040 /* deflate cannot do better: 258 bytes for 2 bits (RFC 1951), rounded up */
};

bool tt_zip_is(const void *data, size_t size) {
    if (size < 4) return false;
    uint64_t magic = tt_le_get(data, 4);
    return magic == LOCAL || magic == END;
}

/* ---- reading ------------------------------------------------------------------------------- */

struct directory {
    uint64_t offset, size, count;
};

static const unsigned char *find_end(const tt_zip *z) {
    size_t most = END_SIZE + COMMENT_MOST < z->bytes ? END_SIZE + COMMENT_MOST : z->bytes;
    for (size_t back = END_SIZE; back <= most; back++) {
        const unsigned char *p = z->data + z->bytes - back;
        if (tt_le_get(p, 4) == END && tt_le_get(p + 20, 2) + END_SIZE == back) return p;
    }
    return NULL;
}

static int bad_directory(const tt_zip *z, tt_err *e) {
    return tt_fail(e, TT_EFORMAT, "%s: the ZIP directory is malformed", z->file);
}

static int find_directory(const tt_zip *z, struct directory *d, tt_err *e) {
    const unsigned char *p = find_end(z);
    if (!p) return tt_fail(e, TT_EFORMAT, "%s: no end of a ZIP file: cut off, or none", z->file);
    uint64_t disk = tt_le_get(p + 4, 2), disks = tt_le_get(p + 6, 2);
    *d = (struct directory){tt_le_get(p + 16, 4), tt_le_get(p + 12, 4), tt_le_get(p + 10, 2)};
    size_t at = (size_t)(p - z->data);
    if (at >= LOCATOR64_SIZE && tt_le_get(p - LOCATOR64_SIZE, 4) == LOCATOR64) {
        uint64_t where = tt_le_get(p - LOCATOR64_SIZE + 8, 8);
        if (where > at || at - where < END64_SIZE || tt_le_get(z->data + where, 4) != END64)
            return bad_directory(z, e);
        p = z->data + where;
        disk = tt_le_get(p + 16, 4), disks = tt_le_get(p + 20, 4);
        *d = (struct directory){tt_le_get(p + 48, 8), tt_le_get(p + 40, 8), tt_le_get(p + 32, 8)};
    }
    if (disk || disks) return tt_fail(e, TT_EFORMAT, "%s: a ZIP file over several disks", z->file);
    if (d->offset > at || d->size > at - d->offset || d->count > d->size / CENTRAL_SIZE ||
        d->count > MEMBERS_MOST)
        return bad_directory(z, e);
    return 0;
}

bool tt_zip_safe_name(const char *name, size_t len) {
    if (!len || memchr(name, 0, len) || memchr(name, '\\', len) || name[0] == '/') return false;
    if (len > 1 && name[1] == ':') return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 127) return false;
    for (size_t i = 0; i < len;) {
        const char *slash = memchr(name + i, '/', len - i);
        size_t n = slash ? (size_t)(slash - name) - i : len - i;
        if (n == 2 && name[i] == '.' && name[i + 1] == '.') return false;
        i += n + 1;
    }
    return true;
}

/* Takes the 64-bit values for those fields that stand at their maximum. */
static bool read_extra64(const unsigned char *p, size_t len, uint64_t *field[3]) {
    while (len >= 4) {
        size_t id = (size_t)tt_le_get(p, 2), n = (size_t)tt_le_get(p + 2, 2);
        p += 4, len -= 4;
        if (n > len) return false;
        if (id == EXTRA64) {
            const unsigned char *q = p;
            for (int i = 0; i < 3; i++) {
                if (*field[i] != UINT32_MAX) continue;
                if (n - (size_t)(q - p) < 8) return false;
                *field[i] = tt_le_get(q, 8);
                q += 8;
            }
            return true;
        }
        p += n, len -= n;
    }
    return true;
}

static int check_local(const tt_zip *z, tt_zip_member *m, uint64_t offset, uint64_t stored,
                       uint64_t limit, tt_err *e) {
    if (offset > limit || limit - offset < LOCAL_SIZE || tt_le_get(z->data + offset, 4) != LOCAL)
        return tt_fail(e, TT_EFORMAT, "%s: member %.80s is not where the directory says", z->file,
                       m->name);
    const unsigned char *p = z->data + offset;
    size_t name_len = (size_t)tt_le_get(p + 26, 2),
           skip = LOCAL_SIZE + name_len + (size_t)tt_le_get(p + 28, 2);
    if (limit - offset < skip || name_len != strlen(m->name) ||
        memcmp(p + LOCAL_SIZE, m->name, name_len))
        return tt_fail(e, TT_EFORMAT, "%s: member %.80s has another name in its own header",
                       z->file, m->name);
    if (stored > limit - offset - skip)
        return tt_fail(e, TT_EFORMAT, "%s: member %.80s reaches beyond the file's data", z->file,
                       m->name);
    m->offset = (size_t)offset + skip;
    return 0;
}

static int read_member(tt_zip *z, const unsigned char **at, const unsigned char *end,
                       uint64_t limit, tt_err *e) {
    const unsigned char *p = *at;
    if (end - p < CENTRAL_SIZE || tt_le_get(p, 4) != CENTRAL) return bad_directory(z, e);
    size_t name_len = (size_t)tt_le_get(p + 28, 2), extra = (size_t)tt_le_get(p + 30, 2);
    size_t whole = CENTRAL_SIZE + name_len + extra + (size_t)tt_le_get(p + 32, 2);
    if ((size_t)(end - p) < whole) return bad_directory(z, e);
    *at = p + whole;
    const char *name = (const char *)p + CENTRAL_SIZE;
    if (!tt_zip_safe_name(name, name_len))
        return tt_fail(e, TT_EFORMAT, "%s: member %zu has a name that is no path below its folder",
                       z->file, z->count);
    if (name[name_len - 1] == '/') return 0;
    tt_zip_member *m = &z->member[z->count++];
    *m = (tt_zip_member){.name = tt_arena_text(z->arena, name, name_len),
                         .crc = (uint32_t)tt_le_get(p + 16, 4)};
    if (!m->name) return tt_fail(e, TT_ENOMEM, "%s: out of memory", z->file);
    uint64_t size = tt_le_get(p + 24, 4), stored = tt_le_get(p + 20, 4),
             offset = tt_le_get(p + 42, 4);
    if (!read_extra64(p + CENTRAL_SIZE + name_len, extra, (uint64_t *[]){&size, &stored, &offset}))
        return bad_directory(z, e);
    uint64_t flags = tt_le_get(p + 8, 2), method = tt_le_get(p + 10, 2);
    if (flags & 1) return tt_fail(e, TT_EFORMAT, "%s: member %.80s is encrypted", z->file, m->name);
    if (method != 0 && method != 8)
        return tt_fail(e, TT_EFORMAT, "%s: member %.80s is packed by method %d, expected 0 or 8",
                       z->file, m->name, (int)method);
    TT_TRY(check_local(z, m, offset, stored, limit, e));
    m->deflated = method == 8;
    if (m->deflated ? size / MAX_RATIO > stored : size != stored)
        return tt_fail(e, TT_EFORMAT,
                       "%s: member %.80s: %llu bytes out of %llu stored ones cannot be", z->file,
                       m->name, (unsigned long long)size, (unsigned long long)stored);
    m->size = (size_t)size;
    m->stored = (size_t)stored;
    return 0;
}

/* Packages shrink to a half at best, weights hardly; a bomb by a thousand times. */
static int check_sizes(const tt_zip *z, tt_err *e) {
    size_t left = tt_zip_room(z->bytes);
    for (size_t i = 0; i < z->count; i++) {
        const tt_zip_member *m = &z->member[i];
        if (m->deflated && m->size > left)
            return tt_fail(e, TT_EFORMAT,
                           "%s: members up to %.80s would have more than %zu bytes, 4 times the "
                           "file's and 60 MiB",
                           z->file, m->name, tt_zip_room(z->bytes));
        if (m->deflated) left -= m->size;
    }
    return 0;
}

size_t tt_zip_room(size_t bytes) {
    const size_t free_room = (size_t)60 << 20;
    return bytes > (SIZE_MAX - free_room) / 4 ? SIZE_MAX : 4 * bytes + free_room;
}

static int by_offset(const void *a, const void *b) {
    const tt_zip_member *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static int by_member_name(const void *a, const void *b) {
    return strcmp(((const tt_zip_member *)a)->name, ((const tt_zip_member *)b)->name);
}

int tt_zip_open(tt_zip *z, const void *data, size_t size, const char *file, tt_arena *a,
                tt_err *e) {
    struct directory d = {0};
    *z = (tt_zip){.data = data, .bytes = size, .file = file, .arena = a};
    if (size < END_SIZE)
        return tt_fail(e, TT_EFORMAT, "%s: %zu bytes are too few for a ZIP file", file, size);
    TT_TRY(find_directory(z, &d, e));
    z->member = tt_arena_alloc(a, (size_t)(d.count + 1) * sizeof *z->member);
    if (!z->member)
        return tt_fail(e, TT_ENOMEM, "%s: out of memory for %llu members", file,
                       (unsigned long long)d.count);
    const unsigned char *at = z->data + d.offset, *end = at + d.size;
    for (uint64_t i = 0; i < d.count; i++) TT_TRY(read_member(z, &at, end, d.offset, e));
    if (at != end) return bad_directory(z, e);
    TT_TRY(check_sizes(z, e));
    qsort(z->member, z->count, sizeof *z->member, by_offset);
    for (size_t i = 1; i < z->count; i++)
        if (z->member[i].offset - z->member[i - 1].offset < z->member[i - 1].stored)
            return tt_fail(e, TT_EFORMAT, "%s: members %.80s and %.80s overlap", file,
                           z->member[i - 1].name, z->member[i].name);
    qsort(z->member, z->count, sizeof *z->member, by_member_name);
    for (size_t i = 1; i < z->count; i++)
        if (!strcmp(z->member[i - 1].name, z->member[i].name))
            return tt_fail(e, TT_EFORMAT, "%s: member %.80s is there twice", file,
                           z->member[i].name);
    return 0;
}

/* Raw deflate of any size: zlib counts in 32 bits. Fills dst exactly, or says no. */
static bool inflate_raw(unsigned char *dst, size_t n, const unsigned char *src, size_t stored) {
    z_stream s = {0};
    if (inflateInit2(&s, -MAX_WBITS) != Z_OK) return false;
    int rc = Z_OK;
    unsigned char extra; /* one byte more than announced would come here */
    do {
        if (!s.avail_in && stored) {
            s.next_in = (unsigned char *)(uintptr_t)src;
            s.avail_in = (uInt)(stored < UINT_MAX ? stored : UINT_MAX);
            src += s.avail_in, stored -= s.avail_in;
        }
        size_t room = n < UINT_MAX ? n : UINT_MAX;
        s.next_out = n ? dst : &extra;
        s.avail_out = n ? (uInt)room : 1;
        uInt had = s.avail_out;
        rc = inflate(&s, Z_NO_FLUSH);
        size_t got = had - s.avail_out;
        if (!n && got) rc = Z_DATA_ERROR;
        else dst += got, n -= got;
    } while (rc == Z_OK && (s.avail_in || stored || !s.avail_out));
    bool whole = rc == Z_STREAM_END && !n && !s.avail_in && !stored;
    inflateEnd(&s);
    return whole;
}

int tt_zip_read(const tt_zip *z, const tt_zip_member *m, const unsigned char **data, tt_err *e) {
    const unsigned char *from = z->data + m->offset;
    if (m->deflated) {
        unsigned char *room = tt_arena_alloc(z->arena, m->size + 1);
        if (!room)
            return tt_fail(e, TT_ENOMEM, "%s: out of memory for member %.80s, %zu bytes", z->file,
                           m->name, m->size);
        if (!inflate_raw(room, m->size, from, m->stored))
            return tt_fail(e, TT_EFORMAT,
                           "%s: member %.80s is damaged, or not of the size it says, %zu bytes",
                           z->file, m->name, m->size);
        from = room;
    }
    if (crc32_z(0, from, m->size) != m->crc)
        return tt_fail(e, TT_EFORMAT, "%s: damaged: checksum of member %.80s is wrong", z->file,
                       m->name);
    *data = from;
    return 0;
}

/* ---- writing ------------------------------------------------------------------------------- */

struct written {
    char *name;
    uint64_t offset, size;
    uint32_t crc;
};

struct tt_zipwriter {
    tt_output *out;
    struct written *member;
    size_t count, room;
};

enum {
    VERSION = 20,
    VERSION64 = 45,
    DATE = 0x21
}; /* the first of January 1980: the same bytes every time */

tt_zipwriter *tt_zipwriter_open(const char *path, tt_err *e) {
    tt_zipwriter *w = calloc(1, sizeof *w);
    if (!w) {
        tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
        return NULL;
    }
    w->out = tt_output_open(path, TT_OUTPUT_ATOMIC, e);
    if (w->out) return w;
    free(w);
    return NULL;
}

static void free_writer(tt_zipwriter *w) {
    for (size_t i = 0; i < w->count; i++) free(w->member[i].name);
    free(w->member);
    free(w);
}

void tt_zipwriter_abort(tt_zipwriter *w) {
    if (!w) return;
    tt_output_abort(w->out);
    free_writer(w);
}

/* What local and central headers share, 26 bytes from the needed version on. */
static void put_common(unsigned char *p, const struct written *m) {
    bool wide = m->size >= UINT32_MAX;
    tt_le_put(p, wide || m->offset >= UINT32_MAX ? VERSION64 : VERSION, 2);
    tt_le_put(p + 8, DATE, 2);
    tt_le_put(p + 10, m->crc, 4);
    tt_le_put(p + 14, wide ? UINT32_MAX : m->size, 4);
    tt_le_put(p + 18, wide ? UINT32_MAX : m->size, 4);
    tt_le_put(p + 22, strlen(m->name), 2);
}

static int put_local(tt_zipwriter *w, const struct written *m, tt_err *e) {
    unsigned char p[LOCAL_SIZE] = {0}, extra[20] = {EXTRA64, 0, 16};
    bool wide = m->size >= UINT32_MAX;
    tt_le_put(p, LOCAL, 4);
    put_common(p + 4, m);
    tt_le_put(p + 28, wide ? sizeof extra : 0, 2);
    tt_le_put(extra + 4, m->size, 8);
    tt_le_put(extra + 12, m->size, 8);
    TT_TRY(tt_output_write(w->out, p, sizeof p, e));
    TT_TRY(tt_output_write(w->out, m->name, strlen(m->name), e));
    return wide ? tt_output_write(w->out, extra, sizeof extra, e) : 0;
}

static int put_central(tt_zipwriter *w, const struct written *m, tt_err *e) {
    unsigned char p[CENTRAL_SIZE] = {0}, extra[28] = {EXTRA64};
    size_t n = 4;
    bool wide = m->size >= UINT32_MAX, far = m->offset >= UINT32_MAX;
    if (wide) tt_le_put(extra + n, m->size, 8), tt_le_put(extra + n + 8, m->size, 8), n += 16;
    if (far) tt_le_put(extra + n, m->offset, 8), n += 8;
    tt_le_put(extra + 2, n - 4, 2);
    if (n == 4) n = 0;
    tt_le_put(p, CENTRAL, 4);
    tt_le_put(p + 4, VERSION64, 2);
    put_common(p + 6, m);
    tt_le_put(p + 30, n, 2);
    tt_le_put(p + 42, far ? UINT32_MAX : m->offset, 4);
    TT_TRY(tt_output_write(w->out, p, sizeof p, e));
    TT_TRY(tt_output_write(w->out, m->name, strlen(m->name), e));
    return n ? tt_output_write(w->out, extra, n, e) : 0;
}

int tt_zipwriter_add(tt_zipwriter *w, const char *name, const tt_zip_part *parts, int n,
                     tt_err *e) {
    if (w->count == w->room) {
        size_t room = w->room ? 2 * w->room : 64;
        struct written *more = realloc(w->member, room * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for %zu members", room);
        w->member = more;
        w->room = room;
    }
    size_t len = strlen(name);
    struct written m = {.name = malloc(len + 1), .offset = tt_output_size(w->out)};
    if (!m.name) return tt_fail(e, TT_ENOMEM, "out of memory for member %.80s", name);
    memcpy(m.name, name, len + 1);
    for (int i = 0; i < n; i++) {
        m.size += parts[i].size;
        m.crc = (uint32_t)crc32_z(m.crc, parts[i].data, parts[i].size);
    }
    w->member[w->count++] = m;
    TT_TRY(put_local(w, &m, e));
    for (int i = 0; i < n; i++) TT_TRY(tt_output_write(w->out, parts[i].data, parts[i].size, e));
    return 0;
}

int tt_zipwriter_finish(tt_zipwriter *w, tt_err *e) {
    uint64_t at = tt_output_size(w->out);
    for (size_t i = 0; i < w->count; i++)
        put_central(w, &w->member[i], NULL); /* a failure stays in out */
    uint64_t end = tt_output_size(w->out), size = end - at;
    bool wide = end >= UINT32_MAX || w->count >= UINT16_MAX;
    unsigned char big[END64_SIZE + LOCATOR64_SIZE] = {0}, p[END_SIZE] = {0};
    tt_le_put(big, END64, 4);
    tt_le_put(big + 4, END64_SIZE - 12, 8);
    tt_le_put(big + 12, VERSION64, 2);
    tt_le_put(big + 14, VERSION64, 2);
    tt_le_put(big + 24, w->count, 8);
    tt_le_put(big + 32, w->count, 8);
    tt_le_put(big + 40, size, 8);
    tt_le_put(big + 48, at, 8);
    tt_le_put(big + END64_SIZE, LOCATOR64, 4);
    tt_le_put(big + END64_SIZE + 8, end, 8);
    tt_le_put(big + END64_SIZE + 16, 1, 4);
    if (wide) tt_output_write(w->out, big, sizeof big, NULL);
    tt_le_put(p, END, 4);
    tt_le_put(p + 8, wide ? UINT16_MAX : w->count, 2);
    tt_le_put(p + 10, wide ? UINT16_MAX : w->count, 2);
    tt_le_put(p + 12, wide ? UINT32_MAX : size, 4);
    tt_le_put(p + 16, wide ? UINT32_MAX : at, 4);
    tt_output_write(w->out, p, sizeof p, NULL);
    int rc = tt_output_finish(w->out, e);
    free_writer(w);
    return rc;
}
