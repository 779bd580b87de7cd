/* op_gate.c: y = σ(a) ∘ x + σ(b) ∘ z, the gate of average attention (Zhang, Xiong and Su 2018):
 *     da = dy ∘ x ∘ σ(a) ∘ (1 - σ(a)),  dx = dy ∘ σ(a); b and z likewise
 */
#include <assert.h>

#include "tensor/op.h"

#ifndef NDEBUG
static bool same_shape(const tt_tensor *a, const tt_tensor *b) {
    return a->rows == b->rows && a->cols == b->cols;
}
#endif

struct gate {
    tt_node node;
    tt_tensor *a, *x, *b, *z, *y;
    const float *open; /* σ(a) and σ(b), (2, N, D) */
};

/* Adds g ∘ other to t's gradient; with `slope`, through σ: g ∘ other ∘ s ∘ (1 - s). */
static void gate_side(tt_run *run, tt_tensor *t, const float *g, const float *other,
                      const float *slope, size_t n) {
    float *dt = tt_run_grad_add(run, t);
    if (!dt) return;
    for (size_t i = 0; i < n; i++)
        dt[i] += g[i] * other[i] * (slope ? slope[i] * (1.0f - slope[i]) : 1.0f);
}

static void gate_back(tt_run *run, tt_node *node) {
    struct gate *n = (struct gate *)node;
    if (!n->y->has_grad) return;
    size_t size = tt_tensor_size(n->y);
    const float *dy = n->y->grad, *sa = n->open, *sb = n->open + size;
    gate_side(run, n->a, dy, n->x->data, sa, size);
    gate_side(run, n->x, dy, sa, NULL, size);
    gate_side(run, n->b, dy, n->z->data, sb, size);
    gate_side(run, n->z, dy, sb, NULL, size);
}

tt_tensor *tt_op_gate(tt_run *run, tt_tensor *a, tt_tensor *x, tt_tensor *b, tt_tensor *z) {
    if (!a || !x || !b || !z) return NULL;
    assert(same_shape(a, x) && same_shape(b, x) && same_shape(z, x));
    size_t size = tt_tensor_size(x);
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    float *open = tt_run_alloc(run, 2 * size * sizeof *open);
    if (!y || !open) return NULL;
    run->k->act(open, a->data, TT_ACT_SIGMOID, size);
    run->k->act(open + size, b->data, TT_ACT_SIGMOID, size);
    for (size_t i = 0; i < size; i++)
        y->data[i] = open[i] * x->data[i] + open[size + i] * z->data[i];
    struct gate *n = tt_run_record(run, sizeof *n, gate_back);
    if (n) n->a = a, n->x = x, n->b = b, n->z = z, n->y = y, n->open = open;
    return y;
}
