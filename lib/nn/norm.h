/* norm.h: normalisation of rows x (D), one row a kind; the family norm-kind. Where normalisations
 * stand: order.h.
 *   layer   (x - mean) / √(var + ε) gain + bias        (Ba, Kiros, Hinton 2016)
 *   rms     x / √(mean x² + ε) gain                    (Zhang and Sennrich 2019)
 */
#ifndef TT_NN_NORM_H
#define TT_NN_NORM_H

#include "nn/hyper.h"
#include "tensor/op.h"
#include "tensor/param.h"

/* Gain and bias (1, D); a kind without bias leaves that untouched. */
typedef struct tt_norm_par {
    tt_tensor g, b;
} tt_norm_par;

typedef struct tt_norm_kind {
    tt_row row;
    bool biased;
    tt_tensor *(*run)(tt_run *run, tt_tensor *x, tt_norm_par *p, float eps);
} tt_norm_kind;

/* Declares them as norm.g and norm.b. */
void tt_norm_params(const tt_hyper *h, tt_norm_par *p, tt_declare *d);

tt_tensor *tt_norm_run(tt_run *run, const tt_hyper *h, tt_norm_par *p, tt_tensor *x);

#endif
