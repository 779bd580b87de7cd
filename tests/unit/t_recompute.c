/* t_recompute.c: parts that are computed again give the gradients of those that are kept, bit for
 * bit, dropout and all, in less memory.
 */
#include "tensor/recompute.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tensor/op.h"
#include "unit/test.h"

enum { ROWS = 40, D = 24, PARTS = 12 };

static tt_kernels kernels;

struct net {
    tt_tensor x, text, w[PARTS], b;
};

/* x + dropout(W relu(x W)), and some of the text. */
static tt_tensor *part(tt_run *run, void *ctx, tt_tensor *x) {
    tt_tensor *const *at = ctx; /* w, b, text */
    tt_tensor *y = tt_op_linear(run, x, at[0], at[1], TT_ACT_RELU);
    y = tt_op_linear(run, y, at[0], at[1], TT_ACT_SWISH);
    y = tt_op_residual(run, y, tt_op_tanh(run, at[2]), 0.3f);
    return tt_op_residual(run, x, y, 0.2f);
}

/* The gradients of all, and the most memory. */
static size_t run_net(struct net *n, float *grads, bool again, int failing) {
    tt_run run;
    tt_err e = {0};
    size_t at = 0;
    tt_tensor *args[PARTS][3];
    CHECK(!tt_run_open(&run, &kernels, failing ? 100000 : 0, &e), "%s", e.msg);
    run.taped = run.drop = true;
    run.key = 11;
    tt_tensor *all[PARTS + 3] = {&n->x, &n->text, &n->b};
    for (int i = 0; i < PARTS; i++) all[i + 3] = &n->w[i];
    for (int i = 0; i < PARTS + 3; i++) {
        all[i]->grad = grads + at, all[i]->has_grad = false;
        at += tt_tensor_size(all[i]);
    }
    tt_tensor *x = tt_op_residual(&run, NULL, &n->x, 0.1f),
              *text = tt_op_residual(&run, NULL, &n->text, 0.1f);
    for (int i = 0; i < PARTS; i++) {
        args[i][0] = &n->w[i], args[i][1] = &n->b, args[i][2] = text;
        x = again ? tt_recompute(&run, part, args[i], x, text) : part(&run, args[i], x);
    }
    int how;
    float *dy = x ? tt_run_grad(&run, x, &how) : NULL;
    for (int i = 0; dy && i < ROWS * D; i++) dy[i] = (float)tt_rand_normal(21, (uint64_t)i);
    tt_run_back(&run);
    CHECK(failing ? run.failed == TT_ENOMEM : !run.failed, "%s", run.err.msg);
    const size_t peak = tt_arena_peak(run.arena);
    tt_run_close(&run);
    return peak;
}

static void make(tt_tensor *t, int rows, int cols, uint64_t key) {
    *t = (tt_tensor){
        .rows = rows, .cols = cols, .data = malloc((size_t)(rows * cols) * sizeof(float))};
    for (int i = 0; i < rows * cols; i++)
        t->data[i] = (float)(0.3 * tt_rand_normal(key, (uint64_t)i));
}

int main(void) {
    tt_err e = {0};
    struct net n;
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e), "%s", e.msg);
    make(&n.x, ROWS, D, 1), make(&n.text, ROWS, D, 2), make(&n.b, 1, D, 3);
    for (int i = 0; i < PARTS; i++) make(&n.w[i], D, D, (uint64_t)i + 4);
    const size_t size = 2 * ROWS * D + D + PARTS * D * D;
    float *kept = calloc(size, sizeof *kept), *again = calloc(size, sizeof *again);
    const size_t most = run_net(&n, kept, false, 0), less = run_net(&n, again, true, 0);
    CHECK(!memcmp(kept, again, size * sizeof *kept), "gradients differ");
    CHECK(2 * less < most, "%zu bytes in place of %zu", less, most);
    run_net(&n, again, true, 1); /* no memory is an error like any other */
    for (int i = 0; i < PARTS; i++) free(n.w[i].data);
    free(n.x.data), free(n.text.data), free(n.b.data), free(kept), free(again);
    return test_done("t_recompute");
}
