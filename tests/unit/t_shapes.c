/* t_shapes.c: an op that is given tensors of other shapes than op.h says ends the test at its
 * assert, before a number beside the tensors is read; given the right ones it does not. Each call
 * runs in a process of its own. A tensor "of 3 by 4" has room for 64 numbers, so nothing but the
 * assert could end the process.
 */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tensor/op.h"
#include "unit/test.h"

enum { ROOM = 64 };
static float numbers[12][ROOM];

/* The i-th tensor, (rows, cols). */
static tt_tensor *of(tt_run *run, int i, int rows, int cols) {
    tt_tensor *t = tt_run_tensor(run, rows, cols);
    t->data = numbers[i];
    return t;
}

/* The calls: each once as op.h says (wrong is 0) and with shapes wrong in one way after another. */
static void linear(tt_run *r, int wrong) {
    tt_op_linear(r, of(r, 0, 3, wrong == 1 ? 5 : 4), of(r, 1, 2, 4),
                 of(r, 2, 1, wrong == 2 ? 3 : 2), wrong == 3 ? TT_ACT_COUNT : TT_ACT_NONE);
}

static void residual(tt_run *r, int wrong) {
    tt_op_residual(r, of(r, 0, wrong == 1 ? 2 : 3, 4), of(r, 1, 3, wrong == 2 ? 5 : 4),
                   wrong == 3 ? 1.0f : 0.0f);
}

static void norm(tt_run *r, int wrong) {
    tt_op_norm(r, of(r, 0, 3, 4), of(r, 1, wrong == 1 ? 2 : 1, wrong == 2 ? 3 : 4),
               of(r, 2, 1, wrong == 3 ? 5 : 4), 1e-6f);
}

static void rms(tt_run *r, int wrong) {
    tt_op_rms(r, of(r, 0, 3, 4), of(r, 1, wrong == 1 ? 2 : 1, wrong == 2 ? 3 : 4),
              wrong == 3 ? 0 : 1e-6f);
}

static void glu(tt_run *r, int wrong) { tt_op_glu(r, of(r, 0, 3, wrong ? 5 : 4), TT_ACT_SIGMOID); }

static void maxout(tt_run *r, int wrong) { tt_op_maxout(r, of(r, 0, 3, wrong ? 5 : 4)); }

static void embed(tt_run *r, int wrong) {
    const int32_t ids[2] = {0, wrong == 1 ? 5 : 4}, pos[2] = {0, wrong == 2   ? 3
                                                                 : wrong == 3 ? -1
                                                                              : 2};
    tt_op_embed(r, of(r, 0, 5, 4), of(r, 1, 3, wrong == 4 ? 3 : 4), ids, pos, 2, 1);
}

static void attend(tt_run *r, int wrong) {
    const int32_t q_off[3] = {0, 1, wrong == 1 ? 4 : 3}, k_off[3] = {0, 2, wrong == 2 ? 4 : 5};
    const tt_spans spans = {.count = 2, .q_off = q_off, .k_off = k_off};
    tt_op_attend(r, (tt_part){of(r, 0, 3, 4), wrong == 3},
                 (tt_part){of(r, 1, 5, wrong == 4 ? 3 : 4), 0}, (tt_part){of(r, 2, 5, 4), 0}, NULL,
                 4, wrong == 5 ? 3 : 2, &spans, 0, NULL);
}

static void ssru(tt_run *r, int wrong) {
    const int32_t off[3] = {0, 1, wrong == 1 ? 4 : 3};
    tt_op_ssru(r, of(r, 0, 3, wrong == 2 ? 5 : 4), 2, off);
}

static void average(tt_run *r, int wrong) {
    const int32_t off[3] = {wrong == 2, 1, wrong == 1 ? 2 : 3};
    tt_op_average(r, of(r, 0, 3, 4), 2, off);
}

static void gate(tt_run *r, int wrong) {
    tt_op_gate(r, of(r, 0, 3, 4), of(r, 1, wrong == 1 ? 2 : 3, 4), of(r, 2, 3, wrong == 2 ? 5 : 4),
               of(r, 3, 3, wrong == 3 ? 5 : 4));
}

static void act(tt_run *r, int wrong) {
    tt_op_act(r, of(r, 0, 3, 4), wrong ? TT_ACT_NONE : TT_ACT_TANH);
}

static void pick(tt_run *r, int wrong) {
    const int32_t at[2] = {wrong == 1 ? -1 : 0, wrong == 2 ? 3 : 2};
    tt_op_pick(r, of(r, 0, 3, 4), at, 2);
}

static void join(tt_run *r, int wrong) {
    const int32_t first[2] = {0, wrong == 1 ? 3 : 2},
                  second[1] = {1}, *const at[2] = {first, second};
    tt_tensor *const x[2] = {of(r, 0, 2, 4), of(r, 1, 1, wrong == 2 ? 3 : 4)};
    tt_op_join(r, x, at, 2, 3);
}

static void beside(tt_run *r, int wrong) {
    tt_op_beside(r, (tt_part){of(r, 0, 3, 4), 0}, wrong == 1 ? 5 : 4,
                 (tt_part){of(r, 1, wrong == 2 ? 2 : 3, 2), wrong == 3}, 2);
}

static void coattend(tt_run *r, int wrong) {
    const int32_t off[3] = {0, 1, wrong == 1 ? 2 : 3};
    tt_op_coattend(r, of(r, 0, 3, wrong == 2 ? 3 : 4), of(r, 1, wrong == 3 ? 2 : 3, 4),
                   of(r, 2, 3, 4), 1, off);
}

static void blend(tt_run *r, int wrong) {
    tt_tensor *const x[2] = {of(r, 0, 3, 4), of(r, 1, wrong == 1 ? 2 : 3, wrong == 2 ? 5 : 4)},
                     *const e[2] = {of(r, 2, 3, 1), of(r, 3, 3, wrong == 3 ? 2 : 1)};
    tt_op_blend(r, x, e, 2);
}

static void emphasise(tt_run *r, int wrong) {
    const int32_t off[2] = {0, wrong == 1 ? 2 : 3};
    tt_op_emphasise(r, of(r, 0, 3, 4), of(r, 1, wrong == 2 ? 2 : 3, wrong == 3 ? 2 : 1), 1, off,
                    NULL);
}

static void xent(tt_run *r, int wrong) {
    const int32_t gold[2] = {0, wrong == 1 ? 5 : 4};
    tt_loss loss = {0};
    tt_op_xent(r, of(r, 0, 2, 4), of(r, 1, 5, wrong == 2 ? 3 : 4), of(r, 2, 1, wrong == 3 ? 4 : 5),
               gold, 0, &loss, NULL);
}

static void xent_pair(tt_run *r, int wrong) {
    const int32_t gold[2] = {0, wrong == 1 ? -1 : 4};
    const tt_rated one = {of(r, 0, 2, 4), of(r, 1, 5, 4), of(r, 2, 1, 5)},
                   other = {of(r, 3, wrong == 2 ? 3 : 2, 2), of(r, 4, wrong == 3 ? 4 : 5, 2),
                            of(r, 5, 1, wrong == 4 ? 4 : 5)};
    tt_loss loss = {0};
    tt_op_xent_pair(r, &one, &other, false, gold, 0, 0.5f, &loss);
}

static void xent_sampled(tt_run *r, int wrong) {
    const int32_t gold[2] = {0, wrong == 1 ? 5 : 4};
    const float chance[5] = {1, 1, 0.5f, 1, 1};
    tt_loss loss = {0};
    tt_op_xent_sampled(r, of(r, 0, 2, 4), of(r, 1, 5, wrong == 2 ? 3 : 4),
                       of(r, 2, 1, wrong == 3 ? 4 : 5), gold, 0, chance, &loss);
}

static const struct call {
    const char *name;
    void (*call)(tt_run *run, int wrong);
    int ways; /* to be wrong */
} calls[] = {
    {"linear", linear, 3},
    {"residual", residual, 3},
    {"norm", norm, 3},
    {"rms", rms, 3},
    {"glu", glu, 1},
    {"maxout", maxout, 1},
    {"embed", embed, 4},
    {"attend", attend, 5},
    {"ssru", ssru, 2},
    {"average", average, 2},
    {"gate", gate, 3},
    {"act", act, 1},
    {"pick", pick, 2},
    {"join", join, 2},
    {"beside", beside, 3},
    {"coattend", coattend, 3},
    {"blend", blend, 3},
    {"emphasise", emphasise, 3},
    {"xent", xent, 3},
    {"xent_pair", xent_pair, 4},
    {"xent_sampled", xent_sampled, 3},
};

/* How a process that makes the call ends: its status as wait tells it. */
static int ending(const struct call *c, int wrong) {
    const pid_t child = fork();
    int status = -1;
    if (!child) {
        const struct rlimit none = {0, 0};
        tt_kernels k;
        tt_run run;
        tt_err e;
        setrlimit(RLIMIT_CORE, &none);
        close(STDERR_FILENO); /* what the assert says */
        if (tt_kernels_init(&k, NULL, &e) || tt_run_open(&run, &k, 0, &e)) _exit(2);
        c->call(&run, wrong);
        _exit(run.failed ? 3 : 0);
    }
    return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

int main(void) {
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < ROOM; j++) numbers[i][j] = 0.01f * (float)((i + 3) * j % 17);
    for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
        for (int wrong = 0; wrong <= calls[c].ways; wrong++) {
            const int status = ending(&calls[c], wrong);
            if (!wrong) CHECK(WIFEXITED(status) && !WEXITSTATUS(status), "%s", calls[c].name);
            else
                CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
                      "%s went on with wrong shapes, way %d: status %x", calls[c].name, wrong,
                      (unsigned)status);
        }
    return test_done("t_shapes");
}
