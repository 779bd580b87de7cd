/* t_rows: a tensor read some rows at a time says what it says when it is read whole, and whether it
 * is sound, however many of its rows were asked for.
 */
#include "io/rows.h"
#include "base/rng.h"
#include "io/modelfile.h"
#include "unit/files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    size_t rows, cols;
} shapes[] = {{1, 1}, {3, 7}, {0, 5}, {5, 0}, {1, 40000}, {300, 129}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static float *weights(size_t n, uint64_t key) {
    float *x = malloc((n + 1) * sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = (float)(0.05 * tt_rand_normal(key, i));
    return x;
}

static void write_all(void) {
    tt_err e = {0};
    tt_modelwriter *w = tt_modelwriter_open(PATH("all"), &e);
    for (int i = 0; i < 4 * TT_CODEC_COUNT * SHAPES; i++) {
        const int s = i % SHAPES, codec = i / SHAPES % TT_CODEC_COUNT,
                  type = TT_TYPE_F32 + i / SHAPES / TT_CODEC_COUNT;
        char name[20];
        float *x = weights(shapes[s].rows * shapes[s].cols, (uint64_t)i);
        snprintf(name, sizeof name, "%d", i);
        tt_modelwriter_add(w, name, type, shapes[s].rows, shapes[s].cols, x, codec, NULL);
        free(x);
    }
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
}

/* The first `rows` rows, `step` at a time, to x. */
static int read_rows(const tt_modelfile *mf, const tt_file_tensor *t, size_t rows, size_t step,
                     float *x, tt_err *e) {
    tt_rows r;
    void *room = malloc(tt_rows_room(t) + 1);
    CHECK(!tt_rows_room(t) == (t->codec == TT_CODEC_STORED));
    int rc = tt_rows_open(&r, mf, t, room, e);
    for (size_t at = 0; !rc && at < rows; at += step) {
        float *to = x + at * t->cols;
        const size_t n = rows - at < step ? rows - at : step;
        const float *got = tt_rows_f32(&r, n, to);
        CHECK((got == to) == (t->codec != TT_CODEC_STORED || t->type != TT_TYPE_F32),
              "a copy that is not needed");
        if (got != to) memcpy(to, got, n * t->cols * sizeof *to);
    }
    if (!rc) rc = tt_rows_close(&r, e);
    free(room);
    return rc;
}

static void test_f32(void) {
    tt_err e = {0};
    tt_modelfile *mf = tt_modelfile_open(PATH("all"), &e);
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(mf, i);
        const size_t n = t->rows * t->cols;
        float *x = weights(n, 0), *want = weights(n, 0), *start = weights(n, 0);
        CHECK(!tt_modelfile_read_f32(mf, t, want, &e), "%s", e.msg);
        for (size_t step = 1; step < 1000; step *= 7) {
            CHECK(!read_rows(mf, t, t->rows, step, x, &e) && !memcmp(x, want, n * sizeof *x),
                  "tensor %s by %zu", t->name, step);
            memcpy(x, start, n * sizeof *x);
            CHECK(!read_rows(mf, t, t->rows / 2, step, x, &e), "%s", e.msg);
            CHECK(!memcmp(x, want, t->rows / 2 * t->cols * sizeof *x), "half of tensor %s by %zu",
                  t->name, step);
            CHECK(!memcmp(x + t->rows / 2 * t->cols, start + t->rows / 2 * t->cols,
                          (t->rows - t->rows / 2) * t->cols * sizeof *x),
                  "no more");
        }
        free(x);
        free(want);
        free(start);
    }
    CHECK(!e.code, "%s", e.msg);
    tt_modelfile_close(mf);
}

static void test_bytes(void) {
    tt_err e = {0};
    tt_modelfile *mf = tt_modelfile_open(PATH("all"), &e);
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(mf, i);
        if (t->type != TT_TYPE_I8) continue;
        unsigned char *raw = malloc(t->raw + 1), *room = malloc(t->raw + 1);
        CHECK(!tt_modelfile_read(mf, t, raw, &e), "%s", e.msg);
        for (size_t step = 1; step < 1000; step *= 7) {
            tt_rows r;
            CHECK(!tt_rows_open(&r, mf, t, room, &e), "%s", e.msg);
            for (size_t at = 0, n; at < t->rows; at += n) {
                n = t->rows - at < step ? t->rows - at : step;
                const float *scales;
                const int8_t *got = tt_rows_bytes(&r, n, &scales);
                CHECK(!memcmp(scales, raw + at * sizeof *scales, n * sizeof *scales),
                      "scales of tensor %s, row %zu", t->name, at);
                CHECK(!memcmp(got, raw + t->rows * sizeof *scales + at * t->cols, n * t->cols),
                      "tensor %s, row %zu", t->name, at);
            }
            CHECK(!tt_rows_close(&r, &e), "%s", e.msg);
        }
        free(raw);
        free(room);
    }
    tt_modelfile_close(mf);
}

/* A byte flipped anywhere, in rows that are asked for and in others. */
static void test_damage(void) {
    tt_err e = {0};
    tt_modelfile *mf = tt_modelfile_open(PATH("all"), &e);
    const size_t size = (size_t)tt_modelfile_size(mf), count = tt_modelfile_count(mf);
    float *x = weights(40000, 0);
    unsigned char *data = malloc(size);
    FILE *f = fopen(PATH("all"), "rb");
    CHECK(f && fread(data, 1, size, f) == size);
    tt_modelfile_close(mf);
    for (size_t i = 0; i < count; i++) {
        mf = tt_modelfile_open_memory(data, size, "M", &e);
        const tt_file_tensor *t = tt_modelfile_entry(mf, i);
        for (size_t at = 0; at < t->stored; at += t->stored / 5 + 1)
            for (int half = 0; half < 2; half++) {
                data[t->offset + at] ^= 16;
                e = (tt_err){0};
                CHECK(read_rows(mf, t, half ? t->rows / 2 : t->rows, 64, x, &e) == TT_EFORMAT &&
                          strstr(e.msg, "checksum of tensor "),
                      "tensor %s: %s", t->name, e.msg);
                data[t->offset + at] ^= 16;
                CHECK(!read_rows(mf, t, t->rows, 64, x, &e), "%s", e.msg);
            }
        tt_modelfile_close(mf);
    }
    if (f) fclose(f);
    free(data);
    free(x);
}

/* Scales that are no numbers are told at the end, whichever way the rows are read. */
static void test_scales(void) {
    for (int codec = 0; codec < TT_CODEC_COUNT; codec++) {
        unsigned char raw[3 * sizeof(float) + 3 * 100] = {0}, room[sizeof raw + 1];
        float s[3] = {1.0f, 2.0f, NAN}, x[300];
        tt_err e = {0};
        memcpy(raw, s, sizeof s);
        tt_modelwriter *w = tt_modelwriter_open(PATH("none"), &e);
        tt_modelwriter_raw(w, "w", TT_TYPE_I8, 3, 100, raw, codec, NULL);
        CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
        tt_modelfile *mf = tt_modelfile_open(PATH("none"), &e);
        const tt_file_tensor *t = tt_modelfile_entry(mf, 0);
        CHECK(read_rows(mf, t, 3, 2, x, &e) == TT_EDATA &&
                  strstr(e.msg, "tensor w, row 2: its scale is "),
              "%s", e.msg);
        tt_rows r;
        const float *scales;
        CHECK(!tt_rows_open(&r, mf, t, room, &e));
        CHECK(tt_rows_bytes(&r, 1, &scales) && scales[0] == s[0]);
        CHECK(tt_rows_close(&r, &e) == TT_EDATA, "%s", e.msg);
        tt_modelfile_close(mf);
    }
}

int main(void) {
    in_new_folder("t_rows");
    write_all();
    test_f32();
    test_bytes();
    test_damage();
    test_scales();
    static const char *const names[] = {"all", "none"};
    in_the_end(names, sizeof names / sizeof *names);
    return test_done("t_rows");
}
