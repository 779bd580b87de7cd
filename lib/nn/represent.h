/* represent.h: what stands for a token of the text: its piece, and the characters it is made of
 * (Kiela et al. 2018, with the runs of Bojanowski et al. 2017). x¹ is the piece's embedding, x²
 * the mean of the embeddings of its runs of characters:
 *   u_r = v tanh(W x^r + b_r),  α = softmax_r(u),  x = Σ_r α_r x^r
 * The decoder's tokens and the output layer know pieces alone.
 */
#ifndef TT_NN_REPRESENT_H
#define TT_NN_REPRESENT_H

#include "nn/hyper.h"
#include "tensor/op.h"
#include "tensor/param.h"

enum { TT_REPRESENTATIONS = 2 };

typedef struct tt_represent {
    tt_tensor grams;                 /* (TT_GRAM_ROWS, D) */
    tt_tensor w, v;                  /* (D, D), (1, D) */
    tt_tensor b[TT_REPRESENTATIONS]; /* (1, D) each */
} tt_represent;

void tt_represent_params(const tt_hyper *h, tt_represent *p, tt_declare *d);

/* x (n, D) of the tokens ids (n), a negative one being nothing. h->grams is there. weights: NULL,
   or where α goes, (n, TT_REPRESENTATIONS). */
tt_tensor *tt_represent_run(tt_run *run, const tt_hyper *h, tt_represent *p, tt_tensor *table,
                            const int32_t *ids, int n, float *weights);

#endif
