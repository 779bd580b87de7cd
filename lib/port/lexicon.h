/* lexicon.h: the vocabularies of a foreign model: which files they are, in which of the forms, and
 * what of them the model file needs (text/vocab.h says how it keeps them).
 *
 *     tt_lexicon x;
 *     TT_TRY(tt_lexicon_find(&x, folder, named, n_named, e));
 *     // where a configuration gives other names
 *     TT_TRY(tt_lexicon_rename(&x, "<eos>", "</s>", e));
 *     TT_TRY(tt_lexicon_write(&x, writer, rows, target_rows, e));
 */
#ifndef TT_PORT_LEXICON_H
#define TT_PORT_LEXICON_H

#include "io/modelfile.h"
#include "port/folder.h"
#include "text/vocab.h"

/* Pieces by id; NULL where an id has none. */
typedef struct tt_piece_list {
    const char **piece; /* (count), NUL-ended, in the arena */
    size_t count;
    const char *file;
} tt_piece_list;

typedef struct tt_lexicon {
    tt_folder *folder;
    tt_arena *arena;
    size_t spm[2], list[2]; /* files of source and target; tt_folder_count: none */
    tt_piece_list pieces[2];
    tt_vocab *vocab[2]; /* as they are in the model file, after tt_lexicon_write; one pointer where
                           both sides share one */
} tt_lexicon;

/* Finds and reads them. `named`: files that the user or a configuration names (indices in the
   folder): one for both sides, or one for each, of each kind; what they leave open is looked for
   under the names that each format uses. TT_EFORMAT, TT_ENOINPUT when there is none. */
int tt_lexicon_find(tt_lexicon *x, tt_folder *f, const size_t *named, size_t n_named, tt_arena *a,
                    tt_err *e);

/* A list in any of its forms: Marian's YAML, JSON (an object of ids, or an array), plain lines. */
int tt_piece_list_read(tt_piece_list *l, const char *text, size_t len, const char *file,
                       tt_arena *a, tt_err *e);

void tt_lexicon_rename(tt_lexicon *x, const char *from, const char *to);

/* A list without "<unk>" gets it as its last piece: CTranslate2 has it there, though not in its
 * file. */
int tt_lexicon_add_unk(tt_lexicon *x, tt_err *e);

/* The id of a piece of a side's list, or -1. */
long tt_lexicon_id(const tt_lexicon *x, int side, const char *piece);

/* Writes the entries for tables of so many rows. TT_EFORMAT when a vocabulary is shorter. `what`
   (at least 200 bytes) gets a few words for people. */
int tt_lexicon_write(tt_lexicon *x, tt_modelwriter *w, size_t source_rows, size_t target_rows,
                     char what[200], tt_err *e);

void tt_lexicon_close(tt_lexicon *x); /* a zeroed one is fine */

#endif
