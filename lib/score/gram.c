/* gram.c: see gram.h. Two ways to the same numbers.
 *
 * A reference of up to 512 symbols is a row of bits, one a place, and a symbol the set of the
 * places where it stands (Baeza-Yates and Gonnet 1992). Going along the hypothesis, the places
 * where the last n symbols end in the reference are, for each order n,
 *
 *     ends[n] = (ends[n−1] of the symbol before, moved on by one) ∩ places[symbol]
 *
 * An n-gram matches when one of those is still free for its order, and takes it. Which of them does
 * not matter, as the same n-gram stands at all; so a match is counted as often as the smaller of
 * both counts. With several references it takes a place in each, and one will do.
 *
 * Longer references go through a table of n-grams for each order, where an n-gram is known by the
 * number of its first n-1 symbols, taken as an n-gram of the order below, and its last symbol.
 */
#include "score/gram.h"

#include "score/table.h"

#include <limits.h>
#include <string.h>

enum { WORD = 64, BITS_MAX = 8 * WORD };

static size_t words_of(const tt_symbols *ref) { return ref->len / WORD + 1; }

int tt_gram_ready(tt_gram_refs *r, const tt_symbols *refs, int n_refs, uint32_t kinds,
                  tt_arena *arena) {
    *r = (tt_gram_refs){.refs = refs, .n_refs = n_refs, .kinds = kinds};
    for (int k = 0; k < n_refs; k++)
        if (refs[k].len > BITS_MAX) return 0;
    r->places = tt_arena_alloc(arena, (size_t)n_refs * sizeof *r->places);
    for (int k = 0; r->places && k < n_refs; k++) {
        size_t words = words_of(&refs[k]);
        uint64_t *set = tt_arena_zero(arena, ((size_t)kinds + 1) * words * sizeof *set);
        if (!set) return TT_ENOMEM;
        for (size_t i = 0; i < refs[k].len; i++)
            set[refs[k].symbols[i] * words + i / WORD] |= (uint64_t)1 << i % WORD;
        r->places[k] = set;
    }
    return r->places ? 0 : TT_ENOMEM;
}

/* ---- bits ---------------------------------------------------------------------------------- */

/* What has been found so far: bit n-1 of hits[i] when the n-gram that ends at i is counted. With
   one reference nobody asks for the bits, and `hits` is NULL. */
typedef struct found {
    uint32_t *hits;
    size_t count[TT_SCORE_ORDER_MAX];
} found;

static inline void note(found *f, size_t i, size_t n, uint64_t open) {
    uint32_t hit = open != 0, seen = 0;
    if (f->hits) {
        seen = f->hits[i] >> (n - 1) & 1;
        f->hits[i] |= hit << (n - 1);
    }
    f->count[n - 1] += hit & ~seen;
}

/* Up to 64 symbols: every set is one number. */
static void match_short(found *f, const uint64_t *places, uint32_t kinds, const tt_symbols *hyp,
                        size_t order) {
    uint64_t ends[TT_SCORE_ORDER_MAX + 1] = {0}, free[TT_SCORE_ORDER_MAX + 1];
    for (size_t n = 1; n <= order; n++) free[n] = ~(uint64_t)0;
    for (size_t i = 0; i < hyp->len; i++) {
        uint32_t symbol = hyp->symbols[i];
        uint64_t here = places[symbol < kinds ? symbol : kinds], open;
        for (size_t n = order; n > 1; n--) {
            ends[n] = ends[n - 1] << 1 & here;
            open = ends[n] & free[n];
            free[n] ^= open & (0 - open); /* the lowest of them is taken */
            note(f, i, n, open);
        }
        ends[1] = here;
        open = here & free[1];
        free[1] ^= open & (0 - open);
        note(f, i, 1, open);
    }
}

/* The same with sets of several words; orders above the deepest that has ends are left out. `space`
   holds free (order, words) and ends (order + 1, words), of which row 0 is full. */
static void match_long(found *f, const uint64_t *places, uint32_t kinds, size_t words,
                       const tt_symbols *hyp, size_t order, uint64_t *space) {
    uint64_t *free = space, *ends = space + order * words;
    size_t deepest = 0;
    memset(space, 0xff, (order + 1) * words * sizeof *space);
    for (size_t i = 0; i < hyp->len; i++) {
        uint32_t symbol = hyp->symbols[i];
        size_t top = deepest < order ? deepest + 1 : order;
        deepest = 0;
        if (symbol >= kinds) continue;
        const uint64_t *here = places + symbol * words;
        for (size_t n = top; n > 0; n--) {
            const uint64_t *before = ends + (n - 1) * words;
            uint64_t *now = ends + n * words, *left = free + (n - 1) * words;
            uint64_t carry = n == 1, any = 0, taken = 0;
            for (size_t w = 0; w < words; w++) {
                uint64_t old = before[w], set = (old << 1 | carry) & here[w], open = set & left[w];
                carry = old >> (WORD - 1);
                now[w] = set;
                any |= set;
                left[w] ^=
                    open & (0 - open) & ((uint64_t)(taken != 0) - 1); /* if none is taken yet */
                taken |= open;
            }
            if (any && n > deepest) deepest = n;
            note(f, i, n, taken);
        }
    }
}

static int match_bits(double *matches, const tt_gram_refs *r, const tt_symbols *hyp, size_t order,
                      tt_arena *arena) {
    found f = {NULL, {0}};
    uint64_t *space = tt_arena_alloc(arena, (2 * order + 1) * (BITS_MAX / WORD) * sizeof *space);
    if (r->n_refs > 1) f.hits = tt_arena_zero(arena, hyp->len * sizeof *f.hits);
    if (!space || (r->n_refs > 1 && !f.hits)) return TT_ENOMEM;
    for (int k = 0; k < r->n_refs; k++) {
        size_t words = words_of(&r->refs[k]);
        if (words == 1) match_short(&f, r->places[k], r->kinds, hyp, order);
        else match_long(&f, r->places[k], r->kinds, words, hyp, order, space);
    }
    for (size_t n = 0; n < order; n++) matches[n] = (double)f.count[n];
    return 0;
}

/* ---- tables -------------------------------------------------------------------------------- */

/* An entry's `count` is that in the reference at hand, then HIT if the hypothesis has it; `most`
   that in the reference that has it most often, less what the hypothesis took. */
enum { HIT = INT_MAX };

static size_t grams_of(const tt_symbols *text, size_t n) {
    return text->len < n ? 0 : text->len - n + 1;
}

/* One order. `ids` goes along the text: in, the number of the n-1 symbols from there on, NONE where
   the hypothesis does not have them, so that nothing longer can match; out, the number of n. */
static void count_ref(tt_table *t, const tt_symbols *ref, uint32_t *ids, size_t n) {
    size_t grams = grams_of(ref, n);
    for (size_t i = 0; i < grams; i++) {
        if (ids[i] == TT_DICT_NONE) continue;
        uint64_t key = (uint64_t)ids[i] << 32 | ref->symbols[i + n - 1];
        size_t at = tt_table_find(t, key);
        ids[i] = t->slots[at] ? t->slots[at] - 1 : tt_table_insert(t, at, key);
        tt_slot *g = &t->entries[ids[i]];
        if (++g->count > g->most) g->most = g->count;
    }
}

static void reset_counts(tt_table *t, const uint32_t *ids, size_t grams) {
    for (size_t i = 0; i < grams; i++)
        if (ids[i] != TT_DICT_NONE) t->entries[ids[i]].count = 0;
}

static size_t count_hyp(tt_table *t, const tt_symbols *hyp, uint32_t *ids, size_t n) {
    size_t grams = grams_of(hyp, n), matches = 0;
    for (size_t i = 0; i < grams; i++) {
        uint32_t last = hyp->symbols[i + n - 1], id = TT_DICT_NONE;
        if (ids[i] != TT_DICT_NONE && last != TT_DICT_NONE)
            id = t->slots[tt_table_find(t, (uint64_t)ids[i] << 32 | last)] - 1; /* 0 - 1 is NONE */
        ids[i] = id;
        if (id == TT_DICT_NONE) continue;
        tt_slot *g = &t->entries[id];
        g->count = HIT;
        matches += g->most > 0;
        g->most -= g->most > 0;
    }
    return matches;
}

static void drop_misses(tt_table *t, uint32_t *ids, size_t grams) {
    for (size_t i = 0; i < grams; i++)
        if (ids[i] != TT_DICT_NONE && t->entries[ids[i]].count != HIT) ids[i] = TT_DICT_NONE;
}

static int match_tables(double *matches, const tt_gram_refs *r, const tt_symbols *hyp, size_t order,
                        tt_arena *arena) {
    const tt_symbols *refs = r->refs;
    size_t len = 0;
    for (int k = 0; k < r->n_refs; k++) len += refs[k].len;
    uint32_t *ref_ids = tt_arena_zero(arena, (len + 1) * sizeof *ref_ids);
    uint32_t *hyp_ids = tt_arena_zero(arena, (hyp->len + 1) * sizeof *hyp_ids);
    if (!ref_ids || !hyp_ids) return TT_ENOMEM;
    for (size_t n = 1; n <= order; n++) {
        tt_mark level = tt_arena_mark(arena);
        tt_table t;
        TT_TRY(tt_table_make(&t, len, arena));
        uint32_t *ids = ref_ids;
        for (int k = 0; k < r->n_refs; ids += refs[k].len, k++) {
            count_ref(&t, &refs[k], ids, n);
            if (r->n_refs > 1) reset_counts(&t, ids, grams_of(&refs[k], n));
        }
        matches[n - 1] = (double)count_hyp(&t, hyp, hyp_ids, n);
        ids = ref_ids;
        for (int k = 0; n < order && k < r->n_refs; ids += refs[k].len, k++)
            drop_misses(&t, ids, grams_of(&refs[k], n));
        tt_arena_rewind(arena, level);
    }
    return 0;
}

int tt_gram_matches(double *matches, const tt_gram_refs *r, const tt_symbols *hyp, int order,
                    tt_arena *arena) {
    tt_mark start = tt_arena_mark(arena);
    int rc = r->places ? match_bits(matches, r, hyp, (size_t)order, arena)
                       : match_tables(matches, r, hyp, (size_t)order, arena);
    tt_arena_rewind(arena, start);
    return rc;
}
