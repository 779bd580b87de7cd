/* chart.c: curves; see chart.h. An axis has marks at round numbers: 1, 2 or 5 times a power of 10.
 */
#include "draw/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/label.h"
#include "draw/sheet.h"

enum { LINES = 20, LEFT = 11, MARKS_MOST = 12 }; /* of text: height, room of numbers; */
static const double wide = 600, tall = 300, margin = 12, letter = 6, line = 14, numbers = 66;

typedef struct axis {
    double low, high, step; /* marks at multiples of step, low and high among them */
} axis;

/* At least the range given, between round numbers, about `marks` of them. */
static axis round_axis(double low, double high, int marks) {
    if (!(high > low)) {
        const double half = fabs(low) > 0 ? fabs(low) / 2 : 0.5;
        low -= half;
        high += half;
    }
    const double raw = (high - low) / marks, power = pow(10, floor(log10(raw))), part = raw / power;
    const double step = power * (part > 5 ? 10 : part > 2 ? 5 : part > 1 ? 2 : 1);
    return (axis){floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step};
}

static int marks_of(const axis *a) { return (int)floor((a->high - a->low) / a->step + 1.5); }

static double mark_at(const axis *a, int i) {
    const double x = a->low + i * a->step;
    return fabs(x) < a->step / 1e6 ? 0 : x;
}

/* 0 … 1 along the axis. */
static double place(const axis *a, double x) { return (x - a->low) / (a->high - a->low); }

/* What a curve's number is to the axis. */
static double height(const tt_chart *c, double y) {
    return !c->decades ? y : y > 0 ? log10(y) : NAN;
}

static void mark_text(char text[40], const tt_chart *c, double y) {
    snprintf(text, 40, "%.4g", c->decades ? pow(10, y) : y);
}

static int find_axes(const tt_chart *c, axis *x, axis *y, int down, int across, tt_err *e) {
    double low[2] = {INFINITY, INFINITY}, top[2] = {-INFINITY, -INFINITY};
    for (int k = 0; k < c->curves; k++)
        for (size_t i = 0; i < c->curve[k].count; i++) {
            const double at[2] = {c->curve[k].x[i], height(c, c->curve[k].y[i])};
            if (!isfinite(at[0]) || !isfinite(at[1])) continue;
            for (int d = 0; d < 2; d++) {
                if (at[d] < low[d]) low[d] = at[d];
                if (at[d] > top[d]) top[d] = at[d];
            }
        }
    if (!(low[0] <= top[0])) return tt_fail(e, TT_EDATA, "%s: no point to draw", c->title);
    *x = round_axis(low[0], top[0], across);
    if (c->decades && top[1] - low[1] > 1) { /* whole decades, of so many as leave room */
        const double step = ceil((top[1] - low[1]) / down);
        *y = (axis){floor(low[1] / step) * step, ceil(top[1] / step) * step, step};
        return 0;
    }
    *y = round_axis(low[1], top[1], down);
    return 0;
}

/* ---- text ----------------------------------------------------------------------------------- */

static const char signs[] = "*+ox#@%&=~^abcde";

/* Signs of all curves into cells (LINES, columns), each step along x once, with the line to the
 * next point. */
static void fill_cells(char *cell, int columns, const tt_chart *c, const axis *x, const axis *y) {
    memset(cell, ' ', (size_t)LINES * (size_t)columns);
    for (int k = c->curves - 1; k >= 0; k--) { /* the first one is on top */
        const tt_curve *v = &c->curve[k];
        for (size_t i = 0; i < v->count; i++) {
            const double at_i = height(c, v->y[i]);
            if (!isfinite(v->x[i]) || !isfinite(at_i)) continue;
            const int joined =
                i + 1 < v->count && isfinite(v->x[i + 1]) && isfinite(height(c, v->y[i + 1]));
            const size_t next = joined ? i + 1 : i;
            const int from = (int)lround(place(x, v->x[i]) * (columns - 1)),
                      to = (int)lround(place(x, v->x[next]) * (columns - 1));
            for (int at = from; at <= to; at++) {
                const double part = to > from ? (double)(at - from) / (to - from) : 0;
                const double value = at_i + part * (height(c, v->y[next]) - at_i);
                const int down = (LINES - 1) - (int)lround(place(y, value) * (LINES - 1));
                cell[down * columns + at] = signs[k];
            }
        }
    }
}

static int draw_text(tt_drawing *d, const tt_chart *c, tt_err *e) {
    axis x, y;
    int columns = d->style.width - LEFT - 2;
    if (columns < 10) columns = 10;
    if (columns > 400) columns = 400;
    TT_TRY(find_axes(c, &x, &y, 5, columns > 50 ? 5 : 2, e));
    char *cell = tt_arena_alloc(d->a, (size_t)LINES * (size_t)columns), number[40];
    if (!cell) return tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
    fill_cells(cell, columns, c, &x, &y);
    tt_say_print(d->out, "%s%.200s, %.100s\n", d->count ? "\n" : "", c->title, c->y_what);
    for (int i = 0; i < LINES; i++) {
        int at = -1;
        for (int m = 0; m < marks_of(&y); m++)
            if ((LINES - 1) - (int)lround(place(&y, mark_at(&y, m)) * (LINES - 1)) == i) at = m;
        if (at >= 0) mark_text(number, c, mark_at(&y, at));
        tt_say_print(d->out, "%*s %c", LEFT - 1, at < 0 ? "" : number, at < 0 ? '|' : '+');
        int end = columns;
        while (end && cell[i * columns + end - 1] == ' ') end--;
        tt_output_write(d->out, cell + i * columns, (size_t)end, NULL);
        tt_say(d->out, "\n");
    }
    tt_say_print(d->out, "%*s", LEFT + 1, "+");
    tt_say_times(d->out, "-", columns);
    tt_say_print(d->out, "\n%*s", LEFT, "");
    int used = 0;
    for (int m = 0; m < marks_of(&x); m++) {
        const int len = snprintf(number, sizeof number, "%.5g", mark_at(&x, m));
        int at = 1 + (int)lround(place(&x, mark_at(&x, m)) * (columns - 1)) - len / 2;
        if (m + 1 == marks_of(&x) && at + len > columns + 1) at = columns + 1 - len;
        if (at < used + (used > 0)) continue;
        tt_say_times(d->out, " ", at - used);
        tt_say(d->out, number);
        used = at + len;
    }
    tt_say_print(d->out, " %.60s\n", c->x_what);
    for (int k = 0; k < c->curves; k++)
        tt_say_print(d->out, "%*c %.200s\n", LEFT + 1, signs[k], c->curve[k].name);
    return 0;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static void say_number(tt_output *o, double x) {
    if (isfinite(x)) tt_say_print(o, "%.9g", x);
}

/* CSV's quotes, where a field needs them; in TSV, blanks for TAB and line ends. */
static void say_field(tt_output *o, const char *text, char between) {
    const int quoted = between == ',' && strpbrk(text, ",\"\n\r") != NULL;
    if (quoted) tt_say(o, "\"");
    for (; *text; text++) {
        if (quoted && *text == '"') tt_say(o, "\"");
        tt_output_write(o, between == '\t' && strchr("\t\n\r", *text) ? " " : text, 1, NULL);
    }
    if (quoted) tt_say(o, "\"");
}

static void say_table(tt_drawing *d, const tt_chart *c, char between) {
    if (d->count) tt_say(d->out, "\n");
    tt_say_print(d->out, "curve%c", between);
    say_field(d->out, c->x_what, between);
    tt_say_print(d->out, "%c", between);
    say_field(d->out, c->y_what, between);
    tt_say(d->out, "\n");
    for (int k = 0; k < c->curves; k++)
        for (size_t i = 0; i < c->curve[k].count; i++) {
            say_field(d->out, c->curve[k].name, between);
            tt_say_print(d->out, "%c", between);
            say_number(d->out, c->curve[k].x[i]);
            tt_say_print(d->out, "%c", between);
            say_number(d->out, c->curve[k].y[i]);
            tt_say(d->out, "\n");
        }
}

static void say_numbers(tt_output *o, const char *key, const double *x, size_t n) {
    tt_say_print(o, ", \"%s\": [", key);
    for (size_t i = 0; i < n; i++) {
        if (i) tt_say(o, ", ");
        if (isfinite(x[i])) say_number(o, x[i]);
        else tt_say(o, "null");
    }
    tt_say(o, "]");
}

static void say_json(tt_drawing *d, const tt_chart *c) {
    tt_say(d->out, "{\"title\": ");
    tt_say_json(d->out, c->title);
    tt_say(d->out, ", \"x\": ");
    tt_say_json(d->out, c->x_what);
    tt_say(d->out, ", \"y\": ");
    tt_say_json(d->out, c->y_what);
    tt_say(d->out, ", \"curves\": [");
    for (int k = 0; k < c->curves; k++) {
        tt_say(d->out, k ? ", {\"name\": " : "{\"name\": ");
        tt_say_json(d->out, c->curve[k].name);
        say_numbers(d->out, "x", c->curve[k].x, c->curve[k].count);
        say_numbers(d->out, "y", c->curve[k].y, c->curve[k].count);
        tt_say(d->out, "}");
    }
    tt_say(d->out, "]}\n");
}

/* ---- a sheet -------------------------------------------------------------------------------- */

/* Colours that stay apart for those who see few (Okabe and Ito 2008), the yellow left out. */
static const tt_rgb colours[] = {{0, 114, 178}, {213, 94, 0},   {0, 158, 115},  {204, 121, 167},
                                 {230, 159, 0}, {86, 180, 233}, {120, 120, 120}};
enum { COLOURS = sizeof colours / sizeof *colours };

static void box(tt_sheet *s, double x, double y, double w, double h, tt_rgb colour) {
    tt_shape *b = tt_sheet_put(s, TT_SHAPE_BOX);
    if (b) b->x = x, b->y = y, b->w = w, b->h = h, b->colour = colour;
}

static void stroke(tt_sheet *s, double x, double y, double to_x, double to_y, tt_rgb colour) {
    tt_shape *l = tt_sheet_put(s, TT_SHAPE_LINE);
    if (l) l->x = x, l->y = y, l->w = to_x - x, l->h = to_y - y, l->size = 1.5, l->colour = colour;
}

static void draw_curve(tt_sheet *s, const tt_chart *c, const tt_curve *v, const axis *x,
                       const axis *y, double left, double top, tt_rgb colour) {
    double last_x = 0, last_y = 0;
    int open = 0;
    for (size_t i = 0; i < v->count; i++) {
        const double value = height(c, v->y[i]);
        if (!isfinite(v->x[i]) || !isfinite(value)) {
            open = 0;
            continue;
        }
        const double at_x = left + wide * place(x, v->x[i]),
                     at_y = top + tall * (1 - place(y, value));
        if (open && at_x - last_x < 1 && i + 1 < v->count)
            continue; /* nearer than a screen shows */
        if (open) stroke(s, last_x, last_y, at_x, at_y, colour);
        else box(s, at_x - 1, at_y - 1, 2, 2, colour);
        last_x = at_x, last_y = at_y, open = 1;
    }
}

static int draw_sheet(tt_drawing *d, const tt_chart *c, tt_err *e) {
    axis x, y;
    TT_TRY(find_axes(c, &x, &y, 6, 6, e));
    if (!d->sheet) d->sheet = tt_sheet_make(d->keep, d->style.dark);
    tt_sheet *s = d->sheet;
    if (!s) return tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
    const tt_rgb faint = s->dark ? (tt_rgb){70, 70, 74} : (tt_rgb){222, 222, 222};
    const double left = margin + numbers, top = s->high + margin + 3 * line;
    char number[40];
    tt_sheet_text(s, margin, s->high + margin + line, 15, TT_ANCHOR_START, c->title);
    tt_sheet_text(s, left, top - 7, 10, TT_ANCHOR_START, c->y_what);
    for (int m = 0; m < marks_of(&y); m++) {
        const double at = top + tall * (1 - place(&y, mark_at(&y, m)));
        mark_text(number, c, mark_at(&y, m));
        box(s, left, at - 0.25, wide, 0.5, faint);
        tt_sheet_text(s, left - letter, at + 3, 10, TT_ANCHOR_END, number);
    }
    for (int m = 0; m < marks_of(&x); m++) {
        const double at = left + wide * place(&x, mark_at(&x, m));
        snprintf(number, sizeof number, "%.6g", mark_at(&x, m));
        box(s, at - 0.25, top, 0.5, tall, faint);
        tt_sheet_text(s, at, top + tall + line, 10, TT_ANCHOR_MIDDLE, number);
    }
    for (int k = c->curves - 1; k >= 0; k--)
        draw_curve(s, c, &c->curve[k], &x, &y, left, top, colours[k % COLOURS]);
    double foot = top + tall + 2 * line;
    tt_sheet_text(s, left + wide / 2, foot, 10, TT_ANCHOR_MIDDLE, c->x_what);
    for (int k = 0; k < c->curves; k++) {
        foot += line;
        box(s, left, foot - 5, 2 * letter, 3, colours[k % COLOURS]);
        tt_sheet_text(s, left + 3 * letter, foot, 10, TT_ANCHOR_START, c->curve[k].name);
        const double name = left + letter * (4 + tt_label_columns(c->curve[k].name)) + margin;
        if (name > s->wide) s->wide = name;
    }
    s->high = foot + margin;
    if (left + wide + numbers > s->wide) s->wide = left + wide + numbers;
    return s->failed ? tt_fail(e, TT_ENOMEM, "out of memory for a drawing") : 0;
}

int tt_chart_add(tt_drawing *d, const tt_chart *c, tt_err *e) {
    if (c->curves > TT_CHART_CURVES)
        return tt_fail(e, TT_EUSAGE, "%d curves in one picture, at most %d", c->curves,
                       TT_CHART_CURVES);
    tt_arena_reset(d->a);
    int rc = 0;
    switch (d->form) {
    case TT_FORM_ASCII:
    case TT_FORM_BLOCKS:
    case TT_FORM_COLOUR: rc = draw_text(d, c, e); break;
    case TT_FORM_CSV: say_table(d, c, ','); break;
    case TT_FORM_TSV: say_table(d, c, '\t'); break;
    case TT_FORM_JSON: say_json(d, c); break;
    case TT_FORM_SVG:
    case TT_FORM_PNG: rc = draw_sheet(d, c, e); break;
    default: return tt_fail(e, TT_EUSAGE, "curves have no form %s", tt_form_name(d->form));
    }
    d->count += !rc;
    return rc;
}
