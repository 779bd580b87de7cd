/* eval_input.c: references, translations and sources, read side by side so that no file is ever
 * held.
 *
 * Lines end at newlines alone, those of systems on standard input at carriage returns too, and lose
 * the white space at their end, all as in sacreBLEU; bytes that are no UTF-8 stop the run with
 * their place, or become U+FFFD where that was asked for. A side is a file; it may hold columns
 * between TABs: -nr (references), standard input (systems), --test (a source and its references).
 */
#include "eval.h"
#include "io/file.h"
#include "io/lines.h"

#include <stdlib.h>
#include <string.h>

enum { REFS, TEST, HYPS, COLUMNS, SOURCE }; /* what a side holds */

typedef struct side {
    int holds;
    tt_lines *in;
    tt_span line; /* stripped, and repaired where asked for */
    tt_span rest; /* what follows a carriage return that ended the line; text NULL: nothing */
    size_t lines, repaired;
    int ended;
    char *space; /* of a repaired line, owned */
    size_t cap;
} side;

struct tt_eval_input {
    const tt_eval_opts *o;
    const tt_list *made;
    side *sides;
    int n_sides;
    int columns;   /* of standard input, 0: not known yet */
    int test_refs; /* columns of the test set but the first, 0: not known yet */
};

/* ---- sides --------------------------------------------------------------------------------- */

static int add_side(tt_eval_input *in, int holds, const char *path, tt_err *e) {
    side *s = &in->sides[in->n_sides];
    if (!strcmp(path, "-"))
        for (int i = 0; i < in->n_sides; i++)
            if (!strcmp(tt_lines_name(in->sides[i].in), "standard input"))
                return tt_cmd_fail(e, TT_EUSAGE, "standard input can be read only once");
    *s = (side){.holds = holds, .in = tt_lines_open_as(path, 0, TT_TEXT_MARKED, e)};
    if (!s->in) return e->code;
    in->n_sides++;
    return 0;
}

static int add_sides(tt_eval_input *in, int holds, const tt_list *files, tt_err *e) {
    for (int i = 0; i < files->count; i++) {
        int rc = add_side(in, holds, files->item[i], e);
        if (rc) return rc;
    }
    return 0;
}

static int add_all(tt_eval_input *in, const char *test, tt_err *e) {
    const tt_eval_opts *o = in->o;
    int rc = test ? add_side(in, TEST, test, e) : add_sides(in, REFS, &o->refs, e);
    if (!rc) rc = add_sides(in, HYPS, in->made, e);
    if (!rc) rc = add_sides(in, HYPS, &o->inputs, e);
    if (!rc && !in->made->count && !o->inputs.count) rc = add_side(in, COLUMNS, "-", e);
    if (!rc && o->source) rc = add_side(in, SOURCE, o->source, e);
    return rc;
}

/* Two systems of one name could not be told apart. */
static int check_names(const tt_eval_opts *o, tt_err *e) {
    for (int i = 0; i < o->inputs.count; i++)
        for (int k = 0; k < i; k++)
            if (!strcmp(o->inputs.item[i], o->inputs.item[k]))
                return tt_cmd_fail(e, TT_EUSAGE, "%.300s is given as two systems",
                                   o->inputs.item[i]);
    return 0;
}

static int check_choice(const tt_eval_opts *o, tt_err *e) {
    if (o->test && (o->refs.count || o->num_refs > 1))
        return tt_cmd_fail(e, TT_EUSAGE, "--test holds the references; no others can be given");
    if (o->test && o->source)
        return tt_cmd_fail(e, TT_EUSAGE, "--test holds the sources; --source cannot be given");
    if (!o->test && !o->refs.count)
        return tt_cmd_fail(e, TT_EUSAGE,
                           "REFERENCE... is missing; give references before -i, or --test FILE");
    if (o->num_refs > 1 && o->refs.count > 1)
        return tt_cmd_fail(e, TT_EUSAGE, "--num-refs is for one file of references, not %d",
                           o->refs.count);
    if (o->refs.count > TT_EVAL_SYSTEMS || o->inputs.count + o->models.count > TT_EVAL_SYSTEMS)
        return tt_cmd_fail(e, TT_EUSAGE, "more than %d files on one side", TT_EVAL_SYSTEMS);
    return check_names(o, e);
}

static int try_list(const tt_list *files, tt_err *e) {
    for (int i = 0; i < files->count; i++)
        if (tt_input_try(files->item[i], e)) return e->code;
    return 0;
}

int tt_eval_input_try(const tt_eval_opts *o, tt_err *e) {
    int rc = check_choice(o, e);
    if (!rc) rc = try_list(&o->refs, e);
    if (!rc) rc = try_list(&o->inputs, e);
    if (!rc && o->test) rc = tt_input_try(o->test, e);
    if (!rc && o->source) rc = tt_input_try(o->source, e);
    for (int i = 0; i < o->models.count && !rc; i++) {
        tt_modelfile *mf = tt_modelfile_open(o->models.item[i], e);
        if (!mf) rc = e->code;
        tt_modelfile_close(mf);
    }
    return rc;
}

tt_eval_input *tt_eval_input_open(const tt_eval_opts *o, const char *test, const tt_list *made,
                                  tt_err *e) {
    if (check_choice(o, e)) return NULL;
    tt_eval_input *in = calloc(1, sizeof *in);
    if (in) {
        *in = (tt_eval_input){.o = o, .made = made};
        in->sides =
            calloc((size_t)(o->refs.count + o->inputs.count + made->count) + 3, sizeof *in->sides);
    }
    if (!in || !in->sides) {
        tt_cmd_fail(e, TT_ENOMEM, "out of memory");
        tt_eval_input_close(in);
        return NULL;
    }
    if (add_all(in, test, e)) {
        tt_eval_input_close(in);
        return NULL;
    }
    return in;
}

void tt_eval_input_close(tt_eval_input *in) {
    size_t repaired = 0;
    if (!in) return;
    for (int i = 0; i < in->n_sides; i++) {
        tt_lines_close(in->sides[i].in);
        free(in->sides[i].space);
        repaired += in->sides[i].repaired;
    }
    if (repaired && !in->o->quiet)
        tt_cmd_warn("replaced %zu bad part%s of UTF-8 by U+FFFD", repaired,
                    repaired == 1 ? "" : "s");
    free(in->sides);
    free(in);
}

const char *tt_eval_input_system(const tt_eval_input *in, int s, char *space, size_t cap) {
    const tt_eval_opts *o = in->o;
    if (s < o->models.count) return o->models.item[s];
    if (o->inputs.count) return o->inputs.item[s - o->models.count];
    int paired = o->paired_bs || o->paired_ar;
    if (paired && !s) return "Baseline";
    snprintf(space, cap, "System %d", s + !paired);
    return space;
}

/* ---- lines --------------------------------------------------------------------------------- */

static int put(side *s, size_t *n, const char *text, size_t len, tt_err *e) {
    if (!len) return 0;
    if (s->cap - *n < len) {
        size_t cap = 2 * (s->cap + len) + 64;
        char *more = realloc(s->space, cap);
        if (!more)
            return tt_cmd_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", s->line.len);
        s->space = more;
        s->cap = cap;
    }
    memcpy(s->space + *n, text, len);
    *n += len;
    return 0;
}

/* Each bad part of the line becomes one U+FFFD. */
static int repair(side *s, tt_err *e) {
    tt_span rest = s->line;
    size_t part, n = 0;
    for (;;) {
        size_t good = tt_utf8_bad(rest, NULL, &part);
        if (good == rest.len && rest.text == s->line.text) return 0;
        int rc = put(s, &n, rest.text, good, e);
        if (!rc && good < rest.len) rc = put(s, &n, "\xef\xbf\xbd", 3, e);
        if (rc) return rc;
        if (good == rest.len) break;
        s->repaired++;
        rest = (tt_span){rest.text + good + part, rest.len - good - part};
    }
    s->line = (tt_span){s->space, n};
    return 0;
}

/* A line before its white space is taken off. Systems on standard input are read as Python reads by
   default: CR and CR LF end a line as LF does. */
static int read_line(side *s, tt_err *e) {
    if (s->rest.text) {
        s->line = s->rest;
    } else {
        int rc = tt_lines_next(s->in, &s->line.text, &s->line.len, e);
        if (rc <= 0 || s->holds != COLUMNS) return rc;
        if (s->line.len && s->line.text[s->line.len - 1] == '\r') s->line.len--;
    }
    const char *cr = s->line.len ? memchr(s->line.text, '\r', s->line.len) : NULL;
    s->rest = (tt_span){NULL, 0};
    if (!cr) return 1;
    size_t here = (size_t)(cr - s->line.text);
    s->rest = (tt_span){cr + 1, s->line.len - here - 1};
    s->line.len = here;
    return 1;
}

static int next_line(side *s, int replace, tt_err *e) {
    int rc = read_line(s, e);
    if (rc < 0) return rc;
    s->ended = !rc;
    s->lines += (size_t)rc;
    if (!rc) return 0;
    if (replace && repair(s, e)) return e->code;
    if (s->line.len) s->line = tt_score_strip(s->line);
    else s->line.text = "";
    return 1;
}

/* Some sides have ended and some have not: counts to the end, to say how many each has. */
static int uneven(tt_eval_input *in, tt_err *e) {
    for (int i = 0; i < in->n_sides; i++)
        while (!in->sides[i].ended)
            if (next_line(&in->sides[i], 0, e) < 0) return e->code;
    const side *a = in->sides, *b = a + 1;
    while (b->lines == a->lines) b++;
    return tt_cmd_fail(e, TT_EDATA, "different numbers of lines: %.150s has %zu, %.150s has %zu",
                       tt_lines_name(a->in), a->lines, tt_lines_name(b->in), b->lines);
}

/* Cuts a line at TABs into at most `most` columns, the last of which keeps the rest. Returns how
   many there are, or most + 1 when there are more and the rest is not `kept`. */
static int cut(tt_span *columns, tt_span line, int most, int kept) {
    for (int n = 0;; n++) {
        const char *tab = line.len ? memchr(line.text, '\t', line.len) : NULL;
        if (tab && n + 1 == most && kept) tab = NULL;
        if (n == most) return most + 1;
        columns[n] = line;
        if (!tab) return n + 1;
        columns[n].len = (size_t)(tab - line.text);
        line = (tt_span){tab + 1, line.len - columns[n].len - 1};
    }
}

static int read_refs(const tt_eval_input *in, const side *s, tt_eval_row *row, tt_err *e) {
    if (in->o->num_refs <= 1) {
        row->refs[row->n_refs++] = s->line;
        return 0;
    }
    row->n_refs = cut(row->refs, s->line, in->o->num_refs, 1);
    if (row->n_refs == in->o->num_refs) return 0;
    return tt_cmd_fail(e, TT_EDATA, "%.300s:%zu: expected %d references between TABs, found %d",
                       tt_lines_name(s->in), s->lines, in->o->num_refs, row->n_refs);
}

/* Source TAB reference … : as many references in every line; a blank line has empty ones. */
static int read_test(tt_eval_input *in, const side *s, tt_eval_row *row, tt_err *e) {
    tt_span columns[TT_EVAL_SYSTEMS + 1];
    const int usual = 1 + (in->test_refs ? in->test_refs : 1);
    const int n = s->line.len ? cut(columns, s->line, TT_EVAL_SYSTEMS + 1, 0) : usual;
    for (int i = 0; !s->line.len && i < n; i++) columns[i] = s->line;
    if (n < 2 || n > TT_EVAL_SYSTEMS + 1)
        return tt_cmd_fail(e, TT_EDATA, "%.300s:%zu: expected SOURCE TAB REFERENCE, found %s",
                           tt_lines_name(s->in), s->lines, n < 2 ? "no TAB" : "too many");
    if (in->test_refs && n - 1 != in->test_refs)
        return tt_cmd_fail(e, TT_EDATA, "%.300s:%zu: expected %d references as in line 1, found %d",
                           tt_lines_name(s->in), s->lines, in->test_refs, n - 1);
    in->test_refs = row->n_refs = n - 1;
    row->source = columns[0];
    memcpy(row->refs, columns + 1, (size_t)row->n_refs * sizeof *columns);
    return 0;
}

static int read_columns(tt_eval_input *in, const side *s, tt_eval_row *row, tt_err *e) {
    row->n_systems = cut(row->hyps, s->line, TT_EVAL_SYSTEMS, 0);
    if (row->n_systems > TT_EVAL_SYSTEMS)
        return tt_cmd_fail(e, TT_EDATA, "%s:%zu: more than %d columns", tt_lines_name(s->in),
                           s->lines, TT_EVAL_SYSTEMS);
    if (in->columns && row->n_systems != in->columns)
        return tt_cmd_fail(e, TT_EDATA, "%s:%zu: not the %d TAB-separated columns of line 1",
                           tt_lines_name(s->in), s->lines, in->columns);
    in->columns = row->n_systems;
    return 0;
}

static const char *hint(const side *s) {
    return tt_lines_windows_1252(s->in) ? "; this looks like Windows-1252: convert it, as with "
                                          "iconv -f WINDOWS-1252 -t UTF-8"
                                        : "";
}

/* Nobody scores a source, so it is looked at here. */
static int read_source(const side *s, tt_eval_row *row, tt_err *e) {
    row->source = s->line;
    size_t column, at = tt_utf8_bad(s->line, &column, NULL);
    if (at == s->line.len) return 0;
    return tt_cmd_fail(e, TT_EDATA, "%.300s:%zu: column %zu: not valid UTF-8%s",
                       tt_lines_name(s->in), s->lines, column, hint(s));
}

static int read_row(tt_eval_input *in, tt_eval_row *row, tt_err *e) {
    *row = (tt_eval_row){.line = in->sides->lines};
    for (int i = 0; i < in->n_sides; i++) {
        const side *s = &in->sides[i];
        int rc = 0;
        switch (s->holds) {
        case REFS: rc = read_refs(in, s, row, e); break;
        case TEST: rc = read_test(in, s, row, e); break;
        case HYPS: row->hyps[row->n_systems++] = s->line; break;
        case COLUMNS: rc = read_columns(in, s, row, e); break;
        default: rc = read_source(s, row, e); break;
        }
        if (rc) return rc;
    }
    if (!in->o->missing_refs || row->n_refs < 2) return 0;
    for (int r = 0; r < row->n_refs; r++)
        if (!row->refs[r].len) row->refs[r].text = NULL;
    return 0;
}

int tt_eval_input_next(tt_eval_input *in, tt_eval_row *row, tt_err *e) {
    int there = 0, rc;
    for (int i = 0; i < in->n_sides; i++) {
        rc = next_line(&in->sides[i], in->o->replace_bad, e);
        if (rc < 0) return rc;
        there += rc;
    }
    if (there != in->n_sides) return there ? uneven(in, e) : 0;
    rc = read_row(in, row, e);
    return rc ? rc : 1;
}

int tt_eval_input_blame(const tt_eval_input *in, tt_err *e) {
    for (int i = 0; i < in->n_sides; i++) {
        const side *s = &in->sides[i];
        size_t column, at = tt_utf8_bad(s->line, &column, NULL);
        tt_err found;
        if (at < s->line.len)
            return tt_cmd_fail(e, TT_EDATA,
                               "%.250s:%zu: column %zu: not valid UTF-8; --replace-bad goes on%s",
                               tt_lines_name(s->in), s->lines, column, hint(s));
        if (tt_score_check(s->line, &found))
            return tt_cmd_fail(e, found.code, "%.300s:%zu: %.150s", tt_lines_name(s->in), s->lines,
                               found.msg);
    }
    return e->code;
}
