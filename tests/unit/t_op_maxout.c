/* t_op_maxout.c: the larger of each pair, and who gets its gradient. */
#include "unit/taped.h"

#include <math.h>
#include <string.h>

static void check(tt_run *run, bool begun) {
    enum { N = 3, D = 4 };
    float data[N * 2 * D], grad[N * 2 * D];
    int larger[N * D], wrong = 0, how;
    for (int i = 0; i < N * D; i++) { /* the first, the second, equal, infinite */
        const float x = (float)(i - 5);
        data[2 * i] = i % 4 == 3 ? -INFINITY : x;
        data[2 * i + 1] = i % 4 == 0 ? x - 1 : i % 4 == 1 ? x + 0.5f : x;
        larger[i] = i % 4 == 1 || i % 4 == 3;
        grad[2 * i] = grad[2 * i + 1] = begun ? 1.0f : 9999.0f;
    }
    tt_tensor x = {.data = data, .grad = grad, .rows = N, .cols = 2 * D, .has_grad = begun},
              *y = tt_op_maxout(run, &x);
    CHECK(y && y->rows == N && y->cols == D);
    float *g = tt_run_grad(run, y, &how);
    for (int i = 0; i < N * D; i++) {
        wrong += memcmp(&y->data[i], &data[2 * i + larger[i]], sizeof(float)) != 0;
        g[i] = (float)(i + 1) * 0.5f;
    }
    CHECK(!wrong, "%d are not the larger of their pair", wrong);
    tt_run_back(run);
    for (int i = 0; i < N * D; i++)
        for (int j = 0; j < 2; j++) {
            const float want = (begun ? 1 : 0) + (j == larger[i] ? g[i] : 0);
            wrong += grad[2 * i + j] < want || grad[2 * i + j] > want;
        }
    CHECK(!wrong && x.has_grad, "%d gradients", wrong);
    tt_run_reset(run, NULL);
    x.has_grad = false;
    CHECK(tt_op_maxout(run, &x) && !tt_op_maxout(run, NULL));
    tt_run_back(run); /* nothing came of it */
    CHECK(!x.has_grad);
    tt_run_reset(run, NULL);
}

int main(void) {
    with_tape(check, NULL);
    return test_done("t_op_maxout");
}
