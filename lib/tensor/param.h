/* param.h: how a part of a network declares its parameters: name, shape, role. Whoever walks a
 * network says with a function what becomes of each parameter: it is counted, laid over memory,
 * read, written, initialised, packed.
 *
 *     tt_declare d = {.visit = count, .ctx = &n};
 *     size_t at = tt_declare_enter(&d, "enc.%d.", 0);
 *     tt_declare_param(&d, &p->w, &(tt_param){"ffn.1.w", ffn, dim, .role = TT_MATRIX});     //
 *       visited as enc.0.ffn.1.w
 *     tt_declare_leave(&d, at);
 *
 * A declaration is repeated for each walk, always in the same order: it is the order of the file.
 */
#ifndef TT_PARAM_H
#define TT_PARAM_H

#include "tensor/tensor.h"

enum tt_role {
    TT_MATRIX, /* the right-hand side of products; a decoding model packs it and drops the floats */
    TT_TABLE,  /* rows that are looked up */
    TT_SMALL,  /* used as it stands, f32 in memory and in files */
    TT_BIAS,   /* (1, n), 0 at first */
    TT_GAIN    /* (1, n), 1 at first */
};

enum { TT_NO_SIDE, TT_ENCODER_SIDE, TT_DECODER_SIDE };

/* Where in a network: a site, as attention/attend.h numbers them, and a layer, from 0. */
typedef struct tt_spot {
    int site, layer;
} tt_spot;

/* What a parameter is part of; TT_NO_PART: of none of these, as a last normalisation. */
enum { TT_NO_PART, TT_PART_EMBEDDING, TT_PART_SELF, TT_PART_CROSS, TT_PART_FFN };

typedef struct tt_param {
    const char *name;
    int rows, cols;
    enum tt_role role;
    int parts; /* matrices one below the other; 0: one. A part is initialised, and stepped by Muon,
                  by itself */
    int fixed; /* so many leading columns are not learned */
    bool may_close;         /* -infinity is a value of it */
    int side;               /* TT_…_SIDE, of the walk */
    int part;               /* TT_PART_…, of the walk */
    int layer;              /* on its side, from 1; 0: in none */
    double start;           /* TT_SMALL, TT_BIAS: the first value of all numbers, */
    int start_at, start_to; /* … of those columns alone; both 0: of all */
    double deviation;       /* plus a normal number of this deviation; */
    bool glorot;            /* or, in place of both, Glorot-uniform numbers, as a matrix has */
    int heads;       /* the numbers are of so many attention heads, one behind the other; 0: as the
                  declaration says; -1: of none */
    int groups;      /* and that so often, one group of heads behind the other; 0: once */
    bool across;     /* heads stand side by side, as columns */
    tt_spot spot;    /* of the walk */
    unsigned branch; /* a bit for each part that makes what is added to the residual sum: values,
                         outputs, feed-forward layers */
    bool features;   /* TT_SMALL: blocks of orthogonal rows, each with the length of a normal vector
                        (Choromanski et al. 2021) */
    bool orthogonal; /* TT_MATRIX: each part, which is square, is orthogonal at first (Saxe et al.
                        2014) */
} tt_param;

/* p: with its full name, which the visitor may not keep. offset: floats from the start of the block
 * of parameters. */
typedef void tt_param_visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset);

typedef struct tt_declare {
    tt_param_visit *visit;
    void *ctx;
    size_t offset;
    int side; /* of what is declared here, */
    tt_spot spot;
    int heads;   /* and, where a parameter does not say, of how many heads its numbers are */
    int part;    /* its part of a layer, */
    int layer;   /* and its layer */
    char at[48]; /* how names begin here */
} tt_declare;

/* Begins names with more; leave takes the result of enter. */
size_t tt_declare_enter(tt_declare *d, const char *fmt, ...) TT_PRINTF(2, 3);
void tt_declare_leave(tt_declare *d, size_t at);

/* Declares a parameter and sets the shape of its tensor. */
void tt_declare_param(tt_declare *d, tt_tensor *t, const tt_param *p);

/* How many matrices the optimiser steps of this parameter: its parts; 0: it is none. */
int tt_param_matrices(const tt_param *p);

#endif
