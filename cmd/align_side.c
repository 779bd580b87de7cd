/* align_side.c: links of one direction: from the attention of a model, or from a file.
 */
#include "align.h"

#include <stdlib.h>
#include <string.h>

struct tt_align_side {
    tt_translator *t;
    int backward, layer, head;
    tt_lines *file;
    int from;
};

int tt_align_words(tt_span text) {
    int words = 0;
    for (size_t i = 0; i < text.len; i++)
        words += (unsigned char)text.text[i] > ' ' && (!i || (unsigned char)text.text[i - 1] <= ' ');
    return words;
}

static int number_of(const tt_modelfile *mf, const char *key) {
    const char *value = tt_modelfile_get(mf, key);
    return value ? (int)strtol(value, NULL, 10) : -1;
}

/* The file counts from 0, with -1 for the last layer and the mean of heads; attention maps from 1, with 0. */
static int read_place(tt_align_side *s, const char *path, int layer, int head, tt_err *e) {
    tt_modelfile *mf = tt_modelfile_open(path, e);
    if (!mf) return e->code;
    s->layer = layer ? layer : number_of(mf, "model.alignment-layer") + 1;
    s->head = head > 0 ? head : head < 0 ? 0 : layer ? 0 : number_of(mf, "model.alignment-head") + 1;
    tt_modelfile_close(mf);
    return 0;
}

tt_align_side *tt_align_side_model(const char *path, int backward, int layer, int head, tt_err *e) {
    tt_align_side *s = calloc(1, sizeof *s);
    if (!s) {
        tt_cmd_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    s->backward = backward;
    tt_translate_options o;
    tt_translate_init(&o);
    o.compute = TT_TYPE_F32;
    o.isa = getenv("TTRANS_ISA");
    o.threads = 1;
    if (!read_place(s, path, layer, head, e)) s->t = tt_translator_open(path, &o, e);
    if (s->t) return s;
    tt_align_side_close(s);
    return NULL;
}

tt_align_side *tt_align_side_file(const char *path, int from, tt_err *e) {
    tt_align_side *s = calloc(1, sizeof *s);
    if (!s) {
        tt_cmd_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    s->from = from;
    s->file = tt_lines_open(path, 0, e);
    if (s->file) return s;
    tt_align_side_close(s);
    return NULL;
}

void tt_align_side_close(tt_align_side *s) {
    if (!s) return;
    tt_translator_close(s->t);
    tt_lines_close(s->file);
    free(s);
}

/* Of each row the column of greatest weight, unless what is left of the row, which is the ends' share, is greater. */
static int take_links(const tt_align_side *s, tt_links *l, const tt_attention_map *m, double least, tt_err *e) {
    for (int i = 0; i < m->rows; i++) {
        const float *row = m->weights + (size_t)i * (size_t)m->cols;
        double ends = 1, most = 0;
        int best = -1;
        for (int j = 0; j < m->cols; j++) {
            ends -= (double)row[j];
            if ((double)row[j] > most) most = (double)row[best = j];
        }
        if (best < 0 || most < least || most < ends) continue;
        int rc = s->backward ? tt_links_add(l, i, best, most, 1, e) : tt_links_add(l, best, i, most, 1, e);
        if (rc) return rc;
    }
    tt_links_sort(l);
    return 0;
}

static int from_model(tt_align_side *s, tt_links *l, tt_span source, tt_span target, int src, int tgt, double least, tt_err *e) {
    const tt_span from = s->backward ? target : source, to = s->backward ? source : target;
    l->count = 0;
    tt_attention *a = tt_attention_open(s->t, from.text, from.len, to.text, to.len, e);
    if (!a) return e->code;
    tt_attention_map m;
    tt_attention_shape(a, 1, 0);
    int rc = tt_attention_get(a, &m, TT_ATTENTION_CROSS, s->layer, s->head, e);
    const int cols = s->backward ? tgt : src, rows = s->backward ? src : tgt;
    if (!rc && (m.rows != rows || m.cols != cols)) /* the vocabulary takes a character for several words */
        rc = tt_cmd_fail(e, TT_EDATA, "the model sees %d and %d words, the pair has %d and %d", m.cols, m.rows, cols, rows);
    if (!rc) rc = take_links(s, l, &m, least, e);
    tt_attention_close(a);
    return rc;
}

int tt_align_side_next(tt_align_side *s, tt_links *l, tt_span source, tt_span target, int src, int tgt, double least, tt_err *e) {
    if (s->t) return from_model(s, l, source, target, src, tgt, least, e);
    const char *line;
    size_t len, kept = 0;
    int rc = tt_lines_next(s->file, &line, &len, e);
    if (rc <= 0) return rc < 0 ? rc : 1;
    rc = tt_links_read(l, line, len, s->from, e);
    if (!rc && src >= 0) rc = tt_links_check(l, src, tgt, e);
    if (rc) {
        char why[sizeof e->msg];
        memcpy(why, e->msg, sizeof why);
        return tt_cmd_fail(e, rc == TT_EDATA ? TT_EFORMAT : rc, "%.200s:%zu: %.250s", tt_lines_name(s->file), tt_lines_number(s->file), why);
    }
    for (size_t i = 0; i < l->count; i++)
        if (l->link[i].p >= least) l->link[kept++] = l->link[i];
    l->count = kept;
    return 0;
}
