/* t_cell.c: recurrent cells against numbers made with PyTorch in double precision; whole sequences
 * against single steps; gradients against differences.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tensor/cell.h"
#include "unit/test.h"

enum { MOST = 4096 };

static tt_kernels kernels;
static tt_run run;

static double wave(int i, double a) { return sin(a + 0.7 * i); }

/* The gates of an LSTM are numbered i, f, o, c̃ in the golden numbers. */
static int number_of(int g, int gates) { return gates == 4 && g >= 2 ? 5 - g : g; }

/* Golden parameters: gate g's U (k, k), row vectors times it, is L(2, 2, 0.1 g + 1). */
static void visit_golden(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    float **at = ctx;
    (void)offset;
    const int first = !strcmp(p->name, "un") ? 2 : 0, k = t->cols;
    t->data = *at;
    for (int r = 0; r < t->rows; r++)
        for (int c = 0; c < k; c++)
            t->data[r * k + c] =
                p->rows == 1
                    ? 0
                    : (float)wave(c * k + r % k, 0.1 * (first + number_of(r / k, p->rows / k)) + 1);
    *at += tt_tensor_size(t);
}

static tt_cell_use use_of(const char *name, tt_pick *pick, tt_cell_par *par, int k) {
    tt_err e = {0};
    CHECK(!tt_pick_read(pick, &tt_family_cell, name, &e), "%s", e.msg);
    *par = (tt_cell_par){0};
    return (tt_cell_use){(const tt_cell *)pick->row, pick->set, par, k, NULL};
}

static void golden(const char *name, const double *want) {
    enum { STEPS = 3, K = 2 };
    static const int32_t off[] = {0, STEPS};
    float params[64], z[STEPS * 8], *at = params;
    tt_pick pick;
    tt_cell_par par;
    tt_cell_use u = use_of(name, &pick, &par, K);
    tt_declare d = {.visit = visit_golden, .ctx = &at};
    u.cell->params(&u, &d);
    const int wide = K * u.cell->gates;
    for (int t = 0; t < STEPS; t++)
        for (int j = 0; j < wide; j++) {
            const int g = number_of(j / K, u.cell->gates);
            double sum = wave(j % K, 0.1 * g + 0.2);
            for (int i = 0; i < K; i++)
                sum += wave(t * K + i, 0.3) * wave(i * K + j % K, 0.1 * g + 0.4);
            z[t * wide + j] = (float)sum;
        }
    tt_tensor tz = {.data = z, .rows = STEPS, .cols = wide};
    const tt_tensor *h = tt_op_scan(&run, &u, &tz, 1, off, TT_SCAN_FORWARD);
    for (int i = 0; h && i < STEPS * K; i++)
        CHECK(fabs((double)h->data[i] - want[i]) < 2e-6, "%s: %d is %.7f, expected %.6f", name, i,
              (double)h->data[i], want[i]);
    CHECK(h != NULL);
    tt_run_reset(&run, NULL);
}

static void visit_random(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    float **at = ctx;
    (void)p, (void)offset;
    const size_t n = tt_tensor_size(t);
    t->data = *at;
    t->grad = *at + n;
    for (size_t i = 0; i < n; i++)
        t->data[i] = (float)(0.5 * tt_rand_normal(7, (uint64_t)(size_t)(t->cols * 1000) + i));
    *at += 2 * n;
}

struct case_ {
    tt_cell_use u;
    tt_tensor z;
    int count;
    const int32_t *off;
    int way;
};

static double weigh(const tt_tensor *y) {
    double sum = 0;
    for (size_t i = 0; y && i < tt_tensor_size(y); i++)
        sum += (double)y->data[i] * (tt_rand_unit(77, i) - 0.3);
    return sum;
}

/* The row of sequence b that a scan takes at step t. */
static int place_of(const struct case_ *c, int b, int t) {
    const int end = c->off[b + 1] - 1;
    if (c->way == TT_SCAN_FORWARD) return c->off[b] + t;
    if (c->way == TT_SCAN_BACKWARD) return end - t;
    return t == end - c->off[b] ? end : end - 1 - t; /* 2 1 0 3 */
}

/* As tt_op_scan, step by step with tt_op_cell; the sequences are of one length. */
static tt_tensor *by_steps(const struct case_ *c) {
    static int32_t at[16][8];
    static const int32_t *places[16];
    static tt_tensor *states[16];
    const int n = c->off[1];
    tt_cell_state s = {tt_run_tensor(&run, c->count, c->u.k),
                       c->u.cell->memory ? tt_run_tensor(&run, c->count, c->u.k) : NULL};
    memset(s.h->data, 0, tt_tensor_size(s.h) * sizeof(float));
    if (s.c) memset(s.c->data, 0, tt_tensor_size(s.c) * sizeof(float));
    for (int t = 0; t < n; t++) {
        for (int b = 0; b < c->count; b++) at[t][b] = place_of(c, b, t);
        s = tt_op_cell(&run, &c->u,
                       tt_op_pick(&run, (tt_tensor *)(uintptr_t)&c->z, at[t], c->count), s);
        places[t] = at[t];
        states[t] = s.h;
    }
    return tt_op_join(&run, states, places, n, c->z.rows);
}

static double forward(struct case_ *c, bool steps) {
    tt_run_reset(&run, NULL);
    run.taped = false;
    return weigh(steps ? by_steps(c) : tt_op_scan(&run, &c->u, &c->z, c->count, c->off, c->way));
}

static void check_gradient(struct case_ *c, const char *name, tt_tensor *t, bool steps) {
    double diff = 0, size = 0;
    for (size_t j = 0; j < tt_tensor_size(t); j++) {
        const float x = t->data[j], h = 1e-2f;
        t->data[j] = x + h;
        const double up = forward(c, steps);
        t->data[j] = x - h;
        const double down = forward(c, steps);
        t->data[j] = x;
        const double num = (up - down) / (2 * (double)h), g = (double)t->grad[j];
        diff += (num - g) * (num - g);
        size += num * num + g * g;
    }
    CHECK(size > 0 && sqrt(diff / size) < 1e-2, "%s: relative difference %g", name,
          size > 0 ? sqrt(diff / size) : 0);
}

static void check_cell(const char *name) {
    static const int32_t uneven[] = {0, 2, 7, 8}, even[] = {0, 4, 8};
    static float params[MOST], z[8 * 12], dz[8 * 12];
    for (int v = 0; v < 6; v++) {
        const bool steps = v >= 3;
        float *at = params;
        tt_pick pick;
        tt_cell_par par;
        struct case_ c = {.u = use_of(name, &pick, &par, 3),
                          .count = steps ? 2 : 3,
                          .off = steps ? even : uneven,
                          .way = v % 3};
        tt_declare d = {.visit = visit_random, .ctx = &at};
        c.u.cell->params(&c.u, &d);
        c.z = (tt_tensor){.data = z, .grad = dz, .rows = 8, .cols = 3 * c.u.cell->gates};
        for (int i = 0; i < 8 * c.z.cols; i++) z[i] = (float)tt_rand_normal(9, (uint64_t)i);
        tt_run_reset(&run, NULL);
        run.taped = true;
        tt_tensor *y = steps ? by_steps(&c) : tt_op_scan(&run, &c.u, &c.z, c.count, c.off, c.way);
        int how;
        float *dy = tt_run_grad(&run, y, &how);
        for (size_t i = 0; i < tt_tensor_size(y); i++) dy[i] = (float)(tt_rand_unit(77, i) - 0.3);
        tt_run_back(&run);
        CHECK(!run.failed, "%s", run.err.msg);
        check_gradient(&c, name, &c.z, steps);
        check_gradient(&c, name, &par.u, steps);
        if (par.un.data) check_gradient(&c, name, &par.un, steps);
        if (par.bn.data) check_gradient(&c, name, &par.bn, steps);
        if (steps) {
            c.z.has_grad = false;
            const double one = forward(&c, true), all = forward(&c, false);
            CHECK(fabs(one - all) < 1e-6, "%s: steps give %g, a scan %g", name, one, all);
        }
    }
    run.taped = false;
    tt_run_reset(&run, NULL);
}

#define NUMBERS(...)                                                                               \
    (const double[]) { __VA_ARGS__ }

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e),
          "%s", e.msg);
    golden("rnn", NUMBERS(.812117, .913834, .987717, .994138, .808140, .900532));
    golden("lstm", NUMBERS(.461316, .521371, .813351, .851855, .686927, .754742));
    golden("gru", NUMBERS(.195602, .159479, .313417, .234455, .209534, .361813));
    golden("gru:reset=after", NUMBERS(.195602, .159479, .313298, .234516, .199792, .370222));
    check_cell("rnn");
    check_cell("rnn:activation=sigmoid");
    check_cell("lstm");
    check_cell("gru");
    check_cell("gru:reset=after");
    tt_run_close(&run);
    return test_done("t_cell");
}
