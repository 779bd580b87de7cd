/* eval.c: scores translations against references, line for line, with the figures, options and
 * output of the sacreBLEU program (Post 2018), whose version 2.6 is the measure.
 *
 * All files are read side by side, so memory does not grow with them. Differences from sacreBLEU:
 * the signature ends in a key `impl` that says who computed it; text that is not UTF-8, or sides
 * of different length, give exit status 65 and a line that says where.
 */
#include "cmd.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { SYSTEMS = 64, METRICS = 8, JSON = 0 };

typedef struct opts {
    tt_list refs, inputs, metrics;
    int tokenize, smooth, sentence_level;
    double smooth_value;
    int char_order, word_order, beta, whitespace, eps_smoothing;
    int width, score_only, format;
} opts;

static const char *const tokenizers[] = {"13a", "none"};
static const char *const smooths[] = {"exp", "floor", "add-k", "none"};

static const tt_opt rows[] = {
    {TT_OPT_LIST, "REFERENCE...", .at = offsetof(opts, refs),
     .help = "references, one line for each line of the translation; several files are several "
             "references"},
    {TT_OPT_LIST, "-i --input", "FILE...", NULL, offsetof(opts, inputs), .low = 1, .high = SYSTEMS,
     .help = "translations to score, one file a system; without it they are read from standard "
             "input, where TABs separate systems"},
    {TT_OPT_LIST, "-m --metrics", "METRIC...", NULL, offsetof(opts, metrics), .low = 1,
     .high = METRICS, .allowed = "bleu|chrf", .shown = "bleu", .help = "metrics to compute"},
    {TT_OPT_FLAG, "-sl --sentence-level", .at = offsetof(opts, sentence_level),
     .help = "print the score of each line, BLEU with its effective order"},
    {TT_OPT_GROUP, .help = "BLEU"},
    {TT_OPT_ENUM, "-tok --tokenize", "NAME", "13a", offsetof(opts, tokenize), .allowed = "13a|none",
     .help = "how lines are cut into words"},
    {TT_OPT_ENUM, "-s --smooth-method", "NAME", "exp", offsetof(opts, smooth),
     .allowed = "exp|floor|add-k|none", .help = "what an order without a match counts"},
    {TT_OPT_DOUBLE, "-sv --smooth-value", "X", "-1", offsetof(opts, smooth_value), .low = 0,
     .high = 1e6, .shown = "0.1 for floor, 1 for add-k", .help = "the value for floor and add-k"},
    {TT_OPT_GROUP, .help = "chrF"},
    {TT_OPT_INT, "-cc --chrf-char-order", "N", "6", offsetof(opts, char_order), .low = 1,
     .high = TT_SCORE_ORDER_MAX, .help = "longest character n-grams"},
    {TT_OPT_INT, "-cw --chrf-word-order", "N", "0", offsetof(opts, word_order), .low = 0,
     .high = TT_SCORE_ORDER_MAX, .help = "longest word n-grams; 2 makes it chrF++"},
    {TT_OPT_INT, "--chrf-beta", "N", "2", offsetof(opts, beta), .low = 1, .high = 100,
     .help = "weight of recall over precision"},
    {TT_OPT_FLAG, "--chrf-whitespace", .at = offsetof(opts, whitespace),
     .help = "count white space too"},
    {TT_OPT_FLAG, "--chrf-eps-smoothing", .at = offsetof(opts, eps_smoothing),
     .help = "give empty orders an epsilon instead of leaving them out"},
    {TT_OPT_GROUP, .help = "Output"},
    {TT_OPT_FLAG, "-b --score-only", .at = offsetof(opts, score_only),
     .help = "print the figures alone"},
    {TT_OPT_INT, "-w --width", "N", "1", offsetof(opts, width), .low = 0, .high = 17,
     .help = "digits after the point"},
    {TT_OPT_ENUM, "-f --format", "NAME", "json", offsetof(opts, format), .allowed = "json|text",
     .help = "how to print"},
    {0}};

static const tt_example examples[] = {
    {"ttrans eval reference.es -i translation.es", "BLEU, as JSON with its signature"},
    {"ttrans translate < test.en | ttrans eval test.es -m bleu chrf -f text",
     "both scores of a translation"},
    {"ttrans eval reference.es -i a.es b.es -f text -w 4", "two systems side by side, four digits"},
    {0}};

/* A file, its line at hand, and how many it has had. */
typedef struct side {
    tt_lines *in;
    tt_span line;
    size_t lines;
    int ended;
} side;

typedef struct job {
    const opts *o;
    side *sides; /* references, then translations */
    int n_refs, n_sides, n_systems, n_metrics;
    const char *metrics[METRICS];
    tt_score *scores[SYSTEMS][METRICS];
} job;

static int fail(tt_err *e, int code, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    return e->code = code;
}

/* ---- reading ------------------------------------------------------------------------------- */

static int open_sides(job *j, tt_err *e) {
    const tt_list *refs = &j->o->refs, *inputs = &j->o->inputs;
    int n = refs->count + (inputs->count ? inputs->count : 1), from_stdin = 0;
    if (refs->count > SYSTEMS || inputs->count > SYSTEMS)
        return fail(e, TT_EUSAGE, "more than %d files on one side", SYSTEMS);
    j->sides = calloc((size_t)n, sizeof *j->sides);
    if (!j->sides) return fail(e, TT_ENOMEM, "out of memory");
    j->n_refs = refs->count;
    for (int i = 0; i < n; i++) {
        const char *path = i < refs->count ? refs->item[i]
                           : inputs->count ? inputs->item[i - refs->count]
                                           : "-";
        if (!strcmp(path, "-") && from_stdin++)
            return fail(e, TT_EUSAGE, "standard input can be read only once");
        j->sides[i].in = tt_lines_open(path, 0, e);
        if (!j->sides[i].in) return e->code;
        j->n_sides = i + 1;
    }
    return 0;
}

static int next_line(side *s, tt_err *e) {
    int rc = tt_lines_next(s->in, &s->line.text, &s->line.len, e);
    if (rc < 0) return rc;
    s->ended = !rc;
    s->lines += (size_t)rc;
    return rc;
}

/* Some sides have ended and some have not: counts to the end, to say how many each has. */
static int uneven(job *j, tt_err *e) {
    for (int i = 0; i < j->n_sides; i++)
        while (!j->sides[i].ended) {
            int rc = next_line(&j->sides[i], e);
            if (rc < 0) return rc;
        }
    const side *a = j->sides, *b = a + 1;
    while (b->lines == a->lines) b++;
    return fail(e, TT_EDATA, "different numbers of lines: %.150s has %zu, %.150s has %zu",
                tt_lines_name(a->in), a->lines, tt_lines_name(b->in), b->lines);
}

/* The next line of every side: 1, or 0 at the common end. */
static int next_row(job *j, tt_err *e) {
    int there = 0;
    for (int i = 0; i < j->n_sides; i++) {
        int rc = next_line(&j->sides[i], e);
        if (rc < 0) return rc;
        there += rc;
    }
    return there == j->n_sides ? 1 : there ? uneven(j, e) : 0;
}

/* The columns of standard input; all lines must have as many as the first. */
static int split_columns(job *j, tt_span *columns, tt_err *e) {
    const side *s = &j->sides[j->n_refs];
    tt_span rest = tt_score_strip(s->line);
    int n = 0;
    for (const char *tab = rest.text; tab;) {
        tab = memchr(rest.text, '\t', rest.len);
        if (n == SYSTEMS || (j->n_systems && n == j->n_systems)) {
            n++;
            break;
        }
        columns[n] = rest;
        if (tab) columns[n].len = (size_t)(tab - rest.text);
        rest.text += columns[n].len + 1;
        rest.len -= columns[n++].len + (tab != NULL);
    }
    if (n > SYSTEMS)
        return fail(e, TT_EDATA, "%s:1: more than %d columns", tt_lines_name(s->in), SYSTEMS);
    if (j->n_systems && n != j->n_systems)
        return fail(e, TT_EDATA, "%s:%zu: not the %d TAB-separated columns of line 1",
                    tt_lines_name(s->in), s->lines, j->n_systems);
    return n;
}

/* Puts the place in front of what tt_score_add found wrong. */
static int bad_line(job *j, tt_err *e) {
    int code = e->code;
    for (int i = 0; i < j->n_sides; i++) {
        tt_err found;
        if (tt_score_check(j->sides[i].line, &found))
            return fail(e, found.code, "%.300s:%zu: %.150s", tt_lines_name(j->sides[i].in),
                        j->sides[i].lines, found.msg);
    }
    return code;
}

/* ---- scoring ------------------------------------------------------------------------------- */

static int open_scores(job *j, tt_err *e) {
    const opts *o = j->o;
    tt_score_options so = {.tokenize = tokenizers[o->tokenize],
                           .smooth = smooths[o->smooth],
                           .smooth_value = o->smooth_value < 0 ? NULL : &o->smooth_value,
                           .effective_order = o->sentence_level != 0,
                           .char_order = o->char_order,
                           .word_order = o->word_order,
                           .beta = o->beta,
                           .whitespace = o->whitespace != 0,
                           .eps_smoothing = o->eps_smoothing != 0};
    for (int s = 0; s < j->n_systems; s++)
        for (int m = 0; m < j->n_metrics; m++) {
            j->scores[s][m] = tt_score_open(j->metrics[m], &so, j->n_refs, e);
            if (!j->scores[s][m]) return e->code;
        }
    return 0;
}

/* The metrics asked for, once each, in sacreBLEU's (and the table's) order. */
static void choose_metrics(job *j) {
    const tt_list *asked = &j->o->metrics;
    const char *name;
    for (int i = 0; (name = tt_score_metric(i)) != NULL; i++) {
        int wanted = !asked->count && i == 0;
        for (int k = 0; k < asked->count; k++)
            wanted |=
                !strncmp(asked->item[k], name, strlen(asked->item[k])); /* shortened by opt.c */
        if (wanted) j->metrics[j->n_metrics++] = name;
    }
}

static void print_sentence(const job *j) {
    tt_score_result r;
    tt_score_get_last(j->scores[0][0], &r);
    if (j->o->score_only)
        printf("%.*f\n", j->o->width, r.score);
    else
        printf("%s|%s = %.*f%s%s\n", r.name, r.signature, j->o->width, r.score,
               r.verbose[0] ? " " : "", r.verbose);
}

/* One line of everything into the scores. */
static int add_row(job *j, tt_err *e) {
    tt_span refs[SYSTEMS], systems[SYSTEMS];
    for (int i = 0; i < j->n_refs; i++) refs[i] = j->sides[i].line;
    int n = j->n_sides - j->n_refs;
    for (int i = 0; i < n; i++) systems[i] = j->sides[j->n_refs + i].line;
    if (!j->o->inputs.count) n = split_columns(j, systems, e);
    if (n < 0) return n;
    if (!j->n_systems) {
        j->n_systems = n;
        if (j->o->sentence_level && (n > 1 || j->n_metrics > 1))
            return fail(e, TT_EUSAGE, "--sentence-level takes one metric and one system");
        int rc = open_scores(j, e);
        if (rc) return rc;
    }
    for (int s = 0; s < n; s++)
        for (int m = 0; m < j->n_metrics; m++)
            if (tt_score_add(j->scores[s][m], systems[s], refs, e)) return bad_line(j, e);
    if (j->o->sentence_level) print_sentence(j);
    return 0;
}

/* ---- printing ------------------------------------------------------------------------------ */

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
        if (n > left || tt_score_check((tt_span){s, n}, NULL)) {
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

/* The score as printed, and back: what rounding to the width leaves. */
static double rounded(const job *j, double score) {
    char text[64];
    snprintf(text, sizeof text, "%.*f", j->o->width, score);
    return strtod(text, NULL);
}

static void print_object(const job *j, const tt_score_result *r) {
    printf("{\n \"name\": \"%s\",\n \"score\": ", r->name);
    print_double(rounded(j, r->score));
    printf(",\n \"signature\": \"%s\"", r->signature);
    if (r->verbose[0]) printf(",\n \"verbose_score\": \"%s\"", r->verbose);
    for (const char *key = r->signature; *key;) {
        int k = (int)strcspn(key, ":"), v = (int)strcspn(key, "|") - k - 1;
        printf(",\n \"%.*s\": \"%.*s\"", k, key, v, key + k + 1);
        key += k + 1 + v;
        if (*key) key++;
    }
    fputs("\n}", stdout);
}

/* One system: an object or a line for each metric. */
static void print_single(const job *j) {
    tt_score_result r[METRICS];
    int align = 0, json = j->o->format == JSON && j->n_metrics > 1;
    for (int m = 0; m < j->n_metrics; m++) {
        tt_score_get(j->scores[0][m], &r[m]);
        int width = (int)(strlen(r[m].name) + 1 + strlen(r[m].signature));
        if (width > align) align = width;
    }
    if (json) puts("[");
    for (int m = 0; m < j->n_metrics; m++) {
        int pad = align - (int)(strlen(r[m].name) + 1 + strlen(r[m].signature));
        if (j->o->score_only)
            printf("%.*f", j->o->width, r[m].score);
        else if (j->o->format == JSON)
            print_object(j, &r[m]);
        else
            printf("%*s%s|%s = %.*f%s%s", pad, "", r[m].name, r[m].signature, j->o->width,
                   r[m].score, r[m].verbose[0] ? " " : "", r[m].verbose);
        puts(json && m + 1 < j->n_metrics ? "," : "");
    }
    if (json) puts("]");
}

static const char *system_name(const job *j, int s, char *space, size_t cap) {
    if (j->o->inputs.count) return j->o->inputs.item[s];
    snprintf(space, cap, "System %d", s + 1);
    return space;
}

static void print_systems_json(const job *j) {
    char space[24];
    puts("[");
    for (int s = 0; s < j->n_systems; s++) {
        fputs("    {\n        \"system\": ", stdout);
        print_string(system_name(j, s, space, sizeof space));
        for (int m = 0; m < j->n_metrics; m++) {
            tt_score_result r;
            tt_score_get(j->scores[s][m], &r);
            printf(",\n        \"%s\": \"%.*f\"", r.name, j->o->width, r.score);
        }
        printf("\n    }%s\n", s + 1 < j->n_systems ? "," : "");
    }
    puts("]");
}

/* ---- a table in a frame */

static int columns_of(const char *text) {
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void print_rule(const char *left, const char *line, const char *cross, const char *right,
                       const int *widths, int n) {
    for (int i = 0; i < n; i++) {
        fputs(i ? cross : left, stdout);
        for (int k = 0; k < widths[i] + 2; k++) fputs(line, stdout);
    }
    puts(right);
}

static void print_cell(const char *text, int width, int centred) {
    int space = width - columns_of(text), after = centred ? space - space / 2 : 0;
    printf("│ %*s%s%*s ", space - after, "", text, after, "");
}

static void print_systems_text(const job *j) {
    char space[24], figure[64];
    int widths[1 + METRICS] = {(int)strlen("System") + 2}, n = 1 + j->n_metrics;
    tt_score_result r[METRICS];
    for (int m = 0; m < j->n_metrics; m++) {
        tt_score_get(j->scores[0][m], &r[m]);
        widths[1 + m] = (int)strlen(r[m].name) + 2;
    }
    for (int s = 0; s < j->n_systems; s++) {
        int width = columns_of(system_name(j, s, space, sizeof space));
        if (width > widths[0]) widths[0] = width;
        for (int m = 0; m < j->n_metrics; m++) {
            tt_score_get(j->scores[s][m], &r[m]);
            width = snprintf(figure, sizeof figure, "%.*f", j->o->width, r[m].score);
            if (width > widths[1 + m]) widths[1 + m] = width;
        }
    }
    print_rule("╒", "═", "╤", "╕", widths, n);
    print_cell("System", widths[0], 0);
    for (int m = 0; m < j->n_metrics; m++) print_cell(r[m].name, widths[1 + m], 1);
    puts("│");
    print_rule("╞", "═", "╪", "╡", widths, n);
    for (int s = 0; s < j->n_systems; s++) {
        if (s) print_rule("├", "─", "┼", "┤", widths, n);
        print_cell(system_name(j, s, space, sizeof space), widths[0], 0);
        for (int m = 0; m < j->n_metrics; m++) {
            tt_score_get(j->scores[s][m], &r[m]);
            snprintf(figure, sizeof figure, "%.*f", j->o->width, r[m].score);
            print_cell(figure, widths[1 + m], 1);
        }
        puts("│");
    }
    print_rule("╘", "═", "╧", "╛", widths, n);
    puts("\n-----------------\nMetric signatures\n-----------------");
    for (int m = 0; m < j->n_metrics; m++) printf(" - %-10s %s\n", r[m].name, r[m].signature);
}

static void print_scores(const job *j) {
    if (j->n_systems == 1)
        print_single(j);
    else if (j->o->format == JSON)
        print_systems_json(j);
    else
        print_systems_text(j);
}

static int score_all(job *j, tt_err *e) {
    choose_metrics(j);
    int rc = open_sides(j, e);
    while (!rc && (rc = next_row(j, e)) > 0) rc = add_row(j, e);
    if (rc) return rc;
    if (!j->n_systems)
        return fail(e, TT_EDATA, "nothing to score: %.300s is empty", tt_lines_name(j->sides->in));
    if (!j->o->sentence_level) print_scores(j);
    return 0;
}

static int run(void *options, tt_err *e) {
    job j = {.o = options};
    int rc = score_all(&j, e);
    for (int s = 0; s < j.n_systems; s++)
        for (int m = 0; m < j.n_metrics; m++) tt_score_close(j.scores[s][m]);
    for (int i = 0; i < j.n_sides; i++) tt_lines_close(j.sides[i].in);
    free(j.sides);
    return rc;
}

const tt_cmd tt_cmd_eval = {
    "eval",
    "scores translations against references",
    "[OPTION...] REFERENCE... [-i FILE...]",
    "Reads translations and references line by line and prints corpus BLEU, or other metrics, as "
    "sacreBLEU 2.6 computes them, with its signature. Files may be compressed with gzip. Lines "
    "must be UTF-8; white space at their end does not count.",
    rows,
    sizeof(opts),
    examples,
    run};
