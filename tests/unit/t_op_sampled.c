/* t_op_sampled.c: a sample of all outputs is the whole cross-entropy; smaller samples are right in
   the mean. */
#include "unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tensor/op.h"

enum { N = 9, D = 16, V = 53 };

struct layer {
    float x[N * D], w[V * D], b[V], chance[V], dw[V * D], db[V];
    tt_tensor tx, tw, tb;
    int32_t gold[N];
};

static tt_kernels kernels;

static void fill(struct layer *l, float chance) {
    for (int i = 0; i < N * D; i++) l->x[i] = (float)tt_rand_normal(1, (uint64_t)i);
    for (int i = 0; i < V * D; i++) l->w[i] = 0.3f * (float)tt_rand_normal(2, (uint64_t)i);
    for (int i = 0; i < V; i++)
        l->b[i] = (float)tt_rand_normal(3, (uint64_t)i), l->chance[i] = chance;
    for (int i = 0; i < N; i++) l->gold[i] = (int32_t)tt_rand_below(4, (uint64_t)i, V);
    memset(l->dw, 0x7f, sizeof l->dw); /* what is old must not shine through */
    memset(l->db, 0x7f, sizeof l->db);
    l->tx = (tt_tensor){.data = l->x, .rows = N, .cols = D};
    l->tw = (tt_tensor){.data = l->w, .grad = l->dw, .rows = V, .cols = D};
    l->tb = (tt_tensor){.data = l->b, .grad = l->db, .rows = 1, .cols = V};
}

static double distance(const float *a, const float *b, int n) {
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, fabs((double)a[i] - (double)b[i]));
    return most;
}

static void check_all(float smoothing) {
    static struct layer whole, part;
    tt_run one, two;
    tt_err e = {0};
    tt_loss a = {0}, b = {0};
    fill(&whole, 1), fill(&part, 1);
    CHECK(!tt_run_open(&one, &kernels, 0, &e) && !tt_run_open(&two, &kernels, 0, &e), "%s", e.msg);
    one.taped = two.taped = true;
    tt_op_xent(&one, &whole.tx, &whole.tw, &whole.tb, whole.gold, smoothing, &a, NULL);
    tt_op_xent_sampled(&two, &part.tx, &part.tw, &part.tb, part.gold, smoothing, part.chance, &b);
    CHECK(fabs(a.loss - b.loss) < 1e-4 && fabs(a.nll - b.nll) < 1e-4 && a.count == b.count, "%g %g",
          a.loss, b.loss);
    CHECK(distance(whole.dw, part.dw, V * D) < 1e-5, "dw differs by %g",
          distance(whole.dw, part.dw, V * D));
    CHECK(distance(whole.db, part.db, V) < 1e-5, "db differs by %g",
          distance(whole.db, part.db, V));
    CHECK(distance(whole.tx.grad, part.tx.grad, N * D) < 1e-5, "dx differs");
    tt_run_close(&one);
    tt_run_close(&two);
}

/* The mean over samples of what stands below one row's softmax, beside the whole sum; and rows
   without a draw get none. */
static void check_mean(float chance) {
    static struct layer l;
    tt_run run;
    tt_err e = {0};
    double sum = 0, whole = 0, z[V];
    int draws = 3000, untouched = 0;
    CHECK(!tt_run_open(&run, &kernels, 0, &e), "%s", e.msg);
    fill(&l, chance);
    l.tx.rows = 1;
    for (int v = 0; v < V; v++) {
        z[v] = (double)l.b[v];
        for (int i = 0; i < D; i++) z[v] += (double)l.x[i] * (double)l.w[v * D + i];
        whole += exp(z[v]);
    }
    for (int i = 0; i < draws; i++) {
        tt_loss loss = {0};
        run.key = (uint64_t)i;
        run.taped = i == 0;
        tt_op_xent_sampled(&run, &l.tx, &l.tw, &l.tb, l.gold, 0, l.chance, &loss);
        sum += exp(loss.nll + z[l.gold[0]]);
        for (int v = 0; !i && v < V; v++) untouched += l.db[v] == 0;
        CHECK(!tt_run_reset(&run, &e), "%s", e.msg);
    }
    CHECK(fabs(sum / draws / whole - 1) < 0.03, "mean %g, whole %g", sum / draws, whole);
    CHECK((float)untouched > (float)V * (1 - chance) / 2 && untouched < V,
          "%d rows without a gradient", untouched);
    tt_run_close(&run);
}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e), "%s", e.msg);
    check_all(0);
    check_all(0.1f);
    check_mean(0.25f);
    check_mean(0.6f);
    return test_done("t_op_sampled");
}
