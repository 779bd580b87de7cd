/* align_kernel.c: attention by features (Choromanski et al. 2021, Katharopoulos et al. 2020): weights φ(q)·φ(k) / Σ_j φ(q)·φ(k_j), so that
 * G = Σ_j φ(k_j) v_jᵀ and z = Σ_j φ(k_j) serve all queries, o_i = φ(q_i)ᵀ G / φ(q_i)·z, in time that grows with the length and not
 * with its square (linear.c). With x' = x / K^¼ and m features ω_r:
 *   positive  φ_r = exp(ω_r·x' - ‖x'‖² / 2) / √m, of which the mean is exp(q·k / √K); ω are blocks of K orthogonal rows with the lengths of
 *             normal vectors, drawn once and not learned
 *   relu      φ_r = max(ω_r·x', 0) + 1e-3
 *   elu       φ(x) = elu(x) + 1, m = K
 * Random features are a poor copy of softmax without training, and slower than it below about 2 m tokens.
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

static double feature(int map, double u, double half, int m) {
    if (map == POSITIVE) return exp(u - half) / sqrt((double)m);
    if (map == RELU) return (u > 0 ? u : 0) + 1e-3;
    return u > 0 ? u + 1 : exp(u);
}

/* ω_r·x' of a head into u (m); elu: x itself. Returns ‖x'‖² / 2. */
static double products(const tt_run *run, const struct node *n, int head, const float *x,
                       float *scaled, float *u) {
    const float root = (float)(1 / sqrt(sqrt((double)n->width)));
    double half = 0;
    if (n->map == ELU) {
        memcpy(u, x, (size_t)n->m * sizeof *u);
        return 0;
    }
    for (int i = 0; i < n->width; i++) {
        scaled[i] = x[i] * root;
        half += (double)scaled[i] * (double)scaled[i] / 2;
    }
    run->k->gemm(u, n->m, scaled, n->width, 1,
                 n->omega->data + (size_t)head * (size_t)n->m * (size_t)n->width, 1, n->width,
                 TT_GEMM_SET, NULL, 1, n->m, n->width, run->work);
    return half;
}

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    float *dx = tt_run_grad_add(run, n->x.of);
    float *room = tt_run_alloc(run, (size_t)(2 * n->m + 2 * n->width) * sizeof *room), *u = room,
          *g = room + n->m;
    float *scaled = room ? g + n->m : NULL, *step = room ? scaled + n->width : NULL;
    if (!dx || !room) return;
    const float root = (float)(1 / sqrt(sqrt((double)n->width)));
    for (int r = 0; r < n->y->rows; r++)
        for (int head = 0; head < n->heads; head++) {
            const size_t at =
                (size_t)r * (size_t)n->x.of->cols + (size_t)(n->x.first + head * n->width);
            const float *y = n->y->data + (size_t)r * (size_t)n->y->cols + (size_t)(head * n->m);
            const float *dy = n->y->grad + (size_t)r * (size_t)n->y->cols + (size_t)(head * n->m);
            products(run, n, head, n->x.of->data + at, scaled, u);
            float sum = 0;
            for (int i = 0; i < n->m; i++) {
                const float slope = n->map == POSITIVE ? y[i]
                                    : n->map == RELU   ? (u[i] > 0 ? 1.0f : 0.0f)
                                    : u[i] > 0         ? 1.0f
                                                       : y[i];
                g[i] = dy[i] * slope;
                sum += g[i];
            }
            if (n->map == ELU) {
                run->k->add(dx + at, dx + at, g, (size_t)n->m);
                continue;
            }
            run->k->gemm(step, n->width, g, n->m, 1,
                         n->omega->data + (size_t)head * (size_t)n->m * (size_t)n->width, n->width,
                         1, TT_GEMM_SET, NULL, 1, n->width, n->m, run->work);
            for (int i = 0; i < n->width; i++)
                dx[at + (size_t)i] += root * (step[i] - (n->map == POSITIVE ? sum * scaled[i] : 0));
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
    float *room = tt_run_alloc(run, (size_t)(n.m + n.width) * sizeof *room);
    if (!n.y || !room) return NULL;
    for (int r = 0; r < n.y->rows; r++)
        for (int head = 0; head < n.heads; head++) {
            const float *from =
                x.of->data + (size_t)r * (size_t)x.of->cols + (size_t)(x.first + head * n.width);
            float *to = n.y->data + (size_t)r * (size_t)n.y->cols + (size_t)(head * n.m);
            const double half = products(run, &n, head, from, room + n.m, room);
            for (int i = 0; i < n.m; i++) to[i] = (float)feature(n.map, (double)room[i], half, n.m);
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
