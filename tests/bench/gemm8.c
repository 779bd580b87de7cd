/* gemm8.c: the products of decoding with 8-bit weights and with bfloat16 weights, beside those with
 * floats, on one thread, in one run: models small (width 256, ffn 1024, 8,000 pieces) and base
 * (512, 2048, 16,000), from one row to an encoder's thousand.
 *
 *     gemm8 [-i ISA] [-r ROUNDS] [SUBSTRING]    only shapes whose name contains SUBSTRING
 *
 * The three take turns, several rounds; the median round of each counts. Quantising the activations
 * is timed with the 8-bit product. The peak is what the processor's own multiply-add for 8 bits
 * does in registers, where it has one.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/kernel.h"

enum { MAX_ROUNDS = 99, KINDS = 3 };

typedef struct shape {
    const char *name;
    int n, k;
} shape;

static const shape shapes[] = {
    {"small proj", 256, 256},     {"small qkv", 768, 256},    {"small ffn in", 1024, 256},
    {"small ffn out", 256, 1024}, {"small vocab", 8000, 256}, {"base proj", 512, 512},
    {"base qkv", 1536, 512},      {"base ffn in", 2048, 512}, {"base ffn out", 512, 2048},
    {"base vocab", 16000, 512},
};
static const int row_counts[] = {1, 2, 4, 8, 16, 64, 1000};

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *room(size_t bytes) {
    void *p = aligned_alloc(64, (bytes + 64) / 64 * 64);
    if (!p) exit(71);
    return p;
}

static float *numbers(size_t n) {
    float *p = room(n * sizeof *p);
    unsigned x = 1;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        p[i] = (float)(x >> 8) * 0x1p-23f - 1.0f;
    }
    return p;
}

static int rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Thousand million operations a second of 24 chains in registers; 0 without an instruction for
   it. */
#if defined(__x86_64__)
#define CHAIN(op, r, n) op " %%" r #n ", %%" r #n ", %%" r #n "\n"
#define CHAINS(op, r)                                                                              \
    CHAIN(op, r, 0)                                                                                \
    CHAIN(op, r, 1)                                                                                \
    CHAIN(op, r, 2)                                                                                \
    CHAIN(op, r, 3)                                                                                \
    CHAIN(op, r, 4)                                                                                \
    CHAIN(op, r, 5)                                                                                \
    CHAIN(op, r, 6)                                                                                \
    CHAIN(op, r, 7) CHAIN(op, r, 8) CHAIN(op, r, 9) CHAIN(op, r, 10) CHAIN(op, r, 11)
#define USED                                                                                       \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11"
static double peak(const char *isa) {
    enum { TURNS = 4000000 };
    const int wide = !strcmp(isa, "vnni");
    double best = INFINITY;
    if (!wide && strcmp(isa, "avxvnni") != 0) return 0.0;
    for (int round = 0; round < 5; round++) {
        const double start = seconds();
        for (int i = 0; i < TURNS; i++) {
            if (wide) __asm__ volatile(CHAINS("vpdpbusd", "zmm")::: USED);
            else __asm__ volatile(CHAINS("%{vex%} vpdpbusd", "ymm")::: USED);
        }
        best = fmin(best, seconds() - start);
    }
    return 12.0 * (wide ? 128.0 : 64.0) * TURNS / best * 1e-9;
}
#else
static double peak(const char *isa) { return (void)isa, 0.0; }
#endif

typedef struct operands {
    float *a, *c, *scale;
    int32_t *sum;
    int8_t *q;
    void *laid;
    void *packed[KINDS]; /* of floats, bfloat16, bytes */
} operands;

static void product(const tt_kernels *k, const operands *o, int kind, int m, const shape *s) {
    if (kind == 0)
        k->gemm_packed(o->c, s->n, o->a, s->k, o->packed[0], NULL, TT_ACT_NONE, m, s->n, s->k);
    if (kind == 1)
        k->gemm16(o->c, s->n, o->a, s->k, o->packed[1], NULL, TT_ACT_NONE, m, s->n, s->k);
    if (kind < 2) return;
    k->quantize8(o->q, o->scale, o->sum, o->a, s->k, m, s->k);
    k->left8(o->laid, o->q, m, s->k);
    k->gemm8(o->c, s->n, k->left8_size(m, s->k) ? o->laid : o->q, o->scale, o->sum, o->packed[2],
             NULL, TT_ACT_NONE, m, s->n, s->k);
}

static void bench(const tt_kernels *k, const shape *s, int rounds, double most) {
    enum { M = 1000 };
    const size_t n = (size_t)s->n, kk = (size_t)s->k;
    operands o = {numbers(M * kk),
                  numbers(M * n),
                  numbers(n + M),
                  room(M * sizeof(int32_t)),
                  room(M * TT_ROW8(kk)),
                  room(k->left8_size(M, s->k)),
                  {room(sizeof(float) * k->pack_size(s->n, s->k)), room(k->pack16_size(s->n, s->k)),
                   room(k->pack8_size(s->n, s->k))}};
    float *w = numbers(n * kk);
    int8_t *w8 = room(n * TT_ROW8(kk));
    k->pack(o.packed[0], w, 1, s->k, s->n, s->k);
    k->pack16(o.packed[1], w, 1, s->k, s->n, s->k);
    k->quantize8(w8, o.scale, NULL, w, s->k, s->n, s->k);
    k->pack8(o.packed[2], w8, (ptrdiff_t)TT_ROW8(kk), o.scale, s->n, s->k);
    for (size_t r = 0; r < sizeof row_counts / sizeof row_counts[0]; r++) {
        const int m = row_counts[r], calls = (int)(3e8 / (2.0 * m * (double)n * (double)kk)) + 1;
        double t[KINDS][MAX_ROUNDS], rate[KINDS];
        for (int round = -1; round < rounds; round++) { /* round -1 warms up */
            for (int kind = 0; kind < KINDS; kind++) {
                const double start = seconds();
                for (int i = 0; i < calls; i++) product(k, &o, kind, m, s);
                t[kind][round < 0 ? 0 : round] = (seconds() - start) / calls;
            }
        }
        for (int kind = 0; kind < KINDS; kind++) {
            qsort(t[kind], (size_t)rounds, sizeof(double), rising);
            rate[kind] = 2e-9 * m * (double)n * (double)kk / t[kind][rounds / 2];
        }
        printf("%-14s %5d %6d %6d %9.1f %9.1f %9.1f %8.2f %6.2f", s->name, m, s->n, s->k, rate[0],
               rate[1], rate[2], rate[1] / rate[0], rate[2] / rate[0]);
        if (most > 0.0) printf(" %6.0f %%", 100.0 * rate[2] / most);
        printf("\n");
        fflush(stdout);
    }
    void *all[] = {o.a,         o.c,         o.scale,     o.sum, o.q, o.laid,
                   o.packed[0], o.packed[1], o.packed[2], w,     w8};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
}

int main(int argc, char **argv) {
    const char *isa = getenv("TTRANS_ISA"), *only = "";
    int rounds = 7;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-i") && i + 1 < argc) {
            isa = argv[++i];
        } else if (!strcmp(argv[i], "-r") && i + 1 < argc) {
            rounds = (int)strtol(argv[++i], NULL, 10);
        } else {
            only = argv[i];
        }
    }
    if (rounds < 1 || rounds > MAX_ROUNDS) rounds = 7;
    tt_kernels k;
    tt_err e;
    if (tt_kernels_init(&k, isa, &e)) {
        fprintf(stderr, "gemm8: %s\n", e.msg);
        return 64;
    }
    const double most = peak(k.name);
    printf("%s; one thread; GOP/s, median of %d rounds", k.name, rounds);
    if (most > 0.0) printf("; 8-bit peak %.0f GOP/s", most);
    printf("\n%-14s %5s %6s %6s %9s %9s %9s %8s %6s%s\n", "product", "M", "N", "K", "float",
           "bfloat16", "int8", "bf16/f", "int8/f", most > 0.0 ? "  of peak" : "");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (strstr(shapes[i].name, only)) bench(&k, &shapes[i], rounds, most);
    }
    return 0;
}
