/* variants.h: what the parts of a model may be. Families whose rows have functions of their own
 * stand beside these: autoreg in sublayer.h, norm in order.h, norm-kind in norm.h, feed-forward in
 * sub_ffn.c, positions in attention/position.h. hyper.def makes settings of all.
 */
#ifndef TT_NN_VARIANTS_H
#define TT_NN_VARIANTS_H

#include "base/pick.h"
#include "kernel/kernel.h"

/* id, and the row tt_sub_… of sublayer.h */
#define TT_AUTOREGS(X) X(ATTENTION, attention) X(SSRU, ssru) X(AVERAGE, average)

#define ID(id, row) TT_AUTOREG_##id,
enum { TT_AUTOREGS(ID) };
#undef ID
enum { TT_NORM_POST, TT_NORM_PRE, TT_NORM_NONE, TT_NORM_DEEP }; /* the rows of order.c */

enum { TT_SECOND_NONE, TT_SECOND_CONCATENATE, TT_SECOND_CO_ATTENTION }; /* pair.h */

/* Sizes that fill in what is not given. */
typedef struct tt_preset {
    tt_row row;
    int dim, heads, ffn, enc_layers, dec_layers, autoreg;
} tt_preset;

/* Rows are in the order of the enumerations; those of tt_family_preset are tt_preset. */
extern const tt_family tt_family_preset, tt_family_norm, tt_family_norm_kind, tt_family_autoreg,
    tt_family_feed_forward, tt_family_projections, tt_family_init, tt_family_second;

#endif
