/* cmd.h: what a subcommand is, and what all of them share.
 *
 * A file cmd/NAME.c defines the struct of its options, its rows (opt.h), examples, a run function
 * and
 *
 *     const tt_cmd tt_cmd_eval = {"eval", "scores translations", "[OPTION...] REFERENCE...", prose,
 *                                 rows, sizeof(opts), examples, run};
 *
 * ttrans.c lists it. run() writes results to stdout with stdio, messages through tt_cmd_log or
 * tt_cmd_warn, and returns 0 or a code with the message in *e: main prints it as `ttrans eval: …`,
 * flushes and checks stdout, and chooses the exit status. SIGPIPE has its default action.
 */
#ifndef TT_CMD_CMD_H
#define TT_CMD_CMD_H

#include <stdbool.h>

#include "opt.h"
#include "ttrans.h"

typedef struct tt_example {
    const char *line; /* a shell line that begins with, or pipes into, ttrans; run by the tests */
    const char *note; /* what it does, lower case */
} tt_example;

struct tt_cmd {
    const char *name;    /* "eval" */
    const char *summary; /* "scores translations": completes "ttrans eval ..." */
    const char *usage;   /* what follows the name: "[OPTION...] [FILE]" */
    const char *prose;   /* a paragraph or more for --help, blank lines between; NULL for none */
    const tt_opt *rows;
    size_t size;                /* of the options struct */
    const tt_example *examples; /* {NULL, NULL} at the end; or NULL */
    int (*run)(void *opts, tt_err *e);
};

/* The table of ttrans.c, NULL at the end. */
extern const tt_cmd *const tt_cmds[];

/* The command of that name; or NULL, and *e names the nearest. */
const tt_cmd *tt_cmd_find(const char *name, tt_err *e);

/* What `ttrans --help` prints. */
void tt_cmd_overview(FILE *out);

/* ---- messages (term.c) --------------------------------------------------------------------- */

/* Main says whose messages follow: the command's name, "" for none. */
void tt_cmd_begin(const char *name);

/* A log that writes to stderr: warnings and errors as `ttrans CMD: …`, the rest plain; from
   TT_LOG_INFO on, with progress where stderr is a terminal. */
tt_log tt_cmd_log(int level);

/* Leaves code and message in *e and returns the code. */
int tt_cmd_fail(tt_err *e, int code, const char *fmt, ...) TT_PRINTF(3, 4);

/* One line on stderr, as `ttrans CMD: …`. */
void tt_cmd_warn(const char *fmt, ...) TT_PRINTF(1, 2);

/* 1 if stderr is a terminal that takes a progress line (not TERM=dumb). */
bool tt_cmd_tty(void);

/* 1 if `out` may have colours: a terminal, not TERM=dumb, NO_COLOR unset or empty. */
bool tt_cmd_colour(FILE *out);

/* Columns of the terminal of `out`, or `other` when it is none or says nothing. */
int tt_cmd_columns(FILE *out, int other);

/* Shows `line` in place on stderr, over the one before, cut to the width of the terminal; the next
   message or NULL wipes it. Where stderr is no terminal it is a line like any other. For one thread
   at a time with the log. */
void tt_cmd_progress(const char *line);

/* Cuts a line to so many columns. Fields, between two blanks, are left out from the back, but the
 * last one stays. */
void tt_cmd_fit(char *line, int columns);

/* ---- JSON (jsontext.c) ---------------------------------------------------------------------- */

/* A text in quotes, all ASCII; what is no UTF-8 as lone surrogates. */
void tt_cmd_json_text(FILE *out, tt_span text);
void tt_cmd_json_string(FILE *out, const char *text);

/* ---- places (place.c) ---------------------------------------------------------------------- */

/* The model to use, into path[cap]: `given` unless NULL; else, unless a pair is given, what
   TTRANS_MODEL names; else PAIR.ttm (pair NULL: en-es), in models/ beside the program or in
   share/ttrans/ where it is installed. TT_EUSAGE for a file beside a pair and for a pair that is
   none; TT_ENOINPUT names the places. */
int tt_cmd_model(char *path, size_t cap, const char *given, const char *pair, tt_err *e);

/* The format of documents that a value of --format means ("auto|text", then the rows of the family
   document); auto: by the path's suffix. NULL: lines of text. */
const char *tt_cmd_format(int format, const char *path);

/* The folder in which sacreBLEU keeps what it fetched, into path[cap]: 1, or 0 for one too long. */
bool tt_cmd_fetched(char *path, size_t cap);

#endif
