/* eval.h: what the files of `ttrans eval` share.
 *
 *     eval.c         options, the run: rows in, scores out
 *     eval_input.c   files side by side, row by row, with what is wrong in them named
 *     eval_model.c   translates a test set with models, so that there is something to score
 *     eval_print.c   scores as text or LaTeX, one system or several
 *     eval_json.c    scores and what they hide as JSON
 *     eval_table.c   tables in frames and in LaTeX
 *     eval_report.c  what scores hide: facts, lengths, worst lines, differences; and as text
 *     eval_html.c    the same as a page, with eval_style.c
 */
#ifndef TT_CMD_EVAL_H
#define TT_CMD_EVAL_H

#include <stdbool.h>

#include "cmd.h"

enum { TT_EVAL_SYSTEMS = 64, TT_EVAL_METRICS = 8 };
enum { TT_EVAL_JSON, TT_EVAL_TEXT, TT_EVAL_LATEX };

typedef struct tt_eval_opts {
    tt_list refs, inputs, metrics, models;
    const char *test, *source;
    int num_refs, missing_refs, replace_bad, encoding;
    int sentence_level;
    const char *tokenize, *langpair;
    int smooth, lowercase, force;
    double smooth_value;
    int char_order, word_order, beta, whitespace, chrf_lowercase, eps_smoothing;
    int ter_normalized, ter_no_punct, ter_asian, ter_case_sensitive;
    int confidence, confidence_n, paired_bs, paired_bs_n, paired_ar, paired_ar_n;
    int beam, threads;
    int report, worst, diff;
    const char *html;
    tt_list format_name;
    int brief, impl, score_only, width, no_colour, quiet;
    int format; /* TT_EVAL_…: of format_name, the environment, and what else is asked for */
} tt_eval_opts;

/* ---- input (eval_input.c) ------------------------------------------------------------------- */

/* One line of everything. Texts are borrowed until the next row. */
typedef struct tt_eval_row {
    size_t line; /* from 1 */
    int n_refs, n_systems;
    tt_span refs[TT_EVAL_SYSTEMS]; /* text NULL: missing */
    tt_span hyps[TT_EVAL_SYSTEMS];
    tt_span source; /* text NULL: none */
} tt_eval_row;

typedef struct tt_eval_input tt_eval_input;

/* `made` are files of translations that the models made, one a model, in front of o->inputs; `test`
   stands for o->test. NULL on failure. */
tt_eval_input *tt_eval_input_open(const tt_eval_opts *o, const char *test, const tt_list *made,
                                  tt_err *e);
void tt_eval_input_close(tt_eval_input *in);

/* Fails if a file that will be read is missing, the models too. Before models begin to
   translate. */
int tt_eval_input_try(const tt_eval_opts *o, tt_err *e);

/* 1, or 0 at the common end. TT_EDATA for sides of different length, naming both counts; for a line
   without the columns it should have; and for bad UTF-8 in a line that nobody else will check. */
int tt_eval_input_next(tt_eval_input *in, tt_eval_row *row, tt_err *e);

/* Which line of the row is no text? Puts its place in front of what is wrong; else returns e->code.
 */
int tt_eval_input_blame(const tt_eval_input *in, tt_err *e);

/* The name of system `s` of `n`; a borrowed string, or made in space[cap]. */
const char *tt_eval_input_system(const tt_eval_input *in, int s, char *space, size_t cap);

/* ---- models (eval_model.c) ------------------------------------------------------------------ */

typedef struct tt_eval_models tt_eval_models;

/* Translates the sources of o->test or o->source with each of o->models, into temporary files. */
tt_eval_models *tt_eval_models_run(const tt_eval_opts *o, tt_err *e);
void tt_eval_models_close(tt_eval_models *m); /* and removes the files */

const char *
tt_eval_models_test(const tt_eval_models *m); /* a copy of o->test where that was standard input */
const tt_list *tt_eval_models_files(const tt_eval_models *m);

/* ---- scores (eval_print.c, eval_table.c) ---------------------------------------------------- */

/* Figures of one system and one metric. */
typedef struct tt_eval_figure {
    tt_score_result result;
    tt_certainty sure;
    int has_interval, has_p;
} tt_eval_figure;

typedef struct tt_eval_scores {
    int n_systems, n_metrics;
    const char *names[TT_EVAL_SYSTEMS]; /* as printed */
    tt_eval_figure figure[TT_EVAL_SYSTEMS][TT_EVAL_METRICS];
    char signature[TT_EVAL_METRICS][512]; /* with tags; brief where asked for */
    int colour;
} tt_eval_scores;

/* As text or LaTeX. */
int tt_eval_print(const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e);

/* "BLEU|signature = 48.5 (μ = 48.4 ± 2.0) verbose", or of that the figures alone, into
   line[TT_EVAL_LINE]. */
enum { TT_EVAL_LINE = 1400 };
void tt_eval_line(char *line, const tt_eval_scores *s, int m, const tt_eval_opts *o);

bool tt_eval_shows_interval(
    const tt_eval_figure *f); /* as sacreBLEU, only where its mean is above 0 */

/* A table of text. A cell may have several lines, and ESC[…m in it takes no room. The first column
   stands to the right, the others in the middle. `cells` has `rows` rows of `columns`. */
void tt_eval_table(const char *const *heads, const char *const *cells, int rows, int columns,
                   int latex);

int tt_eval_columns(const char *text, size_t len); /* characters, ESC[…m left out */

enum { TT_EVAL_RED, TT_EVAL_GREEN, TT_EVAL_YELLOW, TT_EVAL_CYAN };
/* `text` in that colour, in space[cap]; without colour as it is. */
const char *tt_eval_paint(char *space, size_t cap, const char *text, int hue, int colour);

/* ---- report (eval_report.c, eval_json.c, eval_html.c) ---------------------------------------- */

enum { TT_EVAL_LENGTHS = 8, TT_EVAL_BANDS = 10 };
extern const int
    tt_eval_lengths[TT_EVAL_LENGTHS]; /* the most words of each class but the last, 0 */

/* A line kept to be shown; all of it is one block of memory. */
typedef struct tt_eval_kept {
    size_t line;
    double rank; /* the greater, the sooner shown */
    int n_refs;
    double *scores; /* of each system */
    tt_span *refs, *hyps, source;
} tt_eval_kept;

typedef struct tt_eval_list {
    tt_eval_kept **item;
    int count, most;
} tt_eval_list;

typedef struct tt_eval_report {
    int n_systems, n_refs;
    const char *metric; /* of sentence scores: "bleu" */
    char title[32];     /* and for people: "BLEU" */
    int less_is_better;
    tt_fact_finder *finder;
    tt_facts facts[TT_EVAL_SYSTEMS];
    size_t lines[TT_EVAL_LENGTHS]; /* segments of each class of length */
    tt_score *by_length[TT_EVAL_SYSTEMS][TT_EVAL_LENGTHS];
    size_t bands[TT_EVAL_SYSTEMS][TT_EVAL_BANDS]; /* segments by sentence score: 0–9, 10–19, … */
    tt_score *sentence[TT_EVAL_SYSTEMS];
    tt_eval_list worst, differ;
} tt_eval_report;

/* *r is zeroed; the metric's own options are `so`. */
int tt_eval_report_open(tt_eval_report *r, const tt_eval_opts *o, const char *metric,
                        const tt_score_options *so, int n_systems, int n_refs, tt_err *e);
int tt_eval_report_add(tt_eval_report *r, const tt_eval_row *row, tt_err *e);
void tt_eval_report_close(tt_eval_report *r);

/* Scores on standard output as JSON, and, unless r is NULL, what o asks for of the report. */
void tt_eval_json(const tt_eval_report *r, const tt_eval_scores *s, const tt_eval_opts *o);

/* What o asks for, on standard output as text. */
int tt_eval_report_print(tt_eval_report *r, const tt_eval_scores *s, const tt_eval_opts *o,
                         tt_err *e);

/* The page o->html, whole or not at all. */
int tt_eval_html(tt_eval_report *r, const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e);

/* The `row`-th fact about system s, as a name and a text; 0 from the end on. */
int tt_eval_fact(const tt_eval_report *r, int row, int s, const char **name, char *text,
                 size_t cap);

double
tt_eval_length_ratio(const tt_facts *f);   /* words to words of the references; 0 without those */
double tt_eval_brevity(const tt_facts *f); /* BLEU's brevity penalty of it */

/* A system's name without the directories before it. */
const char *tt_eval_base(const char *name);

/* The first reference that is there. */
tt_span tt_eval_main_ref(const tt_eval_kept *k);

extern const char *const tt_eval_style[]; /* the page's CSS; NULL at the end */

/* A class of length in words: "0–5", "61+". */
void tt_eval_length_name(int i, char *text, size_t cap);

#endif
