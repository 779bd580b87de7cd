/* plot_log.c: `ttrans plot log`, `histogram` and `norms`: what runs of training told, from files of
 * train --log.
 */
#include "plot.h"

#include "base/arena.h"
#include "base/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- reading -------------------------------------------------------------------------------- */

static bool is_word(const tt_json *j, const char *word) {
    return j && j->kind == TT_JSON_STRING && !strcmp(j->text, word);
}

/* Takes one report; its type is known to be there. */
typedef int report_fn(void *ctx, const tt_json *root, tt_err *e);

static int read_report(const char *line, size_t len, report_fn *take, void *ctx, tt_arena *a,
                       tt_err *e) {
    tt_json *root;
    int rc = tt_json_read(&root, line, len, "report", a, e);
    if (rc) return rc;
    if (!tt_json_get(root, "type"))
        return tt_cmd_fail(e, TT_EFORMAT, "no report of ttrans train: it has no type");
    return take(ctx, root, e);
}

static int read_log(const char *path, report_fn *take, void *ctx, tt_err *e) {
    tt_arena *a = tt_arena_open(0, e);
    tt_lines *in = a ? tt_lines_open(path, 0, e) : NULL;
    int rc = in ? 1 : e->code;
    const char *line;
    size_t len;
    while (rc > 0 && (rc = tt_lines_next(in, &line, &len, e)) > 0) {
        size_t blanks = 0;
        while (blanks < len && (unsigned char)line[blanks] <= ' ') blanks++;
        tt_arena_reset(a);
        tt_err why = {0};
        const int bad = blanks < len ? read_report(line, len, take, ctx, a, &why) : 0;
        if (bad) rc = tt_cmd_fail(e, bad, "%.200s:%zu: %.250s", path, tt_lines_number(in), why.msg);
    }
    tt_lines_close(in);
    tt_arena_close(a);
    return rc;
}

static int count_files(const tt_plot_opts *o) { return o->files.count ? o->files.count : 1; }

static const char *file_of(const tt_plot_opts *o, int i) {
    return o->files.count ? o->files.item[i] : "-";
}

/* The number of what runs to the right; NAN: the report has none. */
static double against_of(const tt_plot_opts *o, const tt_json *root) {
    const tt_json *x = tt_json_get(root, againsts[o->against].key);
    return x && x->kind == TT_JSON_NUMBER ? x->number : NAN;
}

/* ---- curves --------------------------------------------------------------------------------- */

struct curves {
    const tt_plot_opts *o;
    tt_points *p; /* (2): of training, of validation */
};

static int take_curves(void *ctx, const tt_json *root, tt_err *e) {
    const struct curves *c = ctx;
    const int what = c->o->what;
    const tt_json *type = tt_json_get(root, "type"), *y = tt_json_get(root, whats[what].key);
    const double x = against_of(c->o, root);
    const int train = is_word(type, "train") && whats[what].train,
              valid = is_word(type, "valid") && whats[what].valid;
    if (!(train || valid) || !isfinite(x) || !y) return 0;
    return tt_points_add(&c->p[valid], x, y->kind == TT_JSON_NUMBER ? y->number : NAN, e);
}

int tt_plot_logs(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    const int files = count_files(o), both = whats[o->what].train && whats[o->what].valid;
    if (2 * files > TT_CHART_CURVES)
        return tt_cmd_fail(e, TT_EUSAGE, "%d logs in one picture, at most %d", files,
                           TT_CHART_CURVES / 2);
    tt_points *p = calloc((size_t)(2 * files), sizeof *p);
    int rc = p ? 0 : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    for (int i = 0; !rc && i < files; i++) {
        struct curves c = {o, p + 2 * i};
        rc = read_log(file_of(o, i), take_curves, &c, e);
        for (int k = 0; k < 2; k++)
            snprintf(p[2 * i + k].name, TT_PLOT_NAME, "%.150s%s", file_of(o, i),
                     !both ? ""
                     : k   ? ", validation"
                           : ", training");
    }
    const tt_chart head = {.title = whats[o->what].title,
                           .x_what = againsts[o->against].title,
                           .y_what = whats[o->what].unit};
    if (!rc) rc = tt_points_draw(s, &head, p, 2 * files, e);
    tt_points_free(p, 2 * files);
    return rc;
}

/* ---- norms ---------------------------------------------------------------------------------- */

static const char *const of_names[] = {"gradient", "weights", "step"};

struct norms {
    const tt_plot_opts *o;
    const char *file;
    tt_points *p;     /* (count) of all files */
    int count, first; /* first: of this file */
};

/* Which curve a tensor belongs to: what was asked for by name, a name's end * standing for
   anything; without it, its layer. */
static int curve_name(const tt_plot_opts *o, const char *tensor, char name[TT_PLOT_NAME]) {
    for (int i = 0; i < o->tensors.count; i++) {
        const char *want = o->tensors.item[i];
        const size_t n = strlen(want), part = n && want[n - 1] == '*' ? n - 1 : n + 1;
        if (strncmp(tensor, want, part) != 0) continue;
        snprintf(name, TT_PLOT_NAME, "%.90s", want);
        return 1;
    }
    if (o->tensors.count) return 0;
    const char *dot = strchr(tensor, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
    const int layer = end && dot[1] >= '0' && dot[1] <= '9';
    snprintf(name, TT_PLOT_NAME, "%.*s", layer ? (int)(end - tensor) : 90,
             layer ? tensor : "the rest");
    return 1;
}

static tt_points *find_curve(struct norms *n, const char *name, tt_err *e) {
    char whole[TT_PLOT_NAME];
    if (count_files(n->o) > 1) snprintf(whole, sizeof whole, "%.90s, %.90s", n->file, name);
    else snprintf(whole, sizeof whole, "%.180s", name);
    for (int i = n->first; i < n->count; i++)
        if (!strcmp(n->p[i].name, whole)) return &n->p[i];
    if (n->count == TT_CHART_CURVES) {
        tt_cmd_fail(e, TT_EUSAGE, "more than %d curves: choose some with --tensor",
                    TT_CHART_CURVES);
        return NULL;
    }
    tt_points *p = &n->p[n->count++];
    snprintf(p->name, sizeof p->name, "%s", whole);
    return p;
}

/* Norms of one curve's tensors join as the root of the sum of their squares. */
static int take_norms(void *ctx, const tt_json *root, tt_err *e) {
    struct norms *n = ctx;
    const tt_json *tensors = tt_json_get(root, "tensors");
    const double x = against_of(n->o, root);
    double sum[TT_CHART_CURVES] = {0};
    char name[TT_PLOT_NAME];
    if (!is_word(tt_json_get(root, "type"), "norms") || !tensors || !isfinite(x)) return 0;
    for (const tt_json *t = tensors->child; t; t = t->next) {
        const tt_json *y = tt_json_get(t, of_names[n->o->which]);
        if (!y || y->kind != TT_JSON_NUMBER || !curve_name(n->o, t->key, name)) continue;
        tt_points *p = find_curve(n, name, e);
        if (!p) return TT_EUSAGE;
        sum[p - n->p] += y->number * y->number;
    }
    for (int i = n->first; i < n->count; i++) {
        int rc = tt_points_add(&n->p[i], x, sqrt(sum[i]), e);
        if (rc) return rc;
    }
    return 0;
}

int tt_plot_norms(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    static const char *const titles[] = {"norms of gradients", "norms of weights",
                                         "norms of steps over the rate"};
    if (o->layers) return tt_plot_start(s, o, e);
    struct norms n = {.o = o, .p = calloc(TT_CHART_CURVES, sizeof(tt_points))};
    int rc = n.p ? 0 : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    for (int i = 0; !rc && i < count_files(o); i++) {
        n.file = file_of(o, i);
        n.first = n.count;
        rc = read_log(n.file, take_norms, &n, e);
        if (!rc && n.count == n.first)
            rc = tt_cmd_fail(e, TT_EDATA, "%.200s: has no norms%s; train --log-norms writes them",
                             n.file, o->tensors.count ? " of these tensors" : "");
    }
    const tt_chart head = {.title = titles[o->which],
                           .x_what = againsts[o->against].title,
                           .y_what = "2-norm",
                           .decades = 1};
    if (!rc) rc = tt_points_draw(s, &head, n.p, n.count, e);
    tt_points_free(n.p, TT_CHART_CURVES);
    return rc;
}

/* ---- histograms ----------------------------------------------------------------------------- */

enum { BINS = TT_HISTOGRAM_BINS, FIELDS_MOST = 8 };

/* One field: shares of a group's numbers by size, an update a row. */
struct shares {
    float *value; /* (rows of room, BINS), owned */
    double *at;   /* (rows of room): updates, owned */
    int rows, room;
};

struct histograms {
    const tt_plot_opts *o;
    struct shares *field; /* of this file, (groups) */
    const char *const *group;
    int groups;
};

static int add_row(struct shares *f, double update, const tt_json *h, tt_err *e) {
    static const char *const apart[] = {"zero", "below", "above"};
    const tt_json *counts = tt_json_get(h, "counts");
    double all = 0;
    while (f->rows && f->at[f->rows - 1] >= update) f->rows--; /* a run that was started again */
    if (f->rows == f->room) {
        const int room = 2 * f->room + 64;
        float *value = realloc(f->value, (size_t)room * BINS * sizeof *value);
        if (value) f->value = value;
        double *at = realloc(f->at, (size_t)room * sizeof *at);
        if (at) f->at = at;
        if (!value || !at) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %d rows", room);
        f->room = room;
    }
    float *row = f->value + (size_t)f->rows * BINS;
    int n = 0;
    for (const tt_json *c = counts ? counts->child : NULL; c; c = c->next, n++) {
        if (n < BINS) row[n] = (float)c->number;
        all += c->number;
    }
    if (n != BINS)
        return tt_cmd_fail(e, TT_EFORMAT, "a histogram of %d bins, expected %d", n, BINS);
    for (int i = 0; i < 3; i++) {
        const tt_json *more = tt_json_get(h, apart[i]);
        if (more && more->kind == TT_JSON_NUMBER) all += more->number;
    }
    for (int i = 0; i < BINS; i++) row[i] = all > 0 ? (float)((double)row[i] / all) : 0;
    f->at[f->rows++] = update;
    return 0;
}

static int take_histograms(void *ctx, const tt_json *root, tt_err *e) {
    struct histograms *x = ctx;
    const tt_json *groups = tt_json_get(root, "groups"), *update = tt_json_get(root, "update");
    if (!is_word(tt_json_get(root, "type"), "histograms") || !groups || !update) return 0;
    for (int i = 0; i < x->groups; i++) {
        const tt_json *h =
            tt_json_get(tt_json_get(groups, x->group[i]), x->o->of ? "step" : "gradient");
        int rc = h ? add_row(&x->field[i], update->number, h, e) : 0;
        if (rc) return rc;
    }
    return 0;
}

static int draw_shares(tt_plot_sinks *s, const tt_plot_opts *o, const struct shares *x,
                       const char *const *group, int groups, tt_err *e) {
    char title[FIELDS_MOST][TT_PLOT_NAME];
    double edge[BINS];
    tt_field f[FIELDS_MOST];
    const int n = count_files(o) * groups;
    for (int i = 0; i < BINS; i++) edge[i] = -12 + i / 5.0;
    for (int i = 0; i < n; i++) {
        const char *file = file_of(o, i / groups), *slash = strrchr(file, '/');
        if (!x[i].rows)
            return tt_cmd_fail(e, TT_EDATA,
                               "%.200s: has no histograms of %.60s; train --log-histograms writes "
                               "them",
                               file, group[i % groups]);
        snprintf(title[i], TT_PLOT_NAME, "%.90s, %.60s", slash ? slash + 1 : file,
                 group[i % groups]);
        f[i] = (tt_field){title[i],
                          "update",
                          o->of ? "log10 of |step / rate|, share of all numbers"
                                : "log10 of |gradient|, share of all numbers",
                          x[i].rows,
                          BINS,
                          x[i].value,
                          x[i].at,
                          edge};
    }
    return tt_plot_fields(s, f, n, e);
}

int tt_plot_histograms(tt_plot_sinks *s, const tt_plot_opts *o, tt_err *e) {
    static const char *const all[] = {"all"};
    const char *const *group = o->groups.count ? o->groups.item : all;
    const int groups = o->groups.count ? o->groups.count : 1, n = count_files(o) * groups;
    struct shares x[FIELDS_MOST] = {{NULL, NULL, 0, 0}};
    int rc = 0;
    if (n > FIELDS_MOST)
        return tt_cmd_fail(e, TT_EUSAGE, "%d histograms in one picture, at most %d", n,
                           FIELDS_MOST);
    for (int i = 0; !rc && i < count_files(o); i++) {
        struct histograms one = {o, x + i * groups, group, groups};
        rc = read_log(file_of(o, i), take_histograms, &one, e);
    }
    if (!rc) rc = draw_shares(s, o, x, group, groups, e);
    for (int i = 0; i < n; i++) {
        free(x[i].value);
        free(x[i].at);
    }
    return rc;
}
