/* align_side.c: where links come from: the attention of a model, a file, or an aligner that has
 * learned from text.
 */
#include "align.h"

#include <stdlib.h>
#include <string.h>

struct tt_align_side {
    tt_translator *t;
    int backward, layer, head;
    tt_lines *file;
    int from;
    tt_aligner *aligner;
};

int tt_align_words(tt_span text) {
    int words = 0;
    for (size_t i = 0; i < text.len; i++)
        words +=
            (unsigned char)text.text[i] > ' ' && (!i || (unsigned char)text.text[i - 1] <= ' ');
    return words;
}

static int number_of(const tt_modelfile *mf, const char *key) {
    const char *value = tt_modelfile_get(mf, key);
    return value ? (int)strtol(value, NULL, 10) : -1;
}

/* The file counts from 0, with -1 for the last layer and the mean of heads; attention maps from 1,
 * with 0. */
static int read_place(tt_align_side *s, const char *path, int layer, int head, tt_err *e) {
    tt_modelfile *mf = tt_modelfile_open(path, e);
    if (!mf) return e->code;
    s->layer = layer ? layer : number_of(mf, "model.alignment-layer") + 1;
    s->head = head > 0   ? head
              : head < 0 ? 0
              : layer    ? 0
                         : number_of(mf, "model.alignment-head") + 1;
    tt_modelfile_close(mf);
    return 0;
}

static tt_align_side *make_side(int backward, tt_err *e) {
    tt_align_side *s = calloc(1, sizeof *s);
    if (s) s->backward = backward;
    else tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    return s;
}

tt_align_side *tt_align_side_model(const char *path, int backward, int layer, int head, int threads,
                                   tt_err *e) {
    tt_align_side *s = make_side(backward, e);
    if (!s) return NULL;
    tt_translate_options o;
    tt_translate_init(&o);
    o.isa = getenv("TTRANS_ISA");
    o.threads = threads;
    if (!read_place(s, path, layer, head, e)) s->t = tt_translator_open(path, &o, e);
    if (s->t) return s;
    tt_align_side_close(s);
    return NULL;
}

tt_align_side *tt_align_side_file(const char *path, int backward, int from, tt_err *e) {
    tt_align_side *s = make_side(backward, e);
    if (!s) return NULL;
    s->from = from;
    s->file = tt_lines_open(path, 0, e);
    if (s->file) return s;
    tt_align_side_close(s);
    return NULL;
}

tt_align_side *tt_align_side_learned(tt_aligner *a, tt_err *e) {
    tt_align_side *s = make_side(0, e);
    if (s) s->aligner = a;
    else tt_aligner_close(a);
    return s;
}

void tt_align_side_close(tt_align_side *s) {
    if (!s) return;
    tt_translator_close(s->t);
    tt_lines_close(s->file);
    tt_aligner_close(s->aligner);
    free(s);
}

/* ---- models and aligners -------------------------------------------------------------------- */

struct taking {
    const tt_align_side *s;
    tt_align_block *b;
    double least;
};

/* The links of each target word; `turned`, of each word of what is the block's source side. */
static int add_links(tt_links *l, const int *of, const float *p, int n, int turned, double least,
                     tt_err *e) {
    for (int i = 0; i < n; i++) {
        if (of[i] < 0 || (double)p[i] < least) continue;
        const int rc = turned ? tt_links_add(l, i, of[i], (double)p[i], 1, e)
                              : tt_links_add(l, of[i], i, (double)p[i], 1, e);
        if (rc) return rc;
    }
    tt_links_sort(l);
    return 0;
}

static int take(void *ctx, size_t item, const tt_aligned *links, const tt_err *why, tt_err *e) {
    struct taking *x = ctx;
    const int back = x->s->backward;
    struct tt_align_pair *pair = &x->b->pair[item];
    if (!links) {
        snprintf(pair->why, sizeof pair->why, "%.150s", why->msg);
        return 0;
    }
    const int src = back ? links->tgt : links->src, tgt = back ? links->src : links->tgt;
    if (src != pair->src ||
        tgt != pair->tgt) { /* the vocabulary takes a character for several words */
        snprintf(pair->why, sizeof pair->why, "%d and %d words are read, the pair has %d and %d",
                 src, tgt, pair->src, pair->tgt);
        return 0;
    }
    int rc = links->of_tgt ? add_links(&pair->links[back], links->of_tgt, links->p_tgt, links->tgt,
                                       back, x->least, e)
                           : 0;
    if (!rc && links->of_src)
        rc = add_links(&pair->links[!back], links->of_src, links->p_src, links->src, !back,
                       x->least, e);
    return rc;
}

/* ---- files ---------------------------------------------------------------------------------- */

static int take_line(tt_align_side *s, struct tt_align_pair *pair, double least, tt_err *e) {
    tt_links *l = &pair->links[s->backward];
    const char *line;
    size_t len, kept = 0;
    int rc = tt_lines_next(s->file, &line, &len, e);
    if (rc <= 0) return rc < 0 ? rc : 1;
    rc = tt_links_read(l, line, len, s->from, e);
    if (!rc && pair->src >= 0) rc = tt_links_check(l, pair->src, pair->tgt, e);
    if (rc) {
        char why[sizeof e->msg];
        memcpy(why, e->msg, sizeof why);
        return tt_cmd_fail(e, rc == TT_EDATA ? TT_EFORMAT : rc, "%.200s:%zu: %.250s",
                           tt_lines_name(s->file), tt_lines_number(s->file), why);
    }
    for (size_t i = 0; i < l->count; i++)
        if (l->link[i].p >= least) l->link[kept++] = l->link[i];
    l->count = kept;
    return 0;
}

int tt_align_side_take(tt_align_side *s, tt_align_block *b, double least, size_t *count,
                       tt_err *e) {
    struct taking x = {s, b, least};
    const tt_span *from = s->backward ? b->target : b->source,
                  *to = s->backward ? b->source : b->target;
    *count = b->count;
    if (s->t) return tt_attention_pairs(s->t, s->layer, s->head, from, to, b->count, take, &x, e);
    if (s->aligner) return tt_aligner_pairs(s->aligner, from, to, b->count, take, &x, e);
    for (size_t i = 0; i < b->count; i++) {
        const int rc = take_line(s, &b->pair[i], least, e);
        if (rc > 0) *count = i;
        if (rc) return rc;
    }
    return 0;
}
