/* t_team.c: a product is the same whoever computes its slices: as one product of its kernel, alone,
 * with helpers, and with more helpers than processors, so that some are put aside in the middle of
 * a slice. So is the greatest number of each of its rows.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/team.h"
#include "unit/test.h"

enum { HELPERS = 5, ROUNDS = 400, LARGEST = 40 * 1100 };

static tt_kernels kernels;
static tt_err err;

static float *numbers(size_t n, unsigned seed) {
    float *x = aligned_alloc(64, (n * sizeof *x + 63) / 64 * 64);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(seed >> 8) / (float)(1 << 23) - 1.0f;
    }
    return x;
}

struct weights {
    tt_tensor w;
    void *packed; /* in slices */
    float *data, *bias;
    int8_t *bytes; /* (rows, cols) */
    float *scales;
};

static struct weights make(int as, int rows, int cols) {
    struct weights x = {.w = {.rows = rows, .cols = cols, .packed_as = as}};
    size_t n = (size_t)rows * (size_t)cols, wide = TT_ROW8(cols);
    x.data = numbers(n, 1);
    x.bias = numbers((size_t)rows, 2);
    x.bytes = calloc((size_t)rows, wide);
    x.scales = numbers((size_t)rows, 3);
    kernels.quantize8(x.bytes, x.scales, NULL, x.data, cols, rows, cols);
    for (int r = 0; r < rows; r++)
        memmove(x.bytes + r * cols, x.bytes + (size_t)r * wide, (size_t)cols);
    x.packed = aligned_alloc(64, (tt_packed_size(&kernels, as, rows, cols) + 63) / 64 * 64);
    tt_packed_fill(&kernels, x.packed, as, as == TT_PACKED_I8 ? (void *)x.bytes : (void *)x.data,
                   x.scales, rows, cols);
    x.w.packed = x.packed;
    return x;
}

static void drop(struct weights *x) {
    free(x->packed);
    free(x->data);
    free(x->bias);
    free(x->bytes);
    free(x->scales);
}

/* The product in one piece, by its kernel. */
static void whole(float *z, const struct weights *x, const float *a, int m, int act) {
    int n = x->w.rows, k = x->w.cols;
    if (x->w.packed_as == TT_PACKED_I8) {
        void *packed = aligned_alloc(64, (kernels.pack8_size(n, k) + 63) / 64 * 64);
        int8_t *q = malloc((size_t)m * TT_ROW8(k));
        float *scale = malloc((size_t)m * sizeof *scale);
        int32_t *sum = malloc((size_t)m * sizeof *sum);
        kernels.pack8(packed, x->bytes, k, x->scales, n, k);
        kernels.quantize8(q, scale, sum, a, k, m, k);
        void *laid = aligned_alloc(64, kernels.left8_size(m, k) + 64);
        kernels.left8(laid, q, m, k);
        kernels.gemm8(z, n, kernels.left8_size(m, k) ? laid : q, scale, sum, packed, x->bias, act,
                      m, n, k);
        free(laid);
        free(packed);
        free(q);
        free(scale);
        free(sum);
        return;
    }
    size_t size = x->w.packed_as == TT_PACKED_F32 ? kernels.pack_size(n, k) * sizeof(float)
                                                  : kernels.pack16_size(n, k);
    void *packed = aligned_alloc(64, (size + 63) / 64 * 64);
    if (x->w.packed_as == TT_PACKED_F32) {
        kernels.pack(packed, x->data, 1, k, n, k);
        kernels.gemm_packed(z, n, a, k, packed, x->bias, act, m, n, k);
    } else {
        kernels.pack16(packed, x->data, 1, k, n, k);
        kernels.gemm16(z, n, a, k, packed, x->bias, act, m, n, k);
    }
    free(packed);
}

static void *helper(void *team) {
    float *work = aligned_alloc(64, sizeof *work * TT_GEMM_WORK);
    tt_team_help(team, work);
    free(work);
    return NULL;
}

static void check(tt_run *run, const struct weights *x, int m, int rounds, const char *who) {
    float *a = numbers((size_t)m * (size_t)x->w.cols, 4), *want = numbers(LARGEST, 5),
          *got = numbers(LARGEST, 6);
    size_t n = (size_t)m * (size_t)x->w.rows;
    whole(want, x, a, m, TT_ACT_RELU);
    for (int i = 0; i < rounds; i++) {
        memset(got, 0xff, n * sizeof *got);
        tt_product_run(run, got, a, m, &x->w, x->bias, TT_ACT_RELU);
        CHECK(!memcmp(want, got, n * sizeof *got), "%s: form %d, %d x %d x %d, round %d", who,
              x->w.packed_as, m, x->w.rows, x->w.cols, i);
    }
    tt_run_reset(run, NULL); /* from here on the weights may go */
    free(a);
    free(want);
    free(got);
}

/* The greatest of each row of `want` but for the barred places, as plainly as can be. */
static tt_greatest greatest(const float *row, int n, const int32_t *barred, int count) {
    tt_greatest g = {0, -INFINITY};
    for (int j = 0; j < n; j++) {
        int skip = 0;
        for (int b = 0; b < count; b++) skip |= barred[b] == j;
        if (!skip && row[j] > g.number) g = (tt_greatest){j, row[j]};
    }
    return g;
}

/* Whole numbers, so that many are equal; a row of nothing but NaN; barred places that would have
   won. */
static void check_greatest(tt_run *run, struct weights *x, int rounds, const char *who) {
    enum { M = 6 };
    int n = x->w.rows, k = x->w.cols;
    float *a = numbers((size_t)M * (size_t)k, 7), *z = numbers((size_t)M * (size_t)n, 8);
    for (int j = 0; j < n; j++) x->bias[j] = (float)(j * 37 % 11 * 100000);
    for (int p = 0; p < k; p++) a[p] = 0.0f, a[4 * k + p] = NAN;
    whole(z, x, a, M, TT_ACT_NONE);
    int32_t barred[4] = {greatest(z, n, NULL, 0).place, greatest(z + n, n, NULL, 0).place, n - 1,
                         0};
    for (int i = 0; i < rounds; i++) {
        for (int count = 0; count <= 4; count += 2) {
            tt_greatest got[M];
            CHECK(!tt_product_greatest(run, got, a, M, &x->w, x->bias, barred, count), "%s",
                  run->err.msg);
            for (int r = 0; r < M; r++) {
                tt_greatest want = greatest(z + r * n, n, barred, count);
                CHECK(got[r].place == want.place && got[r].number == want.number,
                      "%s: form %d, row %d: %d at %d, expected %d", who, x->w.packed_as, r,
                      (int)got[r].number, (int)got[r].place, (int)want.place);
            }
        }
    }
    tt_run_reset(run, NULL);
    free(a);
    free(z);
}

int main(void) {
    static const int shapes[][3] = {
        {1, 1100, 200}, {3, 128, 70}, {7, 130, 512}, {40, 1025, 257}, {2, 257, 1024}};
    static const int forms[] = {TT_PACKED_F32, TT_PACKED_BF16, TT_PACKED_I8};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &err), "%s", err.msg);
    tt_run run;
    CHECK(!tt_run_open(&run, &kernels, 0, &err), "%s", err.msg);
    for (int helpers = 0; helpers <= HELPERS; helpers += helpers ? 4 : 1) {
        tt_team *team = helpers ? tt_team_open(helpers, &err) : NULL;
        pthread_t thread[HELPERS];
        if (team) tt_team_gather(run.team = team);
        for (int i = 0; i < helpers; i++) pthread_create(&thread[i], NULL, helper, team);
        while (team && tt_team_helpers(team) != -1) {
        } /* -1: all are there */
        for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
            for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
                struct weights x = make(forms[f], shapes[s][1], shapes[s][2]);
                check(&run, &x, shapes[s][0], helpers ? ROUNDS / 4 : 1,
                      helpers ? "helped" : "alone");
                check_greatest(&run, &x, helpers ? 10 : 1, helpers ? "helped" : "alone");
                drop(&x);
            }
        }
        if (team) tt_team_dismiss(team);
        for (int i = 0; i < helpers; i++) pthread_join(thread[i], NULL);
        CHECK(!team || tt_team_helpers(team) == -1, "dismissed");
        tt_team_close(team);
        run.team = NULL;
    }
    tt_run_close(&run);
    return test_done("t_team");
}
