/* eval_print.c: scores as sacreBLEU prints them: JSON with its keys and blanks, lines of text, a
 * table of several systems with p-values and stars, the same in LaTeX. What explains a paired test
 * below its table is this program's own wording.
 */
#include "eval.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 1400, CELL_MOST = 200 };

#define INTERVAL_HEAD " (μ ± 95% CI)"

/* ---- JSON ---------------------------------------------------------------------------------- */

/* A double as Python's repr() writes it: the shortest digits that read back as the same number. */
static void print_double(double v) {
    char text[40];
    int digits = 0;
    do snprintf(text, sizeof text, "%.*e", digits, v);
    while (strtod(text, NULL) != v && digits++ < 16);
    int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    int decimals = digits > exponent + 1 ? digits - exponent : 1;
    if (exponent < -4)
        fputs(text, stdout);
    else
        printf("%.*f", decimals, v);
}

/* A string as json.dumps() writes it, all ASCII; bytes that are not UTF-8 as U+DC80 … U+DCFF. */
static void print_string(const char *s) {
    putchar('"');
    for (size_t left = strlen(s); left;) {
        unsigned char c = (unsigned char)*s;
        size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        uint32_t code = c;
        if (n > left || tt_utf8_bad((tt_span){s, n}, NULL, NULL) < n) {
            n = 1;
            code = 0xdc00u + c;
        } else if (n > 1) {
            code = c & (0xffu >> (n + 1));
            for (size_t i = 1; i < n; i++) code = code << 6 | ((unsigned char)s[i] & 0x3fu);
        }
        if (code == '"' || code == '\\')
            printf("\\%c", (int)code);
        else if (code >= ' ' && code < 127)
            putchar((int)code);
        else if (code < 0x10000)
            printf("\\u%04x", (unsigned)code);
        else
            printf("\\u%04x\\u%04x", 0xd800u + (unsigned)((code - 0x10000) >> 10),
                   0xdc00u + (unsigned)(code & 0x3ff));
        s += n;
        left -= n;
    }
    putchar('"');
}

/* A figure as printed, and back: what rounding to the width leaves. */
static double rounded(double figure, int width) {
    char text[400];
    snprintf(text, sizeof text, "%.*f", width, figure);
    return strtod(text, NULL);
}

static int shows_interval(const tt_eval_figure *f) { return f->has_interval && f->sure.mean > 0; }

static void print_object(const tt_eval_figure *f, const char *signature, int width) {
    const tt_score_result *r = &f->result;
    printf("{\n \"name\": \"%s\",\n \"score\": ", r->name);
    print_double(rounded(r->score, width));
    printf(",\n \"signature\": \"%s\"", signature);
    if (shows_interval(f)) {
        fputs(",\n \"confidence_mean\": ", stdout);
        print_double(rounded(f->sure.mean, width));
        fputs(",\n \"confidence_var\": ", stdout);
        print_double(rounded(f->sure.ci, width));
        printf(",\n \"confidence\": \"μ = %.*f ± %.*f\"", width, f->sure.mean, width, f->sure.ci);
    }
    if (r->verbose[0]) printf(",\n \"verbose_score\": \"%s\"", r->verbose);
    for (const char *key = signature; *key;) {
        int k = (int)strcspn(key, ":"), v = (int)strcspn(key, "|") - k - 1;
        printf(",\n \"%.*s\": \"%.*s\"", k, key, v, key + k + 1);
        key += k + 1 + v;
        if (*key) key++;
    }
    fputs("\n}", stdout);
}

static void print_key(const char *key, double value, int there, int last) {
    printf("            \"%s\": ", key);
    if (there)
        print_double(value);
    else
        fputs("null", stdout);
    puts(last ? "" : ",");
}

static void print_systems_json(const tt_eval_scores *s, const tt_eval_opts *o) {
    int paired = o->paired_bs || o->paired_ar;
    puts("[");
    for (int i = 0; i < s->n_systems; i++) {
        fputs("    {\n        \"system\": ", stdout);
        print_string(s->names[i]);
        for (int m = 0; m < s->n_metrics; m++) {
            const tt_eval_figure *f = &s->figure[i][m];
            printf(",\n        \"%s\": ", f->result.name);
            if (!paired) {
                printf("\"%.*f\"", o->width, f->result.score);
                continue;
            }
            puts("{");
            print_key("score", f->result.score, 1, 0);
            print_key("p_value", f->sure.p, f->has_p, 0);
            print_key("mean", f->sure.mean, f->has_interval, 0);
            print_key("ci", f->sure.ci, f->has_interval, 1);
            fputs("        }", stdout);
        }
        printf("\n    }%s\n", i + 1 < s->n_systems ? "," : "");
    }
    puts("]");
}

/* ---- one system ---------------------------------------------------------------------------- */

/* Text behind what is in line[cap]; what does not fit is left out. */
static void append(char *line, size_t cap, const char *fmt, ...) {
    size_t n = strlen(line);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line + n, cap - n, fmt, ap);
    va_end(ap);
}

/* "BLEU|signature = 48.5 (μ = 48.4 ± 2.0) verbose", or of that the figures alone. */
static void line_of(char *line, const tt_eval_scores *s, int m, const tt_eval_opts *o) {
    const tt_eval_figure *f = &s->figure[0][m];
    char interval[CELL_MOST], painted[CELL_MOST + 16];
    line[0] = 0;
    if (!o->score_only) append(line, LINE_MOST, "%s|%s = ", f->result.name, s->signature[m]);
    append(line, LINE_MOST, "%.*f", o->width, f->result.score);
    if (shows_interval(f)) {
        snprintf(interval, sizeof interval, "(μ = %.*f ± %.*f)", o->width, f->sure.mean, o->width,
                 f->sure.ci);
        append(line, LINE_MOST, " %s",
               tt_eval_paint(painted, sizeof painted, interval, TT_EVAL_CYAN, s->colour));
    }
    if (!o->score_only && f->result.verbose[0]) append(line, LINE_MOST, " %s", f->result.verbose);
}

/* Lines stand so that their first = are below each other. */
static void print_lines(const tt_eval_scores *s, const tt_eval_opts *o) {
    char line[TT_EVAL_METRICS][LINE_MOST];
    int before[TT_EVAL_METRICS], most = 0;
    for (int m = 0; m < s->n_metrics; m++) {
        line_of(line[m], s, m, o);
        size_t at = strcspn(line[m], "=");
        before[m] = line[m][at] ? tt_eval_columns(line[m], at) : 0;
        if (before[m] > most) most = before[m];
    }
    for (int m = 0; m < s->n_metrics; m++)
        printf("%*s%s\n", before[m] ? most - before[m] : 0, "", line[m]);
}

static void print_single(const tt_eval_scores *s, const tt_eval_opts *o) {
    char line[LINE_MOST];
    if (o->format != TT_EVAL_JSON) {
        print_lines(s, o);
        return;
    }
    if (s->n_metrics > 1) puts("[");
    for (int m = 0; m < s->n_metrics; m++) {
        if (o->score_only) {
            line_of(line, s, m, o);
            fputs(line, stdout);
        } else {
            print_object(&s->figure[0][m], s->signature[m], o->width);
        }
        puts(m + 1 < s->n_metrics ? "," : "");
    }
    if (s->n_metrics > 1) puts("]");
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
    snprintf(p, sizeof p, "(p = %.4f)", f->sure.p);
    append(cell, CELL_MOST, o->format == TT_EVAL_LATEX ? " " : "\n");
    if (f->sure.p > 0.05)
        append(cell, CELL_MOST, "%s",
               tt_eval_paint(painted, sizeof painted, p, TT_EVAL_RED, colour));
    else
        append(cell, CELL_MOST, "%s*", p);
}

static void rule(int wide) {
    while (wide--) putchar('-');
    putchar('\n');
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
         "reads better.\n");
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
    if (!there) return tt_eval_fail(e, TT_ENOMEM, "out of memory");
    putchar('\n');
    if (paired) explain(s, o);
    puts("-----------------\nMetric signatures\n-----------------");
    for (int m = 0; m < s->n_metrics; m++)
        printf(" - %-10s %s\n", s->figure[0][m].result.name, s->signature[m]);
    return 0;
}

int tt_eval_print(const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e) {
    if (s->n_systems > 1 && o->format != TT_EVAL_JSON) return print_systems(s, o, e);
    if (s->n_systems > 1)
        print_systems_json(s, o);
    else
        print_single(s, o);
    return 0;
}
