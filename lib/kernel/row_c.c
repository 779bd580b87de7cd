/* row_c.c: work on whole rows (normalisation, softmax, loss, one step of attention) in plain C: the
 * definition of these slots. Sums run in 16 lanes joined as halves, as kernel.h says.
 */
#include "kernel/lanes_c.h"
#include "kernel/level.h"
#include "kernel/log_one.h"
#include "kernel/math.inc"

static float join(float *lane) {
    for (int half = 8; half; half /= 2) {
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    }
    return lane[0];
}

static float sum(const float *x, size_t n) {
    float lane[16] = {0};
    for (size_t i = 0; i < n; i++) lane[i % 16] += x[i];
    return join(lane);
}

static float dot(const float *a, const float *b, size_t n) {
    float lane[16] = {0};
    for (size_t i = 0; i < n; i++) lane[i % 16] = fmaf(a[i], b[i], lane[i % 16]);
    return join(lane);
}

/* max s x, 0 in place of -infinity, so that subtracting it is always right */
static float max_scaled(const float *x, float s, size_t n) {
    float lane[16];
    for (int j = 0; j < 16; j++) lane[j] = -INFINITY;
    for (size_t i = 0; i < n; i++) lane[i % 16] = v_max(s * x[i], lane[i % 16]);
    for (int half = 8; half; half /= 2) {
        for (int j = 0; j < half; j++) lane[j] = v_max(lane[j + half], lane[j]);
    }
    return lane[0] == -INFINITY ? 0.0f : lane[0];
}

static void norm(float *y, float *mean, float *rstd, const float *x, const float *gain,
                 const float *bias, float eps, size_t rows, size_t n) {
    for (size_t r = 0; r < rows; r++, x += n, y += n) {
        float lane[16] = {0};
        float mid = sum(x, n) / (float)n;
        for (size_t i = 0; i < n; i++) lane[i % 16] = fmaf(x[i] - mid, x[i] - mid, lane[i % 16]);
        float inv = 1.0f / sqrtf(join(lane) / (float)n + eps);
        for (size_t i = 0; i < n; i++) y[i] = fmaf((x[i] - mid) * inv, gain[i], bias[i]);
        mean[r] = mid;
        rstd[r] = inv;
    }
}

/* With h = (x - mean) rstd and g = dy gain: dx = rstd (g - mean(g) - h mean(g h)). */
static void norm_back(float *dx, float *dgain, float *dbias, const float *dy, const float *x,
                      const float *gain, const float *mean, const float *rstd, size_t rows,
                      size_t n) {
    for (size_t r = 0; r < rows; r++, x += n, dy += n, dx += n) {
        float g_lane[16] = {0}, gh_lane[16] = {0};
        for (size_t i = 0; i < n; i++) {
            float h = (x[i] - mean[r]) * rstd[r], g = dy[i] * gain[i];
            g_lane[i % 16] += g;
            gh_lane[i % 16] = fmaf(g, h, gh_lane[i % 16]);
            dgain[i] = fmaf(dy[i], h, dgain[i]);
            dbias[i] += dy[i];
        }
        float g_mean = join(g_lane) / (float)n, gh_mean = join(gh_lane) / (float)n;
        for (size_t i = 0; i < n; i++) {
            float h = (x[i] - mean[r]) * rstd[r], g = dy[i] * gain[i];
            dx[i] = rstd[r] * fmaf(-h, gh_mean, g - g_mean);
        }
    }
}

static void softmax(float *y, const float *x, float s, size_t n) {
    float top = max_scaled(x, s, n);
    for (size_t i = 0; i < n; i++) y[i] = v_exp(s * x[i] - top);
    float total = sum(y, n), inv = total == 0.0f ? 0.0f : 1.0f / total;
    for (size_t i = 0; i < n; i++) y[i] *= inv;
}

static void softmax_back(float *dx, const float *y, const float *dy, float s, size_t n) {
    float mid = dot(y, dy, n);
    for (size_t i = 0; i < n; i++) dx[i] = s * y[i] * (dy[i] - mid);
}

static float logsumexp(const float *x, size_t n) {
    float lane[16] = {0};
    float top = max_scaled(x, 1.0f, n);
    for (size_t i = 0; i < n; i++) lane[i % 16] += v_exp(x[i] - top);
    return top + log_of(join(lane));
}

static float xent(float *x, size_t gold, float smoothing, float w, float *nll, size_t n) {
    float top = max_scaled(x, 1.0f, n), logit = x[gold], mean = sum(x, n) / (float)n;
    for (size_t i = 0; i < n; i++) x[i] = v_exp(x[i] - top);
    float total = sum(x, n), lse = top + log_of(total);
    float slope = w / total, even = -(w * smoothing / (float)n);
    for (size_t i = 0; i < n; i++) x[i] = fmaf(x[i], slope, even);
    x[gold] -= w * (1.0f - smoothing);
    if (nll) *nll = lse - logit;
    if (smoothing == 0.0f) return lse - logit;
    return (1.0f - smoothing) * (lse - logit) + smoothing * (lse - mean);
}

/* Scores of a head become weights. */
static void weigh(float *probs, float scale, const float *bias, size_t n) {
    for (size_t j = 0; bias && j < n; j++) probs[j] = fmaf(probs[j], scale, bias[j]);
    softmax(probs, probs, bias ? 1.0f : scale, n);
}

static void attend(float *out, float *probs, const float *q, const float *k, const float *v,
                   ptrdiff_t ld, const int32_t *rows, float scale, const float *bias,
                   ptrdiff_t bias_ld, int n, int heads, int width) {
    for (int h = 0; h < heads; h++, q += width, k += width, v += width, probs += n, out += width) {
        for (int j = 0; j < n; j++) {
            probs[j] = dot(q, k + (rows ? rows[j] : j) * ld, (size_t)width);
        }
        weigh(probs, scale, bias ? bias + h * bias_ld : NULL, (size_t)n);
        for (int i = 0; i < width; i++) out[i] = 0.0f;
        for (int j = 0; j < n; j++) {
            const float *row = v + (rows ? rows[j] : j) * ld;
            for (int i = 0; i < width; i++) out[i] = fmaf(probs[j], row[i], out[i]);
        }
    }
}

/* Number i of a head that is kept in 16 bits. */
static float kept(const uint32_t *head, int i) {
    const uint32_t w = head[i / 32 * 16 + i % 16];
    return i % 32 < 16 ? w_lower16(w) : w_upper16(w);
}

static void keep16(uint32_t *dst, const float *x, int heads, int width) {
    for (int h = 0; h < heads; h++, x += width, dst += TT_WORDS16(width)) {
        for (int i = 0; i < width; i += 32) {
            for (int j = i; j < i + 16; j++) {
                const float lower = j < width ? x[j] : 0.0f,
                            upper = j + 16 < width ? x[j + 16] : 0.0f;
                dst[i / 2 + j - i] = v_round16(lower) >> 16 | (v_round16(upper) & 0xffff0000u);
            }
        }
    }
}

static void attend16(float *out, float *probs, const float *q, const uint32_t *k, const uint32_t *v,
                     ptrdiff_t ld, const int32_t *rows, float scale, const float *bias,
                     ptrdiff_t bias_ld, int n, int heads, int width) {
    const size_t words = TT_WORDS16(width);
    for (int h = 0; h < heads; h++, q += width, k += words, v += words, probs += n, out += width) {
        for (int j = 0; j < n; j++) {
            const uint32_t *key = k + (rows ? rows[j] : j) * ld;
            float lane[16] = {0};
            for (int i = 0; i < width; i++) lane[i % 16] = fmaf(q[i], kept(key, i), lane[i % 16]);
            probs[j] = join(lane);
        }
        weigh(probs, scale, bias ? bias + h * bias_ld : NULL, (size_t)n);
        for (int i = 0; i < width; i++) out[i] = 0.0f;
        for (int j = 0; j < n; j++) {
            const uint32_t *row = v + (rows ? rows[j] : j) * ld;
            for (int i = 0; i < width; i++) out[i] = fmaf(probs[j], kept(row, i), out[i]);
        }
    }
}

void tt_fill_row_c(tt_kernels *k) {
    k->norm = norm;
    k->norm_back = norm_back;
    k->softmax = softmax;
    k->softmax_back = softmax_back;
    k->logsumexp = logsumexp;
    k->xent = xent;
    k->attend = attend;
    k->keep16 = keep16;
    k->attend16 = attend16;
}
