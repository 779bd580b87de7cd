/* naming.h: whose tensors are whose: one table a format, read in both directions.
 *
 *     static const tt_name_row rows[] = {{"@.#.self.qkv.w",
 *       "@_l#_self_Wq|@_l#_self_Wk|@_l#_self_Wv", .transposed = true}, …, {0}};
 *     tt_naming n = {.rows = rows, .side = {"encoder", "decoder"}, .first = 1, .has = PRE_NORM};
 *     // theirs → a model file
 *     TT_TRY(tt_naming_import(writer, &hyper, &n, &arrays, TT_STORE_AS_IS, e));
 *     TT_TRY(tt_naming_export(&arrays, modelfile, &hyper, &n, e));  // a model file → theirs
 *
 * In a pattern @ stands for the side (ours: enc, dec) and # for the number of a layer (ours: from
 * 0). What is one tensor here can be several there, divided by |, one below the other (rows of one:
 * one behind the other); 0 stands for zeros that are not kept there. Of several rows for a tensor
 * the first that fits counts.
 */
#ifndef TT_PORT_NAMING_H
#define TT_PORT_NAMING_H

#include "nn/model.h"
#include "port/array.h"

typedef struct tt_name_row {
    const char *ours, *theirs;
    unsigned when;   /* bits of tt_naming.has that must all be set */
    unsigned absent; /* bits with which, any of them set, theirs may be missing: gains are then 1,
                        others 0 */
    bool transposed; /* matrices lie (in, out) there; ours are (out, in) */
} tt_name_row;

typedef struct tt_naming {
    const tt_name_row *rows; /* ours NULL at the end; NULL: theirs are ours */
    const char *side[2];     /* @: of the encoder, of the decoder */
    int first;               /* number of the first layer */
    unsigned has;            /* bits that the format defines */
    const int
        *decoder; /* for each decoder layer the one, from 0, whose weights it has; NULL: its own */
    bool flat;    /* rows are vectors there, of one dimension */
    const tt_log *log; /* told how far an import is; or NULL */
} tt_naming;

enum { TT_STORE_AS_IS = -1 }; /* or a TT_TYPE_… for the matrices */

/* Writes every tensor of a model with these settings. As it is: f32, f16 and bf16 keep their type,
   int8 its numbers and scales; what is mixed or of another type becomes f32. Rows of one are always
   f32. TT_EFORMAT, with the name, for an array that is missing, has another shape, or is left over.
 */
int tt_naming_import(tt_modelwriter *w, const tt_hyper *h, const tt_naming *n, tt_arrays *from,
                     int store, tt_err *e);

/* Adds the arrays, as f32 in the list's arena, of a model file with these settings. */
int tt_naming_export(tt_arrays *to, const tt_modelfile *mf, const tt_hyper *h, const tt_naming *n,
                     tt_err *e);

#endif
