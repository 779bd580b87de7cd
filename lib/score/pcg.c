/* pcg.c: see pcg.h. The generator is state := state · M + increment, 128 bits wide, as two words.
 * SeedSequence (O'Neill's seed_seq_fe, 2015, in NumPy's form) spreads a seed of any length over a
 * pool of four words and takes the 256 bits of state and increment from there.
 */
#include "score/pcg.h"

#include "base/wide.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 400, WORDS_MAX = DIGITS_MAX / 9 + 2, POOL = 4 };

static const uint64_t mult_high = 0x2360ed051fc65da4u, mult_low = 0x4385df649fccf645u;

/* What takes a state so many steps on: a product and a sum. */
typedef struct leap {
    tt_wide by, plus;
} leap;

static inline tt_wide go(tt_wide state, leap l) {
    return tt_wide_add(tt_wide_multiply(state, l.by), l.plus);
}

static inline leap one_step(const tt_pcg *g) { return (leap){{mult_high, mult_low}, g->inc}; }

/* `words` steps at once, by squaring (Brown 1994). */
static leap steps(const tt_pcg *g, uint64_t words) {
    leap all = {{0, 1}, {0, 0}}, l = one_step(g);
    for (; words; words >>= 1) {
        if (words & 1) all = (leap){tt_wide_multiply(all.by, l.by), go(all.plus, l)};
        l = (leap){tt_wide_multiply(l.by, l.by), go(l.plus, l)};
    }
    return all;
}

static inline uint64_t word_of(tt_wide s) {
    uint64_t x = s.high ^ s.low;
    unsigned turn = (unsigned)(s.high >> 58);
    return x >> turn | x << ((64 - turn) & 63);
}

static inline uint64_t next(tt_pcg *g) {
    g->state = go(g->state, one_step(g));
    return word_of(g->state);
}

static inline uint32_t next_half(tt_pcg *g) {
    if (g->has_half) {
        g->has_half = 0;
        return g->half;
    }
    uint64_t word = next(g);
    g->half = (uint32_t)(word >> 32);
    g->has_half = 1;
    return (uint32_t)word;
}

/* Two states a step apart go two steps at a time, so that the processor need not wait for one
   product after the other; here and below. */
void tt_pcg_words(tt_pcg *g, uint64_t *out, size_t count) {
    leap two = steps(g, 2);
    tt_wide a = go(g->state, one_step(g)), b = go(a, one_step(g));
    size_t i = 0;
    for (; i + 2 <= count; i += 2) {
        out[i] = word_of(a);
        out[i + 1] = word_of(b);
        g->state = b;
        a = go(a, two);
        b = go(b, two);
    }
    if (i < count) out[i] = next(g);
}

/* Draws from one half of a word: writes it, and moves on unless it must be drawn again. */
static inline uint32_t *put(uint32_t *out, uint32_t half, uint32_t n, uint32_t least) {
    uint64_t m = (uint64_t)half * n;
    *out = (uint32_t)(m >> 32);
    return out + ((uint32_t)m >= least);
}

/* Draws from both halves; where the next one goes. */
static inline uint32_t *put_both(uint32_t *out, uint64_t word, uint32_t n, uint32_t least) {
    uint64_t low = (word & UINT32_MAX) * n, high = (word >> 32) * n;
    out[0] = (uint32_t)(low >> 32);
    out[1] = (uint32_t)(high >> 32);
    if ((uint32_t)low >= least && (uint32_t)high >= least) return out + 2; /* nearly always */
    return put(put(out, (uint32_t)word, n, least), (uint32_t)(word >> 32), n, least);
}

/* Draws while there is room for four; where it ends. */
static uint32_t *draw_fours(tt_pcg *g, uint32_t *out, const uint32_t *end, uint32_t n,
                            uint32_t least) {
    leap two = steps(g, 2);
    tt_wide last = g->state, a = go(last, one_step(g)), b = go(a, one_step(g));
    while (end - out >= 4) {
        last = b;
        out = put_both(put_both(out, word_of(a), n, least), word_of(b), n, least);
        a = go(a, two);
        b = go(b, two);
    }
    g->state = last;
    return out;
}

void tt_pcg_below(tt_pcg *g, uint32_t *out, size_t count, uint32_t n) {
    uint32_t least = (0u - n) % n, *end = out + count;
    if (n == 1) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    while (out < end && g->has_half) out = put(out, next_half(g), n, least);
    out = draw_fours(g, out, end, n, least);
    while (out < end) out = put(out, next_half(g), n, least);
}

void tt_pcg_skip(tt_pcg *g, uint64_t words) {
    g->state = go(g->state, steps(g, words));
    g->has_half = 0;
}

static uint32_t hash(uint32_t value, uint32_t *key, uint32_t by) {
    value ^= *key;
    *key *= by;
    value *= *key;
    return value ^ value >> 16;
}

static uint32_t mix(uint32_t x, uint32_t y) {
    uint32_t r = 0xca01f9ddu * x - 0x4973f715u * y;
    return r ^ r >> 16;
}

static void start(tt_pcg *g, const uint32_t *entropy, size_t n) {
    const uint32_t by = 0x931e8875u;
    uint32_t pool[POOL], key = 0x43b0d7e5u, state[8];
    for (size_t i = 0; i < POOL; i++) pool[i] = hash(i < n ? entropy[i] : 0, &key, by);
    for (size_t from = 0; from < POOL; from++)
        for (size_t to = 0; to < POOL; to++)
            if (from != to) pool[to] = mix(pool[to], hash(pool[from], &key, by));
    for (size_t from = POOL; from < n; from++)
        for (size_t to = 0; to < POOL; to++)
            pool[to] = mix(pool[to], hash(entropy[from], &key, by));
    key = 0x8b51f9ddu;
    for (size_t i = 0; i < 8; i++) state[i] = hash(pool[i % POOL], &key, 0x58f38dedu);
    uint64_t words[4];
    for (size_t i = 0; i < 4; i++) words[i] = state[2 * i] | (uint64_t)state[2 * i + 1] << 32;
    *g = (tt_pcg){.inc = {words[2] << 1 | words[3] >> 63, words[3] << 1 | 1}};
    tt_wide first = go(g->state, one_step(g));
    g->state = go(tt_wide_add(first, (tt_wide){words[0], words[1]}), one_step(g));
}

/* Decimal digits to words, the lowest first; how many. */
static size_t read_digits(uint32_t *words, const char *digits) {
    size_t n = 1;
    words[0] = 0;
    for (; *digits; digits++) {
        uint64_t carry = (uint64_t)(*digits - '0');
        for (size_t i = 0; i < n; i++) {
            carry += (uint64_t)words[i] * 10;
            words[i] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry) words[n++] = (uint32_t)carry;
    }
    return n;
}

static int from_system(uint32_t *words, tt_err *e) {
    FILE *f = fopen("/dev/urandom", "rb");
    size_t got = f ? fread(words, sizeof *words, POOL, f) : 0;
    if (f) fclose(f);
    return got == POOL ? 0 : tt_fail(e, TT_EIO, "the system gives no random bytes for a seed");
}

static bool is_none(const char *seed) {
    const char *none = "nN"
                       "oO"
                       "nN"
                       "eE";
    for (; *none && *seed; none += 2, seed++)
        if (*seed != none[0] && *seed != none[1]) return false;
    return !*none && !*seed;
}

int tt_pcg_seed(tt_pcg *g, const char *seed, int zero_is_none, tt_err *e) {
    uint32_t words[WORDS_MAX];
    size_t len = strlen(seed), n = POOL;
    int zero = len && strspn(seed, "0") == len;
    if (is_none(seed) || (zero && zero_is_none)) {
        TT_TRY(from_system(words, e));
    } else {
        if (!len || len > DIGITS_MAX || strspn(seed, "0123456789") < len)
            return tt_fail(e, TT_EUSAGE, "seed '%.40s': expected a whole number or none", seed);
        n = read_digits(words, seed);
    }
    start(g, words, n);
    return 0;
}
