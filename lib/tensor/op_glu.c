/* op_glu.c: gated linear units (Dauphin et al. 2017, Shazeer 2020), z (N, 2F) = [a | b]:
 *   y = act(a) ∘ b,   da = dy ∘ b ∘ act'(a),  db = dy ∘ act(a)
 */
#include <assert.h>

#include "tensor/op.h"

struct node {
    tt_node node;
    tt_tensor *z, *y;
    int act;
};

static void back(tt_run *run, tt_node *node) {
    const struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    const size_t wide = (size_t)n->y->cols;
    float *dz = tt_run_grad_add(run, n->z), *open = tt_run_alloc(run, 2 * wide * sizeof *open);
    if (!dz || !open) return;
    float *slope = open + wide;
    for (int i = 0; i < n->y->rows; i++, dz += 2 * wide) {
        const float *a = n->z->data + (size_t)i * 2 * wide, *b = a + wide,
                    *dy = n->y->grad + (size_t)i * wide;
        run->k->act(open, a, n->act, wide);
        for (size_t j = 0; j < wide; j++) dz[wide + j] += dy[j] * open[j];
        for (size_t j = 0; j < wide; j++) slope[j] = dy[j] * b[j];
        run->k->act_back(slope, a, slope, n->act, wide);
        run->k->add(dz, dz, slope, wide);
    }
}

tt_tensor *tt_op_glu(tt_run *run, tt_tensor *z, int act) {
    if (!z) return NULL;
    assert(z->cols % 2 == 0);
    const size_t wide = (size_t)z->cols / 2;
    tt_tensor *y = tt_run_tensor(run, z->rows, z->cols / 2);
    if (!y) return NULL;
    for (int i = 0; i < y->rows; i++) {
        const float *a = z->data + (size_t)i * 2 * wide, *b = a + wide;
        float *to = y->data + (size_t)i * wide;
        run->k->act(to, a, act, wide);
        for (size_t j = 0; j < wide; j++) to[j] *= b[j];
    }
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->z = z, n->y = y, n->act = act;
    return y;
}
