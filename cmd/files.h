/* files.h: the files that a command line names, by the rows of its options: what is read, what is
 * written.
 */
#ifndef TT_CMD_FILES_H
#define TT_CMD_FILES_H

#include "opt.h"

/* One use of one file. */
typedef struct tt_use {
    char title[64];   /* of the option: "--glossary" */
    const char *path; /* as given, "-" too; in the arena of the uses */
    int how;          /* TT_FILE_READ, WRITE, REPLACE or APPEND (opt.h) */
} tt_use;

typedef struct tt_uses {
    tt_use *item; /* owned, as are the paths */
    int count;
} tt_uses;

/* 1 if a value of this row names a file or a folder. */
int tt_opt_takes_file(const tt_opt *o);

/* All files that the options name, and the default model where a row says that it is read.
 * TT_ENOMEM alone. */
int tt_uses_find(tt_uses *u, const tt_cmd *cmd, const void *opts, const tt_opt_shared *shared,
                 tt_err *e);
void tt_uses_free(tt_uses *u);

/* TT_EUSAGE when a file is both read and written, or written twice: by device and inode where it is
   there, else by name; standard input and output count where they are files; of a folder that is
   read, all files in it. */
int tt_uses_check(const tt_uses *u, tt_err *e);

/* Enters the sandbox (base/sandbox.h) with what the options name: what is read, and the folders of
   what is written. What a kernel cannot hold is not held. More: */
enum {
    TT_CONFINE_PACKAGE = 1, /* of a file that is read, the folder it lies in */
    TT_CONFINE_RUN = 2,     /* what stands in the folders of what is written may be read */
    TT_CONFINE_FORKS = 4    /* processes of this program */
};
void tt_uses_confine(const tt_uses *u, int more);

#endif
