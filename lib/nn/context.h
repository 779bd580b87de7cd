/* context.h: a text read with those before it in its document (Miculicich et al. 2018, encoder
 * side). h_t is a state of the text's top layer, h^j are those of the j-th earlier text, which the
 * same encoder reads by itself:
 *   words      s_j,t = attention(q = h_t Wq, keys and values of h^j) Wo
 *   sentences  d_t = W2 relu(W1 attention(q = h_t W's, keys and values of s_1,t … s_n,t) W'o)
 *   gate       λ_t = σ(h_t Wh + d_t Wd),  the decoder attends to λ_t ∘ h_t + (1 - λ_t) ∘ d_t
 * A text that begins its document stays as it is. A text's states depend on it and on those before
 * it alone.
 */
#ifndef TT_NN_CONTEXT_H
#define TT_NN_CONTEXT_H

#include "nn/hyper.h"
#include "tensor/param.h"

/* One of the two attentions. */
typedef struct tt_context_level {
    tt_tensor q_w, q_b;   /* (D, D), (1, D) */
    tt_tensor kv_w, kv_b; /* (2D, D), (1, 2D) */
    tt_tensor o_w, o_b;   /* (D, D), (1, D) */
} tt_context_level;

typedef struct tt_context {
    tt_context_level words, sentences;
    tt_tensor w1, b1, w2, b2; /* (ffn, D), (1, ffn), (D, ffn), (1, D) */
    tt_tensor gate_h, gate_d; /* (D, D) */
} tt_context;

/* Where weights go, for a batch of one sentence of T tokens and n earlier texts of S tokens in all;
   NULL entries are left out. */
typedef struct tt_context_maps {
    float *words;     /* one (H, T, S_j) behind the other */
    float *sentences; /* (T, H, n) */
} tt_context_maps;

void tt_context_params(const tt_hyper *h, tt_context *c, tt_declare *d);

/* The texts that the model reads of those before: of each sentence the nearest, as many as it was
   made for. In the run's arena; NULL: there are none, or the run has failed. */
const tt_before *tt_context_before(tt_run *run, const tt_hyper *h, const tt_seqs *src);

/* What the decoder attends to, (N, D): of states (N, D) of src and (N', D) of the texts before. */
tt_tensor *tt_context_run(tt_run *run, const tt_hyper *h, tt_context *c, tt_tensor *states,
                          const tt_seqs *src, tt_tensor *earlier, const tt_before *before,
                          const tt_context_maps *maps);

#endif
