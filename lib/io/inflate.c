/* inflate.c: see inflate.h. Deflate's format is RFC 1951's; what is refused is what zlib refuses.
 *
 * Weights have hardly anything to match: nearly all of their streams are Huffman codes of literals. So one look into a
 * table gives a literal or, where both their codes are short enough, two; four looks go between two fillings of the bit
 * buffer. Codes too long for the table are rare, and found by counting through the lengths: codes of a length
 * are consecutive, and follow the shorter ones (3.2.2).
 */
#include "io/inflate.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum {
    LONGEST = 15,       /* bits of a code */
    LITERALS = 288, DISTANCES = 32, LENGTHS = 19, /* symbols of the three alphabets */
    MOST_LITERALS = 286, MOST_DISTANCES = 30, /* that may be used */
    LOOK = 11,          /* bits that index a table: 8 KiB, a quarter of the nearest cache */
    LOOKS = 4           /* between two fillings, which leave 56 bits at least */
};

/* What stands in a table: bits of the code, or of both codes; what it is; and the literal, two of them, or a symbol. */
enum { LONG = 0, LITERAL = 1, PAIR = 2, OTHER = 3 };
static uint32_t entry(uint32_t bits, uint32_t kind, uint32_t what) { return bits | kind << 8 | what << 16; }
static uint32_t bits_of(uint32_t e) { return e & 0xff; }
static uint32_t kind_of(uint32_t e) { return e >> 8 & 0xff; }

typedef struct code {
    uint32_t table[1 << LOOK];
    uint16_t count[LONGEST + 1]; /* codes of each length */
    uint16_t sorted[LITERALS];   /* symbols in the order of their codes */
} code;

/* Bits are taken from the low end. Behind the end of the input there are none. */
typedef struct source {
    const unsigned char *at, *end;
    uint64_t bits;
    uint32_t left; /* of them */
} source;

typedef struct sink {
    unsigned char *start, *at, *end;
} sink;

static inline void fill(source *s) {
    if (s->end - s->at >= 8) {
        uint64_t more; /* little-endian, as all numbers of model files are taken to be */
        memcpy(&more, s->at, sizeof more);
        s->bits |= more << s->left;
        s->at += (63 - s->left) >> 3;
        s->left |= 56;
        return;
    }
    for (; s->left <= 56 && s->at < s->end; s->left += 8) s->bits |= (uint64_t)*s->at++ << s->left;
}

static inline void drop(source *s, uint32_t n) {
    s->bits >>= n;
    s->left -= n;
}

/* The next n < 32 bits as a number, or false where so many are not left. */
static bool take(uint32_t *number, source *s, uint32_t n) {
    if (s->left < n) fill(s);
    if (s->left < n) return false;
    *number = (uint32_t)(s->bits & (((uint64_t)1 << n) - 1));
    drop(s, n);
    return true;
}

/* ---- codes --------------------------------------------------------------------------------------- */

static uint32_t reversed(uint32_t x, uint32_t bits) {
    uint32_t y = 0;
    for (; bits > 0; bits--, x >>= 1) y = y << 1 | (x & 1);
    return y;
}

/* Fills the table with every code that fits, again and again with all that can follow it. */
static void spread(code *c, const uint8_t *lengths, uint32_t symbols, uint32_t literals) {
    uint32_t next[LONGEST + 1] = {0};
    for (uint32_t n = 1; n < LONGEST; n++) next[n + 1] = (next[n] + c->count[n]) << 1;
    memset(c->table, 0, sizeof c->table);
    for (uint32_t s = 0; s < symbols; s++) {
        const uint32_t n = lengths[s];
        if (!n || n > LOOK) continue;
        const uint32_t e = entry(n, s < literals ? LITERAL : OTHER, s);
        for (uint32_t i = reversed(next[n]++, n); i < 1u << LOOK; i += 1u << n) c->table[i] = e;
    }
}

/* Where a literal leaves bits that are a whole literal, too, both. From the end: what follows is found at a smaller index, and
   must not be a pair yet. */
static void join_pairs(code *c) {
    for (uint32_t i = 1u << LOOK; i-- > 0;) {
        const uint32_t e = c->table[i], n = bits_of(e);
        if (kind_of(e) != LITERAL || n == LOOK) continue;
        const uint32_t then = c->table[i >> n];
        if (kind_of(then) == LITERAL && n + bits_of(then) <= LOOK)
            c->table[i] = entry(n + bits_of(then), PAIR, (e >> 16) | (then >> 16) << 8);
    }
}

/* From the lengths of its codes; false where those are no prefix code. A single code of one bit may stand alone, and
   an alphabet may be empty. `literals`: symbols below are bytes. */
static bool make_code(code *c, const uint8_t *lengths, uint32_t symbols, uint32_t literals, bool may_be_short) {
    uint32_t at[LONGEST + 2] = {0}, longest = 0;
    int32_t room = 1;
    memset(c->count, 0, sizeof c->count);
    for (uint32_t s = 0; s < symbols; s++) c->count[lengths[s]]++;
    c->count[0] = 0;
    for (uint32_t n = 1; n <= LONGEST; n++) {
        room = 2 * room - c->count[n];
        if (room < 0) return false;
        if (c->count[n]) longest = n;
        at[n + 1] = at[n] + c->count[n];
    }
    if (room > 0 && longest > (may_be_short ? 1u : 0u)) return false;
    for (uint32_t s = 0; s < symbols; s++)
        if (lengths[s]) c->sorted[at[lengths[s]]++] = (uint16_t)s;
    spread(c, lengths, symbols, literals);
    if (literals) join_pairs(c);
    return true;
}

/* The next symbol, by counting through the lengths. */
static bool count_symbol(uint32_t *symbol, source *s, const code *c) {
    uint32_t number = 0, first = 0, before = 0;
    for (uint32_t n = 1; n <= LONGEST && n <= s->left; n++) {
        number = number << 1 | (uint32_t)(s->bits >> (n - 1) & 1);
        if (number - first < c->count[n]) {
            *symbol = c->sorted[before + number - first];
            drop(s, n);
            return true;
        }
        before += c->count[n];
        first = (first + c->count[n]) << 1;
    }
    return false;
}

/* The next symbol. The bits of the longest code must be there, if the input has them. */
static inline bool take_symbol(uint32_t *symbol, source *s, const code *c) {
    const uint32_t e = c->table[s->bits & ((1u << LOOK) - 1)];
    if (kind_of(e) == LONG || kind_of(e) == PAIR || bits_of(e) > s->left) return count_symbol(symbol, s, c);
    *symbol = e >> 16;
    drop(s, bits_of(e));
    return true;
}

/* ---- blocks -------------------------------------------------------------------------------------- */

static bool copy_match(sink *to, source *s, uint32_t symbol, const code *distances) {
    static const uint16_t length_base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                           31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint16_t distance_base[] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
                                             193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    uint32_t length, distance, d;
    symbol -= 257;
    if (symbol >= sizeof length_base / sizeof *length_base) return false;
    if (!take(&length, s, symbol < 8 || symbol == 28 ? 0 : symbol / 4 - 1)) return false;
    length += length_base[symbol];
    fill(s);
    if (!take_symbol(&d, s, distances) || d >= MOST_DISTANCES) return false;
    if (!take(&distance, s, d < 4 ? 0 : d / 2 - 1)) return false;
    distance += distance_base[d];
    if (distance > (size_t)(to->at - to->start) || length > (size_t)(to->end - to->at)) return false;
    const unsigned char *from = to->at - distance;
    if (distance == 1) memset(to->at, *from, length);
    else if (distance >= length) memcpy(to->at, from, length);
    else
        for (uint32_t i = 0; i < length; i++) to->at[i] = from[i];
    to->at += length;
    return true;
}

/* Literals for as long as there are some and there is room on either side for LOOKS of them without looking. */
static void run_of_literals(sink *out, source *in, const code *c) {
    sink to = *out; /* copies, which a store of bytes cannot change */
    source s = *in;
    bool literal = true;
    while (literal && to.end - to.at >= 2 * LOOKS && s.end - s.at >= 8) {
        uint32_t used = 0; /* bits, in its low byte: more than 255 they cannot be */
        fill(&s);
        for (int i = 0; literal && i < LOOKS; i++) {
            const uint32_t e = c->table[s.bits & ((1u << LOOK) - 1)], count = kind_of(e);
            literal = count - 1 < PAIR;
            if (!literal) break;
            to.at[0] = (unsigned char)(e >> 16);
            to.at[1] = (unsigned char)(e >> 24);
            to.at += count;
            s.bits >>= e & 63; /* as bits_of, for which shifts need no instruction */
            used += e;
        }
        s.left -= used & 0xff;
    }
    *out = to;
    *in = s;
}

static bool coded_block(sink *to, source *s, const code *literals, const code *distances) {
    for (;;) {
        uint32_t symbol;
        run_of_literals(to, s, literals);
        fill(s);
        if (!take_symbol(&symbol, s, literals)) return false;
        if (symbol == 256) return true;
        if (symbol > 256) {
            if (!copy_match(to, s, symbol, distances)) return false;
        } else {
            if (to->at == to->end) return false;
            *to->at++ = (unsigned char)symbol;
        }
    }
}

static bool stored_block(sink *to, source *s) {
    uint32_t length, inverse;
    drop(s, s->left % 8);
    if (!take(&length, s, 16) || !take(&inverse, s, 16) || (length ^ inverse) != 0xffff) return false;
    s->at -= s->left / 8; /* bytes that were taken beforehand */
    s->bits = s->left = 0;
    if (length > (size_t)(s->end - s->at) || length > (size_t)(to->end - to->at)) return false;
    memcpy(to->at, s->at, length);
    to->at += length;
    s->at += length;
    return true;
}

/* The code lengths of both alphabets, themselves in a code (3.2.7). */
static bool read_lengths(uint8_t *lengths, uint32_t count, source *s, const code *c) {
    for (uint32_t i = 0; i < count;) {
        uint32_t symbol, times;
        fill(s);
        if (!take_symbol(&symbol, s, c)) return false;
        if (symbol < 16) {
            lengths[i++] = (uint8_t)symbol;
            continue;
        }
        if ((symbol == 16 && !i) || !take(&times, s, symbol == 16 ? 2 : symbol == 17 ? 3 : 7)) return false;
        times += symbol == 18 ? 11 : 3;
        if (times > count - i) return false;
        memset(lengths + i, symbol == 16 ? lengths[i - 1] : 0, times);
        i += times;
    }
    return true;
}

static bool dynamic_codes(code *literals, code *distances, source *s) {
    static const uint8_t order[LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[LITERALS + DISTANCES] = {0}, of_lengths[LENGTHS] = {0};
    uint32_t l, d, n, x;
    if (!take(&l, s, 5) || !take(&d, s, 5) || !take(&n, s, 4)) return false;
    l += 257, d += 1, n += 4;
    if (l > MOST_LITERALS || d > MOST_DISTANCES) return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!take(&x, s, 3)) return false;
        of_lengths[order[i]] = (uint8_t)x;
    }
    if (!make_code(distances, of_lengths, LENGTHS, 0, false) || !read_lengths(lengths, l + d, s, distances)) return false;
    return lengths[256] && make_code(literals, lengths, l, 256, true) && make_code(distances, lengths + l, d, 0, true);
}

static void fixed_codes(code *literals, code *distances) {
    uint8_t lengths[LITERALS];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    make_code(literals, lengths, LITERALS, 256, false);
    memset(lengths, 5, DISTANCES);
    make_code(distances, lengths, DISTANCES, 0, false);
}

static bool blocks(sink *to, source *s) {
    code literals, distances;
    for (uint32_t last = 0, type; !last;) {
        if (!take(&last, s, 1) || !take(&type, s, 2) || type == 3) return false;
        if (type == 0) {
            if (!stored_block(to, s)) return false;
            continue;
        }
        if (type == 1) fixed_codes(&literals, &distances);
        else if (!dynamic_codes(&literals, &distances, s)) return false;
        if (!coded_block(to, s, &literals, &distances)) return false;
    }
    return true;
}

int tt_inflate(unsigned char *dst, size_t n, const unsigned char *src, size_t size) {
    const uint32_t head = size < 2 ? 0 : (uint32_t)src[0] << 8 | src[1];
    if (head % 31 || (head >> 8 & 15) != Z_DEFLATED || head >> 12 > 7 || head >> 5 & 1) return -1;
    source s = {src + 2, src + size, 0, 0};
    sink to = {dst, dst, dst + n};
    if (!blocks(&to, &s) || to.at != to.end) return -1;
    s.at -= s.left / 8;
    if (s.end - s.at != 4) return -1;
    const uint32_t sum = (uint32_t)s.at[0] << 24 | (uint32_t)s.at[1] << 16 | (uint32_t)s.at[2] << 8 | s.at[3];
    return sum == adler32_z(1, dst, n) ? 0 : -1;
}
