/* folder.c: see folder.h. Files are mapped when first asked for; gzip files are inflated then. A
 * tar.gz package is inflated as a whole when opened.
 */
#include "port/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"
#include "io/modeldata.h"
#include "port/formats.h"
#include "port/tar.h"
#include "port/zip.h"

enum { FILES_MOST = 4096 };

/* The first word of Bergamot's binary shortlists. */
static const uint64_t shortlist_magic = 0xF11A48D5013417F5u;

struct file {
    const char *name, *path;
    const unsigned char *data; /* NULL: not yet read */
    size_t size;
    tt_mapped map;
    char *inflated;
    const tt_zip_member *member;
};

struct tt_folder {
    tt_arena *arena;
    const char *where;
    const char *dir; /* where its files lie, without the slash */
    bool package;
    tt_mapped map; /* of the package */
    tt_zip zip;
    char *tar; /* inflated; NULL: as in the map */
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

static int add(tt_folder *f, const char *name, const char *path, const tt_zip_member *member,
               tt_err *e) {
    if (f->count == FILES_MOST)
        return tt_fail(e, TT_EFORMAT, "%s: more than %d files", f->where, (int)FILES_MOST);
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
    f->dir = path;
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

/* 1 if this ZIP is a package, and not an .npz, whose members are all arrays. */
static int is_package(tt_folder *f, const char *path, const void *data, size_t size, bool *is,
                      tt_err *e) {
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

/* Members lie in one folder or in none; what lies deeper keeps its path as its name. `name(i)` of
   both kinds of packages are in order, so the first and the last one tell what all begin with. */
static size_t common_folder(const char *first, const char *last) {
    const char *slash = strchr(first, '/');
    size_t n = slash ? (size_t)(slash - first) + 1 : 0;
    return strncmp(first, last, n) ? 0 : n;
}

static int read_zip(tt_folder *f, tt_err *e) {
    TT_TRY(tt_zip_open(&f->zip, f->map.data, f->map.size, f->where, f->arena, e));
    size_t n = f->zip.count,
           common = n ? common_folder(f->zip.member[0].name, f->zip.member[n - 1].name) : 0;
    for (size_t i = 0; i < n; i++) {
        const char *name = f->zip.member[i].name;
        TT_TRY(add(f, name + common, joined(f->arena, f->where, ": ", name), &f->zip.member[i], e));
    }
    return 0;
}

static int read_tar(tt_folder *f, const void *data, size_t size, tt_err *e) {
    tt_tar t;
    TT_TRY(tt_tar_open(&t, data, size, f->where, f->arena, e));
    size_t common = t.count ? common_folder(t.member[0].name, t.member[t.count - 1].name) : 0;
    for (size_t i = 0; i < t.count; i++) {
        const char *name = t.member[i].name;
        TT_TRY(add(f, name + common, joined(f->arena, f->where, ": ", name), NULL, e));
        f->file[i].data = t.member[i].size ? t.member[i].data : (const unsigned char *)"";
        f->file[i].size = t.member[i].size;
    }
    return 0;
}

static bool is_gzip(const unsigned char *p, size_t n) {
    return n > 2 && p[0] == 0x1f && p[1] == 0x8b;
}

/* A gzip file in whose beginning is a tar archive's? */
static int is_tar_gz(const char *path, bool *is, tt_err *e) {
    unsigned char begin[512];
    size_t n = 0, got = 1;
    int rc = 0;
    tt_input *in = tt_input_open(path, e);
    if (!in) return e->code;
    while (!rc && got && n < sizeof begin) {
        rc = tt_input_read(in, begin + n, &got, sizeof begin - n, e);
        if (!rc) n += got;
    }
    tt_input_close(in);
    *is = !rc && tt_tar_is(begin, n);
    return rc;
}

/* If the mapped file is a package: its members. */
static int read_package(tt_folder *f, const char *path, tt_err *e) {
    size_t size;
    bool tar_gz = false;
    TT_TRY(is_package(f, f->where, f->map.data, f->map.size, &f->package, e));
    if (f->package) return read_zip(f, e);
    f->package = tt_tar_is(f->map.data, f->map.size);
    if (f->package) return read_tar(f, f->map.data, f->map.size, e);
    if (is_gzip(f->map.data, f->map.size)) TT_TRY(is_tar_gz(path, &tar_gz, e));
    if (!tar_gz) return 0;
    f->package = true;
    TT_TRY(tt_file_read(&f->tar, &size, path, tt_zip_room(f->map.size), e));
    return read_tar(f, f->tar, size, e);
}

static int open_any(tt_folder *f, const char *path, tt_err *e) {
    struct stat st;
    if (stat(path, &st)) return tt_fail_errno(e, TT_ENOINPUT, errno, "%s: cannot open", path);
    if (S_ISDIR(st.st_mode)) return read_folder(f, path, e);
    TT_TRY(tt_mapped_open(&f->map, path, e));
    TT_TRY(read_package(f, path, e));
    if (f->package) return 0;
    tt_mapped_close(&f->map);
    const char *slash = strrchr(path, '/');
    char *folder =
        slash ? tt_arena_text(f->arena, path, (size_t)(slash - path) + (slash == path)) : NULL;
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
        tt_mapped_close(&f->file[i].map);
        free(f->file[i].inflated);
    }
    tt_mapped_close(&f->map);
    free(f->tar);
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

/* `path`, seen from the folder of the file `from`, as the name of a file in the package:
   "b/../a.spm" beside "x/config.yml" is "x/a.spm". NULL: it leads out, or memory is out. */
static char *package_path(const tt_folder *f, const char *from, const char *path) {
    const char *slash = strrchr(from, '/');
    char *name = tt_arena_alloc(f->arena, strlen(from) + strlen(path) + 2);
    size_t n = slash ? (size_t)(slash - from) : 0; /* without a slash at its end */
    if (!name || *path == '/') return NULL;
    memcpy(name, from, n);
    for (size_t len; *path; path += len + (path[len] == '/')) {
        len = strcspn(path, "/");
        if (!len || (len == 1 && *path == '.')) continue;
        if (len == 2 && path[0] == '.' && path[1] == '.') {
            if (!n) return NULL;
            while (n && name[n - 1] != '/') n--;
            if (n) n--;
            continue;
        }
        if (n) name[n++] = '/';
        memcpy(name + n, path, len);
        n += len;
    }
    name[n] = 0;
    return name;
}

static bool is_file(const char *path) {
    struct stat st;
    return path && !stat(path, &st) && S_ISREG(st.st_mode);
}

int tt_folder_follow(tt_folder *f, size_t from, const char *path, bool relative, size_t *index,
                     tt_err *e) {
    const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
    if (f->package) {
        const char *name = package_path(f, f->file[from].name, path);
        *index = name ? tt_folder_find(f, name) : f->count;
        if (*index == f->count) name = package_path(f, f->file[from].name, last);
        if (*index == f->count && name) *index = tt_folder_find(f, name);
        if (*index == f->count) *index = tt_folder_find(f, last);
        return 0;
    }
    char *full = slash && *path != '/' && relative ? joined(f->arena, f->dir, "/", path) : NULL;
    if (is_file(full)) return tt_folder_add(f, full, index, e);
    *index = tt_folder_find(f, last);
    if (*index < f->count || !slash) return 0;
    if (is_file(path))
        return tt_folder_add(f, tt_arena_text(f->arena, path, strlen(path)), index, e);
    if (*path != '/') full = joined(f->arena, f->dir, "/", path); /* not said, and yet there */
    return is_file(full) ? tt_folder_add(f, full, index, e) : 0;
}

int tt_folder_add(tt_folder *f, const char *path, size_t *index, tt_err *e) {
    const char *slash = strrchr(path, '/');
    *index = f->count;
    return add(f, slash ? slash + 1 : path, path, NULL, e);
}

int tt_folder_read(tt_folder *f, size_t i, const unsigned char **data, size_t *size, tt_err *e) {
    struct file *x = &f->file[i];
    if (!x->data && x->member) {
        TT_TRY(tt_zip_read(&f->zip, x->member, &x->data, e));
        x->size = x->member->size;
    } else if (!x->data) {
        TT_TRY(tt_mapped_open(&x->map, x->path, e));
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

/* SentencePiece models are protobufs that begin with a piece: field 1, its bytes, within them field
 * 1, the text. */
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
        *kind = package ? TT_FOREIGN_ZIP : TT_FOREIGN_NPZ;
    } else if (n >= 8 && tt_le_get(p, 8) == shortlist_magic) {
        *kind = TT_FOREIGN_SHORTLIST;
    } else if (tt_safetensors_is(p, n)) {
        *kind = TT_FOREIGN_SAFETENSORS;
    } else if (tt_marianbin_is(p, n)) {
        *kind = TT_FOREIGN_MARIAN_BIN;
    } else if (is_spm(p, n)) {
        *kind = TT_FOREIGN_SPM;
    } else {
        *kind = tt_ct2bin_is(p, n) ? TT_FOREIGN_CT2 : TT_FOREIGN_OTHER;
    }
    return 0;
}
