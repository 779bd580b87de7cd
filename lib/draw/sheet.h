/* sheet.h: a drawing as a list of shapes, which SVG and PNG both write. heat.c lays pictures out on
 * one.
 *
 * Lengths are in units of a CSS pixel, y downwards. Letters are of fixed width: 0.6 of their size.
 */
#ifndef TT_DRAW_SHEET_H
#define TT_DRAW_SHEET_H

#include "draw/form.h"
#include "draw/ramp.h"

enum { TT_SHAPE_BOX, TT_SHAPE_LINE, TT_SHAPE_TEXT, TT_SHAPE_TILES };
enum { TT_ANCHOR_START, TT_ANCHOR_MIDDLE, TT_ANCHOR_END };
enum { TT_TILE_STEPS = 32 }; /* shades of a tile: 0 … 31, and -31 … -1 */

typedef struct tt_shape {
    int kind;
    double x, y, w, h; /* BOX, TILES: corner and size; LINE: from x, y by w, h; TEXT: x, y where its
                          base line begins */
    double size;       /* TEXT: 10 or 15; LINE: its width */
    tt_rgb colour;
    const char *text;        /* TEXT; TILES: the map's name */
    int anchor, turned;      /* TEXT: TT_ANCHOR_…; 1: it runs upwards */
    const signed char *step; /* TILES: (rows, cols) */
    int rows, cols;
    struct tt_shape *next;
} tt_shape;

typedef struct tt_sheet {
    tt_arena *a;
    tt_shape *first, *last;
    double wide, high; /* of all so far */
    int dark;
    int failed; /* 1: memory was out */
} tt_sheet;

/* An empty sheet in the arena; NULL: no memory. */
tt_sheet *tt_sheet_make(tt_arena *a, int dark);

/* A new shape at the end, zeroed; NULL, and `failed` is set, when memory is out. */
tt_shape *tt_sheet_put(tt_sheet *s, int kind);
void tt_sheet_text(tt_sheet *s, double x, double y, double size, int anchor, const char *text);

/* What the shades mean, below all. own 1: each map's own greatest weight is the darkest. */
void tt_sheet_legend(tt_sheet *s, double x, const tt_scale *scale, int own);

tt_rgb tt_sheet_ink(const tt_sheet *s);
tt_rgb tt_sheet_ground(const tt_sheet *s);
tt_rgb tt_tile_colour(int step, int dark);

/* Draws a picture below what is there. */
int tt_heat_draw(tt_sheet *s, const tt_picture *p, const tt_draw_style *style, tt_err *e);

/* tt_form's add, for both. */
int tt_sheet_add(tt_drawing *d, const tt_picture *p, tt_err *e);

/* font.c: of a character its 5 columns of dots, bit 3 the top of a capital, bit 9 its foot; bits 0
   to 2 accents, 10 to 11 what hangs below. */
void tt_font_glyph(uint16_t column[5], uint32_t code);

#endif
