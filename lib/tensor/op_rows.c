/* op_rows.c: rows of tensors moved, with their gradients moved back: picked from one tensor, put
 * together from several, and columns side by side.
 */
#include <assert.h>
#include <string.h>

#include "tensor/op.h"

struct pick {
    tt_node node;
    tt_tensor *x, *y;
    const int32_t *at;
};

static void pick_back(tt_run *run, tt_node *node) {
    struct pick *n = (struct pick *)node;
    float *dx = n->y->has_grad ? tt_run_grad_add(run, n->x) : NULL;
    const size_t d = (size_t)n->y->cols;
    for (size_t i = 0; dx && i < (size_t)n->y->rows; i++) {
        float *row = dx + (size_t)n->at[i] * d;
        run->k->add(row, row, n->y->grad + i * d, d);
    }
}

tt_tensor *tt_op_pick(tt_run *run, tt_tensor *x, const int32_t *at, int count) {
    tt_tensor *y = x ? tt_run_tensor(run, count, x->cols) : NULL;
    const size_t d = x ? (size_t)x->cols : 0;
    for (size_t i = 0; y && i < (size_t)count; i++) {
        assert(at[i] >= 0 && at[i] < x->rows);
        memcpy(y->data + i * d, x->data + (size_t)at[i] * d, d * sizeof(float));
    }
    struct pick *n = y ? tt_run_record(run, sizeof *n, pick_back) : NULL;
    if (n) n->x = x, n->y = y, n->at = at;
    return y;
}

struct join {
    tt_node node;
    tt_tensor *const *x, *y;
    const int32_t *const *at;
    int count;
};

static void join_back(tt_run *run, tt_node *node) {
    struct join *n = (struct join *)node;
    const size_t d = (size_t)n->y->cols;
    for (int i = 0; n->y->has_grad && i < n->count; i++) {
        float *dx = tt_run_grad_add(run, n->x[i]);
        for (size_t r = 0; dx && r < (size_t)n->x[i]->rows; r++)
            run->k->add(dx + r * d, dx + r * d, n->y->grad + (size_t)n->at[i][r] * d, d);
    }
}

tt_tensor *tt_op_join(tt_run *run, tt_tensor *const *x, const int32_t *const *at, int count,
                      int rows) {
    for (int i = 0; i < count; i++)
        if (!x[i]) return NULL;
    if (!count || run->failed) return NULL;
    const size_t d = (size_t)x[0]->cols;
    tt_tensor *y = tt_run_tensor(run, rows, x[0]->cols);
    for (int i = 0; i < count; i++) assert(x[i]->cols == x[0]->cols && x[i]->rows <= rows);
    for (int i = 0; y && i < count; i++)
        for (size_t r = 0; r < (size_t)x[i]->rows; r++) {
            assert(at[i][r] >= 0 && at[i][r] < rows);
            memcpy(y->data + (size_t)at[i][r] * d, x[i]->data + r * d, d * sizeof(float));
        }
    struct join *n = y ? tt_run_record(run, sizeof *n, join_back) : NULL;
    if (n) n->x = x, n->y = y, n->at = at, n->count = count;
    return y;
}

struct beside {
    tt_node node;
    tt_part a, b;
    tt_tensor *y;
    int wide_a, wide_b;
};

static void move_back(tt_run *run, const tt_tensor *y, const tt_part *p, int from, int wide) {
    float *dx = tt_run_grad_add(run, p->of);
    for (int r = 0; dx && r < y->rows; r++) {
        float *row = dx + (size_t)r * (size_t)p->of->cols + p->first;
        run->k->add(row, row, y->grad + (size_t)r * (size_t)y->cols + from, (size_t)wide);
    }
}

static void beside_back(tt_run *run, tt_node *node) {
    struct beside *n = (struct beside *)node;
    if (!n->y->has_grad) return;
    move_back(run, n->y, &n->a, 0, n->wide_a);
    move_back(run, n->y, &n->b, n->wide_a, n->wide_b);
}

tt_tensor *tt_op_beside(tt_run *run, tt_part a, int wide_a, tt_part b, int wide_b) {
    if (!a.of || !b.of) return NULL;
    assert(a.of->rows == b.of->rows && a.first + wide_a <= a.of->cols &&
           b.first + wide_b <= b.of->cols);
    tt_tensor *y = tt_run_tensor(run, a.of->rows, wide_a + wide_b);
    for (size_t r = 0; y && r < (size_t)y->rows; r++) {
        float *to = y->data + r * (size_t)y->cols;
        memcpy(to, a.of->data + r * (size_t)a.of->cols + a.first, (size_t)wide_a * sizeof *to);
        memcpy(to + wide_a, b.of->data + r * (size_t)b.of->cols + b.first,
               (size_t)wide_b * sizeof *to);
    }
    struct beside *n = y ? tt_run_record(run, sizeof *n, beside_back) : NULL;
    if (n) n->a = a, n->b = b, n->y = y, n->wide_a = wide_a, n->wide_b = wide_b;
    return y;
}
