/* hash.h: a text as a number, and a table that finds numbers 0, 1, … by their texts.
 *
 *     tt_hash_slots t;
 *     if (!tt_hash_make(&t, 16)) …                                       // owned: free(t.slot)
 *     size_t at = tt_hash_find(&t, text, len, text_of, ctx);             // t.slot[at]: the number,
 * or -1
 *
 * Open addressing with linear probing; who fills the table keeps a part of it free and gives the
 * texts of the numbers. Nothing that leaves the program depends on these numbers.
 */
#ifndef TT_BASE_HASH_H
#define TT_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ttrans/error.h"

/* Adds a number to a hash. */
static inline uint64_t tt_hash_add(uint64_t h, uint64_t x) {
    return tt_mix(h ^ x) + 0x9e3779b97f4a7c15u;
}

/* Adds bytes, and how many they are: eight at a time. */
static inline uint64_t tt_hash_bytes(uint64_t h, const void *bytes, size_t len) {
    const char *p = bytes;
    h += len;
    for (size_t i = 0; i < len; i += 8) {
        uint64_t part = 0;
        memcpy(&part, p + i, len - i < 8 ? len - i : 8);
        h = tt_hash_add(h, part);
    }
    return h;
}

typedef struct tt_hash_slots {
    int32_t *slot; /* (mask + 1): a number, or -1 */
    size_t mask;
} tt_hash_slots;

/* At least `least` free slots, a power of two. 1, or 0 without memory. */
static inline bool tt_hash_make(tt_hash_slots *t, size_t least) {
    size_t size = 16;
    while (size < least) size *= 2;
    t->mask = size - 1;
    t->slot = malloc(size * sizeof *t->slot);
    if (t->slot) memset(t->slot, 0xff, size * sizeof *t->slot);
    return t->slot != NULL;
}

/* The slot where the number of the text stands, or would stand. */
static inline size_t tt_hash_find(const tt_hash_slots *t, const char *text, size_t len,
                                  tt_span (*text_of)(const void *ctx, int number),
                                  const void *ctx) {
    for (size_t i = (size_t)tt_hash_bytes(0, text, len) & t->mask;; i = (i + 1) & t->mask) {
        if (t->slot[i] < 0) return i;
        const tt_span x = text_of(ctx, t->slot[i]);
        if (x.len == len && (!len || !memcmp(x.text, text, len))) return i;
    }
}

#endif
