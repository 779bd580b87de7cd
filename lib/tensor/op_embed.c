/* op_embed.c: y = scale table[id] + positions[pos];  dtable[id] += scale dy, row after row. */
#include <string.h>

#include "tensor/op.h"

struct node {
    tt_node node;
    tt_tensor *table, *y;
    const int32_t *ids;
    float scale;
};

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad || !n->table->grad) return;
    int how;
    size_t d = (size_t)n->y->cols;
    float *dt = tt_run_grad(run, n->table, &how);
    if (how == TT_GEMM_SET) memset(dt, 0, tt_tensor_size(n->table) * sizeof *dt);
    for (int i = 0; i < n->y->rows; i++)
        if (n->ids[i] >= 0)
            run->k->axpy(dt + (size_t)n->ids[i] * d, n->y->grad + (size_t)i * d, n->scale, d);
}

tt_tensor *tt_op_embed(tt_run *run, tt_tensor *table, const float *positions, const int32_t *ids,
                       const int32_t *pos, int n, float scale) {
    tt_tensor *y = tt_run_tensor(run, n, table->cols);
    if (!y) return NULL;
    size_t d = (size_t)table->cols;
    for (int i = 0; i < n; i++) {
        float *row = y->data + (size_t)i * d;
        memcpy(row, positions + (size_t)pos[i] * d, d * sizeof *row);
        if (ids[i] >= 0) run->k->axpy(row, table->data + (size_t)ids[i] * d, scale, d);
    }
    struct node *node = tt_run_record(run, sizeof *node, back);
    if (node) node->table = table, node->y = y, node->ids = ids, node->scale = scale;
    return y;
}
