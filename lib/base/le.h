/* le.h: whole numbers as bytes, the lowest first, on any machine and at any address. */
#ifndef TT_BASE_LE_H
#define TT_BASE_LE_H

#include <stdint.h>

/* The number in `bytes` bytes, at most 8. */
static inline uint64_t tt_le_get(const unsigned char *p, int bytes) {
    uint64_t x = 0;
    for (int i = bytes; i-- > 0;) x = x << 8 | p[i];
    return x;
}

/* Its lowest `bytes` bytes. */
static inline void tt_le_put(unsigned char *p, uint64_t x, int bytes) {
    for (int i = 0; i < bytes; i++) p[i] = (unsigned char)(x >> (8 * i));
}

#endif
