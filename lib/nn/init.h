/* init.h: first values of weights, one row a way; the family init.
 *   glorot    matrices uniform within √(6 / (in + out)), each part by itself (Glorot and Bengio
 *             2010); tables normal with deviation
 *             D^-½; gains 1, biases 0; others as they are declared (param.h)
 *   t-fixup   the same, and smaller where a residual sum would grow with the layers, so that a
 *             Transformer without normalisation
 *             trains (Huang et al. 2020): values, outputs and feed-forward layers times (9 N_d)^-¼
 *               in the decoder and 0.67 N_e^-¼ in the
 *             encoder, tables times (9 N)^-¼ of their side
 *   depth-scaled     matrices of layer l, from 1, times γ l^-½ (Zhang, Titov and Sennrich 2019)
 *   deepnet   with --norm deep: values, outputs and feed-forward layers times β, 0.87 (N⁴
 *             M)^(-1/16) in the encoder of N layers and
 *             (12 M)^-¼ in the decoder of M (Wang et al. 2022)
 *   small-embedding  tables with a tiny deviation, which --embedding-norm yes then scales (Peng
 *                    2021)
 */
#ifndef TT_NN_INIT_H
#define TT_NN_INIT_H

#include "nn/hyper.h"

typedef struct tt_init {
    tt_row row;
    bool attends; /* is for self-attention on both sides */
    double (*factor)(const tt_hyper *h, const tt_param *p,
                     int part); /* of a part's numbers; NULL: 1 */
} tt_init;

/* Fills a parameter. key: of its numbers. */
void tt_init_fill(const tt_hyper *h, const tt_param *p, tt_tensor *t, uint64_t key);

/* TT_ECONFIG where the way is not meant for the model. */
int tt_init_check(const tt_hyper *h, tt_err *e);

#endif
