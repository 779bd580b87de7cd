/* table.h: numbers 0, 1, … for 64-bit keys as they come: open addressing with linear probing over
 * slots that hold numbers of entries. Entries never move, so a number is a name for good. All of it
 * lies in the caller's arena.
 */
#ifndef TT_SCORE_TABLE_H
#define TT_SCORE_TABLE_H

#include "base/arena.h"

typedef struct tt_slot {
    uint64_t key;
    uint32_t count, most; /* the user's; 0 when new */
} tt_slot;

typedef struct tt_table {
    uint32_t *slots; /* entry number + 1, or 0; a power of two of them, at least half empty */
    size_t mask;
    tt_slot *entries; /* one more than `max` */
    uint32_t used;
} tt_table;

/* Room for `max` keys. 0 or TT_ENOMEM. */
static inline int tt_table_make(tt_table *t, size_t max, tt_arena *arena) {
    size_t slots = 16, room = max < 1 << 16 ? 4 : 2; /* fewer collisions while it fits a cache */
    while (slots < room * max) slots *= 2;
    t->slots = tt_arena_zero(arena, slots * sizeof *t->slots);
    t->entries = tt_arena_alloc(arena, (max + 1) * sizeof *t->entries);
    t->mask = slots - 1;
    t->used = 0;
    return t->slots && t->entries ? 0 : TT_ENOMEM;
}

/* Where to look first, by Fibonacci hashing (Knuth, vol. 3, 6.4): the upper half of the product. */
static inline size_t tt_table_place(const tt_table *t, uint64_t key) {
    return (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & t->mask;
}

/* The slot where the key is or would go. */
static inline size_t tt_table_find(const tt_table *t, uint64_t key) {
    size_t at = tt_table_place(t, key);
    while (t->slots[at] && t->entries[t->slots[at] - 1].key != key) at = (at + 1) & t->mask;
    return at;
}

/* An entry for the key in a free slot; its number. */
static inline uint32_t tt_table_insert(tt_table *t, size_t at, uint64_t key) {
    t->entries[t->used] = (tt_slot){.key = key};
    t->slots[at] = ++t->used;
    return t->used - 1;
}

#endif
