/* console.h: what console.c, which draws maps with labels, and consoleview.c, which draws small
 * ones and lines, share.
 */
#ifndef TT_DRAW_CONSOLE_H
#define TT_DRAW_CONSOLE_H

#include "draw/form.h"
#include "draw/ramp.h"

/* Writes `columns` columns of the shade of x. In colour, tt_console_plain has to follow at the end
 * of a row. */
void tt_console_cell(tt_drawing *d, double x, int columns);
void tt_console_plain(tt_drawing *d);

/* In colour: sets the colour of what is written, of its ground, or both; NULL: leaves it. */
void tt_console_colours(tt_drawing *d, const tt_rgb *ink, const tt_rgb *ground);

/* `text` and blanks up to `columns`; right 1: blanks first. */
void tt_console_pad(tt_drawing *d, const char *text, int columns, int right);

/* A line that says what the shades mean, behind `indent` blanks. greatest NULL: each map has its
 * own. */
void tt_console_legend(tt_drawing *d, int indent, const tt_scale *s, int own);

int tt_console_small(tt_drawing *d, const tt_picture *p, tt_err *e);
int tt_console_lines(tt_drawing *d, const tt_picture *p, tt_err *e);

#endif
