/* layout_json.c: the JSON forms of layout.h. What is no number (a score of -inf) is null.
 */
#include "translate/layout.h"

#include <stdbool.h>
#include <string.h>

#include "translate/inset.h"

static int text_of(tt_outbuf *text, tt_outbuf *b, const tt_layout *l, const tt_layout_line *x,
                   int rank, tt_err *e) {
    *text = (tt_outbuf){.a = b->a};
    TT_TRY(tt_layout_text(text, l, x, rank, e));
    return text->failed ? tt_fail(e, TT_ENOMEM, "out of memory for a line") : 0;
}

/* The members of one hypothesis, without braces. */
static int members(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, int rank, tt_err *e) {
    tt_layout_sums sums = tt_layout_sum(l, x, rank);
    if (!l->pairs) {
        tt_outbuf text;
        TT_TRY(text_of(&text, b, l, x, rank, e));
        tt_outbuf_say(b, "\"translation\": ");
        tt_outbuf_json(b, text.p, text.len);
        tt_outbuf_say(b, ", ");
    }
    tt_outbuf_say(b, "\"score\": ");
    if (x->count || !l->pairs) {
        tt_outbuf_number(b, sums.score);
        tt_outbuf_say(b, ", \"logp\": ");
        tt_outbuf_number(b, sums.path);
    } else {
        tt_outbuf_say(b, "null");
    }
    if (l->alignment && x->inset) {
        tt_outbuf_say(b, ", \"alignment\": null");
    } else if (l->alignment) {
        static const tt_marks list = {
            .open = "[", .link = ", ", .weight = ", ", .close = "]", .between = ", "};
        tt_outbuf_say(b, ", \"alignment\": [");
        TT_TRY(tt_layout_alignment(b, l, &list, x, rank, e));
        tt_outbuf_say(b, "]");
    }
    if (!l->word_scores) return 0;
    int any = 0;
    tt_outbuf_say(b, ", \"word_scores\": [");
    for (size_t i = 0; i < x->count; i++) {
        const tt_hyp *h = tt_layout_ranked(&x->hyps[i], rank);
        for (int j = 0; j < h->count; j++) {
            if (any++) tt_outbuf_say(b, ", ");
            tt_outbuf_number(b, (double)h->word_scores[j]);
        }
    }
    tt_outbuf_say(b, "]");
    return 0;
}

static bool same_text(const tt_outbuf *a, const tt_outbuf *b) {
    return a->len == b->len && (!a->len || !memcmp(a->p, b->p, a->len));
}

/* Other translations, each text once. */
static int alternatives(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, int ranks,
                        tt_err *e) {
    tt_outbuf said[TT_BEAM_MAX];
    int n = 1;
    TT_TRY(text_of(&said[0], b, l, x, 0, e));
    tt_outbuf_say(b, ", \"alternatives\": [");
    for (int rank = 1; rank < ranks && n <= x->alternatives; rank++) {
        int known = 0;
        TT_TRY(text_of(&said[n], b, l, x, rank, e));
        for (int i = 0; i < n; i++) known |= same_text(&said[i], &said[n]);
        if (known) continue;
        tt_outbuf_say(b, n > 1 ? ", " : "");
        tt_outbuf_json(b, said[n].p, said[n].len);
        n++;
    }
    tt_outbuf_say(b, "]");
    return 0;
}

static void put_id(tt_outbuf *b, const tt_layout_line *x) {
    tt_outbuf_say(b, "{\"id\": ");
    if (!x->id.text) tt_outbuf_print(b, "%zu", x->number);
    else if (x->id_is_number) tt_outbuf_put(b, x->id.text, x->id.len);
    else tt_outbuf_json(b, x->id.text, x->id.len);
}

/* Names of what any part of the line is suspected of; nothing where that is nothing. */
static void warnings(tt_outbuf *b, const tt_layout_line *x) {
#define NAME(id, json, text) json,
    static const char *const names[] = {TT_FAULTS(NAME)};
#undef NAME
    unsigned all = 0;
    int any = 0;
    for (size_t i = 0; i < x->count; i++) all |= x->faults[i];
    if (!all) return;
    tt_outbuf_say(b, ", \"warnings\": [");
    for (int f = 0; f < TT_FAULT_COUNT; f++)
        if (all >> f & 1) tt_outbuf_print(b, "%s\"%s\"", any++ ? ", " : "", names[f]);
    tt_outbuf_say(b, "]");
}

int tt_layout_json(tt_outbuf *b, const tt_layout *l, const tt_layout_line *x, int ranks,
                   tt_err *e) {
    const int list = l->n_best || x->n_best;
    put_id(b, x);
    if (x->wrong) {
        tt_outbuf_say(b, ", \"error\": ");
        tt_outbuf_json(b, x->wrong, strlen(x->wrong));
        tt_outbuf_say(b, "}");
        return 0;
    }
    tt_outbuf_say(b, list ? ", \"hypotheses\": [" : ", ");
    const int most = !list ? 1 : x->n_best && x->n_best < ranks ? x->n_best : ranks;
    for (int rank = 0; rank < most; rank++) {
        if (list) tt_outbuf_say(b, rank ? ", {" : "{");
        TT_TRY(members(b, l, x, rank, e));
        if (list) tt_outbuf_say(b, "}");
    }
    if (list) tt_outbuf_say(b, "]");
    if (x->alternatives) TT_TRY(alternatives(b, l, x, ranks, e));
    for (size_t i = 0; i < x->n_more; i++) {
        tt_outbuf_say(b, ", ");
        tt_outbuf_put(b, x->more[i].text, x->more[i].len);
    }
    warnings(b, x);
    if (x->inset) tt_inset_notes(b, x->inset);
    tt_outbuf_say(b, "}");
    return 0;
}
