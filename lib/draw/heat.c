/* heat.c: a picture of weights laid out on a sheet: maps with labels, grids of maps, small maps,
 * words with lines.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/label.h"
#include "draw/sheet.h"

enum { LABEL_MOST = 20, CAPTION_MOST = 200 };
static const double letter = 6, line = 12, margin = 12, large = 15, normal = 10;
static const double most_units = 16384; /* of a side: what viewers of pictures still open */

tt_sheet *tt_sheet_make(tt_arena *a, int dark) {
    tt_sheet *s = tt_arena_zero(a, sizeof *s);
    if (s) *s = (tt_sheet){.a = a, .dark = dark};
    return s;
}

tt_shape *tt_sheet_put(tt_sheet *s, int kind) {
    tt_shape *shape = tt_arena_zero(s->a, sizeof *shape);
    if (!shape) {
        s->failed = 1;
        return NULL;
    }
    shape->kind = kind;
    if (s->last) s->last->next = shape;
    else s->first = shape;
    return s->last = shape;
}

tt_rgb tt_sheet_ink(const tt_sheet *s) {
    return s->dark ? (tt_rgb){230, 230, 230} : (tt_rgb){20, 20, 20};
}
tt_rgb tt_sheet_ground(const tt_sheet *s) {
    return s->dark ? (tt_rgb){18, 18, 20} : (tt_rgb){255, 255, 255};
}
tt_rgb tt_tile_colour(int step, int dark) {
    return tt_ramp_colour((double)step / (TT_TILE_STEPS - 1), dark);
}

void tt_sheet_text(tt_sheet *s, double x, double y, double size, int anchor, const char *text) {
    tt_shape *t = tt_sheet_put(s, TT_SHAPE_TEXT);
    if (s->failed) return;
    t->x = x, t->y = y, t->size = size, t->anchor = anchor, t->colour = tt_sheet_ink(s);
    t->text = tt_arena_text(s->a, text, strlen(text));
    if (!t->text) t->text = "", s->failed = 1;
}

static void turned_text(tt_sheet *s, double x, double y, const char *text) {
    tt_sheet_text(s, x, y, normal, TT_ANCHOR_START, text);
    if (!s->failed) s->last->turned = 1;
}

static void grow(tt_sheet *s, double wide) {
    if (wide > s->wide) s->wide = wide;
}

/* One map's cells, framed. */
static void put_tiles(tt_sheet *s, double x, double y, double cell, const tt_picture *p,
                      const float *w, const tt_scale *scale, const char *name) {
    const size_t n = (size_t)p->rows * (size_t)p->cols;
    signed char *step = tt_arena_alloc(s->a, n);
    tt_shape *t = tt_sheet_put(s, TT_SHAPE_TILES);
    if (!step || s->failed) {
        s->failed = 1;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const double at = tt_ramp_place(w[i], scale);
        const int k = tt_ramp_step(at, TT_TILE_STEPS);
        step[i] = (signed char)(at < 0 ? -k : k);
    }
    *t = (tt_shape){.kind = TT_SHAPE_TILES,
                    .x = x,
                    .y = y,
                    .w = cell * p->cols,
                    .h = cell * p->rows,
                    .rows = p->rows,
                    .cols = p->cols,
                    .step = step,
                    .next = t->next};
    t->text = tt_arena_text(s->a, name, strlen(name));
    grow(s, x + t->w + margin);
}

void tt_sheet_legend(tt_sheet *s, double x, const tt_scale *scale, int own) {
    char text[80];
    const double y = s->high + 4;
    const int from = scale->is_signed ? 1 - TT_TILE_STEPS : 0;
    double at = x;
    if (!scale->is_signed) snprintf(text, sizeof text, "0");
    else if (own) snprintf(text, sizeof text, "below 0");
    else snprintf(text, sizeof text, "%.3f", -(double)scale->greatest);
    tt_sheet_text(s, at, y + 9, normal, TT_ANCHOR_START, text);
    at += letter * ((double)strlen(text) + 1);
    for (int k = from; k < TT_TILE_STEPS; k++, at += 4) {
        tt_shape *b = tt_sheet_put(s, TT_SHAPE_BOX);
        if (s->failed) return;
        b->x = at, b->y = y, b->w = 4, b->h = 10, b->colour = tt_tile_colour(k, s->dark);
    }
    if (own) snprintf(text, sizeof text, "each map's greatest weight");
    else snprintf(text, sizeof text, "%.3f", (double)scale->greatest);
    tt_sheet_text(s, at + letter, y + 9, normal, TT_ANCHOR_START, text);
    grow(s, at + letter * ((double)strlen(text) + 2) + margin);
    s->high = y + 2 * line;
}

/* ---- maps with labels ---------------------------------------------------------------------- */

typedef struct labels {
    const char **rows, **cols;
    int row_most, col_most; /* columns of the longest */
} labels;

static int make_labels(labels *l, const tt_sheet *s, const tt_picture *p, tt_err *e) {
    l->rows = tt_labels_fit(p->row_names, p->rows, LABEL_MOST, 0, &l->row_most, s->a);
    l->cols = tt_labels_fit(p->col_names, p->cols, LABEL_MOST, 0, &l->col_most, s->a);
    return l->rows && l->cols
               ? 0
               : tt_fail(e, TT_ENOMEM, "out of memory for a map of %d by %d", p->rows, p->cols);
}

static void short_name(char *name, size_t cap, const tt_picture *p, int i) {
    char down[TT_AXIS_NAME_MOST], across[TT_AXIS_NAME_MOST];
    tt_axis_name(down, &p->down, i / p->across.count, 0);
    tt_axis_name(across, &p->across, i % p->across.count, 0);
    if (p->down.count == 1) snprintf(name, cap, "%s", across);
    else if (p->across.count == 1) snprintf(name, cap, "%s", down);
    else snprintf(name, cap, "%s, %s", down, across);
}

/* Maps i … i + side - 1 beside each other, labels at the left of the first and above each. */
static void put_strip(tt_sheet *s, const tt_picture *p, const labels *l, int i, int side,
                      double cell, const tt_scale *scale) {
    char name[2 * TT_AXIS_NAME_MOST + 2];
    const double left = margin + letter * (l->row_most + 1), wide = cell * p->cols,
                 step = wide + line;
    const double top =
        s->high + (side > 0 && tt_picture_count(p) > 1 ? line + 4 : 0) + letter * l->col_most + 4;
    for (int r = 0; r < p->rows; r++)
        tt_sheet_text(s, left - letter / 2, top + cell * r + cell / 2 + 3.5, normal, TT_ANCHOR_END,
                      l->rows[r]);
    for (int k = 0; k < side; k++) {
        const double x = left + step * k;
        short_name(name, sizeof name, p, i + k);
        if (tt_picture_count(p) > 1)
            tt_sheet_text(s, x, s->high + line - 2, normal, TT_ANCHOR_START, name);
        grow(s, x + letter * tt_label_columns(name) + margin);
        for (int c = 0; c < p->cols; c++)
            turned_text(s, x + cell * c + cell / 2 + 3.5, top - 3, l->cols[c]);
        const tt_scale own =
            scale ? *scale : tt_scale_of(p->maps[i + k], (size_t)p->rows * (size_t)p->cols);
        put_tiles(s, x, top, cell, p, p->maps[i + k], &own, name);
    }
    s->high = top + cell * p->rows + line;
}

static int draw_grid(tt_sheet *s, const tt_picture *p, int side, double cell, tt_err *e) {
    labels l;
    const int count = tt_picture_count(p);
    const tt_scale scale = tt_picture_scale(p);
    TT_TRY(make_labels(&l, s, p, e));
    for (int i = 0; i < count; i += side)
        put_strip(s, p, &l, i, count - i < side ? count - i : side, cell, &scale);
    tt_sheet_legend(s, margin + letter * (l.row_most + 1), &scale, 0);
    return 0;
}

/* So many beside each other that the whole is some wider than high: 4 of 8. */
static int side_of(const tt_picture *p) {
    const int count = tt_picture_count(p);
    if (p->down.count > 1 && p->across.count > 1) return p->across.count;
    return count <= 3 ? count : (int)ceil(sqrt(1.5 * count));
}

/* ---- small maps ---------------------------------------------------------------------------- */

static void draw_small(tt_sheet *s, const tt_picture *p) {
    const int longest = p->rows > p->cols ? p->rows : p->cols;
    double cell = floor(96.0 / longest);
    cell = cell < 1 ? 1 : cell > 6 ? 6 : cell;
    char name[TT_AXIS_NAME_MOST], whole[2 * TT_AXIS_NAME_MOST + 2];
    int left = 0;
    for (int i = 0; i < p->down.count; i++) {
        tt_axis_name(name, &p->down, i, 0);
        if (tt_label_columns(name) > left) left = tt_label_columns(name);
    }
    const double x0 = margin + letter * (left + 1), wide = cell * p->cols + 8,
                 high = cell * p->rows + 8;
    for (int k = 0; k < p->across.count; k++) {
        tt_axis_name(name, &p->across, k, 0);
        const char *fit = tt_label_fit(name, (int)(wide / letter), 0, s->a);
        tt_sheet_text(s, x0 + wide * k, s->high + line - 2, normal, TT_ANCHOR_START,
                      fit ? fit : "");
    }
    s->high += line + 4;
    for (int i = 0; i < p->down.count; i++, s->high += high) {
        tt_axis_name(name, &p->down, i, 0);
        tt_sheet_text(s, x0 - letter, s->high + line - 2, normal, TT_ANCHOR_END, name);
        for (int k = 0; k < p->across.count; k++) {
            const float *w = tt_picture_map(p, i, k);
            const tt_scale own = tt_scale_of(w, (size_t)p->rows * (size_t)p->cols);
            short_name(whole, sizeof whole, p, i * p->across.count + k);
            put_tiles(s, x0 + wide * k, s->high, cell, p, w, &own, whole);
        }
    }
    const tt_scale all = tt_picture_scale(p);
    tt_sheet_legend(s, x0, &all, 1);
}

/* ---- words with lines ---------------------------------------------------------------------- */

static void put_line(tt_sheet *s, double x, double y, double w, double h, double at) {
    tt_shape *l = tt_sheet_put(s, TT_SHAPE_LINE);
    if (s->failed) return;
    l->x = x, l->y = y, l->w = w, l->h = h;
    l->size = 0.5 + 2.5 * fabs(at);
    l->colour = tt_ramp_colour(at < 0 ? at * 0.8 - 0.2 : at * 0.8 + 0.2, s->dark);
}

static int draw_lines(tt_sheet *s, const tt_picture *p, tt_err *e) {
    labels l;
    char name[2 * TT_AXIS_NAME_MOST + 2];
    TT_TRY(make_labels(&l, s, p, e));
    const double span = 160, pitch = 16, left = margin + letter * l.row_most,
                 step = letter * (l.row_most + l.col_most + 4) + span;
    const int count = tt_picture_count(p), side = side_of(p),
              high = p->rows > p->cols ? p->rows : p->cols;
    for (int m = 0; m < count; m++) {
        const tt_scale scale = tt_scale_of(p->maps[m], (size_t)p->rows * (size_t)p->cols);
        const double x = left + step * (m % side), y = s->high + line + 4;
        short_name(name, sizeof name, p, m);
        if (count > 1)
            tt_sheet_text(s, x - letter * l.row_most, s->high + line - 2, normal, TT_ANCHOR_START,
                          name);
        for (int k = 1; k < 10; k++) /* the strongest last: on top */
            for (int i = 0; i < p->rows; i++)
                for (int j = 0; j < p->cols; j++) {
                    const double at =
                        tt_ramp_place(p->maps[m][(size_t)i * (size_t)p->cols + (size_t)j], &scale);
                    if (fabs(at) >= 0.05 && (int)(fabs(at) * 9) + (fabs(at) < 1 / 9.0) == k)
                        put_line(s, x + 4, y + pitch * (i + 0.5), span - 8, pitch * (j - i), at);
                }
        for (int i = 0; i < p->rows; i++)
            tt_sheet_text(s, x, y + pitch * (i + 0.5) + 3.5, normal, TT_ANCHOR_END, l.rows[i]);
        for (int j = 0; j < p->cols; j++)
            tt_sheet_text(s, x + span, y + pitch * (j + 0.5) + 3.5, normal, TT_ANCHOR_START,
                          l.cols[j]);
        grow(s, x + span + letter * l.col_most + margin);
        if ((m + 1) % side == 0 || m + 1 == count) s->high = y + pitch * high + line;
    }
    return 0;
}

/* ---- a picture ----------------------------------------------------------------------------- */

int tt_heat_draw(tt_sheet *s, const tt_picture *p, const tt_draw_style *style, tt_err *e) {
    char title[300], down[TT_AXIS_NAME_MOST], across[TT_AXIS_NAME_MOST];
    const int view = tt_view_of(style, p);
    tt_axis_name(down, &p->down, 0, 1);
    tt_axis_name(across, &p->across, 0, 1);
    snprintf(title, sizeof title, "%.120s%s%s%s%s", p->title, p->down.count == 1 ? ", " : "",
             p->down.count == 1 ? down : "", p->across.count == 1 ? ", " : "",
             p->across.count == 1 ? across : "");
    s->high += margin;
    tt_sheet_text(s, margin, s->high + large, large, TT_ANCHOR_START, title);
    grow(s, 2 * margin + 9 * tt_label_columns(title));
    s->high += large + 8;
    if (p->caption) {
        const char *fit = tt_label_fit(p->caption, CAPTION_MOST, 0, s->a);
        tt_sheet_text(s, margin, s->high + normal, normal, TT_ANCHOR_START, fit ? fit : "");
        grow(s, 2 * margin + letter * tt_label_columns(fit ? fit : ""));
        s->high += normal + 8;
    }
    int rc = 0;
    if (view == TT_VIEW_SMALL) draw_small(s, p);
    else if (view == TT_VIEW_LINES) rc = draw_lines(s, p, e);
    else rc = draw_grid(s, p, view == TT_VIEW_WHOLE ? 1 : side_of(p), line, e);
    if (!rc && s->failed) rc = tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
    if (!rc && (s->wide > most_units || s->high > most_units))
        rc = tt_fail(e, TT_EDATA,
                     "a drawing of %.0f by %.0f pixels: at most %.0f are drawn; choose fewer heads "
                     "or sentences, or HTML",
                     s->wide, s->high, most_units);
    return rc;
}

int tt_sheet_add(tt_drawing *d, const tt_picture *p, tt_err *e) {
    if (!d->sheet) d->sheet = tt_sheet_make(d->keep, d->style.dark);
    if (!d->sheet) return tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
    return tt_heat_draw(d->sheet, p, &d->style, e);
}
