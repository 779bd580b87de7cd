/* family.h: what can be chosen: optimisers, activations, metrics … Each family is a table of rows;
 * a row has a name, a line of help, where it is from, and perhaps settings of its own.
 *
 *     // "optimizer", "schedule" …
 *     for (int i = 0; tt_family_at(i); i++) puts(tt_family_at(i)->name);
 *     tt_pick p;
 *     rc = tt_pick_read(&p, tt_family_find("optimizer"), "muon:momentum=0.9", &e);
 *     p.row->help, p.set[0]                                                    // 0.9
 *
 * Everything here is constant and lives as long as the program.
 */
#ifndef TTRANS_FAMILY_H
#define TTRANS_FAMILY_H

#include "ttrans/error.h"

TT_C_BEGIN

/* A setting of one row. */
typedef struct tt_setting {
    const char *name, *help;
    double usual, low, high; /* default and range; of a word: its place among the words */
    int whole;               /* 1: a whole number; TT_SETTING_TEXT: any text without a comma */
    const char *words;       /* "no|yes": one of these words; NULL: a number, or a text */
} tt_setting;

/* A row has one text at most. usual, low and high are 0; `words` is what the text is without one.
 */
enum { TT_SETTING_TEXT = 2 };

/* One variant. A row of a family begins with a tt_row; behind it stand what only the family's own
 * header knows. */
typedef struct tt_row {
    const char *name, *help;
    const char *source;         /* "Kingma and Ba 2015"; NULL: not from a paper */
    const tt_setting *settings; /* the last one has no name; NULL: none */
} tt_row;

typedef struct tt_family {
    const char *name, *help;
    const tt_row *(*row)(
        int i); /* row i from 0, in the order in which they are told; NULL from the end on */
} tt_family;

enum { TT_PICK_SETTINGS = 8, TT_PICK_TEXT = 256, TT_PICK_WORD = 128 };

/* A row that was chosen, and the values of its settings, in their order. */
typedef struct tt_pick {
    const tt_row *row;
    double set[TT_PICK_SETTINGS];
    char text[TT_PICK_WORD]; /* of the setting that is a text */
} tt_pick;

/* The families there are; NULL from the end on. One of them by its name; NULL: there is none. */
const tt_family *tt_family_at(int i);
const tt_family *tt_family_find(const char *name);

/* The place of the row of that name (len bytes); -1: there is none. */
int tt_family_place(const tt_family *f, const char *name, size_t len);

/* Reads "NAME" or "NAME:setting=value,setting=value". TT_EUSAGE names what is allowed. */
int tt_pick_read(tt_pick *p, const tt_family *f, const char *text, tt_err *e);

/* The shortest text that is read as p: settings that have their default are left out. */
void tt_pick_write(const tt_pick *p, char text[TT_PICK_TEXT]);

TT_C_END

#endif
