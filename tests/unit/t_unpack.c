/* t_unpack.c: xz and zstd data by their first bytes, whole, in small parts, one behind the other,
 * damaged and cut off. The data is what `xz` and `zstd` made of "hello\n" 40 times. Where a library
 * is missing, nothing but that is held.
 */
#include "io/unpack.h"
#include "unit/test.h"

#include <string.h>

static const unsigned char xz[] = {
    0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21, 0x01,
    0x16, 0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0xe0, 0x00, 0xef, 0x00, 0x0c, 0x5d, 0x00, 0x34,
    0x19, 0x49, 0xee, 0x8d, 0xdd, 0x5c, 0x9d, 0x51, 0x2f, 0x00, 0x00, 0x00, 0x94, 0xf2, 0xe4, 0xd3,
    0x8a, 0x98, 0x31, 0x55, 0x00, 0x01, 0x28, 0xf0, 0x01, 0x00, 0x00, 0x00, 0xbe, 0x64, 0x22, 0xd8,
    0xb1, 0xc4, 0x67, 0xfb, 0x02, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a};
static const unsigned char zstd[] = {0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x6d, 0x00, 0x00,
                                     0x30, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x0a, 0x01, 0x00,
                                     0xe7, 0x50, 0xa5, 0x08, 0x55, 0x2b, 0xc4, 0xf6};

static int unpack(int kind, const unsigned char *in, size_t len, size_t step, char *out, size_t cap,
                  size_t *n, tt_err *e) {
    tt_unpack *u = tt_unpack_open(kind);
    size_t given = 0, got = 1, left = 0,
           had = 0; /* as file.c reads: until nothing comes and nothing is taken */
    int rc = 0;
    *n = 0;
    for (int idle = 0; u && !rc && idle < 1; idle = !got && left == had && given == len) {
        const size_t more = given + step < len ? step : len - given;
        const unsigned char *at = in + given - left;
        left += more;
        had = left;
        given += more;
        rc = tt_unpack_run(u, "data", &at, &left, given == len, out + *n,
                           cap - *n < 7 ? cap - *n : 7, &got, e);
        if (!rc) *n += got;
    }
    tt_unpack_close(u);
    return rc;
}

static void check_kind(int kind, const unsigned char *data, size_t len) {
    tt_unpack *u = tt_unpack_open(kind);
    unsigned char twice[400];
    char out[1000], want[481];
    size_t n;
    tt_err e = {0};
    if (!u) {
        printf("no library for kind %d\n", kind);
        return;
    }
    tt_unpack_close(u);
    for (int i = 0; i < 80; i++) memcpy(want + 6 * i, "hello\n", 7);
    for (size_t step = 1; step <= len; step += 5)
        CHECK(!unpack(kind, data, len, step, out, sizeof out, &n, &e) && n == 240 &&
                  !memcmp(out, want, n),
              "%zu at a time: %zu bytes %s", step, n, e.msg);
    memcpy(twice, data, len);
    memcpy(twice + len, data, len);
    CHECK(!unpack(kind, twice, 2 * len, 9, out, sizeof out, &n, &e) && n == 480 &&
              !memcmp(out, want, n),
          "twice: %zu bytes %s", n, e.msg);
    CHECK(unpack(kind, data, len - 6, 9, out, sizeof out, &n, &e) == TT_EFORMAT &&
              strstr(e.msg, "cut off"),
          "%s", e.msg);
    twice[len / 2] ^= 0x55;
    twice[len / 2 + 1] ^= 0x55;
    CHECK(unpack(kind, twice, len, 9, out, sizeof out, &n, &e) == TT_EFORMAT ||
              memcmp(out, want, 240) != 0,
          "damaged");
}

int main(void) {
    int more;
    CHECK(tt_unpack_kind(xz, sizeof xz, &more) == TT_UNPACK_XZ && !more, "xz");
    CHECK(tt_unpack_kind(zstd, sizeof zstd, &more) == TT_UNPACK_ZSTD && !more, "zstd");
    CHECK(tt_unpack_kind(xz, 3, &more) == TT_UNPACK_NONE && more, "too few bytes");
    CHECK(tt_unpack_kind((const unsigned char *)"hello", 5, &more) == TT_UNPACK_NONE && !more,
          "text");
    check_kind(TT_UNPACK_XZ, xz, sizeof xz);
    check_kind(TT_UNPACK_ZSTD, zstd, sizeof zstd);
    return test_done("t_unpack");
}
