/* tar.c: see tar.h. A header of 512 bytes stands before each member: name at 0, size at 124,
 * checksum at 148, type at 156, the beginning of the name at 345. Numbers are octal digits, or with
 * the first bit set big-endian bytes (GNU). Two blocks of zeros end the archive.
 */
#include "port/tar.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "port/zip.h"

enum {
    BLOCK = 512,
    NAME = 100,
    SIZE_AT = 124,
    SUM_AT = 148,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
    PREFIX = 155
};
enum { MEMBERS_MOST = 1 << 16, NAME_MOST = 4096 };

/* A number of n bytes; UINT64_MAX when it is none, or beyond 2^63. */
static uint64_t number(const unsigned char *p, size_t n) {
    uint64_t x = 0;
    if (*p & 0x80) { /* GNU: the rest is a big-endian number */
        x = *p & 0x3F;
        for (size_t i = 1; i < n; i++) {
            if (x >> 54) return UINT64_MAX;
            x = x << 8 | p[i];
        }
        return x;
    }
    size_t i = 0;
    while (i < n && p[i] == ' ') i++;
    if (i == n || p[i] < '0' || p[i] > '7') return p[0] ? UINT64_MAX : 0;
    for (; i < n && p[i] >= '0' && p[i] <= '7'; i++) x = x << 3 | (uint64_t)(p[i] - '0');
    return i < n && p[i] && p[i] != ' ' ? UINT64_MAX : x;
}

static bool is_header(const unsigned char *p) {
    uint64_t sum = 0;
    for (size_t i = 0; i < BLOCK; i++) sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : p[i];
    return p[0] && number(p + SUM_AT, 8) == sum;
}

bool tt_tar_is(const void *data, size_t size) { return size >= BLOCK && is_header(data); }

static size_t length(const unsigned char *p, size_t most) {
    const unsigned char *end = memchr(p, 0, most);
    return end ? (size_t)(end - p) : most;
}

/* The name that the header gives, into room[NAME_MOST]. */
static void short_name(char *room, const unsigned char *p) {
    size_t n = 0, len = length(p, NAME);
    if (!memcmp(p + MAGIC_AT, "ustar", 6) &&
        p[PREFIX_AT]) { /* GNU's own form, "ustar  ", has other things there */
        n = length(p + PREFIX_AT, PREFIX);
        memcpy(room, p + PREFIX_AT, n);
        room[n++] = '/';
    }
    memcpy(room + n, p, len);
    room[n + len] = 0;
}

/* The path of a pax record, "27 path=folder/model.npz\n", if there is one; it may have no more than
 * NAME_MOST - 1 bytes. */
static bool pax_path(char *room, const unsigned char *p, size_t size) {
    bool found = false;
    while (size) {
        size_t n = 0, digits = 0;
        while (digits < size && digits < 10 && p[digits] >= '0' && p[digits] <= '9')
            n = 10 * n + (size_t)(p[digits++] - '0');
        if (n <= digits + 1 || n > size || p[digits] != ' ' || p[n - 1] != '\n') return false;
        const unsigned char *text = p + digits + 1;
        size_t len = n - digits - 2;
        if (len > 5 && !memcmp(text, "path=", 5)) {
            if (len - 5 >= NAME_MOST) return false;
            memcpy(room, text + 5, len - 5);
            room[len - 5] = 0;
            found = strlen(room) == len - 5;
        }
        p += n, size -= n;
    }
    return found;
}

static int add(tt_tar *t, const char *name, const unsigned char *data, size_t size, tt_arena *a,
               tt_err *e) {
    while (!strncmp(name, "./", 2)) name += 2;
    const char *slash = strrchr(name, '/');
    if (!strncmp(slash ? slash + 1 : name, "._", 2)) return 0;
    if (!tt_zip_safe_name(name, strlen(name)))
        return tt_fail(e, TT_EFORMAT, "%s: member %zu has a name that is no path below its folder",
                       t->file, t->count);
    if (t->count == MEMBERS_MOST)
        return tt_fail(e, TT_EFORMAT, "%s: more than %d members", t->file, (int)MEMBERS_MOST);
    if (t->count == t->room) {
        size_t room = t->room ? 2 * t->room : 32;
        tt_tar_member *more = tt_arena_alloc(a, room * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "%s: out of memory", t->file);
        if (t->count) memcpy(more, t->member, t->count * sizeof *more);
        t->member = more;
        t->room = room;
    }
    char *kept = tt_arena_text(a, name, strlen(name));
    if (!kept) return tt_fail(e, TT_ENOMEM, "%s: out of memory", t->file);
    t->member[t->count++] = (tt_tar_member){kept, data, size};
    return 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const tt_tar_member *)a)->name, ((const tt_tar_member *)b)->name);
}

static int read_members(tt_tar *t, const unsigned char *p, size_t size, tt_arena *a, tt_err *e) {
    char name[NAME_MOST];
    bool named = false; /* a long name came before the header that it belongs to */
    for (size_t at = 0; size - at >= BLOCK && p[at];) {
        const unsigned char *head = p + at;
        if (!is_header(head))
            return tt_fail(e, TT_EFORMAT, "%s: the tar header at byte %zu is malformed", t->file,
                           at);
        uint64_t n = number(head + SIZE_AT, 12);
        at += BLOCK;
        if (n > size - at)
            return tt_fail(e, TT_EFORMAT, "%s: the member at byte %zu is cut off", t->file,
                           at - BLOCK);
        unsigned char type = head[TYPE_AT];
        if (type == 'x') {
            named = pax_path(name, p + at, (size_t)n) || named;
        } else if (type == 'L') {
            size_t len = length(p + at, (size_t)n);
            if (len >= NAME_MOST)
                return tt_fail(e, TT_EFORMAT, "%s: a name of %zu bytes", t->file, len);
            memcpy(name, p + at, len);
            name[len] = 0;
            named = true;
        } else if (type != 'g' && type != 'K') {
            if (!named) short_name(name, head);
            named = false;
            /* an old archive marks a folder by the slash at its end */
            bool regular =
                (!type || type == '0' || type == '7') && *name && name[strlen(name) - 1] != '/';
            if (regular) TT_TRY(add(t, name, p + at, (size_t)n, a, e));
        }
        size_t padded = ((size_t)n + BLOCK - 1) / BLOCK * BLOCK;
        at = padded > size - at ? size : at + padded;
    }
    return 0;
}

int tt_tar_open(tt_tar *t, const void *data, size_t size, const char *file, tt_arena *a,
                tt_err *e) {
    *t = (tt_tar){.file = file};
    TT_TRY(read_members(t, data, size, a, e));
    if (t->count) qsort(t->member, t->count, sizeof *t->member, by_name);
    for (size_t i = 1; i < t->count; i++)
        if (!strcmp(t->member[i - 1].name, t->member[i].name))
            return tt_fail(e, TT_EFORMAT, "%s: member %.80s is there twice", file,
                           t->member[i].name);
    return 0;
}
