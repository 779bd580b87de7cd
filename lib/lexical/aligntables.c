/* aligntables.c: what an aligner has learned, in a file; the form is told in aligner.h. Pairs are
 * read into a list first, which sorting brings into rows.
 */
#include "lexical/aligner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

static const char MAGIC[] = "ttrans aligner 1";
static const char *const ways[2] = {"forth", "back"};

/* ---- writing -------------------------------------------------------------------------------- */

static void say(tt_output *o, const char *text) { tt_output_write(o, text, strlen(text), NULL); }

static void say_number(tt_output *o, double x) {
    char text[40];
    snprintf(text, sizeof text, "\t%.9g", x);
    say(o, text);
}

static void say_pair(tt_output *o, tt_span src, tt_span tgt, double p, double back) {
    tt_output_write(o, src.text, src.len, NULL);
    say(o, "\t");
    tt_output_write(o, tgt.text, tgt.len, NULL);
    say_number(o, p);
    say_number(o, back);
    say(o, "\n");
}

static void say_prior(tt_output *o, const char *name, const tt_prior *prior) {
    say(o, name);
    say_number(o, prior->null);
    say_number(o, prior->tension);
    for (int k = 0; k < TT_JUMPS; k++) say_number(o, (double)prior->jump[k]);
    say(o, "\n");
}

static int by_target(const void *a, const void *b) {
    const tt_pair_cell *const *x = a, *const *y = b;
    return (*x)->tgt < (*y)->tgt ? -1 : (*x)->tgt > (*y)->tgt;
}

/* A row's pairs by number of the target, so that the file does not depend on hashing. */
static int say_row(tt_output *o, const tt_cell_row *row, tt_span src, const tt_wordids *targets,
                   const tt_pair_cell **sorted) {
    size_t n = 0;
    for (uint32_t i = 0; row->cell && i <= row->mask; i++)
        if (row->cell[i].tgt >= 0) sorted[n++] = &row->cell[i];
    if (n) qsort(sorted, n, sizeof *sorted, by_target);
    for (size_t i = 0; i < n; i++)
        say_pair(o, src, tt_wordids_get(targets, sorted[i]->tgt), (double)sorted[i]->p[0],
                 (double)sorted[i]->p[1]);
    return 0;
}

int tt_wordmodel_write(const tt_wordmodel *m, tt_wordids *const words[2], const char *path,
                       tt_err *e) {
    const tt_pairtable *t = &m->table;
    const tt_span none = {"", 0};
    const tt_pair_cell **sorted = malloc(((size_t)t->size[1] + 1) * sizeof *sorted);
    tt_output *o = sorted ? tt_output_open(path, TT_OUTPUT_ATOMIC, e) : NULL;
    if (!sorted) tt_fail(e, TT_ENOMEM, "out of memory for pairs of words");
    if (!o) {
        free(sorted);
        return e->code;
    }
    say(o, MAGIC);
    say(o, "\t");
    say(o, m->model->row.name);
    say(o, "\n");
    for (int d = 0; d < 2; d++) say_prior(o, ways[d], &m->prior[d]);
    for (int i = 0; i < t->size[1]; i++)
        if (t->null_p[0][i] > 0)
            say_pair(o, none, tt_wordids_get(words[1], i), (double)t->null_p[0][i], 0);
    for (int s = 0; s < t->size[0]; s++) {
        if (t->null_p[1][s] > 0)
            say_pair(o, tt_wordids_get(words[0], s), none, 0, (double)t->null_p[1][s]);
        say_row(o, &t->row[s], tt_wordids_get(words[0], s), words[1], sorted);
    }
    free(sorted);
    return tt_output_finish(o, e);
}

/* ---- reading -------------------------------------------------------------------------------- */

struct entry {
    int32_t src, tgt; /* -1: the empty word */
    float p[2];
};

struct reading {
    tt_lines *in;
    tt_wordids *const *words;
    struct entry *entry; /* (count of room), owned */
    size_t count, room;
};

static int wrong(const struct reading *x, const char *expected, tt_err *e) {
    return tt_fail(e, TT_EFORMAT, "%s:%zu: expected %s", tt_lines_name(x->in),
                   tt_lines_number(x->in), expected);
}

/* The next field of a line, which ends in NUL; NULL: there is none. */
static tt_span field(char **at) {
    char *from = *at;
    if (!from) return (tt_span){NULL, 0};
    char *end = strchr(from, '\t');
    *at = end ? end + 1 : NULL;
    return (tt_span){from, end ? (size_t)(end - from) : strlen(from)};
}

/* A number from 0 to `most`. */
static int number(char **at, double most, double *x) {
    const tt_span f = field(at);
    char *end;
    if (!f.text || !f.len || !strchr("0123456789.", *f.text)) return 0;
    *x = strtod(f.text, &end);
    return end == f.text + f.len && *x >= 0 && *x <= most;
}

/* The next line, its own copy in *line (freed by the next), without NUL inside. 1, 0 at the end. */
static int next(struct reading *x, char **line, tt_err *e) {
    const char *text;
    size_t len;
    free(*line);
    *line = NULL;
    int rc = tt_lines_next(x->in, &text, &len, e);
    if (rc <= 0) return rc;
    if (memchr(text, 0, len)) return wrong(x, "text without NUL", e);
    if (!(*line = malloc(len + 1))) return tt_fail(e, TT_ENOMEM, "out of memory for a line");
    memcpy(*line, text, len);
    (*line)[len] = 0;
    return 1;
}

static int read_head(struct reading *x, tt_wordmodel *m, char **line, tt_err *e) {
    int rc = next(x, line, e);
    if (rc < 0) return rc;
    char *at = *line;
    const tt_span magic = field(&at), name = field(&at);
    if (!rc || magic.len != strlen(MAGIC) || memcmp(magic.text, MAGIC, magic.len) || !name.text)
        return wrong(x, "tables of an aligner, which ttrans align --save writes", e);
    const int place = tt_family_place(&tt_family_aligner, name.text, name.len);
    if (place < 0) return wrong(x, "the name of an aligner", e);
    m->model = (const tt_align_model *)tt_family_aligner.row(place);
    for (int d = 0; d < 2; d++) {
        double tension, jump;
        if ((rc = next(x, line, e)) < 0) return rc;
        at = *line;
        const tt_span way = field(&at);
        int ok = rc && way.len == strlen(ways[d]) && !memcmp(way.text, ways[d], way.len) &&
                 number(&at, 0.99, &m->prior[d].null) && number(&at, 1000, &tension);
        if (ok) m->prior[d].tension = tension;
        for (int k = 0; ok && k < TT_JUMPS; k++) {
            ok = number(&at, 1e6, &jump) && jump > 1e-20;
            if (ok) m->prior[d].jump[k] = (float)jump;
        }
        if (!ok || at) return wrong(x, d ? "`back` and 63 numbers" : "`forth` and 63 numbers", e);
    }
    return 0;
}

static int put_word(tt_wordids *words, tt_span f, int32_t *id, tt_err *e) {
    *id = f.len ? tt_wordids_put(words, f.text, f.len) : -1;
    return f.len && *id < 0 ? tt_fail(e, TT_ENOMEM, "out of memory for words") : 0;
}

static int read_entry(struct reading *x, char *at, tt_err *e) {
    double p, back;
    const tt_span src = field(&at), tgt = field(&at);
    if (!tgt.text || (!src.len && !tgt.len) || !number(&at, 1, &p) || !number(&at, 1, &back) || at)
        return wrong(x, "a source word, a target word, and two probabilities, TABs between", e);
    if (x->count == x->room) {
        const size_t room = 2 * x->room + 4096;
        struct entry *more = realloc(x->entry, room * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for pairs of words");
        x->entry = more;
        x->room = room;
    }
    struct entry *n = &x->entry[x->count++];
    *n = (struct entry){.p = {(float)p, (float)back}};
    TT_TRY(put_word(x->words[0], src, &n->src, e));
    return put_word(x->words[1], tgt, &n->tgt, e);
}

static int by_pair(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    return x->src != y->src ? (x->src < y->src ? -1 : 1) : x->tgt < y->tgt ? -1 : x->tgt > y->tgt;
}

static int make_table(struct reading *x, tt_pairtable *t, tt_err *e) {
    TT_TRY(tt_pairtable_open(t, tt_wordids_size(x->words[0]), tt_wordids_size(x->words[1]), e));
    if (x->count) qsort(x->entry, x->count, sizeof *x->entry, by_pair);
    for (size_t i = 0, end; i < x->count; i = end) {
        const int32_t src = x->entry[i].src;
        for (end = i; end < x->count && x->entry[end].src == src;) end++;
        for (size_t k = i; k < end; k++) {
            const struct entry *n = &x->entry[k];
            if (k > i && n->tgt == n[-1].tgt)
                return tt_fail(e, TT_EFORMAT, "%s: a pair of words stands there twice",
                               tt_lines_name(x->in));
            if (src < 0) t->null_p[0][n->tgt] = n->p[0];
            else if (n->tgt < 0) t->null_p[1][src] = n->p[1];
            else
                TT_TRY(tt_pairtable_put(t, src,
                                        &(tt_pair_cell){.tgt = n->tgt, .p = {n->p[0], n->p[1]}},
                                        (uint32_t)(end - i), e));
        }
    }
    return 0;
}

tt_wordmodel *tt_wordmodel_read(const char *path, tt_wordids *const words[2], tt_err *e) {
    struct reading x = {.words = words, .in = tt_lines_open(path, 0, e)};
    tt_wordmodel *m = calloc(1, sizeof *m);
    char *line = NULL;
    int rc = !x.in ? e->code
             : m   ? read_head(&x, m, &line, e)
                   : tt_fail(e, TT_ENOMEM, "out of memory for an aligner");
    while (!rc && (rc = next(&x, &line, e)) > 0) rc = read_entry(&x, line, e);
    if (!rc) rc = make_table(&x, &m->table, e);
    free(line);
    free(x.entry);
    tt_lines_close(x.in);
    if (!rc) return m;
    tt_wordmodel_close(m);
    return NULL;
}
