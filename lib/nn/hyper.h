/* hyper.h: the settings that say what a model is (hyper.def), from options, in files, and checked.
 *
 *     tt_hyper h;
 *     tt_hyper_init(&h);
 *     TT_TRY(tt_hyper_set(&h, "preset", "base", e));       // as often as there are options
 *     TT_TRY(tt_hyper_finish(&h, vocab_size, e));          // the preset fills in the rest; checks
 */
#ifndef TT_NN_HYPER_H
#define TT_NN_HYPER_H

#include <stdbool.h>

#include "base/grams.h"
#include "io/modelfile.h"
#include "attention/position.h"
#include "nn/sides.h"
#include "nn/variants.h"

enum { TT_LAYERS_MOST = 64 /* of a side */ };

/* A number for each layer. */
typedef struct tt_layered {
    int count; /* 0: as another setting says */
    unsigned char n[TT_LAYERS_MOST];
} tt_layered;

typedef struct tt_hyper {
#define INT(field, name, def, low, high, class, help) int field;
#define REAL(field, name, def, low, high, class, help) double field;
#define NAME(field, name, def, names, class, help) int field;
#define PICK(field, name, def, family, class, help) int field; /* the place of its row */
#define SAID_INT INT
#define SAID_NAME NAME
#define SAID_PICK PICK
#define CHOICE(field, name, def, family, class, help) /* by site, below */
#define EACH(name, family, help)
#define LIST(field, name, low, high, class, help) /* by site, below */
#include "nn/hyper.def"
    tt_pick encoder, decoder, init, projections, norm_kind, feed_forward;
    tt_pick align[TT_SITES], dist[TT_SITES], reach[TT_SITES];
    tt_layered heads_of[TT_SITES];
    uint64_t said; /* a bit for each row: set by itself since tt_hyper_init or tt_hyper_read */
    int vocab, tgt_vocab; /* V of either side, from the vocabularies */
    const tt_grams
        *grams; /* of the source's, borrowed; a model with characters that is run needs them */
} tt_hyper;

/* In the order of the names in hyper.def; others: variants.h. */
enum { TT_TIED_ALL, TT_TIED_DECODER, TT_TIED_NONE };
enum { TT_TOP_NORM_AUTO, TT_TOP_NORM_YES, TT_TOP_NORM_NO };

/* 1 if a last normalisation stands on top of encoder and decoder (order.h). */
int tt_hyper_top_norm(const tt_hyper *h);

/* 1 if positions are sines and cosines, which nobody stores. */
bool tt_hyper_sines(const tt_hyper *h);

/* The cell of a recurrent encoder or decoder; NULL: it is a Transformer. */
const tt_cell *tt_hyper_encoder_cell(const tt_hyper *h);
const tt_cell *tt_hyper_decoder_cell(const tt_hyper *h);

/* Whether matrices stand before and behind a Transformer's attention. */
bool tt_hyper_projects(const tt_hyper *h);

/* True if there is attention at the site. */
bool tt_hyper_attends(const tt_hyper *h, int site);

/* Texts of a source: 1 or 2. */
int tt_hyper_texts(const tt_hyper *h);

/* Width of the decoder's feed-forward layers. */
int tt_hyper_dec_ffn(const tt_hyper *h);

void tt_hyper_init(tt_hyper *h);

/* Attention at a spot, as the settings have it. */
tt_attend tt_hyper_attend(const tt_hyper *h, tt_spot at);

/* Layers that stand at a site, with attention or without. */
int tt_hyper_layers(const tt_hyper *h, int site);

/* Sets one setting from text. TT_EUSAGE, with what is allowed, for an unknown name or a value out
 * of range. */
int tt_hyper_set(tt_hyper *h, const char *name, const char *value, tt_err *e);

/* Fills in the preset's sizes and holds the settings against each other: TT_ECONFIG. `vocab` is
 * that of both sides. */
int tt_hyper_finish(tt_hyper *h, int vocab, tt_err *e);
int tt_hyper_finish_two(tt_hyper *h, int vocab, int tgt_vocab, tt_err *e);

enum { TT_HYPER_VALUE = 260 }; /* bytes of a value as text */

/* One setting of a model. */
typedef struct tt_hyper_setting {
    const char *name;        /* "activation" */
    const char *words;       /* what it may be, "no|yes"; NULL: a number, or */
    const tt_family *family; /* a row of this */
    int class;               /* TT_HYPER_…, see hyper.def */
    int usual; /* 1: it has its default; never where the default comes from the preset */
    char value[TT_HYPER_VALUE];
} tt_hyper_setting;

enum { TT_HYPER_MODEL, TT_HYPER_TRAIN, TT_HYPER_SEARCH };

/* The i-th setting, i from 0; that of the name. 0: there is none. */
int tt_hyper_at(const tt_hyper *h, int i, tt_hyper_setting *s);
int tt_hyper_get(const tt_hyper *h, const char *name, tt_hyper_setting *s);

/* 1 if the settings differ: the name of the first that does, and both values as text. */
bool tt_hyper_differs(const tt_hyper *a, const tt_hyper *b, const char **name,
                      char a_value[TT_HYPER_VALUE], char b_value[TT_HYPER_VALUE]);

/* To and from the metadata of a model file: "model.NAME". A setting that the file does not have
   takes its default; one that this program does not know is TT_EFORMAT. */
int tt_hyper_write(const tt_hyper *h, tt_modelwriter *w, tt_err *e);
int tt_hyper_read(tt_hyper *h, const tt_modelfile *mf, tt_err *e);

#endif
