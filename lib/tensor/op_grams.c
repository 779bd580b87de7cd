/* op_grams.c: y = the mean of the rows that a token is made of;  dtable[row] += dy / their number,
 * token after token.
 */
#include <assert.h>
#include <string.h>

#include "tensor/op.h"
#include "tensor/product.h"

struct node {
    tt_node node;
    tt_tensor *table, *y;
    const tt_grams *grams;
    const int32_t *ids;
};

/* The rows of token id (*n): none of a negative one. */
static const int32_t *rows_of(const tt_grams *g, int32_t id, int *n) {
    const int32_t at = id < 0 ? 0 : g->off[id];
    *n = id < 0 ? 0 : g->off[id + 1] - at;
    return g->row + at;
}

static void back(tt_run *run, tt_node *node) {
    const struct node *n = (struct node *)node;
    if (!n->y->has_grad || !n->table->grad) return;
    const size_t d = (size_t)n->y->cols;
    float *dt = tt_run_grad_add(run, n->table);
    for (int i = 0, count; dt && i < n->y->rows; i++) {
        const int32_t *row = rows_of(n->grams, n->ids[i], &count);
        for (int j = 0; j < count; j++)
            run->k->axpy(dt + (size_t)row[j] * d, n->y->grad + (size_t)i * d, 1.0f / (float)count,
                         d);
    }
}

tt_tensor *tt_op_grams(tt_run *run, tt_tensor *table, const tt_grams *grams, const int32_t *ids,
                       int n) {
    const size_t d = (size_t)table->cols;
    tt_tensor *y = tt_run_tensor(run, n, table->cols);
    float *one = y && !table->data ? tt_run_alloc(run, d * sizeof *one) : NULL;
    if (!y || (!table->data && !one)) return NULL;
    memset(y->data, 0, (size_t)n * d * sizeof *y->data);
    for (int i = 0, count; i < n; i++) {
        const int32_t *row = rows_of(grams, ids[i], &count);
        for (int j = 0; j < count; j++) {
            assert(row[j] < table->rows);
            run->k->axpy(y->data + (size_t)i * d, tt_product_lookup(run->k, table, row[j], one),
                         1.0f / (float)count, d);
        }
    }
    struct node *node = tt_run_record(run, sizeof *node, back);
    if (node) node->table = table, node->y = y, node->grams = grams, node->ids = ids;
    return y;
}
