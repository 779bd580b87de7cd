/* svg.c: a sheet as SVG 1.1. The cells of a map with the same shade are one path in units of cells,
 * rows of them one piece of it, so that a map takes a dozen bytes a cell at most; text is text.
 */
#include <math.h>
#include <string.h>

#include "draw/sheet.h"

static void put_colour(tt_output *o, tt_rgb c) { tt_say_print(o, "#%02x%02x%02x", c.r, c.g, c.b); }

static void put_box(tt_output *o, const tt_shape *s) {
    tt_say_print(o, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"", s->x, s->y, s->w,
                 s->h);
    put_colour(o, s->colour);
    tt_say(o, "\"/>\n");
}

static void put_line(tt_output *o, const tt_shape *s) {
    tt_say_print(o, "<path d=\"M%g %gl%g %g\" stroke-width=\"%.3g\" stroke=\"", s->x, s->y, s->w,
                 s->h, s->size);
    put_colour(o, s->colour);
    tt_say(o, "\"/>\n");
}

static void put_text(tt_output *o, const tt_shape *s) {
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    if (s->turned) tt_say_print(o, "<text transform=\"translate(%g %g)rotate(-90)\"", s->x, s->y);
    else tt_say_print(o, "<text x=\"%g\" y=\"%g\"", s->x, s->y);
    if (s->size > 10) tt_say_print(o, " font-size=\"%g\"", s->size);
    tt_say(o, anchors[s->anchor]);
    tt_say(o, ">");
    tt_say_xml(o, s->text);
    tt_say(o, "</text>\n");
}

/* The cells of one step: M col row h run v1 h-run z. 0: there were none. */
static int put_step(tt_output *o, const tt_shape *s, int step, int dark) {
    int open = 0;
    for (int i = 0; i < s->rows; i++)
        for (int j = 0, run; j < s->cols; j += run) {
            const signed char *at = s->step + (size_t)i * (size_t)s->cols + (size_t)j;
            for (run = 1; j + run < s->cols && at[run] == at[0];) run++;
            if (at[0] != step) continue;
            if (!open) {
                tt_say(o, "<path fill=\"");
                put_colour(o, tt_tile_colour(step, dark));
                tt_say(o, "\" d=\"");
                open = 1;
            }
            tt_say_print(o, "M%d %dh%dv1h-%dz", j, i, run, run);
        }
    if (open) tt_say(o, "\"/>\n");
    return open;
}

static void put_tiles(tt_output *o, const tt_shape *s, int dark) {
    const double wide = s->w / s->cols, high = s->h / s->rows;
    tt_say_print(o, "<g transform=\"translate(%g %g)scale(%g", s->x, s->y, wide);
    if (fabs(high - wide) > 1e-9) tt_say_print(o, " %g", high);
    tt_say(o, ")\"><title>");
    tt_say_xml(o, s->text);
    tt_say_print(o, "</title>\n<path fill=\"");
    put_colour(o, tt_tile_colour(0, dark));
    tt_say_print(o, "\" stroke=\"#888\" stroke-width=\".05\" d=\"M0 0h%dv%dh-%dz\"/>\n", s->cols,
                 s->rows, s->cols);
    for (int step = 1 - TT_TILE_STEPS; step < TT_TILE_STEPS; step++)
        if (step) put_step(o, s, step, dark);
    tt_say(o, "</g>\n");
}

static int end(tt_drawing *d, tt_err *e) {
    const tt_sheet *s = d->sheet;
    tt_output *o = d->out;
    if (!s) return tt_fail(e, TT_EDATA, "nothing to draw");
    tt_say_print(o,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                 "viewBox=\"0 0 %.0f %.0f\" ",
                 s->wide, s->high, s->wide, s->high);
    tt_say(o, "font-family=\"DejaVu Sans Mono,Menlo,Consolas,monospace\" font-size=\"10\" "
              "xml:space=\"preserve\" fill=\"");
    put_colour(o, tt_sheet_ink(s));
    tt_say(o, "\">\n<rect width=\"100%\" height=\"100%\" fill=\"");
    put_colour(o, tt_sheet_ground(s));
    tt_say(o, "\"/>\n");
    for (const tt_shape *x = s->first; x; x = x->next) {
        if (x->kind == TT_SHAPE_BOX) put_box(o, x);
        else if (x->kind == TT_SHAPE_LINE) put_line(o, x);
        else if (x->kind == TT_SHAPE_TEXT) put_text(o, x);
        else put_tiles(o, x, s->dark);
    }
    tt_say(o, "</svg>\n");
    return 0;
}

const tt_form tt_form_svg = {NULL, tt_sheet_add, end};
