/* check.c: every kernel of every instruction set against plain C, bit for bit (any NaN equals any NaN),
 * and plain C against double precision and libm.
 *
 *     check [--seed N] [--bench] [SLOT]
 *
 * A case names its buffers and calls one slot. The call is made twice from the same contents, with the C
 * table and with the one under test, each buffer ending at a page that may not be touched and standing
 * behind a canary; then all buffers are compared whole, so a write between rows is found as well.
 * Contents: ordinary numbers; numbers of all sizes; those with NaN, infinities, zeros of both signs and
 * subnormal ones strewn in. check_simde_*.c run the same on kernels carried out without the instructions.
 */
#define _DEFAULT_SOURCE 1
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/cpu.h"
#include "kernel/level.h"

#ifdef TT_SIMDE /* check_simde_*.c choose one level, CHECK_LEVELS, and a CHECK_NAME */
enum { EMULATED = 1 };
#else
enum { EMULATED = 0 };
#define CHECK_NAME "kernel"
#endif

enum { BUFS = 11, CANARY = 64, MAX_FLOATS = 5 << 20 };

static long passed, failed;
static uint64_t rng_state;

static void check(int ok, const char *level, const char *slot, const char *what) {
    if (ok) {
        passed++;
    } else if (failed++ < 20) {
        printf("FAIL %s %s: %s\n", level, slot, what);
    }
}

static uint64_t random_bits(void) {
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return rng_state * 0x2545f4914f6cdd1du;
}

static int random_below(int n) {
    return (int)((random_bits() >> 33) % (uint64_t)n);
}

static float uniform(void) {
    return (float)(random_bits() >> 40) * 0x1p-23f - 1.0f;
}

static float as_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- cases --------------------------------------------------------------------------------- */

typedef struct shape {
    int m, n, k; /* rows, columns, depth; vectors have n alone */
    int variant; /* what it means is the case's affair */
} shape;

typedef struct kcase {
    const char *slot;
    int variants;
    enum { VECTOR, ROWS, PRODUCT } kind;                 /* which shapes */
    void (*sizes)(size_t *len, const shape *s);          /* of the buffers */
    double (*run)(const tt_kernels *k, float **b, const shape *s); /* what the slot returns, or 0 */
    int bytes, flops;                                    /* a number, for --bench */
} kcase;

static size_t len_n(const shape *s) { return (size_t)s->n; }
static size_t len_mn(const shape *s) { return (size_t)s->m * (size_t)s->n; }

/* `count` buffers of n numbers */
#define SIZES_N(count)                                                                             \
    static void sizes_n##count(size_t *len, const shape *s) {                                      \
        for (int i = 0; i < count; i++) len[i] = len_n(s);                                         \
    }
SIZES_N(1)
SIZES_N(2)
SIZES_N(3)
SIZES_N(4)

#define VOID_CASE(name, call)                                                                      \
    static double run_##name(const tt_kernels *k, float **b, const shape *s) {                     \
        const size_t n = len_n(s);                                                                 \
        const float p = s->variant % 2 ? 0.37f : -1.25f;                                           \
        (void)n, (void)p;                                                                          \
        call;                                                                                      \
        return 0.0;                                                                                \
    }
#define VALUE_CASE(name, call)                                                                     \
    static double run_##name(const tt_kernels *k, float **b, const shape *s) {                     \
        const size_t n = len_n(s);                                                                 \
        return (double)(call);                                                                     \
    }

VOID_CASE(add, k->add(b[0], s->variant ? b[0] : b[1], b[2], n))
VOID_CASE(scale, k->scale(b[0], s->variant > 1 ? b[0] : b[1], p, n))
VOID_CASE(axpy, k->axpy(b[0], b[1], p, n))
VOID_CASE(round16, k->round16(b[0], s->variant ? b[0] : b[1], n))
VALUE_CASE(sumsq, k->sumsq(b[0], n))
VALUE_CASE(max, k->max(b[0], n))
VALUE_CASE(argmax, k->argmax(b[0], n))
VOID_CASE(act, k->act(b[0], s->variant / TT_ACT_COUNT ? b[0] : b[1], s->variant % TT_ACT_COUNT, n))
VOID_CASE(act_back, k->act_back(b[0], b[1], s->variant / TT_ACT_COUNT ? b[0] : b[2], s->variant % TT_ACT_COUNT, n))
VOID_CASE(softmax, k->softmax(b[0], s->variant > 1 ? b[0] : b[1], fabsf(p), n))
VOID_CASE(softmax_back, k->softmax_back(b[0], b[1], s->variant > 1 ? b[0] : b[2], p, n))
VALUE_CASE(logsumexp, k->logsumexp(b[0], n))
VOID_CASE(adam, k->adam(b[0], b[1], b[2], b[3], 0.7f, 1e-3f, 0.9f, 0.98f, 1.3f, 2.1f, 1e-9f, s->variant ? 0.01f : 0.0f, n))

static uint64_t drop_key(const shape *s) {
    return 0x9e3779b97f4a7c15u * (uint64_t)(s->variant + s->n + 1);
}

static uint32_t drop_least(const shape *s) {
    static const uint32_t least[] = {0x1999999au, 0, 0xffffffffu};
    return least[s->variant % 3];
}

VOID_CASE(dropout, k->dropout(b[0], s->variant > 2 ? b[0] : b[1], drop_key(s), drop_least(s), 1.1f, n))
VOID_CASE(add_dropout, k->add_dropout(b[0], s->variant > 2 ? b[0] : b[1], b[2], drop_key(s), drop_least(s), 1.1f, n))

static void sizes_add_rows(size_t *len, const shape *s) {
    len[0] = len_n(s);
    len[1] = len_mn(s);
}
VOID_CASE(add_rows, k->add_rows(b[0], b[1], (size_t)s->m, n))

static void sizes_norm(size_t *len, const shape *s) {
    const size_t want[] = {len_mn(s), (size_t)s->m, (size_t)s->m, len_mn(s), len_n(s), len_n(s)};
    memcpy(len, want, sizeof want);
}
VOID_CASE(norm, k->norm(b[0], b[1], b[2], s->variant ? b[0] : b[3], b[4], b[5], 1e-5f, (size_t)s->m, n))

static void sizes_norm_back(size_t *len, const shape *s) {
    const size_t want[] = {len_mn(s), len_n(s), len_n(s), len_mn(s), len_mn(s), len_n(s), (size_t)s->m, (size_t)s->m};
    memcpy(len, want, sizeof want);
}
VOID_CASE(norm_back, k->norm_back(b[0], b[1], b[2], s->variant ? b[0] : b[3], b[4], b[5], b[6], b[7], (size_t)s->m, n))

static void sizes_xent(size_t *len, const shape *s) {
    len[0] = len_n(s);
    len[1] = 1;
}
static double run_xent(const tt_kernels *k, float **b, const shape *s) {
    if (s->n == 0) return 0.0;
    const size_t gold = (size_t)s->n * 7 / 11;
    return (double)k->xent(b[0], gold, s->variant % 2 ? 0.1f : 0.0f, 0.25f, s->variant > 1 ? b[1] : NULL, len_n(s));
}

/* m heads, n keys, width k, cached rows ld apart; b: out, probs, q, k, v, row numbers */
static ptrdiff_t attend_ld(const shape *s) {
    return (ptrdiff_t)s->m * s->k + 3;
}
static void sizes_attend(size_t *len, const shape *s) {
    const size_t all = (size_t)(attend_ld(s) * s->n);
    const size_t want[] = {(size_t)s->m * (size_t)s->k, len_mn(s), (size_t)s->m * (size_t)s->k, all, all, len_n(s)};
    memcpy(len, want, sizeof want);
}
static double run_attend(const tt_kernels *k, float **b, const shape *s) {
    int32_t *rows = (int32_t *)(void *)b[5];
    for (int j = 0; j < s->n; j++) rows[j] = (int32_t)((j * 7LL + 3) % s->n);
    k->attend(b[0], b[1], b[2], b[3], b[4], attend_ld(s), s->variant ? rows : NULL, 0.3f, s->n, s->m, s->k);
    return 0.0;
}

/* the same; the keys and values of each row are rounded here */
static ptrdiff_t attend16_ld(const shape *s) {
    return (ptrdiff_t)s->m * (ptrdiff_t)TT_WORDS16(s->k) + 3;
}
static void sizes_attend16(size_t *len, const shape *s) {
    const size_t one = (size_t)s->m * (size_t)s->k, all = one * (size_t)s->n, words = (size_t)(attend16_ld(s) * s->n);
    const size_t want[] = {one, len_mn(s), one, all, all, len_n(s), words, words};
    memcpy(len, want, sizeof want);
}
static double run_attend16(const tt_kernels *k, float **b, const shape *s) {
    const ptrdiff_t ld = attend16_ld(s), one = (ptrdiff_t)s->m * s->k;
    int32_t *rows = (int32_t *)(void *)b[5];
    uint32_t *keys = (uint32_t *)(void *)b[6], *values = (uint32_t *)(void *)b[7];
    for (int j = 0; j < s->n; j++) {
        rows[j] = (int32_t)((j * 7LL + 3) % s->n);
        k->keep16(keys + j * ld, b[3] + j * one, s->m, s->k);
        k->keep16(values + j * ld, b[4] + j * one, s->m, s->k);
    }
    k->attend16(b[0], b[1], b[2], keys, values, ld, s->variant ? rows : NULL, 0.3f, s->n, s->m, s->k);
    return 0.0;
}

/* Products. variant: bits 0-1 strides of A, 2-3 of B (rows dense, columns dense, neither), 4-5 start
   (0, bias, add). b: c, a, b, bias, work. */
typedef struct strides {
    ptrdiff_t row, col;
    size_t len;
} strides;

static strides laid_out(int how, int rows, int cols) {
    const int pad = 3;
    if (rows == 0 || cols == 0) return (strides){1, 1, 0};
    if (how == 0) return (strides){cols + pad, 1, (size_t)((rows - 1) * (cols + pad) + cols)};
    if (how == 1) return (strides){1, rows + pad, (size_t)((cols - 1) * (rows + pad) + rows)};
    return (strides){2 * cols + 1, 2, (size_t)((rows - 1) * (2 * cols + 1) + 2 * (cols - 1) + 1)};
}
static void sizes_gemm(size_t *len, const shape *s) {
    const size_t want[] = {laid_out(0, s->m, s->n).len, laid_out(s->variant % 3, s->m, s->k).len,
                           laid_out(s->variant / 3 % 3, s->k, s->n).len, len_n(s), TT_GEMM_WORK};
    memcpy(len, want, sizeof want);
}
static double run_gemm(const tt_kernels *k, float **b, const shape *s) {
    const strides c = laid_out(0, s->m, s->n), a = laid_out(s->variant % 3, s->m, s->k);
    const strides bs = laid_out(s->variant / 3 % 3, s->k, s->n);
    const int start = s->variant / 9;
    k->gemm(b[0], c.row, b[1], a.row, a.col, b[2], bs.row, bs.col, start == 2 ? TT_GEMM_ADD : TT_GEMM_SET,
            start == 1 ? b[3] : NULL, s->m, s->n, s->k, b[4]);
    memset(b[4], 0, TT_GEMM_WORK * sizeof(float)); /* scratch may differ */
    return 0.0;
}

static void sizes_gemm_packed(size_t *len, const shape *s) {
    const size_t cols = ((size_t)s->n + 15) / 16 * 16;
    const size_t want[] = {laid_out(0, s->m, s->n).len, laid_out(0, s->m, s->k).len,
                           laid_out(s->variant % 3, s->k, s->n).len, len_n(s), cols * (size_t)s->k};
    memcpy(len, want, sizeof want);
}
static double run_gemm_packed(const tt_kernels *k, float **b, const shape *s) {
    const strides bs = laid_out(s->variant % 3, s->k, s->n);
    const size_t room = ((size_t)s->n + 15) / 16 * 16 * (size_t)s->k, need = k->pack_size(s->n, s->k);
    check(need <= room, k->name, "pack_size", "more than columns rounded up to 16");
    float *packed = b[4] + (room - need);
    k->pack(packed, b[2], bs.row, bs.col, s->n, s->k);
    float *column = malloc((size_t)s->k * sizeof *column + 1);
    check(column != NULL, k->name, "unpack", "no memory for a column");
    for (int j = 0; column && j < s->n; j++) {
        k->unpack(column, packed, j, s->n, s->k);
        int same = 1;
        for (int p = 0; p < s->k; p++) same = same && !memcmp(column + p, b[2] + p * bs.row + j * bs.col, sizeof *column);
        check(same, k->name, "unpack", "not the column that was packed");
    }
    free(column);
    k->gemm_packed(b[0], laid_out(0, s->m, s->n).row, b[1], laid_out(0, s->m, s->k).row, packed,
                   s->variant / 3 ? b[3] : NULL, s->variant / 3, s->m, s->n, s->k);
    memset(b[4], 0, room * sizeof(float)); /* each level packs in its own way */
    return 0.0;
}

/* Short weights. variant % 5: what is in x and w; / 5: activation, with a bias unless 0. b: c, x, w, scales of w, bias, packed, A as laid out, q, scales of x, q as numbers, sums of q. */
static size_t row8_floats(const shape *s) { return TT_ROW8(s->k) / sizeof(float); }
static size_t room8(const shape *s) { /* 16 columns' scales and bytes, K rounded up to 16 */
    return ((size_t)s->n + 15) / 16 * 16 * (1 + ((size_t)s->k + 15) / 16 * 4);
}
static void sizes_gemm8(size_t *len, const shape *s) {
    const size_t want[] = {laid_out(0, s->m, s->n).len, laid_out(0, s->m, s->k).len, len_n(s) * row8_floats(s), len_n(s), len_n(s), room8(s),
                           TT_GEMM_WORK, (size_t)s->m * row8_floats(s), (size_t)s->m, (size_t)s->m * TT_ROW8(s->k), (size_t)s->m};
    memcpy(len, want, sizeof want);
}
/* What ways of adding up in few bits may stumble on. 0: the greatest sums, 127 times 127 or -128, with both signs;
   1: the same without negative x; 2, 3: likewise, but most x are small and a few large; 4: what is there. */
static void fill_gemm8(float *x, size_t n, int8_t *w, size_t bytes, int kind) {
    for (size_t i = 0; i < n && kind < 4; i++) {
        if (kind < 2) x[i] = copysignf(2.0f, x[i]);
        else x[i] *= x[i] * x[i] * x[i] * x[i];
        if (kind % 2) x[i] = fabsf(x[i]);
    }
    for (size_t i = 0; i < bytes && kind < 4; i++) w[i] = kind % 2 || i % 7 < 4 ? 127 : -128;
}
static double run_gemm8(const tt_kernels *k, float **b, const shape *s) {
    int8_t *w = (int8_t *)(void *)b[2], *q = (int8_t *)(void *)b[7];
    const size_t numbers = (size_t)s->m * TT_ROW8(s->k), room = room8(s) * sizeof(float), need = k->pack8_size(s->n, s->k);
    fill_gemm8(b[1], laid_out(0, s->m, s->k).len, w, len_n(s) * TT_ROW8(s->k), s->variant % 5);
    k->quantize8(q, b[8], (int32_t *)(void *)b[10], b[1], laid_out(0, s->m, s->k).row, s->m, s->k);
    for (size_t i = 0; i < numbers; i++) b[9][i] = q[i];
    check(need <= room, k->name, "pack8_size", "more than columns rounded up to 16, rows to 16");
    void *packed = (char *)(void *)b[5] + (room - need) / 64 * 64;
    k->pack8(packed, w, (ptrdiff_t)TT_ROW8(s->k), b[3], s->n, s->k);
    const size_t laid = k->lay8_size(s->m, s->k);
    check(laid <= TT_GEMM_WORK * sizeof(float), k->name, "lay8_size", "more than the room");
    k->lay8(b[6], q, s->m, s->k);
    k->gemm8(b[0], laid_out(0, s->m, s->n).row, laid ? (void *)b[6] : q, b[8], (const int32_t *)(void *)b[10], packed,
             s->variant / 5 ? b[4] : NULL, s->variant / 5, s->m, s->n, s->k);
    memset(b[5], 0, room);
    memset(b[6], 0, TT_GEMM_WORK * sizeof(float));
    return 0.0;
}

static void sizes_gemm16(size_t *len, const shape *s) {
    sizes_gemm_packed(len, s);
    len[4] = ((size_t)s->n + 15) / 16 * 16 * (((size_t)s->k + 1) / 2);
}
static double run_gemm16(const tt_kernels *k, float **b, const shape *s) {
    const strides bs = laid_out(s->variant % 3, s->k, s->n);
    const size_t room = ((size_t)s->n + 15) / 16 * 16 * (((size_t)s->k + 1) / 2) * sizeof(float), need = k->pack16_size(s->n, s->k);
    check(need <= room, k->name, "pack16_size", "more than columns rounded up to 16, k to 2");
    void *packed = (char *)(void *)b[4] + (room - need) / 64 * 64;
    k->pack16(packed, b[2], bs.row, bs.col, s->n, s->k);
    k->gemm16(b[0], laid_out(0, s->m, s->n).row, b[1], laid_out(0, s->m, s->k).row, packed,
              s->variant / 3 ? b[3] : NULL, s->variant / 3, s->m, s->n, s->k);
    memset(b[4], 0, room);
    return 0.0;
}

/* As gemm16, and work. */
static void sizes_dot16(size_t *len, const shape *s) {
    sizes_gemm16(len, s);
    len[5] = TT_GEMM_WORK;
}
static double run_dot16(const tt_kernels *k, float **b, const shape *s) {
    const strides bs = laid_out(s->variant % 3, s->k, s->n);
    const size_t room = ((size_t)s->n + 15) / 16 * 16 * (((size_t)s->k + 1) / 2) * sizeof(float), need = k->pack16_size(s->n, s->k);
    void *packed = (char *)(void *)b[4] + (room - need) / 64 * 64;
    k->pack16(packed, b[2], bs.row, bs.col, s->n, s->k);
    k->dot16(b[0], laid_out(0, s->m, s->n).row, b[1], laid_out(0, s->m, s->k).row, packed,
             s->variant / 3 ? b[3] : NULL, s->variant / 3, s->m, s->n, s->k, b[5]);
    memset(b[4], 0, room);
    memset(b[5], 0, TT_GEMM_WORK * sizeof(float));
    return 0.0;
}

static const kcase cases[] = {
    {"add", 2, VECTOR, sizes_n3, run_add, 12, 1},
    {"scale", 4, VECTOR, sizes_n2, run_scale, 8, 1},
    {"axpy", 2, VECTOR, sizes_n2, run_axpy, 12, 2},
    {"add_rows", 1, ROWS, sizes_add_rows, run_add_rows, 4, 1},
    {"round16", 2, VECTOR, sizes_n2, run_round16, 8, 1},
    {"sumsq", 1, VECTOR, sizes_n1, run_sumsq, 4, 2},
    {"max", 1, VECTOR, sizes_n1, run_max, 4, 1},
    {"argmax", 1, VECTOR, sizes_n1, run_argmax, 4, 1},
    {"act", 2 * TT_ACT_COUNT, VECTOR, sizes_n2, run_act, 8, 1},
    {"act_back", 2 * TT_ACT_COUNT, VECTOR, sizes_n3, run_act_back, 12, 1},
    {"dropout", 6, VECTOR, sizes_n2, run_dropout, 8, 1},
    {"add_dropout", 6, VECTOR, sizes_n3, run_add_dropout, 12, 2},
    {"norm", 2, ROWS, sizes_norm, run_norm, 8, 7},
    {"norm_back", 2, ROWS, sizes_norm_back, run_norm_back, 12, 14},
    {"softmax", 4, VECTOR, sizes_n2, run_softmax, 8, 1},
    {"softmax_back", 4, VECTOR, sizes_n3, run_softmax_back, 12, 5},
    {"logsumexp", 1, VECTOR, sizes_n1, run_logsumexp, 4, 1},
    {"xent", 4, VECTOR, sizes_xent, run_xent, 8, 1},
    {"adam", 2, VECTOR, sizes_n4, run_adam, 28, 14},
    {"attend", 2, PRODUCT, sizes_attend, run_attend, 0, 4},
    {"attend16", 2, PRODUCT, sizes_attend16, run_attend16, 0, 4},
    {"gemm", 27, PRODUCT, sizes_gemm, run_gemm, 0, 2},
    {"gemm_packed", 12, PRODUCT, sizes_gemm_packed, run_gemm_packed, 0, 2},
    {"gemm8", 20, PRODUCT, sizes_gemm8, run_gemm8, 0, 2},
    {"gemm16", 12, PRODUCT, sizes_gemm16, run_gemm16, 0, 2},
    {"dot16", 12, PRODUCT, sizes_dot16, run_dot16, 0, 2},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* ---- levels -------------------------------------------------------------------------------- */

#ifndef CHECK_LEVELS
#define CHECK_LEVELS                                                                               \
    {"avx2", TT_CPU_AVX2, "", {tt_lay_gemm_avx2, tt_lay_vec_avx2, tt_lay_row_avx2, tt_lay_gemm8_avx2, tt_lay_gemm16_avx2}}, \
        {"avxvnni", TT_CPU_AVXVNNI, "gemm8", {tt_lay_gemm8_avxvnni}},                                       \
        {"avx512", TT_CPU_AVX512, "", {tt_lay_gemm_avx512, tt_lay_vec_avx512, tt_lay_row_avx512, tt_lay_gemm8_avx512, tt_lay_gemm16_avx512}}, \
        {"vnni", TT_CPU_AVX512VNNI, "gemm8", {tt_lay_gemm8_vnni}},                                                             \
        {"bf16", TT_CPU_AVX512BF16, "dot16", {tt_lay_dot16_bf16}},
#endif

typedef struct klevel {
    const char *name;
    unsigned needs;
    const char *slots; /* those whose names begin so are its own; "": all */
    void (*lay[6])(tt_kernels *k); /* NULL after the last */
} klevel;

static const klevel levels[] = {
#if defined(__x86_64__) || defined(TT_SIMDE)
    CHECK_LEVELS
#endif
    {NULL, 0, "", {NULL}}};

static void lay_c(tt_kernels *k) {
    k->name = "c";
    tt_lay_gemm_c(k);
    tt_lay_vec_c(k);
    tt_lay_row_c(k);
    tt_lay_gemm8_c(k);
    tt_lay_gemm16_c(k);
}

/* ---- one comparison ------------------------------------------------------------------------ */

typedef struct guarded {
    float *end; /* the page behind may not be touched */
} guarded;

static guarded area[2][BUFS]; /* [0]: for plain C */

static void map_areas(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t size = (MAX_FLOATS * sizeof(float) + page - 1) / page * page;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < BUFS; i++) {
            char *p = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (p == MAP_FAILED || mprotect(p + size, page, PROT_NONE)) {
                perror("mmap");
                exit(71);
            }
            area[side][i].end = (float *)(void *)(p + size);
        }
    }
}

static void fill(float *x, size_t n, int mood) {
    static const uint32_t odd[] = {0x7fc00000u, 0x7f800000u, 0xff800000u, 0x80000000u, 0, 1, 0x807fffffu,
                                   0x7f7fffffu, 0xff7fffffu, 0x42b17000u, 0xc2ae999au, 0x42b20000u};
    for (size_t i = 0; i < n; i++) {
        x[i] = uniform() * 3.0f;
        if (mood == 1) x[i] *= ldexpf(1.0f, random_below(60) - 30);
        if (mood == 2 && random_below(12) == 0) x[i] = as_float(odd[random_below(12)]);
        if (mood == 3) x[i] = random_below(40) ? -INFINITY : as_float(odd[random_below(12)]);
    }
}

static int same_bits(const float *a, const float *b, size_t n) {
    if (memcmp(a, b, n * sizeof *a) == 0) return 1;
    for (size_t i = 0; i < n; i++) {
        if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return 0;
    }
    return 1;
}

static char now[160]; /* the comparison under way */

static void on_fault(int sig) {
    if (write(STDOUT_FILENO, now, strlen(now)) < 0) _exit(2);
    signal(sig, SIG_DFL);
}

static void compare(const tt_kernels *c, const tt_kernels *k, const kcase *kc, const shape *s, int mood) {
    size_t len[BUFS] = {0};
    float *b[2][BUFS];
    char what[160];
    kc->sizes(len, s);
    for (int i = 0; i < BUFS; i++) {
        if (len[i] + CANARY + 16 > MAX_FLOATS) return;
        const size_t whole = len[i] == TT_GEMM_WORK ? 0 : 1; /* scratch starts out as it is */
        for (int side = 0; side < 2; side++) b[side][i] = area[side][i].end - len[i];
        fill(b[0][i] - CANARY, CANARY + len[i] * whole, mood);
        memcpy(b[1][i] - CANARY, b[0][i] - CANARY, (CANARY + len[i] * whole) * sizeof(float));
    }
    snprintf(now, sizeof now, "FAIL %s %s: touches what is not its own: m %d n %d k %d variant %d\n", k->name, kc->slot,
             s->m, s->n, s->k, s->variant);
    const double want = kc->run(c, b[0], s), got = kc->run(k, b[1], s);
    int ok = memcmp(&want, &got, sizeof want) == 0 || (isnan(want) && isnan(got)), which = -1;
    for (int i = 0; i < BUFS; i++) {
        if (!same_bits(b[0][i] - CANARY, b[1][i] - CANARY, CANARY + len[i])) ok = 0, which = i;
    }
    snprintf(what, sizeof what, "m %d n %d k %d variant %d contents %d: buffer %d, value %a, expected %a", s->m, s->n,
             s->k, s->variant, mood, which, got, want);
    check(ok, k->name, kc->slot, what);
}

static int some_size(int i) {
    static const int known[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 255, 256, 257, 1000};
    const int count = (int)(sizeof known / sizeof known[0]);
    return i < count ? known[i] : random_below(i % 4 ? 100 : 3000);
}

static void check_case(const tt_kernels *c, const tt_kernels *k, const kcase *kc) {
    const int turns = kc->kind == PRODUCT ? 400 : 60;
    for (int i = 0; i < turns; i++) {
        shape s = {1 + random_below(5), some_size(i), 0, 0};
        if (kc->kind == PRODUCT) {
            s = (shape){random_below(30), random_below(i % 3 ? 70 : 150), random_below(70), random_below(kc->variants)};
            if (i < 12) ((int *[]){&s.m, &s.n, &s.k})[i % 3][0] = i / 3 % 2; /* 0 or 1 of each */
            compare(c, k, kc, &s, i % 3);
            continue;
        }
        for (s.variant = 0; s.variant < kc->variants; s.variant++) {
            for (int mood = 0; mood < 4; mood++) compare(c, k, kc, &s, mood);
        }
    }
}

/* Products that cross the borders of blocks. */
static void check_blocks(const tt_kernels *c, const tt_kernels *k, const kcase *kc) {
    static const int sizes[][3] = {{3, 2100, 300}, {1, 4200, 20}, {520, 60, 270}, {1000, 90, 30},
                                   {20, 70, 1100}, {260, 170, 530}, {30, 130, 600}, {130, 2090, 10},
                                   {1021, 70, 33}}; /* columns of A 4 KB apart */
    for (int i = 0; i < 9; i++) {
        for (int turn = 0; turn < 3; turn++) {
            shape s = {sizes[i][0], sizes[i][1], sizes[i][2], random_below(kc->variants)};
            if (turn < 2 && kc->variants == 27) s.variant = random_below(3) * 9 + (turn ? 1 : 3);
            compare(c, k, kc, &s, turn);
        }
    }
}

/* ---- plain C against double precision ------------------------------------------------------ */

static void near(const char *slot, double got, double want, double tolerance) {
    char what[120];
    snprintf(what, sizeof what, "%.9g, expected %.9g, tolerance %.1e", got, want, tolerance);
    check(fabs(got - want) <= tolerance, "c", slot, what);
}

static void check_functions(const tt_kernels *c) {
    for (int i = 0; i <= 40000; i++) {
        const float x = (float)i * 0x1p-11f - 9.765625f;
        const double d = (double)x, normal = 0.5 * erfc(-d * sqrt(0.5)), sigma = 1.0 / (1.0 + exp(-d));
        const double u = 1.5957691216057308 * (d + 0.044715 * d * d * d), su = 1.0 / (1.0 + exp(-u));
        const double v = 1.702 * d, sv = 1.0 / (1.0 + exp(-v));
        const double want[TT_ACT_COUNT] = {d, d > 0.0 ? d : 0.0, d * normal, d * sigma, d * su, d * sv, sigma, tanh(d)};
        const double slope[TT_ACT_COUNT] = {1.0, d > 0.0 ? 1.0 : 0.0, normal + d * exp(-0.5 * d * d) * 0.3989422804014327,
                                sigma * (1.0 + d * (1.0 - sigma)),
                                su * (1.0 + 1.5957691216057308 * (d + 0.134145 * d * d * d) * (1.0 - su)),
                                sv * (1.0 + v * (1.0 - sv)), sigma * (1.0 - sigma), 1 - tanh(d) * tanh(d)};
        for (int act = 0; act < TT_ACT_COUNT; act++) {
            float y, one = 1.0f;
            c->act(&y, &x, act, 1);
            near("act", (double)y, want[act], 3e-7 * (1.0 + fabs(want[act])));
            c->act_back(&y, &x, &one, act, 1);
            near("act_back", (double)y, slope[act], act < TT_ACT_GELU_TANH ? 8e-7 : 4e-6);
        }
        /* The softmax of two numbers shows exp; its greater number is 0. */
        float pair[2] = {0.0f, -fabsf(x) * 20.0f};
        const double e = exp((double)pair[1]);
        c->softmax(pair, pair, 1.0f, 2);
        near("softmax", (double)pair[1], e / (1.0 + e), e < 1.3e-38 ? 1.3e-38 : 2.5e-7 * e);
        /* One number alone: exp(x - x) = 1 and log 1 = 0; several: log n. */
        float same[3] = {x, x, x};
        near("logsumexp", (double)c->logsumexp(same, 1), d, 0.0);
        near("logsumexp", (double)c->logsumexp(same, 3), d + log(3.0), 6e-8 * (fabs(d) + 2.0));
    }
}

static void check_rows(const tt_kernels *c) {
    enum { N = 333, GOLD = 77 };
    float x[N], y[N], g[N], gain[N], bias[N], dgain[N] = {0}, dbias[N] = {0}, mean, rstd, nll;
    fill(x, N, 0);
    fill(g, N, 0);
    fill(gain, N, 0);
    fill(bias, N, 0);
    double sum = 0.0, sq = 0.0, gs = 0.0, gh = 0.0, total = 0.0, top = -INFINITY, dot = 0.0;
    for (int i = 0; i < N; i++) sum += (double)x[i];
    for (int i = 0; i < N; i++) sq += ((double)x[i] - sum / N) * ((double)x[i] - sum / N);
    const double mid = sum / N, inv = 1.0 / sqrt(sq / N + 1e-5);
    c->norm(y, &mean, &rstd, x, gain, bias, 1e-5f, 1, N);
    for (int i = 0; i < N; i++) {
        const double h = ((double)x[i] - mid) * inv;
        near("norm", (double)y[i], h * (double)gain[i] + (double)bias[i], 2e-6);
        gs += (double)g[i] * (double)gain[i];
        gh += (double)g[i] * (double)gain[i] * h;
        top = fmax(top, (double)x[i]);
    }
    c->norm_back(y, dgain, dbias, g, x, gain, &mean, &rstd, 1, N);
    for (int i = 0; i < N; i++) {
        const double h = ((double)x[i] - mid) * inv;
        near("norm_back", (double)y[i], inv * ((double)g[i] * (double)gain[i] - gs / N - h * gh / N), 4e-6);
        near("norm_back", (double)dgain[i], (double)g[i] * h, 2e-6);
        near("norm_back", (double)dbias[i], (double)g[i], 0.0);
        total += exp((double)x[i] - top);
    }
    memcpy(y, x, sizeof y);
    const double loss = (double)c->xent(y, GOLD, 0.1f, 2.0f, &nll, N), lse = top + log(total);
    near("xent", (double)nll, lse - (double)x[GOLD], 2e-6);
    near("xent", loss, 0.9 * (lse - (double)x[GOLD]) + 0.1 * (lse - mid), 2e-6);
    for (int i = 0; i < N; i++) {
        near("xent", (double)y[i], 2.0 * (exp((double)x[i] - lse) - 0.9 * (i == GOLD) - 0.1 / N), 5e-7);
    }
    c->softmax(y, x, 1.0f, N);
    for (int i = 0; i < N; i++) dot += (double)y[i] * (double)g[i];
    c->softmax_back(dgain, y, g, 0.5f, N);
    for (int i = 0; i < N; i++) near("softmax_back", (double)dgain[i], 0.5 * (double)y[i] * ((double)g[i] - dot), 1e-7);
    near("sumsq", c->sumsq(x, N), sq + N * mid * mid, 1e-9 * sq);
    c->dropout(y, x, 12345, 0x40000000u, 2.0f, N);
    int gone = 0;
    for (int i = 0; i < N; i++) gone += y[i] == 0.0f;
    near("dropout", gone, N / 4.0, 30.0);
}

static void check_short(const tt_kernels *c) {
    enum { M = 6, N = 5, K = 100 };
    _Alignas(64) static float work[TT_GEMM_WORK];
    float a[M * K], b[K * N], y[M * N], z[M * N], a_scale[M], packed[K * N], short_b[K * N];
    int8_t q[M * 128], w[N * 128];
    int32_t a_sum[M];
    float w_scale[N], room[N * (K + 4)];
    fill(a, M * K, 0);
    fill(b, K * N, 0);
    for (int k = 0; k < K; k++) a[k] = (float)(k - 40) * 127.0f / 60.0f, a[K + k] = 0.0f, a[2 * K + k] = 1e-40f;
    for (int k = 0; k < 59; k++) a[k] = (float)k + 0.5f; /* ties go to the even; the greatest is 127 − 1/3 */
    a[59] = 127.0f;
    for (int k = 60; k < K; k++) a[k] = -(float)(k - 60) - 0.5f;
    a[3 * K + 7] = NAN;
    a[4 * K + 9] = -INFINITY;
    c->quantize8(q, a_scale, a_sum, a, K, M, K);
    c->quantize8(w, w_scale, NULL, b, K, N, K);
    for (int k = 0; k < 59; k++) near("quantize8", q[k], k + k % 2, 0.0);
    for (int k = 60; k < K; k++) near("quantize8", q[k], -(k - 60 + k % 2), 0.0);
    near("quantize8", q[59], 127.0, 0.0);
    near("quantize8", (double)a_scale[0], 1.0, 0.0);
    near("quantize8", (double)a_scale[1] + (double)a_scale[2], 0.0, 0.0);
    check(isnan(a_scale[3]) && isnan(a_scale[4]), "c", "quantize8", "a row that is not finite has a scale");
    for (int k = 0; k < K; k++) near("quantize8", (double)q[5 * 128 + k] * (double)a_scale[5], (double)a[5 * K + k], 0.5001 * (double)a_scale[5]);
    for (int k = K; k < 128; k++) near("quantize8", q[5 * 128 + k], 0.0, 0.0);
    c->pack8(room, w, 128, w_scale, N, K);
    c->gemm8(y, N, q, a_scale, a_sum, room, b, TT_ACT_NONE, M, N, K);
    for (int i = 0; i < M * N; i++) {
        double sum = 0.0;
        for (int k = 0; k < K; k++) sum += q[i / N * 128 + k] * w[i % N * 128 + k];
        const double scaled = sum * (double)a_scale[i / N] * (double)w_scale[i % N];
        if (i / N != 3 && i / N != 4) near("gemm8", (double)y[i], scaled + (double)b[i % N], 2e-7 * fabs(scaled) + 3e-7);
        else check(isnan(y[i]), "c", "gemm8", "the row of a NaN is a number");
    }
    const float wide[] = {1.0f, 0x1.01p0f, 0x1.03p0f, 0x1.010002p0f, -0x1.fffp127f, INFINITY, 1e-40f};
    const float brief[] = {1.0f, 0x1.0p0f, 0x1.04p0f, 0x1.02p0f, -INFINITY, INFINITY, 0x1p-133f};
    for (int i = 0; i < 7; i++) {
        const float one = 1.0f, zero = -0.0f;
        c->pack16(room, wide + i, 1, 1, 1, 1);
        c->gemm16(y, 1, &one, 1, room, &zero, TT_ACT_NONE, 1, 1, 1);
        check(y[0] == brief[i], "c", "gemm16", "not the nearest bfloat16");
    }
    for (int i = 0; i < K * N; i++) short_b[i] = ldexpf(floorf(b[i] * 64.0f), -6); /* has 8 bits */
    c->pack(packed, short_b, N, 1, N, K);
    c->gemm_packed(y, N, a, K, packed, b, TT_ACT_GELU, M, N, K);
    c->pack16(room, short_b, N, 1, N, K);
    c->gemm16(z, N, a, K, room, b, TT_ACT_GELU, M, N, K);
    check(same_bits(y, z, M * N), "c", "gemm16", "differs from gemm_packed");
    for (int i = 0; i < M * K; i++) a[i] = ldexpf(floorf(uniform() * 64.0f), -6);
    c->gemm_packed(y, N, a, K, packed, NULL, TT_ACT_NONE, M, N, K); /* all sums are exact */
    c->dot16(z, N, a, K, room, NULL, TT_ACT_NONE, M, N, K, work);
    check(same_bits(y, z, M * N), "c", "dot16", "differs from gemm_packed");
}

static void check_products(const tt_kernels *c) {
    enum { M = 7, N = 9, K = 120 };
    float a[M * K], b[K * N], y[M * N], packed[K * N], out[K], probs[M];
    fill(a, M * K, 0);
    fill(b, K * N, 0);
    c->gemm(y, N, a, K, 1, b, N, 1, TT_GEMM_SET, NULL, M, N, K, NULL);
    for (int i = 0; i < M * N; i++) {
        double want = 0.0;
        for (int k = 0; k < K; k++) want += (double)a[i / N * K + k] * (double)b[k * N + i % N];
        near("gemm", (double)y[i], want, 1e-4);
    }
    c->pack(packed, b, N, 1, N, K);
    float z[M * N];
    c->gemm_packed(z, N, a, K, packed, NULL, TT_ACT_NONE, M, N, K);
    check(same_bits(y, z, M * N), "c", "gemm_packed", "differs from gemm");
    c->attend(out, probs, b, a, a, K, NULL, 0.125f, M, 1, K);
    double weight[M], sum = 0.0;
    for (int j = 0; j < M; j++) {
        double dot = 0.0;
        for (int k = 0; k < K; k++) dot += (double)b[k] * (double)a[j * K + k];
        sum += weight[j] = exp(0.125 * dot);
    }
    for (int k = 0; k < K; k++) {
        double want = 0.0;
        for (int j = 0; j < M; j++) want += weight[j] / sum * (double)a[j * K + k];
        near("attend", (double)out[k], want, 1e-5);
    }
    enum { WORDS = TT_WORDS16(K) };
    uint32_t kept[M * WORDS];
    float rounded[M * K], brief[K];
    c->round16(rounded, a, M * K);
    for (int i = 0; i < M * K; i++) near("round16", (double)rounded[i], (double)a[i], fabs((double)a[i]) / 256);
    for (int j = 0; j < M; j++) c->keep16(kept + j * WORDS, a + j * K, 1, K);
    c->attend(out, probs, b, rounded, rounded, K, NULL, 0.125f, M, 1, K);
    c->attend16(brief, probs, b, kept, kept, WORDS, NULL, 0.125f, M, 1, K);
    check(same_bits(out, brief, K), "c", "attend16", "differs from attend on rounded numbers");
    float p = 1.0f, m = 0.5f, v = 0.25f, g = 2.0f;
    c->adam(&p, &m, &v, &g, 0.5f, 0.1f, 0.9f, 0.99f, 2.0f, 3.0f, 1e-8f, 0.5f, 1);
    const double m1 = 0.9 * 0.5 + 0.1, v1 = 0.99 * 0.25 + 0.01;
    near("adam", (double)m, m1, 1e-7);
    near("adam", (double)v, v1, 1e-7);
    near("adam", (double)p, 1.0 - 0.1 * (m1 * 2.0 / (sqrt(v1 * 3.0) + 1e-8) + 0.5), 2e-7);
}

/* ---- speed --------------------------------------------------------------------------------- */

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bench(const tt_kernels *k, const kcase *kc) {
    shape s = {64, 4096, 0, kc->variants > 4 ? TT_ACT_GELU : 0};
    if (kc->kind == ROWS) s.n = 512;
    if (kc->kind == PRODUCT) s = (shape){64, 512, 512, 0};
    if (!strcmp(kc->slot, "attend")) s = (shape){8, 40, 32, 0};
    size_t len[BUFS] = {0};
    float *b[BUFS];
    kc->sizes(len, &s);
    for (int i = 0; i < BUFS; i++) {
        b[i] = area[1][i].end - (len[i] + 15) / 16 * 16;
        if (len[i] < TT_GEMM_WORK) fill(b[i], len[i], 0);
    }
    const double units = (kc->kind == VECTOR ? 1.0 : s.m) * s.n * (kc->kind == PRODUCT ? s.k : 1);
    double best = INFINITY;
    for (int round = 0; round < 7; round++) {
        const int calls = (int)((kc->kind == PRODUCT ? 1e8 : 4e6) / units) + 1;
        const double start = seconds();
        for (int i = 0; i < calls; i++) kc->run(k, b, &s);
        best = fmin(best, (seconds() - start) / calls);
    }
    if (kc->bytes) {
        printf("%-8s %-14s %9.1f GB/s %9.2f ns a number\n", k->name, kc->slot, units * kc->bytes / best * 1e-9, best / units * 1e9);
    } else {
        printf("%-8s %-14s %9.1f GFLOP/s\n", k->name, kc->slot, units * kc->flops / best * 1e-9);
    }
}

int main(int argc, char **argv) {
    const char *only = NULL;
    int timing = 0;
    uint64_t seed = (uint64_t)time(NULL);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--bench")) {
            timing = 1;
        } else if (!strcmp(argv[i], "--seed") && i + 1 < argc) {
            seed = strtoull(argv[++i], NULL, 0);
        } else {
            only = argv[i];
        }
    }
    printf("%s: --seed %llu\n", CHECK_NAME, (unsigned long long)seed);
    fflush(stdout);
    map_areas();
    signal(SIGSEGV, on_fault);
    tt_kernels c, k;
    lay_c(&c);
    for (const klevel *l = levels; l->name; l++) {
        if (!EMULATED && (l->needs & ~tt_cpu_flags())) {
            printf("%s: this CPU lacks %s\n", CHECK_NAME, l->name);
            continue;
        }
        lay_c(&k);
        k.name = l->name;
        for (int i = 0; l->lay[i]; i++) l->lay[i](&k);
        for (int i = 0; i < CASES; i++) {
            const kcase *kc = &cases[i];
            rng_state = seed * 2 + 1;
            if ((only && strcmp(only, kc->slot)) || strncmp(kc->slot, l->slots, strlen(l->slots))) continue;
            if (timing) {
                bench(&k, kc);
                continue;
            }
            check_case(&c, &k, kc);
            if (!strncmp(kc->slot, "gemm", 4) || !strcmp(kc->slot, "dot16")) check_blocks(&c, &k, kc);
        }
    }
    if (timing) return 0;
    if (!EMULATED) { /* once is enough for plain C */
        check_functions(&c);
        check_rows(&c);
        check_products(&c);
        check_short(&c);
    }
    printf("%s: %ld passed, %ld failed\n", CHECK_NAME, passed, failed);
    return failed ? 1 : 0;
}
