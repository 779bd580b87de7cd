/* variants.h: what the parts of a model may be. Families whose rows have functions of their own
 * stand beside these: autoreg in sublayer.h, norm in order.h. hyper.def makes settings of all.
 */
#ifndef TT_NN_VARIANTS_H
#define TT_NN_VARIANTS_H

#include "base/pick.h"
#include "kernel/kernel.h"

/* id, and the row tt_sub_… of sublayer.h */
#define TT_AUTOREGS(X) X(ATTENTION, attention) X(SSRU, ssru) X(AVERAGE, average)

#define TT_POSITION_KINDS(X)                                                                       \
    X(MARIAN, "marian", "sines and cosines with Marian's spacing", "Junczys-Dowmunt et al. 2018")  \
    X(VASWANI, "vaswani", "sines and cosines with the paper's spacing", "Vaswani et al. 2017")     \
    X(LEARNED, "learned", "a learned vector for each position", "Gehring et al. 2017")             \
    X(NONE, "none", "no position vectors", NULL)                                                   \
    X(INTERLEAVED, "interleaved", "the paper's sines and cosines by turns, as it prints them",     \
      "Vaswani et al. 2017")

#define ID(id, row) TT_AUTOREG_##id,
enum { TT_AUTOREGS(ID) };
#undef ID
#define ID(id, name, help, source) TT_POSITIONS_##id,
enum { TT_POSITION_KINDS(ID) };
#undef ID
enum { TT_NORM_POST, TT_NORM_PRE, TT_NORM_NONE }; /* the rows of order.c */

/* Sizes that fill in what is not given. */
typedef struct tt_preset {
    tt_row row;
    int dim, heads, ffn, enc_layers, dec_layers, autoreg;
} tt_preset;

/* Rows are in the order of the enumerations; those of tt_family_preset are tt_preset. */
extern const tt_family tt_family_preset, tt_family_norm, tt_family_autoreg, tt_family_positions,
    tt_family_projections, tt_family_init;

#endif
