/* check.h: the frame of the kernels' tests: every kernel of every instruction set against plain C,
 * bit for bit (any NaN equals any NaN). Each check_FAMILY.c is a program:
 *
 *     check_FAMILY [--seed N] [--bench] [SLOT]
 *
 * A family is a table of cases and a function that holds plain C against double precision and libm.
 * A case names its buffers and calls one slot. The call is made twice from the same contents, with
 * the C table and with the one under test, each buffer ending at a page that may not be touched and
 * standing behind a canary; then all buffers are compared whole, so a write between rows is found
 * as well. Contents: ordinary numbers; numbers of all sizes; those with NaN, infinities, zeros of
 * both signs and subnormal ones strewn in; mostly -infinity.
 *
 * check_simde_*.c include families and kernels carried out without the instructions. They define
 * TT_SIMDE and CHECK_LEVELS first, and have a main of their own.
 */
#ifndef TT_CHECK_H
#define TT_CHECK_H

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

#ifdef TT_SIMDE
enum { EMULATED = 1 };
#else
enum { EMULATED = 0 };
#endif

enum { BUFS = 11, CANARY = 64, MAX_FLOATS = 5 << 20 };

static long passed, failed;
static uint64_t rng_state;

static inline void check(int ok, const char *level, const char *slot, const char *what) {
    if (ok) {
        passed++;
    } else if (failed++ < 20) {
        printf("FAIL %s %s: %s\n", level, slot, what);
    }
}

static inline uint64_t random_bits(void) {
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return rng_state * 0x2545f4914f6cdd1du;
}

static inline int random_below(int n) { return (int)((random_bits() >> 33) % (uint64_t)n); }

static inline float uniform(void) { return (float)(random_bits() >> 40) * 0x1p-23f - 1.0f; }

static inline float as_float(uint32_t bits) {
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
    enum { VECTOR, ROWS, HEADS, PRODUCT } kind; /* which shapes; a PRODUCT has blocks */
    void (*sizes)(size_t *len, const shape *s); /* of the buffers */
    double (*run)(const tt_kernels *k, float **b, const shape *s); /* what the slot returns, or 0 */
    int bytes, flops;                                              /* a number, for --bench */
} kcase;

static inline size_t len_n(const shape *s) { return (size_t)s->n; }
static inline size_t len_mn(const shape *s) { return (size_t)s->m * (size_t)s->n; }

/* `count` buffers of n numbers */
#define SIZES_N(count)                                                                             \
    static inline void sizes_n##count(size_t *len, const shape *s) {                               \
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

/* Cases of one kind of slot. */
typedef struct kfamily {
    const kcase *cases;
    int count;
    void (*plain)(const tt_kernels *c); /* plain C against numbers that are right */
} kfamily;

/* `name`_family, of cases_`name` and plain_`name`; and a program of it, unless SIMDe's has
   several. */
#define FAMILY(name)                                                                               \
    static const kfamily name##_family = {                                                         \
        cases_##name, (int)(sizeof cases_##name / sizeof cases_##name[0]), plain_##name}
#ifdef TT_SIMDE
#define PROGRAM(name)
#else
#define PROGRAM(name)                                                                              \
    int main(int argc, char **argv) {                                                              \
        static const kfamily *const families[] = {&name##_family, NULL};                           \
        return check_main("kernel, " #name, families, argc, argv);                                 \
    }
#endif

/* ---- products: where their operands stand -------------------------------------------------- */

/* Products. variant: bits 0-1 strides of A, 2-3 of B (rows dense, columns dense, neither), 4-5
   start (0, bias, add). b: c, a, b, bias, work. */
typedef struct strides {
    ptrdiff_t row, col;
    size_t len;
} strides;

static inline strides laid_out(int how, int rows, int cols) {
    const int pad = 3;
    if (rows == 0 || cols == 0) return (strides){1, 1, 0};
    if (how == 0) return (strides){cols + pad, 1, (size_t)((rows - 1) * (cols + pad) + cols)};
    if (how == 1) return (strides){1, rows + pad, (size_t)((cols - 1) * (rows + pad) + rows)};
    return (strides){2 * cols + 1, 2, (size_t)((rows - 1) * (2 * cols + 1) + 2 * (cols - 1) + 1)};
}
static inline void sizes_gemm_packed(size_t *len, const shape *s) {
    const size_t cols = ((size_t)s->n + 15) / 16 * 16;
    const size_t want[] = {laid_out(0, s->m, s->n).len, laid_out(0, s->m, s->k).len,
                           laid_out(s->variant % 3, s->k, s->n).len, len_n(s), cols * (size_t)s->k};
    memcpy(len, want, sizeof want);
}
/* ---- levels -------------------------------------------------------------------------------- */

#ifndef CHECK_LEVELS
#define CHECK_LEVELS                                                                               \
    {"avx2",                                                                                       \
     TT_CPU_AVX2,                                                                                  \
     "",                                                                                           \
     {tt_fill_gemm_avx2, tt_fill_vec_avx2, tt_fill_row_avx2, tt_fill_gemm8_avx2,                   \
      tt_fill_gemm16_avx2}},                                                                       \
        {"avxvnni", TT_CPU_AVXVNNI, "gemm8", {tt_fill_gemm8_avxvnni}},                             \
        {"avx512",                                                                                 \
         TT_CPU_AVX512,                                                                            \
         "",                                                                                       \
         {tt_fill_gemm_avx512, tt_fill_vec_avx512, tt_fill_row_avx512, tt_fill_gemm8_avx512,       \
          tt_fill_gemm16_avx512}},                                                                 \
        {"vnni", TT_CPU_AVX512VNNI, "gemm8", {tt_fill_gemm8_vnni}},                                \
        {"bf16", TT_CPU_AVX512BF16, "dot16", {tt_fill_dot16_bf16}},
#endif

typedef struct klevel {
    const char *name;
    unsigned needs;
    const char *slots;             /* those whose names begin so are its own; "": all */
    void (*lay[8])(tt_kernels *k); /* NULL after the last */
} klevel;

static const klevel levels[] = {
#if defined(__x86_64__) || defined(TT_SIMDE)
    CHECK_LEVELS
#endif
    {NULL, 0, "", {NULL}}};

static inline void lay_c(tt_kernels *k) {
    k->name = "c";
    tt_fill_gemm_c(k);
    tt_fill_vec_c(k);
    tt_fill_row_c(k);
    tt_fill_gemm8_c(k);
    tt_fill_gemm16_c(k);
    tt_fill_gemmi16_c(k);
}

/* ---- one comparison ------------------------------------------------------------------------ */

typedef struct guarded {
    float *end; /* the page behind may not be touched */
} guarded;

static guarded area[2][BUFS]; /* [0]: for plain C */

static inline void map_areas(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t size = (MAX_FLOATS * sizeof(float) + page - 1) / page * page;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < BUFS; i++) {
            char *p =
                mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (p == MAP_FAILED || mprotect(p + size, page, PROT_NONE)) {
                perror("mmap");
                exit(71);
            }
            area[side][i].end = (float *)(void *)(p + size);
        }
    }
}

static inline void fill(float *x, size_t n, int mood) {
    static const uint32_t odd[] = {0x7fc00000u, 0x7f800000u, 0xff800000u, 0x80000000u,
                                   0,           1,           0x807fffffu, 0x7f7fffffu,
                                   0xff7fffffu, 0x42b17000u, 0xc2ae999au, 0x42b20000u};
    for (size_t i = 0; i < n; i++) {
        x[i] = uniform() * 3.0f;
        if (mood == 1) x[i] *= ldexpf(1.0f, random_below(60) - 30);
        if (mood == 2 && random_below(12) == 0) x[i] = as_float(odd[random_below(12)]);
        if (mood == 3) x[i] = random_below(40) ? -INFINITY : as_float(odd[random_below(12)]);
    }
}

static inline int same_bits(const float *a, const float *b, size_t n) {
    if (memcmp(a, b, n * sizeof *a) == 0) return 1;
    for (size_t i = 0; i < n; i++) {
        if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return 0;
    }
    return 1;
}

static char now[160]; /* the comparison under way */

static inline void on_fault(int sig) {
    if (write(STDOUT_FILENO, now, strlen(now)) < 0) _exit(2);
    signal(sig, SIG_DFL);
}

static inline void compare(const tt_kernels *c, const tt_kernels *k, const kcase *kc,
                           const shape *s, int mood) {
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
    snprintf(now, sizeof now,
             "FAIL %s %s: touches what is not its own: m %d n %d k %d variant %d\n", k->name,
             kc->slot, s->m, s->n, s->k, s->variant);
    const double want = kc->run(c, b[0], s), got = kc->run(k, b[1], s);
    int ok = memcmp(&want, &got, sizeof want) == 0 || (isnan(want) && isnan(got)), which = -1;
    for (int i = 0; i < BUFS; i++) {
        if (!same_bits(b[0][i] - CANARY, b[1][i] - CANARY, CANARY + len[i])) ok = 0, which = i;
    }
    snprintf(what, sizeof what,
             "m %d n %d k %d variant %d contents %d: buffer %d, value %a, expected %a", s->m, s->n,
             s->k, s->variant, mood, which, got, want);
    check(ok, k->name, kc->slot, what);
}

static inline int some_size(int i) {
    static const int known[] = {0,  1,  2,  15, 16, 17,  31,  32,  33,  47,
                                48, 49, 63, 64, 65, 255, 256, 257, 1000};
    const int count = (int)(sizeof known / sizeof known[0]);
    return i < count ? known[i] : random_below(i % 4 ? 100 : 3000);
}

static inline void check_case(const tt_kernels *c, const tt_kernels *k, const kcase *kc) {
    const int turns = kc->kind >= HEADS ? 400 : 60;
    for (int i = 0; i < turns; i++) {
        shape s = {1 + random_below(5), some_size(i), 0, 0};
        if (kc->kind >= HEADS) {
            s = (shape){random_below(30), random_below(i % 3 ? 70 : 150), random_below(70),
                        random_below(kc->variants)};
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
static inline void check_blocks(const tt_kernels *c, const tt_kernels *k, const kcase *kc) {
    static const int sizes[][3] = {{3, 2100, 300}, {1, 4200, 20},   {520, 60, 270}, {1000, 90, 30},
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

static inline void near(const char *slot, double got, double want, double tolerance) {
    char what[120];
    snprintf(what, sizeof what, "%.9g, expected %.9g, tolerance %.1e", got, want, tolerance);
    check(fabs(got - want) <= tolerance, "c", slot, what);
}

/* ---- speed --------------------------------------------------------------------------------- */

static inline double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline void bench(const tt_kernels *k, const kcase *kc) {
    shape s = {64, 4096, 0, kc->variants > 4 ? TT_ACT_GELU : 0};
    if (kc->kind == ROWS) s.n = 512;
    if (kc->kind == PRODUCT) s = (shape){64, 512, 512, 0};
    if (kc->kind == HEADS) s = (shape){8, 40, 32, 0};
    size_t len[BUFS] = {0};
    float *b[BUFS];
    kc->sizes(len, &s);
    for (int i = 0; i < BUFS; i++) {
        b[i] = area[1][i].end - (len[i] + 15) / 16 * 16;
        if (len[i] < TT_GEMM_WORK) fill(b[i], len[i], 0);
    }
    const double units = (kc->kind == VECTOR ? 1.0 : s.m) * s.n * (kc->kind >= HEADS ? s.k : 1);
    double best = INFINITY;
    for (int round = 0; round < 7; round++) {
        const int calls = (int)((kc->kind >= HEADS ? 1e8 : 4e6) / units) + 1;
        const double start = seconds();
        for (int i = 0; i < calls; i++) kc->run(k, b, &s);
        best = fmin(best, (seconds() - start) / calls);
    }
    if (kc->bytes) {
        printf("%-8s %-14s %9.1f GB/s %9.2f ns a number\n", k->name, kc->slot,
               units * kc->bytes / best * 1e-9, best / units * 1e9);
    } else {
        printf("%-8s %-14s %9.1f GFLOP/s\n", k->name, kc->slot, units * kc->flops / best * 1e-9);
    }
}

/* ---- the program --------------------------------------------------------------------------- */

static inline void check_family(const tt_kernels *c, const tt_kernels *k, const klevel *l,
                                const kfamily *f, const char *only, int timing, uint64_t seed) {
    for (int i = 0; i < f->count; i++) {
        const kcase *kc = &f->cases[i];
        rng_state = seed * 2 + 1;
        if ((only && strcmp(only, kc->slot)) || strncmp(kc->slot, l->slots, strlen(l->slots)))
            continue;
        if (timing) {
            bench(k, kc);
            continue;
        }
        check_case(c, k, kc);
        if (kc->kind == PRODUCT) check_blocks(c, k, kc);
    }
}

/* families: NULL after the last. */
static inline int check_main(const char *name, const kfamily *const *families, int argc,
                             char **argv) {
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
    printf("%s: --seed %llu\n", name, (unsigned long long)seed);
    fflush(stdout);
    map_areas();
    signal(SIGSEGV, on_fault);
    tt_kernels c, k;
    lay_c(&c);
    for (const klevel *l = levels; l->name; l++) {
        if (!EMULATED && (l->needs & ~tt_cpu_flags())) {
            printf("%s: this CPU lacks %s\n", name, l->name);
            continue;
        }
        lay_c(&k);
        k.name = l->name;
        for (int i = 0; l->lay[i]; i++) l->lay[i](&k);
        for (int i = 0; families[i]; i++) check_family(&c, &k, l, families[i], only, timing, seed);
    }
    if (timing) return 0;
    rng_state = seed * 2 + 1;
    for (int i = 0; !EMULATED && families[i]; i++)
        families[i]->plain(&c); /* once is enough for plain C */
    printf("%s: %ld passed, %ld failed\n", name, passed, failed);
    return failed ? 1 : 0;
}

#endif
