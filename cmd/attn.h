/* attn.h: what the files of `ttrans attn` share.
 */
#ifndef TT_CMD_ATTN_H
#define TT_CMD_ATTN_H

#include "cmd.h"
#include "draw/drawing.h"

enum { TT_ATTN_AUTO_FORM = 0 };                  /* of format: else a form's number, from 1 */
enum { TT_ATTN_ALL_SIDES = TT_ATTENTION_SIDES }; /* of side: else TT_ATTENTION_… */

typedef struct tt_attn_opts {
    const char *model, *direction, *target, *layers, *heads, *sentence, *output, *gold, *mark,
        *importance, *input;
    int side, format, input_format, beam, width, view, ground, colour, pairs, words, hide_ends,
        stats, what, feature, grid;
} tt_attn_opts;

/* ---- attn_list.c ---------------------------------------------------------------------------- */

/* "3", "1,3-5", "all", "mean,1-2": numbers from 1, 0 for mean. TT_EUSAGE, naming the option, for
 * what is none. */
typedef struct tt_attn_list {
    int *number; /* (count), owned */
    int count;
    int all; /* 1: all there are, once it is known how many */
} tt_attn_list;

int tt_attn_list_read(tt_attn_list *l, const char *option, const char *text, int with_mean,
                      tt_err *e);
void tt_attn_list_free(tt_attn_list *l);

/* ---- attn_show.c ---------------------------------------------------------------------------- */

typedef struct tt_attn_show tt_attn_show;

/* Form, style and output as the options and the terminal say. NULL on failure. */
tt_attn_show *tt_attn_show_open(const tt_attn_opts *o, tt_err *e);

/* Draws the maps asked for; part 0 … parts - 1 of a line. */
int tt_attn_show_add(tt_attn_show *s, tt_attention *a, int part, int parts, tt_err *e);

/* What is drawn goes out, so far. */
int tt_attn_show_flush(tt_attn_show *s, tt_err *e);
int tt_attn_show_finish(tt_attn_show *s, tt_err *e);
void tt_attn_show_abort(tt_attn_show *s);

/* ---- attn_stats.c --------------------------------------------------------------------------- */

typedef struct tt_attn_stats tt_attn_stats;

tt_attn_stats *tt_attn_stats_open(const tt_attn_opts *o, tt_err *e);
int tt_attn_stats_add(tt_attn_stats *s, tt_attention *a, tt_err *e);

/* Of --importance: what the model in this file loses without each head of the sides that were
 * looked at. */
int tt_attn_stats_measure(tt_attn_stats *s, const char *model, tt_err *e);

/* Prints the table. */
int tt_attn_stats_print(tt_attn_stats *s, tt_err *e);
/* Behind --gold: the head of cross-attention with the least error; *layer 0: there was none. */
void tt_attn_stats_best(const tt_attn_stats *s, int *layer, int *head);
void tt_attn_stats_close(tt_attn_stats *s);

#endif
