/* run.c: see tensor.h. The tape is a list of records in the arena, newest first, so walking it is
 * the way back. A gradient of an op's result gets its memory when its first contribution arrives.
 */
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "base/rng.h"
#include "tensor/team.h"

int tt_run_open(tt_run *run, const tt_kernels *k, size_t max_bytes, tt_err *e) {
    memset(run, 0, sizeof *run);
    run->k = k;
    run->gemm = k->gemm;
    run->arena = tt_arena_open(max_bytes, e);
    if (!run->arena) return TT_ENOMEM;
    run->work = tt_pages_alloc(sizeof(float) * TT_GEMM_WORK);
    if (!run->work) {
        tt_run_close(run);
        return tt_fail(e, TT_ENOMEM, "out of memory for the workspace of matrix products");
    }
    return 0;
}

void tt_run_close(tt_run *run) {
    tt_arena_close(run->arena);
    free(run->work);
    run->arena = NULL;
    run->work = NULL;
}

int tt_run_reset(tt_run *run, tt_err *e) {
    int failed = run->failed;
    if (failed && e) *e = run->err;
    if (run->team) tt_team_settle(run->team); /* a shortlist's weights lie in the arena */
    tt_arena_reset(run->arena);
    run->last = NULL;
    run->failed = 0;
    run->drawn = 0;
    run->row_losses = run->mean_losses = NULL;
    run->row_weights = NULL;
    run->guide = NULL;
    run->span_price = run->evenness = 0;
    run->guide_loss = 0;
    run->left = NULL;
    run->entered[0] = run->entered[1] = 0;
    return failed;
}

void tt_run_back(tt_run *run) {
    for (tt_node *n = run->last; n && !run->failed; n = n->before) n->back(run, n);
    run->last = NULL;
}

struct entry {
    tt_node node;
    int part;
};

static void leave(tt_run *run, tt_node *node) {
    run->left(run->left_ctx, ((struct entry *)node)->part);
}

void tt_run_enter(tt_run *run, int part) {
    uint64_t *entered = &run->entered[part / 64];
    const uint64_t bit = (uint64_t)1 << part % 64;
    if (!run->left || !run->taped || *entered & bit) return;
    *entered |= bit;
    struct entry *n = tt_run_record(run, sizeof *n, leave);
    if (n) n->part = part;
}

void *tt_run_alloc(tt_run *run, size_t bytes) {
    if (run->failed) return NULL;
    void *p = tt_arena_alloc(run->arena, bytes);
    if (!p)
        run->failed = tt_fail(&run->err, TT_ENOMEM,
                              "out of memory for a batch: %zu bytes more than the %zu held", bytes,
                              tt_arena_peak(run->arena));
    return p;
}

tt_tensor *tt_run_tensor(tt_run *run, int rows, int cols) {
    tt_tensor *t = tt_run_alloc(run, sizeof *t);
    if (!t) return NULL;
    *t = (tt_tensor){.rows = rows, .cols = cols};
    t->data = tt_run_alloc(run, tt_tensor_size(t) * sizeof(float));
    return t->data ? t : NULL;
}

void *tt_run_record(tt_run *run, size_t bytes, void (*back)(tt_run *, tt_node *)) {
    if (!run->taped || run->failed) return NULL;
    tt_node *n = tt_run_alloc(run, bytes);
    if (!n) return NULL;
    memset(n, 0, bytes);
    n->before = run->last;
    n->back = back;
    return run->last = n;
}

float *tt_run_grad(tt_run *run, tt_tensor *t, int *how) {
    if (!t->grad) {
        t->grad = tt_run_alloc(run, tt_tensor_size(t) * sizeof(float));
        if (!t->grad) return NULL;
        t->has_grad = false;
    }
    *how = t->has_grad ? TT_GEMM_ADD : TT_GEMM_SET;
    t->has_grad = true;
    return t->grad;
}

float *tt_run_grad_add(tt_run *run, tt_tensor *t) {
    int how;
    float *g = tt_run_grad(run, t, &how);
    if (g && how == TT_GEMM_SET) memset(g, 0, tt_tensor_size(t) * sizeof *g);
    return g;
}

uint64_t tt_run_draw(tt_run *run) { return tt_key(run->key, run->drawn++); }
