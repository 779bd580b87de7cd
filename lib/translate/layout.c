/* layout.c: see layout.h. The forms for people and for other programs' scripts; layout_json.c has
 * the rest.
 */
#include <stdbool.h>

#include "translate/layout.h"

#include "translate/inset.h"

const tt_hyp *tt_layout_ranked(const tt_hyps *h, int rank) {
    return &h->hyp[rank < h->count ? rank : h->count - 1];
}

tt_layout_sums tt_layout_sum(const tt_layout *l, const tt_layout_line *x, int rank) {
    tt_layout_sums sums = {0, 0, 0};
    double penalty = 0;
    for (size_t i = 0; i < x->count; i++) {
        const tt_hyp *h = tt_layout_ranked(&x->hyps[i], rank);
        sums.path += h->path;
        penalty += h->penalty;
        sums.tokens += h->count;
    }
    if (x->count) sums.score = tt_search_score(l->search, sums.path, sums.tokens) + penalty;
    return sums;
}

int tt_layout_text(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, int rank, tt_err *e) {
    if (x->inset) return tt_inset_text(b, x->inset, l, x->hyps, rank, e);
    tt_outbuf_put(b, x->lead.text, x->lead.len);
    for (size_t i = 0; i < x->count; i++) {
        const tt_sentence *s = &x->parts[i];
        tt_said said;
        TT_TRY(tt_words_text(&said, l->source, l->target, s, tt_layout_ranked(&x->hyps[i], rank),
                             l->replace_unk, 0, b->a, e));
        tt_outbuf_put(b, said.text, said.len);
        tt_outbuf_put(b, s->gap, s->gap_len);
    }
    return 0;
}

static int linked(const tt_layout *l, const tt_map *m, int target, int source) {
    if (l->threshold < 1)
        return (double)m->w[(size_t)target * (size_t)m->cols + (size_t)source] > l->threshold;
    return m->greatest[target] == source;
}

/* An alignment being written. */
struct aligned {
    tt_outbuf *b;
    const tt_layout *l;
    const tt_marks *k;
    tt_word_count source, target; /* words so far */
    int any;
};

/* Links of one part, before which there are `s0` and `t0` words. */
static void hard(struct aligned *g, const tt_map *m, int s0, int t0) {
    for (int s = 0; s < m->cols; s++)
        for (int t = 0; t < m->rows; t++)
            if (linked(g->l, m, t, s))
                tt_outbuf_print(g->b, "%s%s%d%s%d%s", g->any++ ? g->k->between : "", g->k->open,
                                s0 + s, g->k->link, t0 + t, g->k->close);
}

static void soft(struct aligned *g, const tt_map *m) {
    for (int t = 0; t < m->rows; t++) {
        tt_outbuf_print(g->b, "%s%s", g->any++ ? g->k->between : "", g->k->open);
        for (int s = 0; s < m->cols; s++) {
            if (s) tt_outbuf_say(g->b, g->k->weight);
            tt_outbuf_number(g->b, (double)m->w[(size_t)t * (size_t)m->cols + (size_t)s]);
        }
        tt_outbuf_say(g->b, g->k->close);
    }
}

/* Each word of a copied text is linked to itself. */
static int copied(struct aligned *g, const char *text, size_t len, tt_err *e) {
    const tt_word_count source = g->source, target = g->target;
    const int words = (int)tt_sentence_words(text, len);
    tt_words_count(&g->source, text, len);
    tt_words_count(&g->target, text, len);
    if (g->l->pieces || !words) return 0;
    const size_t n = (size_t)words;
    tt_map m = {.rows = words, .cols = words};
    int32_t *same = tt_arena_alloc(g->b->a, n * sizeof *same);
    float *w = tt_arena_zero(g->b->a, n * n * sizeof *w);
    if (!same || !w) return tt_fail(e, TT_ENOMEM, "out of memory for an alignment");
    for (size_t i = 0; i < n; i++) {
        same[i] = (int32_t)i;
        w[i * n + i] = 1;
    }
    m.greatest = same;
    m.w = w;
    if (g->l->alignment == TT_ALIGN_SOFT) soft(g, &m);
    else hard(g, &m, tt_words_next(&source, text, len), tt_words_next(&target, text, len));
    return 0;
}

static int aligned_part(struct aligned *g, const tt_sentence *s, const tt_hyp *h, int *s0, int *t0,
                        tt_err *e) {
    const tt_layout *l = g->l;
    tt_said said = {NULL, 0, NULL};
    tt_map m;
    if (!l->pieces)
        TT_TRY(tt_words_text(&said, l->source, l->target, s, h, l->replace_unk, 1, g->b->a, e));
    TT_TRY(tt_words_map(&m, l->source, l->target, s, h, &said, l->pieces, g->b->a, e));
    if (l->alignment == TT_ALIGN_SOFT) soft(g, &m);
    else if (l->pieces) hard(g, &m, *s0, *t0);
    else hard(g, &m, s->word, tt_words_next(&g->target, said.text, said.len));
    *s0 += m.cols;
    *t0 += m.rows;
    tt_words_count(&g->source, s->plain.line.text, s->plain.line.len);
    tt_words_count(&g->target, said.text, said.len);
    return 0;
}

int tt_layout_alignment(tt_outbuf *b, const tt_layout *l, const tt_marks *k,
                        const tt_layout_line *x, int rank, tt_err *e) {
    struct aligned g = {.b = b, .l = l, .k = k};
    int s0 = 0, t0 = 0; /* tokens so far */
    TT_TRY(copied(&g, x->lead.text, x->lead.len, e));
    for (size_t i = 0; i < x->count; i++) {
        TT_TRY(aligned_part(&g, &x->parts[i], tt_layout_ranked(&x->hyps[i], rank), &s0, &t0, e));
        TT_TRY(copied(&g, x->parts[i].gap, x->parts[i].gap_len, e));
    }
    return 0;
}

/* A pair that is too long has no score, and nothing behind it; a line without words has its fields,
   empty or 0. */
static bool has_fields(const tt_layout *l, const tt_layout_line *x) {
    return x->count || !l->pairs;
}

static int one(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, int rank, tt_err *e) {
    tt_layout_sums sums = tt_layout_sum(l, x, rank);
    if (l->n_best) tt_outbuf_print(b, "%zu ||| ", x->number);
    if (!l->pairs) TT_TRY(tt_layout_text(b, l, x, rank, e));
    else if (x->count) tt_outbuf_print(b, "%.6f", sums.score);
    else tt_outbuf_say(b, "-inf");
    if (l->alignment && has_fields(l, x)) {
        static const tt_marks plain = {
            .open = "", .link = "-", .weight = ",", .close = "", .between = " "};
        tt_outbuf_say(b, " ||| ");
        TT_TRY(tt_layout_alignment(b, l, &plain, x, rank, e));
    }
    if (l->word_scores && has_fields(l, x)) {
        tt_outbuf_say(b, " ||| WordScores=");
        for (size_t i = 0; i < x->count; i++) {
            const tt_hyp *h = tt_layout_ranked(&x->hyps[i], rank);
            for (int j = 0; j < h->count; j++)
                tt_outbuf_print(b, " %.5f", (double)h->word_scores[j]);
        }
    }
    if (l->n_best) tt_outbuf_print(b, " ||| F0= %g", sums.path);
    if (l->n_best || l->scores) tt_outbuf_print(b, " ||| %g", sums.score);
    return 0;
}

int tt_layout_put(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, tt_err *e) {
    int ranks = 1;
    for (size_t i = 0; i < x->count; i++)
        if (x->hyps[i].count > ranks) ranks = x->hyps[i].count;
    for (int rank = 0; rank < (l->json ? 1 : ranks); rank++) {
        TT_TRY(l->json ? tt_layout_json(b, l, x, ranks, e) : one(b, l, x, rank, e));
        tt_outbuf_say(b, x->tail);
        tt_outbuf_say(b, "\n");
    }
    return b->failed ? tt_fail(e, TT_ENOMEM, "out of memory for a line") : 0;
}
