/* plot.c: `ttrans plot`: curves of training runs and of the learning rate, and vectors of
 * positions, in the terminal or as files.
 */
#include "cmd.h"

#include "base/arena.h"
#include "draw/chart.h"
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LOG, SCHEDULE, POSITIONS };
enum { POINTS = 2000, PATH_MOST = 200 }; /* of a schedule's curve, at most */

typedef struct opts {
    int action, what, against, format, csv, dim, count, width;
    tt_list files, schedules, positions;
    const char *output, *svg, *png;
    double rate, cooldown;
    long warmup, updates;
} opts;

#define AT(field) .at = offsetof(opts, field)

static const tt_opt rows[] = {
    {TT_OPT_ENUM, "ACTION", AT(action), .allowed = "log|schedule|positions",
     .help = "log: what runs of training told, files of train --log; schedule: the learning rate "
             "over the updates; positions: the "
             "vectors of positions by shade"},
    {TT_OPT_LIST, "[FILE...]", AT(files), .help = "of log: one or more, in one picture"},
    {TT_OPT_GROUP, .help = "log"},
    {TT_OPT_ENUM, "--what", "NAME", "loss", AT(what),
     .allowed = "loss|perplexity|bleu|chrf|rate|norm|speed",
     .help = "loss and perplexity of training and validation, scores of validation, learning rate, "
             "gradient norm, or target "
             "tokens a second"},
    {TT_OPT_ENUM, "--against", "NAME", "update", AT(against),
     .allowed = "update|epoch|tokens|elapsed", .help = "what runs to the right"},
    {TT_OPT_GROUP, .help = "schedule"},
    {TT_OPT_LIST, "--schedule", "NAME", AT(schedules), .family = "schedule",
     .shown = "inverse-sqrt", .help = "which; may be given again"},
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
    {TT_OPT_ENUM, "-f --format", "NAME", "auto", AT(format),
     .allowed = "auto|ascii|csv|tsv|json|svg|png",
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
    {0}};

/* ---- where pictures go ----------------------------------------------------------------------- */

typedef struct sinks {
    tt_drawing *drawing[4];
    int count;
} sinks;

static int add_sink(sinks *s, const char *path, int form, const opts *o, tt_err *e) {
    const tt_draw_style style = {.width = o->width ? o->width : tt_cmd_columns(stdout, 100)};
    s->drawing[s->count] = tt_drawing_open(path, form, &style, e);
    return s->drawing[s->count] ? s->count++, 0 : e->code;
}

static int open_sinks(sinks *s, const opts *o, tt_err *e) {
    static const int forms[] = {-1,           TT_FORM_ASCII, TT_FORM_CSV, TT_FORM_TSV,
                                TT_FORM_JSON, TT_FORM_SVG,   TT_FORM_PNG};
    int form = forms[o->format], rc = 0;
    if (o->csv && form >= 0 && form != TT_FORM_CSV)
        return tt_cmd_fail(e, TT_EUSAGE, "give --csv or another --format, not both");
    if (o->csv) form = TT_FORM_CSV;
    if (form < 0 && o->output) {
        const int named = tt_form_of_path(o->output);
        if (named == TT_FORM_NPY || named == TT_FORM_HTML)
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

static int close_sinks(sinks *s, int rc, tt_err *e) {
    for (int i = 0; i < s->count; i++) {
        if (rc) tt_drawing_abort(s->drawing[i]);
        else rc = tt_drawing_finish(s->drawing[i], e);
    }
    return rc;
}

static int draw_chart(sinks *s, const tt_chart *c, tt_err *e) {
    int rc = 0;
    for (int i = 0; !rc && i < s->count; i++) rc = tt_chart_add(s->drawing[i], c, e);
    return rc;
}

/* ---- curves that are made point by point -------------------------------------------------------
 */

typedef struct points {
    char name[PATH_MOST];
    double *x, *y; /* (count of room), owned */
    size_t count, room;
} points;

/* A run that was started again tells some updates twice: the later ones stay. */
static int add_point(points *p, double x, double y, tt_err *e) {
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

static int draw_points(sinks *s, const char *title, const char *x, const char *y, const points *p,
                       int n, tt_err *e) {
    tt_curve curve[TT_CHART_CURVES];
    tt_chart c = {.title = title, .x_what = x, .y_what = y, .curve = curve};
    for (int i = 0; i < n; i++)
        if (p[i].count) curve[c.curves++] = (tt_curve){p[i].name, p[i].x, p[i].y, p[i].count};
    return draw_chart(s, &c, e);
}

static void free_points(points *p, int n) {
    for (int i = 0; p && i < n; i++) {
        free(p[i].x);
        free(p[i].y);
    }
    free(p);
}

/* ---- logs -------------------------------------------------------------------------------------
 */

static const struct {
    const char *key, *title, *unit;
    int train, valid; /* reports that have it */
} whats[] = {{"loss", "loss", "nats a target token", 1, 1},
             {"perplexity", "perplexity", "of a target token", 1, 1},
             {"bleu", "BLEU", "of the development set", 0, 1},
             {"chrf", "chrF", "of the development set", 0, 1},
             {"learning_rate", "learning rate", "of an update", 1, 0},
             {"gradient_norm", "gradient norm", "before clipping", 1, 0},
             {"tokens_per_second", "speed", "target tokens a second", 1, 0}};
static const struct {
    const char *key, *title;
} againsts[] = {{"update", "update"},
                {"epoch", "epoch"},
                {"tokens", "target tokens"},
                {"elapsed", "seconds of training"}};

static int is_word(const tt_json *j, const char *word) {
    return j && j->kind == TT_JSON_STRING && !strcmp(j->text, word);
}

/* One line of a log: a point of p[0], training's, or p[1], validation's, or of none. */
static int read_report(points p[2], const opts *o, const char *line, size_t len, const char *file,
                       tt_arena *a, tt_err *e) {
    tt_json *root;
    int rc = tt_json_read(&root, line, len, file, a, e);
    if (rc) return rc;
    const tt_json *type = tt_json_get(root, "type"),
                  *x = tt_json_get(root, againsts[o->against].key),
                  *y = tt_json_get(root, whats[o->what].key);
    const int train = is_word(type, "train") && whats[o->what].train,
              valid = is_word(type, "valid") && whats[o->what].valid;
    if (!type) return tt_cmd_fail(e, TT_EFORMAT, "no report of ttrans train: it has no type");
    if (!(train || valid) || !x || x->kind != TT_JSON_NUMBER || !y) return 0;
    return add_point(&p[valid], x->number, y->kind == TT_JSON_NUMBER ? y->number : NAN, e);
}

static int read_log(points p[2], const opts *o, const char *path, tt_arena *a, tt_err *e) {
    tt_lines *in = tt_lines_open(path, 0, e);
    int rc = in ? 1 : e->code;
    const char *line;
    size_t len;
    while (rc > 0 && (rc = tt_lines_next(in, &line, &len, e)) > 0) {
        size_t blanks = 0;
        while (blanks < len && (unsigned char)line[blanks] <= ' ') blanks++;
        tt_arena_reset(a);
        tt_err why = {0};
        const int bad = blanks < len ? read_report(p, o, line, len, "report", a, &why) : 0;
        if (bad) rc = tt_cmd_fail(e, bad, "%.200s:%zu: %.250s", path, tt_lines_number(in), why.msg);
    }
    tt_lines_close(in);
    return rc;
}

static int plot_logs(sinks *s, const opts *o, tt_err *e) {
    const int files = o->files.count ? o->files.count : 1;
    if (2 * files > TT_CHART_CURVES)
        return tt_cmd_fail(e, TT_EUSAGE, "%d logs in one picture, at most %d", files,
                           TT_CHART_CURVES / 2);
    points *p = calloc((size_t)(2 * files), sizeof *p);
    tt_arena *a = p ? tt_arena_open(0, e) : NULL;
    int rc = a ? 0 : p ? e->code : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    for (int i = 0; !rc && i < files; i++) {
        const char *path = o->files.count ? o->files.item[i] : "-";
        rc = read_log(p + 2 * i, o, path, a, e);
        const int both = whats[o->what].train && whats[o->what].valid;
        for (int k = 0; k < 2; k++)
            snprintf(p[2 * i + k].name, PATH_MOST, "%.150s%s", path,
                     !both ? ""
                     : k   ? ", validation"
                           : ", training");
    }
    if (!rc)
        rc = draw_points(s, whats[o->what].title, againsts[o->against].title, whats[o->what].unit,
                         p, 2 * files, e);
    tt_arena_close(a);
    free_points(p, 2 * files);
    return rc;
}

/* ---- schedules --------------------------------------------------------------------------------
 */

/* Updates at even steps, the last one among them, and the one where the warm-up ends. */
static int fill_schedule(points *p, const opts *o, const char *name, tt_err *e) {
    tt_train_options t;
    tt_train_defaults(&t);
    t.schedule = name;
    t.rate = o->rate > 0 ? o->rate : !strncmp(name, "noam", 4) ? 1 : 0.001;
    t.warmup = (tt_amount){(double)o->warmup, 'u'};
    t.cooldown = o->cooldown;
    t.max_updates = o->updates;
    const long steps = o->updates < POINTS ? o->updates : POINTS;
    snprintf(p->name, PATH_MOST, "%.60s", name);
    for (long i = 0; i < steps; i++) {
        const double n =
            steps > 1 ? 1 + floor((double)(o->updates - 1) * (double)i / (double)(steps - 1)) : 1;
        const double peak = (double)o->warmup, last = p->count ? p->x[p->count - 1] : 0;
        const double at[2] = {peak > last && peak < n ? peak : 0, n};
        for (int k = 0; k < 2; k++) {
            double rate;
            if (!(at[k] > 0)) continue;
            int rc = tt_plan_rate(&t, o->dim, at[k], &rate, e);
            if (!rc) rc = add_point(p, at[k], rate, e);
            if (rc) return rc;
        }
    }
    return 0;
}

static int plot_schedules(sinks *s, const opts *o, tt_err *e) {
    const int n = o->schedules.count ? o->schedules.count : 1;
    if (n > TT_CHART_CURVES)
        return tt_cmd_fail(e, TT_EUSAGE, "%d schedules in one picture, at most %d", n,
                           TT_CHART_CURVES);
    points *p = calloc((size_t)n, sizeof *p);
    int rc = p ? 0 : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    for (int i = 0; !rc && i < n; i++)
        rc = fill_schedule(&p[i], o, o->schedules.count ? o->schedules.item[i] : "inverse-sqrt", e);
    if (!rc) rc = draw_points(s, "learning rate", "update", "of an update", p, n, e);
    free_points(p, n);
    return rc;
}

/* ---- positions --------------------------------------------------------------------------------
 */

static int plot_positions(sinks *s, const opts *o, tt_err *e) {
    float *value = malloc((size_t)o->count * (size_t)o->dim * sizeof *value);
    int rc = value ? 0
                   : tt_cmd_fail(e, TT_ENOMEM, "out of memory for %d positions of width %d",
                                 o->count, o->dim);
    for (int i = 0; !rc && i < (o->positions.count ? o->positions.count : 1); i++) {
        const char *name = o->positions.count ? o->positions.item[i] : "marian";
        char title[100];
        rc = tt_plan_positions(name, o->dim, o->count, value, e);
        snprintf(title, sizeof title, "positions, %.60s", name);
        const tt_field f = {title, "position", "element", o->count, o->dim, value};
        for (int k = 0; !rc && k < s->count; k++) rc = tt_field_add(s->drawing[k], &f, e);
    }
    free(value);
    return rc;
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    sinks s = {.count = 0};
    if (o->action != LOG && o->files.count)
        return tt_cmd_fail(e, TT_EUSAGE, "%.200s: only plot log reads files", o->files.item[0]);
    int rc = open_sinks(&s, o, e);
    if (!rc)
        rc = o->action == LOG        ? plot_logs(&s, o, e)
             : o->action == SCHEDULE ? plot_schedules(&s, o, e)
                                     : plot_positions(&s, o, e);
    return close_sinks(&s, rc, e);
}

const tt_cmd tt_cmd_plot = {
    "plot",
    "draws training runs, learning rates and positions",
    "[OPTION...] ACTION [FILE...]",
    "Curves are drawn with characters, unless numbers or a picture are asked for; each has its own "
    "sign or colour, "
    "named below. A log is a file of train --log; standard input where none is named.",
    rows,
    sizeof(opts),
    examples,
    run};
