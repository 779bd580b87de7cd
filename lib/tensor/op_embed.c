/* op_embed.c: y = scale table[id] + positions[pos];  dtable[id] += scale dy, dpositions[pos] += dy,
 *   row
 * after row. And y = scale x + positions[pos];  dx += scale dy.
 */
#include <assert.h>
#include <string.h>

#include "tensor/op.h"
#include "tensor/product.h"

struct node {
    tt_node node;
    tt_tensor *table, *positions, *y;
    const int32_t *ids, *pos;
    float scale;
};

/* Rows of dy to the rows of a table that they came from. */
static void scatter(tt_run *run, tt_tensor *table, const tt_tensor *y, const int32_t *at,
                    float scale) {
    size_t d = (size_t)y->cols;
    float *dt = tt_run_grad_add(run, table);
    for (int i = 0; i < y->rows; i++)
        if (at[i] >= 0) run->k->axpy(dt + (size_t)at[i] * d, y->grad + (size_t)i * d, scale, d);
}

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    if (n->table->grad) scatter(run, n->table, n->y, n->ids, n->scale);
    if (n->positions && n->positions->grad) scatter(run, n->positions, n->y, n->pos, 1.0f);
}

/* A row of d numbers begins as its position, or as zeros. */
static void begin_row(float *row, const tt_tensor *positions, const int32_t *pos, int i, size_t d) {
    if (positions) memcpy(row, positions->data + (size_t)pos[i] * d, d * sizeof *row);
    else memset(row, 0, d * sizeof *row);
}

tt_tensor *tt_op_embed(tt_run *run, tt_tensor *table, tt_tensor *positions, const int32_t *ids,
                       const int32_t *pos, int n, float scale) {
    assert(n >= 0 && (!positions || positions->cols == table->cols));
    tt_tensor *y = tt_run_tensor(run, n, table->cols);
    if (!y) return NULL;
    size_t d = (size_t)table->cols;
    float *one = table->data ? NULL : tt_run_alloc(run, d * sizeof *one);
    if (!table->data && !one) return NULL;
    for (int i = 0; i < n; i++) {
        float *row = y->data + (size_t)i * d;
        assert(ids[i] < table->rows && (!positions || (pos[i] >= 0 && pos[i] < positions->rows)));
        begin_row(row, positions, pos, i, d);
        if (ids[i] >= 0) run->k->axpy(row, tt_product_lookup(run->k, table, ids[i], one), scale, d);
    }
    struct node *node = tt_run_record(run, sizeof *node, back);
    if (node)
        node->table = table, node->positions = positions, node->y = y, node->ids = ids,
        node->pos = pos, node->scale = scale;
    return y;
}

struct placed {
    tt_node node;
    tt_tensor *x, *positions, *y;
    const int32_t *pos;
    float s;
};

static void place_back(tt_run *run, tt_node *node) {
    const struct placed *n = (struct placed *)node;
    if (!n->y->has_grad) return;
    float *dx = tt_run_grad_add(run, n->x);
    if (dx) run->k->axpy(dx, n->y->grad, n->s, tt_tensor_size(n->y));
    if (n->positions && n->positions->grad) scatter(run, n->positions, n->y, n->pos, 1.0f);
}

tt_tensor *tt_op_place(tt_run *run, tt_tensor *x, tt_tensor *positions, const int32_t *pos,
                       float s) {
    tt_tensor *y = x ? tt_run_tensor(run, x->rows, x->cols) : NULL;
    if (!y) return NULL;
    const size_t d = (size_t)x->cols;
    for (int i = 0; i < x->rows; i++) {
        float *row = y->data + (size_t)i * d;
        begin_row(row, positions, pos, i, d);
        run->k->axpy(row, x->data + (size_t)i * d, s, d);
    }
    struct placed *n = tt_run_record(run, sizeof *n, place_back);
    if (n) n->x = x, n->positions = positions, n->y = y, n->pos = pos, n->s = s;
    return y;
}
