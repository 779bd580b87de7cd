/* recompute.c: see recompute.h. On the way back the part's tape is its own: it is walked to its
 * beginning, and its memory is free again before the part in front of it is made. The gradients
 * that leave the part, of x and other, have their memory before.
 */
#include "tensor/recompute.h"

#include <string.h>

struct node {
    tt_node node;
    tt_part_fn *fn;
    void *ctx;
    tt_tensor *x, *other, *y;
    uint64_t drawn; /* ops that had drawn random numbers */
};

/* Memory for a gradient that has none; nothing is in it yet. */
static void reserve_grad(tt_run *run, tt_tensor *t) {
    int how;
    if (t && !t->grad && tt_run_grad(run, t, &how)) t->has_grad = false;
}

static void back(tt_run *run, tt_node *node) {
    const struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    reserve_grad(run, n->x);
    reserve_grad(run, n->other);
    const tt_mark mark = tt_arena_mark(run->arena);
    const uint64_t drawn = run->drawn;
    run->drawn = n->drawn;
    run->last = NULL;
    tt_tensor *y = n->fn(run, n->ctx, n->x);
    if (y) {
        y->grad = n->y->grad;
        y->has_grad = true;
        tt_run_back(run);
    }
    run->drawn = drawn;
    tt_arena_rewind(run->arena, mark);
}

tt_tensor *tt_recompute(tt_run *run, tt_part_fn *fn, void *ctx, tt_tensor *x, tt_tensor *other) {
    if (!run->taped) return fn(run, ctx, x);
    tt_tensor *y = x ? tt_run_tensor(run, x->rows, x->cols) : NULL;
    if (!y) return NULL;
    const tt_mark mark = tt_arena_mark(run->arena);
    const uint64_t drawn = run->drawn;
    run->taped = false;
    const tt_tensor *result = fn(run, ctx, x);
    run->taped = true;
    if (!result) return NULL;
    memcpy(y->data, result->data, tt_tensor_size(y) * sizeof *y->data);
    tt_arena_rewind(run->arena, mark);
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->fn = fn, n->ctx = ctx, n->x = x, n->other = other, n->y = y, n->drawn = drawn;
    return y;
}
