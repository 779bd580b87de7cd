/* pcg.c: see pcg.h. The generator is state := state · M + increment, 128 bits wide, as two words.
 * SeedSequence (O'Neill's seed_seq_fe, 2015, in NumPy's form) spreads a seed of any length over a
 * pool of four words and takes the 256 bits of state and increment from there.
 */
#include "score/pcg.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 400, WORDS_MAX = DIGITS_MAX / 9 + 2, POOL = 4 };

static const uint64_t mult_high = 0x2360ed051fc65da4u, mult_low = 0x4385df649fccf645u;

typedef struct wide {
    uint64_t high, low;
} wide;

/* The lower 128 bits of a product, by halves of 32 bits: C11 has no wider number. */
static inline wide multiply(wide a, wide b) {
    uint64_t a0 = a.low & 0xffffffffu, a1 = a.low >> 32, b0 = b.low & 0xffffffffu, b1 = b.low >> 32;
    uint64_t mid = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (mid & 0xffffffffu);
    uint64_t carried = a1 * b1 + (mid >> 32) + (other >> 32);
    return (wide){carried + a.high * b.low + a.low * b.high, a.low * b.low};
}

static inline wide add(wide a, wide b) {
    wide sum = {a.high + b.high, a.low + b.low};
    sum.high += sum.low < a.low;
    return sum;
}

static inline void step(tt_pcg *g) {
    wide s = add(multiply((wide){g->high, g->low}, (wide){mult_high, mult_low}),
                 (wide){g->inc_high, g->inc_low});
    g->high = s.high;
    g->low = s.low;
}

static inline uint64_t next(tt_pcg *g) {
    step(g);
    uint64_t x = g->high ^ g->low;
    unsigned turn = (unsigned)(g->high >> 58);
    return x >> turn | x << ((64 - turn) & 63);
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

uint64_t tt_pcg_next(tt_pcg *g) { return next(g); }

static inline uint32_t below(tt_pcg *g, uint32_t n) {
    uint64_t m = (uint64_t)next_half(g) * n;
    if ((uint32_t)m < n) {
        uint32_t least = (0u - n) % n;
        while ((uint32_t)m < least) m = (uint64_t)next_half(g) * n;
    }
    return (uint32_t)(m >> 32);
}

void tt_pcg_below(tt_pcg *g, uint32_t *out, size_t count, uint32_t n) {
    tt_pcg own = *g; /* in registers */
    if (n == 1) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    for (size_t i = 0; i < count; i++) out[i] = below(&own, n);
    *g = own;
}

/* The step done `words` times is again a product and a sum: both by squaring (Brown 1994). */
void tt_pcg_skip(tt_pcg *g, uint64_t words) {
    wide mult = {0, 1}, plus = {0, 0}, m = {mult_high, mult_low}, p = {g->inc_high, g->inc_low};
    for (; words; words >>= 1) {
        if (words & 1) {
            mult = multiply(mult, m);
            plus = add(multiply(plus, m), p);
        }
        p = multiply(add(m, (wide){0, 1}), p);
        m = multiply(m, m);
    }
    wide s = add(multiply(mult, (wide){g->high, g->low}), plus);
    g->high = s.high;
    g->low = s.low;
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
    *g = (tt_pcg){.inc_high = words[2] << 1 | words[3] >> 63, .inc_low = words[3] << 1 | 1};
    step(g);
    wide s = add((wide){g->high, g->low}, (wide){words[0], words[1]});
    g->high = s.high;
    g->low = s.low;
    step(g);
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

static int is_none(const char *seed) {
    const char *none = "nN" "oO" "nN" "eE";
    for (; *none && *seed; none += 2, seed++)
        if (*seed != none[0] && *seed != none[1]) return 0;
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
