/* field.c: fields of numbers by shade; see chart.h. Fields that are drawn together stand beside
 * each other and share one scale.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "draw/chart.h"
#include "draw/label.h"
#include "draw/sheet.h"

enum {
    TEXT_ROWS = 24,   /* rows of text */
    TEXT_LEFT = 9,    /* columns of a row's number */
    TEXT_LEAST = 16,  /* columns of a field, or they go below each other */
    SHEET_MOST = 512, /* units of a side; */
    SVG_MOST = 128,   /* rows and columns in SVG */
    MARKS = 4         /* numbers along an axis */
};
static const double margin = 12, letter = 6, line = 14, least_side = 256;
static const double chart_wide = 300, chart_high = 320; /* of a field with an axis of its own */

/* Which of n rows stands at place i of `shown`. */
static int chosen(int i, int shown, int n) { return (int)((long long)i * n / shown); }

static int less(int a, int b) { return a < b ? a : b; }

/* What row or column i stands for. */
static double stands_for(const double *at, int i) { return at ? at[i] : i; }

static float value_at(const tt_field *f, int row, int rows, int col, int cols) {
    return f->value[(size_t)chosen(row, rows, f->rows) * (size_t)f->cols +
                    (size_t)chosen(col, cols, f->cols)];
}

static tt_scale scale_of(const tt_field *f, int n) {
    tt_scale all = {0, 0};
    for (int k = 0; k < n; k++) {
        const tt_scale s = tt_scale_of(f[k].value, (size_t)f[k].rows * (size_t)f[k].cols);
        if (s.greatest > all.greatest) all.greatest = s.greatest;
        all.is_signed |= s.is_signed;
    }
    return all;
}

/* ---- text ----------------------------------------------------------------------------------- */

static const char shades[] =
    " .:-=+*#%@"; /* from the least to the greatest; of signs, 0 is the middle */
enum { STEPS = sizeof shades - 2 };

static char shade(float x, const tt_scale *scale) {
    const double at = tt_ramp_place(x, scale);
    return shades[(int)lround((scale->is_signed ? (at + 1) / 2 : at) * STEPS)];
}

/* Numbers below a field: of its first and last column, and of the middle one where there is
   room. */
static void mark_columns(char *text, const tt_field *f, int cols) {
    char one[32];
    const int at[3] = {0, cols - 1, cols / 2};
    memset(text, ' ', (size_t)cols);
    for (int m = 0; m < 3; m++) {
        const int n =
            snprintf(one, sizeof one, "%.5g", stands_for(f->col_at, chosen(at[m], cols, f->cols)));
        int from = at[m] - (m == 0 ? 0 : m == 1 ? n - 1 : n / 2), is_free = n <= cols;
        if (from < 0) from = 0;
        for (int i = from - 1; is_free && i <= from + n; i++)
            is_free = i < 0 || i >= cols || text[i] == ' ';
        if (is_free && from + n <= cols) memcpy(text + from, one, (size_t)n);
    }
}

/* Fields side by side. */
static int text_strip(tt_drawing *d, const tt_field *f, int n, int room, const tt_scale *scale,
                      tt_err *e) {
    int high = 0;
    char *marks = tt_arena_alloc(d->a, (size_t)room + 1);
    if (!marks) return tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
    for (int k = 0; k < n; k++) {
        const int rows = less(f[k].rows, TEXT_ROWS);
        if (rows > high) high = rows;
        const char *fit = n > 1 ? tt_label_fit(f[k].title, TEXT_LEFT + room, 1, d->a) : f[k].title;
        tt_say(d->out, fit ? fit : "");
        if (k + 1 < n)
            tt_say_times(d->out, " ",
                         TEXT_LEFT + less(f[k].cols, room) + 1 - tt_label_columns(fit ? fit : ""));
    }
    tt_say(d->out, "\n");
    for (int i = 0; i < high; i++) {
        for (int k = 0; k < n; k++) {
            const int rows = less(f[k].rows, TEXT_ROWS), cols = less(f[k].cols, room);
            if (i < rows)
                tt_say_print(d->out, "%8.6g ", stands_for(f[k].row_at, chosen(i, rows, f[k].rows)));
            else tt_say_times(d->out, " ", TEXT_LEFT);
            for (int j = 0; j < cols; j++) {
                const char c = i < rows ? shade(value_at(&f[k], i, rows, j, cols), scale) : ' ';
                tt_output_write(d->out, &c, 1, NULL);
            }
            if (k + 1 < n) tt_say(d->out, " ");
        }
        tt_say(d->out, "\n");
    }
    for (int k = 0; k < n; k++) {
        const int cols = less(f[k].cols, room);
        mark_columns(marks, &f[k], cols);
        tt_say_times(d->out, " ", TEXT_LEFT);
        tt_output_write(d->out, marks, (size_t)cols, NULL);
        if (k + 1 < n) tt_say(d->out, " ");
    }
    tt_say(d->out, "\n");
    return 0;
}

static int draw_text(tt_drawing *d, const tt_field *f, int n, const tt_scale *scale, tt_err *e) {
    const int width = d->style.width > 20 ? d->style.width : 20;
    int beside = n; /* as many as leave each of them room */
    while (beside > 1 && (width + 1) / beside - TEXT_LEFT - 1 < TEXT_LEAST) beside--;
    const int room = (width + 1) / beside - TEXT_LEFT - 1;
    if (d->count) tt_say(d->out, "\n");
    for (int k = 0; k < n; k += beside) {
        if (k) tt_say(d->out, "\n");
        TT_TRY(text_strip(d, f + k, less(beside, n - k), room, scale, e));
    }
    tt_say_print(d->out, "%9sdown: %.60s; across: %.60s\n", "", f->row_what, f->col_what);
    tt_say_print(d->out, "%9s'%c' is %.4g, '%c' %.4g\n", "", shades[0],
                 scale->is_signed ? -(double)scale->greatest : 0.0, shades[STEPS],
                 (double)scale->greatest);
    return 0;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static void say_table(tt_drawing *d, const tt_field *f, int n, char between) {
    if (d->count) tt_say(d->out, "\n");
    if (n > 1) {
        for (const char *p = f->title; *p; p++) /* one field, whatever is in it */
            tt_output_write(d->out, strchr(",\t\n\r\"", *p) ? " " : p, 1, NULL);
        tt_say(d->out, "\n");
    }
    tt_say_print(d->out, "%.60s", f->row_what);
    for (int j = 0; j < f->cols; j++)
        tt_say_print(d->out, "%c%.9g", between, stands_for(f->col_at, j));
    tt_say(d->out, "\n");
    for (int i = 0; i < f->rows; i++) {
        tt_say_print(d->out, "%.9g", stands_for(f->row_at, i));
        for (int j = 0; j < f->cols; j++)
            tt_say_print(d->out, "%c%.7g", between,
                         (double)f->value[(size_t)i * (size_t)f->cols + (size_t)j]);
        tt_say(d->out, "\n");
    }
}

static void say_places(tt_output *o, const char *key, const double *at, int n) {
    if (!at) return;
    tt_say_print(o, ", \"%s\": [", key);
    for (int i = 0; i < n; i++) tt_say_print(o, "%s%.9g", i ? ", " : "", at[i]);
    tt_say(o, "]");
}

static void say_json(tt_drawing *d, const tt_field *f) {
    tt_say(d->out, "{\"title\": ");
    tt_say_json(d->out, f->title);
    say_places(d->out, "down", f->row_at, f->rows);
    say_places(d->out, "across", f->col_at, f->cols);
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

/* ---- a sheet -------------------------------------------------------------------------------- */

/* How a field lies on a sheet. */
struct lay {
    int rows, cols;    /* that are shown */
    double wide, high; /* of a cell */
    double left;       /* room for the numbers of rows */
};

/* A whole number of half units, which are pixels of PNG, at least one. */
static double halves(double x) { return x < 1 ? 0.5 : floor(2 * x) / 2; }

/* Square cells of a whole picture of at least 256 units; where rows stand for something, the field
   is about as large as a chart, whatever its rows. */
static struct lay lay_out(const tt_drawing *d, const tt_field *f) {
    const int most = d->form == TT_FORM_SVG ? SVG_MOST : 4 * SHEET_MOST;
    struct lay l = {less(f->rows, most), less(f->cols, most), 0, 0, 7 * letter};
    if (f->row_at) {
        l.rows = less(l.rows, (int)chart_high);
        l.wide = halves(chart_wide / l.cols);
        l.high = halves(fmin(chart_high / l.rows, 16));
        return l;
    }
    const int longer = l.rows > l.cols ? l.rows : l.cols;
    l.wide = l.high = longer >= 2 * least_side ? 0.5 : floor(4 * least_side / longer) / 2;
    return l;
}

static signed char *make_steps(tt_sheet *s, const tt_field *f, const struct lay *l,
                               const tt_scale *scale) {
    signed char *step = tt_arena_alloc(s->a, (size_t)l->rows * (size_t)l->cols);
    for (int i = 0; step && i < l->rows; i++)
        for (int j = 0; j < l->cols; j++)
            step[(size_t)i * (size_t)l->cols + (size_t)j] = (signed char)lround(
                tt_ramp_place(value_at(f, i, l->rows, j, l->cols), scale) * (TT_TILE_STEPS - 1));
    if (!step) s->failed = 1;
    return step;
}

/* Which of n is the m-th of so many marks, the first and the last among them. */
static int mark_at(int m, int marks, int n) {
    return marks > 1 ? (int)lround((double)m * (n - 1) / (marks - 1)) : 0;
}

static void put_marks(tt_sheet *s, const tt_field *f, const struct lay *l, double x, double y) {
    char text[32];
    int marks = less(MARKS, l->rows);
    while (marks > 1 && l->high * l->rows / marks < line) marks--;
    for (int m = 0; m < marks; m++) {
        const int i = mark_at(m, marks, l->rows);
        snprintf(text, sizeof text, "%.6g", stands_for(f->row_at, chosen(i, l->rows, f->rows)));
        tt_sheet_text(s, x - letter / 2, y + l->high * (i + 0.5) + 3.5, 10, TT_ANCHOR_END, text);
    }
    marks = less(MARKS, l->cols);
    while (marks > 1 && l->wide * l->cols / marks < 7 * letter) marks--;
    for (int m = 0; m < marks; m++) { /* what columns stand for are their left edges */
        const int edge = f->col_at != NULL,
                  j = edge ? m * l->cols / marks : mark_at(m, marks, l->cols);
        snprintf(text, sizeof text, "%.4g", stands_for(f->col_at, chosen(j, l->cols, f->cols)));
        tt_sheet_text(s, x + l->wide * (j + (edge ? 0 : 0.5)), y + l->high * l->rows + line - 2, 10,
                      m == 0                    ? TT_ANCHOR_START
                      : !edge && m + 1 == marks ? TT_ANCHOR_END
                                                : TT_ANCHOR_MIDDLE,
                      text);
    }
}

/* One field with its title, from `left` on. Returns where the next one may begin. */
static double put_field(tt_sheet *s, const tt_field *f, const struct lay *l, double left,
                        double top, const tt_scale *scale) {
    const double x = left + l->left, y = top + 2 * line,
                 title = left + 1.5 * letter * tt_label_columns(f->title),
                 right = x + l->wide * l->cols;
    signed char *step = make_steps(s, f, l, scale);
    tt_sheet_text(s, left, top + line, 15, TT_ANCHOR_START, f->title);
    tt_shape *t = tt_sheet_put(s, TT_SHAPE_TILES);
    if (s->failed) return 0;
    t->x = x, t->y = y, t->w = l->wide * l->cols, t->h = l->high * l->rows;
    t->rows = l->rows, t->cols = l->cols, t->step = step;
    t->text = tt_arena_text(s->a, f->title, strlen(f->title));
    if (!t->text) t->text = "";
    put_marks(s, f, l, x, y);
    if (y + t->h + line > s->high) s->high = y + t->h + line;
    return (title > right ? title : right) + margin;
}

static int draw_sheet(tt_drawing *d, const tt_field *f, int n, const tt_scale *scale, tt_err *e) {
    if (!d->sheet) d->sheet = tt_sheet_make(d->keep, d->style.dark);
    tt_sheet *s = d->sheet;
    if (!s) return tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
    char text[200];
    const double top = s->high + margin;
    double left = margin;
    for (int k = 0; k < n && !s->failed; k++) {
        const struct lay l = lay_out(d, &f[k]);
        left = put_field(s, &f[k], &l, left, top, scale);
    }
    snprintf(text, sizeof text, "down: %.60s; across: %.60s", f->row_what, f->col_what);
    s->high += line;
    tt_sheet_text(s, margin, s->high, 10, TT_ANCHOR_START, text);
    s->high += line / 2;
    if (left > s->wide) s->wide = left;
    const double foot = 2 * margin + letter * tt_label_columns(text);
    if (foot > s->wide) s->wide = foot;
    tt_sheet_legend(s, margin, scale, 0);
    return s->failed ? tt_fail(e, TT_ENOMEM, "out of memory for a drawing") : 0;
}

/* ---- any form ------------------------------------------------------------------------------- */

int tt_fields_add(tt_drawing *d, const tt_field *f, int n, tt_err *e) {
    for (int k = 0; k < n; k++)
        if (f[k].rows < 1 || f[k].cols < 1)
            return tt_fail(e, TT_EDATA, "%s: no number to draw", f[k].title);
    const tt_scale scale = scale_of(f, n);
    int rc = 0;
    switch (d->form) {
    case TT_FORM_ASCII:
    case TT_FORM_BLOCKS:
    case TT_FORM_COLOUR: rc = draw_text(d, f, n, &scale, e); break;
    case TT_FORM_CSV:
    case TT_FORM_TSV:
        for (int k = 0; k < n; k++, d->count++)
            say_table(d, &f[k], n, d->form == TT_FORM_CSV ? ',' : '\t');
        return 0;
    case TT_FORM_JSON:
        for (int k = 0; k < n; k++) say_json(d, &f[k]);
        break;
    case TT_FORM_SVG:
    case TT_FORM_PNG: rc = draw_sheet(d, f, n, &scale, e); break;
    default: return tt_fail(e, TT_EUSAGE, "a field has no form %s", tt_form_name(d->form));
    }
    d->count += !rc;
    return rc;
}

int tt_field_add(tt_drawing *d, const tt_field *f, tt_err *e) { return tt_fields_add(d, f, 1, e); }
