/* t_inflate: what zlib packs, at each level and in each way, comes back; what is cut off, too long or changed is refused where
 * zlib refuses it.
 */
#include "io/inflate.h"
#include "base/rng.h"
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MOST = 200000, KINDS = 6 };

/* Bytes of a kind: one value; two; like the exponents of weights; like their mantissas; words; codes of all lengths. */
static void make(unsigned char *to, size_t n, int kind, uint64_t key) {
    static const char text[] = "the house of my neighbour is red and she saw a little dog near that river; ";
    for (size_t i = 0; i < n; i++) {
        const uint64_t r = tt_rand(key, i);
        int zeros = 0;
        while (zeros < 20 && !(r >> zeros & 1)) zeros++;
        const uint64_t of[KINDS] = {7, r & 1, 120u - (unsigned)zeros + (r >> 33 & 128), r,
                                    (unsigned char)text[(i + r % 64 / 63 * (r >> 40)) % (sizeof text - 1)], (unsigned)zeros};
        to[i] = (unsigned char)of[kind];
    }
}

static size_t pack(unsigned char *to, size_t cap, const unsigned char *from, size_t n, int level, int strategy) {
    z_stream z = {0};
    CHECK(deflateInit2(&z, level, Z_DEFLATED, 15, 9, strategy) == Z_OK);
    z.next_in = (Bytef *)(uintptr_t)from, z.avail_in = (uInt)n;
    z.next_out = to, z.avail_out = (uInt)cap;
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return cap - z.avail_out;
}

/* In memory of exactly the sizes. */
static int unpack(const unsigned char *packed, size_t size, const unsigned char *want, size_t n) {
    unsigned char *src = malloc(size ? size : 1), *dst = malloc(n ? n : 1);
    memcpy(src, packed, size);
    const int rc = tt_inflate(dst, n, src, size);
    CHECK(rc == 0 || rc == -1);
    CHECK(rc || !want || !memcmp(dst, want, n), "other bytes");
    free(src);
    free(dst);
    return rc;
}

static void test_round_trip(void) {
    static const size_t sizes[] = {0, 1, 2, 7, 8, 9, 100, 70000, MOST};
    unsigned char *data = malloc(MOST), *packed = malloc(2 * MOST);
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (int level = 0; level < 10; level += 3)
                for (int strategy = Z_DEFAULT_STRATEGY; strategy <= Z_FIXED; strategy++) {
                    const size_t n = sizes[s];
                    make(data, n, kind, n);
                    const size_t size = pack(packed, 2 * MOST, data, n, level, strategy);
                    CHECK(!unpack(packed, size, data, n), "kind %d, %zu bytes, level %d, strategy %d", kind, n, level, strategy);
                    CHECK(unpack(packed, size, NULL, n + 1) && (!n || unpack(packed, size, NULL, n - 1)), "another size");
                    packed[size] = 0;
                    CHECK(unpack(packed, size + 1, NULL, n), "a byte behind the end");
                }
    free(data);
    free(packed);
}

static int zlib_says(const unsigned char *packed, size_t size, size_t n) {
    unsigned char *to = malloc(n + 1);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed, .avail_in = (uInt)size, .next_out = to, .avail_out = (uInt)n + 1};
    CHECK(inflateInit(&z) == Z_OK);
    const int rc = inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_out == 1 && !z.avail_in ? 0 : -1;
    inflateEnd(&z);
    free(to);
    return rc;
}

static void test_damage(void) {
    enum { N = 400 };
    unsigned char data[N], packed[2 * N];
    for (int kind = 0; kind < KINDS; kind++)
        for (int strategy = Z_DEFAULT_STRATEGY; strategy <= Z_FIXED; strategy++) {
            make(data, N, kind, 3);
            const size_t size = pack(packed, sizeof packed, data, N, 6, strategy);
            for (size_t cut = 0; cut < size; cut++) CHECK(unpack(packed, cut, NULL, N), "cut off at %zu", cut);
            for (size_t bit = 0; bit < 8 * size; bit++) {
                packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
                CHECK(unpack(packed, size, NULL, N) == zlib_says(packed, size, N), "kind %d, strategy %d, bit %zu", kind, strategy, bit);
                packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
            }
        }
}

/* Streams that no zlib writes, with a checksum that fits, so that only their codes can be to blame. */
static void test_codes(void) {
    enum { N = 64 };
    unsigned char raw[N], packed[N + 6], out[1 << 16];
    int sound = 0;
    for (uint64_t key = 0; key < 40000; key++) {
        for (int i = 0; i < N; i++) raw[i] = (unsigned char)tt_rand(key, (uint64_t)i);
        raw[0] = (unsigned char)((raw[0] & ~7) | (key % 2 ? 5 : 3)); /* the last block, of either kind of codes */
        z_stream z = {.next_in = raw, .avail_in = N, .next_out = out, .avail_out = sizeof out};
        CHECK(inflateInit2(&z, -15) == Z_OK);
        const int whole = inflate(&z, Z_FINISH) == Z_STREAM_END;
        const size_t n = sizeof out - z.avail_out, used = whole ? N - z.avail_in : N;
        inflateEnd(&z);
        const uLong sum = adler32_z(1, out, n);
        memcpy(packed, "\x78\x9c", 2);
        memcpy(packed + 2, raw, used);
        for (int i = 0; i < 4; i++) packed[2 + used + (size_t)i] = (unsigned char)(sum >> (24 - 8 * i));
        if (unpack(packed, used + 6, out, n) != (whole ? 0 : -1)) CHECK(0, "key %d", (int)key);
        sound += whole;
    }
    CHECK(sound > 50, "%d of them are sound", sound);
}

int main(void) {
    test_round_trip();
    test_damage();
    test_codes();
    return test_done("t_inflate");
}
