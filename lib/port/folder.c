/* folder.c: see folder.h. Files are mapped when first asked for; gzip files are inflated then. */
#include "port/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"
#include "io/modeldata.h"
#include "port/formats.h"
#include "port/zip.h"

enum { FILES_MOST = 4096 };

/* The first word of Bergamot's binary shortlists. */
static const uint64_t shortlist_magic = 0xF11A48D5013417F5u;

struct file {
    const char *name, *path;
    const unsigned char *data; /* NULL: not yet read */
    size_t size;
    tt_map map;
    char *inflated;
    const tt_zip_member *member;
};

struct tt_folder {
    tt_arena *arena;
    const char *where;
    tt_map map; /* of the ZIP file */
    tt_zip zip;
    struct file *file;
    size_t count, room, chosen;
};

static char *joined(tt_arena *a, const char *x, const char *between, const char *y) {
    size_t n = strlen(x), m = strlen(between), k = strlen(y);
    char *p = tt_arena_alloc(a, n + m + k + 1);
    if (!p) return NULL;
    memcpy(p, x, n);
    memcpy(p + n, between, m);
    memcpy(p + n + m, y, k + 1);
    return p;
}

static int add(tt_folder *f, const char *name, const char *path, const tt_zip_member *member, tt_err *e) {
    if (f->count == FILES_MOST) return tt_fail(e, TT_EFORMAT, "%s: more than %d files", f->where, (int)FILES_MOST);
    if (f->count == f->room) {
        size_t room = f->room ? 2 * f->room : 32;
        struct file *more = tt_arena_alloc(f->arena, room * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "%s: out of memory", f->where);
        if (f->count) memcpy(more, f->file, f->count * sizeof *more);
        f->file = more;
        f->room = room;
    }
    if (!name || !path) return tt_fail(e, TT_ENOMEM, "%s: out of memory", f->where);
    f->file[f->count++] = (struct file){.name = name, .path = path, .member = member};
    return 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static int read_folder(tt_folder *f, const char *path, tt_err *e) {
    DIR *d = opendir(path);
    if (!d) return tt_fail_errno(e, TT_ENOINPUT, errno, "%s: cannot open", path);
    int rc = 0;
    for (struct dirent *x; !rc && (x = readdir(d));) {
        char *full = joined(f->arena, path, "/", x->d_name);
        struct stat st;
        if (full && (stat(full, &st) || !S_ISREG(st.st_mode))) continue;
        rc = add(f, tt_arena_text(f->arena, x->d_name, strlen(x->d_name)), full, NULL, e);
    }
    closedir(d);
    if (!rc && f->count) qsort(f->file, f->count, sizeof *f->file, by_name);
    return rc;
}

/* Members lie in one folder or in none; what lies deeper keeps its path as its name. */
static int read_zip(tt_folder *f, tt_err *e) {
    TT_TRY(tt_zip_open(&f->zip, f->map.data, f->map.size, f->where, f->arena, e));
    size_t common = 0;
    for (size_t i = 0; i < f->zip.count; i++) {
        const char *name = f->zip.member[i].name, *slash = strchr(name, '/');
        size_t n = slash ? (size_t)(slash - name) + 1 : 0;
        if (!i) common = n;
        else if (n != common || strncmp(name, f->zip.member[0].name, n) != 0) common = 0;
    }
    for (size_t i = 0; i < f->zip.count; i++) {
        const char *name = f->zip.member[i].name;
        TT_TRY(add(f, name + common, joined(f->arena, f->where, ": ", name), &f->zip.member[i], e));
    }
    return 0;
}

/* Is this ZIP a package, and not an .npz, whose members are all arrays? */
static int is_package(tt_folder *f, const char *path, const void *data, size_t size, bool *is, tt_err *e) {
    tt_zip z;
    *is = false;
    if (!tt_zip_is(data, size)) return 0;
    TT_TRY(tt_zip_open(&z, data, size, path, f->arena, e));
    for (size_t i = 0; i < z.count && !*is; i++) {
        size_t n = strlen(z.member[i].name);
        *is = n < 4 || strcmp(z.member[i].name + n - 4, ".npy") != 0;
    }
    return 0;
}

static int open_any(tt_folder *f, const char *path, tt_err *e) {
    struct stat st;
    if (stat(path, &st)) return tt_fail_errno(e, TT_ENOINPUT, errno, "%s: cannot open", path);
    if (S_ISDIR(st.st_mode)) return read_folder(f, path, e);
    TT_TRY(tt_map_open(&f->map, path, e));
    bool package;
    TT_TRY(is_package(f, f->where, f->map.data, f->map.size, &package, e));
    if (package) return read_zip(f, e);
    tt_map_close(&f->map);
    const char *slash = strrchr(path, '/');
    char *folder = slash ? tt_arena_text(f->arena, path, (size_t)(slash - path) + (slash == path)) : NULL;
    if (slash && !folder) return tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
    TT_TRY(read_folder(f, folder ? folder : ".", e));
    f->chosen = tt_folder_find(f, slash ? slash + 1 : path);
    if (f->chosen < f->count) f->file[f->chosen].path = path;
    return 0;
}

tt_folder *tt_folder_open(const char *path, tt_arena *a, tt_err *e) {
    tt_folder *f = calloc(1, sizeof *f);
    if (!f) {
        tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
        return NULL;
    }
    f->arena = a;
    f->where = path;
    f->chosen = SIZE_MAX;
    if (!open_any(f, path, e)) return f;
    tt_folder_close(f);
    return NULL;
}

void tt_folder_close(tt_folder *f) {
    if (!f) return;
    for (size_t i = 0; i < f->count; i++) {
        tt_map_close(&f->file[i].map);
        free(f->file[i].inflated);
    }
    tt_map_close(&f->map);
    free(f);
}

size_t tt_folder_count(const tt_folder *f) { return f->count; }
const char *tt_folder_name(const tt_folder *f, size_t i) { return f->file[i].name; }
const char *tt_folder_path(const tt_folder *f, size_t i) { return f->file[i].path; }
const char *tt_folder_where(const tt_folder *f) { return f->where; }
size_t tt_folder_chosen(const tt_folder *f) { return f->chosen < f->count ? f->chosen : f->count; }

size_t tt_folder_find(const tt_folder *f, const char *name) {
    size_t i = 0;
    while (i < f->count && strcmp(f->file[i].name, name) != 0) i++;
    return i;
}

bool tt_folder_ends(const tt_folder *f, size_t i, const char *end) {
    const char *name = f->file[i].name;
    size_t n = strlen(name), m = strlen(end);
    return n >= m && !strcmp(name + n - m, end);
}

int tt_folder_add(tt_folder *f, const char *path, size_t *index, tt_err *e) {
    const char *slash = strrchr(path, '/');
    *index = f->count;
    return add(f, slash ? slash + 1 : path, path, NULL, e);
}

static bool is_gzip(const unsigned char *p, size_t n) { return n > 2 && p[0] == 0x1f && p[1] == 0x8b; }

int tt_folder_read(tt_folder *f, size_t i, const unsigned char **data, size_t *size, tt_err *e) {
    struct file *x = &f->file[i];
    if (!x->data && x->member) {
        TT_TRY(tt_zip_read(&f->zip, x->member, &x->data, e));
        x->size = x->member->size;
    } else if (!x->data) {
        TT_TRY(tt_map_open(&x->map, x->path, e));
        x->data = x->map.data;
        x->size = x->map.size;
        if (is_gzip(x->data, x->size)) {
            TT_TRY(tt_file_read(&x->inflated, &x->size, x->path, tt_zip_room(x->map.size), e));
            x->data = (unsigned char *)x->inflated;
        }
        if (!x->data) x->data = (const unsigned char *)"";
    }
    *data = x->data;
    *size = x->size;
    return 0;
}

/* SentencePiece models are protobufs that begin with a piece: field 1, its bytes, within them field 1, the text. */
static bool is_spm(const unsigned char *p, size_t n) {
    return n > 16 && p[0] == 0x0a && p[1] < 0x80 && p[2] == 0x0a && p[3] <= p[1];
}

int tt_folder_kind(tt_folder *f, size_t i, int *kind, tt_err *e) {
    const unsigned char *p;
    size_t n;
    TT_TRY(tt_folder_read(f, i, &p, &n, e));
    if (tt_zip_is(p, n)) {
        bool package;
        TT_TRY(is_package(f, f->file[i].path, p, n, &package, e));
        *kind = package ? TT_KIND_ZIP : TT_KIND_NPZ;
    } else if (n >= 8 && tt_le_get(p, 8) == shortlist_magic) {
        *kind = TT_KIND_SHORTLIST;
    } else if (tt_safetensors_is(p, n)) {
        *kind = TT_KIND_SAFETENSORS;
    } else if (tt_marianbin_is(p, n)) {
        *kind = TT_KIND_MARIAN_BIN;
    } else if (is_spm(p, n)) {
        *kind = TT_KIND_SPM;
    } else {
        *kind = tt_ct2bin_is(p, n) ? TT_KIND_CT2 : TT_KIND_OTHER;
    }
    return 0;
}
