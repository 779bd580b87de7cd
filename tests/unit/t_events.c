/* t_events.c: event files byte by byte: the frame with its sums, a number, a histogram; a checksum
 * of the CRC catalogue. What TensorBoard's own reader made of such a file was looked at when these
 * bytes were written down.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/le.h"
#include "io/events.h"
#include "io/file.h"
#include "unit/test.h"
#include "unit/tiny.h"

static uint32_t masked(const void *data, size_t n) {
    const uint32_t crc = tt_crc32c(data, n);
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

/* The record at *at, whose frame must hold; *n: its bytes. */
static const unsigned char *next(const char *data, size_t len, size_t *at, size_t *n) {
    const unsigned char *p = (const unsigned char *)data + *at;
    CHECK(*at + 16 <= len);
    *n = (size_t)tt_le_get(p, 8);
    CHECK(tt_le_get(p + 8, 4) == masked(p, 8) && *at + 16 + *n <= len &&
          tt_le_get(p + 12 + *n, 4) == masked(p + 12, *n));
    *at += 16 + *n;
    return p + 12;
}

int main(void) {
    tt_err e = {0};
    CHECK(tt_crc32c("123456789", 9) == 0xe3069283 && tt_crc32c("", 0) == 0);
    CHECK(masked("\0\0\0\0\0\0\0\0", 8) == ((0x8c28b28au >> 15 | 0x8c28b28au << 17) + 0xa282ead8),
          "CRC-32C of 8 zeros is 8c28b28a");
    char folder[400], path[600];
    snprintf(folder, sizeof folder, "%s", tiny_path("events"));
    snprintf(path, sizeof path, "%s/events.out.tfevents.1700000000.ttrans", folder);
    remove(path);
    tt_events *v = tt_events_open(folder, 1700000000, &e);
    CHECK(v != NULL, "%s", e.msg);
    tt_events_number(v, 0.5, 300, "a/b", 1.5);
    const double limit[] = {1, 2, 4}, count[] = {0, 3, 1};
    tt_events_histogram(v, 0.5, 1, "h", limit, count, 3);
    CHECK(!tt_events_close(v, &e), "%s", e.msg);
    char *data;
    size_t len, at = 0, n;
    CHECK(!tt_file_read(&data, &len, path, 1 << 16, &e), "%s", e.msg);
    const unsigned char *p = next(data, len, &at, &n);
    CHECK(n == 24 && p[0] == 0x09 &&
              !memcmp(p + 9,
                      "\x1a\x0d"
                      "brain.Event:2",
                      15),
          "the version, field 3");
    p = next(data, len, &at, &n);
    static const unsigned char number[] = {0x09, 0,    0,    0,    0,    0,    0,    0xe0, 0x3f,
                                           0x10, 0xac, 0x02, 0x2a, 0x0c, 0x0a, 0x0a, 0x0a, 0x03,
                                           'a',  '/',  'b',  0x15, 0,    0,    0xc0, 0x3f};
    CHECK(n == sizeof number && !memcmp(p, number, n), "step 300, a/b is 1.5");
    p = next(data, len, &at, &n);
    CHECK(at == len && n == 9 + 2 + 2 + 2 + 2 + 1 + 2 + 45 + 26 + 26, "%zu bytes", n);
    double x[5];
    for (int i = 0; i < 5; i++) memcpy(&x[i], p + 20 + 1 + 9 * i, 8);
    const double sums[] = {1, 4, 4, 7.5, 15.75}; /* three of 1.5 and one of 3 */
    for (int i = 0; i < 5; i++) CHECK(x[i] >= sums[i] && x[i] <= sums[i], "%d: %g", i, x[i]);
    free(data);
    CHECK(!tt_events_close(tt_events_open(folder, 1700000000, &e), &e) &&
              !tt_file_read(&data, &n, path, 1 << 16, &e) && n == len,
          "a second file of the same second takes another name");
    free(data);
    CHECK(!tt_events_open(path, 1, &e) && e.code == TT_ECREATE, "a folder that is a file: %s",
          e.msg);
    CHECK(!tt_events_open(tiny_path("no/where"), 1, &e) && e.code == TT_ECREATE &&
              strstr(e.msg, "cannot create"),
          "%s", e.msg);
    return test_done("t_events");
}
