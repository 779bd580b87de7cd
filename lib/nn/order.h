/* order.h: what stands around a sublayer f, one row an order; the family norm.
 *   post:  x ← norm(x + dropout(f(x)))        (Vaswani et al. 2017)
 *   pre:   x ← x + dropout(f(norm(x)))        (Wang et al. 2019, Xiong et al. 2020; a last norm on
 *          top of each side)
 *   none:  x ← x + dropout(f(x))              (with first values as in Huang et al. 2020)
 *   deep:  x ← norm(α x + dropout(f(x)))      (DeepNorm, Wang et al. 2022; with first values of
 *          --init deepnet)
 * α of N encoder and M decoder layers: 0.81 (N⁴ M)^(1/16) in the encoder, (3 M)^¼ in the decoder.
 */
#ifndef TT_NN_ORDER_H
#define TT_NN_ORDER_H

#include "nn/norm.h"

typedef struct tt_order {
    tt_row row;
    const char *formula; /* f being the sublayer */
    bool normed;         /* has a normalisation */
    bool on_top;         /* a last normalisation stands on top of each side, unless --top-norm says
                    otherwise */
    tt_tensor *(*before)(tt_run *run, const tt_hyper *h, tt_norm_par *p,
                         tt_tensor *x); /* what f gets */
    tt_tensor *(*after)(tt_run *run, const tt_hyper *h, int site, tt_norm_par *p, tt_tensor *x,
                        tt_tensor *fx);
} tt_order;

/* The row of the family norm that the settings name; of a recurrent encoder x ← f(x). */
const tt_order *tt_order_of(const tt_hyper *h, int site);

#endif
