/* t_modelfile.c: what is written comes back: every type, codec and odd shape, bit for bit where
 * that is promised, within the type's precision otherwise. And what is damaged is refused: cut off
 * at every length, each bit flipped, each field lying, with a message of its own for each kind of
 * damage.
 */
#include "io/modelfile.h"
#include "io/modeldata.h"
#include "unit/files.h"
#include "unit/weights.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static unsigned char *get(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END)) return NULL;
    *size = (size_t)ftell(f);
    rewind(f);
    unsigned char *data = malloc(*size + 1);
    if (data && fread(data, 1, *size, f) != *size) *size = 0;
    fclose(f);
    return data;
}

/* ---- round trips --------------------------------------------------------------------------- */

static const struct {
    size_t rows, cols;
} shapes[] = {{1, 1}, {3, 7}, {0, 5}, {5, 0}, {1, 40000}, {300, 129}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void name_of(char name[32], int type, int codec, int shape) {
    snprintf(name, 32, "%s.%s.%d", tt_type_name(type), tt_codec_name(codec), shape);
}

static int write_all(const char *path, tt_err *e) {
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (!w) return e->code;
    tt_modelwriter_set(w, "z.last", "", NULL);
    tt_modelwriter_set(w, "model.dim", "256", NULL);
    tt_modelwriter_set(w, "model.dim", "512", NULL);
    tt_modelwriter_set(w, "licence", "¿Qué?\nCC BY 4.0, 日本 \xf0\x9f\x8c\x8d", NULL);
    for (int type = TT_TYPE_F32; type <= TT_TYPE_I8; type++)
        for (int codec = 0; codec < TT_CODEC_COUNT; codec++)
            for (int s = 0; s < SHAPES; s++) {
                char name[32];
                name_of(name, type, codec, s);
                float *x = weights(shapes[s].rows * shapes[s].cols, (uint64_t)s);
                tt_modelwriter_add(w, name, type, shapes[s].rows, shapes[s].cols, x, codec, NULL);
                free(x);
            }
    tt_modelwriter_bytes(w, "vocab.spm", "pieces pieces pieces pieces pieces pieces", 41,
                         TT_CODEC_DEFLATE, NULL);
    tt_modelwriter_bytes(w, "nothing", NULL, 0, TT_CODEC_DEFLATE, NULL);
    return tt_modelwriter_finish(w, e);
}

static void check_tensor(const tt_modelfile *mf, int type, int codec, int s) {
    char name[32];
    tt_err e = {0};
    name_of(name, type, codec, s);
    size_t rows = shapes[s].rows, cols = shapes[s].cols, n = rows * cols;
    const tt_file_tensor *t = tt_modelfile_find(mf, name);
    CHECK(t && t->rows == rows && t->cols == cols && t->type == type, "%s", name);
    if (!t) return;
    CHECK(codec == TT_CODEC_DEFLATE || t->codec == TT_CODEC_STORED, "%s: not stored", name);
    CHECK(t->codec == codec || s < 4 || type == TT_TYPE_I8, "%s: not deflated", name);
    float *x = weights(n, (uint64_t)s), *y = malloc((n + 1) * sizeof *y);
    unsigned char *raw = malloc(t->raw + 1);
    CHECK(!tt_modelfile_read_f32(mf, t, y, &e), "%s", e.msg);
    CHECK(!tt_modelfile_read(mf, t, raw, &e), "%s", e.msg);
    const unsigned char *map = tt_modelfile_map(mf, t);
    CHECK(
        map ? (t->codec == TT_CODEC_STORED && (uintptr_t)map % 64 == 0 && !memcmp(map, raw, t->raw))
            : t->codec == TT_CODEC_DEFLATE,
        "%s: map", name);
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        float want = x[i], slack = 0;
        if (type == TT_TYPE_BF16 || type == TT_TYPE_F16) want = widen(shorten(x[i], type), type);
        if (type == TT_TYPE_I8) {
            float scale;
            memcpy(&scale, raw + i / cols * sizeof scale, sizeof scale);
            slack = 0.5001f * scale;
            want = y[i] == scale * (float)(signed char)raw[rows * sizeof scale + i] ? x[i] : NAN;
        }
        if (!(bits(y[i]) == bits(want) || fabsf(y[i] - want) <= slack)) wrong++;
    }
    CHECK(!wrong, "%s: %zu of %zu numbers", name, wrong, n);
    free(x);
    free(y);
    free(raw);
}

static void test_round_trip(void) {
    tt_err e = {0};
    CHECK(!write_all(PATH("all"), &e), "%s", e.msg);
    tt_modelfile *mf = tt_modelfile_open(PATH("all"), &e);
    CHECK(mf, "%s", e.msg);
    if (!mf) return;
    const char *key, *value;
    CHECK(tt_modelfile_meta_count(mf) == 3, "%zu", tt_modelfile_meta_count(mf));
    tt_modelfile_meta(mf, 0, &key, &value);
    CHECK(!strcmp(key, "licence") && strstr(value, "日本"), "%s", key);
    tt_modelfile_meta(mf, 3, &key, &value);
    CHECK(!key && !value, "no fourth");
    CHECK(!strcmp(tt_modelfile_get(mf, "model.dim"), "512"), "set twice");
    CHECK(!strcmp(tt_modelfile_get(mf, "z.last"), "") && !tt_modelfile_get(mf, "model"), "get");
    CHECK(tt_modelfile_count(mf) == 4 * 2 * SHAPES + 2, "%zu", tt_modelfile_count(mf));
    CHECK(!tt_modelfile_entry(mf, tt_modelfile_count(mf)) && !tt_modelfile_find(mf, "f32"), "none");
    CHECK(!strcmp(tt_modelfile_name(mf), PATH("all")), "name");
    for (int type = TT_TYPE_F32; type <= TT_TYPE_I8; type++)
        for (int codec = 0; codec < TT_CODEC_COUNT; codec++)
            for (int s = 0; s < SHAPES; s++) check_tensor(mf, type, codec, s);
    const tt_file_tensor *t = tt_modelfile_find(mf, "vocab.spm");
    char text[64] = "";
    float x[64];
    CHECK(t && t->codec == TT_CODEC_DEFLATE && t->raw == 41, "vocab");
    CHECK(!tt_modelfile_read(mf, t, text, &e) && !strncmp(text + 28, "pieces pieces", 13), "%s",
          e.msg);
    CHECK(tt_modelfile_read_f32(mf, t, x, &e) == TT_EFORMAT && strstr(e.msg, "holds bytes"), "%s",
          e.msg);
    t = tt_modelfile_find(mf, "nothing");
    CHECK(t && !tt_modelfile_read(mf, t, text, &e) && t->raw == 0, "%s", e.msg);
    tt_modelfile_close(mf);

    size_t n, m;
    CHECK(!write_all(PATH("again"), &e), "%s", e.msg);
    unsigned char *a = get(PATH("all"), &n), *b = get(PATH("again"), &m);
    CHECK(n == m && !memcmp(a, b, n), "the same calls, the same bytes");
    free(a);
    free(b);
}

static void *read_all(void *arg) {
    const tt_modelfile *mf = arg;
    size_t bad = 0;
    float *x = malloc(40000 * sizeof *x);
    for (size_t i = 0; i + 2 < tt_modelfile_count(mf); i++)
        bad += tt_modelfile_read_f32(mf, tt_modelfile_entry(mf, i), x, NULL) != 0;
    free(x);
    return bad ? arg : NULL;
}

static void test_threads(void) {
    tt_err e = {0};
    tt_modelfile *mf = tt_modelfile_open(PATH("all"), &e);
    pthread_t t[3];
    for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, read_all, mf);
    for (int i = 0; i < 3; i++) {
        void *bad;
        pthread_join(t[i], &bad);
        CHECK(!bad, "thread %d", i);
    }
    tt_modelfile_close(mf);
}

/* ---- damage -------------------------------------------------------------------------------- */

enum { N_SMALL = 3, HEAD = -1 }; /* tensors of the small model */

static unsigned char *small_model(size_t *size) {
    tt_err e = {0};
    float x[40];
    for (int i = 0; i < 40; i++) x[i] = (float)i * 0.25f;
    tt_modelwriter *w = tt_modelwriter_open(PATH("small"), &e);
    tt_modelwriter_set(w, "alpha", "one", NULL);
    tt_modelwriter_set(w, "beta", "two", NULL);
    tt_modelwriter_add(w, "a", TT_TYPE_F32, 4, 10, x, TT_CODEC_DEFLATE, NULL);
    tt_modelwriter_add(w, "b", TT_TYPE_I8, 2, 9, x, TT_CODEC_STORED, NULL);
    tt_modelwriter_bytes(w, "c", "bytes", 5, TT_CODEC_STORED, NULL);
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
    return get(PATH("small"), size);
}

/* Opens and reads everything; the first error is left in *e. */
static int read_memory(const unsigned char *data, size_t size, tt_err *e) {
    unsigned char raw[400];
    tt_modelfile *mf = tt_modelfile_open_memory(data, size, "M", e);
    if (!mf) return e->code;
    int rc = 0;
    for (size_t i = 0; i < tt_modelfile_count(mf) && !rc; i++) {
        const tt_file_tensor *t = tt_modelfile_entry(mf, i);
        if (t->raw <= sizeof raw) rc = tt_modelfile_read(mf, t, raw, e);
    }
    tt_modelfile_close(mf);
    return rc;
}

static void seal(unsigned char *data) { /* makes the checksums right again */
    size_t dir = (size_t)tt_le_get(data + TT_TTM_AT_DIR, 8);
    size_t size = (size_t)tt_le_get(data + TT_TTM_AT_DIR_SIZE, 8);
    if (dir <= 2000 && size <= 2000)
        tt_le_put(data + TT_TTM_AT_DIR_CRC, crc32_z(0, data + dir, size), 4);
    tt_le_put(data + TT_TTM_AT_CRC, crc32_z(0, data, TT_TTM_AT_CRC), 4);
}

static unsigned char *entry_at(unsigned char *data, int i) {
    unsigned char *p = data + tt_le_get(data + TT_TTM_AT_DIR, 8);
    p += 6 + 5 + 3 + 6 + 4 + 3; /* the two lines of metadata */
    return p + i * (TT_TTM_ENTRY_FIXED + 1);
}

static void check_refused(const unsigned char *data, size_t size, const char *words) {
    tt_err e = {0};
    int rc = read_memory(data, size, &e);
    CHECK(rc == TT_EFORMAT && strstr(e.msg, words), "wanted «%s», got %d «%s»", words, rc, e.msg);
    CHECK(!strncmp(e.msg, "M: ", 3) && !strchr(e.msg, '\n'), "%s", e.msg);
}

static void test_cut_and_flipped(void) {
    size_t size;
    unsigned char *good = small_model(&size);
    tt_err e = {0};
    CHECK(!read_memory(good, size, &e), "%s", e.msg);
    check_refused(good, 0, "empty file");
    size_t said = 0;
    for (size_t n = 1; n < size; n++) {
        unsigned char *cut = malloc(n); /* of exactly that size: a byte too far is found */
        memcpy(cut, good, n);
        e = (tt_err){0};
        said += read_memory(cut, n, &e) == TT_EFORMAT && strstr(e.msg, "cut off");
        free(cut);
    }
    CHECK(said == size - 1, "%zu of %zu cuts", said, size - 1);
    unsigned char *bad = malloc(size + 1);
    said = 0;
    for (size_t bit = 0; bit < 8 * size; bit++) {
        memcpy(bad, good, size);
        bad[bit / 8] ^= (unsigned char)(1 << bit % 8);
        e = (tt_err){0};
        said += read_memory(bad, size, &e) == TT_EFORMAT;
    }
    CHECK(said == 8 * size, "%zu of %zu flipped bits", said, 8 * size);
    memcpy(bad, good, size);
    bad[size] = 0;
    check_refused(bad, size + 1, "bytes behind its end");
    memcpy(bad, good, size);
    bad[tt_le_get(entry_at(bad, 1) + 24, 8)] ^= 4;
    check_refused(bad, size, "damaged: checksum of tensor b is wrong");
    memset(bad, 'x', size);
    check_refused(bad, size, "not a ttrans model");
    check_refused(bad, 3, "not a ttrans model");
    free(bad);
    free(good);
}

/* A field of the file takes a wrong value, all checksums fit: the value itself must be refused. */
static void test_lies(void) {
    size_t size;
    unsigned char *good = small_model(&size), *bad = malloc(size);
    uint64_t dir = tt_le_get(good + TT_TTM_AT_DIR, 8);
    uint64_t b = tt_le_get(entry_at(good, 1) + 24, 8);
    const struct {
        int entry; /* whose field it is; HEAD: at counts from the start of the file */
        size_t at;
        int bytes;
        uint64_t value;
        const char *words;
    } cases[] = {
        {HEAD, TT_TTM_AT_VERSION, 4, 2, "format version 2, this ttrans"},
        {HEAD, TT_TTM_AT_VERSION, 4, 0, "format version 0"},
        {HEAD, TT_TTM_AT_FLAGS, 4, 1, "needs features"},
        {HEAD, TT_TTM_AT_ZERO, 8, 1, "needs features"},
        {HEAD, TT_TTM_AT_SIZE, 8, size + 1, "cut off"},
        {HEAD, TT_TTM_AT_SIZE, 8, UINT64_MAX, "cut off"},
        {HEAD, TT_TTM_AT_DIR, 8, 0, "impossible"},
        {HEAD, TT_TTM_AT_DIR, 8, UINT64_MAX, "impossible"},
        {HEAD, TT_TTM_AT_DIR, 8, dir - 64, "impossible"},
        {HEAD, TT_TTM_AT_DIR_SIZE, 8, UINT64_MAX - dir, "impossible"},
        {HEAD, TT_TTM_AT_METAS, 4, 1, "malformed"},
        {HEAD, TT_TTM_AT_METAS, 4, 3, "malformed"},
        {HEAD, TT_TTM_AT_METAS, 4, UINT32_MAX, "counts more"},
        {HEAD, TT_TTM_AT_ENTRIES, 4, 2, "malformed"},
        {HEAD, TT_TTM_AT_ENTRIES, 4, 4, "counts more"},
        {HEAD, TT_TTM_AT_ENTRIES, 4, UINT32_MAX, "counts more"},
        {HEAD, dir, 2, 0, "malformed"}, /* key length */
        {HEAD, dir, 2, 60000, "malformed"},
        {HEAD, dir + 2, 4, UINT32_MAX, "malformed"}, /* value length */
        {HEAD, dir + 6, 1, 'x', "malformed"},        /* keys out of order */
        {HEAD, dir + 11, 1, 0xff, "malformed"},      /* value not UTF-8 */
        {0, 0, 1, TT_TYPE_COUNT, "unknown type 5"},
        {0, 1, 1, TT_CODEC_COUNT, "unknown type 0 or codec 2"},
        {0, 2, 2, 0, "malformed"}, /* name length */
        {2, 2, 2, 2, "malformed"},
        {0, 48, 1, ' ', "malformed"}, /* name */
        {1, 48, 1, 'a', "tensor a is there twice"},
        {0, 8, 8, 5, "tensor a: sizes contradict its shape"},
        {0, 8, 8, UINT64_MAX, "tensor a: sizes contradict"},
        {0, 16, 8, (uint64_t)1 << 62, "tensor a: sizes contradict"},
        {0, 40, 8, 161, "tensor a: sizes contradict"},
        {1, 40, 8, 1 << 20, "tensor b: sizes contradict"},
        {1, 32, 8, 25, "tensor b: sizes contradict"},
        {1, 32, 8, UINT64_MAX, "tensor b lies outside"},
        {1, 24, 8, b + 1, "tensor b lies outside"},
        {1, 24, 8, dir + 64, "tensor b lies outside"},
        {1, 24, 8, UINT64_MAX - 63, "tensor b lies outside"},
        {1, 24, 8, 64, "tensor b overlaps"},
        {1, 24, 8, 0, "tensor b overlaps"},
        {2, 8, 8, 5, "tensor c: sizes contradict"},
        {0, 4, 4, 0, "checksum of tensor a is wrong"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(bad, good, size);
        unsigned char *p = cases[i].entry == HEAD ? bad : entry_at(bad, cases[i].entry);
        tt_le_put(p + cases[i].at, cases[i].value, cases[i].bytes);
        seal(bad);
        check_refused(bad, size, cases[i].words);
    }

    memcpy(bad, good, size); /* a rows × cols that wraps around to the right size */
    unsigned char *p = entry_at(bad, 2);
    tt_le_put(p, TT_TYPE_F32, 1);
    tt_le_put(p + 8, ((uint64_t)1 << 62) + 1, 8);
    tt_le_put(p + 32, 4, 8);
    tt_le_put(p + 40, 4, 8);
    seal(bad);
    check_refused(bad, size, "tensor c: sizes contradict");

    memcpy(bad, good, size); /* a deflate stream of another length than the entry says */
    p = entry_at(bad, 0);
    tt_le_put(p + 8, 8, 8);
    tt_le_put(p + 40, 320, 8);
    seal(bad);
    check_refused(bad, size, "tensor a: the compressed data is damaged");
    tt_le_put(p + 8, 3, 8);
    tt_le_put(p + 40, 120, 8);
    seal(bad);
    check_refused(bad, size, "tensor a: the compressed data is damaged");

    /* a bomb: 2^60 bytes said to be in the few stored ones; nothing of the kind is allocated */
    tt_le_put(p + 8, (uint64_t)1 << 29, 8);
    tt_le_put(p + 16, (uint64_t)1 << 29, 8);
    tt_le_put(p + 40, (uint64_t)1 << 60, 8);
    seal(bad);
    check_refused(bad, size, "tensor a: sizes contradict");
    free(bad);
    free(good);
}

static void test_places(void) {
    tt_err e = {0};
    CHECK(!tt_modelfile_open(PATH("missing"), &e) && e.code == TT_ENOINPUT &&
              strstr(e.msg, "No such file"),
          "%s", e.msg);
    CHECK(!tt_modelfile_open(folder, &e) && e.code == TT_ENOINPUT && strstr(e.msg, "directory"),
          "%s", e.msg);
    put(PATH("empty"), "", 0);
    CHECK(!tt_modelfile_open(PATH("empty"), &e) && e.code == TT_EFORMAT && strstr(e.msg, "empty"),
          "%s", e.msg);
    put(PATH("empty"), "hello\n", 6);
    CHECK(!tt_modelfile_open(PATH("empty"), &e) && e.code == TT_EFORMAT &&
              strstr(e.msg, "not a ttrans model"),
          "%s", e.msg);
    tt_modelfile_close(NULL);
}

/* int8 rows whose scales say no numbers, in both codecs. */
static void test_scales(void) {
    static const float scales[] = {0.0f, 0x1p-149f, 1e36f, NAN, INFINITY, -0.5f, 3e36f};
    for (int codec = 0; codec < 2; codec++)
        for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
            unsigned char raw[2 * sizeof(float) + 2 * 100] = {0};
            float x[200], s[2] = {1.0f, scales[i]};
            tt_err e = {0};
            memcpy(raw, s, sizeof s);
            memset(raw + sizeof s, 127, 200);
            tt_modelwriter *w = tt_modelwriter_open(PATH("none"), &e);
            tt_modelwriter_raw(w, "w", TT_TYPE_I8, 2, 100, raw, codec, NULL);
            CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
            tt_modelfile *mf = tt_modelfile_open(PATH("none"), &e);
            const tt_file_tensor *t = tt_modelfile_entry(mf, 0);
            const int want = i < 3 ? 0 : TT_EDATA, got[2] = {tt_modelfile_read(mf, t, raw, &e),
                                                             tt_modelfile_read_f32(mf, t, x, &e)};
            CHECK(t->codec == codec && got[0] == want && got[1] == want, "scale %g: %d and %d",
                  (double)s[1], got[0], got[1]);
            CHECK(!want || strstr(e.msg, ": tensor w, row 1: its scale is "), "%s", e.msg);
            CHECK(want || isfinite(x[199]), "%g", (double)x[199]);
            tt_modelfile_done(mf, t); /* what was let go comes back */
            CHECK(tt_modelfile_read(mf, t, raw, &e) == want && raw[sizeof raw - 1] == 127, "%s",
                  e.msg);
            tt_modelfile_close(mf);
        }
}

int main(void) {
    in_new_folder("t_modelfile");
    test_round_trip();
    test_threads();
    test_cut_and_flipped();
    test_lies();
    test_places();
    test_scales();
    static const char *const names[] = {"all", "again", "small", "empty", "none"};
    in_the_end(names, sizeof names / sizeof *names);
    return test_done("t_modelfile");
}
