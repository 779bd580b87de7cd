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

#include "draw/picture.h"

/* name, suffix or NULL */
#define TT_FORMS(X)                                                                                \
    X(ASCII, "ascii", "txt")                                                                       \
    X(BLOCKS, "blocks", NULL)                                                                      \
    X(COLOUR, "colour", NULL)                                                                      \
    X(CSV, "csv", "csv")                                                                           \
    X(TSV, "tsv", "tsv")                                                                           \
    X(JSON, "json", "json")                                                                        \
    X(NPY, "npy", "npy")                                                                           \
    X(SVG, "svg", "svg")                                                                           \
    X(PNG, "png", "png")                                                                           \
    X(HTML, "html", "html")

#define TT_FORM_(name, text, suffix) TT_FORM_##name,
enum { TT_FORMS(TT_FORM_) TT_FORM_COUNT };
#undef TT_FORM_

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

/* The form of a name; of the suffix of a path; -1: none. */
int tt_form_named(const char *name);
int tt_form_of_path(const char *path);
const char *tt_form_name(int form); /* NULL from the end on */

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
