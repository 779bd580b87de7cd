/* recurrent.h: a recurrent decoder (Cho et al. 2014, Sutskever et al. 2014), with attention to the
 * text from the state before a step (Bahdanau et al. 2015) or behind it (Luong et al. 2015), or
 * with one vector for the whole text. The settings are those of the row of the family decoder
 * (sides.h). D is the width of all states.
 *
 *   bahdanau   c_t = attend(s⁻), s_t = cell([e; c_t], s⁻),  out = tanh(s_t W_s + e W_y + c_t W_c +
 *              b)
 *   luong      s_t = cell([e; h̄⁻], s⁻), c_t = attend(s_t),  out = h̄_t = tanh([c_t; s_t] W + b)
 *   none       s_t = cell([e; C], s⁻),                      out as bahdanau's with C in place of
 *              c_t
 *   output     s_t = φ([e; C] W + b) in place of the cell, of none, and of luong without h̄⁻: what
 *              is handed on is the token
 *              alone (Jordan 1986), so all steps of a given translation are one product
 *
 * e is the token before. s⁻ before the first step is tanh(· W_init + b) of the text: of the
 * backward half of its first state (bahdanau), of C = [forward half of the last; backward half of
 * the first] otherwise; of its last state where the encoder reads one way, and of the mean of a
 * Transformer's.
 */
#ifndef TT_NN_RECURRENT_H
#define TT_NN_RECURRENT_H

#include "nn/memory.h"
#include "nn/network.h"

typedef struct tt_recurrent tt_recurrent;

size_t tt_recurrent_size(void); /* bytes */
void tt_recurrent_params(const tt_hyper *h, tt_recurrent *p, tt_declare *d);

/* How a decoder in training gets its own tokens (run->own). */
typedef struct tt_own_tokens {
    const tt_tensor *out, *out_b; /* (V, D), (1, V) */
    /* The n tokens before, -1 at the start, as vectors (n, D). */
    tt_tensor *(*embed)(void *ctx, tt_run *run, const int32_t *prev, int n);
    void *ctx;
} tt_own_tokens;

/* The states (N, D) before each given token: embedded (N, D) are the tokens before. text (N_src,
   D). map: NULL, or where the weights go, sentence after sentence as (H, T, S). own: NULL, or
   steps read their own best tokens by chance, and embedded is not read. */
tt_tensor *tt_recurrent_whole(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_tensor *embedded,
                              const tt_seqs *tgt, tt_tensor *text, const tt_seqs *src, float *map,
                              tt_tell told, const tt_own_tokens *own);

/* What decoding keeps: slots of the memory, into keep; returns how many. */
int tt_recurrent_keeps(const tt_hyper *h, tt_keeping *keep);
void tt_recurrent_open(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_memory *m,
                       tt_tensor *text, const tt_seqs *src);
tt_tensor *tt_recurrent_step(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_memory *m,
                             tt_tensor *embedded, float *const *row_maps);

/* Its equations. */
void tt_recurrent_say(const tt_hyper *h, const tt_telling *l);

#endif
