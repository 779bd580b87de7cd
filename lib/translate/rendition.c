/* rendition.c: see rendition.h.
 */
#include "translate/rendition.h"

/* The source word that each target word is linked to: the one with the greatest weight, divided by
   what all target words give to it and a little more. So a word that is looked at by all, as heads
   of phrases are, leaves its neighbours their own translations: of 3,940 words that a dictionary
   knows, in three development sets, 96.5 % find theirs, else 93.4 %. What came out as it went in,
   and looks at itself alone, leaves them theirs, too. */
static int link_words(int32_t *to, const tt_map *m, tt_arena *a, tt_err *e) {
    const double little = 0.5;
    const size_t cols = (size_t)m->cols;
    double *sum = tt_arena_alloc(a, (cols + 1) * sizeof *sum);
    int32_t *alone = tt_arena_alloc(a, (cols + 1) * sizeof *alone); /* the row, or -1 */
    if (!sum || !alone) return tt_fail(e, TT_ENOMEM, "out of memory for an alignment");
    for (size_t s = 0; s < cols; s++) sum[s] = little, alone[s] = -1;
    for (int t = 0; t < m->rows; t++)
        for (size_t s = 0; s < cols; s++) {
            const float w = m->w[(size_t)t * cols + s];
            sum[s] += (double)w;
            if (w >= 1) alone[s] = t;
        }
    for (int t = 0; t < m->rows; t++) {
        const float *row = m->w + (size_t)t * cols;
        size_t best = 0;
        double most = -1;
        for (size_t s = 0; s < cols; s++) {
            const double w = alone[s] >= 0 && alone[s] != t ? 0 : (double)row[s] / sum[s];
            if (w > most) most = w, best = s;
        }
        if (most <= 0) /* it looks at nothing else */
            for (size_t s = 1; s < cols; s++)
                if (row[s] > row[best]) best = s;
        to[t] = (int32_t)best;
    }
    return 0;
}

/* Links being made, and the words so far. */
struct linking {
    tt_link *next;
    tt_word_count source, target;
};

static void link_copied(struct linking *k, const char *text, size_t len) {
    const int words = (int)tt_sentence_words(text, len), s0 = tt_words_next(&k->source, text, len),
              t0 = tt_words_next(&k->target, text, len);
    for (int i = 0; i < words; i++) *k->next++ = (tt_link){s0 + i, t0 + i};
    tt_words_count(&k->source, text, len);
    tt_words_count(&k->target, text, len);
}

static int link_part(struct linking *k, const tt_layout *l, const tt_sentence *s, const tt_hyp *h,
                     tt_arena *a, tt_err *e) {
    tt_said said;
    tt_map m;
    TT_TRY(tt_words_text(&said, l->source, l->target, s, h, l->replace_unk, 1, a, e));
    TT_TRY(tt_words_map(&m, l->source, l->target, s, h, &said, 0, a, e));
    int32_t *to = tt_arena_alloc(a, ((size_t)m.rows + 1) * sizeof *to);
    if (!to) return tt_fail(e, TT_ENOMEM, "out of memory for a line");
    TT_TRY(link_words(to, &m, a, e));
    const int t0 = tt_words_next(&k->target, said.text, said.len);
    for (int r = 0; r < m.rows && m.cols; r++) *k->next++ = (tt_link){s->word + to[r], t0 + r};
    tt_words_count(&k->source, s->plain.line.text, s->plain.line.len);
    tt_words_count(&k->target, said.text, said.len);
    return 0;
}

int tt_rendition_make(tt_rendition *to, const tt_layout *l, const tt_layout_line *x, int rank,
                      tt_arena *a, tt_err *e) {
    tt_outbuf out = {.a = a};
    TT_TRY(tt_layout_text(&out, l, x, rank, e));
    /* no word is shorter than a byte */
    tt_link *links = tt_arena_alloc(a, (out.len + 1) * sizeof *links);
    if (!links || out.failed) return tt_fail(e, TT_ENOMEM, "out of memory for a line");
    struct linking k = {.next = links};
    link_copied(&k, x->lead.text, x->lead.len);
    for (size_t i = 0; i < x->count; i++) {
        TT_TRY(link_part(&k, l, &x->parts[i], tt_layout_ranked(&x->hyps[i], rank), a, e));
        link_copied(&k, x->parts[i].gap, x->parts[i].gap_len);
    }
    *to = (tt_rendition){{out.p ? out.p : "", out.len}, links, (size_t)(k.next - links)};
    return 0;
}
