/* pair.h: a source of two texts, X (S1, D) and Y (S2, D), in an encoder: both go through the same
 * layers, each by itself, with a learned vector of its side added to its embeddings. The decoder
 * attends to S1 + S2 rows:
 *   concatenate    [X; Y]
 *   co-attention   C = tanh(X Wb Yᵀ),  Hx = tanh(X Wx + C (Y Wy)),  Hy = tanh(Y Wy + Cᵀ (X Wx)),
 *                  αx = softmax(Hx vx),  αy = softmax(Hy vy): the parallel form of Lu et al. 2016;
 *                  memory [(1 + S1 αx) ∘ norm(X); (1 + S2 αy) ∘ norm(Y)], a row scaled by its
 *                    weight behind the
 *                  normalisation, which before it would take every scale away again
 * In a batch a source is one sequence (text/texts.h): X begins it and goes up to the first end of a
 * sentence, Y is the rest.
 */
#ifndef TT_NN_PAIR_H
#define TT_NN_PAIR_H

#include "nn/norm.h"

typedef struct tt_pair {
    tt_tensor side;       /* (2, D) */
    tt_tensor wb, wx, wy; /* (D, D), of co-attention */
    tt_tensor vx, vy;     /* (1, D) */
    tt_norm_par norm;
} tt_pair;

void tt_pair_params(const tt_hyper *h, tt_pair *p, tt_declare *d);

/* The texts of src as sequences of their own, 2 B: in the run's arena. NULL: no memory. */
const tt_seqs *tt_pair_split(tt_run *run, const tt_seqs *src);

/* x (N, D) plus the vectors of sides; off (count+1) of sequences that are X and Y by turns, the
   first of side `first`. */
tt_tensor *tt_pair_mark(tt_run *run, tt_pair *p, tt_tensor *x, int count, const int32_t *off,
                        int first);

/* Where weights go, for a batch of one pair; NULL entries are left out. */
typedef struct tt_pair_maps {
    float *both; /* C (S1, S2) */
    float *each; /* αx, αy (S1 + S2) */
} tt_pair_maps;

/* What the decoder attends to, of texts as tt_pair_split made them. maps: or NULL. */
tt_tensor *tt_pair_join(tt_run *run, const tt_hyper *h, tt_pair *p, tt_tensor *text,
                        const tt_seqs *split, const tt_pair_maps *maps);

#endif
