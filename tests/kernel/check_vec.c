/* check_vec.c: rows of numbers: sums, scales, dropout, Adam. */
#include "check.h"

VOID_CASE(add, k->add(b[0], s->variant ? b[0] : b[1], b[2], n))
VOID_CASE(scale, k->scale(b[0], s->variant > 1 ? b[0] : b[1], p, n))
VOID_CASE(axpy, k->axpy(b[0], b[1], p, n))
VOID_CASE(round16, k->round16(b[0], s->variant ? b[0] : b[1], n))
VALUE_CASE(sumsq, k->sumsq(b[0], n))
VALUE_CASE(max, k->max(b[0], n))
VALUE_CASE(argmax, k->argmax(b[0], n))
static uint64_t drop_key(const shape *s) {
    return 0x9e3779b97f4a7c15u * (uint64_t)(s->variant + s->n + 1);
}

static uint32_t drop_least(const shape *s) {
    static const uint32_t least[] = {0x1999999au, 0, 0xffffffffu};
    return least[s->variant % 3];
}

VOID_CASE(dropout,
          k->dropout(b[0], s->variant > 2 ? b[0] : b[1], drop_key(s), drop_least(s), 1.1f, n))
VOID_CASE(add_dropout, k->add_dropout(b[0], s->variant > 2 ? b[0] : b[1], b[2], drop_key(s),
                                      drop_least(s), 1.1f, n))

VOID_CASE(adam, k->adam(b[0], b[1], b[2], b[3], 0.7f, 1e-3f, 0.9f, 0.98f, 1.3f, 2.1f, 1e-9f,
                        s->variant ? 0.01f : 0.0f, n))

static void plain_vectors(const tt_kernels *c) {
    enum { N = 333 };
    float x[N], y[N];
    double sq = 0.0;
    fill(x, N, 0);
    for (int i = 0; i < N; i++) sq += (double)x[i] * (double)x[i];
    near("sumsq", c->sumsq(x, N), sq, 1e-9 * sq);
    c->dropout(y, x, 12345, 0x40000000u, 2.0f, N);
    int gone = 0;
    for (int i = 0; i < N; i++) gone += y[i] == 0.0f;
    near("dropout", gone, N / 4.0, 30.0);
    c->round16(y, x, N);
    for (int i = 0; i < N; i++)
        near("round16", (double)y[i], (double)x[i], fabs((double)x[i]) / 256);
    x[100] = 4.0f, x[200] = 4.0f, x[150] = NAN;
    near("argmax", (double)c->argmax(x, N), 100.0, 0.0); /* the first of the greatest */
    near("max", (double)c->max(x, N), 4.0, 0.0);
    float p = 1.0f, m = 0.5f, v = 0.25f, g = 2.0f;
    c->adam(&p, &m, &v, &g, 0.5f, 0.1f, 0.9f, 0.99f, 2.0f, 3.0f, 1e-8f, 0.5f, 1);
    const double m1 = 0.9 * 0.5 + 0.1, v1 = 0.99 * 0.25 + 0.01;
    near("adam", (double)m, m1, 1e-7);
    near("adam", (double)v, v1, 1e-7);
    near("adam", (double)p, 1.0 - 0.1 * (m1 * 2.0 / (sqrt(v1 * 3.0) + 1e-8) + 0.5), 2e-7);
}

static const kcase cases_vectors[] = {
    {"add", 2, VECTOR, sizes_n3, run_add, 12, 1},
    {"scale", 4, VECTOR, sizes_n2, run_scale, 8, 1},
    {"axpy", 2, VECTOR, sizes_n2, run_axpy, 12, 2},
    {"round16", 2, VECTOR, sizes_n2, run_round16, 8, 1},
    {"sumsq", 1, VECTOR, sizes_n1, run_sumsq, 4, 2},
    {"max", 1, VECTOR, sizes_n1, run_max, 4, 1},
    {"argmax", 1, VECTOR, sizes_n1, run_argmax, 4, 1},
    {"dropout", 6, VECTOR, sizes_n2, run_dropout, 8, 1},
    {"add_dropout", 6, VECTOR, sizes_n3, run_add_dropout, 12, 2},
    {"adam", 2, VECTOR, sizes_n4, run_adam, 28, 14},
};
FAMILY(vectors);
PROGRAM(vectors)
