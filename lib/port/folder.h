/* folder.h: where a foreign model lies: a folder, a package of one (ZIP, tar, tar.gz), or one file
 * with its neighbours; and what kind each file is, found from its bytes, not its name.
 *
 *     tt_folder *f = tt_folder_open(path, arena, e);
 *     for (i < tt_folder_count(f)) … tt_folder_kind(f, i) == TT_FOREIGN_NPZ …
 *     TT_TRY(tt_folder_read(f, i, &data, &size, e));        // gzip undone; the folder's
 *     tt_folder_close(f);
 */
#ifndef TT_PORT_FOLDER_H
#define TT_PORT_FOLDER_H

#include <stdbool.h>

#include "base/arena.h"

enum {
    TT_FOREIGN_OTHER, /* text, or nothing that is known */
    TT_FOREIGN_NPZ,
    TT_FOREIGN_MARIAN_BIN,
    TT_FOREIGN_SAFETENSORS,
    TT_FOREIGN_CT2,
    TT_FOREIGN_SHORTLIST, /* Bergamot's binary form */
    TT_FOREIGN_SPM,
    TT_FOREIGN_ZIP /* of something else than arrays */
};

typedef struct tt_folder tt_folder;

/* NULL: TT_ENOINPUT, TT_EFORMAT. */
tt_folder *tt_folder_open(const char *path, tt_arena *a, tt_err *e);
void tt_folder_close(tt_folder *f);

size_t tt_folder_count(const tt_folder *f);
const char *tt_folder_name(const tt_folder *f, size_t i); /* inside the folder */
const char *tt_folder_path(const tt_folder *f, size_t i); /* for messages */
size_t tt_folder_find(const tt_folder *f,
                      const char *name); /* an index, or tt_folder_count when it is not there */
bool tt_folder_ends(const tt_folder *f, size_t i, const char *end); /* does its name end so? */
const char *tt_folder_where(const tt_folder *f);                    /* for messages: the whole */

/* If `path` was one file: its index; else tt_folder_count. */
size_t tt_folder_chosen(const tt_folder *f);

int tt_folder_kind(tt_folder *f, size_t i, int *kind, tt_err *e);

/* The file's bytes, until the folder is closed. */
int tt_folder_read(tt_folder *f, size_t i, const unsigned char **data, size_t *size, tt_err *e);

/* The file that a configuration of the folder, `from`, names by `path`; an index, or
   tt_folder_count when it is not there. A path with folders in it leads from where the
   configuration lies, if it says `relative`; then a file of that name beside it is meant, as when a
   model has moved; then the path as it is, from the working directory. In a package no path leads
   out. */
int tt_folder_follow(tt_folder *f, size_t from, const char *path, bool relative, size_t *index,
                     tt_err *e);

/* Any other file, kept open with the folder. */
int tt_folder_add(tt_folder *f, const char *path, size_t *index, tt_err *e);

#endif
