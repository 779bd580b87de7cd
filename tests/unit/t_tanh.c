/* t_tanh.c: the hyperbolic tangent against libm in double precision, over all sizes of numbers, and
 * its gradient. */
#include "unit/taped.h"

#include <math.h>

enum { N = 4001 };

static void check(tt_run *run, bool begun) {
    static float data[N], grad[N];
    double worst = 0, worst_back = 0;
    int how;
    for (int i = 0; i < N; i++) {
        data[i] = (float)(pow(2, (i - N / 2) % 30 / 2.0 - 12) * (i % 2 ? 1 : -1));
        grad[i] = begun ? 1.0f : 9999.0f;
    }
    tt_tensor x = {.data = data, .grad = grad, .rows = 1, .cols = N, .has_grad = begun},
              *y = tt_op_tanh(run, &x);
    CHECK(y && y->rows == 1 && y->cols == N);
    float *g = tt_run_grad(run, y, &how);
    for (int i = 0; i < N; i++) {
        worst = fmax(worst, fabs((double)y->data[i] - tanh((double)data[i])));
        g[i] = (float)(i % 7 - 3);
    }
    CHECK(worst < 2e-7, "off by %g", worst);
    tt_run_back(run);
    for (int i = 0; i < N; i++) {
        const double slope = 1 / cosh((double)data[i]) / cosh((double)data[i]);
        worst_back =
            fmax(worst_back, fabs((double)grad[i] - (begun ? 1 : 0) - (double)g[i] * slope));
    }
    CHECK(worst_back < 3e-6, "gradient off by %g", worst_back);
    tt_run_reset(run, NULL);
}

static void check_ends(tt_run *run) {
    static const float x[] = {0, -0.0f, INFINITY, -INFINITY, 100, -100, 1e-30f, NAN};
    float y[8];
    CHECK(!tt_op_tanh(run, NULL));
    tt_tanh(run->k, y, x, 8);
    CHECK(!(y[0] < 0 || y[0] > 0) && !(y[1] < 0 || y[1] > 0));
    CHECK(y[2] >= 1 && y[2] <= 1 && y[3] >= -1 && y[3] <= -1 && y[4] >= 1 && y[4] <= 1 &&
          y[5] >= -1 && y[5] <= -1);
    CHECK(fabs((double)y[6]) < 1e-7 && isnan(y[7]), "%g %g", (double)y[6], (double)y[7]);
}

int main(void) {
    with_tape(check, check_ends);
    return test_done("t_tanh");
}
