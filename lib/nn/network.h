/* network.h: a model to others: its loss, its states, and decoding step by step. Who searches,
 * scores, trains or draws knows a model by these functions alone.
 *
 * Training, or any given pair:
 *     tt_model_loss(&run, m, &src, &tgt, smoothing, &loss, NULL);   tt_run_back(&run);
 *
 * Decoding:
 *     tt_decoding *d = tt_decoding_open(&run, m, &src, room);          // reads src
 *     mark = tt_arena_mark(run.arena);
 *     for each step:
 *         if (tt_decoding_reserve(&run, d, rows) || tt_decoding_step(&run, d, rows, prev, parent,
 *           sentence, NULL)) …
 *         logits = tt_decoding_logits(&run, d, first, n);              // (n, V) of n rows
 *         tt_arena_rewind(run.arena, mark);
 *
 * A row of a step is one hypothesis. Rows may leave, multiply or change places between steps:
 * `parent` says from which row of the last step each comes. Only lists of integers are moved then;
 * the stored keys and values stay where they are. A row's numbers depend on its own sentence and
 * history alone.
 */
#ifndef TT_NN_NETWORK_H
#define TT_NN_NETWORK_H

#include "nn/model.h"
#include "tensor/product.h"

/* Where attention weights go, for a batch of one sentence, by site: one (H, T, S) block a layer.
   NULL entries are left out. Blocks are the caller's. */
typedef struct tt_maps {
    float **of[TT_SITES]; /* ENC: (enc_layers) of (H, S, S); DEC: (dec_layers) of (H, T, T); CROSS:
                             (dec_layers) of (H, T, S) */
    tt_tell told;         /* what they are */
    tt_context_maps context;
    tt_pair_maps pair;
    float *represent; /* weights of a token's representations (S, TT_REPRESENTATIONS); or NULL */
    float *layers;    /* weights of combined layers (S, enc_layers + 1); or NULL */
} tt_maps;

/* ---- given pairs --------------------------------------------------------------------------- */

/* The summed loss of tgt given src, both ending with eos; nll: NULL, or (N_tgt) -log p of each
 * token. */
void tt_model_loss(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt,
                   float smoothing, tt_loss *loss, float *nll);

/* The loss of the text and of what is learned beside it: the distributions of a teacher, which has
   the target vocabulary, with this weight; or, without one, how far two passes with other dropout
   are apart (op_pair.c). */
typedef struct tt_lesson {
    tt_model *teacher; /* borrowed; read by all runs */
    float weight;
} tt_lesson;
void tt_model_lesson(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt,
                     float smoothing, const tt_lesson *lesson, tt_loss *loss);

/* -log p of each token (N_tgt) into nll. alignment: NULL, or where the alignment of each sentence
   goes, (T, S) one behind the other. 0, or the code with which the run has failed. */
int tt_model_score(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt, float *nll,
                   float *alignment);

/* The decoder's states (N_tgt, D) before each token, and the logits (n, V) that n of them make.
   NULL once the run has failed. */
tt_tensor *tt_model_states(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt);
tt_tensor *tt_model_logits(tt_run *run, tt_model *m, const tt_tensor *states, int first, int n);

/* Whether maps at a site can be of this: TT_TELL_…. */
bool tt_model_tells(const tt_model *m, int site, int told);

/* Numbers of a value that have weights of their own at a site; 0: all have the same. */
int tt_model_features(const tt_model *m, int site);

/* Attention weights of one pair. 0, or the code with which the run has failed. */
int tt_model_maps(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt,
                  const tt_maps *maps);

/* ---- decoding ------------------------------------------------------------------------------ */

typedef struct tt_decoding tt_decoding;

/* Reads src and makes room (B), in the run's arena. Both must live as long. NULL once the run has
 * failed. */
tt_decoding *tt_decoding_open(tt_run *run, tt_model *m, const tt_seqs *src,
                              const tt_capacity *room);

/* Before each step: makes memory for what so many rows will leave behind, unless there is. It must
   live as long as the decoding. 0, or a code once the run has failed. */
int tt_decoding_reserve(tt_run *run, tt_decoding *d, int rows);

/* From now on the steps compute the logits of these tokens (n) alone, in this order: (rows, n). The
   output layer must be f32, or tied to the target embeddings. A logit is what it was without, bit
   for bit. 0, or a code once the run has failed. */
int tt_decoding_restrict(tt_run *run, tt_decoding *d, const int32_t *ids, int n);

/* One step. prev[r]: the token chosen last, -1 at the start. parent[r]: its row in the step before
   (any at the start). sentence[r]: its sentence in src; rows of one stand together. alignment:
   NULL, or for each row NULL or where the weights of the alignment's layer go: room for (H, S), of
   which the first (S) are the alignment afterwards. 0, or a code once the run has failed. */
int tt_decoding_step(tt_run *run, tt_decoding *d, int rows, const int32_t *prev,
                     const int32_t *parent, const int32_t *sentence, float *const *alignment);

/* The logits (n, V) of n rows of the step from `first` on: of a few at a time, they stay in the
   processor's caches until they are looked at. NULL once the run has failed. */
tt_tensor *tt_decoding_logits(tt_run *run, tt_decoding *d, int first, int n);

/* Greedy choice: for each row of the step the token with the greatest logit, never one of `barred`
   (count), and that logit. Writes no logits. Only where tt_model_picks. 0, or a code once the run
   has failed. */
int tt_decoding_pick(tt_run *run, tt_decoding *d, const int32_t *barred, int count,
                     tt_greatest *of);

/* ---- facts --------------------------------------------------------------------------------- */

int tt_model_inputs(const tt_model *m);  /* V of the source side */
int tt_model_outputs(const tt_model *m); /* V of the target side */
int tt_model_longest(const tt_model *m); /* tokens of a sentence, eos counted */
int tt_model_maps_of(const tt_model *m,
                     int site); /* layers that have weights there; cross 0: alignments are zeros */
int tt_model_align_heads(const tt_model *m); /* of the layer whose weights are the alignment */
int tt_model_heads(const tt_model *m, int site, int layer); /* of a layer there, from 0 */
int tt_model_texts(const tt_model *m);                      /* of a source, 1 or 2 (text/texts.h) */
int tt_model_context_heads(const tt_model *m);
int tt_model_context(const tt_model *m);    /* texts before each that it reads (base/seqs.h) */
bool tt_model_coattends(const tt_model *m); /* two texts look at each other */
int tt_model_represents(const tt_model *m); /* ways to represent a token of the text that are
                                               weighed; 0: its piece alone */
int tt_model_layers(const tt_model *m); /* of states that are combined, embeddings counted; 0: they
                                               are not */
int tt_model_start(
    const tt_model *m); /* the token that the decoder begins from; -1: a zero vector */
bool tt_model_picks(const tt_model *m); /* whether tt_decoding_pick can be asked */

/* Bytes that the keys and values, or states, of a sentence of n tokens usually take, followed by so
 * many rows. */
size_t tt_model_bytes(const tt_model *m, int n, int rows);

#endif
