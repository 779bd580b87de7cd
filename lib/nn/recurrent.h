/* recurrent.h: a recurrent decoder (Cho et al. 2014, Sutskever et al. 2014), with attention to the text from the state before a step
 * (Bahdanau et al. 2015) or behind it (Luong et al. 2015), or with one vector for the whole text. The settings are those of the
 * row of the family decoder (sides.h). D is the width of all states.
 *
 *   bahdanau   c_t = attend(s⁻), s_t = cell([e; c_t], s⁻),  out = tanh(s_t W_s + e W_y + c_t W_c + b)
 *   luong      s_t = cell([e; h̄⁻], s⁻), c_t = attend(s_t),  out = h̄_t = tanh([c_t; s_t] W + b)
 *   none       s_t = cell([e; C], s⁻),                      out as bahdanau's with C in place of c_t
 *
 * e is the token before. s⁻ before the first step is tanh(· W_init + b) of the text: of the backward half of its first state
 * (bahdanau), of C = [forward half of the last; backward half of the first] otherwise; of its last state where the encoder reads one way,
 * and of the mean of a Transformer's.
 */
#ifndef TT_NN_RECURRENT_H
#define TT_NN_RECURRENT_H

#include "nn/memory.h"
#include "nn/network.h"

typedef struct tt_recurrent tt_recurrent;

size_t tt_recurrent_size(void); /* bytes */
void tt_recurrent_params(const tt_hyper *h, tt_recurrent *p, tt_declare *d);

/* The states (N, D) before each given token: embedded (N, D) are the tokens before. text (N_src,
   D). map: NULL, or where the weights go, sentence after sentence as (H, T, S). */
tt_tensor *tt_recurrent_whole(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_tensor *embedded,
                              const tt_seqs *tgt, tt_tensor *text, const tt_seqs *src, float *map, int told);

/* What decoding keeps: slots of the memory, into keep; returns how many. */
int tt_recurrent_keeps(const tt_hyper *h, tt_keeping *keep);
void tt_recurrent_open(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_memory *m,
                       tt_tensor *text, const tt_seqs *src);
tt_tensor *tt_recurrent_step(tt_run *run, const tt_hyper *h, tt_recurrent *p, tt_memory *m,
                             tt_tensor *embedded, float *const *row_maps);

/* Its equations. */
void tt_recurrent_say(const tt_hyper *h, const tt_telling *l);

#endif
