/* fits.h: what of a model's settings another program can say: one table a program, for both ways.
 *
 *     static const tt_port_row fits[] = {{"dim"}, {"norm", "post"}, {"activation", "swish",
 *       "silu"}, …, {0}};
 *     // TT_ECONFIG names what does not fit
 *     TT_TRY(tt_port_fits(fits, "MarianMT", &h, "model.ttm", e));
 *     tt_port_theirs(fits, &h, "activation")                           // "silu"
 *     tt_port_ours(fits, "activation", "silu")                         // "swish"
 *
 * A setting that has rows fits if one of them allows its value. A setting without a row fits only
 * if it has its default. So a setting that is added to hyper.def is refused by every program until
 * a row allows it.
 */
#ifndef TT_PORT_FITS_H
#define TT_PORT_FITS_H

#include <stdbool.h>

#include "nn/hyper.h"

typedef struct tt_port_row {
    const char *setting;
    const char *ours;      /* its values, between |; NULL: any */
    const char *theirs;    /* the other program's name of the value; NULL: has none, or the same */
    const char *when, *is; /* the row counts only where the setting `when` has one of the values
                              `is`; NULL: always */
} tt_port_row;

/* The rows of a table whose program takes a model of any size. */
#define TT_PORT_SIZES                                                                              \
    {.setting = "dim"}, {.setting = "heads"}, {.setting = "ffn"}, {.setting = "enc-layers"},       \
        {.setting = "dec-layers"}, {                                                               \
        .setting = "dec-ffn"                                                                       \
    }

/* Holds every setting of class MODEL or SEARCH against the table, which {0} ends. TT_ECONFIG, with
   file, program, setting and value. */
int tt_port_fits(const tt_port_row *table, const char *program, const tt_hyper *h, const char *file,
                 tt_err *e);

/* Translations of a value by the rows that have a name of theirs; NULL: there is none. */
const char *tt_port_theirs(const tt_port_row *table, const tt_hyper *h, const char *setting);
const char *tt_port_ours(const tt_port_row *table, const char *setting, const char *theirs);

/* 1 if `value` is one of the words of "a|b|c". */
bool tt_port_among(const char *words, const char *value);

#endif
