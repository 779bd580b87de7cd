/* drawing.h: pictures to a file, in one of many forms.
 *
 *     tt_drawing *d = tt_drawing_open("maps.html", TT_FORM_HTML, &(tt_draw_style){.width = 100},
 *       &e);
 *     if (!d) return e.code;
 *     rc = tt_drawing_add(d, &picture, &e);       // any number of times
 *     if (rc) tt_drawing_abort(d); else rc = tt_drawing_finish(d, &e);
 *
 * Text forms write each picture at once; SVG and PNG keep their drawings until `finish`, for their
 * heads name the size. A file is replaced at once at the end, or not at all.
 */
#ifndef TT_DRAW_DRAWING_H
#define TT_DRAW_DRAWING_H

#include <stdbool.h>

#include "base/pick.h"
#include "draw/picture.h"

/* Forms: rows of the family `picture`, in this order. Those of text come first. */
enum {
    TT_FORM_ASCII,
    TT_FORM_BLOCKS,
    TT_FORM_COLOUR,
    TT_FORM_CSV,
    TT_FORM_TSV,
    TT_FORM_JSON,
    TT_FORM_NPY,
    TT_FORM_SVG,
    TT_FORM_PNG,
    TT_FORM_HTML,
    TT_FORM_COUNT
};
extern const tt_family tt_family_picture;

/* How maps are laid out. AUTO: one map WHOLE, several of one layer or head GRID, else SMALL. */
enum {
    TT_VIEW_AUTO,
    TT_VIEW_WHOLE, /* one map after another, each with its labels */
    TT_VIEW_GRID,  /* side by side, as many as the width allows */
    TT_VIEW_SMALL, /* a row of the grid a row of small maps without labels */
    TT_VIEW_LINES  /* words of both sides with lines between them */
};

typedef struct tt_draw_style {
    int view;    /* TT_VIEW_…; HTML, tables and arrays have but one */
    int width;   /* columns of text; 0: 100 */
    int colours; /* of form COLOUR: 256, or 0 for 24 bits */
    int dark;    /* 1: weights are light on a dark ground */
    int utf8; /* 1: LINES, and labels that are cut, may use characters beyond ASCII in forms of text
               */
} tt_draw_style;

/* The form of the suffix of a path; -1: none. */
int tt_form_of_path(const char *path);
const char *tt_form_name(int form); /* NULL from the end on */

/* Whether curves have the form. */
bool tt_form_has_curves(int form);

/* The view that AUTO stands for. */
int tt_view_of(const tt_draw_style *s, const tt_picture *p);

typedef struct tt_drawing tt_drawing;

/* path "-": standard output. NULL on failure: TT_ECREATE, TT_ENOMEM. */
tt_drawing *tt_drawing_open(const char *path, int form, const tt_draw_style *s, tt_err *e);

/* TT_EDATA for what the form cannot hold: a second picture in NPY; an SVG or PNG that would be too
 * large. */
int tt_drawing_add(tt_drawing *d, const tt_picture *p, tt_err *e);

/* Sends what is complete on its way: for whoever reads along. */
int tt_drawing_flush(tt_drawing *d, tt_err *e);

/* Completes the file and closes it; d is gone whatever the result. */
int tt_drawing_finish(tt_drawing *d, tt_err *e);
void tt_drawing_abort(tt_drawing *d); /* gives up; NULL is allowed */

#endif
