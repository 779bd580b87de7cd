/* f_package: a folder of another program's model with bytes, words or whole files changed is
 * refused with one line, or becomes a model file that opens. The first byte chooses the program;
 * then blocks: a file, what is done (0: bytes as in seal.h; 1: OLD NUL NEW, a text once in place of
 * another; 2: the bytes are the file), a number of bytes, these.
 */
#include "fuzz/small.h"
#include "fuzz/seal.h"
#include "ttrans.h"

#include <dirent.h>

enum { FORMATS = 3, FILES = 16 };

typedef struct file {
    char name[64], path[700];
    uint8_t *data;
    size_t size;
} file;

static file files[FORMATS][FILES];
static int count[FORMATS];
static char work[FORMATS][200], model[200];

static void put(const char *path, const uint8_t *data, size_t size) {
    FILE *f = fopen(path, "wb");
    HOLDS(f && fwrite(data, 1, size, f) == size && !fclose(f));
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const file *)a)->name, ((const file *)b)->name);
}

static void make(void) {
    tt_err e = {0};
    size_t size;
    snprintf(model, sizeof model, "%s/m.ttm", memfile_folder());
    free(small_model(model, TT_TYPE_F32, &size));
    for (int i = 0; i < FORMATS; i++) {
        snprintf(work[i], sizeof work[i], "%s/%d", memfile_folder(), i);
        HOLDS(!tt_export(model, work[i], i, NULL, &e));
        DIR *d = opendir(work[i]);
        HOLDS(d);
        for (struct dirent *x; (x = readdir(d)) && count[i] < FILES;) {
            file *f = &files[i][count[i]];
            if (x->d_name[0] == '.') continue;
            snprintf(f->name, sizeof f->name, "%.60s", x->d_name);
            snprintf(f->path, sizeof f->path, "%s/%.60s", work[i], x->d_name);
            f->data = memfile_read(f->path, &f->size);
            count[i]++;
        }
        closedir(d);
        qsort(files[i], (size_t)count[i], sizeof(file), by_name);
    }
}

/* OLD NUL NEW: the first OLD of the file becomes NEW, in a copy of n bytes. */
static uint8_t *exchange(const file *f, const uint8_t *how, size_t size, size_t *n) {
    const uint8_t *cut = memchr(how, 0, size);
    size_t old = cut ? (size_t)(cut - how) : 0, new = cut ? size - old - 1 : 0;
    const uint8_t *at = old ? memmem(f->data, f->size, how, old) : NULL;
    uint8_t *copy = malloc(f->size + new + 1);
    HOLDS(copy);
    size_t before = at ? (size_t)(at - f->data) : f->size;
    memcpy(copy, f->data, before);
    *n = before;
    if (!at) return copy;
    memcpy(copy + before, cut + 1, new);
    memcpy(copy + before + new, at + old, f->size - before - old);
    *n = f->size - old + new;
    return copy;
}

static void change(const file *f, int what, const uint8_t *how, size_t size) {
    size_t n = size;
    uint8_t *copy = NULL;
    if (what == 1) {
        copy = exchange(f, how, size, &n);
    } else if (what == 0) {
        n = f->size;
        copy = malloc(n + 1);
        HOLDS(copy);
        memcpy(copy, f->data, n);
        seal_patch(copy, n, n / 2, how, size);
    }
    if (copy && n > 4 && !memcmp(copy, "PK\3\4", 4)) seal_zip(copy, n);
    put(f->path, copy ? copy : how, n);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!count[0]) make();
    if (!size) return 0;
    const int format = data[0] % FORMATS;
    char out[300];
    unsigned changed = 0;
    for (size_t at = 1; size - at >= 3;) {
        const int which = data[at] % count[format];
        size_t n = data[at + 2] < size - at - 3 ? data[at + 2] : size - at - 3;
        change(&files[format][which], data[at + 1] % 3, data + at + 3, n);
        changed |= 1u << which;
        at += 3 + n;
    }
    snprintf(out, sizeof out, "%s/out.ttm", memfile_folder());
    const tt_import_options o = {.source = work[format], .model = out, .store = -1};
    tt_err e = {0};
    unlink(out);
    if (tt_import(&o, NULL, &e)) {
        REFUSED(e, e.code == TT_EFORMAT || e.code == TT_ENOINPUT || e.code == TT_EDATA ||
                       e.code == TT_ENOMEM || e.code == TT_ECONFIG);
        HOLDS(access(out, F_OK));
    } else {
        tt_modelfile *mf = tt_modelfile_open(out, &e);
        HOLDS(mf && tt_modelfile_count(mf) > 5);
        tt_modelfile_close(mf);
    }
    for (int i = 0; i < count[format]; i++)
        if (changed >> i & 1)
            put(files[format][i].path, files[format][i].data, files[format][i].size);
    return 0;
}
