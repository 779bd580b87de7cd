/* plot.c: `ttrans plot`: curves of training runs and of the learning rate, and vectors of
 * positions, in the terminal or as files.
 */
#include "plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 2000 }; /* of a schedule's curve, at most */

#define AT(field) .at = offsetof(tt_plot_opts, field)

static const tt_opt rows[] = {
    {TT_OPT_ENUM, "ACTION", AT(action), .allowed = "log|schedule|positions|histogram|norms|values",
     .help = "log: what runs of training told, files of train --log; schedule: the learning rate "
             "over the updates; positions: the "
             "vectors of positions by shade; histogram: how large gradients were, from train "
             "--log-histograms, updates downwards; norms: of gradients, weights and steps, from "
             "train --log-norms; values: how often numbers are how large, such as the scores of "
             "sentences"},
    {TT_OPT_LIST, "[FILE...]", AT(files),
     .help = "of log, histogram, norms and values: one or more, in one picture"},
    {TT_OPT_GROUP, .help = "log"},
    {TT_OPT_ENUM, "--what", "NAME", "loss", AT(what),
     .allowed = "loss|perplexity|bleu|chrf|rate|norm|speed",
     .help = "loss and perplexity of training and validation, scores of validation, learning rate, "
             "gradient norm, or target "
             "tokens a second"},
    {TT_OPT_ENUM, "--against", "NAME", "update", AT(against),
     .allowed = "update|epoch|tokens|elapsed", .help = "what runs to the right"},
    {TT_OPT_GROUP, .help = "histogram and norms"},
    {TT_OPT_ENUM, "--of", "NAME", "gradient", AT(of), .allowed = "gradient|step",
     .help = "histogram: of gradients, or of the weights' steps over the rate"},
    {TT_OPT_LIST, "--group", "NAME", AT(groups), .shown = "all",
     .help = "histogram: of which part of the network: embeddings, encoder-self, encoder-ffn, "
             "decoder-self, cross, decoder-ffn or all; may be given again"},
    {TT_OPT_ENUM, "--norm-of", "NAME", "gradient", AT(which), .allowed = "gradient|weights|step",
     .help = "norms: of gradients, weights, or steps over the rate"},
    {TT_OPT_LIST, "--tensor", "NAME", AT(tensors), .shown = "each layer's together",
     .help = "norms: of this tensor, as ttrans info --tensors names it, a * at its end standing "
             "for anything; may be given again"},
    {TT_OPT_STRING, "--layers", "LIST", NULL, AT(layers),
     .help =
         "norms: not of a log, but of models at their start with so many layers on either side, "
         "as 2,4,8: the gradient of the last layer's feed-forward matrices, and how it goes with "
         "the depth"},
    {TT_OPT_STRING, "--norm", "LIST", NULL, AT(norms), .shown = "post,pre",
     .help = "with --layers: rows of the family norm"},
    {TT_OPT_STRING, "--tsv", "FILE", NULL, AT(tsv),
     .help = "with --layers: a text whose first 64 pairs are taken"},
    {TT_OPT_STRING, "-v --vocab", "FILE", NULL, AT(vocab), .help = "with --layers: the vocabulary"},
    {TT_OPT_GROUP, .help = "values"},
    {TT_OPT_INT, "--bins", "N", "20", AT(bins), .low = 1, .high = 1000,
     .help = "of equal width, from the least number to the greatest"},
    {TT_OPT_INT, "--column", "N", "1", AT(column), .low = 1, .high = 1000,
     .help = "of a line, where the number stands"},
    {TT_OPT_GROUP, .help = "schedule"},
    {TT_OPT_LIST, "--schedule", "NAME", AT(schedules), .family = "schedule",
     .shown = "inverse-sqrt", .help = "which; may be given again"},
    {TT_OPT_LIST, "--curves", "NAMES", AT(curves),
     .help =
         "instead of a schedule: the rate by warm-up alone, of rows of the family warmup and of "
         "optimizers that warm up by themselves, with commas between: "
         "radam,untuned-linear,untuned-exponential"},
    {TT_OPT_DOUBLE, "--beta2", "SHARE", "0.999", AT(beta2), .low = 0, .high = 0.999999,
     .help = "of the optimizer, which untuned warm-ups and radam look at"},
    {TT_OPT_DOUBLE, "--lr --learn-rate", "RATE", "0", AT(rate), .low = 0, .high = 1e6,
     .shown = "0.001, for noam 1", .help = "peak learning rate; for noam its factor"},
    {TT_OPT_LONG, "--warmup --lr-warmup", "UPDATES", "1000", AT(warmup), .low = 0, .high = 1e12,
     .help = "in which the rate rises"},
    {TT_OPT_DOUBLE, "--cooldown", "PART", "0", AT(cooldown), .low = 0, .high = 1,
     .help = "last part of the run in which the rate also falls to 0"},
    {TT_OPT_LONG, "--updates --max-updates", "N", "20000", AT(updates), .low = 1, .high = 1e12,
     .help = "of the run"},
    {TT_OPT_GROUP, .help = "positions"},
    {TT_OPT_LIST, "--positions", "NAME", AT(positions), .family = "positions", .shown = "marian",
     .help = "which; may be given again"},
    {TT_OPT_INT, "--count", "N", "2000", AT(count), .low = 1, .high = 65536,
     .help = "positions, from 0"},
    {TT_OPT_INT, "--dim", "N", "512", AT(dim), .low = 2, .high = 65536,
     .help = "width of a vector; of schedule: of the model, which noam looks at"},
    {TT_OPT_GROUP, .help = "How"},
    {TT_OPT_ENUM, "-f --format", "NAME", "auto", AT(format), .allowed = "auto", .family = "picture",
     .help = "characters, numbers, or a picture; auto: by the file's suffix, else characters"},
    {TT_OPT_STRING, "-o --output", "FILE", NULL, AT(output), .file = TT_FILE_WRITE,
     .shown = "-, standard output", .help = "where it goes"},
    {TT_OPT_FLAG, "--csv", AT(csv), .help = "print numbers: as -f csv"},
    {TT_OPT_STRING, "--svg", "FILE", NULL, AT(svg), .file = TT_FILE_WRITE,
     .help = "write a picture as SVG, too"},
    {TT_OPT_STRING, "--png", "FILE", NULL, AT(png), .file = TT_FILE_WRITE,
     .help = "write a picture as PNG, too"},
    {TT_OPT_INT, "-w --width", "COLUMNS", "0", AT(width), .low = 20, .high = 10000,
     .shown = "the terminal's, else 100", .help = "longest line of text"},
    {0}};

static const tt_example examples[] = {
    {"ttrans plot schedule --schedule noam --schedule cosine --lr 0.0007 --updates 20000",
     "two schedules in one picture"},
    {"ttrans plot positions --dim 500 --count 2000 --png positions.png",
     "the sines and cosines that positions are"},
    {"ttrans plot schedule --curves radam,untuned-linear,untuned-exponential --updates 18000",
     "what warm-ups do with the rate"},
    {"ttrans eval -m chrf -b -sl text.ref.es < text.es | ttrans plot values",
     "how good single sentences are"},
    {0}};

/* ---- where pictures go ----------------------------------------------------------------------- */

static int add_sink(tt_plot_sinks *s, const char *path, int form, const tt_plot_opts *o,
                    tt_err *e) {
    const tt_draw_style style = {.width = o->width ? o->width : tt_cmd_columns(stdout, 100)};
    s->drawing[s->count] = tt_drawing_open(path, form, &style, e);
    return s->drawing[s->count] ? s->count++, 0 : e->code;
}

static int open_sinks(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    int form = o->format - 1, rc = 0; /* -1: auto */
    if (form >= 0 && !tt_form_has_curves(form))
        return tt_cmd_fail(e, TT_EUSAGE, "--format: curves have no form %s", tt_form_name(form));
    if (o->csv && form >= 0 && form != TT_FORM_CSV)
        return tt_cmd_fail(e, TT_EUSAGE, "give --csv or another --format, not both");
    if (o->csv) form = TT_FORM_CSV;
    if (form < 0 && o->output) {
        const int named = tt_form_of_path(o->output);
        if (named >= 0 && !tt_form_has_curves(named))
            return tt_cmd_fail(e, TT_EUSAGE, "%s: curves have no form %s", o->output,
                               tt_form_name(named));
        form = named;
    }
    if (form >= 0 || o->output || (!o->svg && !o->png))
        rc = add_sink(s, o->output ? o->output : "-", form < 0 ? TT_FORM_ASCII : form, o, e);
    if (!rc && o->svg) rc = add_sink(s, o->svg, TT_FORM_SVG, o, e);
    if (!rc && o->png) rc = add_sink(s, o->png, TT_FORM_PNG, o, e);
    return rc;
}

static int close_sinks(tt_plot_sinks *s, int rc, tt_err *e) {
    for (int i = 0; i < s->count; i++) {
        if (rc) tt_drawing_abort(s->drawing[i]);
        else rc = tt_drawing_finish(s->drawing[i], e);
    }
    return rc;
}

int tt_plot_chart(tt_plot_sinks *s, const tt_chart *c, tt_err *e) {
    int rc = 0;
    for (int i = 0; !rc && i < s->count; i++) rc = tt_chart_add(s->drawing[i], c, e);
    return rc;
}

int tt_plot_fields(tt_plot_sinks *s, const tt_field *f, int n, tt_err *e) {
    int rc = 0;
    for (int i = 0; !rc && i < s->count; i++) rc = tt_fields_add(s->drawing[i], f, n, e);
    return rc;
}

/* ---- curves that are made point by point -------------------------------------------------------
 */

int tt_points_add(tt_points *p, double x, double y, tt_err *e) {
    while (p->count && p->x[p->count - 1] >= x) p->count--;
    if (p->count == p->room) {
        const size_t room = 2 * p->room + 256;
        double *more_x = realloc(p->x, room * sizeof *more_x);
        if (more_x) p->x = more_x;
        double *more_y = realloc(p->y, room * sizeof *more_y);
        if (more_y) p->y = more_y;
        if (!more_x || !more_y)
            return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %zu points", p->count);
        p->room = room;
    }
    p->x[p->count] = x;
    p->y[p->count++] = y;
    return 0;
}

int tt_points_draw(tt_plot_sinks *s, const tt_chart *head, const tt_points *p, int n, tt_err *e) {
    tt_curve curve[TT_CHART_CURVES];
    tt_chart c = *head;
    c.curve = curve;
    c.curves = 0;
    for (int i = 0; i < n; i++)
        if (p[i].count) curve[c.curves++] = (tt_curve){p[i].name, p[i].x, p[i].y, p[i].count};
    return tt_plot_chart(s, &c, e);
}

void tt_points_free(tt_points *p, int n) {
    for (int i = 0; p && i < n; i++) {
        free(p[i].x);
        free(p[i].y);
    }
    free(p);
}

/* ---- schedules --------------------------------------------------------------------------------
 */

static const tt_chart by_schedule = {.title = "learning rate",
                                     .x_what = "update",
                                     .y_what = "of an update"},
                      by_warmup = {.title = "learning rate by warm-up",
                                   .x_what = "update",
                                   .y_what = "of an update"};

/* Updates at even steps, the last one among them, and the one where the warm-up ends. */
static int fill_schedule(tt_points *p, const tt_plot_opts *o, const char *name, tt_err *e) {
    tt_train_options t;
    tt_train_defaults(&t);
    t.schedule = name;
    t.rate = o->rate > 0 ? o->rate : !strncmp(name, "noam", 4) ? 1 : 0.001;
    t.warmup = (tt_amount){(double)o->warmup, 'u'};
    t.cooldown = o->cooldown;
    t.max_updates = o->updates;
    const long steps = o->updates < POINTS ? o->updates : POINTS;
    snprintf(p->name, TT_PLOT_NAME, "%.60s", name);
    for (long i = 0; i < steps; i++) {
        const double n =
            steps > 1 ? 1 + floor((double)(o->updates - 1) * (double)i / (double)(steps - 1)) : 1;
        const double peak = (double)o->warmup, last = p->count ? p->x[p->count - 1] : 0;
        const double at[2] = {peak > last && peak < n ? peak : 0, n};
        for (int k = 0; k < 2; k++) {
            double rate;
            if (!(at[k] > 0)) continue;
            int rc = tt_plan_rate(&t, o->dim, at[k], &rate, e);
            if (!rc) rc = tt_points_add(p, at[k], rate, e);
            if (rc) return rc;
        }
    }
    return 0;
}

/* Of one name of --curves. */
static int fill_warmup(tt_points *p, const tt_plot_opts *o, const char *name, tt_err *e) {
    const double peak = o->rate > 0 ? o->rate : 0.001;
    const long steps = o->updates < POINTS ? o->updates : POINTS;
    snprintf(p->name, TT_PLOT_NAME, "%.60s", name);
    for (long i = 0; i < steps; i++) {
        double share;
        const double n =
            steps > 1 ? 1 + floor((double)(o->updates - 1) * (double)i / (double)(steps - 1)) : 1;
        int rc = tt_plan_warmup(name, (double)o->warmup, o->beta2, n, &share, e);
        if (!rc) rc = tt_points_add(p, n, peak * share, e);
        if (rc) return rc;
    }
    return 0;
}

static int plot_warmups(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    tt_points p[TT_CHART_CURVES] = {{.count = 0}};
    char name[64];
    int n = 0, rc = 0;
    if (o->schedules.count)
        return tt_cmd_fail(e, TT_EUSAGE, "give --schedule or --curves, not both");
    for (int i = 0; i < o->curves.count; i++)
        for (const char *at = o->curves.item[i]; !rc && at;) {
            const size_t len = strcspn(at, ",");
            if (n == TT_CHART_CURVES)
                rc = tt_cmd_fail(e, TT_EUSAGE, "more than %d curves in one picture", n);
            snprintf(name, sizeof name, "%.*s", len < 60 ? (int)len : 60, at);
            if (!rc) rc = fill_warmup(&p[n++], o, name, e);
            at = at[len] ? at + len + 1 : NULL;
        }
    if (!rc) rc = tt_points_draw(s, &by_warmup, p, n, e);
    for (int i = 0; i < n; i++) {
        free(p[i].x);
        free(p[i].y);
    }
    return rc;
}

static int plot_schedules(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    const int n = o->schedules.count ? o->schedules.count : 1;
    if (o->curves.count) return plot_warmups(s, o, e);
    if (n > TT_CHART_CURVES)
        return tt_cmd_fail(e, TT_EUSAGE, "%d schedules in one picture, at most %d", n,
                           TT_CHART_CURVES);
    tt_points *p = calloc((size_t)n, sizeof *p);
    int rc = p ? 0 : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    for (int i = 0; !rc && i < n; i++)
        rc = fill_schedule(&p[i], o, o->schedules.count ? o->schedules.item[i] : "inverse-sqrt", e);
    if (!rc) rc = tt_points_draw(s, &by_schedule, p, n, e);
    tt_points_free(p, n);
    return rc;
}

/* ---- positions --------------------------------------------------------------------------------
 */

static int plot_positions(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    float *value = malloc((size_t)o->count * (size_t)o->dim * sizeof *value);
    int rc = value ? 0
                   : tt_cmd_fail(e, TT_ENOMEM, "out of memory for %d positions of width %d",
                                 o->count, o->dim);
    for (int i = 0; !rc && i < (o->positions.count ? o->positions.count : 1); i++) {
        const char *name = o->positions.count ? o->positions.item[i] : "marian";
        char title[100];
        rc = tt_plan_positions(name, o->dim, o->count, value, e);
        snprintf(title, sizeof title, "positions, %.60s", name);
        const tt_field f = {title, "position", "element", o->count, o->dim, value, NULL, NULL};
        if (!rc) rc = tt_plot_fields(s, &f, 1, e);
    }
    free(value);
    return rc;
}

static int run(void *options, tt_err *e) {
    static int (*const plots[])(tt_plot_sinks *, const tt_plot_opts *, tt_err *) = {
        [TT_PLOT_LOG] = tt_plot_logs,         [TT_PLOT_SCHEDULE] = plot_schedules,
        [TT_PLOT_POSITIONS] = plot_positions, [TT_PLOT_HISTOGRAM] = tt_plot_histograms,
        [TT_PLOT_NORMS] = tt_plot_norms,      [TT_PLOT_VALUES] = tt_plot_values};
    const tt_plot_opts *o = options;
    tt_plot_sinks s = {.count = 0};
    if (o->files.count && (o->action == TT_PLOT_SCHEDULE || o->action == TT_PLOT_POSITIONS))
        return tt_cmd_fail(e, TT_EUSAGE,
                           "%.200s: only plot log, histogram, norms and values read files",
                           o->files.item[0]);
    int rc = open_sinks(&s, o, e);
    if (!rc) rc = plots[o->action](&s, o, e);
    return close_sinks(&s, rc, e);
}

const tt_cmd tt_cmd_plot = {
    "plot",
    "draws training runs, learning rates, gradients and positions",
    "[OPTION...] ACTION [FILE...]",
    "Curves are drawn with characters, unless numbers or a picture are asked for; each has its own "
    "sign or colour, "
    "named below. A log is a file of train --log; standard input where none is named.",
    rows,
    sizeof(tt_plot_opts),
    examples,
    run};
