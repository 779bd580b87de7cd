/* console.c: maps as shaded text: ASCII, Unicode blocks, or cells of coloured ground.
 *
 * A map has a line for each row, its label in front, and above each column the column's label,
 * written downwards. A cell is one to three characters wide, as the width allows. Where even one is
 * too many, columns come in several bands, one below the other. Maps of a grid stand side by side
 * behind one set of labels, as many as the width holds.
 */
#include "draw/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/label.h"

enum { LABEL_MOST = 16, CELL_MOST = 3 };

/* Each stands for an even step of |w|: blocks by the share of ink, 0, ¼, ½, ¾, 1. */
static const char *const ascii_shades[] = {" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"};
static const char *const block_shades[] = {" ", "\xe2\x96\x91", "\xe2\x96\x92", "\xe2\x96\x93",
                                           "\xe2\x96\x88"};
static const char *const below_shades[] = {" ", "1", "2", "3", "4",
                                           "5", "6", "7", "8", "9"}; /* of weights below 0 */
enum { ASCII_SHADES = 10, BLOCK_SHADES = 5, BELOW_SHADES = 10 };

/* ---- shades -------------------------------------------------------------------------------- */

void tt_console_colours(tt_drawing *d, const tt_rgb *ink, const tt_rgb *ground) {
    const tt_rgb *c[2] = {ink, ground};
    for (int i = 0; i < 2; i++) {
        if (!c[i]) continue;
        if (d->style.colours)
            tt_say_print(d->out, "\033[%d;5;%dm", i ? 48 : 38, tt_ramp_256(*c[i]));
        else tt_say_print(d->out, "\033[%d;2;%d;%d;%dm", i ? 48 : 38, c[i]->r, c[i]->g, c[i]->b);
    }
}

void tt_console_plain(tt_drawing *d) {
    if (d->form == TT_FORM_COLOUR) tt_say(d->out, "\033[0m");
}

void tt_console_cell(tt_drawing *d, double x, int columns) {
    if (d->form == TT_FORM_COLOUR) {
        tt_rgb ground = tt_ramp_colour(x, d->style.dark);
        tt_console_colours(d, NULL, &ground);
        tt_say_times(d->out, " ", columns);
    } else if (x < 0) {
        tt_say_times(d->out, below_shades[tt_ramp_step(x, BELOW_SHADES)], columns);
    } else if (d->form == TT_FORM_BLOCKS) {
        tt_say_times(d->out, block_shades[tt_ramp_step(x, BLOCK_SHADES)], columns);
    } else {
        tt_say_times(d->out, ascii_shades[tt_ramp_step(x, ASCII_SHADES)], columns);
    }
}

void tt_console_pad(tt_drawing *d, const char *text, int columns, int right) {
    int blank = columns - tt_label_columns(text);
    if (right) tt_say_times(d->out, " ", blank);
    tt_say(d->out, text);
    if (!right) tt_say_times(d->out, " ", blank);
}

void tt_console_legend(tt_drawing *d, int indent, const tt_scale *s, int own) {
    const char *top =
        d->form == TT_FORM_BLOCKS ? block_shades[BLOCK_SHADES - 1] : ascii_shades[ASCII_SHADES - 1];
    char greatest[64] = "its greatest weight";
    if (!own) snprintf(greatest, sizeof greatest, "%.3f", (double)s->greatest);
    tt_say_times(d->out, " ", indent);
    if (d->form == TT_FORM_COLOUR) {
        tt_say_print(d->out, "from %s%s ", s->is_signed && !own ? "-" : "",
                     s->is_signed ? greatest : "0");
        for (int i = s->is_signed ? -8 : 0; i <= 8; i++) tt_console_cell(d, i / 8.0, 1);
        tt_console_plain(d);
        tt_say_print(d->out, " to %s", greatest);
    } else {
        tt_say_print(d->out, "from ' ' 0 to '%s' %s", top, greatest);
        if (s->is_signed) tt_say(d->out, "; below 0: digits, tenths of it");
    }
    tt_say(d->out, own ? ", for each map\n" : "\n");
}

/* ---- maps with labels ---------------------------------------------------------------------- */

typedef struct plan {
    tt_drawing *d;
    const tt_picture *p;
    const char **rows, **cols; /* labels, cut */
    int row_width,
        head_height;    /* columns of the longest row label, lines of the longest column label */
    int cell;           /* columns of a cell */
    const float **maps; /* (side) of the maps at work */
    tt_scale *scales;   /* (side) */
    const char **names; /* (side), above them; NULL: none */
    int side;
} plan;

/* The character at place i of a label, with what joins it; *size 0: there is none. */
static const char *character(const char *label, int i, size_t *size, int *columns) {
    size_t one;
    for (; *label; label += *size) {
        *columns = tt_label_step(label, size, NULL);
        while (label[*size] && !tt_label_step(label + *size, &one, NULL)) *size += one;
        if (!i--) return label;
    }
    *size = 0;
    return label;
}

static int count_characters(const char *label) {
    int n = 0, columns;
    for (size_t size; *label; n++) {
        label = character(label, 0, &size, &columns);
        label += size;
    }
    return n;
}

/* Column labels, ending just above their columns. Blanks are held back, so that no line ends in
 * them. */
static void draw_heads(const plan *w, int from, int to) {
    for (int line = 0; line < w->head_height; line++) {
        int blank = w->row_width + 2;
        for (int k = 0; k < w->side; k++, blank++)
            for (int j = from; j < to; j++) {
                int at = line - (w->head_height - count_characters(w->cols[j])), columns = 1;
                size_t size = 0;
                const char *c = at < 0 ? "" : character(w->cols[j], at, &size, &columns);
                if (!size) {
                    blank += w->cell;
                    continue;
                }
                tt_say_times(w->d->out, " ", blank);
                if (columns > w->cell) c = "?", size = 1, columns = 1;
                tt_output_write(w->d->out, c, size, NULL);
                blank = w->cell - columns;
            }
        tt_say(w->d->out, "\n");
    }
}

/* Cells of coloured ground wide enough hold their weight in per cent, where it is not 0. */
static void draw_percent(const plan *w, double x, float weight) {
    tt_rgb ground = tt_ramp_colour(x, w->d->style.dark), ink = tt_ramp_ink(ground);
    tt_console_colours(w->d, &ink, &ground);
    tt_say_print(w->d->out, "%2d ", (int)(100 * weight + 0.5f));
}

static void draw_row(const plan *w, int i, int from, int to) {
    tt_console_pad(w->d, w->rows[i], w->row_width, 1);
    tt_say(w->d->out, " |");
    for (int k = 0; k < w->side; k++) {
        for (int j = from; j < to; j++) {
            float weight = w->maps[k][(size_t)i * (size_t)w->p->cols + (size_t)j];
            double x = tt_ramp_place(weight, &w->scales[k]);
            if (w->d->form == TT_FORM_COLOUR && w->cell == 3 && weight >= 0.005f && weight < 0.995f)
                draw_percent(w, x, weight);
            else tt_console_cell(w->d, x, w->cell);
        }
        tt_console_plain(w->d);
        tt_say(w->d->out, "|");
    }
    tt_say(w->d->out, "\n");
}

static void draw_band(const plan *w, int from, int to) {
    int wide = (to - from) * w->cell;
    if (w->names) {
        tt_say_times(w->d->out, " ", w->row_width + 2);
        for (int k = 0; k < w->side; k++) {
            const char *name = tt_label_fit(w->names[k], wide, !w->d->style.utf8, w->d->a);
            tt_console_pad(w->d, name ? name : "", k + 1 < w->side ? wide + 1 : 0, 0);
        }
        tt_say(w->d->out, "\n");
    }
    draw_heads(w, from, to);
    for (int i = 0; i < w->p->rows; i++) draw_row(w, i, from, to);
}

/* Labels, and the width of cells such that `side` maps stand beside each other, if they can. */
static int make_plan(plan *w, tt_drawing *d, const tt_picture *p, int side, tt_err *e) {
    int width = d->style.width, most = width / 3, least = 1;
    *w = (plan){.d = d, .p = p};
    if (most > LABEL_MOST) most = LABEL_MOST;
    w->rows = tt_labels_fit(p->row_names, p->rows, most < 1 ? 1 : most, !d->style.utf8,
                            &w->row_width, d->a);
    w->cols =
        tt_labels_fit(p->col_names, p->cols, LABEL_MOST, !d->style.utf8, &w->head_height, d->a);
    w->maps = tt_arena_alloc(d->a, (size_t)tt_picture_count(p) * sizeof *w->maps);
    w->scales = tt_arena_alloc(d->a, (size_t)tt_picture_count(p) * sizeof *w->scales);
    w->names = tt_arena_zero(d->a, (size_t)tt_picture_count(p) * sizeof *w->names);
    if (!w->rows || !w->cols || !w->maps || !w->scales || !w->names)
        return tt_fail(e, TT_ENOMEM, "out of memory for a map of %d by %d", p->rows, p->cols);
    w->head_height = 0;
    for (int j = 0; j < p->cols; j++) {
        int n = count_characters(w->cols[j]);
        if (n > w->head_height) w->head_height = n;
        if (tt_label_columns(w->cols[j]) > n) least = 2; /* a character of two columns */
    }
    int room = width - w->row_width - 2 - side; /* a blank and bars */
    w->cell = room / side / p->cols;
    if (w->cell < least) w->cell = least;
    if (w->cell > CELL_MOST) w->cell = CELL_MOST;
    return 0;
}

static int draw_whole(tt_drawing *d, const tt_picture *p, int down, int across, tt_err *e) {
    plan w;
    char name[300];
    TT_TRY(make_plan(&w, d, p, 1, e));
    tt_picture_name(name, sizeof name, p, down, across);
    tt_say(d->out, name);
    tt_say(d->out, "\n");
    w.maps[0] = tt_picture_map(p, down, across);
    w.scales[0] = tt_scale_of(w.maps[0], (size_t)p->rows * (size_t)p->cols);
    w.names = NULL;
    w.side = 1;
    int band = (d->style.width - w.row_width - 3) / w.cell;
    if (band < 1) band = 1;
    for (int from = 0; from < p->cols; from += band) {
        if (from) tt_say(d->out, "\n");
        draw_band(&w, from, from + band < p->cols ? from + band : p->cols);
    }
    tt_console_legend(d, w.row_width + 1, &w.scales[0], 0);
    return 0;
}

/* "layer 1, head 2", without the direction that has one place only. */
static const char *short_name(const tt_picture *p, int i, tt_arena *a) {
    char down[TT_AXIS_NAME_MOST], across[TT_AXIS_NAME_MOST], both[2 * TT_AXIS_NAME_MOST + 2];
    tt_axis_name(down, &p->down, i / p->across.count, 0);
    tt_axis_name(across, &p->across, i % p->across.count, 0);
    if (p->down.count == 1) snprintf(both, sizeof both, "%s", across);
    else if (p->across.count == 1) snprintf(both, sizeof both, "%s", down);
    else snprintf(both, sizeof both, "%s, %s", down, across);
    const char *text = tt_arena_text(a, both, strlen(both));
    return text ? text : "";
}

/* How many maps stand side by side when a cell is one column wide; 0: not even one. */
static int fit_side(tt_drawing *d, const plan *w, int cell) {
    return (d->style.width - w->row_width - 2) / (w->p->cols * cell + 1);
}

static int draw_grid(tt_drawing *d, const tt_picture *p, tt_err *e) {
    plan w;
    char layer[TT_AXIS_NAME_MOST], head[TT_AXIS_NAME_MOST];
    const int count = tt_picture_count(p);
    TT_TRY(make_plan(&w, d, p, count, e));
    int side = fit_side(d, &w, w.cell);
    if (side < 1) { /* bands, one map after another */
        for (int i = 0; i < count; i++) {
            if (i) tt_say(d->out, "\n");
            TT_TRY(draw_whole(d, p, i / p->across.count, i % p->across.count, e));
        }
        return 0;
    }
    if (side > count) side = count;
    TT_TRY(make_plan(&w, d, p, side, e)); /* with the cells that so many leave room for */
    const tt_scale scale = tt_picture_scale(p);
    tt_axis_name(layer, &p->down, 0, 1);
    tt_axis_name(head, &p->across, 0, 1);
    tt_say(d->out, p->title);
    if (p->down.count == 1) tt_say_print(d->out, ", %s", layer);
    if (p->across.count == 1) tt_say_print(d->out, ", %s", head);
    tt_say(d->out, "\n");
    for (int i = 0; i < count; i += side) {
        w.side = count - i < side ? count - i : side;
        for (int k = 0; k < w.side; k++) {
            w.maps[k] = p->maps[i + k];
            w.scales[k] = scale;
            w.names[k] = short_name(p, i + k, d->a);
        }
        draw_band(&w, 0, p->cols);
    }
    tt_console_legend(d, w.row_width + 1, &scale, 0);
    return 0;
}

static int add(tt_drawing *d, const tt_picture *p, tt_err *e) {
    const int view = tt_view_of(&d->style, p);
    if (d->count) tt_say(d->out, "\n");
    if (p->caption) tt_say(d->out, p->caption), tt_say(d->out, "\n");
    if (view == TT_VIEW_GRID) return draw_grid(d, p, e);
    if (view == TT_VIEW_SMALL) return tt_console_small(d, p, e);
    if (view == TT_VIEW_LINES) return tt_console_lines(d, p, e);
    for (int i = 0; i < tt_picture_count(p); i++) {
        if (i) tt_say(d->out, "\n");
        TT_TRY(draw_whole(d, p, i / p->across.count, i % p->across.count, e));
    }
    return 0;
}

const tt_form tt_form_text = {NULL, add, NULL};
