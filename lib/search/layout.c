/* layout.c: see layout.h. The forms for people and for other programs' scripts; layout_json.c has the rest.
 */
#include "search/layout.h"

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
    for (size_t i = 0; i < x->count; i++) {
        const tt_sentence *s = &x->parts[i];
        char *p;
        size_t len;
        TT_TRY(tt_words_text(&p, &len, l->source, l->target, s, tt_layout_ranked(&x->hyps[i], rank),
                             l->replace_unk, b->a, e));
        tt_outbuf_put(b, p, len);
        tt_outbuf_put(b, s->gap, s->gap_len);
    }
    return 0;
}

static int linked(const tt_layout *l, const tt_map *m, int target, int source) {
    if (l->threshold < 1)
        return (double)m->w[(size_t)target * (size_t)m->cols + (size_t)source] > l->threshold;
    return m->greatest[target] == source;
}

/* Links of one part, before which there are `s0` and `t0` words. */
static void hard(tt_outbuf *b, const tt_layout *l, const tt_marks *k, const tt_map *m, int s0, int t0, int *any) {
    for (int s = 0; s < m->cols; s++)
        for (int t = 0; t < m->rows; t++)
            if (linked(l, m, t, s))
                tt_outbuf_print(b, "%s%s%d%s%d%s", (*any)++ ? k->between : "", k->open, s0 + s, k->link, t0 + t, k->close);
}

static void soft(tt_outbuf *b, const tt_marks *k, const tt_map *m, int *any) {
    for (int t = 0; t < m->rows; t++) {
        tt_outbuf_print(b, "%s%s", (*any)++ ? k->between : "", k->open);
        for (int s = 0; s < m->cols; s++) {
            if (s) tt_outbuf_say(b, k->weight);
            tt_outbuf_number(b, (double)m->w[(size_t)t * (size_t)m->cols + (size_t)s]);
        }
        tt_outbuf_say(b, k->close);
    }
}

int tt_layout_alignment(tt_outbuf *b, const tt_layout *l, const tt_marks *k, const tt_layout_line *x, int rank, tt_err *e) {
    int s0 = 0, t0 = 0, any = 0;
    for (size_t i = 0; i < x->count; i++) {
        tt_map m;
        TT_TRY(tt_words_map(&m, l->source, l->target, &x->parts[i], tt_layout_ranked(&x->hyps[i], rank),
                            l->pieces, b->a, e));
        if (l->alignment == TT_ALIGN_SOFT)
            soft(b, k, &m, &any);
        else
            hard(b, l, k, &m, s0, t0, &any);
        /* The next part is so many words ahead: one less where the line was cut inside a word. */
        int joined = !l->pieces && !x->parts[i].gap_len;
        s0 += m.cols - (joined && m.cols > 0);
        t0 += m.rows - (joined && m.rows > 0);
    }
    return 0;
}

static int one(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, int rank, tt_err *e) {
    tt_layout_sums sums = tt_layout_sum(l, x, rank);
    if (l->n_best) tt_outbuf_print(b, "%zu ||| ", x->number);
    if (!l->pairs)
        TT_TRY(tt_layout_text(b, l, x, rank, e));
    else if (x->count)
        tt_outbuf_print(b, "%.6f", sums.score);
    else
        tt_outbuf_say(b, "-inf");
    if (l->alignment && x->count) {
        static const tt_marks plain = {.open = "", .link = "-", .weight = ",", .close = "", .between = " "};
        tt_outbuf_say(b, " ||| ");
        TT_TRY(tt_layout_alignment(b, l, &plain, x, rank, e));
    }
    if (l->word_scores && x->count) {
        tt_outbuf_say(b, " ||| WordScores=");
        for (size_t i = 0; i < x->count; i++) {
            const tt_hyp *h = tt_layout_ranked(&x->hyps[i], rank);
            for (int j = 0; j < h->count; j++)
                tt_outbuf_print(b, " %.5f", (double)h->word_scores[j]);
        }
    }
    if (l->n_best) tt_outbuf_print(b, " ||| F0= %g", sums.path);
    if (l->n_best || (l->scores && x->count)) tt_outbuf_print(b, " ||| %g", sums.score);
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
