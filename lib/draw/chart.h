/* chart.h: curves over one axis, and fields of numbers by shade, in the forms of drawing.h.
 *
 *     const tt_curve c = {"run 1", x, y, n};
 *     rc = tt_chart_add(drawing, &(tt_chart){"loss", "update", "nats a token", &c, 1}, &e);
 *
 * A drawing takes charts, fields and pictures in any order. Forms: ASCII, BLOCKS and COLOUR (which
 * draw the same characters but for shades), CSV, TSV, JSON, SVG and PNG; TT_EUSAGE for the others.
 */
#ifndef TT_DRAW_CHART_H
#define TT_DRAW_CHART_H

#include "draw/drawing.h"

typedef struct tt_curve {
    const char *name;
    const double *x, *y; /* (count): x rises; where y is no finite number the curve has a gap */
    size_t count;
} tt_curve;

typedef struct tt_chart {
    const char *title, *x_what, *y_what;
    const tt_curve *curve; /* (curves): all borrowed */
    int curves;
    int decades; /* 1: y goes by powers of ten; what is not above 0 is a gap */
} tt_chart;

enum { TT_CHART_CURVES = 16 }; /* at most */

/* TT_EDATA where no curve has a point; TT_EUSAGE for more curves than 16. */
int tt_chart_add(tt_drawing *d, const tt_chart *c, tt_err *e);

/* A field of numbers: rows down, columns across. */
typedef struct tt_field {
    const char *title, *row_what, *col_what;
    int rows, cols;
    const float *value;            /* (rows, cols), borrowed */
    const double *row_at, *col_at; /* (rows), (cols): what each stands for, borrowed; NULL: its
                                      number, from 0 */
} tt_field;

/* In text and SVG a large field is drawn by some of its rows and columns, evenly chosen; tables
 * hold all. TT_EDATA for a field without numbers. */
int tt_field_add(tt_drawing *d, const tt_field *f, tt_err *e);

/* Fields (n) beside each other, on one scale; row_what and col_what are those of the first. */
int tt_fields_add(tt_drawing *d, const tt_field *f, int n, tt_err *e);

#endif
