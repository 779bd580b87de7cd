/* consoleview.c: two more views of text: a model's maps at a glance, and words with lines between
 * them.
 *
 * Small maps have no labels: a character shows the greatest weight of a square of cells, in colour
 * of two squares, one above the other (▀ has ink above and ground below). Lines are drawn in
 * Braille dots, 2 by 4 of a character, or with
 * - / \ | where characters beyond ASCII are not wanted.
 */
#include "draw/console.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/label.h"

enum { LINE_MOST = 24 }; /* columns: where longer, slopes are too gentle to be seen */

/* ---- small maps ---------------------------------------------------------------------------- */

/* The weight of greatest size within some cells, kept to the map. */
static float most_of(const float *w, const tt_picture *p, int row, int rows, int col, int cols) {
    float most = 0;
    for (int i = row; i < row + rows && i < p->rows; i++)
        for (int j = col; j < col + cols && j < p->cols; j++) {
            float x = w[(size_t)i * (size_t)p->cols + (size_t)j];
            if (fabsf(x) > fabsf(most)) most = x;
        }
    return most;
}

/* Line `line` of a small map; a character is `by` columns of it and 2 · by rows. */
static void small_line(tt_drawing *d, const tt_picture *p, const float *w, const tt_scale *s,
                       int line, int by) {
    for (int j = 0; j < p->cols; j += by) {
        if (d->form == TT_FORM_COLOUR) {
            int below = 2 * by * line + by;
            tt_rgb ink = tt_ramp_colour(tt_ramp_place(most_of(w, p, 2 * by * line, by, j, by), s),
                                        d->style.dark);
            tt_rgb ground =
                tt_ramp_colour(tt_ramp_place(most_of(w, p, below, by, j, by), s), d->style.dark);
            tt_console_colours(d, &ink, below < p->rows ? &ground : NULL);
            tt_say(d->out, "\xe2\x96\x80");
            if (below >= p->rows) continue;
        } else {
            tt_console_cell(d, tt_ramp_place(most_of(w, p, 2 * by * line, 2 * by, j, by), s), 1);
        }
    }
    tt_console_plain(d);
}

int tt_console_small(tt_drawing *d, const tt_picture *p, tt_err *e) {
    int left = 0, across = p->across.count, by = 1;
    char name[TT_AXIS_NAME_MOST];
    for (int i = 0; i < p->down.count; i++) {
        tt_axis_name(name, &p->down, i, 0);
        if (tt_label_columns(name) > left) left = tt_label_columns(name);
    }
    const int room = d->style.width - left - 1;
    while ((p->cols + by - 1) / by > 1 && across * ((p->cols + by - 1) / by + 1) > room) by++;
    const int wide = (p->cols + by - 1) / by, lines = (p->rows + 2 * by - 1) / (2 * by);
    int at_once =
        room / (wide + 1); /* maps side by side: all, unless the terminal is very narrow */
    if (at_once < 1) at_once = 1;
    tt_scale *s = tt_arena_alloc(d->a, (size_t)across * sizeof *s), all = tt_picture_scale(p);
    if (!s) return tt_fail(e, TT_ENOMEM, "out of memory for %d maps", across);
    tt_say_print(d->out, "%s, %d by %d\n", p->title, p->rows, p->cols);
    for (int from = 0; from < across; from += at_once) {
        const int to = from + at_once < across ? from + at_once : across;
        tt_say_times(d->out, " ", left);
        for (int k = from; k < to; k++) {
            char number[24];
            snprintf(number, sizeof number, p->across.number[k] ? "%d" : "mean",
                     p->across.number[k]);
            const char *fit = tt_label_fit(number, wide, 1, d->a);
            tt_say(d->out, " ");
            tt_console_pad(d, fit ? fit : "", k + 1 < to ? wide : 0, 0);
        }
        tt_say(d->out, "\n");
        for (int i = 0; i < p->down.count; i++) {
            for (int k = from; k < to; k++)
                s[k] = tt_scale_of(tt_picture_map(p, i, k), (size_t)p->rows * (size_t)p->cols);
            for (int line = 0; line < lines; line++) {
                tt_axis_name(name, &p->down, i, 0);
                tt_console_pad(d, line ? "" : name, left, 0);
                for (int k = from; k < to; k++) {
                    tt_say(d->out, k == from ? " " : "|");
                    small_line(d, p, tt_picture_map(p, i, k), &s[k], line, by);
                }
                tt_say(d->out, "\n");
            }
            if (i + 1 < p->down.count) tt_say(d->out, "\n");
        }
    }
    tt_console_legend(d, left + 1, &all, 1);
    return 0;
}

/* ---- lines --------------------------------------------------------------------------------- */

typedef struct canvas {
    int wide, high;      /* characters */
    unsigned char *dots; /* (high, wide): Braille dots; or the character of ASCII */
    float *most;         /* (high, wide): greatest weight of a line through it */
    int braille;
} canvas;

typedef struct link {
    int row, col;
    float w;
} link;

static int by_weight(const void *a, const void *b) {
    const link *x = a, *y = b;
    if (x->w < y->w || x->w > y->w) return x->w < y->w ? -1 : 1;
    return x->row != y->row ? x->row - y->row : x->col - y->col;
}

static void put_dot(canvas *c, double x, double y, float w, char slope) {
    static const unsigned char dot[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    int i = (int)y, j = (int)x;
    if (i < 0 || i >= c->high || j < 0 || j >= c->wide) return;
    size_t at = (size_t)i * (size_t)c->wide + (size_t)j;
    if (c->braille) c->dots[at] |= dot[(int)((y - i) * 4)][(int)((x - j) * 2)];
    else c->dots[at] = (unsigned char)slope;
    if (w > c->most[at]) c->most[at] = w;
}

/* From the middle of line `row` at the left to that of line `col` at the right. */
static void put_line(canvas *c, const link *l) {
    const double fall = l->col - l->row, steep = fall / c->wide;
    const char slope = fabs(steep) < 0.15 ? '-' : fabs(steep) > 2 ? '|' : steep > 0 ? '\\' : '/';
    int steps = 4 * (c->wide + abs(l->col - l->row) * 2);
    for (int i = 0; i <= steps; i++) {
        double t = (double)i / steps;
        put_dot(c, t * (c->wide - 0.01), l->row + 0.5 + t * fall, l->w, slope);
    }
}

static void draw_canvas_line(tt_drawing *d, const canvas *c, int line, const tt_scale *s) {
    for (int j = 0; j < c->wide; j++) {
        size_t at = (size_t)line * (size_t)c->wide + (size_t)j;
        if (!c->dots[at]) {
            tt_say(d->out, " ");
            continue;
        }
        if (d->form == TT_FORM_COLOUR) {
            tt_rgb ink = tt_ramp_colour(0.25 + 0.75 * tt_ramp_place(c->most[at], s), d->style.dark);
            tt_console_colours(d, &ink, NULL);
        }
        if (c->braille) { /* U+2800 and the dots */
            char utf8[4] = {(char)0xe2, (char)(0xa0 | c->dots[at] >> 6),
                            (char)(0x80 | (c->dots[at] & 0x3f)), 0};
            tt_say(d->out, utf8);
        } else {
            char one[2] = {(char)c->dots[at], 0};
            tt_say(d->out, one);
        }
        tt_console_plain(d);
    }
}

static int draw_lines(tt_drawing *d, const tt_picture *p, const float *w, tt_err *e) {
    const size_t n = (size_t)p->rows * (size_t)p->cols;
    const tt_scale s = tt_scale_of(w, n);
    int left, right, width = d->style.width, links = 0, most = width / 3 < 24 ? width / 3 : 24;
    const char **rows = tt_labels_fit(p->row_names, p->rows, most, !d->style.utf8, &left, d->a);
    const char **cols = tt_labels_fit(p->col_names, p->cols, most, !d->style.utf8, &right, d->a);
    canvas c = {.wide = width - left - right - 2,
                .high = p->rows > p->cols ? p->rows : p->cols,
                .braille = d->style.utf8};
    if (c.wide > LINE_MOST) c.wide = LINE_MOST;
    if (c.wide < 3) c.wide = 3;
    c.dots = tt_arena_zero(d->a, (size_t)c.wide * (size_t)c.high);
    c.most = tt_arena_zero(d->a, (size_t)c.wide * (size_t)c.high * sizeof *c.most);
    link *l = tt_arena_alloc(d->a, n * sizeof *l);
    if (!rows || !cols || !c.dots || !c.most || !l)
        return tt_fail(e, TT_ENOMEM, "out of memory for a map of %d by %d", p->rows, p->cols);
    const float least = s.greatest / 5;
    for (int i = 0; i < p->rows; i++)
        for (int j = 0; j < p->cols; j++) {
            float size = fabsf(w[(size_t)i * (size_t)p->cols + (size_t)j]);
            if (size > 0 && size >= least) l[links++] = (link){i, j, size};
        }
    qsort(l, (size_t)links, sizeof *l, by_weight);
    for (int i = 0; i < links; i++) put_line(&c, &l[i]);
    for (int i = 0; i < c.high; i++) {
        tt_console_pad(d, i < p->rows ? rows[i] : "", left, 1);
        tt_say(d->out, " ");
        draw_canvas_line(d, &c, i, &s);
        tt_say_print(d->out, i < p->cols ? " %.200s\n" : "\n", i < p->cols ? cols[i] : "");
    }
    tt_say_times(d->out, " ", left + 1);
    tt_say_print(d->out, "lines: weights from %.3f to %.3f\n", (double)least, (double)s.greatest);
    return 0;
}

int tt_console_lines(tt_drawing *d, const tt_picture *p, tt_err *e) {
    char name[300];
    for (int i = 0; i < tt_picture_count(p); i++) {
        if (i) tt_say(d->out, "\n");
        tt_picture_name(name, sizeof name, p, i / p->across.count, i % p->across.count);
        tt_say(d->out, name);
        tt_say(d->out, "\n");
        TT_TRY(draw_lines(d, p, p->maps[i], e));
    }
    return 0;
}
