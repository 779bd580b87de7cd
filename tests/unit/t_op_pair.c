/* t_op_pair.c: losses of pairs of rows against their definitions in double precision, and their
 * gradients against differences.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tensor/op.h"
#include "unit/test.h"

enum { N = 5, D = 4, V = 19, WIDE = 6 };

static tt_kernels kernels;
static tt_run run;
static float x[N * D], y[N * D], w[V * D], b[V], tx[N * WIDE], tw[V * WIDE], tb[V];
static float dx[N * D], dy[N * D], dw[V * D], db[V];
static const int32_t gold[N] = {0, 18, 3, 3, 7};

static void fill(float *to, size_t n, uint64_t key) {
    for (size_t i = 0; i < n; i++) to[i] = (float)tt_rand_normal(key, i);
}

/* log softmax of row i. */
static void log_probs(double *to, const float *rows, int i, int d, const float *weights,
                      const float *bias) {
    double sum = 0;
    for (int v = 0; v < V; v++) {
        to[v] = (double)bias[v];
        for (int c = 0; c < d; c++) to[v] += (double)rows[i * d + c] * (double)weights[v * d + c];
        sum += exp(to[v]);
    }
    for (int v = 0; v < V; v++) to[v] -= log(sum);
}

/* Label-smoothed cross-entropy. */
static double xent(const double *lp, int token, double smoothing) {
    double mean = 0;
    for (int v = 0; v < V; v++) mean += lp[v] / V;
    return -(1 - smoothing) * lp[token] - smoothing * mean;
}

static double expected(bool both, double smoothing, double weight) {
    double loss = 0;
    for (int i = 0; i < N; i++) {
        double p[V], q[V], apart = 0, taught = 0;
        log_probs(p, x, i, D, w, b);
        if (both) log_probs(q, y, i, D, w, b);
        else log_probs(q, tx, i, WIDE, tw, tb);
        for (int v = 0; v < V; v++) {
            apart += exp(p[v]) * (p[v] - q[v]) + exp(q[v]) * (q[v] - p[v]);
            taught -= exp(q[v]) * p[v];
        }
        loss += both ? 0.5 * (xent(p, gold[i], smoothing) + xent(q, gold[i], smoothing)) +
                           weight / 4 * apart
                     : (1 - weight) * xent(p, gold[i], smoothing) + weight * taught;
    }
    return loss;
}

static double computed(bool both, bool taped, float smoothing, float weight) {
    tt_tensor ax = {.data = x, .grad = dx, .rows = N, .cols = D},
              ay = {.data = y, .grad = dy, .rows = N, .cols = D},
              aw = {.data = w, .grad = dw, .rows = V, .cols = D},
              ab = {.data = b, .grad = db, .rows = 1, .cols = V},
              atx = {.data = tx, .rows = N, .cols = WIDE},
              atw = {.data = tw, .rows = V, .cols = WIDE}, atb = {.data = tb, .rows = 1, .cols = V};
    const tt_rated one = {&ax, &aw, &ab},
                   other = both ? (tt_rated){&ay, &aw, &ab} : (tt_rated){&atx, &atw, &atb};
    tt_loss loss = {0};
    run.taped = taped;
    tt_op_xent_pair(&run, &one, &other, both, gold, smoothing, weight, &loss);
    CHECK(!run.failed && loss.count == N && loss.nll >= 0);
    tt_run_reset(&run, NULL);
    return loss.loss;
}

static void check_grad(const char *name, bool both, float smoothing, float weight, float *at,
                       const float *grad, size_t n) {
    double diff = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        const float was = at[i], h = 1e-3f;
        at[i] = was + h;
        const double up = expected(both, (double)smoothing, (double)weight);
        volatile float above = at[i];
        at[i] = was - h;
        const double down = expected(both, (double)smoothing, (double)weight);
        const double slope = (up - down) / ((double)above - (double)at[i]);
        at[i] = was;
        diff += (slope - (double)grad[i]) * (slope - (double)grad[i]);
        size += slope * slope;
    }
    CHECK(size > 0 && sqrt(diff / size) < 1e-4, "%s, both %d: %g of its gradient apart", name, both,
          sqrt(diff / size));
}

/* Rows with weights: of the rows one by one, each weighed 2, the losses are twice that of all. */
static void check_weights(bool both) {
    const double all = computed(both, false, 0.1f, 0.5f);
    double sum = 0;
    for (int i = 0; i < N; i++) {
        float own[N] = {0};
        own[i] = 2;
        run.row_weights = own;
        sum += computed(both, false, 0.1f, 0.5f);
    }
    CHECK(fabs(sum - 2 * all) < 1e-6 * fabs(all), "%g, not twice %g", sum, all);
}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e),
          "%s", e.msg);
    fill(x, N * D, 1), fill(y, N * D, 2), fill(w, V * D, 3), fill(b, V, 4), fill(tx, N * WIDE, 5),
        fill(tw, V * WIDE, 6), fill(tb, V, 7);
    for (int both = 0; both < 2; both++)
        for (int smooth = 0; smooth < 2; smooth++) {
            const float smoothing = smooth ? 0.1f : 0, weight = both ? 3.0f : 0.3f;
            const double want = expected(both, (double)smoothing, (double)weight),
                         got = computed(both, true, smoothing, weight);
            CHECK(fabs(got / want - 1) < 1e-6, "both %d: loss %.7f, expected %.7f", both, got,
                  want);
            CHECK(fabs(computed(both, false, smoothing, weight) / want - 1) < 1e-6,
                  "without a tape");
            computed(both, true, smoothing, weight);
            check_grad("x", both, smoothing, weight, x, dx, N * D);
            check_grad("w", both, smoothing, weight, w, dw, V * D);
            check_grad("b", both, smoothing, weight, b, db, V);
            if (both) check_grad("the other x", true, smoothing, weight, y, dy, N * D);
        }
    check_weights(true);
    check_weights(false);
    tt_run_close(&run);
    return test_done("t_op_pair");
}
