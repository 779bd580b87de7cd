/* bend.c: a model file with other settings than its weights have, and every checksum right.
 *
 *     bend FROM TO KEY=VALUE...        of each key of the metadata, that value; a key that is not
 *                                      there is added
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    HEADER = 64,
    SIZE = 16,
    DIR = 24,
    DIR_SIZE = 32,
    METAS = 40,
    DIR_CRC = 48,
    CRC = 60,
    META = 6,
    MOST = 1 << 26
};

static uint64_t get(const unsigned char *p, int n) {
    uint64_t x = 0;
    while (n-- > 0) x = x << 8 | p[n];
    return x;
}

static void put(unsigned char *p, uint64_t x, int n) {
    for (int i = 0; i < n; i++, x >>= 8) p[i] = (unsigned char)x;
}

/* One record; returns its size. */
static size_t record(unsigned char *to, const char *key, size_t k, const char *value, size_t v) {
    put(to, k, 2);
    put(to + 2, v, 4);
    memcpy(to + META, key, k);
    memcpy(to + META + k, value, v);
    return META + k + v;
}

/* Is `key` before the key of the record at p? */
static int before(const char *key, size_t k, const unsigned char *p) {
    size_t n = (size_t)get(p, 2);
    int order = memcmp(key, p + META, k < n ? k : n);
    return order ? order < 0 : k < n;
}

/* The directory at `from` (metas records first, size bytes) with one value changed or added, into
   `to`; returns its size. */
static size_t set(unsigned char *to, const unsigned char *from, size_t size, unsigned *metas,
                  const char *what) {
    const char *value = strchr(what, '=') + 1;
    size_t k = (size_t)(value - what) - 1, n = 0, at = 0;
    unsigned count = *metas;
    int done = 0;
    for (unsigned i = 0; i < count; i++) {
        const unsigned char *p = from + at;
        size_t len = META + (size_t)get(p, 2) + (size_t)get(p + 2, 4);
        int same = get(p, 2) == k && !memcmp(p + META, what, k);
        if (!done && (same || before(what, k, p)))
            n += record(to + n, what, k, value, strlen(value)), done = 1, *metas += !same;
        if (!same) memcpy(to + n, p, len), n += len;
        at += len;
    }
    if (!done) n += record(to + n, what, k, value, strlen(value)), ++*metas;
    memcpy(to + n, from + at, size - at);
    return n + size - at;
}

int main(int argc, char **argv) {
    static unsigned char file[MOST], dirs[2][1 << 24];
    FILE *f = argc > 2 ? fopen(argv[1], "rb") : NULL;
    size_t size = f ? fread(file, 1, MOST, f) : 0;
    if (size < HEADER)
        return fprintf(stderr, "bend: %s: cannot read\n", argc > 1 ? argv[1] : "FROM"), 1;
    fclose(f);
    size_t dir = (size_t)get(file + DIR, 8), n = (size_t)get(file + DIR_SIZE, 8);
    unsigned metas = (unsigned)get(file + METAS, 4);
    memcpy(dirs[0], file + dir, n);
    for (int i = 3; i < argc; i++) {
        n = set(dirs[1], dirs[0], n, &metas, argv[i]);
        memcpy(dirs[0], dirs[1], n);
    }
    put(file + SIZE, dir + n, 8);
    put(file + DIR_SIZE, n, 8);
    put(file + METAS, metas, 4);
    put(file + DIR_CRC, crc32_z(0, dirs[0], n), 4);
    put(file + CRC, crc32_z(0, file, CRC), 4);
    f = fopen(argv[2], "wb");
    return !f || fwrite(file, 1, dir, f) != dir || fwrite(dirs[0], 1, n, f) != n || fclose(f);
}
