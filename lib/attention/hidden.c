/* hidden.c: the first hidden layer of the additive scores. */
#include "attention/hidden.h"

#include <string.h>

static const float FIVE = 5; /* the bound of tanh5 */

void tt_hidden_params(const tt_attend *a, int units, tt_tensor *t, tt_declare *d) {
    const int rows = a->heads * units;
    tt_declare_param(
        d, &t[TT_HIDDEN_W1],
        &(tt_param){"w1", rows, a->width, .role = TT_SMALL, .parts = a->heads, .glorot = true});
    tt_declare_param(
        d, &t[TT_HIDDEN_W2],
        &(tt_param){"w2", rows, a->width, .role = TT_SMALL, .parts = a->heads, .glorot = true});
    tt_declare_param(d, &t[TT_HIDDEN_B], &(tt_param){"b", 1, rows, .role = TT_BIAS});
}

tt_tensor *tt_hidden_query(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q) {
    return tt_op_heads(run, q, a->heads, &t[TT_HIDDEN_W1], &t[TT_HIDDEN_B]);
}

tt_tensor *tt_hidden_key(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part k,
                         const tt_key_rows *rows) {
    (void)rows;
    return tt_op_heads(run, k, a->heads, &t[TT_HIDDEN_W2], NULL);
}

int tt_hidden_keys(int width) { return width < TT_HIDDEN_AT_ONCE ? TT_HIDDEN_AT_ONCE / width : 1; }

static void activate(const tt_kernels *k, float *t, const float *x, int activation, size_t n) {
    switch (activation) {
    case TT_HIDDEN_TANH: tt_tanh(k, t, x, n); break;
    case TT_HIDDEN_RELU: k->act(t, x, TT_ACT_RELU, n); break;
    case TT_HIDDEN_SIGMOID: k->act(t, x, TT_ACT_SIGMOID, n); break;
    default:
        k->scale(t, x, 1 / FIVE, n);
        tt_tanh(k, t, t, n);
        k->scale(t, t, FIVE, n);
    }
}

void tt_hidden_units(const tt_head *h, float *t, const float *p, const float *r, ptrdiff_t ld,
                     int keys, int some, int activation) {
    const size_t n = (size_t)keys * (size_t)some;
    for (int j = 0; j < keys; j++) h->run->k->add(t + j * some, p, r + j * ld, (size_t)some);
    activate(h->run->k, t, t, activation, n);
}

/* g ∘ (1 - t²); 16 at a time, which compilers take as vectors. */
static void through_tanh(float *restrict g, const float *restrict t, int n) {
    int i = 0;
    for (; i + 16 <= n; i += 16)
        for (int j = 0; j < 16; j++) g[i + j] *= 1 - t[i + j] * t[i + j];
    for (; i < n; i++) g[i] *= 1 - t[i] * t[i];
}

void tt_hidden_through(float *g, const float *t, int activation, int n) {
    if (activation == TT_HIDDEN_TANH) through_tanh(g, t, n);
    else if (activation == TT_HIDDEN_RELU)
        for (int i = 0; i < n; i++) g[i] = t[i] > 0 ? g[i] : 0;
    else if (activation == TT_HIDDEN_SIGMOID)
        for (int i = 0; i < n; i++) g[i] *= t[i] * (1 - t[i]);
    else
        for (int i = 0; i < n; i++) g[i] *= 1 - (t[i] / FIVE) * (t[i] / FIVE);
}

struct node {
    tt_node node;
    tt_tensor *x, *y;
    int activation;
};

static void back(tt_run *run, tt_node *node) {
    struct node *n = (struct node *)node;
    if (!n->y->has_grad) return;
    const size_t size = tt_tensor_size(n->y);
    float *dx = tt_run_grad_add(run, n->x), *g = tt_run_alloc(run, size * sizeof *g);
    if (!dx || !g) return;
    memcpy(g, n->y->grad, size * sizeof *g);
    tt_hidden_through(g, n->y->data, n->activation, (int)size);
    run->k->add(dx, dx, g, size);
}

tt_tensor *tt_hidden_op(tt_run *run, tt_tensor *x, int activation) {
    tt_tensor *y = x ? tt_run_tensor(run, x->rows, x->cols) : NULL;
    if (!y) return NULL;
    activate(run->k, y->data, x->data, activation, tt_tensor_size(x));
    struct node *n = tt_run_record(run, sizeof *n, back);
    if (n) n->x = x, n->y = y, n->activation = activation;
    return y;
}
