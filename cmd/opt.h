/* opt.h: one table of rows per subcommand says everything about its options.
 *
 *     typedef struct opts { const char *model; int beam; double alpha; int quiet; tt_list files; }
 *       opts;
 *
 *     static const tt_opt rows[] = {
 *         {TT_OPT_GROUP, .help = "Search"},
 *         {TT_OPT_INT, "-b --beam-size --beam", "N", "4", offsetof(opts, beam), .low = 1, .high =
 *           64,
 *          .help = "hypotheses kept at each step"},
 *         {TT_OPT_DOUBLE, "-n --normalize --lenpen", "ALPHA", "0", offsetof(opts, alpha), .bare =
 *           "1",
 *          .help = "divide scores by length to the power ALPHA"},
 *         {TT_OPT_FLAG, "-q --quiet", .at = offsetof(opts, quiet), .help = "print no messages"},
 *         {TT_OPT_LIST, "[FILE...]", .at = offsetof(opts, files), .help = "files to read"},
 *         {0}};
 *
 * The same rows parse argv, print --help, shell completion and the OPTIONS section of the manual.
 */
#ifndef TT_CMD_OPT_H
#define TT_CMD_OPT_H

#include "base/err.h"
#include "ttrans.h"

#include <stdbool.h>
#include <stdio.h>

/* What a row is, and the type of the field at its offset. */
enum {
    TT_OPT_END,    /* {0} ends the table */
    TT_OPT_GROUP,  /* a heading for the rows below: .help */
    TT_OPT_FLAG,   /* int: one more each time it is given; --no-NAME makes it 0 */
    TT_OPT_INT,    /* int */
    TT_OPT_SIZE,   /* size_t; 4k = 4000, also K M G */
    TT_OPT_LONG,   /* long; the same */
    TT_OPT_SEED,   /* uint64_t; the same */
    TT_OPT_DOUBLE, /* double */
    TT_OPT_STRING, /* const char *, borrowed from argv; NULL without a default */
    TT_OPT_ENUM,   /* int: the place of the word in .allowed, from 0; a clear beginning is enough */
    TT_OPT_PICK,   /* const char *, borrowed: a row of .family, perhaps with settings:
                      "muon:momentum=0.9" */
    TT_OPT_DURATION, /* double, seconds: 90m, 1h30m, 45s, 2d; a bare number is seconds */
    TT_OPT_AMOUNT,   /* tt_amount: 100u, 10Mt, 5e (Marian's); the units in .allowed, the first is
                        meant by none */
    TT_OPT_LIST,     /* tt_list: words, in order, of every time the option is given */
    TT_OPT_KEY /* tt_list: pairs, "name", "value", in order, for settings that the library checks;
                  the name is the row's last one. Without .arg it is a flag: value "1", --no-NAME
                  "0" */
};

/* What is done with the file that a row names. */
enum {
    TT_FILE_READ,
    TT_FILE_MODEL, /* read; where none is given, the default model is */
    TT_FILE_NAMED, /* read, if a word and a colon stand before it */
    TT_FILE_WRITE,
    TT_FILE_REPLACE, /* written at the end, whole: it may be the operand MODEL, and takes its place
                      */
    TT_FILE_APPEND,  /* written to its end */
    TT_FILE_RUN,     /* written, and its name with .ckpt behind, too */
    TT_FILE_FOLDER,  /* files come and go in it */
    TT_FILE_LIST,    /* several that are read, commas between */
    TT_FILE_STAGES,  /* read, and the files that it names */
    TT_FILE_ROWS     /* rows, of which some have a setting file=FILE */
};

/* Words borrowed from argv and from the rows; the array is owned by the options struct. */
typedef struct tt_list {
    const char **item;
    int count;
} tt_list;

typedef struct tt_opt {
    int kind;
    const char *names; /* as typed, blanks between: "-b --beam-size --beam"; the first long name is
                          the main one, later ones are silent aliases; "-tok" works too. An operand
                          has no dash and is written as in a usage line: "FILE" (required),
                          "[FILE]", "FILE..." (one or more), "[FILE...]" */
    const char *arg;   /* what the value is called: "FILE"; not for flags and operands */
    const char *def;   /* default, read like a value but not held to the range; NULL: zero, NULL or
                          empty.   Not for LIST and KEY, which .shown can describe */
    size_t at;         /* offsetof(struct, field) */
    double low, high; /* allowed range when low < high. For a LIST: how many words one use takes (2,
                         2: exactly two, as in `-t SRC TRG`; 1, 9: up to nine, until the next
                         option); 0, 0: one */
    const char
        *allowed; /* ENUM: "hard|soft"; AMOUNT: units, "ute"; LIST: allowed words, "bleu|chrf";
                     STRING: words that completion offers, among others that may be given */
    const char
        *family; /* the rows of this family are allowed words, too, behind those of .allowed */
    const char
        *bare;   /* the value when the option stands alone; it then takes a next word only if that
                    word is such a value: a number or an allowed word, for a STRING what does not
                    begin with a dash. A LIST takes up to .high such words, numbers among them.
                    --no-NAME takes the option back */
    int numbers; /* STRING: so many numbers (or true, false) may follow the value, and are passed
                    over */
    const char *shown; /* shown as default instead of .def; "" shows none */
    int file; /* of a row with the value FILE, MODEL, DIR …: what is done with it, TT_FILE_… */
    const char *help; /* what it does, lower case, no full stop; wrapped by the printer */
} tt_opt;

typedef struct tt_cmd tt_cmd;

/* What every command takes, in no table of its own. Zeroed, then given to tt_opt_parse. */
typedef struct tt_opt_shared {
    tt_list config; /* files of options, -c */
    int dump;       /* --dump-config: 0 no, 1 what is not a default, 2 all */
    int open;       /* --no-sandbox */
    tt_list given;  /* the names of each row that the command line has an option of */
} tt_opt_shared;

extern const tt_opt tt_opt_common[]; /* its rows; a command's own short name hides one of these */

/* Sets the defaults in *opts (zeroed, of the command's size), then parses argv[1..argc-1] into it.
   Strings are borrowed from argv. TT_EUSAGE with one line that names the option, what was given and
   what is allowed, or the nearest name. `--help` is not seen here: look with tt_opt_wants_help. */
int tt_opt_parse(const tt_cmd *cmd, void *opts, tt_opt_shared *shared, int argc, char **argv,
                 tt_err *e);

/* The two halves of tt_opt_parse: options of a file are put between them (config.h). */
int tt_opt_defaults(const tt_cmd *cmd, void *opts, tt_opt_shared *shared, tt_err *e);
int tt_opt_read(const tt_cmd *cmd, void *opts, tt_opt_shared *shared, int argc, char **argv,
                tt_err *e);

/* The command's own row of that name, dashes in front; NULL: none. */
const tt_opt *tt_opt_find(const tt_cmd *cmd, const char *name);

/* TT_EUSAGE: `word`, up to an =, is no option; the nearest one is named. */
int tt_opt_unknown(const tt_cmd *cmd, const char *word, tt_err *e);

/* Puts one value into the field of a row, as an option would; the value is borrowed. */
int tt_opt_put(const tt_cmd *cmd, void *opts, const tt_opt *o, const char *value, tt_err *e);

/* Frees the lists in *opts, and in *shared unless that is NULL. */
void tt_opt_free(const tt_cmd *cmd, void *opts, tt_opt_shared *shared);

/* 1 if there is a --help or -h (where the command has no -h of its own) before `--`. */
bool tt_opt_wants_help(const tt_cmd *cmd, int argc, char **argv);

/* Printers of the table: usage and help in 80 columns, mdoc items. */
void tt_opt_help(const tt_cmd *cmd, FILE *out);
void tt_opt_man(const tt_cmd *cmd, FILE *out);

/* The candidate nearest to `word`, or NULL when none is near. Candidates: NULL at the end. */
const char *tt_opt_nearest(const char *word, const char *const *candidates);

/* ---- values: optvalue.c --------------------------------------------------------------------- */

enum { TT_OPT_NAME = 48 }; /* bytes of a row's title, at most */

/* Reads a word into the field at `at`, of the type that the row says; a default is not held to the
   range. TT_EUSAGE. */
int tt_opt_set(const tt_opt *o, void *at, const char *value, int is_default, tt_err *e);

/* 1 if the text is a number with nothing behind it but, where `multiple`, one of k K M G. */
bool tt_opt_number(const char *text, int multiple, double *v);

/* 1 if the word would do as the value of an option that may stand alone. */
int tt_opt_fits(const tt_opt *o, const char *word);

/* Adds a word, borrowed, to the list of the option called `title`. */
int tt_opt_append(tt_list *list, const char *word, const char *title, tt_err *e);

/* TT_EUSAGE with a message, in which what cannot be printed is a question mark. */
int tt_opt_fail(tt_err *e, const char *fmt, ...) TT_PRINTF(2, 3);

/* ---- for the printers ---------------------------------------------------------------------- */

/* Steps through the names of a row: the next one and its length, or 0 at the end. */
size_t tt_opt_name(const char **names, const char **name);

bool tt_opt_is_operand(const tt_opt *o);

/* The main name of a row, for messages: its first long name, else its first; FILE of "[FILE...]".
 */
void tt_opt_title(const tt_opt *o, char *title, size_t cap);

/* 1 if the command has an option of this name, which hides one of tt_opt_common. */
bool tt_opt_hidden(const tt_cmd *cmd, const char *name, size_t len);

enum { TT_OPT_WORDS = 400 };

/* The words that a row allows, of .allowed and of .family, into text: "hard|soft"; "" for none.
 * Returns text. */
const char *tt_opt_words(const tt_opt *o, char text[TT_OPT_WORDS]);

/* The range of a row in words: "1 to 64", "at least 1". */
void tt_opt_range(const tt_opt *o, char *text, size_t cap);

#endif
