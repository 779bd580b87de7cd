/* gram.c: open addressing with linear probing over slots that hold numbers of entries; entries are
 * numbered in the order of arrival and never move, so their number is the n-gram's name.
 */
#include "score/gram.h"

#include <limits.h>
#include <string.h>

typedef struct entry {
    uint64_t key;
    uint32_t count; /* in the reference at hand; then HIT if the hypothesis has it */
    uint32_t most;  /* in the reference that has it most often, less what the hypothesis took */
} entry;

enum { HIT = INT_MAX };

typedef struct table {
    uint32_t *slots; /* entry number + 1, or 0; a power of two of them, at least half empty */
    size_t mask;
    entry *entries;
    uint32_t used;
} table;

static int table_make(table *t, size_t max, tt_arena *arena) {
    size_t slots = 16, room = max < 1 << 16 ? 4 : 2; /* fewer collisions while it fits a cache */
    while (slots < room * max) slots *= 2;
    t->slots = tt_arena_zero(arena, slots * sizeof *t->slots);
    t->entries = tt_arena_alloc(arena, (max + 1) * sizeof *t->entries); /* one to spare */
    t->mask = slots - 1;
    t->used = 0;
    return t->slots && t->entries ? 0 : TT_ENOMEM;
}

/* Fibonacci hashing (Knuth, vol. 3, 6.4): the upper half of the product. */
static size_t place(uint64_t key) { return (size_t)(key * 0x9e3779b97f4a7c15u >> 32); }

/* The slot where the key is or would go. */
static size_t find(const table *t, uint64_t key) {
    size_t at = place(key) & t->mask;
    while (t->slots[at] && t->entries[t->slots[at] - 1].key != key) at = (at + 1) & t->mask;
    return at;
}

/* An entry for the key in a free slot; its number. */
static uint32_t insert(table *t, size_t at, uint64_t key) {
    t->entries[t->used] = (entry){.key = key};
    t->slots[at] = ++t->used;
    return t->used - 1;
}

static size_t grams_of(const tt_gram_text *text, size_t n) {
    return text->len < n ? 0 : text->len - n + 1;
}

/* One order. `ids` goes along the text: in, the number of the n-1 symbols from there on, NONE where
   the hypothesis does not have them, so that nothing longer can match; out, the number of n. */
static void count_ref(table *t, const tt_gram_text *ref, uint32_t *ids, size_t n) {
    size_t grams = grams_of(ref, n);
    for (size_t i = 0; i < grams; i++) {
        if (ids[i] == TT_GRAM_NONE) continue;
        uint64_t key = (uint64_t)ids[i] << 32 | ref->symbols[i + n - 1];
        size_t at = find(t, key);
        ids[i] = t->slots[at] ? t->slots[at] - 1 : insert(t, at, key);
        entry *g = &t->entries[ids[i]];
        if (++g->count > g->most) g->most = g->count;
    }
}

static void reset_counts(table *t, const uint32_t *ids, size_t grams) {
    for (size_t i = 0; i < grams; i++)
        if (ids[i] != TT_GRAM_NONE) t->entries[ids[i]].count = 0;
}

static size_t count_hyp(table *t, const tt_gram_text *hyp, uint32_t *ids, size_t n) {
    size_t grams = grams_of(hyp, n), matches = 0;
    for (size_t i = 0; i < grams; i++) {
        uint32_t last = hyp->symbols[i + n - 1], id = TT_GRAM_NONE;
        if (ids[i] != TT_GRAM_NONE && last != TT_GRAM_NONE)
            id = t->slots[find(t, (uint64_t)ids[i] << 32 | last)] - 1; /* 0 - 1 is NONE */
        ids[i] = id;
        if (id == TT_GRAM_NONE) continue;
        entry *g = &t->entries[id];
        g->count = HIT;
        matches += g->most > 0;
        g->most -= g->most > 0;
    }
    return matches;
}

/* Without branches, which would be guessed wrong half of the time: NONE looks at a spare entry. */
static void drop_misses(table *t, uint32_t *ids, size_t grams) {
    t->entries[t->used].count = 0;
    for (size_t i = 0; i < grams; i++) {
        uint32_t id = ids[i] < t->used ? ids[i] : t->used;
        ids[i] = t->entries[id].count == HIT ? id : TT_GRAM_NONE;
    }
}

int tt_gram_matches(double *matches, const tt_gram_text *hyp, const tt_gram_text *refs, int n_refs,
                    int order, tt_arena *arena) {
    tt_mark start = tt_arena_mark(arena);
    size_t len = 0;
    for (int r = 0; r < n_refs; r++) len += refs[r].len;
    uint32_t *ref_ids = tt_arena_zero(arena, (len + 1) * sizeof *ref_ids);
    uint32_t *hyp_ids = tt_arena_zero(arena, (hyp->len + 1) * sizeof *hyp_ids);
    int rc = ref_ids && hyp_ids ? 0 : TT_ENOMEM;
    for (size_t n = 1; n <= (size_t)order && !rc; n++) {
        tt_mark level = tt_arena_mark(arena);
        table t;
        rc = table_make(&t, len, arena);
        if (rc) break;
        uint32_t *ids = ref_ids;
        for (int r = 0; r < n_refs; ids += refs[r].len, r++) {
            count_ref(&t, &refs[r], ids, n);
            if (n_refs > 1) reset_counts(&t, ids, grams_of(&refs[r], n));
        }
        matches[n - 1] = (double)count_hyp(&t, hyp, hyp_ids, n);
        ids = ref_ids;
        for (int r = 0; n < (size_t)order && r < n_refs; ids += refs[r].len, r++)
            drop_misses(&t, ids, grams_of(&refs[r], n));
        tt_arena_rewind(arena, level);
    }
    tt_arena_rewind(arena, start);
    return rc;
}

struct tt_dict {
    table table; /* keys are hashes; two words may share one, so the word itself decides */
    tt_span *words;
};

tt_dict *tt_dict_new(size_t max, tt_arena *arena) {
    tt_dict *d = tt_arena_alloc(arena, sizeof *d);
    if (!d || table_make(&d->table, max, arena)) return NULL;
    d->words = tt_arena_alloc(arena, (max ? max : 1) * sizeof *d->words);
    return d->words ? d : NULL;
}

/* Eight bytes at a time, multiplied and folded; what is left over in overlapping pieces. The order of
   bytes in memory changes the number, but no result. */
static uint64_t hash(tt_span word) {
    const uint64_t by = 0x9e3779b97f4a7c15u;
    const char *at = word.text;
    size_t n = word.len;
    uint64_t h = n * by, x;
    for (; n >= 8; at += 8, n -= 8) {
        memcpy(&x, at, 8);
        h = (h ^ x) * by;
        h ^= h >> 29;
    }
    if (n >= 4) {
        uint32_t low, high;
        memcpy(&low, at, 4);
        memcpy(&high, at + n - 4, 4);
        x = (uint64_t)high << 32 | low;
    } else if (n) {
        const unsigned char *b = (const unsigned char *)at;
        x = (uint64_t)b[0] << 16 | (uint64_t)b[n / 2] << 8 | b[n - 1];
    } else {
        return h;
    }
    h = (h ^ x) * by;
    return h ^ h >> 29;
}

static size_t find_word(const tt_dict *d, tt_span word, uint64_t key) {
    const table *t = &d->table;
    size_t at = place(key) & t->mask;
    for (; t->slots[at]; at = (at + 1) & t->mask) {
        uint32_t id = t->slots[at] - 1;
        if (t->entries[id].key == key && d->words[id].len == word.len &&
            !memcmp(d->words[id].text, word.text, word.len))
            break;
    }
    return at;
}

uint32_t tt_dict_put(tt_dict *d, tt_span word) {
    uint64_t key = hash(word);
    size_t at = find_word(d, word, key);
    if (d->table.slots[at]) return d->table.slots[at] - 1;
    d->words[d->table.used] = word;
    return insert(&d->table, at, key);
}

uint32_t tt_dict_get(const tt_dict *d, tt_span word) {
    size_t at = find_word(d, word, hash(word));
    return d->table.slots[at] ? d->table.slots[at] - 1 : TT_GRAM_NONE;
}
