/* op_rms.c: each row of x (D) by its root mean square (Zhang and Sennrich 2019):
 *   y = x r gain,  r = 1 / √(mean x² + ε)
 *   dgain = Σ dy x r,  dx = r (dy gain - x r² mean(dy gain x))
 * Sums of a row are the kernel's 16 lanes of double, so all instruction sets agree.
 */
#include <assert.h>
#include <math.h>

#include "tensor/op.h"

struct node {
    tt_node node;
    tt_tensor *x, *gain, *y;
    float *r; /* (N) */
};

static void back(tt_run *run, tt_node *node) {
    const struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    const size_t cols = (size_t)n->x->cols;
    const float *gain = n->gain->data;
    float *dx = tt_run_grad_add(run, n->x);
    float *dgain = n->gain->grad ? tt_run_grad_add(run, n->gain) : NULL;
    for (int i = 0; dx && i < n->x->rows; i++, dx += cols) {
        const float *x = n->x->data + (size_t)i * cols, *dy = n->y->grad + (size_t)i * cols,
                    r = n->r[i];
        double lane[16] = {0}, sum = 0;
        for (size_t j = 0; j < cols; j++) lane[j % 16] += (double)(dy[j] * gain[j]) * (double)x[j];
        for (int j = 0; j < 16; j++) sum += lane[j];
        const float along = (float)(sum / (double)cols) * r * r;
        for (size_t j = 0; j < cols; j++) dx[j] += r * (dy[j] * gain[j] - x[j] * along);
        for (size_t j = 0; dgain && j < cols; j++) dgain[j] += dy[j] * x[j] * r;
    }
}

tt_tensor *tt_op_rms(tt_run *run, tt_tensor *x, tt_tensor *gain, float eps) {
    if (!x) return NULL;
    assert(gain->rows == 1 && gain->cols == x->cols && eps > 0);
    const size_t cols = (size_t)x->cols;
    tt_tensor *y = tt_run_tensor(run, x->rows, x->cols);
    float *r = tt_run_alloc(run, (size_t)x->rows * sizeof *r);
    if (!y || !r) return NULL;
    for (int i = 0; i < x->rows; i++) {
        const float *from = x->data + (size_t)i * cols;
        float *to = y->data + (size_t)i * cols;
        r[i] = (float)(1 / sqrt(run->k->sumsq(from, cols) / (double)cols + (double)eps));
        for (size_t j = 0; j < cols; j++) to[j] = from[j] * r[i] * gain->data[j];
    }
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->x = x, n->gain = gain, n->y = y, n->r = r;
    return y;
}
