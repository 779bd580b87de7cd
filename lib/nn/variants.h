/* variants.h: what the parts of a model may be, one table a part: id, name, help, source. The tables make the
 * enumerations and the families; hyper.def makes settings of them.
 */
#ifndef TT_NN_VARIANTS_H
#define TT_NN_VARIANTS_H

#include "base/pick.h"
#include "kernel/kernel.h"

#define TT_NORMS(X)                                                                                \
    X(POST, "post", "layer normalisation behind each sublayer", "Vaswani et al. 2017")             \
    X(PRE, "pre", "layer normalisation before each sublayer", "Wang et al. 2019")

#define TT_AUTOREGS(X)                                                                             \
    X(ATTENTION, "self-attention", "attention to all tokens before", "Vaswani et al. 2017")        \
    X(SSRU, "ssru", "a simpler simple recurrent unit", "Kim et al. 2019")                          \
    X(AVERAGE, "average-attention", "the average of all before, through a layer", "Zhang et al. 2018")

#define TT_POSITION_KINDS(X)                                                                       \
    X(MARIAN, "marian", "sines and cosines with Marian's spacing", "Junczys-Dowmunt et al. 2018")  \
    X(VASWANI, "vaswani", "sines and cosines with the paper's spacing", "Vaswani et al. 2017")     \
    X(LEARNED, "learned", "a learned vector for each position", "Gehring et al. 2017")             \
    X(NONE, "none", "no position vectors", NULL)

#define ID(id, name, help, source) TT_NORM_##id,
enum { TT_NORMS(ID) };
#undef ID
#define ID(id, name, help, source) TT_AUTOREG_##id,
enum { TT_AUTOREGS(ID) };
#undef ID
#define ID(id, name, help, source) TT_POSITIONS_##id,
enum { TT_POSITION_KINDS(ID) };
#undef ID

/* Sizes that fill in what is not given. */
typedef struct tt_preset {
    tt_row row;
    int dim, heads, ffn, enc_layers, dec_layers, autoreg;
} tt_preset;

/* Rows are in the order of the enumerations; those of tt_family_preset are tt_preset. */
extern const tt_family tt_family_preset, tt_family_norm, tt_family_autoreg, tt_family_positions;

#endif
