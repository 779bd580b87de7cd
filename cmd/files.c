/* files.c: see files.h. Rows whose value is called FILE, MODEL and so on name files; the row says
 * in .file when they are written. So a new option is looked after when its row is there.
 */
#define _DEFAULT_SOURCE
#include "files.h"

#include "base/sandbox.h"
#include "cmd.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MOST = 4096 };

int tt_opt_takes_file(const tt_opt *o) {
    static const char *const files[] = {"FILE", "MODEL",  "DIR",      "SRC",
                                        "TGT",  "SOURCE", "REFERENCE"};
    static const char ends[] = " .[]";
    const char *what = o->arg ? o->arg : o->names;
    while (what && *what && o->kind != TT_OPT_ENUM) {
        what += strspn(what, ends);
        size_t n = strcspn(what, ends);
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
            if (n == strlen(files[i]) && !memcmp(what, files[i], n)) return 1;
        what += n;
    }
    return 0;
}

/* ---- finding ------------------------------------------------------------------------------- */

static int add(tt_uses *u, const tt_opt *o, const char *path, const char *end, int how, tt_err *e) {
    tt_use *more = realloc(u->item, ((size_t)u->count + 1) * sizeof *more);
    if (more) u->item = more;
    size_t n = strlen(path), m = strlen(end);
    char *copy = more ? malloc(n + m + 1) : NULL;
    if (!copy) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    memcpy(copy, path, n);
    memcpy(copy + n, end, m + 1);
    tt_use *x = &u->item[u->count++];
    *x = (tt_use){.path = copy, .how = how};
    if (o->names[0] == '-') tt_opt_title(o, x->title, sizeof x->title);
    else
        snprintf(x->title, sizeof x->title, "%.*s",
                 (int)strcspn(o->names + (*o->names == '['), "]."), o->names + (*o->names == '['));
    return 0;
}

static int add_value(tt_uses *u, const tt_opt *o, const char *path, tt_err *e) {
    int how = o->file == TT_FILE_MODEL || o->file == TT_FILE_NAMED ? TT_FILE_READ
              : o->file == TT_FILE_RUN                             ? TT_FILE_WRITE
                                                                   : o->file;
    char fetched[PATH_MOST];
    if (o->file == TT_FILE_NAMED && !(path = strchr(path, ':'))) /* or one that was fetched once */
        return tt_cmd_fetched(fetched, sizeof fetched) && !access(fetched, X_OK)
                   ? add(u, o, fetched, "", TT_FILE_READ, e)
                   : 0;
    if (o->file == TT_FILE_NAMED) path++;
    if (!*path) return 0;
    int rc = add(u, o, path, "", how, e);
    return rc || o->file != TT_FILE_RUN ? rc : add(u, o, path, ".ckpt", TT_FILE_WRITE, e);
}

/* The default model, as the command will find it; none is no fault here. */
static int add_default(tt_uses *u, const tt_cmd *cmd, const tt_opt *o, const void *opts,
                       tt_err *e) {
    char path[PATH_MOST];
    tt_err ignored;
    const tt_opt *pair = tt_opt_find(cmd, "--direction");
    const char *given =
        pair ? *(const char *const *)(const void *)((const char *)opts + pair->at) : NULL;
    return tt_cmd_model(path, sizeof path, NULL, given, &ignored)
               ? 0
               : add(u, o, path, "", TT_FILE_READ, e);
}

static int add_row(tt_uses *u, const tt_cmd *cmd, const tt_opt *o, const void *opts, tt_err *e) {
    const void *at = (const char *)opts + o->at;
    int rc = 0;
    if (o->kind == TT_OPT_STRING) {
        const char *path = *(const char *const *)at;
        if (path) return add_value(u, o, path, e);
    } else if (o->kind == TT_OPT_LIST) {
        const tt_list *list = at;
        for (int i = 0; !rc && i < list->count; i++) rc = add_value(u, o, list->item[i], e);
        if (list->count) return rc;
    }
    return o->file == TT_FILE_MODEL ? add_default(u, cmd, o, opts, e) : 0;
}

int tt_uses_find(tt_uses *u, const tt_cmd *cmd, const void *opts, const tt_opt_shared *shared,
                 tt_err *e) {
    int rc = 0;
    *u = (tt_uses){0};
    for (const tt_opt *o = cmd->rows; !rc && o->kind; o++)
        if (o->kind != TT_OPT_GROUP && (tt_opt_takes_file(o) || o->file))
            rc = add_row(u, cmd, o, opts, e);
    for (const tt_opt *o = tt_opt_common; !rc && o->kind; o++)
        if (o->kind != TT_OPT_GROUP && tt_opt_takes_file(o)) rc = add_row(u, cmd, o, shared, e);
    return rc;
}

void tt_uses_free(tt_uses *u) {
    for (int i = 0; i < u->count; i++) free((char *)(uintptr_t)u->item[i].path);
    free(u->item);
    *u = (tt_uses){0};
}

/* ---- holding against one another ----------------------------------------------------------- */

/* The file behind a use: 1, 0 when there is none. Standard input and output by their descriptors.
 */
static int look(const tt_use *x, struct stat *st) {
    if (strcmp(x->path, "-") != 0) return !stat(x->path, st);
    return !fstat(x->how == TT_FILE_READ ? STDIN_FILENO : STDOUT_FILENO, st);
}

static int same(const struct stat *a, const struct stat *b) {
    return S_ISREG(a->st_mode) && S_ISREG(b->st_mode) && a->st_dev == b->st_dev &&
           a->st_ino == b->st_ino;
}

/* A model file of ours is nothing that `import` reads in a folder. */
static bool is_own(const char *path) {
    unsigned char head[4] = {0};
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(head, 1, sizeof head, f) : 0;
    if (f) fclose(f);
    return n == sizeof head && !memcmp(head, "\x89TTM", sizeof head);
}

/* 1 if the file is in this folder. */
static int is_within(const char *folder, const struct stat *file) {
    DIR *d = opendir(folder);
    int found = 0;
    for (struct dirent *x; d && !found && (x = readdir(d));) {
        char path[PATH_MOST];
        struct stat st;
        int n = snprintf(path, sizeof path, "%s/%s", folder, x->d_name);
        found = n > 0 && (size_t)n < sizeof path && !stat(path, &st) && same(&st, file) &&
                !is_own(path);
    }
    if (d) closedir(d);
    return found;
}

static int refuse(const tt_use *in, const tt_use *out, tt_err *e) {
    const char *path = strcmp(out->path, "-") ? out->path : in->path;
    if (in->how != TT_FILE_READ)
        return tt_cmd_fail(e, TT_EUSAGE, "%.300s: is the output of %s and of %s", path, in->title,
                           out->title);
    return tt_cmd_fail(e, TT_EUSAGE, "%.300s: is the input and the output (%s, %s)", path,
                       in->title, out->title);
}

static int check_pair(const tt_use *a, const tt_use *b, tt_err *e) {
    struct stat x, y;
    int there = look(a, &x), here = look(b, &y);
    if (!there || !here)
        return !there && !here && !strcmp(a->path, b->path) && strcmp(a->path, "-")
                   ? refuse(a, b, e)
                   : 0;
    if (same(&x, &y)) return refuse(a, b, e);
    return a->how == TT_FILE_READ && S_ISDIR(x.st_mode) && S_ISREG(y.st_mode) &&
                   is_within(a->path, &y)
               ? refuse(a, b, e)
               : 0;
}

int tt_uses_check(const tt_uses *u, tt_err *e) {
    static const tt_use in = {.title = "standard input", .path = "-", .how = TT_FILE_READ};
    static const tt_use out = {.title = "standard output", .path = "-", .how = TT_FILE_WRITE};
    int rc = check_pair(&in, &out, e);
    for (int i = 0; !rc && i < u->count; i++) {
        const tt_use *x = &u->item[i];
        if (x->how == TT_FILE_READ) rc = check_pair(x, &out, e);
        else if (strcmp(x->path, "-") != 0) rc = check_pair(&in, x, e);
        if (!rc && x->how != TT_FILE_READ && x->how != TT_FILE_APPEND && strcmp(x->path, "-") != 0)
            rc = check_pair(&out, x, e);
        for (int k = 0; !rc && k < u->count; k++) {
            const tt_use *y = &u->item[k];
            if (y->how == TT_FILE_READ || (x->how != TT_FILE_READ && k <= i)) continue;
            if (y->how == TT_FILE_REPLACE && !strcmp(x->title, "MODEL")) continue;
            rc = check_pair(x, y, e);
        }
    }
    return rc;
}

/* ---- the sandbox --------------------------------------------------------------------------- */

struct confines {
    tt_sandbox_path *path;
    int count, room;
};

/* `len` bytes of a path, copied. */
static void let(struct confines *c, const char *path, size_t len, int how) {
    char *copy = c->count < c->room ? malloc(len + 1) : NULL;
    if (!copy) return;
    memcpy(copy, path, len);
    copy[len] = 0;
    c->path[c->count++] = (tt_sandbox_path){copy, how};
}

/* The folder of a path: "." where it names none. */
static void let_folder(struct confines *c, const char *path, int how) {
    const char *slash = strrchr(path, '/');
    if (slash) let(c, path, (size_t)(slash - path) + (slash == path), how);
    else let(c, ".", 1, how);
}

/* Files of a folder may be links to elsewhere, as caches of packages have them. */
static void let_links(struct confines *c, const char *folder) {
    DIR *d = opendir(folder);
    for (struct dirent *x; d && (x = readdir(d));) {
        char path[PATH_MOST];
        struct stat st;
        int n = snprintf(path, sizeof path, "%s/%s", folder, x->d_name);
        if (n > 0 && (size_t)n < sizeof path && !lstat(path, &st) && S_ISLNK(st.st_mode))
            let(c, path, (size_t)n, TT_SANDBOX_READ);
    }
    if (d) closedir(d);
}

static void let_use(struct confines *c, const tt_use *x, int more) {
    char real[PATH_MAX];
    struct stat st;
    if (!strcmp(x->path, "-")) return;
    int there = !stat(x->path, &st);
    if (x->how == TT_FILE_READ) {
        let(c, x->path, strlen(x->path), TT_SANDBOX_READ);
        if (more & TT_CONFINE_PACKAGE && there && S_ISREG(st.st_mode)) {
            let_folder(c, x->path, TT_SANDBOX_READ);
            if (c->count && c->count < c->room) let_links(c, c->path[c->count - 1].path);
        }
        if (there && S_ISDIR(st.st_mode)) let_links(c, x->path);
        return;
    }
    const int how = more & TT_CONFINE_RUN ? TT_SANDBOX_BOTH : TT_SANDBOX_WRITE;
    if (there && !S_ISREG(st.st_mode))
        let(c, x->path, strlen(x->path), how); /* a device, a pipe, a folder */
    else let_folder(c, realpath(x->path, real) ? real : x->path, how);
}

void tt_uses_confine(const tt_uses *u, int more) {
    /* what the C library asks for processors, memory and random numbers */
    static const char *const always[] = {"/sys/devices/system/cpu", "/proc/stat", "/proc/meminfo",
                                         "/proc/self", "/dev/urandom"};
    enum { LINKS = 4096 };
    struct confines c = {.room = 3 * u->count + LINKS};
    c.path = malloc((size_t)c.room * sizeof *c.path);
    if (!c.path) return;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        let(&c, always[i], strlen(always[i]), TT_SANDBOX_READ);
    let(&c, "/dev/null", strlen("/dev/null"), TT_SANDBOX_BOTH);
    for (int i = 0; i < u->count; i++) let_use(&c, &u->item[i], more);
    tt_sandbox_enter(c.path, c.count, (more & TT_CONFINE_FORKS) != 0);
    for (int i = 0; i < c.count; i++) free((char *)(uintptr_t)c.path[i].path);
    free(c.path);
}
