/* cleaning.c: see ttrans/cleaning.h. Pairs are read, asked about and written one by one. */
#include <string.h>

#include "base/log.h"
#include "io/file.h"
#include "io/lines.h"
#include "text/clean.h"
#include "text/filter.h"

struct cleaner {
    const tt_cleaning *o;
    tt_cleaned *c;
    tt_filters *filters;
    tt_output *out, *rejected;
    tt_arena *arena; /* of a pair */
    const tt_log *log;
};

/* A pair as it was read, with the rest of its line. */
struct pair {
    const char *text[2], *rest;
    size_t len[2], rest_len;
};

static int open_filters(struct cleaner *k, tt_err *e) {
    k->filters = tt_filters_open(k->o->filters, k->o->filters ? k->o->n_filters : 0, e);
    if (!k->filters) return e->code;
    k->c->filters = tt_filters_count(k->filters);
    for (int i = 0; i < k->c->filters; i++)
        k->c->name[i] = tt_filters_pick(k->filters, i)->row->name;
    return 0;
}

static void write_pair(tt_output *out, const char *before, const tt_pair_text *p,
                       const struct pair *was) {
    if (!out) return;
    if (before) {
        tt_output_write(out, before, strlen(before), NULL);
        tt_output_write(out, "\t", 1, NULL);
    }
    tt_output_write(out, p->text[0], p->len[0], NULL);
    tt_output_write(out, "\t", 1, NULL);
    tt_output_write(out, p->text[1], p->len[1], NULL);
    if (was->rest) tt_output_write(out, was->rest, was->rest_len, NULL); /* its TAB first */
    tt_output_write(out, "\n", 1, NULL);
}

static int take(struct cleaner *k, const struct pair *was, tt_err *e) {
    tt_pair_text p;
    int why, repaired = 0;
    tt_arena_reset(k->arena);
    for (int side = 0; side < 2; side++) {
        tt_clean clean;
        TT_TRY(tt_clean_line(&clean, was->text[side], was->len[side], k->arena, e));
        p.text[side] = clean.text;
        p.len[side] = clean.len;
        repaired |= clean.bad || clean.nul;
    }
    TT_TRY(tt_filters_ask(k->filters, &p, &why, k->arena, e));
    k->c->read++;
    k->c->repaired += repaired != 0;
    if (why < 0) {
        k->c->kept++;
        write_pair(k->out, NULL, &p, was);
    } else {
        k->c->dropped[why]++;
        write_pair(k->rejected, k->c->name[why], &p, was);
    }
    if (k->c->read % 100000 == 0)
        tt_log_progress(k->log, "%zu pairs read, %zu kept", k->c->read, k->c->kept);
    return 0;
}

static int read_tsv(struct cleaner *k, tt_lines *in, tt_err *e) {
    const char *line;
    size_t len;
    int rc;
    while ((rc = tt_lines_next(in, &line, &len, e)) > 0) {
        const char *tab = memchr(line, '\t', len), *end = line + len;
        if (len && end[-1] == '\r') end--;
        if (!tab && line + strspn(line, " \r") >= end) tab = end; /* a blank line: an empty pair */
        if (!tab)
            return tt_fail(e, TT_EDATA, "%s:%zu: no TAB between source and target",
                           tt_lines_name(in), tt_lines_number(in));
        const char *target = tab < end ? tab + 1 : end,
                   *next = memchr(target, '\t', (size_t)(end - target));
        const struct pair p = {{line, target},
                               next,
                               {(size_t)(tab - line), (size_t)((next ? next : end) - target)},
                               next ? (size_t)(end - next) : 0};
        TT_TRY(take(k, &p, e));
    }
    return rc;
}

/* Lines of both files; they must end together. */
static int read_two(struct cleaner *k, tt_lines *src, tt_lines *tgt, tt_err *e) {
    for (;;) {
        struct pair p = {0};
        const int a = tt_lines_next(src, &p.text[0], &p.len[0], e);
        if (a < 0) return a;
        const int b = tt_lines_next(tgt, &p.text[1], &p.len[1], e);
        if (b < 0 || (!a && !b)) return b;
        if (a != b)
            return tt_fail(e, TT_EDATA, "sides of different length: %s ends at line %zu",
                           tt_lines_name(a ? tgt : src), tt_lines_number(a ? tgt : src));
        TT_TRY(take(k, &p, e));
    }
}

static int read_source(struct cleaner *k, const tt_parallel *s, tt_err *e) {
    tt_lines *src = tt_lines_open(s->src, 0, e), *tgt = NULL;
    int rc = src ? 0 : e->code;
    if (!rc && s->tgt) {
        tgt = tt_lines_open(s->tgt, 0, e);
        rc = tgt ? 0 : e->code;
    }
    if (!rc) rc = tgt ? read_two(k, src, tgt, e) : read_tsv(k, src, e);
    tt_lines_close(src);
    tt_lines_close(tgt);
    return rc;
}

static int finish(tt_output **o, int rc, tt_err *e) {
    tt_output *out = *o;
    *o = NULL;
    if (!out) return rc;
    if (!rc) return tt_output_finish(out, e);
    tt_output_abort(out);
    return rc;
}

int tt_clean_text(const tt_cleaning *o, tt_cleaned *c, const tt_log *log, tt_err *e) {
    struct cleaner k = {.o = o, .c = c, .log = log};
    memset(c, 0, sizeof *c);
    int rc = open_filters(&k, e);
    if (!rc) {
        k.arena = tt_arena_open(0, e);
        k.out = k.arena ? tt_output_open(o->output, TT_OUTPUT_ATOMIC, e) : NULL;
        rc = k.out ? 0 : e->code;
    }
    if (!rc && o->rejected) {
        k.rejected = tt_output_open(o->rejected, TT_OUTPUT_ATOMIC, e);
        rc = k.rejected ? 0 : e->code;
    }
    for (int i = 0; !rc && i < o->n_sources; i++) rc = read_source(&k, &o->sources[i], e);
    rc = finish(&k.out, rc, e);
    rc = finish(&k.rejected, rc, e);
    tt_arena_close(k.arena);
    tt_filters_close(k.filters);
    return rc;
}
