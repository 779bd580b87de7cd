/* stream.c: a stream of lines through the translator: tt_translate_file of ttrans.h.
 *
 * A window is the line that was waited for and what can be had after it without waiting. It starts
 * small, so that the first lines come soon, and doubles while the input keeps it full, so that bulk
 * work is sorted over many lines. It is written and flushed before more is waited for: that makes a
 * filter, a co-process and a bulk translator of one loop.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/arena.h"
#include "io/file.h"
#include "io/lines.h"
#include "base/outbuf.h"
#include "translate/request.h"
#include "translate/window.h"

enum {
    FIRST_WINDOW = 32,     /* lines */
    WINDOW_BYTES = 1 << 20 /* text read ahead; a longer line is a window of its own */
};

struct stream {
    tt_translator *t;
    tt_translator_plan plan;
    tt_lines *in;
    tt_lines *targets; /* or NULL */
    tt_output *out;
    tt_span held;    /* the blank line behind a paragraph, read already; text NULL: none */
    tt_arena *text;  /* of the window */
    tt_arena *names; /* of the input's files */
    tt_item *items;  /* (most+1) */
    size_t n, most, window;
    size_t read, written; /* lines of input; of these, those whose output is written */
    tt_translate_stats stats;
};

static bool is_file(const char *path, struct stat *s) {
    return path[0] && (path[0] != '-' || path[1]) && !stat(path, s) && S_ISREG(s->st_mode);
}

/* Opening the output empties it, which must not hit the input. */
static int check_paths(const char *in, const char *out, tt_err *e) {
    struct stat a, b;
    if (is_file(in, &a) && is_file(out, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
        return tt_fail(e, TT_EUSAGE, "%s: is the input and the output", out);
    return 0;
}

/* 1: a copy of the next line; 0: the end; or a code. */
static int read_line(struct stream *s, tt_lines *from, tt_span *to, tt_err *e) {
    const char *line;
    size_t len;
    int rc = tt_lines_next(from, &line, &len, e);
    if (rc <= 0) return rc;
    char *copy = tt_arena_text(s->text, line, len);
    if (!copy)
        return tt_fail(e, TT_ENOMEM, "%s, line %zu: out of memory for %zu bytes",
                       tt_lines_name(from), tt_lines_number(from), len);
    *to = (tt_span){copy, len};
    return 1;
}

static bool is_blank_line(tt_span t) {
    size_t i = 0;
    while (i < t.len && (unsigned char)t.text[i] <= ' ') i++;
    return i == t.len;
}

/* A line, or the lines of a paragraph with one blank between each two; the blank line that ended
   the last one comes next. A hyphen at the end of a line is taken for the word's. */
static int read_paragraph(struct stream *s, tt_span *to, tt_err *e) {
    if (s->held.text) {
        *to = s->held;
        s->held.text = NULL;
        return 1;
    }
    int rc = read_line(s, s->in, to, e);
    if (rc <= 0 || is_blank_line(*to)) return rc;
    tt_outbuf whole = {.a = s->text};
    tt_outbuf_put(&whole, to->text, to->len);
    for (;;) {
        tt_span next;
        rc = read_line(s, s->in, &next, e);
        if (rc < 0) return rc;
        if (!rc) break;
        if (is_blank_line(next)) {
            s->held = next;
            break;
        }
        while (whole.len && (unsigned char)whole.p[whole.len - 1] <= ' ') whole.len--;
        while (next.len && (unsigned char)*next.text <= ' ') next.text++, next.len--;
        tt_outbuf_say(&whole, " ");
        tt_outbuf_put(&whole, next.text, next.len);
    }
    if (whole.failed)
        return tt_fail(e, TT_ENOMEM, "%s: out of memory for a paragraph", tt_lines_name(s->in));
    *to = (tt_span){whole.p, whole.len};
    return 1;
}

/* A line that is no request gets its error as an answer, and the stream goes on; a filter has no
   place for one. */
static int read_json(struct stream *s, tt_item *x, tt_err *e) {
    tt_request q;
    tt_err own = {0};
    int rc = tt_request_read(&q, x->line.text, x->line.len, s->text, &own);
    if (!rc && s->plan.pairs && !q.target.text)
        rc = tt_fail(&own, TT_EDATA, "no \"target\" in the object");
    if (!rc && q.format && (q.prefix.text || s->plan.options->prefix_text))
        rc = tt_fail(&own, TT_EDATA, "a document (\"format\") has no given beginning");
    x->id = q.id;
    x->id_is_number = q.id_is_number;
    if (rc == TT_EDATA && !s->plan.filter) {
        s->stats.bad_json++;
        x->wrong = tt_arena_text(s->text, own.msg, strlen(own.msg));
        x->source = x->target = (tt_span){"", 0};
        return x->wrong ? 1 : tt_fail(e, TT_ENOMEM, "out of memory for a line");
    }
    if (rc) {
        if (e) *e = own;
        return tt_err_context(e, "%s, line %zu", tt_lines_name(s->in), tt_lines_number(s->in));
    }
    x->source = q.text;
    x->target = s->plan.pairs ? q.target : q.prefix;
    x->n_best = q.n_best;
    x->alternatives = q.alternatives;
    x->more = q.more;
    x->n_more = q.n_more;
    x->terms = q.terms;
    x->n_terms = q.n_terms;
    x->format = s->plan.pairs ? NULL : q.format;
    return 1;
}

/* What the line just read is made of; `more`: 1, or 0 at the end of the input. */
static int read_fields(struct stream *s, tt_item *x, int more, tt_err *e) {
    x->source = x->line;
    if (s->targets) {
        if (more < 0) return more;
        int other = read_line(s, s->targets, &x->target, e);
        if (other < 0 || other == more) return other;
        tt_lines *shorter = other ? s->in : s->targets, *longer = other ? s->targets : s->in;
        return tt_fail(e, TT_EDATA, "%s has %zu lines: expected as many as in %s, which goes on",
                       tt_lines_name(shorter), tt_lines_number(shorter), tt_lines_name(longer));
    }
    if (s->plan.json) return read_json(s, x, e);
    if (!s->plan.pairs && !s->plan.prefix) return 1;
    const char *end = x->line.text + x->line.len, *tab = memchr(x->line.text, '\t', x->line.len);
    if (!tab && s->plan.prefix) return 1;
    if (!tab && is_blank_line(x->line)) { /* a pair of empty sides */
        x->target = (tt_span){end, 0};
        return 1;
    }
    if (!tab)
        return tt_fail(e, TT_EDATA, "%s, line %zu: no TAB: expected SOURCE TAB TARGET",
                       tt_lines_name(s->in), tt_lines_number(s->in));
    if (s->plan.texts == 2) { /* FIRST TAB SECOND TAB TARGET */
        const char *second = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
        if (!second && s->plan.prefix) return 1;
        if (!second)
            return tt_fail(e, TT_EDATA,
                           "%s, line %zu: one TAB: expected FIRST TAB SECOND TAB TARGET",
                           tt_lines_name(s->in), tt_lines_number(s->in));
        tab = second;
    }
    const char *next = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
    x->source.len = (size_t)(tab - x->line.text);
    x->target = (tt_span){tab + 1, (size_t)((next ? next : end) - tab - 1)};
    return 1;
}

/* 1: the window has lines; 0: the input has ended; negative: it failed, perhaps behind some
   lines. */
static int read_window(struct stream *s, tt_err *e) {
    size_t bytes = 0;
    s->n = 0;
    tt_arena_reset(s->text);
    do {
        tt_item *x = &s->items[s->n];
        *x = (tt_item){.number = s->written + s->n};
        int rc =
            s->plan.paragraphs ? read_paragraph(s, &x->line, e) : read_line(s, s->in, &x->line, e);
        if (rc > 0 || s->targets) rc = read_fields(s, x, rc, e);
        if (rc <= 0) return rc;
        s->n++;
        s->read++;
        bytes += x->line.len + 1;
        s->stats.bytes += x->line.len + 1;
    } while (s->held.text ||
             (s->n < s->window && bytes < WINDOW_BYTES && tt_lines_ready(s->in, 0)));
    return 1;
}

static int write_window(struct stream *s, tt_err *e) {
    if (tt_translate_window(s->t, s->items, s->n, &s->stats, e))
        return tt_err_context(e, "%s, lines %zu to %zu", tt_lines_name(s->in), s->written + 1,
                              s->written + s->n);
    for (size_t i = 0; i < s->n; i++)
        TT_TRY(tt_output_write(s->out, s->items[i].out, s->items[i].out_len, e));
    TT_TRY(tt_output_flush(s->out, e));
    s->written += s->n;
    return 0;
}

static int loop(struct stream *s, const tt_translate_watch *watch, tt_err *e) {
    double begun = tt_clock();
    int more;
    do {
        tt_err failed = {0};
        more = read_window(s, &failed);
        if (s->n) TT_TRY(write_window(s, e));
        s->stats.seconds = tt_clock() - begun;
        if (more < 0) {
            if (e) *e = failed;
            return more;
        }
        if (s->n && watch && watch->report) watch->report(watch->ctx, &s->stats);
        if (s->n == s->window) s->window = s->window * 2 < s->most ? s->window * 2 : s->most;
    } while (more);
    if (s->written != s->read)
        return tt_fail(e, TT_EINTERNAL, "%zu lines read, %zu written", s->read, s->written);
    return 0;
}

/* Opens the input: `in` and the files behind it, whose names go to an array in s->text. */
static tt_lines *open_input(struct stream *s, const char *in, const char *out, tt_err *e) {
    const tt_translate_options *o = s->plan.options;
    size_t n = 1 + (size_t)o->n_more_inputs;
    const char **paths = tt_arena_alloc(s->names, n * sizeof *paths);
    if (!paths) {
        tt_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        paths[i] = i ? o->more_inputs[i - 1] : in;
        if (check_paths(paths[i], out, e)) return NULL;
    }
    return tt_lines_open_all(paths, n, 0, o->encoding, e);
}

int tt_translate_file(tt_translator *t, const char *in, const char *out,
                      const tt_translate_watch *watch, tt_translate_stats *stats, tt_err *e) {
    struct stream s = {.t = t, .plan = tt_translator_ask(t)};
    tt_translator_begin(t);
    if (s.plan.targets) TT_TRY(check_paths(s.plan.targets, out, e));
    s.most = s.plan.lines;
    s.stats.load_seconds = s.plan.load_seconds;
    s.window = s.most < FIRST_WINDOW ? s.most : FIRST_WINDOW;
    int rc = TT_ENOMEM;
    /* a paragraph and the blank line behind it go together */
    s.items = malloc((s.most + 1) * sizeof *s.items);
    s.text = tt_arena_open(0, e);
    s.names = tt_arena_open(0, e);
    if (!s.items || !s.text || !s.names) {
        tt_fail(e, TT_ENOMEM, "out of memory for %zu lines", s.most);
        goto out;
    }
    s.in = open_input(&s, in, out, e);
    if (s.in && s.plan.targets) s.targets = tt_lines_open(s.plan.targets, 0, e);
    int opened = s.in && (s.targets || !s.plan.targets) && !tt_lines_begin(s.in, e);
    if (opened && s.targets) opened = !tt_lines_begin(s.targets, e);
    struct stat whole; /* what comes bit by bit is also written so */
    int atomic = is_file(in, &whole) && strcmp(out, "-") != 0;
    s.out = opened ? tt_output_open(out, atomic ? TT_OUTPUT_ATOMIC : TT_OUTPUT_PLAIN, e) : NULL;
    if (!s.out) {
        rc = e->code;
        goto out;
    }
    rc = loop(&s, watch, e);
    if (rc && atomic) {
        tt_output_abort(s.out);
        goto out;
    }
    int late = tt_output_finish(s.out, rc ? NULL : e);
    if (!rc) rc = late;
out:
    s.stats.windows_1252 =
        s.in && tt_lines_windows_1252(s.in) && s.plan.options->encoding != TT_TEXT_AUTO;
    tt_lines_close(s.in);
    tt_lines_close(s.targets);
    tt_arena_close(s.text);
    tt_arena_close(s.names);
    free(s.items);
    if (stats) *stats = s.stats;
    return rc;
}
