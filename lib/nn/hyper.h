/* hyper.h: the settings that say what a model is (hyper.def), from options, in files, and checked.
 *
 *     tt_hyper h;
 *     tt_hyper_init(&h);
 *     TT_TRY(tt_hyper_set(&h, "preset", "base", e));       // as often as there are options
 *     TT_TRY(tt_hyper_finish(&h, vocab_size, e));          // the preset fills in the rest; checks
 */
#ifndef TT_NN_HYPER_H
#define TT_NN_HYPER_H

#include "io/modelfile.h"

typedef struct tt_hyper {
#define INT(field, name, def, low, high, help) int field;
#define REAL(field, name, def, low, high, help) double field;
#define NAME(field, name, def, names, help) int field;
#include "nn/hyper.def"
#undef INT
#undef REAL
#undef NAME
    int vocab, tgt_vocab; /* V of either side, from the vocabularies */
} tt_hyper;

/* In the order of the names in hyper.def. */
enum { TT_NORM_POST, TT_NORM_PRE };
enum { TT_TIED_ALL, TT_TIED_DECODER, TT_TIED_NONE };
enum { TT_AUTOREG_ATTENTION, TT_AUTOREG_SSRU, TT_AUTOREG_AVERAGE };
enum { TT_POSITIONS_MARIAN, TT_POSITIONS_VASWANI, TT_POSITIONS_LEARNED, TT_POSITIONS_NONE };
enum { TT_TOP_NORM_AUTO, TT_TOP_NORM_YES, TT_TOP_NORM_NO };

/* Does a last normalisation stand on top of encoder and decoder? Width of the decoder's ffn. */
int tt_hyper_top_norm(const tt_hyper *h);

/* 1 when two models differ in a setting; the first one as "name=value" in `was` and `is`. */
int tt_hyper_differ(const tt_hyper *a, const tt_hyper *b, char *was, char *is, size_t cap);

/* Are positions sines and cosines, which nobody stores? */
int tt_hyper_sines(const tt_hyper *h);
int tt_hyper_dec_ffn(const tt_hyper *h);

void tt_hyper_init(tt_hyper *h);

/* Sets one setting from text. TT_EUSAGE, with what is allowed, for an unknown name or a value out of range. */
int tt_hyper_set(tt_hyper *h, const char *name, const char *value, tt_err *e);

/* Fills in the preset's sizes and holds the settings against each other: TT_ECONFIG. `vocab` is that of both sides. */
int tt_hyper_finish(tt_hyper *h, int vocab, tt_err *e);

/* To and from the metadata of a model file: "model.NAME". A setting that the file does not have takes its default;
   one that this program does not know is TT_EFORMAT. */
int tt_hyper_write(const tt_hyper *h, tt_modelwriter *w, tt_err *e);
int tt_hyper_read(tt_hyper *h, const tt_modelfile *mf, tt_err *e);

#endif
