/* align_kernel.c: attention by features (Choromanski et al. 2021, Katharopoulos et al. 2020):
 * weights φ(q)·φ(k) / Σ_j φ(q)·φ(k_j), so that G = Σ_j φ(k_j) v_jᵀ and z = Σ_j φ(k_j) serve all
 * queries, o_i = φ(q_i)ᵀ G / φ(q_i)·z, in time that grows with the length and not with its square
 * (linear.c). With x' = x / K^¼ and m features ω_r:
 *   positive  φ_r = exp(ω_r·x' - ‖x'‖² / 2) / √m, of which the mean is exp(q·k / √K); ω are blocks
 *             of K orthogonal rows with the lengths of
 *             normal vectors, drawn once and not learned
 *   relu      φ_r = max(ω_r·x', 0) + 1e-3
 *   elu       φ(x) = elu(x) + 1, m = K
 * Random features are a poor copy of softmax without training, and slower than it below about 2 m
 * tokens.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "attention/parts.h"

static const tt_setting settings[] = {
    {"map", "of queries and keys to features", 0, 0, 2, 0, "positive|relu|elu"},
    {"features", "of a head; 0: K ln K", 0, 0, 4096, 1, NULL},
    {0}};
enum { MAP, FEATURES };
enum { POSITIVE, RELU, ELU };
static const float LEAST = 1e-3f; /* of a feature by relu */

static int features(const tt_attend *a) {
    if (a->align.set[MAP] == ELU) return a->width;
    return a->align.set[FEATURES] != 0 ? (int)a->align.set[FEATURES]
                                       : (int)ceil(a->width * log((double)a->width + 1));
}

static void params(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    if (a->align.set[MAP] == ELU) return;
    tt_declare_param(d, &t[0],
                     &(tt_param){"omega", a->heads * features(a), a->width, .role = TT_SMALL,
                                 .parts = a->heads, .features = true, .fixed = a->width});
}

struct node {
    tt_node node;
    tt_part x;
    const tt_tensor *omega;
    tt_tensor *y;
    int heads, width, m, map;
};

/* A head's columns of x over K^¼, into scaled (N, K), and their ‖·‖² / 2 into half (N). */
static void scale_rows(const struct node *n, int head, float *scaled, double *half) {
    const float root = (float)(1 / sqrt(sqrt((double)n->width)));
    for (int r = 0; r < n->y->rows; r++) {
        const float *x = n->x.of->data + (size_t)r * (size_t)n->x.of->cols +
                         (size_t)(n->x.first + head * n->width);
        float *to = scaled + (size_t)r * (size_t)n->width;
        half[r] = 0;
        for (int i = 0; i < n->width; i++) {
            to[i] = x[i] * root;
            half[r] += (double)to[i] * (double)to[i] / 2;
        }
    }
}

/* Products u (m) of a row become features, in place. exp(u - half) is softmax(u) exp(log Σ exp u -
 * half), of which the kernels do the many exponentials. */
static void finish_row(const tt_kernels *k, const struct node *n, float *u, double half) {
    const size_t m = (size_t)n->m;
    if (n->map == POSITIVE) {
        const double all = (double)k->logsumexp(u, m) - half;
        k->softmax(u, u, 1, m);
        k->scale(u, u, (float)(exp(all) / sqrt((double)n->m)), m);
    } else if (n->map == RELU) {
        for (size_t i = 0; i < m; i++) u[i] = (u[i] > 0 ? u[i] : 0) + LEAST;
    } else {
        for (size_t i = 0; i < m; i++) u[i] = u[i] > 0 ? u[i] + 1 : (float)exp((double)u[i]);
    }
}

static size_t rows_of(const struct node *n) { return (size_t)n->y->rows; }

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    const size_t rows = rows_of(n), m = (size_t)n->m, width = (size_t)n->width;
    float *dx = tt_run_grad_add(run, n->x.of), *g = tt_run_alloc(run, rows * m * sizeof *g),
          *scaled = tt_run_alloc(run, 2 * rows * width * sizeof *scaled);
    double *half = tt_run_alloc(run, 2 * rows * sizeof *half), *sum = half ? half + rows : NULL;
    if (!dx || !g || !scaled || !half) return;
    float *step = scaled + rows * width;
    const float root = (float)(1 / sqrt(sqrt((double)n->width)));
    for (int head = 0; head < n->heads; head++) {
        for (size_t r = 0; r < rows; r++) {
            const size_t at = r * (size_t)n->y->cols + (size_t)head * m;
            const float *y = n->y->data + at, *dy = n->y->grad + at;
            float *to = g + r * m;
            sum[r] = 0;
            for (size_t i = 0; i < m; i++) {
                const float slope = n->map == POSITIVE ? y[i]
                                    : n->map == RELU   ? (y[i] > LEAST ? 1.0f : 0.0f)
                                    : y[i] > 1         ? 1.0f
                                                       : y[i];
                to[i] = dy[i] * slope;
                sum[r] += (double)to[i];
            }
        }
        if (n->map != ELU) {
            scale_rows(n, head, scaled, half);
            run->k->gemm(step, n->width, g, n->m, 1, n->omega->data + (size_t)head * m * width,
                         n->width, 1, TT_GEMM_SET, NULL, (int)rows, n->width, n->m, run->work);
        }
        for (size_t r = 0; r < rows; r++) {
            float *to = dx + r * (size_t)n->x.of->cols + (size_t)(n->x.first + head * n->width);
            const float *by = n->map == ELU ? g + r * m : step + r * width,
                        away = n->map == POSITIVE ? (float)sum[r] : 0;
            for (size_t i = 0; i < width; i++)
                to[i] += n->map == ELU ? by[i] : root * (by[i] - away * scaled[r * width + i]);
        }
    }
}

/* Queries or keys of all heads to their features (N, H m). */
static tt_tensor *map(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part x) {
    struct node n = {.x = x,
                     .omega = &t[0],
                     .heads = a->heads,
                     .width = a->width,
                     .m = features(a),
                     .map = (int)a->align.set[MAP]};
    n.y = x.of ? tt_run_tensor(run, x.of->rows, a->heads * n.m) : NULL;
    if (!n.y) return NULL;
    const size_t rows = rows_of(&n), width = (size_t)n.width;
    float *scaled = tt_run_alloc(run, rows * width * sizeof *scaled);
    double *half = tt_run_alloc(run, rows * sizeof *half);
    if (!scaled || !half) return NULL;
    memset(half, 0, rows * sizeof *half);
    for (int head = 0; head < n.heads; head++) {
        float *to = n.y->data + (size_t)head * (size_t)n.m;
        if (n.map != ELU) {
            scale_rows(&n, head, scaled, half);
            run->k->gemm(to, n.y->cols, scaled, n.width, 1,
                         n.omega->data + (size_t)head * (size_t)n.m * width, 1, n.width,
                         TT_GEMM_SET, NULL, n.y->rows, n.m, n.width, run->work);
        }
        for (size_t r = 0; r < rows; r++, to += n.y->cols) {
            if (n.map == ELU)
                memcpy(to, x.of->data + r * (size_t)x.of->cols + (size_t)(x.first + head * n.width),
                       width * sizeof *to);
            finish_row(run->k, &n, to, half[r]);
        }
    }
    struct node *record = tt_run_record(run, sizeof *record, back);
    if (record) {
        n.node = record->node;
        *record = n;
    }
    return n.y;
}

static tt_tensor *map_key(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part x,
                          const tt_key_rows *rows) {
    (void)rows;
    return map(run, a, t, x);
}

/* ---- the distribution it brings: p = w / Σ w of weights that are not negative, dw = (dp - Σ p dp)
 * / Σ w ---- */

static void weigh(const tt_head *h, float *p, const float *e, int n) {
    double sum = 0;
    (void)h;
    for (int i = 0; i < n; i++) sum += (double)e[i];
    for (int i = 0; i < n; i++) p[i] = sum > 0 ? (float)((double)e[i] / sum) : 0;
}

static void weigh_back(const tt_head *h, float *de, const float *p, const float *e, const float *dp,
                       int n) {
    double sum = 0, dot = 0;
    (void)h;
    for (int i = 0; i < n; i++) {
        sum += (double)e[i];
        dot += (double)p[i] * (double)dp[i];
    }
    for (int i = 0; i < n; i++) de[i] = sum > 0 ? (float)(((double)dp[i] - dot) / sum) : 0;
}

static const tt_dist share = {
    .r = {{"share", "w / Σ w", "Choromanski et al. 2021", NULL}, TT_AT_ALL},
    .is_probability = true,
    .needs_scores = true,
    .weigh = weigh,
    .weigh_back = weigh_back};

const tt_align tt_align_kernel = {.r = {{"kernel", "φ(q)·φ(k), of which a weight is the share",
                                         "Choromanski et al. 2021", settings},
                                        TT_AT_ALL},
                                  .dist = &share,
                                  .key_width = features,
                                  .params = params,
                                  .query = map,
                                  .key = map_key};
