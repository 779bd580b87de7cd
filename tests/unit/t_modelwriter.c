/* t_modelwriter.c: the bytes of a file, taken apart by hand; and what goes wrong while one is
 * written, which leaves the old file.
 */
#include "io/modelfile.h"
#include "io/modeldata.h"
#include "unit/files.h"
#include "unit/weights.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_SMALL = 3 }; /* tensors of the small model */
static const char VALUE[] = "two", BYTES[] = "bytes";

static void write_small(void) {
    tt_err e = {0};
    static const float x[6] = {0.5f, -1, 127, 2.54f, -0.01f, 0};
    tt_modelwriter *w = tt_modelwriter_open(PATH("small"), &e);
    tt_modelwriter_set(w, "beta", VALUE, NULL);
    tt_modelwriter_set(w, "alpha", "one", NULL);
    tt_modelwriter_add(w, "a", TT_TYPE_F32, 2, 3, x, TT_CODEC_STORED, NULL);
    tt_modelwriter_add(w, "b.w", TT_TYPE_I8, 2, 3, x, TT_CODEC_STORED, NULL);
    tt_modelwriter_bytes(w, "c", BYTES, 5, TT_CODEC_STORED, NULL);
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
}

static uint64_t number(const unsigned char *p, int bytes) {
    uint64_t x = 0;
    for (int i = bytes; i-- > 0;) x = x << 8 | p[i];
    return x;
}

/* CRC-32 as its definition has it, bit by bit. */
static uint32_t crc(const unsigned char *p, size_t n) {
    uint32_t c = 0xffffffffu;
    for (size_t i = 0; i < n; i++) {
        c ^= p[i];
        for (int k = 0; k < 8; k++) c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
    }
    return ~c;
}

/* An entry of the directory, its data at `offset`; where the next one begins. */
static const unsigned char *entry(const unsigned char *p, const unsigned char *file,
                                  const char *name, int type, size_t rows, size_t cols,
                                  size_t offset, size_t raw) {
    const size_t n = strlen(name);
    CHECK(p[0] == type && p[1] == 0 && number(p + 2, 2) == n &&
              number(p + 4, 4) == crc(file + offset, raw),
          "%s", name);
    CHECK(number(p + 8, 8) == rows && number(p + 16, 8) == cols && number(p + 24, 8) == offset,
          "%s at %d", name, (int)number(p + 24, 8));
    CHECK(number(p + 32, 8) == raw && number(p + 40, 8) == raw && !memcmp(p + 48, name, n), "%s",
          name);
    return p + 48 + n;
}

static void test_bytes(void) {
    unsigned char file[1000];
    write_small();
    FILE *f = fopen(PATH("small"), "rb");
    const size_t size = f ? fread(file, 1, sizeof file, f) : 0;
    if (f) fclose(f);
    /* header, 24 bytes of f32, 2 scales and 6 bytes, 5 bytes, directory */
    const size_t dir = 64 + 64 + 64 + 5, meta = 6 + 5 + 3 + 6 + 4 + 3,
                 want = dir + meta + 3 * 48 + 1 + 3 + 1;
    CHECK(size == want, "%zu bytes, not %zu", size, want);
    if (size != want) return;
    CHECK(!memcmp(file, "\x89TTM\r\n\x1a\n", 8) && number(file + 8, 4) == 1 &&
          number(file + 12, 4) == 0);
    CHECK(number(file + 16, 8) == size && number(file + 24, 8) == dir &&
          number(file + 32, 8) == size - dir);
    CHECK(number(file + 40, 4) == 2 && number(file + 44, 4) == 3 &&
          number(file + 48, 4) == crc(file + dir, size - dir));
    CHECK(number(file + 52, 8) == 0 && number(file + 60, 4) == crc(file, 60));
    const unsigned char *p = file + dir;
    CHECK(!memcmp(p, "\5\0\3\0\0\0alphaone\4\0\3\0\0\0betatwo", meta), "metadata in order of keys");
    p = entry(p + meta, file, "a", TT_TYPE_F32, 2, 3, 64, 24);
    p = entry(p, file, "b.w", TT_TYPE_I8, 2, 3, 128, 14);
    p = entry(p, file, "c", TT_TYPE_U8, 1, 5, 192, 5);
    CHECK(p == file + size);
    CHECK(number(file + 64, 4) == 0x3f000000 && number(file + 68, 4) == 0xbf800000); /* 0.5, -1 */
    CHECK(number(file + 128, 4) == 0x3f800000 &&
          number(file + 132, 4) == 0x3ca3d70a); /* scales 1 and 0.02 */
    CHECK(!memcmp(file + 136, "\0\xff\x7f\x7f\0\0", 6) ||
          !memcmp(file + 136, "\0\xff\x7f\x7f\xff\0", 6)); /* -0.01 is half a step */
    CHECK(!memcmp(file + 192, BYTES, 5));
    size_t other = 0;
    for (size_t i = 88; i < 192; i++) other += (i < 128 || i >= 142) && file[i];
    CHECK(!other, "%zu bytes between the data are not 0", other);
}

/* ---- writer's mishaps ---------------------------------------------------------------------- */

static void test_writer(void) {
    tt_err e = {0};
    float x[6] = {1, 2, 3, 4, NAN, 6};
    tt_modelwriter *w = tt_modelwriter_open(PATH("small"), &e);
    CHECK(!tt_modelwriter_add(w, "ok", TT_TYPE_F16, 3, 2, x, TT_CODEC_STORED, &e), "%s", e.msg);
    CHECK(tt_modelwriter_add(w, "dec.w", TT_TYPE_I8, 3, 2, x, TT_CODEC_STORED, &e) == TT_EDATA &&
              strstr(e.msg, "tensor dec.w, row 2"),
          "%s", e.msg);
    CHECK(tt_modelwriter_finish(w, &e) == TT_EDATA && strstr(e.msg, "dec.w"), "%s", e.msg);

    w = tt_modelwriter_open(PATH("small"), &e);
    CHECK(tt_modelwriter_add(w, "dec.w", TT_TYPE_I8, 3, 2, x, TT_CODEC_DEFLATE, &e) == TT_EDATA,
          "%s", e.msg);
    tt_modelwriter_abort(w);

    w = tt_modelwriter_open(PATH("small"), &e);
    tt_modelwriter_add(w, "twice", TT_TYPE_F32, 1, 2, x, TT_CODEC_STORED, &e);
    tt_modelwriter_add(w, "twice", TT_TYPE_F32, 2, 1, x, TT_CODEC_STORED, &e);
    CHECK(tt_modelwriter_finish(w, &e) == TT_EINTERNAL && strstr(e.msg, "twice"), "%s", e.msg);

    static const char *const bad[][2] = {
        {"", "x"}, {"a b", "x"}, {"key", "\xff"}, {"key", "\xed\xa0\x80"}, {"key", "\xc0\x80"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        w = tt_modelwriter_open(PATH("small"), &e);
        CHECK(tt_modelwriter_set(w, bad[i][0], bad[i][1], &e) == TT_EDATA, "case %zu", i);
        tt_modelwriter_abort(w);
    }
    CHECK(!tt_modelwriter_open(folder, &e) && e.code == TT_ECREATE, "%s", e.msg);
    tt_modelwriter_abort(NULL);

    tt_modelfile *mf = tt_modelfile_open(PATH("small"), &e);
    CHECK(mf && tt_modelfile_count(mf) == N_SMALL, "the old file survived all that: %s", e.msg);
    tt_modelfile_close(mf);

    w = tt_modelwriter_open(PATH("none"), &e);
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
    mf = tt_modelfile_open(PATH("none"), &e);
    CHECK(mf && !tt_modelfile_count(mf) && !tt_modelfile_meta_count(mf), "an empty model");
    CHECK(!tt_modelfile_get(mf, "x") && !tt_modelfile_find(mf, "x"), "has nothing in it");
    tt_modelfile_close(mf);

    w = tt_modelwriter_open("/dev/full", &e);
    tt_modelwriter_add(w, "x", TT_TYPE_F32, 1, 3, x, TT_CODEC_STORED, NULL);
    CHECK(tt_modelwriter_finish(w, &e) == TT_EIO && strstr(e.msg, "No space left"), "%s", e.msg);
}

/* In a process of its own: writes a large checkpoint over the small model and is stopped by the
   disk (limit > 0) or killed in the middle. */
static int interrupted(rlim_t limit) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        tt_err e = {0};
        float *x = weights(100000, 7);
        signal(SIGXFSZ, SIG_IGN);
        if (limit) setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
        tt_modelwriter *w = tt_modelwriter_open(PATH("small"), &e);
        for (int i = 0; i < 4; i++) {
            char name[3] = {'x', (char)('0' + i), 0};
            tt_modelwriter_add(w, name, TT_TYPE_F32, 100, 1000, x, i % 2, NULL);
            if (!limit && i == 2) raise(SIGKILL);
        }
        int rc = tt_modelwriter_finish(w, &e);
        _exit(rc == TT_EIO && strstr(e.msg, "File too large") ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static void test_interrupted(void) {
    tt_err e = {0};
    struct stat st;
    for (rlim_t limit = 0; limit < 1000000; limit += 330000) {
        int status = interrupted(limit);
        CHECK(limit ? status == 0 : WIFSIGNALED(status), "limit %lu: %d", (unsigned long)limit,
              status);
        CHECK(stat(PATH("small.part"), &st) != 0, "nothing is left, limit %lu",
              (unsigned long)limit);
        tt_modelfile *mf = tt_modelfile_open(PATH("small"), &e);
        CHECK(mf && tt_modelfile_count(mf) == N_SMALL, "the old file survives: %s", e.msg);
        tt_modelfile_close(mf);
    }
}

int main(void) {
    in_new_folder("t_modelwriter");
    test_bytes();
    test_writer();
    test_interrupted();
    static const char *const names[] = {"small", "none"};
    in_the_end(names, sizeof names / sizeof *names);
    return test_done("t_modelwriter");
}
