/* attn_stats.c: `ttrans attn --stats`: figures of each layer and head over all sentences, as a
 * table, CSV or JSON: what maps show, the alignment error rate of --gold, and what the model loses
 * on the pairs of --importance with the head masked (Michel, Levy and Neubig 2019).
 */
#include "attn.h"
#include "base/arena.h"
#include "gold.h"
#include "io/file.h"
#include "score/heads.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDES = 3 };

typedef struct side {
    tt_heads *heads;
    int layers, count;         /* count: heads of the layer that has most */
    unsigned char *is;         /* (layers · count): 1: there is such a head */
    tt_aer *aer;               /* (layers · count): of --gold; or NULL */
    tt_pruner_figures *missed; /* (layers · count): how loss and BLEU change without the head; or
                                  NULL */
} side;

struct tt_attn_stats {
    const tt_attn_opts *o;
    side of[SIDES];
    tt_arena *a; /* of one sentence */
    tt_gold *gold;
    tt_links links, found;
    FILE *to; /* where the table goes */
    size_t sentences, uneven;
};

static const char *const names[] = {"cross", "encoder", "decoder"};

tt_attn_stats *tt_attn_stats_open(const tt_attn_opts *o, tt_err *e) {
    tt_attn_stats *s = calloc(1, sizeof *s);
    if (!s) {
        tt_cmd_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    s->o = o;
    s->to = stdout;
    s->a = tt_arena_open(0, e);
    if (s->a && o->gold) s->gold = tt_gold_open(o->gold, 0, e);
    const int form = o->format - 1;
    int ok = s->a && (!o->gold || s->gold);
    if (ok && o->format != TT_ATTN_AUTO_FORM && form != TT_FORM_ASCII && form != TT_FORM_CSV &&
        form != TT_FORM_TSV && form != TT_FORM_JSON) {
        tt_cmd_fail(e, TT_EUSAGE, "--stats has no form %s: expected ascii, csv, tsv or json",
                    tt_form_name(form));
        ok = 0;
    }
    if (ok) return s;
    tt_attn_stats_close(s);
    return NULL;
}

void tt_attn_stats_close(tt_attn_stats *s) {
    if (!s) return;
    for (int i = 0; i < SIDES; i++) {
        tt_heads_close(s->of[i].heads);
        free(s->of[i].aer);
        free(s->of[i].missed);
        free(s->of[i].is);
    }
    tt_links_free(&s->links);
    tt_links_free(&s->found);
    tt_gold_close(s->gold);
    tt_arena_close(s->a);
    free(s);
}

/* Links of one head, each target word with the source word that it looks at most, held against
 * those made by hand. */
static int add_links(tt_attn_stats *s, tt_aer *aer, const tt_attention_map *m, tt_err *e) {
    s->found.count = 0;
    for (int i = 0; i < m->rows; i++) {
        const float *row = m->weights + (size_t)i * (size_t)m->cols;
        int best = 0;
        for (int j = 1; j < m->cols; j++)
            if (fabsf(row[j]) > fabsf(row[best])) best = j;
        int rc = m->cols ? tt_links_add(&s->found, best, i, 1, 1, e) : 0;
        if (rc) return rc;
    }
    return tt_aer_add(aer, &s->found, &s->links, e);
}

static int add_gold(tt_attn_stats *s, side *x, tt_attention *a, tt_err *e) {
    tt_attention_map m;
    if (!x->aer) x->aer = calloc((size_t)x->layers * (size_t)x->count, sizeof *x->aer);
    if (!x->aer) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for figures");
    tt_attention_shape(a, 1, 0);
    int rc = tt_gold_next(s->gold, &s->links, e);
    if (!rc) rc = tt_attention_get(a, &m, TT_ATTENTION_CROSS, 0, 0, e);
    if (!rc) rc = tt_gold_check(s->gold, &s->links, m.cols, m.rows, e);
    for (int i = 0; !rc && i < x->layers * x->count; i++) {
        if (!x->is[i]) continue;
        rc = tt_attention_get(a, &m, TT_ATTENTION_CROSS, i / x->count + 1, i % x->count + 1, e);
        if (!rc) rc = add_links(s, &x->aer[i], &m, e);
    }
    return rc;
}

/* Room for the heads of a side, which a first sentence tells. */
static int open_side(side *x, tt_attention *a, int which, tt_err *e) {
    tt_attention_map m;
    int rc = tt_attention_get(a, &m, which, 0, 0, e);
    if (rc) return rc;
    x->layers = m.layers, x->count = 0;
    for (int i = 1; i <= x->layers; i++) {
        rc = tt_attention_get(a, &m, which, i, 0, e);
        if (rc) return rc;
        if (m.heads > x->count) x->count = m.heads;
    }
    x->is = calloc((size_t)x->layers * (size_t)x->count, 1);
    if (!x->is) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for figures");
    for (int i = 0; i < x->layers; i++) {
        rc = tt_attention_get(a, &m, which, i + 1, 0, e);
        if (rc) return rc;
        memset(x->is + i * x->count, 1, (size_t)m.heads);
    }
    x->heads = tt_heads_open(x->layers, x->count, which != TT_ATTENTION_CROSS, e);
    return x->heads ? 0 : e->code;
}

static int add_side(tt_attn_stats *s, tt_attention *a, int which, tt_err *e) {
    tt_attention_map m;
    side *x = &s->of[which];
    tt_attention_shape(a, s->o->words, !s->o->hide_ends);
    int rc = tt_attention_get(a, &m, which, 0, 0, e);
    if (rc) return rc;
    if (!x->heads) {
        rc = open_side(x, a, which, e);
        if (rc) return rc;
    }
    const int count = x->layers * x->count;
    const size_t n = (size_t)m.rows * (size_t)m.cols;
    const float **maps = tt_arena_alloc(s->a, (size_t)count * sizeof *maps);
    for (int i = 0; maps && n && i < count; i++) {
        maps[i] = NULL;
        if (!x->is[i]) continue;
        float *w = tt_arena_alloc(s->a, n * sizeof *w);
        if (!w) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %d maps", count);
        rc = tt_attention_get(a, &m, which, i / x->count + 1, i % x->count + 1, e);
        if (rc) return rc;
        memcpy(w, m.weights, n * sizeof *w);
        maps[i] = w;
    }
    if (!maps) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %d maps", count);
    if (n) tt_heads_add(x->heads, maps, m.rows, m.cols);
    return which == TT_ATTENTION_CROSS && s->gold ? add_gold(s, x, a, e) : 0;
}

int tt_attn_stats_add(tt_attn_stats *s, tt_attention *a, tt_err *e) {
    tt_attention_map m;
    tt_err none;
    tt_arena_reset(s->a);
    s->sentences++;
    if (s->o->side != TT_ATTN_ALL_SIDES) return add_side(s, a, s->o->side, e);
    for (int i = 0; i < SIDES; i++) {
        if (i == TT_ATTENTION_DECODER && tt_attention_get(a, &m, i, 0, 0, &none)) continue;
        int rc = add_side(s, a, i, e);
        if (rc) return rc;
    }
    return 0;
}

/* ---- heads without which the model is measured ---------------------------------------------- */

static int measure(tt_attn_stats *s, tt_pruner *p, tt_err *e) {
    tt_pruner_figures whole, without;
    const tt_head_name *name;
    int rc = tt_pruner_measure(p, 1, &whole, e);
    for (size_t i = 0; !rc && (name = tt_pruner_head(p, i)); i++) {
        side *x = &s->of[name->side];
        if (!x->heads) continue; /* nobody looks at this side */
        if (!x->missed) x->missed = calloc((size_t)x->layers * (size_t)x->count, sizeof *x->missed);
        if (!x->missed) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for figures");
        tt_pruner_mask(p, i, 1);
        rc = tt_pruner_measure(p, 1, &without, e);
        tt_pruner_mask(p, i, 0);
        x->missed[(name->layer - 1) * x->count + name->head - 1] =
            (tt_pruner_figures){without.loss - whole.loss, without.bleu - whole.bleu};
    }
    return rc;
}

int tt_attn_stats_measure(tt_attn_stats *s, const char *model, tt_err *e) {
    const tt_parallel pairs = {s->o->importance, NULL, 1};
    const tt_log log = tt_cmd_log(TT_LOG_WARN);
    tt_modelfile *mf = tt_modelfile_open(model, e);
    tt_pruner *p = mf ? tt_pruner_open(mf, &pairs, 0, getenv("TTRANS_ISA"), &log, e) : NULL;
    const int rc = p ? measure(s, p, e) : e->code;
    tt_pruner_close(p);
    tt_modelfile_close(mf);
    return rc;
}

/* ---- printing -------------------------------------------------------------------------------- */

static const struct column {
    const char *name, *head; /* in CSV and JSON; in the table, at most 6 characters */
    size_t at;
    int digits;
} columns[] = {{"entropy", "bits", offsetof(tt_head_facts, entropy), 2},
               {"confidence", "most", offsetof(tt_head_facts, confidence), 2},
               {"distance", "far", offsetof(tt_head_facts, distance), 1},
               {"previous", "prev", offsetof(tt_head_facts, previous), 2},
               {"same", "same", offsetof(tt_head_facts, same), 2},
               {"next", "next", offsetof(tt_head_facts, next), 2},
               {"first", "first", offsetof(tt_head_facts, first), 2},
               {"last", "end", offsetof(tt_head_facts, last), 2},
               {"sparse", "sparse", offsetof(tt_head_facts, sparse), 2},
               {"zeros", "zeros", offsetof(tt_head_facts, zeros), 2},
               {"sum", "sum", offsetof(tt_head_facts, sum), 2},
               {"likeness", "like", offsetof(tt_head_facts, likeness), 2}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static double value(const tt_head_facts *f, int c) {
    return *(const double *)(const void *)((const char *)f + columns[c].at);
}

static double aer_of(const side *x, int layer, int head) {
    double precision, recall, aer;
    tt_aer_get(&x->aer[(layer - 1) * x->count + head - 1], &precision, &recall, &aer);
    return aer;
}

void tt_attn_stats_best(const tt_attn_stats *s, int *layer, int *head) {
    const side *x = &s->of[TT_ATTENTION_CROSS];
    double least = 2;
    *layer = *head = 0;
    for (int i = 0; x->aer && i < x->layers * x->count; i++) {
        const double aer = x->is[i] ? aer_of(x, i / x->count + 1, i % x->count + 1) : 2;
        if (aer >= least) continue;
        least = aer;
        *layer = i / x->count + 1;
        *head = i % x->count + 1;
    }
}

/* Columns that are there where they were asked for. */
enum { EXTRAS = 3 };
static const struct {
    const char *name, *head, *form; /* in CSV and JSON; in the table, where it is a number of six */
    double times;                   /* in the table */
} extras[EXTRAS] = {
    {"aer", "AER", " %6.1f", 100}, {"loss", "loss", " %+6.3f", 1}, {"bleu", "BLEU", " %+6.2f", 1}};

static bool has_extra(const tt_attn_stats *s, int k) {
    return k ? s->o->importance != NULL : s->gold != NULL;
}

/* 1, and *value; 0: there is none of such a head. */
static int extra(const side *x, int layer, int head, int k, double *value) {
    if (!(k ? (void *)x->missed : (void *)x->aer)) return 0;
    if (!k) *value = aer_of(x, layer, head);
    const tt_pruner_figures *f = k ? &x->missed[(layer - 1) * x->count + head - 1] : NULL;
    if (k) *value = k == 1 ? f->loss : f->bleu;
    return 1;
}

static void table_row(const tt_attn_stats *s, int which, int layer, int head,
                      const tt_head_facts *f) {
    fprintf(s->to, "%-8s %5d %4d", names[which], layer, head);
    for (int c = 0; c < COLUMNS; c++) fprintf(s->to, " %6.*f", columns[c].digits, value(f, c));
    if (f->like_head) fprintf(s->to, " %4d.%d", f->like_layer, f->like_head);
    else fprintf(s->to, "      -");
    for (int k = 0; k < EXTRAS; k++) {
        double v;
        if (!has_extra(s, k)) continue;
        if (extra(&s->of[which], layer, head, k, &v))
            fprintf(s->to, extras[k].form, extras[k].times * v);
        else fprintf(s->to, "      -");
    }
    putc('\n', s->to);
}

static void separated_row(const tt_attn_stats *s, int which, int layer, int head,
                          const tt_head_facts *f, const char *between) {
    fprintf(s->to, "%s%s%d%s%d", names[which], between, layer, between, head);
    for (int c = 0; c < COLUMNS; c++) fprintf(s->to, "%s%.6g", between, value(f, c));
    fprintf(s->to, "%s%d%s%d", between, f->like_layer, between, f->like_head);
    for (int k = 0; k < EXTRAS; k++) {
        double v;
        if (!has_extra(s, k)) continue;
        fprintf(s->to, "%s", between);
        if (extra(&s->of[which], layer, head, k, &v)) fprintf(s->to, "%.6g", v);
    }
    putc('\n', s->to);
}

static void json_row(const tt_attn_stats *s, int which, int layer, int head, const tt_head_facts *f,
                     int first) {
    fprintf(s->to, "%s{\"side\":\"%s\",\"layer\":%d,\"head\":%d", first ? "" : ",\n", names[which],
            layer, head);
    for (int c = 0; c < COLUMNS; c++) fprintf(s->to, ",\"%s\":%.6g", columns[c].name, value(f, c));
    fprintf(s->to, ",\"like_layer\":%d,\"like_head\":%d", f->like_layer, f->like_head);
    for (int k = 0; k < EXTRAS; k++) {
        double v;
        if (has_extra(s, k) && extra(&s->of[which], layer, head, k, &v))
            fprintf(s->to, ",\"%s\":%.6g", extras[k].name, v);
    }
    putc('}', s->to);
}

static void print_head(const tt_attn_stats *s, int form) {
    const char *between = form == TT_FORM_CSV ? "," : "\t";
    if (form == TT_FORM_JSON) {
        fprintf(s->to, "{\"sentences\":%zu,\"heads\":[\n", s->sentences);
    } else if (form == TT_FORM_ASCII) {
        fprintf(s->to, "%zu sentence%s\n%-8s %5s %4s", s->sentences, s->sentences == 1 ? "" : "s",
                "side", "layer", "head");
        for (int c = 0; c < COLUMNS; c++) fprintf(s->to, " %6s", columns[c].head);
        fprintf(s->to, "     to");
        for (int k = 0; k < EXTRAS; k++)
            if (has_extra(s, k)) fprintf(s->to, " %6s", extras[k].head);
        putc('\n', s->to);
    } else {
        fprintf(s->to, "side%slayer%shead", between, between);
        for (int c = 0; c < COLUMNS; c++) fprintf(s->to, "%s%s", between, columns[c].name);
        fprintf(s->to, "%slike_layer%slike_head", between, between);
        for (int k = 0; k < EXTRAS; k++)
            if (has_extra(s, k)) fprintf(s->to, "%s%s", between, extras[k].name);
        putc('\n', s->to);
    }
}

static void print_all(const tt_attn_stats *s, int form) {
    int first = 1;
    print_head(s, form);
    for (int which = 0; which < SIDES; which++) {
        const side *x = &s->of[which];
        for (int i = 0; x->heads && i < x->layers * x->count; i++) {
            if (!x->is[i]) continue;
            const int layer = i / x->count + 1, head = i % x->count + 1;
            tt_head_facts f;
            tt_heads_get(x->heads, layer, head, &f);
            if (form == TT_FORM_JSON) json_row(s, which, layer, head, &f, first);
            else if (form == TT_FORM_ASCII) table_row(s, which, layer, head, &f);
            else separated_row(s, which, layer, head, &f, form == TT_FORM_CSV ? "," : "\t");
            first = 0;
        }
    }
    if (form == TT_FORM_JSON) fprintf(s->to, "\n]}\n");
}

/* The table into a file, at once or not at all. */
static int print_to(tt_attn_stats *s, const char *path, int form, tt_err *e) {
    char *text = NULL;
    size_t len = 0;
    s->to = open_memstream(&text, &len);
    if (!s->to) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for the table");
    print_all(s, form);
    const int bad = ferror(s->to), full = fclose(s->to) || bad || !text;
    s->to = stdout;
    tt_output *out = full ? NULL : tt_output_open(path, TT_OUTPUT_ATOMIC, e);
    int rc = full  ? tt_cmd_fail(e, TT_ENOMEM, "out of memory for the table")
             : out ? tt_output_write(out, text, len, e)
                   : e->code;
    if (out && rc) tt_output_abort(out);
    else if (out) rc = tt_output_finish(out, e);
    free(text);
    return rc;
}

int tt_attn_stats_print(tt_attn_stats *s, tt_err *e) {
    const int form = s->o->format == TT_ATTN_AUTO_FORM ? TT_FORM_ASCII : s->o->format - 1;
    const int rc = s->gold ? tt_gold_end(s->gold, s->sentences, e) : 0;
    if (rc) return rc;
    if (s->o->output && strcmp(s->o->output, "-")) return print_to(s, s->o->output, form, e);
    print_all(s, form);
    return 0;
}
