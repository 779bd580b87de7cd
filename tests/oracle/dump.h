/* dump.h: reads the dumps that torch_model.py writes; only libc, so that every test can use it.
 *
 *     dump *d = dump_read("tests/golden/torch_init.dump");          // NULL: missing or damaged
 *     size_t rows, cols;
 *     const float *w = dump_find(d, "init.emb", &rows, &cols);      // (rows, cols), NULL: no such
 *     dump_free(d);
 *
 * A dump is a row of records: a line "tensor NAME ROWS COLS", ROWS * COLS little-endian floats, a
 * newline. Tensors are owned by the dump.
 */
#ifndef TT_ORACLE_DUMP_H
#define TT_ORACLE_DUMP_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct dump_tensor {
    char name[80];
    size_t rows, cols;
    float *data;
} dump_tensor;

typedef struct dump {
    dump_tensor *tensors;
    size_t count;
} dump;

static inline void dump_free(dump *d) {
    if (!d) return;
    for (size_t i = 0; i < d->count; i++) free(d->tensors[i].data);
    free(d->tensors);
    free(d);
}

/* The record at `f` into *t: 1, or 0 if it is damaged. */
static inline int dump_record(FILE *f, dump_tensor *t) {
    if (fscanf(f, "tensor %79s %zu %zu", t->name, &t->rows, &t->cols) != 3) return 0;
    if (fgetc(f) != '\n' || !t->rows || !t->cols || t->rows > 65536 || t->cols > 65536) return 0;
    size_t n = t->rows * t->cols;
    unsigned char *raw = n <= 1 << 24 ? malloc(4 * n) : NULL;
    t->data = raw ? malloc(n * sizeof *t->data) : NULL;
    int good = t->data && fread(raw, 4, n, f) == n && fgetc(f) == '\n';
    for (size_t i = 0; good && i < n; i++) {
        const unsigned char *p = raw + 4 * i;
        uint32_t bits = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        memcpy(&t->data[i], &bits, sizeof bits);
    }
    free(raw);
    return good;
}

static inline dump *dump_read(const char *path) {
    FILE *f = fopen(path, "rb");
    dump *d = f ? calloc(1, sizeof *d) : NULL;
    int good = d != NULL, c;
    while (good && (c = fgetc(f)) != EOF) {
        ungetc(c, f);
        dump_tensor *more = realloc(d->tensors, (d->count + 1) * sizeof *more);
        if (!more) {
            good = 0;
            break;
        }
        d->tensors = more;
        memset(&more[d->count], 0, sizeof *more);
        good = dump_record(f, &more[d->count++]);
    }
    if (f) fclose(f);
    if (good) return d;
    dump_free(d);
    return NULL;
}

static inline const float *dump_find(const dump *d, const char *name, size_t *rows, size_t *cols) {
    for (size_t i = 0; i < d->count; i++)
        if (!strcmp(d->tensors[i].name, name)) {
            *rows = d->tensors[i].rows;
            *cols = d->tensors[i].cols;
            return d->tensors[i].data;
        }
    return NULL;
}

#endif
