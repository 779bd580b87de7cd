/* vec_c.c: work on numbers one by one, in plain C: the definition of these slots. */
#include "kernel/lanes_c.h"
#include "kernel/level.h"
#include "kernel/math.inc"

static void add(float *y, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

static void scale(float *y, const float *x, float s, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = s * x[i];
}

static void axpy(float *y, const float *x, float s, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = fmaf(s, x[i], y[i]);
}

static void add_rows(float *y, const float *x, size_t rows, size_t n) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < n; i++) y[i] += x[r * n + i];
    }
}

static void round16(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = w_upper16(v_round16(x[i]));
}

static double sumsq(const float *x, size_t n) {
    double lane[16] = {0};
    for (size_t i = 0; i < n; i++) lane[i % 16] = fma((double)x[i], (double)x[i], lane[i % 16]);
    for (int half = 8; half; half /= 2) {
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    }
    return lane[0];
}

static float max(const float *x, size_t n) {
    float lane[16];
    for (int j = 0; j < 16; j++) lane[j] = -INFINITY;
    for (size_t i = 0; i < n; i++) lane[i % 16] = v_max(x[i], lane[i % 16]);
    for (int half = 8; half; half /= 2) {
        for (int j = 0; j < half; j++) lane[j] = v_max(lane[j + half], lane[j]);
    }
    return lane[0];
}

static size_t argmax(const float *x, size_t n) {
    size_t best = 0;
    float most = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (x[i] > most) {
            most = x[i];
            best = i;
        }
    }
    return best;
}

static void act(float *y, const float *x, int kind, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = v_act(kind, x[i]);
}

static void act_back(float *dx, const float *x, const float *dy, int kind, size_t n) {
    for (size_t i = 0; i < n; i++) dx[i] = dy[i] * v_act_slope(kind, x[i]);
}

/* Whether element i is kept: a hash of i and the key, against the threshold. */
static int kept(size_t i, uint64_t key, uint32_t drop) {
    uint32_t h = (uint32_t)i * 0x9e3779b9u + (uint32_t)key;
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= h >> 15;
    h ^= (uint32_t)(key >> 32);
    h *= 0x846ca68bu;
    h ^= h >> 16;
    return h >= drop;
}

static void dropout(float *y, const float *x, uint64_t key, uint32_t drop, float s, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = kept(i, key, drop) ? x[i] * s : 0.0f;
}

static void add_dropout(float *y, const float *base, const float *x, uint64_t key, uint32_t drop,
                        float s, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = base[i] + (kept(i, key, drop) ? x[i] * s : 0.0f);
}

static void adam(float *p, float *m, float *v, const float *g, float s, float rate, float b1,
                 float b2, float c1, float c2, float eps, float decay, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float gs = g[i] * s;
        m[i] = fmaf(b1, m[i], (1.0f - b1) * gs);
        v[i] = fmaf(b2, v[i], (1.0f - b2) * (gs * gs));
        float step = m[i] * c1 / (sqrtf(v[i] * c2) + eps);
        p[i] = fmaf(-rate, fmaf(decay, p[i], step), p[i]);
    }
}

void tt_fill_vec_c(tt_kernels *k) {
    k->add = add;
    k->scale = scale;
    k->axpy = axpy;
    k->add_rows = add_rows;
    k->round16 = round16;
    k->sumsq = sumsq;
    k->max = max;
    k->argmax = argmax;
    k->act = act;
    k->act_back = act_back;
    k->dropout = dropout;
    k->add_dropout = add_dropout;
    k->adam = adam;
}
