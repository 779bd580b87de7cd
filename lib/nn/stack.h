/* stack.h: layers one on the other: the encoder, and the decoder in whole sequences or a step at a
 * time. For network.c. */
#ifndef TT_NN_STACK_H
#define TT_NN_STACK_H

#include "nn/network.h"

/* The states (N_src, D) of a text. src must live until the run is reset. maps: NULL, or of one
 * sentence. */
tt_tensor *tt_stack_encode(tt_run *run, tt_model *m, const tt_seqs *src, const tt_maps *maps);

/* Decoder states (N_tgt, D) before each given token: row i of a sentence has seen tokens 0 … i-1.
 */
tt_tensor *tt_stack_decode(tt_run *run, tt_model *m, const tt_seqs *tgt, tt_tensor *text,
                           const tt_seqs *src, const tt_maps *maps);

/* What decoding keeps, into keep (TT_UNITS + 2 a layer): a slot for each sublayer of each decoder
   layer, or those of recurrent.h. Returns the slots. */
int tt_stack_keeps(const tt_model *m, tt_keeping *keep);

/* Stores what is kept of a text (N_src, D). */
void tt_stack_open(tt_run *run, tt_model *m, tt_memory *memory, tt_tensor *text,
                   const tt_seqs *src);

/* Decoder states (rows, D) of one step. prev (rows): the tokens chosen last, -1 at the start;
   position (rows). row_maps: NULL, or for each row where the cross-attention weights of the
   alignment's layer go, (H, S). */
tt_tensor *tt_stack_step(tt_run *run, tt_model *m, tt_memory *memory, int rows, const int32_t *prev,
                         const int32_t *position, float *const *row_maps);

/* The layer whose cross-attention is the alignment. */
int tt_stack_align_layer(const tt_model *m);

#endif
