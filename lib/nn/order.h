/* order.h: what stands around a sublayer f, one row an order; the family norm.
 *   post:  x ← norm(x + dropout(f(x)))        (Vaswani et al. 2017)
 *   pre:   x ← x + dropout(f(norm(x)))        (Wang et al. 2019, Xiong et al. 2020; a last norm on top of each side)
 *   none:  x ← x + dropout(f(x))              (with first values as in Huang et al. 2020)
 */
#ifndef TT_NN_ORDER_H
#define TT_NN_ORDER_H

#include "nn/hyper.h"
#include "tensor/op.h"
#include "tensor/param.h"

/* Gain and bias (1, D) of a normalisation. */
typedef struct tt_norm_par {
    tt_tensor g, b;
} tt_norm_par;

/* Declares them as norm.g and norm.b. */
void tt_norm_params(const tt_hyper *h, tt_norm_par *p, tt_declare *d);

tt_tensor *tt_norm_run(tt_run *run, const tt_hyper *h, tt_norm_par *p, tt_tensor *x);

typedef struct tt_order {
    tt_row row;
    const char *formula; /* f being the sublayer */
    bool normed; /* has a normalisation */
    bool on_top; /* a last normalisation stands on top of each side, unless --top-norm says
                    otherwise */
    tt_tensor *(*before)(tt_run *run, const tt_hyper *h, tt_norm_par *p,
                         tt_tensor *x); /* what f gets */
    tt_tensor *(*after)(tt_run *run, const tt_hyper *h, tt_norm_par *p, tt_tensor *x,
                        tt_tensor *fx);
} tt_order;

/* The row of the family norm that the settings name; of a recurrent encoder x ← f(x). */
const tt_order *tt_order_of(const tt_hyper *h, int site);

#endif
