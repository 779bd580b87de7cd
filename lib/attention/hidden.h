/* hidden.h: the first hidden layer of the additive scores: P = W1 q + b and R = W2 k of so many
 * units a head, made once for each token (Bahdanau et al. 2015).
 *     tt_hidden_params(a, units, t, d); t[TT_HIDDEN_MORE] is the caller's next tensor
 */
#ifndef ATTENTION_HIDDEN_H
#define ATTENTION_HIDDEN_H

#include "attention/parts.h"

enum { TT_HIDDEN_W1, TT_HIDDEN_W2, TT_HIDDEN_B, TT_HIDDEN_MORE };

void tt_hidden_params(const tt_attend *a, int units, tt_tensor *t, tt_declare *d);
tt_tensor *tt_hidden_query(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q);
tt_tensor *tt_hidden_key(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part k);

#endif
