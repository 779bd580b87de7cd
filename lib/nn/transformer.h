/* transformer.h: the encoder-decoder Transformer (Vaswani et al. 2017), written once for training and decoding.
 *
 * Training, or any given pair:
 *     tt_transformer_loss(&run, m, &src, &tgt, smoothing, &loss, NULL);   tt_run_back(&run);
 *
 * Decoding, with keys and values of past steps stored:
 *     tt_cache *c = tt_cache_open(&run, m, &src, room);                   // encodes src
 *     mark = tt_arena_mark(run.arena);
 *     for each step:
 *         states = tt_transformer_step(&run, m, c, rows, prev, parent, sentence);   // (rows, D)
 *         logits = tt_transformer_logits(&run, m, c, states, 0, rows);              // (rows, V)
 *         tt_arena_rewind(run.arena, mark);
 *
 * A row of a step is one hypothesis. Rows may leave, multiply or change places between steps: `parent`
 * says from which row of the last step each comes. Only lists of integers are moved then; the stored keys
 * and values stay where they are. A row's numbers depend on its own sentence and history alone.
 */
#ifndef TT_NN_TRANSFORMER_H
#define TT_NN_TRANSFORMER_H

#include "nn/model.h"
#include "tensor/op.h"
#include "tensor/product.h"

/* Where attention weights go, for a batch of one sentence: one (H, T, S) block a layer; NULL fields and
   entries are left out. Blocks are the caller's. */
typedef struct tt_maps {
    float **enc;   /* (enc_layers) of (H, S, S) */
    float **dec;   /* (dec_layers) of (H, T, T) */
    float **cross; /* (dec_layers) of (H, T, S) */
} tt_maps;

/* Encodes sentences to states (N_src, D). src must live until the run is reset. */
tt_tensor *tt_transformer_encode(tt_run *run, tt_model *m, const tt_seqs *src, const tt_maps *maps);

/* Decoder states (N_tgt, D) before each given token: row i of a sentence has seen tokens 0 … i-1. */
tt_tensor *tt_transformer_decode(tt_run *run, tt_model *m, const tt_seqs *tgt, tt_tensor *memory, const tt_seqs *src,
                                 const tt_maps *maps);

/* The summed loss of tgt given src, both ending with eos; nll: NULL, or (N_tgt) -log p of each token. */
void tt_transformer_loss(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt, float smoothing,
                         tt_loss *loss, float *nll);

typedef struct tt_cache tt_cache;

/* How much a sentence may need: rows of a step, and steps. */
typedef struct tt_room {
    int rows, steps;
} tt_room;

/* Encodes src and makes room (B), in the run's arena. Both must live as long. NULL once the run has failed. */
tt_cache *tt_cache_open(tt_run *run, tt_model *m, const tt_seqs *src, const tt_room *room);

/* Before each step: makes memory for what so many rows will leave behind, unless there is. It must live as long as the
   cache. 0, or a code once the run has failed. */
int tt_cache_reserve(tt_run *run, tt_cache *c, int rows);

/* From now on the steps compute the logits of these tokens (n) alone, in this order: (rows, n). The output layer must
   be f32, or tied to the target embeddings. A logit is what it was without, bit for bit. 0, or a code once the run has failed. */
int tt_cache_restrict(tt_run *run, tt_model *m, tt_cache *c, const int32_t *ids, int n);

/* One step: the decoder's states (rows, D). prev[r]: the token chosen last, -1 at the start. parent[r]: its row in the
   step before (any at the start). sentence[r]: its sentence in src; rows of one
   stand together. cross: NULL, or for each row where the cross-attention
   weights of the alignment's layer go, (H, S). The result lives in the arena behind the cache. */
tt_tensor *tt_transformer_step(tt_run *run, tt_model *m, tt_cache *c, int rows, const int32_t *prev,
                               const int32_t *parent, const int32_t *sentence, float *const *cross);

/* The logits (rows, V) of so many rows of a step's states from `first` on: of a few at a time, they stay in the
   processor's caches until they are looked at. NULL once the run has failed. */
tt_tensor *tt_transformer_logits(tt_run *run, tt_model *m, const tt_cache *c, const tt_tensor *states, int first, int rows);

/* Where no more is wanted of a row than the token with the greatest logit, those in `barred` (count) passed over, and that
   logit: of (rows of states). Logits are not written down, and the model's output layer must be
   packed. 0, or a code once the run has failed. */
int tt_transformer_pick(tt_run *run, tt_model *m, const tt_tensor *states, const int32_t *barred, int count, tt_greatest *of);

/* Bytes that the keys and values, or states, of a sentence of n tokens usually take, followed by so many rows. */
size_t tt_cache_size(const tt_model *m, int n, int rows);

/* Steps taken so far. */
int tt_cache_steps(const tt_cache *c);

#endif
