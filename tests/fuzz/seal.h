/* seal.h: checksums of model files and of ZIP files made right, or random changes would never get
   past them. */
#ifndef TT_FUZZ_SEAL_H
#define TT_FUZZ_SEAL_H

#include <string.h>
#include <zlib.h>

#include "io/modeldata.h"
#include "io/modelfile.h"

/* Of entries, directory and header of a model file, as far as the bytes lie inside. */
static inline void seal_model(uint8_t *p, size_t size) {
    if (size < TT_TTM_HEADER) return;
    memcpy(p, TT_TTM_MAGIC, 8);
    tt_le_put(p + TT_TTM_AT_SIZE, size, 8);
    uint64_t dir = tt_le_get(p + TT_TTM_AT_DIR, 8), dir_size = tt_le_get(p + TT_TTM_AT_DIR_SIZE, 8);
    uint64_t metas = tt_le_get(p + TT_TTM_AT_METAS, 4),
             entries = tt_le_get(p + TT_TTM_AT_ENTRIES, 4);
    if (dir > size || dir_size > size - dir) return;
    uint64_t at = dir, end = dir + dir_size;
    for (; metas > 0 && end - at >= TT_TTM_META_FIXED; metas--) {
        uint64_t len = TT_TTM_META_FIXED + tt_le_get(p + at, 2) + tt_le_get(p + at + 2, 4);
        at = len < end - at ? at + len : end;
    }
    for (; entries > 0 && end - at >= TT_TTM_ENTRY_FIXED; entries--) {
        uint64_t from = tt_le_get(p + at + 24, 8), stored = tt_le_get(p + at + 32, 8);
        if (from <= size && stored <= size - from)
            tt_le_put(p + at + 4, crc32_z(0, p + from, (size_t)stored), 4);
        uint64_t len = TT_TTM_ENTRY_FIXED + tt_le_get(p + at + 2, 2);
        at = len < end - at ? at + len : end;
    }
    tt_le_put(p + TT_TTM_AT_DIR_CRC, crc32_z(0, p + dir, (size_t)dir_size), 4);
    tt_le_put(p + TT_TTM_AT_CRC, crc32_z(0, p, TT_TTM_AT_CRC), 4);
}

/* Of members that are stored and lie inside. */
static inline void seal_zip(uint8_t *p, size_t size) {
    for (size_t i = 0; i + 46 <= size; i++) {
        if (tt_le_get(p + i, 4) != 0x02014b50) continue;
        uint64_t at = tt_le_get(p + i + 42, 4), n = tt_le_get(p + i + 20, 4);
        if (at + 30 > size) continue;
        at += 30 + tt_le_get(p + at + 26, 2) + tt_le_get(p + at + 28, 2);
        if (at <= size && n <= size - at && !tt_le_get(p + i + 10, 2))
            tt_le_put(p + i + 16, crc32_z(0, p + at, (size_t)n), 4);
    }
}

/* Changes at places that the input names, five bytes and more each: where (3; with the highest bit:
   counted from `dir`, where settings stand), how many bytes follow (1, up to 31), these. Returns
   where it ended. */
static inline size_t seal_patch(uint8_t *p, size_t size, size_t dir, const uint8_t *how, size_t n) {
    size_t at = 0;
    while (n - at >= 5 && size > dir) {
        size_t where = (size_t)tt_le_get(how + at, 3), count = how[at + 3] % 32;
        where = where >> 23 ? dir + (where & 0x7fffff) % (size - dir) : where % size;
        at += 4;
        for (; count > 0 && at < n && where < size; count--) p[where++] = how[at++];
    }
    return at;
}

#endif
