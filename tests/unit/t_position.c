/* t_position.c: rows of positions: turned queries and keys against the paper's formula, slopes and
 * buckets against numbers of their papers, each through steps, whole sequences, the fused text and
 * the general one.
 */
#include "attention/position.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "unit/test.h"

static tt_kernels kernels;
static tt_run run;

/* x_2i, x_2i+1 as a complex number times e^(i p θ), θ = 10000^(-2i / K); the other columns stay. */
static void test_turn(void) {
    enum { ROWS = 3, COLS = 14, FIRST = 2, HEADS = 2, K = 4 };
    static const int32_t place[ROWS] = {0, 1, 70};
    float x[ROWS * COLS], was[ROWS * COLS];
    tt_tensor t = {.data = x, .rows = ROWS, .cols = COLS};
    for (int i = 0; i < ROWS * COLS; i++) was[i] = x[i] = (float)tt_rand_normal(3, (uint64_t)i);
    tt_op_turn(&run, (tt_part){&t, FIRST}, HEADS, K, place);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLS; c++) {
            const int inside = c >= FIRST && c < FIRST + HEADS * K, odd = (c - FIRST) % 2,
                      i = (c - FIRST) % K / 2;
            const float *pair = was + r * COLS + (inside ? c - odd : c);
            const double angle = place[r] * pow(10000, -2.0 * i / K);
            const double want = !inside ? (double)*pair
                                : odd ? (double)pair[0] * sin(angle) + (double)pair[1] * cos(angle)
                                      : (double)pair[0] * cos(angle) - (double)pair[1] * sin(angle);
            CHECK(fabs((double)x[r * COLS + c] - want) < 1e-6, "row %d, column %d: %g, expected %g",
                  r, c, (double)x[r * COLS + c], want);
        }
    tt_run_reset(&run, NULL);
}

static tt_attend self(const char *align, int heads, int site, int place) {
    tt_err e;
    tt_attend a = {
        .heads = heads, .width = 4, .site = site, .longest = 400, .place = tt_position_at(place)};
    tt_pick_read(&a.align, &tt_family_align, align, &e);
    tt_pick_read(&a.dist, &tt_family_distribution, "softmax", &e);
    tt_pick_read(&a.reach, &tt_family_reach, "global", &e);
    return a;
}

/* Eight heads have the slopes 1/2, 1/4 … 1/256. */
static void test_alibi(void) {
    const tt_attend a = self("scaled-dot", 8, TT_SITE_ENC, TT_POSITIONS_ALIBI);
    const tt_tensor *b = a.place->bias(&run, &a, NULL, 5);
    CHECK(b && b->rows == 8 && b->cols == 9);
    for (int i = 0; b && i < 72; i++) {
        const double want = -abs(i % 9 - 4) / (double)(2 << i / 9);
        CHECK(fabs((double)b->data[i] - want) < 1e-7, "bias %d is %g, expected %g", i,
              (double)b->data[i], want);
    }
    tt_run_reset(&run, NULL);
}

/* Buckets of distances j - i as the authors' program numbers them. */
static void test_buckets(void) {
    static const struct {
        int distance, both, before;
    } want[] = {{0, 0, 0},      {-1, 1, 1},     {-7, 7, 7},     {-8, 8, 8},    {-11, 8, 11},
                {-12, 9, 12},   {-16, 10, 16},  {-31, 11, 21},  {-32, 12, 21}, {-64, 14, 26},
                {-127, 15, 31}, {-128, 15, 31}, {-300, 15, 31}, {1, 17, 0},    {7, 23, 0},
                {8, 24, 0},     {20, 26, 0},    {128, 31, 0},   {300, 31, 0}};
    float w[32];
    tt_tensor t = {.data = w, .rows = 1, .cols = 32};
    for (int i = 0; i < 32; i++) w[i] = (float)i;
    for (int site = TT_SITE_ENC; site <= TT_SITE_DEC; site++) {
        const tt_attend a = self("scaled-dot", 1, site, TT_POSITIONS_RELATIVE);
        const tt_tensor *b = a.place->bias(&run, &a, &t, 301);
        for (size_t i = 0; b && i < sizeof want / sizeof *want; i++) {
            const int bucket = (int)b->data[300 + want[i].distance];
            CHECK(bucket == (site == TT_SITE_ENC ? want[i].both : want[i].before),
                  "site %d, distance %d: bucket %d", site, want[i].distance, bucket);
        }
        tt_run_reset(&run, NULL);
    }
}

/* Biased scores through all texts: the general one, whole and by steps, and the fused one, whole,
   by steps and in 16 bits. */
static void test_texts(void) {
    enum { N = 6, H = 2, D = 8 };
    float q[N * D], kv[N * 2 * D], scaled[N * D], w[H * 32];
    static const int32_t off[] = {0, N};
    for (int i = 0; i < N * D; i++)
        q[i] = (float)tt_rand_normal(4, (uint64_t)i), scaled[i] = q[i] / 2;
    for (int i = 0; i < N * 2 * D; i++) kv[i] = (float)tt_rand_normal(5, (uint64_t)i);
    for (int i = 0; i < H * 32; i++) w[i] = (float)tt_rand_normal(6, (uint64_t)i);
    tt_tensor tq = {.data = q, .rows = N, .cols = D}, ts = {.data = scaled, .rows = N, .cols = D},
              tkv = {.data = kv, .rows = N, .cols = 2 * D};
    for (int row = TT_POSITIONS_ALIBI; row <= TT_POSITIONS_RELATIVE; row++)
        for (int site = TT_SITE_ENC; site <= TT_SITE_DEC; site++) {
            const tt_spans spans = {1, off, off, site == TT_SITE_DEC, 0};
            const tt_attend fused = self("scaled-dot", H, site, row),
                            plain = self("dot", H, site, row);
            tt_attend_par par = {.place = {{.data = w, .rows = H, .cols = 32}}};
            const tt_part k = {&tkv, 0}, v = {&tkv, D};
            float map[H * N * N], maps[H * N];
            const tt_tensor *y =
                tt_attend_whole(&run, &fused, &par, (tt_part){&tq, 0}, k, v, &spans, map);
            const tt_tensor *z =
                tt_attend_whole(&run, &plain, &par, (tt_part){&ts, 0}, k, v, &spans, NULL);
            const tt_tensor *b = fused.place->bias(&run, &fused, par.place, N);
            for (int i = 0; y && z && i < N * D; i++)
                CHECK(fabs((double)(y->data[i] - z->data[i])) < 1e-6,
                      "row %d, site %d: number %d of fused and general", row, site, i);
            for (int h = 0; b && h < H; h++) { /* weights by their definition */
                double e[N], sum = 0;
                const int seen = spans.causal ? 4 : N;
                for (int j = 0; j < seen; j++) {
                    double dot = 0;
                    for (int c = 0; c < 4; c++)
                        dot += (double)q[3 * D + h * 4 + c] * (double)kv[j * 2 * D + h * 4 + c];
                    sum += e[j] = exp(dot / 2 + (double)b->data[h * b->cols + N - 1 + j - 3]);
                }
                for (int j = 0; j < seen; j++)
                    CHECK(fabs(e[j] / sum - (double)map[(h * N + 3) * N + j]) < 1e-6,
                          "row %d, site %d: weight %d", row, site, j);
            }
            for (int i = 0; y && spans.causal && i < N; i++) {
                int32_t n = i + 1, first = 0, place = i;
                float *row_map[] = {maps};
                const tt_reads reads = {
                    .k = kv, .v = kv + D, .ld = 2 * D, .v_ld = 2 * D, .first = &first, .n = &n};
                tt_tensor one = {.data = q + i * D, .rows = 1, .cols = D},
                          half = {.data = scaled + i * D, .rows = 1, .cols = D};
                const tt_tensor *step =
                    tt_attend_step(&run, &fused, &par, (tt_part){&one, 0}, &reads, &place, row_map);
                const tt_tensor *general = tt_attend_step(&run, &plain, &par, (tt_part){&half, 0},
                                                          &reads, &place, row_map);
                for (int c = 0; step && general && c < D; c++)
                    CHECK(fabs((double)(step->data[c] - y->data[i * D + c])) < 1e-6 &&
                              fabs((double)(general->data[c] - y->data[i * D + c])) < 1e-6,
                          "row %d, step %d: column %d", row, i, c);
                CHECK(step && general, "%s", run.err.msg);
            }
            tt_run_reset(&run, NULL);
        }
}

static void test_refusals(void) {
    tt_err e = {0};
    tt_attend a = self("kernel", 2, TT_SITE_ENC, TT_POSITIONS_ALIBI);
    CHECK(tt_attend_check(&a, &e) == TT_ECONFIG &&
              strstr(e.msg, "positions alibi add to scores, and align kernel has none"),
          "%s", e.msg);
    a = self("scaled-dot", 2, TT_SITE_ENC, TT_POSITIONS_ALIBI);
    CHECK(!tt_pick_read(&a.reach, &tt_family_reach, "low-rank", &e) &&
              tt_attend_check(&a, &e) == TT_ECONFIG &&
              strstr(e.msg, "reach low-rank looks at mixtures"),
          "%s", e.msg);
    a = self("scaled-dot", 2, TT_SITE_ENC, TT_POSITIONS_ROTARY), a.width = 3;
    CHECK(tt_attend_check(&a, &e) == TT_ECONFIG && strstr(e.msg, "a head has 3"), "%s", e.msg);
}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e),
          "%s", e.msg);
    test_turn();
    test_alibi();
    test_buckets();
    test_texts();
    test_refusals();
    tt_run_close(&run);
    return test_done("t_position");
}
