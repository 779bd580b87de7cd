/* dict.c: see dict.h. A word of up to seven bytes is its own key, those bytes and their number; a
 * longer one has a hash there, and words that share it are told apart by looking at them.
 * Characters of the European alphabets, which are nearly all, stand in a row; the others go through
 * a table.
 */
#include "score/dict.h"

#include "score/table.h"

#include <string.h>

enum { EXACT = 7, NEAR = 0x250 };

struct tt_dict {
    tt_table table;
    tt_span *words;
};

tt_dict *tt_dict_new(size_t max, tt_arena *arena) {
    tt_dict *d = tt_arena_alloc(arena, sizeof *d);
    if (!d || tt_table_make(&d->table, max, arena)) return NULL;
    d->words = tt_arena_alloc(arena, (max ? max : 1) * sizeof *d->words);
    return d->words ? d : NULL;
}

uint32_t tt_dict_size(const tt_dict *d) { return d->table.used; }

/* The bytes of the word, and its length in the eighth. The order of bytes in memory changes the
   key, but no result. */
static uint64_t short_key(const char *text, size_t n) {
    static const unsigned char kept[EXACT + 8] = {255, 255, 255, 255, 255, 255, 255};
    static const unsigned char lengths[EXACT + 1][8] = {
        [1] = {[7] = 1}, [2] = {[7] = 2}, [3] = {[7] = 3}, [4] = {[7] = 4},
        [5] = {[7] = 5}, [6] = {[7] = 6}, [7] = {[7] = 7}};
    uint64_t bytes, mask, length;
    memcpy(&bytes, text, sizeof bytes);
    memcpy(&mask, kept + EXACT - n, sizeof mask);
    memcpy(&length, lengths[n], sizeof length);
    return (bytes & mask) | length;
}

/* Eight bytes at a time, multiplied and folded, the last eight once more. */
static uint64_t long_key(const char *text, size_t n) {
    const uint64_t by = 0x9e3779b97f4a7c15u;
    uint64_t h = n * by, x;
    for (size_t i = 0; i + 8 < n; i += 8) {
        memcpy(&x, text + i, sizeof x);
        h = (h ^ x) * by;
        h ^= h >> 29;
    }
    memcpy(&x, text + n - 8, sizeof x);
    h = (h ^ x) * by;
    return (h ^ h >> 29) | (uint64_t)1 << 63;
}

/* The slot of a long word, or where it would go. */
static size_t find_long(const tt_dict *d, tt_span word, uint64_t *key) {
    const tt_table *t = &d->table;
    size_t at = tt_table_find(t, *key = long_key(word.text, word.len));
    for (; t->slots[at]; at = (at + 1) & t->mask) {
        uint32_t k = t->slots[at] - 1;
        if (t->entries[k].key == *key && d->words[k].len == word.len &&
            !memcmp(d->words[k].text, word.text, word.len))
            break;
    }
    return at;
}

static inline size_t find(const tt_dict *d, tt_span word, uint64_t *key) {
    if (word.len > EXACT) return find_long(d, word, key);
    return tt_table_find(&d->table, *key = short_key(word.text, word.len));
}

static inline uint32_t put(tt_dict *d, tt_span word) {
    uint64_t key;
    size_t at = find(d, word, &key);
    if (d->table.slots[at]) return d->table.slots[at] - 1;
    d->words[d->table.used] = word;
    return tt_table_insert(&d->table, at, key);
}

static inline uint32_t get(const tt_dict *d, tt_span word) {
    uint64_t key;
    size_t at = find(d, word, &key);
    return d->table.slots[at] - 1; /* 0 - 1 is NONE */
}

uint32_t tt_dict_put(tt_dict *d, tt_span word) { return put(d, word); }

uint32_t tt_dict_get(const tt_dict *d, tt_span word) { return get(d, word); }

int tt_dict_read(void *ctx, tt_span word) {
    tt_reading *r = ctx;
    r->text->symbols[r->text->len++] = r->known ? get(r->dict, word) : put(r->dict, word);
    return 0;
}

struct tt_alphabet {
    tt_table table;      /* of all, for their numbers */
    uint32_t near[NEAR]; /* number + 1, or 0 */
};

tt_alphabet *tt_alphabet_new(size_t max, tt_arena *arena) {
    tt_alphabet *a = tt_arena_zero(arena, sizeof *a);
    return a && !tt_table_make(&a->table, max, arena) ? a : NULL;
}

uint32_t tt_alphabet_size(const tt_alphabet *a) { return a->table.used; }

uint32_t tt_alphabet_put(tt_alphabet *a, uint32_t c) {
    if (c < NEAR && a->near[c]) return a->near[c] - 1;
    size_t at = tt_table_find(&a->table, c);
    if (a->table.slots[at]) return a->table.slots[at] - 1;
    uint32_t number = tt_table_insert(&a->table, at, c);
    if (c < NEAR) a->near[c] = number + 1;
    return number;
}

uint32_t tt_alphabet_get(const tt_alphabet *a, uint32_t c) {
    return c < NEAR ? a->near[c] - 1 : a->table.slots[tt_table_find(&a->table, c)] - 1;
}
