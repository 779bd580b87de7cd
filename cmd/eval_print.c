/* eval_print.c: scores as sacreBLEU prints them for people: lines of text, a table of several
 * systems with p-values and stars, the same in LaTeX. What explains a paired test below its table
 * is this program's own wording. JSON is in eval_json.c.
 */
#include "eval.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_MOST = 200 };

#define INTERVAL_HEAD " (μ ± 95% CI)"

/* ---- one system ---------------------------------------------------------------------------- */

/* Text behind what is in line[cap]; what does not fit is left out. */
TT_PRINTF(3, 4) static void append(char *line, size_t cap, const char *fmt, ...) {
    size_t n = strlen(line);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line + n, cap - n, fmt, ap);
    va_end(ap);
}

bool tt_eval_shows_interval(const tt_eval_figure *f) { return f->has_interval && f->sure.mean > 0; }

void tt_eval_line(char *line, const tt_eval_scores *s, int m, const tt_eval_opts *o) {
    const tt_eval_figure *f = &s->figure[0][m];
    char interval[CELL_MOST], painted[CELL_MOST + 16];
    line[0] = 0;
    if (!o->score_only) append(line, TT_EVAL_LINE, "%s|%s = ", f->result.name, s->signature[m]);
    append(line, TT_EVAL_LINE, "%.*f", o->width, f->result.score);
    if (tt_eval_shows_interval(f)) {
        snprintf(interval, sizeof interval, "(μ = %.*f ± %.*f)", o->width, f->sure.mean, o->width,
                 f->sure.ci);
        append(line, TT_EVAL_LINE, " %s",
               tt_eval_paint(painted, sizeof painted, interval, TT_EVAL_CYAN, s->colour));
    }
    if (!o->score_only && f->result.verbose[0])
        append(line, TT_EVAL_LINE, " %s", f->result.verbose);
}

/* Lines stand so that their first = are below each other. */
static void print_lines(const tt_eval_scores *s, const tt_eval_opts *o) {
    char line[TT_EVAL_METRICS][TT_EVAL_LINE];
    int before[TT_EVAL_METRICS], most = 0;
    for (int m = 0; m < s->n_metrics; m++) {
        tt_eval_line(line[m], s, m, o);
        size_t at = strcspn(line[m], "=");
        before[m] = line[m][at] ? tt_eval_columns(line[m], at) : 0;
        if (before[m] > most) most = before[m];
    }
    for (int m = 0; m < s->n_metrics; m++)
        printf("%*s%s\n", before[m] ? most - before[m] : 0, "", line[m]);
}

/* ---- several systems ----------------------------------------------------------------------- */

/* The cell of a figure: the score, its interval, and on a line of its own the p-value; a star where
   chance is unlikely, red where it is not. */
static void write_cell(char *cell, const tt_eval_figure *f, int colour, const tt_eval_opts *o) {
    char p[40], painted[60];
    snprintf(cell, CELL_MOST, "%.*f", o->width, f->result.score);
    if (f->has_interval)
        append(cell, CELL_MOST, " (%.*f ± %.*f)", o->width, f->sure.mean, o->width, f->sure.ci);
    if (!f->has_p) return;
    if (f->sure.same) {
        append(cell, CELL_MOST, "%s(identical)", o->format == TT_EVAL_LATEX ? " " : "\n");
        return;
    }
    snprintf(p, sizeof p, "(p = %.4f)", f->sure.p);
    append(cell, CELL_MOST, o->format == TT_EVAL_LATEX ? " " : "\n");
    if (f->sure.p > 0.05)
        append(cell, CELL_MOST, "%s",
               tt_eval_paint(painted, sizeof painted, p, TT_EVAL_RED, colour));
    else append(cell, CELL_MOST, "%s*", p);
}

static void rule(int wide) {
    while (wide--) putchar('-');
    putchar('\n');
}

static bool any_same(const tt_eval_scores *s) {
    for (int i = 1; i < s->n_systems; i++)
        for (int m = 0; m < s->n_metrics; m++)
            if (s->figure[i][m].sure.same) return true;
    return false;
}

/* What the test was and how to read it. */
static void explain(const tt_eval_scores *s, const tt_eval_opts *o) {
    char title[120], space[400];
    int n = o->paired_bs ? o->paired_bs_n : o->paired_ar_n;
    int wide = snprintf(title, sizeof title,
                        o->paired_bs ? "Paired bootstrap resampling test with %d resampling trials"
                                     : "Paired approximate randomization test with %d trials",
                        n);
    rule(wide);
    puts(title);
    rule(wide);
    printf(" - Each system is compared with %s.\n",
           tt_eval_paint(space, sizeof space, s->names[0], TT_EVAL_YELLOW, s->colour));
    if (o->paired_bs)
        puts("   Behind a score stand the mean over all resamples and half the width of their 95% "
             "interval.");
    puts(" - p is how often chance alone would make a difference as great as the one found.\n"
         "   A star marks p <= 0.05: the two systems do differ. It says neither how much nor which "
         "reads better.");
    if (any_same(s))
        puts("   Identical: each line scores as that of the first system does; there is nothing to "
             "test.");
    putchar('\n');
}

enum { CELL_PAINTED = CELL_MOST + 16 };

static int print_systems(const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e) {
    enum { COLUMNS = 1 + TT_EVAL_METRICS };
    int columns = 1 + s->n_metrics, paired = o->paired_bs || o->paired_ar;
    char heads[COLUMNS][CELL_PAINTED], plain[CELL_MOST], baseline[4200];
    const char *head[COLUMNS];
    size_t n = (size_t)s->n_systems * (size_t)columns;
    char(*text)[CELL_PAINTED] = calloc(n, sizeof *text);
    const char **cell = calloc(n, sizeof *cell);
    for (int c = 0; c < columns; c++) {
        const tt_eval_figure *f = &s->figure[0][c ? c - 1 : 0];
        snprintf(plain, sizeof plain, "%s%s", c ? f->result.name : "System",
                 c && f->has_interval ? INTERVAL_HEAD : "");
        snprintf(heads[c], sizeof heads[c], s->colour ? "\033[36m%s\033[0m" : "%s", plain);
        head[c] = heads[c];
    }
    for (int i = 0; i < s->n_systems && text && cell; i++) {
        int mark = s->colour && paired && !i;
        cell[i * columns] =
            tt_eval_paint(baseline, sizeof baseline, s->names[i], TT_EVAL_YELLOW, mark);
        for (int c = 1; c < columns; c++) {
            char *at = text[i * columns + c];
            write_cell(plain, &s->figure[i][c - 1], s->colour, o);
            snprintf(at, sizeof *text, mark ? "\033[33m%s\033[0m" : "%s", plain);
            cell[i * columns + c] = at;
        }
    }
    int there = text && cell;
    if (there) tt_eval_table(head, cell, s->n_systems, columns, o->format == TT_EVAL_LATEX);
    free(cell);
    free(text);
    if (!there) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    putchar('\n');
    if (paired) explain(s, o);
    puts("-----------------\nMetric signatures\n-----------------");
    for (int m = 0; m < s->n_metrics; m++)
        printf(" - %-10s %s\n", s->figure[0][m].result.name, s->signature[m]);
    return 0;
}

int tt_eval_print(const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e) {
    if (s->n_systems > 1) return print_systems(s, o, e);
    print_lines(s, o);
    return 0;
}
