/* t_represent.c: a token of its piece and its characters, against numbers computed in double by
 * another program, and where gradients go. */
#include "nn/represent.h"

#include <math.h>

#include "unit/taped.h"

enum { D = 4, V = 3, ROWS = 5, N = 4 };
static const int32_t off[V + 1] = {0, 2, 3, 6}, row[6] = {1, 4, 0, 2, 2, 3}, ids[N] = {2, 0, -1, 1};
static const struct {
    float a[2], x[D];
} want[N] = {{{0.9835429f, 0.0164571f}, {0.4003178f, -0.5435238f, -0.9876521f, -0.5237376f}},
             {{0.9788490f, 0.0211510f}, {0.8237629f, 0.9072023f, 0.1565641f, -0.7380184f}},
             {{0.9479310f, 0.0520690f}, {0.0000000f, 0.0000000f, 0.0000000f, 0.0000000f}},
             {{0.5198428f, 0.4801572f}, {-0.2390599f, -0.3450680f, -0.1338222f, 0.2004591f}}};

static void check_tokens(tt_run *run, bool begun) {
    float table[V * D], rows[ROWS * D], w[D * D], b[2][D], v[D] = {0.5f, -1, 1.5f, 2}, a[N * 2];
    (void)begun;
    for (int i = 0; i < V * D; i++) table[i] = (float)sin(1 + i);
    for (int i = 0; i < ROWS * D; i++) rows[i] = (float)cos(1 + i);
    for (int i = 0; i < D * D; i++) w[i] = (float)(0.3 * sin(2 + i));
    for (int i = 0; i < D; i++) b[0][i] = 0.1f * (float)(i + 1), b[1][i] = -0.2f * (float)(i + 1);
    const tt_grams grams = {V, off, row};
    const tt_hyper h = {.dim = D, .grams = &grams};
    tt_tensor e = {.data = table, .rows = V, .cols = D};
    tt_represent p = {
        .grams = {.data = rows, .rows = ROWS, .cols = D},
        .w = {.data = w, .rows = D, .cols = D},
        .v = {.data = v, .rows = 1, .cols = D},
        .b = {{.data = b[0], .rows = 1, .cols = D}, {.data = b[1], .rows = 1, .cols = D}}};
    const tt_tensor *x = tt_represent_run(run, &h, &p, &e, ids, N, a);
    CHECK(x && x->rows == N && x->cols == D);
    for (int i = 0; x && i < N; i++) {
        for (int r = 0; r < 2; r++)
            CHECK(fabsf(a[2 * i + r] - want[i].a[r]) < 1e-5f, "token %d: weight %d is %g", i, r,
                  (double)a[2 * i + r]);
        for (int j = 0; j < D; j++)
            CHECK(fabsf(x->data[i * D + j] - want[i].x[j]) < 1e-5f, "token %d, %d: %g", i, j,
                  (double)x->data[i * D + j]);
    }
    tt_run_reset(run, NULL);
}

/* A mean's gradient goes in equal parts to its rows, a row that stands in it twice has two. */
static void check_rows(tt_run *run, bool begun) {
    float rows[ROWS * D] = {0}, grad[ROWS * D];
    int how;
    for (int i = 0; i < ROWS * D; i++) grad[i] = begun ? 1.0f : 9999.0f;
    const tt_grams grams = {V, off, row};
    tt_tensor t = {.data = rows, .grad = grad, .rows = ROWS, .cols = D, .has_grad = begun};
    tt_tensor *y = tt_op_grams(run, &t, &grams, ids, N);
    float *g = y ? tt_run_grad(run, y, &how) : NULL;
    CHECK(g, "%s", run->err.msg);
    for (int i = 0; g && i < N * D; i++) g[i] = (float)(1 + i / D);
    tt_run_back(run);
    static const float part[ROWS] = {4, 1, 2.0f / 3, 1.0f / 3,
                                     1}; /* of tokens 1; 0; 2 twice; 2; 0 */
    for (int i = 0; i < ROWS * D; i++)
        CHECK(fabsf(grad[i] - part[i / D] - (float)begun) < 1e-5f, "row %d: %g", i / D,
              (double)grad[i]);
    tt_run_reset(run, NULL);
}

static void check_place(tt_run *run, bool begun) {
    float data[2 * D] = {1, 2, 3, 4, 5, 6, 7, 8}, grad[2 * D], places[3 * D], slope[3 * D];
    static const int32_t pos[2] = {2, 0};
    int how;
    for (int i = 0; i < 2 * D; i++) grad[i] = begun ? 1.0f : 9999.0f;
    for (int i = 0; i < 3 * D; i++) places[i] = (float)(10 * i), slope[i] = 0;
    tt_tensor x = {.data = data, .grad = grad, .rows = 2, .cols = D, .has_grad = begun},
              p = {.data = places, .grad = slope, .rows = 3, .cols = D, .has_grad = true};
    tt_tensor *y = tt_op_place(run, &x, &p, pos, 3);
    float *g = y ? tt_run_grad(run, y, &how) : NULL;
    CHECK(g && y->data[1] == 3 * 2 + 90 && y->data[D + 3] == 3 * 8 + 30);
    for (int i = 0; g && i < 2 * D; i++) g[i] = (float)i;
    tt_run_back(run);
    CHECK(grad[1] == 3 + (float)begun && grad[2 * D - 1] == 21 + (float)begun);
    CHECK(slope[2 * D + 1] == 1 && slope[3] == 7 && slope[D] == 0);
    tt_run_reset(run, NULL);
    CHECK(!tt_op_place(run, NULL, NULL, pos, 1));
    tt_tensor *z = tt_op_place(run, &x, NULL, NULL, 2);
    CHECK(z && z->data[7] == 16);
    tt_run_reset(run, NULL);
}

int main(void) {
    with_tape(check_tokens, NULL);
    with_tape(check_rows, NULL);
    with_tape(check_place, NULL);
    return test_done("t_represent");
}
