/* sublayer.h: what a layer is made of, one row a kind: self-attention, a recurrence,
 * cross-attention, a feed-forward layer. A row says which parameters it has, what decoding keeps
 * for it, and how it runs; stack.c puts sublayers one on the other, each with its residual sum and
 * normalisation (order.h). A sublayer is written once: tt_pass tells how its rows see each other,
 * in whole sequences or in one step of decoding. A spot says where a sublayer stands: its site
 * (attention/attend.h), which without attention is that of its side, ENC or DEC, and its layer.
 */
#ifndef TT_NN_SUBLAYER_H
#define TT_NN_SUBLAYER_H

#include "nn/equations.h"
#include "nn/hyper.h"
#include "nn/memory.h"
#include "tensor/param.h"

/* How the rows of one pass see each other. */
typedef struct tt_pass {
    enum { TT_WHOLE, TT_STEP } form;
    /* WHOLE: given sequences */
    const tt_spans *self;  /* the rows of each sentence */
    const tt_spans *cross; /* and the rows of its text; in a decoder */
    tt_tensor *text;       /* (N_src, D) encoder states; in a decoder */
    bool halved;           /* keys and values are rounded as decoding would keep them */
    bool last;             /* the top layer of its side */
    float *map;            /* where attention weights go, (H, T, S) of one sentence; or NULL */
    tt_tell told;          /* what goes there */
    /* STEP: one row a hypothesis */
    tt_memory *memory;
    const tt_seqs *texts;   /* before the first step */
    int slot;               /* of the sublayer */
    float *const *row_maps; /* where a row's attention weights go, (H, S); or NULL */
} tt_pass;

typedef struct tt_sublayer {
    tt_row row;
    const char *at; /* how the names of its parameters begin: "self." */
    size_t size;    /* bytes of its struct of tensors */
    void (*params)(const tt_hyper *h, tt_spot at, void *par, tt_declare *d);
    /* What decoding keeps; heads: those in which 16 bits a number will do, where the weights have
     * no more. NULL: nothing. */
    tt_keeping (*keeps)(const tt_hyper *h, tt_spot at);
    /* Before the first step, for TT_KEEP_ONCE: stores what is kept of the text. pass: memory, slot
     * and text. NULL: nothing. */
    void (*open)(tt_run *run, const tt_hyper *h, tt_spot at, void *par, const tt_pass *pass);
    void (*say)(const tt_hyper *h, tt_spot at,
                const tt_telling *l); /* its equations (equations.h) */
    /* x (N, D) to (N, D). */
    tt_tensor *(*run)(tt_run *run, const tt_hyper *h, tt_spot at, void *par, tt_tensor *x,
                      const tt_pass *pass);
    int part;       /* TT_PART_…, of its parameters */
    unsigned sites; /* TT_AT_…: where the row may stand, */
    bool (*stands)(const tt_hyper *h,
                   int site); /* and whether it does there, as the settings say */
    bool attends;             /* has weights to look at */
} tt_sublayer;

extern const tt_sublayer tt_sub_attention, tt_sub_ssru,
    tt_sub_average; /* the family autoreg, too */
extern const tt_sublayer tt_sub_cross, tt_sub_ffn, tt_sub_scan;

/* The rows of the family sublayer, in the order in which they stand in a layer; NULL: no more. */
const tt_sublayer *tt_sublayer_at(int i);

/* 1 if the decoder has layers, and they see what came before by this row of the family autoreg. */
bool tt_hyper_mixes(const tt_hyper *h, int autoreg);

extern const tt_family tt_family_sublayer;

#endif
