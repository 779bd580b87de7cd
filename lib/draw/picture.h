/* picture.h: the one description that every picture of weights is drawn from.
 *
 * A picture is a grid of maps over the same rows and columns: the heads of a layer side by side, or
 * layers down and heads across. The terminal, tables, SVG, PNG and the HTML page all read this
 * struct, so they show the same numbers.
 *
 *     const float *maps[] = {w};                                       // (2, 3)
 *     tt_picture p = {.title = "cross attention", .rows = 2, .cols = 3, .row_names = es, .col_names
 *       = en, .maps = maps,
 *                     .down = {"layer", 1, &two, 6}, .across = {"head", 1, &one, 8}};
 *
 * A picture owns nothing: all pointers are borrowed while a function works on it.
 */
#ifndef TT_DRAW_PICTURE_H
#define TT_DRAW_PICTURE_H

#include "base/err.h"

/* One direction of the grid: number[i] names the i-th place, from 1; 0 is the mean of all. */
typedef struct tt_axis {
    const char *what;  /* "head" */
    int count;         /* >= 1 */
    const int *number; /* (count) */
    int of;            /* how many heads there are */
} tt_axis;

typedef struct tt_picture {
    const char *title;   /* "cross attention" */
    const char *caption; /* one more line, such as the sentence; or NULL */
    int rows, cols;      /* of each map, >= 1 */
    const char *const *row_names, *const *col_names;
    const char *row_what, *col_what; /* "target", "source"; or NULL */
    tt_axis down, across;
    const float *const
        *maps; /* (down.count · across.count), row by row of the grid; each (rows, cols) */
} tt_picture;

enum { TT_AXIS_NAME_MOST = 64 };

/* "head 2 of 8" or "mean of 8 heads" where `whole` is 1, else "head 2" or "mean". */
void tt_axis_name(char name[TT_AXIS_NAME_MOST], const tt_axis *a, int i, int whole);

int tt_picture_count(const tt_picture *p); /* of maps */
const float *tt_picture_map(const tt_picture *p, int down, int across);

/* "cross attention, layer 2 of 6, head 1 of 8". */
void tt_picture_name(char *name, size_t cap, const tt_picture *p, int down, int across);

/* Of one map: the greatest |weight| that is finite, and whether a weight is below 0. */
typedef struct tt_scale {
    float greatest;
    int is_signed;
} tt_scale;

tt_scale tt_scale_of(const float *w, size_t n);
tt_scale tt_picture_scale(const tt_picture *p); /* of all its maps */

/* TT_EINTERNAL for a picture without rows, columns, names or maps. */
int tt_picture_check(const tt_picture *p, tt_err *e);

#endif
