/* plot_start.c: `ttrans plot norms --layers`: how large gradients are in models at their start, by
 * their depth.
 */
#include "plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTHS_MOST = 32 };

/* "2,4,8", rising. */
static int read_depths(const char *text, int depth[DEPTHS_MOST], int *n, tt_err *e) {
    for (const char *at = text; at;) {
        char *end;
        const long x = strtol(at, &end, 10);
        if (end == at || (*end && *end != ',') || x < 1 || x > 64 || *n == DEPTHS_MOST ||
            (*n && x <= depth[*n - 1]))
            return tt_cmd_fail(e, TT_EUSAGE,
                               "--layers %.60s: expected numbers from 1 to 64, rising, as 2,4,8",
                               text);
        depth[(*n)++] = (int)x;
        at = *end ? end + 1 : NULL;
    }
    return 0;
}

/* The slope of log y over log x, by least squares. */
static double exponent(const tt_points *p) {
    double x = 0, y = 0, xx = 0, xy = 0;
    const double n = (double)p->count;
    for (size_t i = 0; i < p->count; i++) {
        const double a = log(p->x[i]), b = log(p->y[i]);
        x += a, y += b, xx += a * a, xy += a * b;
    }
    return (n * xy - x * y) / (n * xx - x * x);
}

static int fill_depths(tt_points *p, const tt_plot_opts *o, const char *norm, const int *depth,
                       int n, tt_err *e) {
    const tt_parallel text = {o->tsv, NULL, 1};
    int rc = 0;
    for (int i = 0; !rc && i < n; i++) {
        double gradient;
        char line[80];
        snprintf(line, sizeof line, "norm %.30s, %d layers", norm, depth[i]);
        if (tt_cmd_tty()) tt_cmd_progress(line);
        rc = tt_plan_gradient(&text, o->vocab, norm, depth[i], o->dim, &gradient, e);
        if (!rc) rc = tt_points_add(p, depth[i], gradient, e);
    }
    if (tt_cmd_tty()) tt_cmd_progress(NULL);
    if (rc) return rc;
    if (n > 1) snprintf(p->name, TT_PLOT_NAME, "%.60s, as L^%.2f", norm, exponent(p));
    else snprintf(p->name, TT_PLOT_NAME, "%.60s", norm);
    return 0;
}

int tt_plot_start(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    static const tt_chart head = {.title = "gradients of the last layer at the start",
                                  .x_what = "layers on either side, L",
                                  .y_what = "2-norm",
                                  .decades = 1};
    int depth[DEPTHS_MOST], n = 0, curves = 0;
    tt_points p[TT_CHART_CURVES] = {{.count = 0}};
    if (o->files.count)
        return tt_cmd_fail(e, TT_EUSAGE, "%.200s: --layers draws models, not logs",
                           o->files.item[0]);
    if (!o->tsv || !o->vocab)
        return tt_cmd_fail(e, TT_EUSAGE, "--layers needs a text, --tsv FILE, and a vocabulary, -v");
    int rc = read_depths(o->layers, depth, &n, e);
    for (const char *at = o->norms ? o->norms : "post,pre";
         !rc && at && curves < TT_CHART_CURVES;) {
        char norm[40];
        const size_t len = strcspn(at, ",");
        snprintf(norm, sizeof norm, "%.*s", len < 39 ? (int)len : 39, at);
        rc = fill_depths(&p[curves++], o, norm, depth, n, e);
        at = at[len] ? at + len + 1 : NULL;
    }
    if (!rc) rc = tt_points_draw(s, &head, p, curves, e);
    for (int i = 0; i < curves; i++) {
        free(p[i].x);
        free(p[i].y);
    }
    return rc;
}
