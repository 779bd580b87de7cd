/* hidden.h: the first hidden layer of the additive scores: P = W1 q + b and R = W2 k of so many
 * units a head, made once for each token (Bahdanau et al. 2015), and act(P_i + R_j).
 *     tt_hidden_params(a, units, t, d); t[TT_HIDDEN_MORE] is the caller's next tensor
 */
#ifndef ATTENTION_HIDDEN_H
#define ATTENTION_HIDDEN_H

#include "attention/parts.h"

enum { TT_HIDDEN_W1, TT_HIDDEN_W2, TT_HIDDEN_B, TT_HIDDEN_MORE };
#define TT_HIDDEN_ACTS "tanh|relu|sigmoid|tanh5" /* the last: 5 tanh(x / 5) (Shen et al. 2018) */
enum { TT_HIDDEN_TANH, TT_HIDDEN_RELU, TT_HIDDEN_SIGMOID, TT_HIDDEN_TANH5 };
enum { TT_HIDDEN_AT_ONCE = 4096 }; /* units that are computed together */

void tt_hidden_params(const tt_attend *a, int units, tt_tensor *t, tt_declare *d);
tt_tensor *tt_hidden_query(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q);
tt_tensor *tt_hidden_key(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part k,
                         const tt_key_rows *rows);

/* Keys whose units are computed together, of so many units each. */
int tt_hidden_keys(int width);

/* act(P + R_j) of one query and so many keys, ld apart, into t (keys, some). */
void tt_hidden_units(const tt_head *h, float *t, const float *p, const float *r, ptrdiff_t ld,
                     int keys, int some, int activation);

/* g (n) becomes g ∘ act', from units t. */
void tt_hidden_through(float *g, const float *t, int activation, int n);

/* y = act(x) as an op. */
tt_tensor *tt_hidden_op(tt_run *run, tt_tensor *x, int activation);

#endif
