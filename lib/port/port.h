/* port.h: a model of another program, on its way in or out.
 *
 * In: a reader of formats.h fills p->arrays; one of the functions below reads the options that came
 * with them and sets p->h, p->naming and p->meta; tt_naming_import does the rest. Out: the opposite
 * way; the function says by TT_ECONFIG what of the model the format cannot express.
 */
#ifndef TT_PORT_PORT_H
#define TT_PORT_PORT_H

#include "base/pick.h"
#include "port/fits.h"
#include "port/formats.h"
#include "port/naming.h"
#include "port/yaml.h"

enum { TT_PORT_METAS = 24, TT_PORT_LAYERS = 64 };

typedef struct tt_port {
    tt_arena *arena;
    const char *file; /* for messages */
    tt_hyper h;
    tt_arrays arrays;
    tt_naming naming;
    int decoder[TT_PORT_LAYERS]; /* room for naming.decoder */
    struct {
        const char *key, *value;
    } meta[TT_PORT_METAS]; /* further metadata of the model file */
    int metas;
} tt_port;

/* Sets one of the model's settings; a value that it refuses is TT_EFORMAT, with p->file. */
int tt_port_set(tt_port *p, const char *name, const char *value, tt_err *e);
int tt_port_set_number(tt_port *p, const char *name, long value, tt_err *e);

/* Another line of metadata; the value is copied. */
int tt_port_note(tt_port *p, const char *key, const char *value, tt_err *e);

/* Settings done: p->h filled in and checked, for tables of so many rows. */
int tt_port_finish(tt_port *p, size_t vocab, size_t target_vocab, tt_err *e);

/* The tables of source, target and output, of which some may be one matrix (the same bytes): sets
   "tied" and puts them into the list once more as emb, or src.emb, tgt.emb and out.w, as the model
   has them. Sorts the list. */
int tt_port_tables(tt_port *p, tt_array *source, tt_array *target, tt_array *output, tt_err *e);

/* The tables of positions of both sides, which must be there and equal: sets "positions" and
   "max-positions". A table that is neither of the two formulas is put into the list as "pos",
   learned; the list is sorted then, which moves arrays. */
int tt_port_positions(tt_port *p, tt_array *enc, tt_array *dec, tt_err *e);

/* Adds the table of positions of a model with settings p->h, (max_length, D), under each of the
   names: the formula's, learned from mf, or zeros for none. An array "pos" that is in the list goes
   out of it; the list is not sorted then. */
int tt_port_add_positions(tt_port *p, const tt_modelfile *mf, const char *const names[2],
                          tt_err *e);

/* An array in p's arena, (rows, cols) f32, or NULL when that is full. */
float *tt_port_array(tt_port *p, const char *name, size_t rows, size_t cols, tt_err *e);

/* A text of settings for another program, of at most `room` bytes, in the arena. What is said
   beyond the room is left out, and `full` tells. */
typedef struct tt_port_text {
    char *s; /* (n), NUL-ended */
    size_t n, room;
    bool full;
} tt_port_text;

int tt_port_text_open(tt_port_text *t, size_t room, tt_arena *a, tt_err *e);
void tt_port_say(tt_port_text *t, const char *fmt, ...) TT_PRINTF(2, 3);
const char *tt_port_bool(int x); /* true or false, as YAML and JSON have them */

/* ---- Marian (marian.c): options are in the array special:model.yml */

extern const tt_family tt_family_export; /* rows in the order of TT_EXPORT_… */

extern const tt_port_row tt_marian_settings[];
int tt_marian_describe(tt_port *p, tt_err *e);
/* 1 if Marian's models have an option of this name. */
bool tt_marian_knows(const char *option);
/* Options of decoding, of decoder.yml (decoding.c), into p->meta; TT_EFORMAT for one that cannot be
 * followed. */
int tt_marian_decoding(tt_port *p, const tt_yaml *y, tt_err *e);
int tt_marian_export(tt_port *p, const tt_modelfile *mf, const char *path, tt_err *e);

/* ---- CTranslate2 (ct2.c): options are scalars among the arrays, and config.json (NULL: an old
 * model without) */

extern const tt_port_row tt_ct2_settings[];
int tt_ct2_describe(tt_port *p, const char *spec, const tt_json *config, tt_err *e);
/* The token that decoding starts from by its name; NULL: it starts from zeros. */
const char *tt_ct2_start(const tt_port *p, const tt_json *config);
int tt_ct2_export(tt_port *p, const tt_modelfile *mf, const char *path, tt_err *e);

/* ---- Hugging Face MarianMT, and safetensors with our own names (hf.c): options are in config.json
 */

extern const tt_port_row tt_hf_settings[]; /* of MarianMT */
int tt_hf_describe(tt_port *p, const tt_json *config, tt_err *e);

/* 1 if MarianMT can run this model. If not, the arrays keep our names, and config.json says so. */
bool tt_hf_fits(const tt_hyper *h);

/* Writes the arrays; *config begins the text of config.json, whose brace is open yet. *pad: 1 when
   a row for <pad>, the last one, was added to tables and bias. */
int tt_hf_export(tt_port *p, const tt_modelfile *mf, const char *path, tt_port_text *config,
                 int *pad, tt_err *e);

#endif
