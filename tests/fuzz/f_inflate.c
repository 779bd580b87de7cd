/* f_inflate: whatever the bytes are, tt_inflate and zlib agree: on whether they are a stream, of how many bytes, and of which.
 *
 * The input is tried as a raw deflate stream, for which head and checksum are made: random changes would never get past
 * these. And what zlib packs of it, in one of its ways, comes back.
 */
#include "fuzz/holds.h"
#include "io/inflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MOST = 1 << 18 };

/* What a raw stream holds: its bytes, up to MOST of them, in *got; how many of the input it takes, or 0 if it is damaged. */
static size_t raw_inflate(unsigned char *dst, size_t *got, const uint8_t *data, size_t size) {
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)size, .next_out = dst, .avail_out = MOST};
    HOLDS(inflateInit2(&z, -15) == Z_OK);
    const int rc = inflate(&z, Z_FINISH);
    *got = MOST - z.avail_out;
    inflateEnd(&z);
    return rc == Z_STREAM_END ? size - z.avail_in : 0;
}

static void read_back(const uint8_t *data, size_t size) {
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_RLE, Z_HUFFMAN_ONLY, Z_FIXED};
    z_stream z = {0};
    HOLDS(deflateInit2(&z, data[0] % 10, Z_DEFLATED, 15, 9, strategies[data[0] / 10 % 4]) == Z_OK);
    const size_t cap = deflateBound(&z, (uLong)size);
    unsigned char *packed = malloc(cap), *back = malloc(size);
    HOLDS(packed && back);
    z.next_in = (Bytef *)(uintptr_t)data, z.avail_in = (uInt)size;
    z.next_out = packed, z.avail_out = (uInt)cap;
    HOLDS(deflate(&z, Z_FINISH) == Z_STREAM_END);
    HOLDS(!tt_inflate(back, size, packed, cap - z.avail_out) && !memcmp(back, data, size));
    deflateEnd(&z);
    free(packed);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size || size > MOST) return 0;
    size_t n;
    unsigned char *want = malloc(MOST), *stream = malloc(size + 6);
    HOLDS(want && stream);
    const size_t used = raw_inflate(want, &n, data, size), taken = used ? used : size;
    const uLong sum = adler32_z(1, want, n);
    memcpy(stream, "\x78\x9c", 2);
    memcpy(stream + 2, data, taken);
    for (int i = 0; i < 4; i++) stream[2 + taken + (size_t)i] = (unsigned char)(sum >> (24 - 8 * i));
    for (size_t more = 0; more < 2; more++) { /* of exactly the size that is needed */
        unsigned char *got = malloc(n + more ? n + more : 1), *exact = malloc(taken + 6);
        HOLDS(got && exact);
        memcpy(exact, stream, taken + 6);
        const int rc = tt_inflate(got, n + more, exact, taken + 6);
        HOLDS((rc == 0) == (used && !more));
        HOLDS(rc || !memcmp(got, want, n));
        free(got);
        free(exact);
    }
    free(want);
    free(stream);
    read_back(data, size);
    return 0;
}
