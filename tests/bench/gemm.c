/* gemm.c: our matrix product beside OpenBLAS, on one thread, in one run: the products that training
 * makes in models small (width 256, ffn 1024, 8,000 pieces) and base (512, 2048, 16,000), forward
 * (x Wᵀ), towards the input (dy W) and towards the weights (dyᵀ x).
 *
 *     gemm [-i ISA] [-r ROUNDS] [-p bf16|int16] [SUBSTRING]     only shapes whose name contains
 *       SUBSTRING
 *
 * The two take turns, several rounds; the median round of each counts. OpenBLAS is looked for when
 * the program runs; without it there are our figures alone. With -p ours are products in 16 bits,
 * and those in f32 take OpenBLAS's place.
 */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/kernel.h"

enum { MAX_ROUNDS = 99 };
enum { ROW_MAJOR = 101, AS_IS = 111, TURNED = 112 }; /* of CBLAS */

typedef void sgemm_fn(int order, int turn_a, int turn_b, int m, int n, int k, float alpha,
                      const float *a, int lda, const float *b, int ldb, float beta, float *c,
                      int ldc);

typedef struct shape {
    const char *name;
    int m, n, k, a_turned, b_turned;
} shape;

#define LAYER(name, tokens, in, out)                                                               \
    {name " forward", tokens, out, in, 0, 1}, {name " dx", tokens, in, out, 0, 0}, {               \
        name " dW", out, in, tokens, 1, 0                                                          \
    }

static const shape shapes[] = {
    LAYER("small proj", 2048, 256, 256),     LAYER("small qkv", 2048, 256, 768),
    LAYER("small ffn in", 2048, 256, 1024),  LAYER("small ffn out", 2048, 1024, 256),
    LAYER("small vocab", 1024, 256, 8000),   LAYER("base proj", 2048, 512, 512),
    LAYER("base ffn in", 2048, 512, 2048),   LAYER("base ffn out", 2048, 2048, 512),
    LAYER("base vocab", 1024, 512, 16000),   {"attention q kT", 40, 40, 32, 0, 1},
    {"attention p v", 40, 32, 40, 0, 0},     {"attention dk", 40, 32, 40, 1, 0},
    {"decode 1 row", 1, 1024, 256, 0, 1},    {"decode 8 rows", 8, 1024, 256, 0, 1},
    {"decode 64 rows", 64, 1024, 256, 0, 1},
};

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *numbers(size_t n) {
    float *p = aligned_alloc(64, (n * sizeof *p + 63) / 64 * 64);
    if (!p) exit(71);
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

static double median(double *t, int n) {
    qsort(t, (size_t)n, sizeof *t, rising);
    return t[n / 2];
}

typedef struct operands {
    float *a, *b, *c, *ours, *work, *packed;
} operands;

typedef struct rivals {
    const tt_kernels *k;
    tt_gemm_fn *ours, *f32; /* f32: NULL, or what stands in OpenBLAS's place */
    sgemm_fn *sgemm;
} rivals;

static void run(tt_gemm_fn *gemm, float *c, const shape *s, const operands *o) {
    gemm(c, s->n, o->a, s->a_turned ? 1 : s->k, s->a_turned ? s->m : 1, o->b,
         s->b_turned ? 1 : s->n, s->b_turned ? s->k : 1, TT_GEMM_SET, NULL, s->m, s->n, s->k,
         o->work);
}

static void run_ours(const rivals *r, const shape *s, const operands *o, int packed) {
    if (packed)
        r->k->gemm_packed(o->ours, s->n, o->a, s->k, o->packed, NULL, TT_ACT_NONE, s->m, s->n,
                          s->k);
    else run(r->ours, o->ours, s, o);
}

static void run_theirs(const rivals *r, const shape *s, const operands *o) {
    if (r->f32) {
        run(r->f32, o->c, s, o);
        return;
    }
    r->sgemm(ROW_MAJOR, s->a_turned ? TURNED : AS_IS, s->b_turned ? TURNED : AS_IS, s->m, s->n,
             s->k, 1.0f, o->a, s->a_turned ? s->m : s->k, o->b, s->b_turned ? s->k : s->n, 0.0f,
             o->c, s->n);
}

/* Seconds that one call takes, by the median of the rounds; *theirs likewise. */
static double race(double *theirs, const rivals *rival, const shape *s, const operands *o,
                   int rounds, int packed) {
    const int two = rival->f32 || rival->sgemm;
    double t[2][MAX_ROUNDS], start;
    const double flops = 2.0 * s->m * s->n * s->k;
    const int calls = (int)(2e9 / flops) + 1;
    for (int r = -1; r < rounds; r++) { /* round -1 warms up */
        start = seconds();
        for (int i = 0; i < calls; i++) run_ours(rival, s, o, packed);
        t[0][r < 0 ? 0 : r] = (seconds() - start) / calls;
        start = seconds();
        for (int i = 0; two && i < calls; i++) run_theirs(rival, s, o);
        t[1][r < 0 ? 0 : r] = (seconds() - start) / calls;
    }
    *theirs = two ? median(t[1], rounds) : 0.0;
    return median(t[0], rounds);
}

static double bench(const rivals *rival, const shape *s, int rounds) {
    const tt_kernels *k = rival->k;
    const size_t m = (size_t)s->m, n = (size_t)s->n, kk = (size_t)s->k;
    const operands o = {numbers(m * kk), numbers(kk * n),       numbers(m * n),
                        numbers(m * n),  numbers(TT_GEMM_WORK), numbers(k->pack_size(s->n, s->k))};
    const int packable = s->b_turned && s->m <= 64 && !rival->f32;
    const double flops = 2.0 * s->m * s->n * s->k;
    double ratio = NAN;
    k->pack(o.packed, o.b, s->b_turned ? 1 : s->n, s->b_turned ? s->k : 1, s->n, s->k);
    for (int packed = 0; packed <= packable; packed++) {
        double theirs, mine = race(&theirs, rival, s, &o, rounds, packed);
        printf("%-20s%-7s %6d %6d %6d %9.1f", s->name, packed ? " packed" : "", s->m, s->n, s->k,
               flops / mine * 1e-9);
        if (rival->f32 || rival->sgemm) {
            double worst = 0.0;
            for (size_t i = 0; i < m * n; i++)
                worst = fmax(worst, fabs((double)o.c[i] - (double)o.ours[i]));
            printf(" %9.1f %6.2f   %.1e", flops / theirs * 1e-9, theirs / mine, worst / sqrt(s->k));
            if (!packed) ratio = theirs / mine;
        }
        printf("\n");
        fflush(stdout);
    }
    float *all[] = {o.a, o.b, o.c, o.ours, o.work, o.packed};
    for (int i = 0; i < 6; i++) free(all[i]);
    return ratio;
}

static sgemm_fn *open_blas(void) {
    void *lib = dlopen("libopenblas.so.0", RTLD_NOW);
    if (!lib) return NULL;
    void (*set_threads)(int);
    sgemm_fn *sgemm;
    *(void **)&set_threads = dlsym(lib, "openblas_set_num_threads");
    *(void **)&sgemm = dlsym(lib, "cblas_sgemm");
    if (set_threads) set_threads(1);
    char *(*name)(void);
    *(void **)&name = dlsym(lib, "openblas_get_corename");
    if (name) printf("OpenBLAS kernels: %s\n", name());
    return sgemm;
}

int main(int argc, char **argv) {
    const char *isa = getenv("TTRANS_ISA"), *only = "", *precision = NULL;
    int rounds = 7;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-i") && i + 1 < argc) {
            isa = argv[++i];
        } else if (!strcmp(argv[i], "-r") && i + 1 < argc) {
            rounds = (int)strtol(argv[++i], NULL, 10);
        } else if (!strcmp(argv[i], "-p") && i + 1 < argc) {
            precision = argv[++i];
        } else {
            only = argv[i];
        }
    }
    if (rounds < 1 || rounds > MAX_ROUNDS) rounds = 7;
    tt_kernels k;
    tt_err e;
    if (tt_kernels_init(&k, isa, &e)) {
        fprintf(stderr, "gemm: %s\n", e.msg);
        return 64;
    }
    const rivals rival = {&k,
                          !precision          ? k.gemm
                          : *precision == 'b' ? k.gemm_bf16
                                              : k.gemm_int16,
                          precision ? k.gemm : NULL, precision ? NULL : open_blas()};
    printf("ours: %s; one thread; GFLOP/s, median of %d rounds; diff: greatest difference over "
           "sqrt(K)\n",
           k.name, rounds);
    printf("%-27s %6s %6s %6s %9s %9s %6s   %s\n", "product", "M", "N", "K", "ours",
           precision ? "f32" : "OpenBLAS", "ratio", "diff");
    double logs = 0.0;
    int count = 0;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (!strstr(shapes[i].name, only)) continue;
        double ratio = bench(&rival, &shapes[i], rounds);
        if (ratio > 0.0) {
            logs += log(ratio);
            count++;
        }
    }
    if (count) printf("geometric mean of the ratios: %.2f\n", exp(logs / count));
    return 0;
}
