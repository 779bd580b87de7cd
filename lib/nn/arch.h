/* arch.h: the family architecture: how the states of a decoder follow from each other, in whole
 * sequences and step by step. stack.c has the rows and knows a model's by tt_model.arch; nobody
 * else asks which one it is.
 *
 *     transformer   a stack of layers, each of which sees all tokens before at once
 *     recurrent     one step after the other, each of which reads the state before (recurrent.h)
 */
#ifndef TT_NN_ARCH_H
#define TT_NN_ARCH_H

#include "nn/network.h"

typedef struct tt_arch {
    tt_row row;
    bool (*fits)(const tt_hyper *h); /* 1 if the settings ask for this row */
    bool placed;          /* tokens get positions, and a last normalisation may stand on top */
    size_t (*size)(void); /* bytes of tt_model.recurrent; NULL: there is none */
    void (*params)(tt_model *m, tt_declare *d);
    int (*align_layer)(const tt_model *m); /* the layer whose cross-attention is the alignment, */
    int (*maps)(const tt_model *m);        /* of so many that have one */
    /* The states (N, D) before each given token; embedded (N, D): the tokens before. text (N_src,
       D). maps: NULL, or of one sentence. */
    tt_tensor *(*whole)(tt_run *run, tt_model *m, tt_tensor *embedded, const tt_seqs *tgt,
                        tt_tensor *text, const tt_seqs *src, const tt_maps *maps);
    /* What decoding keeps, into keep (TT_UNITS + 2 a layer); returns the slots. */
    int (*keeps)(const tt_model *m, tt_keeping *keep);
    void (*open)(tt_run *run, tt_model *m, tt_memory *memory, tt_tensor *text, const tt_seqs *src);
    /* The states (rows, D) of one step. row_maps: as in stack.h. */
    tt_tensor *(*step)(tt_run *run, tt_model *m, tt_memory *memory, tt_tensor *embedded,
                       float *const *row_maps);
} tt_arch;

/* The row that the settings ask for. */
const tt_arch *tt_arch_of(const tt_hyper *h);

extern const tt_family tt_family_architecture;

#endif
