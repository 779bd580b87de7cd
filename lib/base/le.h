/* le.h: whole numbers as bytes, the lowest first, on any machine and at any address. */
#ifndef TT_BASE_LE_H
#define TT_BASE_LE_H

#include <stdint.h>

/* The number in `bytes` bytes, at most 8. */
static inline uint64_t tt_le_get(const unsigned char *p, int bytes) {
    if (bytes == 8) /* one load, as compilers see */
        return (uint64_t)p[7] << 56 | (uint64_t)p[6] << 48 | (uint64_t)p[5] << 40 |
               (uint64_t)p[4] << 32 | (uint64_t)p[3] << 24 | (uint64_t)p[2] << 16 |
               (uint64_t)p[1] << 8 | p[0];
    if (bytes == 4) return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
    uint64_t x = 0;
    for (int i = bytes; i-- > 0;) x = x << 8 | p[i];
    return x;
}

/* Its lowest `bytes` bytes. */
static inline void tt_le_put(unsigned char *p, uint64_t x, int bytes) {
    for (int i = 0; i < bytes; i++) p[i] = (unsigned char)(x >> (8 * i));
}

#endif
