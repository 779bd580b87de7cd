/* plot_values.c: `ttrans plot values`: how often numbers are how large, such as the scores of
 * sentences that `ttrans eval --sentence-level` prints.
 */
#include "plot.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct numbers {
    double *x; /* (count of room), owned */
    size_t count, room;
};

static int add_number(struct numbers *n, double x, tt_err *e) {
    if (n->count == n->room) {
        const size_t room = 2 * n->room + 1024;
        double *more = realloc(n->x, room * sizeof *more);
        if (!more) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %zu numbers", room);
        n->x = more;
        n->room = room;
    }
    n->x[n->count++] = x;
    return 0;
}

/* The number in the given column of a line, from 1, columns being divided by white space. 0: the
   line has none there. */
static bool read_number(const char *line, size_t len, int column, double *x) {
    char text[64], *end;
    size_t at = 0, n;
    for (int c = 1;; c++) {
        while (at < len && (unsigned char)line[at] <= ' ') at++;
        for (n = 0; at + n < len && (unsigned char)line[at + n] > ' ';) n++;
        if (!n) return false;
        if (c == column) break;
        at += n;
    }
    if (n >= sizeof text) return false;
    memcpy(text, line + at, n);
    text[n] = 0;
    *x = strtod(text, &end);
    return end != text && !*end && isfinite(*x);
}

static int read_numbers(struct numbers *n, const char *path, int column, tt_err *e) {
    tt_lines *in = tt_lines_open(path, 0, e);
    int rc = in ? 1 : e->code;
    const char *line;
    size_t len;
    while (rc > 0 && (rc = tt_lines_next(in, &line, &len, e)) > 0) {
        double x;
        int bad = 0;
        if (read_number(line, len, column, &x)) bad = add_number(n, x, e);
        else if (tt_lines_number(in) > 1) /* a first line may name the columns */
            bad = tt_cmd_fail(e, TT_EDATA, "%.200s:%zu: no number in column %d", path,
                              tt_lines_number(in), column);
        if (bad) rc = bad;
    }
    tt_lines_close(in);
    if (!rc && !n->count) rc = tt_cmd_fail(e, TT_EDATA, "%.200s: has no numbers", path);
    return rc;
}

/* Steps: between the edges of a bin the curve is level at the bin's share. */
static int fill_steps(tt_points *p, const struct numbers *n, double low, double step, int bins,
                      tt_err *e) {
    size_t *count = calloc((size_t)bins + 1, sizeof *count);
    int rc = count ? 0 : tt_cmd_fail(e, TT_ENOMEM, "out of memory for %d bins", bins);
    for (size_t i = 0; !rc && i < n->count; i++) {
        const int bin = (int)((n->x[i] - low) / step);
        count[bin < 0 ? 0 : bin >= bins ? bins - 1 : bin]++;
    }
    const double sliver = step * 1e-6; /* x of a curve rises */
    for (int i = 0; !rc && i < bins; i++) {
        const double share = 100 * (double)count[i] / (double)n->count;
        rc = tt_points_add(p, low + step * i + (i ? sliver : 0), share, e);
        if (!rc) rc = tt_points_add(p, low + step * (i + 1), share, e);
    }
    free(count);
    return rc;
}

int tt_plot_values(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    static const tt_chart head = {.title = "how often numbers are how large",
                                  .x_what = "number",
                                  .y_what = "per cent of them"};
    const int files = o->files.count ? o->files.count : 1;
    if (files > TT_CHART_CURVES)
        return tt_cmd_fail(e, TT_EUSAGE, "%d files in one picture, at most %d", files,
                           TT_CHART_CURVES);
    struct numbers n[TT_CHART_CURVES] = {{NULL, 0, 0}};
    tt_points *p = calloc((size_t)files, sizeof *p);
    double low = INFINITY, high = -INFINITY;
    int rc = p ? 0 : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    for (int i = 0; !rc && i < files; i++) {
        const char *path = o->files.count ? o->files.item[i] : "-";
        rc = read_numbers(&n[i], path, o->column, e);
        snprintf(p[i].name, TT_PLOT_NAME, "%.180s", path);
        for (size_t k = 0; k < n[i].count; k++) {
            low = fmin(low, n[i].x[k]);
            high = fmax(high, n[i].x[k]);
        }
    }
    const double step = high > low ? (high - low) / o->bins : 1;
    for (int i = 0; !rc && i < files; i++) rc = fill_steps(&p[i], &n[i], low, step, o->bins, e);
    if (!rc) rc = tt_points_draw(s, &head, p, files, e);
    for (int i = 0; i < files; i++) free(n[i].x);
    if (p) tt_points_free(p, files);
    return rc;
}
