/* plot.h: what the files of `ttrans plot` share.
 */
#ifndef TT_CMD_PLOT_H
#define TT_CMD_PLOT_H

#include "cmd.h"
#include "draw/chart.h"

enum {
    TT_PLOT_LOG,
    TT_PLOT_SCHEDULE,
    TT_PLOT_POSITIONS,
    TT_PLOT_HISTOGRAM,
    TT_PLOT_NORMS,
    TT_PLOT_VALUES
};

typedef struct tt_plot_opts {
    int action, what, against, format, csv, dim, count, width, of, which, bins, column;
    tt_list files, schedules, positions, curves, groups, tensors;
    const char *output, *svg, *png, *layers, *norms, *tsv, *vocab;
    double rate, cooldown, beta2;
    long warmup, updates;
} tt_plot_opts;

/* Where pictures go: all of them to each drawing. */
typedef struct tt_plot_sinks {
    tt_drawing *drawing[4];
    int count;
} tt_plot_sinks;

int tt_plot_chart(tt_plot_sinks *s, const tt_chart *c, tt_err *e);
int tt_plot_fields(tt_plot_sinks *s, const tt_field *f, int n, tt_err *e);

/* A curve that is made point by point; its arrays are owned. */
enum { TT_PLOT_NAME = 200 };
typedef struct tt_points {
    char name[TT_PLOT_NAME];
    double *x, *y; /* (count of room) */
    size_t count, room;
} tt_points;

/* A run that was started again tells some updates twice: the later ones stay. */
int tt_points_add(tt_points *p, double x, double y, tt_err *e);
/* head: title and axes. */
int tt_points_draw(tt_plot_sinks *s, const tt_chart *head, const tt_points *p, int n, tt_err *e);
void tt_points_free(tt_points *p, int n);

/* ---- plot_log.c: what runs told -------------------------------------------------------------- */

int tt_plot_logs(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e);
int tt_plot_histograms(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e);
int tt_plot_norms(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e);

/* ---- plot_start.c: of models that are made for it
   ---------------------------------------------- */

int tt_plot_start(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e);

/* ---- plot_values.c --------------------------------------------------------------------------- */

int tt_plot_values(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e);

#endif
