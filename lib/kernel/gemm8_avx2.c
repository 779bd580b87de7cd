/* gemm8_avx2.c: 8-bit products with AVX2: the text is gemm8.inc, the loop over k its own.
 *
 * VPMADDUBSW multiplies bytes, of which one has no sign, adds pairs, and would saturate at 2^15. Here it gets |a|,
 * and w, or where a is negative ~w = -w - 1, which is an XOR. That makes the sum Σ a w - Σ|a|, the latter over the
 * negative a: a number of the row, which is added. As |w| and |~w| are at most 128, sums stay in 16 bits as long as
 * Σ|a| is at most 255 over all that comes together, which is so for any pair. So several groups are added up
 * there, and VPMADDWD by ones takes the sum to 32 bits: two groups, or four in a tile without negative a,
 * as ReLU leaves it; there w is not changed at all.
 *
 * Where Σ|a| is more, groups are taken out, zeros in their place, and noted with what they were; they are
 * multiplied one by one at the end. A tile with many of them does not join groups at all.
 *
 * A vector is two registers: 6 x 1 vectors of sums take 12 of 16.
 */
#include "kernel/lanes_avx2.h"
#include "kernel/level.h"
#include "kernel/tile8.h"

#define FILL(file) tt_fill_##file##_avx2
enum { TILE_ROWS = 6, TILE_VECS = 1, OFFSET = 0, AS_THEY_ARE = 0 };
#define TILES TILE(1, 1, 1) TILE(2, 1, 1) TILE(3, 1, 1) TILE(4, 1, 1) TILE(5, 1, 1) TILE(6, 1, 1)

enum { MOST = 32767 / 128, SHARE = 16 }; /* of Σ|a|; bytes of a row in a step */

/* A tile's notes, and behind them steps of SHARE bytes a row: 8 of |a| and 8 that are -1 where a is
   negative; or 16 of a. */
typedef struct notes {
    uint32_t how, count;
    int32_t missing[TILE_ROWS]; /* Σ|a| of the negative a, by row */
    struct {
        uint16_t row, group;
        int8_t a[GROUP];
    } out[];
} notes;
enum {
    POSITIVE,
    JOINED,
    ALONE
}; /* how: four groups without signs; two groups; two, each by itself */

/* Places for groups taken out: one in sixteen, from where on joining others is no gain. */
static size_t places(size_t row) {
    return row / (16 * GROUP);
}

static size_t notes_size(size_t row) {
    return TT_ROW8(sizeof(notes) + places(row) * sizeof *((notes *)0)->out);
}

static size_t laid_row(size_t row) {
    return notes_size(row) + 2 * row;
}

/* Takes out what has no place beside the groups before it in a row's share of a step, which is from
 * q. -1: too much. */
static int take_out(notes *n, size_t most, int8_t *share, const int8_t *q, int row, size_t group) {
    const size_t count = n->how == POSITIVE ? 4 : 2;
    int sum[2] = {0};
    for (size_t g = 0; g < count; g++) {
        int8_t *a = share + g * GROUP;
        const int with[2] = {sum[0] + a[0] + a[1], sum[1] + a[2] + a[3]};
        if (with[0] <= MOST && with[1] <= MOST) {
            memcpy(sum, with, sizeof sum);
            continue;
        }
        if (n->count == most) return -1;
        n->out[n->count].row = (uint16_t)row;
        n->out[n->count].group = (uint16_t)(group + g);
        memcpy(n->out[n->count++].a, q + g * GROUP, GROUP);
        memset(a, 0, GROUP);
    }
    return 0;
}

/* -1: there is too much to take out. */
ALWAYS int lay_steps(notes *n, int8_t *a, const int8_t *q, int rows, size_t row,
                     const uint32_t how) {
    const size_t steps = how == POSITIVE ? 2 : 4,
                 step = (size_t)rows * SHARE; /* in 32 bytes of k */
    for (size_t p = 0; p < row; p += 32, a += steps * step) {
        for (int i = 0; i < rows; i++) {
            const int8_t *from = q + (size_t)i * row + p;
            const __m256i s = _mm256_loadu_si256((const void *)from), u = _mm256_abs_epi8(s);
            const __m256i minus = _mm256_cmpgt_epi8(_mm256_setzero_si256(), s);
            const __m256i pair = _mm256_maddubs_epi16(u, _mm256_set1_epi8(1));
            __m256i all = _mm256_add_epi16(pair, _mm256_srli_epi64(pair, 32)), part[2] = {u, u};
            if (how == POSITIVE) {
                all = _mm256_add_epi16(all, _mm256_shuffle_epi32(all, 0x4e));
            } else {
                part[0] = _mm256_unpacklo_epi64(u, minus),
                part[1] = _mm256_unpackhi_epi64(u, minus);
            }
            int8_t *share = a + i * SHARE;
            UNROLL for (size_t h = 0; h < steps / 2; h++) {
                _mm_storeu_si128((void *)(share + h * step), _mm256_castsi256_si128(part[h]));
                _mm_storeu_si128((void *)(share + (steps / 2 + h) * step),
                                 _mm256_extracti128_si256(part[h], 1));
            }
            if (how == ALONE ||
                !_mm256_movemask_epi8(_mm256_cmpgt_epi16(all, _mm256_set1_epi16(MOST))))
                continue;
            for (size_t h = 0; h < steps; h++) {
                const size_t k = h * 32 / steps;
                if (take_out(n, (size_t)rows * places(row), share + h * step, from + k, i,
                             (p + k) / GROUP))
                    return -1;
            }
        }
    }
    return 0;
}

/* Σ|a| of a row's negative a. */
static int32_t sum_missing(const int8_t *q, size_t row) {
    const __m256i zero = _mm256_setzero_si256();
    __m256i sum = zero; /* in four of 64 bits */
    for (size_t p = 0; p < row; p += 32) {
        const __m256i s = _mm256_loadu_si256((const void *)(q + p));
        sum =
            _mm256_add_epi64(sum, _mm256_sad_epu8(_mm256_abs_epi8(_mm256_min_epi8(s, zero)), zero));
    }
    int64_t part[4];
    _mm256_storeu_si256((void *)part, sum);
    return (int32_t)(part[0] + part[1] + part[2] + part[3]);
}

static void lay_tile(int8_t *dst, const int8_t *q, int rows, size_t row) {
    notes *n = (notes *)(void *)dst;
    int8_t *to = dst + (size_t)rows * notes_size(row);
    n->how = POSITIVE;
    for (int i = 0; i < rows; i++) {
        n->missing[i] = sum_missing(q + (size_t)i * row, row);
        if (n->missing[i]) n->how = JOINED;
    }
    n->count = 0;
    if (n->how == POSITIVE && !lay_steps(n, to, q, rows, row, POSITIVE)) return;
    n->how = JOINED, n->count = 0;
    if (!lay_steps(n, to, q, rows, row, JOINED)) return;
    n->how = ALONE, n->count = 0;
    lay_steps(n, to, q, rows, row, ALONE);
}

ALWAYS __m256i four(const int8_t *a) {
    int32_t w;
    memcpy(&w, a, sizeof w);
    return _mm256_set1_epi32(w);
}

/* 16 bits: pairs of |a| times w; 32 bits: pairs of those, added to a sum. */
ALWAYS word pairs(__m256i u, word w) {
    return (word){_mm256_maddubs_epi16(u, w.lo), _mm256_maddubs_epi16(u, w.hi)};
}
ALWAYS word w_turned(word w, __m256i minus) {
    return (word){_mm256_xor_si256(w.lo, minus), _mm256_xor_si256(w.hi, minus)};
}
ALWAYS word add_wide(word sum, word x) {
    const __m256i ones = _mm256_set1_epi16(1);
    sum.lo = _mm256_add_epi32(sum.lo, _mm256_madd_epi16(x.lo, ones));
    sum.hi = _mm256_add_epi32(sum.hi, _mm256_madd_epi16(x.hi, ones));
    return sum;
}

ALWAYS void add_steps(word *sum, const int rows, const int how, const tile_job *t,
                      const int8_t *a) {
    const int groups = how == POSITIVE ? 4 : 2;
    word acc[TILE_ROWS];
    UNROLL for (int i = 0; i < rows; i++) acc[i] = sum[i];
    const int8_t *b = t->b;
    for (size_t p = 0; p < t->groups; p += (size_t)groups) {
        UNROLL for (int i = 0; i < rows; i++) {
            word joined = w_set(0);
            UNROLL for (int g = 0; g < groups; g++) {
                word w = w_load(b + g * 64);
                if (!i) fetch(b + g * 64, TT_AHEAD);
                if (how != POSITIVE) w = w_turned(w, four(a + i * SHARE + SHARE / 2 + g * GROUP));
                const word x = pairs(four(a + i * SHARE + g * GROUP), w);
                if (how == ALONE) {
                    acc[i] = add_wide(acc[i], x);
                } else {
                    joined.lo = g ? _mm256_add_epi16(joined.lo, x.lo) : x.lo;
                    joined.hi = g ? _mm256_add_epi16(joined.hi, x.hi) : x.hi;
                }
            }
            if (how != ALONE) acc[i] = add_wide(acc[i], joined);
        }
        a += rows * SHARE;
        b += groups * 64;
    }
    UNROLL for (int i = 0; i < rows; i++) sum[i] = acc[i];
}

ALWAYS void sums(word sum[TILE_ROWS][TILE_VECS], const int rows, const int vecs, const int ways,
                 const tile_job *t) {
    (void)vecs, (void)ways;
    const notes *n = (const notes *)(const void *)t->a;
    const int8_t *a = t->a + (size_t)rows * notes_size(t->row);
    UNROLL for (int i = 0; i < rows; i++) sum[i][0] = w_set((uint32_t)n->missing[i]);
    switch (n->how) {
    case POSITIVE: add_steps(sum[0], rows, POSITIVE, t, a); break;
    case JOINED: add_steps(sum[0], rows, JOINED, t, a); break;
    default: add_steps(sum[0], rows, ALONE, t, a);
    }
    for (size_t i = 0; i < n->count; i++) {
        const __m256i x = four(n->out[i].a);
        word *to = sum[n->out[i].row];
        const word w = w_turned(w_load(t->b + n->out[i].group * 64),
                                _mm256_cmpgt_epi8(_mm256_setzero_si256(), x));
        *to = add_wide(*to, pairs(_mm256_abs_epi8(x), w));
    }
}

#include "kernel/gemm8.inc"
