/* hidden.c: the first hidden layer of the additive scores. */
#include "attention/hidden.h"

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

tt_tensor *tt_hidden_key(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part k) {
    return tt_op_heads(run, k, a->heads, &t[TT_HIDDEN_W2], NULL);
}
