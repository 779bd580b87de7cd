/* t_attend.c: rows of alignment, distribution and reach against numbers made with PyTorch in double
 * precision; whole sequences against steps, for every triple that may stand together; the fused
 * text against the general one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attention/parts.h"
#include "base/rng.h"
#include "unit/test.h"

enum { T = 2, S = 4, K = 3, MOST = 256 };

static tt_kernels kernels;
static tt_run run;

/* The golden input: L(n, m, a)[i][j] = sin(a + 0.7 (i m + j)). */
static void wave(tt_tensor *t, float *data, int rows, int cols, double a) {
    *t = (tt_tensor){.data = data, .rows = rows, .cols = cols};
    for (int i = 0; i < rows * cols; i++) data[i] = (float)sin(a + 0.7 * i);
}

static tt_attend make(const char *align, const char *dist, const char *reach, int heads, int width,
                      int site) {
    tt_err e = {0};
    tt_attend a = {.heads = heads, .width = width, .site = site, .longest = 16};
    CHECK(!tt_pick_read(&a.align, &tt_family_align, align, &e), "%s", e.msg);
    CHECK(!tt_pick_read(&a.dist, &tt_family_distribution, dist, &e), "%s", e.msg);
    CHECK(!tt_pick_read(&a.reach, &tt_family_reach, reach, &e), "%s", e.msg);
    return a;
}

/* Parameters of the rows: the waves given, in the order of their declarations. */
struct waves {
    const double *start;
    float *data;
    int used;
    int turned;
};

static void visit_waves(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct waves *w = ctx;
    (void)offset;
    wave(t, w->data, t->rows, t->cols, w->start[w->used++]);
    for (int i = 0; w->turned && t->rows == t->cols && i < t->rows;
         i++) /* a W that multiplies from the other side */
        for (int j = 0; j < i; j++) {
            const float x = t->data[i * t->cols + j];
            t->data[i * t->cols + j] = t->data[j * t->cols + i];
            t->data[j * t->cols + i] = x;
        }
    if (p->rows == 1 && p->cols == 1) t->data[0] = (float)w->start[w->used - 1];
    w->data += tt_tensor_size(t);
}

static void golden(const char *align, const char *dist, const char *reach, const double *start,
                   const double *want, int site) {
    float q[T * K], k[S * K], v[S * K], map[T * S], params[MOST];
    tt_tensor tq, tk, tv;
    static const int32_t q_off[] = {0, T}, k_off[] = {0, S};
    const tt_spans spans = {1, q_off, k_off, false, 0};
    tt_attend a = make(align, dist, reach, 1, K, site);
    tt_attend_par par = {0};
    struct waves w = {start, params, 0,
                      !strcmp(align, "general") || !strcmp(align, "activated-general")};
    tt_declare d = {.visit = visit_waves, .ctx = &w};
    tt_attend_params(&a, &par, &d);
    wave(&tq, q, T, K, 0.1), wave(&tk, k, S, K, 1.3), wave(&tv, v, S, K, 2.9);
    tt_part key = tt_attend_key(&run, &a, &par, (tt_part){&tk, 0}, &(tt_key_rows){1, k_off, NULL});
    tt_tensor *y =
        tt_attend_whole(&run, &a, &par, (tt_part){&tq, 0}, key, (tt_part){&tv, 0}, &spans, map);
    CHECK(y != NULL, "%s", run.err.msg);
    for (int i = 0; y && i < T; i++)
        for (int c = 0; c < K; c++) {
            double sum = 0;
            for (int j = 0; j < S; j++) sum += (double)map[i * S + j] * (double)v[j * K + c];
            CHECK(fabs(sum - (double)y->data[i * K + c]) < 1e-6, "%s %s: output %d, %d", align,
                  dist, i, c);
        }
    for (int i = 0; i < T * S; i++)
        CHECK(fabs((double)map[i] - want[i]) < 2e-6, "%s %s %s: weight %d is %.7f, expected %.6f",
              align, dist, reach, i, (double)map[i], want[i]);
    tt_run_reset(&run, NULL);
}

/* Outputs, of rows whose weights differ from number to number. */
static void golden_output(const char *align, const char *reach, const double *start,
                          const double *want) {
    float q[T * K], k[S * K], v[S * K], params[MOST];
    tt_tensor tq, tk, tv;
    static const int32_t q_off[] = {0, T}, k_off[] = {0, S};
    const tt_spans spans = {1, q_off, k_off, false, 0};
    const tt_attend a = make(align, "softmax", reach, 1, K, TT_SITE_CROSS);
    tt_attend_par par = {0};
    struct waves w = {start, params, 0, 0};
    tt_declare d = {.visit = visit_waves, .ctx = &w};
    tt_attend_params(&a, &par, &d);
    wave(&tq, q, T, K, 0.1), wave(&tk, k, S, K, 1.3), wave(&tv, v, S, K, 2.9);
    const tt_part key =
        tt_attend_key(&run, &a, &par, (tt_part){&tk, 0}, &(tt_key_rows){1, k_off, NULL});
    const tt_tensor *y =
        tt_attend_whole(&run, &a, &par, (tt_part){&tq, 0}, key, (tt_part){&tv, 0}, &spans, NULL);
    for (int i = 0; y && i < T * K; i++)
        CHECK(fabs((double)y->data[i] - want[i]) < 2e-6, "%s: output %d is %.7f, expected %.6f",
              align, i, (double)y->data[i], want[i]);
    CHECK(y != NULL, "%s", run.err.msg);
    tt_run_reset(&run, NULL);
}

/* Weights are the softmax of these scores. */
static void golden_scores(const char *align, const double *start, const double e[T * S]) {
    double want[T * S];
    for (int i = 0; i < T; i++) {
        double sum = 0;
        for (int j = 0; j < S; j++) sum += exp(e[i * S + j]);
        for (int j = 0; j < S; j++) want[i * S + j] = exp(e[i * S + j]) / sum;
    }
    golden(align, "softmax", "global", start, want, TT_SITE_CROSS);
}

#define NUMBERS(...)                                                                               \
    (const double[]) { __VA_ARGS__ }

/* Features ω = 1.5 L(4, 3, .15). */
static void golden_kernel(const char *align, const double *want) {
    float q[T * K], k[S * K], v[S * K], map[T * S], omega[4 * K];
    tt_tensor tq, tk, tv;
    static const int32_t q_off[] = {0, T}, k_off[] = {0, S};
    const tt_spans spans = {1, q_off, k_off, false, 0};
    tt_attend a = make(align, "softmax", "global", 1, K, TT_SITE_CROSS);
    tt_attend_par par = {0};
    wave(&par.align[0], omega, 4, K, .15);
    for (int i = 0; i < 4 * K; i++) omega[i] *= 1.5f;
    wave(&tq, q, T, K, 0.1), wave(&tk, k, S, K, 1.3), wave(&tv, v, S, K, 2.9);
    const tt_part key =
        tt_attend_key(&run, &a, &par, (tt_part){&tk, 0}, &(tt_key_rows){1, k_off, NULL});
    const tt_tensor *y =
        tt_attend_whole(&run, &a, &par, (tt_part){&tq, 0}, key, (tt_part){&tv, 0}, &spans, map);
    const tt_tensor *z =
        tt_attend_whole(&run, &a, &par, (tt_part){&tq, 0}, key, (tt_part){&tv, 0}, &spans, NULL);
    for (int i = 0; i < T * S; i++)
        CHECK(fabs((double)map[i] - want[i]) < 2e-6, "%s: weight %d is %.7f, expected %.6f", align,
              i, (double)map[i], want[i]);
    for (int i = 0; y && z && i < T * K; i++)
        CHECK(fabs((double)(y->data[i] - z->data[i])) < 1e-6,
              "%s: number %d in linear time is %g, expected %g", align, i, (double)z->data[i],
              (double)y->data[i]);
    tt_run_reset(&run, NULL);
}

static void test_golden(void) {
    golden_kernel("kernel:features=4",
                  NUMBERS(.387737, .031525, .199403, .381335, .343786, .157369, .155779, .343066));
    golden_kernel("kernel:features=4,map=relu",
                  NUMBERS(.433891, .000459, .138586, .427064, .454389, .083922, .001337, .460353));
    golden_kernel("kernel:map=elu",
                  NUMBERS(.343044, .097130, .218351, .341475, .361791, .115653, .161334, .361222));
    golden_scores(
        "scaled-dot", NULL,
        NUMBERS(.678268, -.927327, .258046, .666779, .466186, .022197, -.488598, .471137));
    golden_scores(
        "dot", NULL,
        NUMBERS(1.174795, -1.606177, .446950, 1.154895, .807458, .038447, -.846277, .816033));
    golden_scores(
        "cosine", NULL,
        NUMBERS(.684597, -.991425, .395772, .676024, .609134, .030722, -.970106, .618368));
    golden_scores(
        "general", NUMBERS(.5),
        NUMBERS(-1.547135, 1.423074, .110269, -1.534411, 2.164568, -1.771271, -.376129, 2.151046));
    golden_scores(
        "biased-general", NUMBERS(.5, .9),
        NUMBERS(2.482506, -.684365, -1.791508, 2.493237, 2.426357, -1.484965, -.927000, 2.420950));
    golden_scores(
        "activated-general", NUMBERS(.5, .3),
        NUMBERS(-.847478, .938232, .388701, -.843854, .985638, -.899820, -.075983, .985248));
    golden_scores(
        "additive", NUMBERS(.2, .4, .9, .6),
        NUMBERS(.351591, 1.669257, .516434, .358281, .620937, 1.245948, 1.628761, .621718));
    golden_scores(
        "deep", NUMBERS(.2, .4, .9, .5, .9, .6),
        NUMBERS(5.075474, 2.453306, 3.657154, 5.065559, 4.249576, 2.659156, 2.682966, 4.239662));
    golden_scores("feature", NUMBERS(.2, .4, .9, .6),
                  NUMBERS(.667917, .665474, .671006, .616699, .667917, .665474, .671006, .616699));
    golden_scores(
        "location", NUMBERS(.8),
        NUMBERS(1.593646, -1.207431, -.374513, 1.585574, .460854, .492982, -.958613, .474923));
    golden("scaled-dot", "softmax", "local-p:window=1", NUMBERS(1.1, 1.7),
           NUMBERS(.001653, .040469, .295655, 0, 0, .040485, .189411, .070629), TT_SITE_CROSS);
    golden("scaled-dot", "softmax", "local-m:window=1", NULL,
           NUMBERS(.832799, .167201, 0, 0, .493494, .316563, .189943, 0), TT_SITE_CROSS);
    golden("scaled-dot", "softmax", "local-m:window=1,gaussian=yes", NULL,
           NUMBERS(.832799, .022628, 0, 0, .066787, .316563, .025706, 0), TT_SITE_CROSS);
    golden("scaled-dot", "de-attention:gate=scale", "global", NULL,
           NUMBERS(.332006, -.139992, .119682, .326071, .237717, .007807, -.146037, .241723),
           TT_SITE_CROSS);
    golden("scaled-dot", "de-attention", "global", NULL,
           NUMBERS(.351394, -.208023, .135999, .345895, .250654, .009666, -.185722, .254076),
           TT_SITE_CROSS);
    golden_output("multi-dimensional", "global", NUMBERS(.2, .4, .9, .5),
                  NUMBERS(-.346691, -.195972, -.087910, .055452, -.275521, -.057566));
    golden_output("scaled-dot", "global", NULL,
                  NUMBERS(.262075, -.122774, -.449881, .042456, -.287413, -.482106));
    golden("scaled-dot", "softmax", "global", NULL,
           NUMBERS(.351340, .070539, .230795, .347326, .329888, .211614, .126972, .331525),
           TT_SITE_CROSS);
}

/* Mixtures by F = L(2, 6, .35), of which 4 columns are used. */
static void test_low_rank(void) {
    float q[T * K], k[S * K], v[S * K], map[T * S], f[2 * 6];
    tt_tensor tq, tk, tv;
    static const int32_t q_off[] = {0, T}, k_off[] = {0, S};
    static const double want[T * K] = {.283286, .255753, .107935, .257496, .226869, .089542};
    static const double row[S] = {-.379854, -.070901, .271398, .486055};
    const tt_spans spans = {1, q_off, k_off, false, 0};
    tt_attend a = make("scaled-dot", "softmax", "low-rank:rank=2,share=keys", 1, K, TT_SITE_CROSS);
    a.longest = 6;
    tt_attend_par par = {0};
    wave(&par.reach[0], f, 2, 6, .35);
    wave(&tq, q, T, K, 0.1), wave(&tk, k, S, K, 1.3), wave(&tv, v, S, K, 2.9);
    tt_part key = {&tk, 0}, value = {&tv, 0};
    CHECK(tt_attend_mix(&run, &a, &par, &key, &value, 1, k_off)[1] == 2);
    const tt_tensor *y =
        tt_attend_whole(&run, &a, &par, (tt_part){&tq, 0}, key, value, &spans, map);
    for (int i = 0; y && i < T * K; i++)
        CHECK(fabs((double)y->data[i] - want[i]) < 2e-6,
              "low-rank: number %d is %.7f, expected %.6f", i, (double)y->data[i], want[i]);
    for (int j = 0; j < S; j++)
        CHECK(fabs((double)map[j] - row[j]) < 2e-6, "low-rank: weight %d is %.7f, expected %.6f", j,
              (double)map[j], row[j]);
    tt_run_reset(&run, NULL);
}

/* Areas of 1 and 2 of a text of 3: means of keys, sums of values, and weights back to the keys. */
static void test_area(void) {
    float x[] = {1, 3, 8}, w[3];
    tt_tensor t = {.data = x, .rows = 3, .cols = 1};
    static const int32_t off[] = {0, 3};
    static const float keys[] = {1, 3, 8, 2, 5.5f}, values[] = {1, 3, 8, 4, 11},
                       p[] = {.1f, .2f, .3f, .25f, .15f}, want[] = {.35f, .6f, .45f};
    const tt_attend a = make("dot", "softmax", "area:most=2", 1, 1, TT_SITE_ENC);
    const tt_reach *r = (const tt_reach *)a.reach.row;
    tt_part k = {&t, 0}, v = k;
    CHECK(tt_attend_mix(&run, &a, NULL, &k, &v, 1, off)[1] == 5 && r->mixtures(&a, 1) == 1);
    for (int i = 0; i < 5; i++)
        CHECK(fabsf(k.of->data[i] - keys[i]) < 1e-6f && fabsf(v.of->data[i] - values[i]) < 1e-6f,
              "area %d: %g, %g", i, (double)k.of->data[i], (double)v.of->data[i]);
    r->spread(&a, NULL, 0, w, p, 3);
    for (int i = 0; i < 3; i++)
        CHECK(fabsf(w[i] - want[i]) < 1e-6f, "weight %d: %g", i, (double)w[i]);
    tt_run_reset(&run, NULL);
}

/* The golden keys look at themselves, causally, within a span of 1.2 and a ramp of 2. */
static void test_span(void) {
    static const double want[S * S] = {1,       0,       0,       0,       .140064, .859936,
                                       0,       0,       .154374, .285505, .560121, 0,
                                       .070110, .061683, .170537, .697670};
    static const int32_t off[] = {0, S};
    const tt_spans spans = {1, off, off, true, 0};
    const tt_attend a = make("scaled-dot", "softmax", "adaptive-span:ramp=2", 1, K, TT_SITE_DEC);
    float x[S * K], z = 1.2f, map[S * S];
    tt_tensor t;
    tt_attend_par par = {.reach = {{.data = &z, .rows = 1, .cols = 1}}};
    wave(&t, x, S, K, 1.3);
    CHECK(tt_attend_whole(&run, &a, &par, (tt_part){&t, 0}, (tt_part){&t, 0}, (tt_part){&t, 0},
                          &spans, map) != NULL);
    for (int i = 0; i < S * S; i++)
        CHECK(fabs((double)map[i] - want[i]) < 2e-6, "span: weight %d is %.7f, expected %.6f", i,
              (double)map[i], want[i]);
    tt_run_reset(&run, NULL);
}

/* Long texts, in blocks, against the weights themselves. */
static void test_linear(void) {
    enum { N = 150, W = 4 };
    static float q[N * W], kv[N * 2 * W], params[512], map[N * N];
    static const int32_t off[] = {0, N};
    for (int causal = 0; causal < 2; causal++) {
        const tt_attend a = make("kernel:features=6", "softmax", "global", 1, W,
                                 causal ? TT_SITE_DEC : TT_SITE_ENC);
        const tt_spans spans = {1, off, off, causal, 0};
        tt_attend_par par = {0};
        wave(&par.align[0], params, 6, W, .2);
        for (int i = 0; i < N * W; i++) q[i] = (float)tt_rand_normal(11, (uint64_t)i);
        for (int i = 0; i < N * 2 * W; i++) kv[i] = (float)tt_rand_normal(12, (uint64_t)i);
        tt_tensor tq = {.data = q, .rows = N, .cols = W},
                  tkv = {.data = kv, .rows = N, .cols = 2 * W};
        const tt_part k = tt_attend_key(&run, &a, &par, (tt_part){&tkv, 0},
                                        &(tt_key_rows){1, off, NULL}),
                      v = {&tkv, W};
        const tt_tensor *y = tt_attend_whole(&run, &a, &par, (tt_part){&tq, 0}, k, v, &spans, map);
        const tt_tensor *z = tt_attend_whole(&run, &a, &par, (tt_part){&tq, 0}, k, v, &spans, NULL);
        double worst = 0;
        for (int i = 0; y && z && i < N * W; i++)
            worst = fmax(worst, fabs((double)(y->data[i] - z->data[i])));
        CHECK(y && z && worst < 1e-5, "causal %d: %g apart", causal, worst);
        tt_run_reset(&run, NULL);
    }
}

/* Random numbers, and parameters of deviation 0.5. */
static void fill(float *x, size_t n, uint64_t key) {
    for (size_t i = 0; i < n; i++) x[i] = (float)tt_rand_normal(key, i);
}

static void visit_random(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    float **data = ctx;
    (void)offset;
    t->data = *data;
    for (size_t i = 0; i < tt_tensor_size(t); i++)
        t->data[i] = (float)(p->start + 0.5 * tt_rand_normal(91, (uint64_t)(*data - t->data) + i));
    *data += tt_tensor_size(t);
}

/* Steps over kept keys, in a run of cells and in a list, against whole sequences. */
static void check_steps(const tt_attend *a, const char *name) {
    enum { N = 9, H = 2, W = 4, D = H * W, CELLS = 64 };
    static float q[N * D], kv[N * 2 * D], params[8192], keys[CELLS * 256], values[CELLS * D],
        map[H * N * N], row_map[H * N];
    const bool cross = a->site == TT_SITE_CROSS;
    static const int32_t off[] = {0, N};
    const tt_spans spans = {1, off, off, a->site == TT_SITE_DEC, 0};
    tt_attend_par par = {0};
    float *at = params;
    tt_declare d = {.visit = visit_random, .ctx = &at};
    tt_attend_params(a, &par, &d);
    fill(q, N * D, 1), fill(kv, N * 2 * D, 2);
    tt_tensor tq = {.data = q, .rows = N, .cols = D}, tkv = {.data = kv, .rows = N, .cols = 2 * D};
    tt_part key = {&tkv, 0}, value = {&tkv, D};
    const int32_t *rows = tt_attend_mix(&run, a, &par, &key, &value, 1, off), text = N;
    key = tt_attend_key(&run, a, &par, key, &(tt_key_rows){1, rows, NULL});
    const tt_tensor *y = tt_attend_whole(&run, a, &par, (tt_part){&tq, 0}, key, value, &spans, map);
    const int wide = tt_attend_key_width(a);
    for (int i = 0; y && i < N; i++) { /* cell of position j: 2 j in the list, j in the run */
        for (int listed = 0; listed < 2; listed++) {
            int32_t list[CELLS], n = cross ? rows[1] : i + 1, first = 0, position = i;
            for (int j = 0; j < rows[1]; j++) {
                const int c = listed ? 2 * j : j;
                list[j] = c;
                memcpy(keys + c * wide, key.of->data + (size_t)j * (size_t)key.of->cols + key.first,
                       (size_t)wide * sizeof *keys);
                memcpy(values + c * D,
                       value.of->data + (size_t)j * (size_t)value.of->cols + value.first,
                       D * sizeof *values);
            }
            const int32_t *lists[] = {list};
            const tt_reads reads = {.k = keys,
                                    .v = values,
                                    .ld = wide,
                                    .v_ld = D,
                                    .rows = listed ? lists : NULL,
                                    .first = &first,
                                    .n = &n,
                                    .text = cross ? &text : NULL};
            tt_tensor one = {.data = q + i * D, .rows = 1, .cols = D};
            float *maps[] = {row_map};
            if (!cross) { /* the newest key, from those before alone */
                float *newest = keys + list[i] * wide;
                memset(newest, 0x7f, (size_t)wide * sizeof *newest);
                tt_tensor next = {.data = kv + i * 2 * D, .rows = 1, .cols = D};
                const tt_part made = tt_attend_key(&run, a, &par, (tt_part){&next, 0},
                                                   &(tt_key_rows){.before = &reads});
                memcpy(newest, made.of->data + made.first, (size_t)wide * sizeof *newest);
            }
            const tt_tensor *z =
                tt_attend_step(&run, a, &par, (tt_part){&one, 0}, &reads, &position, maps);
            double worst = 0, sum = 0;
            const int keys_of = cross ? N : n;
            for (int c = 0; z && c < D; c++)
                worst = fmax(worst, fabs((double)z->data[c] - (double)y->data[i * D + c]));
            for (int h = 0; h < H; h++)
                for (int j = 0; j < keys_of; j++) {
                    worst = fmax(worst, fabs((double)row_map[h * keys_of + j] -
                                             (double)map[(h * N + i) * N + j]));
                    if (!h) sum += (double)row_map[j];
                }
            CHECK(z && worst < 1e-6, "%s, row %d: step and whole are %g apart", name, i, worst);
            CHECK(!tt_attend_is_probability(a) || fabs(sum - 1) < 1e-5,
                  "%s, row %d: weights sum to %g", name, i, sum);
        }
    }
    tt_run_reset(&run, NULL);
}

static void test_steps(void) {
    const tt_row *align, *dist, *reach;
    for (int i = 0; (align = tt_family_align.row(i)) != NULL; i++)
        for (int j = 0; (dist = tt_family_distribution.row(j)) != NULL; j++)
            for (int k = 0; (reach = tt_family_reach.row(k)) != NULL; k++)
                for (int site = TT_SITE_DEC; site <= TT_SITE_CROSS; site++) {
                    char name[120];
                    tt_err e;
                    const tt_attend a = make(align->name, dist->name, reach->name, 2, 4, site);
                    snprintf(name, sizeof name, "%s %s %s at site %d", align->name, dist->name,
                             reach->name, site);
                    if (!tt_attend_check(&a, &e)) check_steps(&a, name);
                }
}

/* The general text with queries divided by √K beforehand does what the fused one does. */
static void test_fused(void) {
    enum { N = 7, D = 8 };
    float q[N * D], kv[N * 2 * D], scaled[N * D];
    static const int32_t off[] = {0, 3, N};
    fill(q, N * D, 3), fill(kv, N * 2 * D, 4);
    for (int i = 0; i < N * D; i++) scaled[i] = q[i] / 2;
    tt_tensor tq = {.data = q, .rows = N, .cols = D}, ts = {.data = scaled, .rows = N, .cols = D},
              tkv = {.data = kv, .rows = N, .cols = 2 * D};
    const tt_attend fused = make("scaled-dot", "softmax", "global", 2, 4, TT_SITE_DEC),
                    plain = make("dot", "softmax", "global", 2, 4, TT_SITE_DEC);
    tt_attend_par par = {0};
    CHECK(tt_attend_is_fused(&fused) && !tt_attend_is_fused(&plain));
    for (int causal = 0; causal < 2; causal++) {
        const tt_spans spans = {2, off, off, causal, 0};
        const tt_tensor *y = tt_attend_whole(&run, &fused, &par, (tt_part){&tq, 0},
                                             (tt_part){&tkv, 0}, (tt_part){&tkv, D}, &spans, NULL);
        const tt_tensor *z = tt_attend_whole(&run, &plain, &par, (tt_part){&ts, 0},
                                             (tt_part){&tkv, 0}, (tt_part){&tkv, D}, &spans, NULL);
        double worst = 0;
        for (int i = 0; y && z && i < N * D; i++)
            worst = fmax(worst, fabs((double)y->data[i] - (double)z->data[i]));
        CHECK(y && z && worst < 1e-6, "fused and general are %g apart", worst);
        tt_run_reset(&run, NULL);
    }
}

/* Sparse lists against their definitions. */
static void test_lists(void) {
    static const char *const rows[] = {"strided:stride=3", "strided:stride=4,heads=union",
                                       "fixed:stride=4,summary=2", "fixed:stride=5,heads=union",
                                       "fixed:stride=2,summary=9"};
    for (size_t c = 0; c < sizeof rows / sizeof *rows; c++) {
        const tt_attend a = make("scaled-dot", "softmax", rows[c], 2, 4, TT_SITE_ENC);
        const tt_reach *r = (const tt_reach *)a.reach.row;
        const int l = (int)a.reach.set[0], both = a.reach.set[1] != 0, fixed = r == &tt_reach_fixed,
                  summary = fixed ? (int)a.reach.set[2] : 0;
        for (int s = 1; s < 20; s++)
            for (int i = 0; i < s; i++)
                for (int head = 0; head < 2; head++) {
                    int32_t keys[32];
                    const int n = r->list(&a, head, i, s, keys), near = both || !head,
                              far = both || head;
                    int at = 0;
                    for (int j = 0; j < s; j++) {
                        const int away = i > j ? i - j : j - i;
                        const int sees = fixed ? (near && i / l == j / l) ||
                                                     (far && (j % l >= l - summary || j == i))
                                               : (near && away <= l) || (far && away % l == 0);
                        if (!sees) continue;
                        CHECK(at < n && keys[at] == j,
                              "%s: head %d, query %d of %d: key %d is missing", rows[c], head, i, s,
                              j);
                        at++;
                    }
                    CHECK(at == n && n > 0, "%s: head %d, query %d of %d: %d keys, expected %d",
                          rows[c], head, i, s, n, at);
                }
    }
}

/* What may not stand somewhere is refused by name. */
static void test_refusals(void) {
    tt_err e = {0};
    const tt_attend a = make("dot", "softmax", "local", 2, 4, TT_SITE_CROSS);
    CHECK(tt_attend_check(&a, &e) == TT_ECONFIG &&
              strstr(e.msg, "reach local cannot stand in cross-attention"),
          "%s", e.msg);
    static const char *const together[][4] = {
        {"location", "softmax", "low-rank",
         "which align location cannot score; take another of the two"},
        {"kernel", "softmax", "area", "which align kernel cannot score"},
        {"dot", "hard", "low-rank", "distribution hard takes one key; take another of the two"},
        {"scaled-dot", "de-attention", "local-p", "is for weights that sum to 1"},
    };
    for (size_t i = 0; i < sizeof together / sizeof *together; i++) {
        const tt_attend b =
            make(together[i][0], together[i][1], together[i][2], 2, 4, TT_SITE_CROSS);
        CHECK(tt_attend_check(&b, &e) == TT_ECONFIG && strstr(e.msg, together[i][3]), "%s", e.msg);
    }
    const tt_attend c = make("dot", "softmax", "low-rank", 2, 4, TT_SITE_DEC);
    CHECK(tt_attend_check(&c, &e) == TT_ECONFIG &&
              strstr(e.msg, "reach low-rank cannot stand in the decoder's self-attention"),
          "%s", e.msg);
}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e),
          "%s", e.msg);
    test_golden();
    test_span();
    test_low_rank();
    test_area();
    test_linear();
    test_steps();
    test_fused();
    test_lists();
    test_refusals();
    tt_run_close(&run);
    return test_done("t_attend");
}
