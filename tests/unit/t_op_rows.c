/* t_op_rows.c: rows picked, joined and put side by side, and their gradients, which add to what is
 * there: each number of a result is one of an input, so all is exact.
 */
#include "tensor/op.h"
#include "unit/test.h"

#include <string.h>

enum { D = 5, MOST = 200 };

static tt_kernels kernels;
static tt_run run;

/* A tensor whose numbers say which they are; its gradient has been 1 so far if `begun`, else it is
 * old rubbish. */
static tt_tensor make(float *room, int rows, int cols, int first, bool begun) {
    const int n = rows * cols;
    for (int i = 0; i < n; i++) room[i] = (float)(first + i), room[n + i] = begun ? 1.0f : 9999.0f;
    return (tt_tensor){
        .data = room, .grad = room + n, .rows = rows, .cols = cols, .has_grad = begun};
}

/* The gradient of number i of y is 0.25 (i + 1). */
static void go_back(tt_tensor *y) {
    int how;
    float *g = tt_run_grad(&run, y, &how);
    CHECK(how == TT_GEMM_SET);
    for (size_t i = 0; i < tt_tensor_size(y); i++) g[i] = 0.25f * (float)(i + 1);
    tt_run_back(&run);
}

static float grad_of(const tt_tensor *y, int row, int col) {
    return 0.25f * (float)(row * y->cols + col + 1);
}

static int differs(float a, float b) { return a < b || a > b; }

static void test_pick(bool begun) {
    static const int32_t at[] = {3, 0, 3, 3, 1}; /* row 2 is not picked */
    float room[MOST];
    tt_tensor x = make(room, 4, D, 10, begun), *y = tt_op_pick(&run, &x, at, 5);
    int wrong = !y || y->rows != 5 || y->cols != D;
    for (int r = 0; !wrong && r < 5; r++)
        wrong = memcmp(y->data + r * D, x.data + at[r] * D, D * sizeof(float)) != 0;
    CHECK(!wrong);
    go_back(y);
    for (int r = 0; r < 4; r++)
        for (int c = 0; c < D; c++) {
            float want = begun ? 1 : 0;
            for (int i = 0; i < 5; i++) want += at[i] == r ? grad_of(y, i, c) : 0;
            wrong += differs(x.grad[r * D + c], want);
        }
    CHECK(!wrong && x.has_grad, "%d gradients of picked rows", wrong);
    tt_run_reset(&run, NULL);
}

static void test_join(bool begun) {
    static const int32_t first[] = {4, 0}, second[] = {2}, third[] = {1, 5, 3};
    static const int32_t *const at[] = {first, second, third};
    float room[3][MOST];
    tt_tensor a = make(room[0], 2, D, 100, begun), b = make(room[1], 1, D, 200, false),
              c = make(room[2], 3, D, 300, begun);
    tt_tensor *const x[] = {&a, &b, &c};
    tt_tensor *y = tt_op_join(&run, x, at, 3, 6);
    int wrong = !y || y->rows != 6 || y->cols != D;
    for (int i = 0; !wrong && i < 3; i++)
        for (int r = 0; r < x[i]->rows; r++)
            wrong += memcmp(y->data + at[i][r] * D, x[i]->data + r * D, D * sizeof(float)) != 0;
    CHECK(!wrong);
    go_back(y);
    for (int i = 0; i < 3; i++)
        for (int r = 0; r < x[i]->rows; r++)
            for (int k = 0; k < D; k++)
                wrong += differs(x[i]->grad[r * D + k],
                                 (begun && i != 1 ? 1 : 0) + grad_of(y, at[i][r], k));
    CHECK(!wrong, "%d gradients of joined rows", wrong);
    CHECK(!tt_op_join(&run, (tt_tensor *const[]){&a, NULL}, at, 2, 3) &&
          !tt_op_join(&run, NULL, NULL, 0, 0));
    tt_run_reset(&run, NULL);
}

/* Columns 1-3 of one and 2-5 of the other; then twice the same tensor. */
static void test_beside(bool begun) {
    float room[2][MOST];
    tt_tensor a = make(room[0], 3, 4, 0, begun), b = make(room[1], 3, 7, 100, begun);
    tt_tensor *y = tt_op_beside(&run, (tt_part){&a, 1}, 3, (tt_part){&b, 2}, 4);
    int wrong = !y || y->rows != 3 || y->cols != 7;
    for (int r = 0; !wrong && r < 3; r++)
        for (int c = 0; c < 7; c++)
            wrong +=
                differs(y->data[r * 7 + c], c < 3 ? a.data[r * 4 + 1 + c] : b.data[r * 7 + c - 1]);
    CHECK(!wrong);
    go_back(y);
    const float old = begun ? 1 : 0;
    for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 4; c++)
            wrong += differs(a.grad[r * 4 + c], old + (c >= 1 ? grad_of(y, r, c - 1) : 0));
        for (int c = 0; c < 7; c++)
            wrong += differs(b.grad[r * 7 + c], old + (c >= 2 && c < 6 ? grad_of(y, r, c + 1) : 0));
    }
    CHECK(!wrong, "%d gradients of columns side by side", wrong);
    tt_run_reset(&run, NULL);

    a = make(room[0], 2, 3, 0, begun);
    y = tt_op_beside(&run, (tt_part){&a, 0}, 2, (tt_part){&a, 1}, 2);
    go_back(y);
    for (int r = 0; r < 2; r++) {
        wrong += differs(a.grad[r * 3], old + grad_of(y, r, 0)) +
                 differs(a.grad[r * 3 + 2], old + grad_of(y, r, 3));
        wrong += differs(a.grad[r * 3 + 1], old + grad_of(y, r, 1) + grad_of(y, r, 2));
    }
    CHECK(!wrong, "a tensor beside itself");
    tt_run_reset(&run, NULL);
}

/* A result that nothing came of moves nothing back; without memory there is none, and the run says
 * so. */
static void test_nothing(void) {
    static const int32_t at[] = {0};
    float room[MOST];
    tt_err e;
    tt_tensor x = make(room, 2, D, 0, false);
    CHECK(tt_op_pick(&run, &x, at, 1) &&
          tt_op_beside(&run, (tt_part){&x, 0}, 2, (tt_part){&x, 0}, 2));
    tt_run_back(&run);
    CHECK(!x.has_grad && x.grad[0] > 9998);
    CHECK(!tt_op_pick(&run, NULL, at, 1) &&
          !tt_op_beside(&run, (tt_part){NULL, 0}, 1, (tt_part){&x, 0}, 1));
    tt_run_reset(&run, NULL);
    tt_run small;
    CHECK(!tt_run_open(&small, &kernels, 64, &e));
    CHECK(!tt_op_pick(&small, &x, at, 1) && small.failed == TT_ENOMEM);
    tt_run_close(&small);
}

int main(void) {
    tt_err e;
    CHECK(!tt_kernels_init(&kernels, NULL, &e) && !tt_run_open(&run, &kernels, 0, &e));
    run.taped = true;
    for (int begun = 0; begun < 2; begun++) {
        test_pick(begun);
        test_join(begun);
        test_beside(begun);
    }
    test_nothing();
    tt_run_close(&run);
    return test_done("t_op_rows");
}
