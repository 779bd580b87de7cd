/* field.c: a field of numbers by shade; see chart.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "draw/chart.h"
#include "draw/sheet.h"

enum {
    TEXT_ROWS = 24,
    SHEET_MOST = 512,
    SVG_MOST = 128
}; /* rows of text; rows and columns of a picture */
static const double margin = 12, letter = 6, line = 14, least_side = 256;

/* Which of n rows stands at place i of `shown`. */
static int chosen(int i, int shown, int n) { return (int)((long long)i * n / shown); }

static int draw_text(tt_drawing *d, const tt_field *f, const tt_scale *scale) {
    static const char shades[] =
        " .:-=+*#%@"; /* from the least to the greatest; of signs, 0 is the middle */
    const int steps = (int)sizeof shades - 2;
    const int room = d->style.width > 20 ? d->style.width - 10 : 10;
    const int rows = f->rows < TEXT_ROWS ? f->rows : TEXT_ROWS,
              cols = f->cols < room ? f->cols : room;
    tt_say_print(d->out, "%s%.200s\n", d->count ? "\n" : "", f->title);
    for (int i = 0; i < rows; i++) {
        const int row = chosen(i, rows, f->rows);
        tt_say_print(d->out, "%8d ", row);
        for (int j = 0; j < cols; j++) {
            const double x = tt_ramp_place(
                f->value[(size_t)row * (size_t)f->cols + (size_t)chosen(j, cols, f->cols)], scale);
            const double up = scale->is_signed ? (x + 1) / 2 : x;
            tt_output_write(d->out, &shades[(int)lround(up * steps)], 1, NULL);
        }
        tt_say(d->out, "\n");
    }
    tt_say_print(d->out, "%8s down: %.60s 0 to %d; across: %.60s 0 to %d\n", "", f->row_what,
                 f->rows - 1, f->col_what, f->cols - 1);
    tt_say_print(d->out, "%8s '%c' is %.4g, '%c' %.4g\n", "", shades[0],
                 scale->is_signed ? -(double)scale->greatest : 0.0, shades[steps],
                 (double)scale->greatest);
    return 0;
}

static void say_table(tt_drawing *d, const tt_field *f, char between) {
    if (d->count) tt_say(d->out, "\n");
    tt_say_print(d->out, "%.60s", f->row_what);
    for (int j = 0; j < f->cols; j++) tt_say_print(d->out, "%c%d", between, j);
    tt_say(d->out, "\n");
    for (int i = 0; i < f->rows; i++) {
        tt_say_print(d->out, "%d", i);
        for (int j = 0; j < f->cols; j++)
            tt_say_print(d->out, "%c%.7g", between,
                         (double)f->value[(size_t)i * (size_t)f->cols + (size_t)j]);
        tt_say(d->out, "\n");
    }
}

static void say_json(tt_drawing *d, const tt_field *f) {
    tt_say(d->out, "{\"title\": ");
    tt_say_json(d->out, f->title);
    tt_say(d->out, ", \"rows\": [");
    for (int i = 0; i < f->rows; i++) {
        tt_say(d->out, i ? ", [" : "[");
        for (int j = 0; j < f->cols; j++)
            tt_say_print(d->out, "%s%.7g", j ? ", " : "",
                         (double)f->value[(size_t)i * (size_t)f->cols + (size_t)j]);
        tt_say(d->out, "]");
    }
    tt_say(d->out, "]}\n");
}

/* Square cells of a whole picture of at least 256 units; in PNG, which has two pixels a unit, of
 * half a unit and more. */
static int draw_sheet(tt_drawing *d, const tt_field *f, const tt_scale *scale, tt_err *e) {
    const int most = d->form == TT_FORM_SVG ? SVG_MOST : 4 * SHEET_MOST;
    const int rows = f->rows < most ? f->rows : most, cols = f->cols < most ? f->cols : most,
              longer = rows > cols ? rows : cols;
    const double cell = longer >= 2 * least_side ? 0.5 : floor(4 * least_side / longer) / 2;
    if (!d->sheet) d->sheet = tt_sheet_make(d->keep, d->style.dark);
    tt_sheet *s = d->sheet;
    signed char *step = s ? tt_arena_alloc(s->a, (size_t)rows * (size_t)cols) : NULL;
    if (!step) return tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++) {
            const float w = f->value[(size_t)chosen(i, rows, f->rows) * (size_t)f->cols +
                                     (size_t)chosen(j, cols, f->cols)];
            step[(size_t)i * (size_t)cols + (size_t)j] =
                (signed char)lround(tt_ramp_place(w, scale) * (TT_TILE_STEPS - 1));
        }
    char text[200];
    const double left = margin, top = s->high + margin + 3 * line;
    tt_sheet_text(s, margin, s->high + margin + line, 15, TT_ANCHOR_START, f->title);
    snprintf(text, sizeof text, "down: %.40s 0 to %d; across: %.40s 0 to %d", f->row_what,
             f->rows - 1, f->col_what, f->cols - 1);
    tt_sheet_text(s, margin, top - 6, 10, TT_ANCHOR_START, text);
    const double wide = 2 * margin + letter * (double)strlen(text),
                 title = 2 * margin + 1.5 * letter * (double)strlen(f->title);
    tt_shape *t = tt_sheet_put(s, TT_SHAPE_TILES);
    if (s->failed) return tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
    t->x = left, t->y = top, t->w = cell * cols, t->h = cell * rows;
    t->rows = rows, t->cols = cols, t->step = step;
    t->text = tt_arena_text(s->a, f->title, strlen(f->title));
    if (!t->text) t->text = "";
    s->high = top + t->h + margin;
    if (left + t->w + margin > s->wide) s->wide = left + t->w + margin;
    if (wide > s->wide) s->wide = wide;
    if (title > s->wide) s->wide = title;
    return 0;
}

int tt_field_add(tt_drawing *d, const tt_field *f, tt_err *e) {
    if (f->rows < 1 || f->cols < 1)
        return tt_fail(e, TT_EINTERNAL, "a field without rows or columns");
    const tt_scale scale = tt_scale_of(f->value, (size_t)f->rows * (size_t)f->cols);
    int rc = 0;
    switch (d->form) {
    case TT_FORM_ASCII:
    case TT_FORM_BLOCKS:
    case TT_FORM_COLOUR: rc = draw_text(d, f, &scale); break;
    case TT_FORM_CSV: say_table(d, f, ','); break;
    case TT_FORM_TSV: say_table(d, f, '\t'); break;
    case TT_FORM_JSON: say_json(d, f); break;
    case TT_FORM_SVG:
    case TT_FORM_PNG: rc = draw_sheet(d, f, &scale, e); break;
    default: return tt_fail(e, TT_EUSAGE, "a field has no form %s", tt_form_name(d->form));
    }
    d->count += !rc;
    return rc;
}
