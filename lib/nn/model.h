/* model.h: the parameters of a model, in one block of memory, with names.
 *
 *     tt_model *m;
 *     // params (size): borrowed, grads too or NULL
 *     TT_TRY(tt_model_open(&m, &hyper, params, grads, e));
 *     tt_model_init(m, seed);
 *
 *     // for decoding: weights packed
 *     TT_TRY(tt_loading_open(&l, modelfile, kernels, TT_TYPE_F32, 1, e));
 *     for (size_t i = 0; i < tt_loading_parts(l); i++) tt_loading_do(l, i, 0);
 *     TT_TRY(tt_loading_close(&m, l, e));
 *     tt_model_close(m);
 *
 * Names, as in the file: emb or src.emb, tgt.emb, out.w; out.b; enc.I.self.{qkv,o}.{w,b},
 * enc.I.self.norm.{g,b}, enc.I.ffn.{1,2}.{w,b}, enc.I.ffn.norm.{g,b}; dec.I as enc.I, and
 * dec.I.cross.{q,kv,o}.{w,b}, dec.I.cross.norm.{g,b}. In place of dec.I.self, dec.I.rnn.{w,b}, W
 * and W_f of the SSRU, or dec.I.aan.{1,2,in,forget}.{w,b}, the feed-forward layer and gates of
 * average attention, each with its norm.{g,b}. As settings ask: pos (max_length, D),
 * src.norm.{g,b}, tgt.norm.{g,b}, enc.norm.{g,b}, dec.norm.{g,b}. A weight is (out, in); qkv is the
 * three matrices one below the other. A gated ffn.1 is the gate's matrix above the other's; norms
 * of kind rms have no b; relative positions have enc.I.self.position.w and dec.I.self.position.w
 * (H, 32). Biases and gains are rows (1, n). Rows of attention put theirs behind:
 * enc.I.self.align.…, .distribution.…, .reach.…. A recurrent encoder has enc.I.rnn.{w,b,u,un,bn},
 * or the same below enc.I.rnn.{fw,bw}; a recurrent decoder dec.I.rnn.…, dec.in.w, dec.cross.… and
 * dec.read.{s,y,c}.w. Characters of the text have
 * src.represent.{grams,w,v,piece.b,characters.b}. Each stands where its sublayer declares it
 * (sub_*.c, recurrent.c, represent.c, tensor/cells.c).
 */
#ifndef TT_NN_MODEL_H
#define TT_NN_MODEL_H

#include "nn/context.h"
#include "nn/order.h"
#include "nn/pair.h"
#include "nn/represent.h"
#include "nn/sublayer.h"

/* A sublayer in its place: its parameters, and its normalisation's. */
typedef struct tt_unit {
    const tt_sublayer *kind;
    tt_spot at;
    void *par; /* of kind->size, owned by the model */
    tt_norm_par norm;
} tt_unit;

enum { TT_UNITS = 3 };
typedef struct tt_layer {
    tt_unit unit[TT_UNITS];
    int units;
} tt_layer;

typedef struct tt_model {
    tt_hyper h;
    tt_tensor emb, tgt_emb, out_w; /* (V_src, D), and, where they are not tied, (V_tgt, D) */
    tt_tensor out_b;               /* (1, V_tgt) */
    tt_tensor *src_table, *tgt_table, *out; /* the ones in use */
    tt_layer *enc, *dec;                    /* (enc_layers), (dec_layers) */
    const struct tt_arch *arch;             /* its row of the family architecture (arch.h) */
    struct tt_recurrent *recurrent;         /* in place of dec (recurrent.h); or NULL */
    tt_norm_par src_norm, tgt_norm;         /* of embeddings, if they are normalised */
    tt_norm_par enc_norm, dec_norm;         /* on top */
    tt_represent represent;     /* of the text's tokens, where these are more than pieces */
    tt_tensor blend_w, blend_v; /* (D, D), (1, D), of layers that are combined */
    tt_pair pair;               /* of two texts */
    tt_context context;         /* of texts before each */
    tt_tensor pos;              /* (max_length, D); a parameter if learned */
    tt_tensor *positions;       /* it, or NULL for none */
    void *owned[4];             /* memory that goes with the model */
} tt_model;

/* Floats of all parameters; each starts at a multiple of 16, so this is a little more than their
 * number. */
size_t tt_model_size(const tt_hyper *h);

/* Lays a model over `params` (size floats, borrowed; NULL: only to walk it) and `grads` (as many,
 * or NULL). */
int tt_model_open(tt_model **m, const tt_hyper *h, float *params, float *grads, tt_err *e);
void tt_model_close(tt_model *m);

/* Tells a model with characters of what its pieces are made, before it is run; borrowed. */
void tt_model_spell(tt_model *m, const tt_grams *grams);

/* First values, as the setting init says (init.h). */
void tt_model_init(tt_model *m, uint64_t seed);

/* Draws random features that are not learned anew, for the time-th time. */
void tt_model_redraw(tt_model *m, uint64_t seed, uint64_t time);

/* A layer's number for tt_run_enter. */
static inline int tt_layer_part(bool decoder, int layer) {
    return (decoder ? TT_LAYERS_MOST : 0) + layer;
}

/* Declares the parameters of layers: "enc" or "dec". */
void tt_layers_params(tt_declare *d, const tt_hyper *h, const char *side, tt_layer *l, int count);

/* Walks all parameters in file order (param.h). */
void tt_model_walk(tt_model *m, tt_param_visit *visit, void *ctx);

/* Forgets the gradients: the next contribution overwrites. */
void tt_model_clear(tt_model *m);

/* Reading a model for decoding (load.c): matrices are packed for k and kept in no other form.
   `type` is that of the products: TT_TYPE_F32; TT_TYPE_BF16, weights rounded, products as in f32;
   TT_COMPUTE_BF16_BOTH; TT_TYPE_I8, weights and the rows they meet with 8 bits, as they stand in an
   int8 file or else rounded here; TT_COMPUTE_AUTO, as the file stores them. The parts can be done
   by any thread of `workers`, in rising order; one worker does one at a time. open: TT_EFORMAT when
   a tensor is missing, has another shape, or is surplus; close, of the first part that failed:
   TT_EFORMAT when it is damaged; TT_EDATA, naming the tensor, when a weight is not finite
   (tt_modelfile_check_finite). */
typedef struct tt_loading tt_loading;
int tt_loading_open(tt_loading **l, const tt_modelfile *mf, const tt_kernels *k, int type,
                    int workers, tt_err *e);
size_t tt_loading_parts(const tt_loading *l);
void tt_loading_do(tt_loading *l, size_t part, int worker);
int tt_loading_close(tt_model **m, tt_loading *l,
                     tt_err *e); /* the loading is gone whatever the result */

/* The rows ids (n) of a matrix that is also looked up, or f32, packed as the matrix is, in the
   run's arena. Another matrix is TT_EUSAGE. 0, or the code with which the run has failed. */
int tt_model_select(tt_run *run, const tt_tensor *w, const int32_t *ids, int n, tt_tensor *part);

/* A packed f32 model for decoding over the weights of another, for as long as those do not change.
 */
int tt_model_packed(tt_model **m, tt_model *of, const tt_kernels *k, tt_err *e);

/* Writes settings and tensors. type: TT_TYPE_F32, F16, BF16 or I8 for matrices; rows of biases and
   gains are always f32. */
int tt_model_write(tt_model *m, tt_modelwriter *w, int type, tt_err *e);

/* Reads all tensors as f32 into the block the model lies over (training: start from a file). Errors
 * as tt_loading. */
int tt_model_read(tt_model *m, const tt_modelfile *mf, tt_err *e);

/* Whether weights have fewer bits than a float: then keys and values have 16, too, for attention
 * mostly waits for memory. */
bool tt_model_halves(const tt_model *m);

/* Number of parameters, paddings not counted. */
size_t tt_model_params(tt_model *m);

/* Fails if the settings and the file's directory do not belong together. Called before memory is
   taken for them. TT_EFORMAT when a tensor is missing or has another shape, and when the
   settings ask for far more numbers than the file can hold. */
int tt_model_fits(const tt_hyper *h, const tt_modelfile *mf, tt_err *e);

/* Fills the positions, where they are sines; for those who have a skeleton. */
int tt_model_place(tt_model *m, tt_err *e);

/* For load.c. A model without weights and positions; the file's entry of a tensor, of its shape, or
   NULL; whether the file holds other numbers than the `found` tensors. */
tt_model *tt_model_skeleton(const tt_hyper *h, tt_err *e);
const tt_file_tensor *tt_model_entry(const tt_modelfile *mf, const tt_param *p, tt_err *e);
int tt_model_check_surplus(const tt_modelfile *mf, size_t found, tt_err *e);

#endif
