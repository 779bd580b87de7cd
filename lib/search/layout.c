/* layout.c: see layout.h. Text is put together in a piece of arena memory that doubles when full.
 */
#include "search/layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
    tt_arena *a;
    char *p; /* (cap) */
    size_t len, cap;
    int failed;
};

static void put(struct text *t, const char *p, size_t len) {
    if (t->failed) return;
    if (len > t->cap - t->len) {
        size_t cap = 2 * t->cap + len;
        char *more = tt_arena_alloc(t->a, cap);
        if (!more) {
            t->failed = 1;
            return;
        }
        if (t->len) memcpy(more, t->p, t->len);
        t->p = more;
        t->cap = cap;
    }
    if (len) memcpy(t->p + t->len, p, len);
    t->len += len;
}

static void say(struct text *t, const char *text) { put(t, text, strlen(text)); }

static void sayf(struct text *t, const char *fmt, ...) TT_PRINTF(2, 3);
static void sayf(struct text *t, const char *fmt, ...) {
    char room[64]; /* two numbers and what joins them */
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(room, sizeof room, fmt, ap);
    va_end(ap);
    put(t, room, n < (int)sizeof room ? (size_t)n : sizeof room - 1);
}

/* The hypothesis of rank `rank`, or the last one of a part that has fewer. */
static const tt_hyp *ranked(const tt_hyps *h, int rank) {
    return &h->hyp[rank < h->count ? rank : h->count - 1];
}

/* Byte pieces can spell a line end, which would break the rule of one line for one line. */
static void one_line(char *p, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (p[i] == '\n' || p[i] == '\r' || !p[i]) p[i] = ' ';
}

static int translation(struct text *t, const tt_layout *l, const tt_sentence *parts,
                       const tt_hyps *hyps, size_t count, int rank, tt_err *e) {
    for (size_t i = 0; i < count; i++) {
        const tt_hyp *h = ranked(&hyps[i], rank);
        char *p;
        size_t len;
        TT_TRY(tt_vocab_decode(l->vocab, h->ids, (size_t)h->count, t->a, &p, &len, e));
        one_line(p, len);
        put(t, p, len);
        put(t, parts[i].gap, parts[i].gap_len);
    }
    return 0;
}

/* Links of one part, whose tokens are preceded by `s0` and `t0` others. */
static void hard(struct text *t, const tt_layout *l, const tt_hyp *h, int width, int s0, int t0,
                 const int32_t *greatest) {
    for (int s = 0; s < width; s++)
        for (int i = 0; i < h->count; i++) {
            float weight = h->alignment[(size_t)i * (size_t)width + (size_t)s];
            int linked = l->threshold < 1 ? (double)weight > l->threshold : greatest[i] == s;
            if (linked) sayf(t, t->p[t->len - 1] == ' ' ? "%d-%d" : " %d-%d", s0 + s, t0 + i);
        }
}

static void soft(struct text *t, const tt_hyp *h, int width, int t0) {
    for (int i = 0; i < h->count; i++) {
        if (t0 + i) say(t, " ");
        for (int s = 0; s < width; s++)
            sayf(t, s ? ",%g" : "%g", (double)h->alignment[(size_t)i * (size_t)width + (size_t)s]);
    }
}

static int32_t *find_greatest(const tt_hyp *h, int width, tt_arena *a) {
    int32_t *at = tt_arena_zero(a, (size_t)h->count * sizeof *at); /* (T) */
    for (int i = 0; at && i < h->count; i++) {
        const float *row = h->alignment + (size_t)i * (size_t)width;
        for (int s = 1; s < width; s++)
            if (row[s] > row[at[i]]) at[i] = s;
    }
    return at;
}

static int alignment(struct text *t, const tt_layout *l, const tt_sentence *parts,
                     const tt_hyps *hyps, size_t count, int rank, tt_err *e) {
    say(t, " ||| ");
    int s0 = 0, t0 = 0;
    for (size_t i = 0; i < count; i++) {
        const tt_hyp *h = ranked(&hyps[i], rank);
        if (l->alignment == TT_ALIGN_SOFT) {
            soft(t, h, parts[i].count, t0);
        } else {
            int32_t *greatest = find_greatest(h, parts[i].count, t->a);
            if (!greatest || t->failed) return tt_fail(e, TT_ENOMEM, "out of memory for a line");
            hard(t, l, h, parts[i].count, s0, t0, greatest);
        }
        s0 += parts[i].count;
        t0 += h->count;
    }
    return 0;
}

static int one(struct text *t, const tt_layout *l, size_t number, const tt_sentence *parts,
               const tt_hyps *hyps, size_t count, int rank, tt_err *e) {
    double path = 0, penalty = 0;
    int tokens = 0;
    for (size_t i = 0; i < count; i++) {
        path += ranked(&hyps[i], rank)->path;
        penalty += ranked(&hyps[i], rank)->penalty;
        tokens += ranked(&hyps[i], rank)->count;
    }
    double score = count ? tt_search_score(l->search, path, tokens) + penalty : 0;
    if (l->n_best) sayf(t, "%zu ||| ", number);
    if (!l->pairs)
        TT_TRY(translation(t, l, parts, hyps, count, rank, e));
    else if (count)
        sayf(t, "%.6f", score);
    else
        say(t, "-inf");
    if (l->alignment && count) TT_TRY(alignment(t, l, parts, hyps, count, rank, e));
    if (l->word_scores && count) {
        say(t, " ||| WordScores=");
        for (size_t i = 0; i < count; i++) {
            const tt_hyp *h = ranked(&hyps[i], rank);
            for (int j = 0; j < h->count; j++) sayf(t, " %.5f", (double)h->word_scores[j]);
        }
    }
    if (l->n_best) sayf(t, " ||| F0= %g", path);
    if (l->n_best || (l->scores && count)) sayf(t, " ||| %g", score);
    return 0;
}

int tt_layout_line(char **out, size_t *len, const tt_layout *l, size_t number,
                   const tt_sentence *parts, const tt_hyps *hyps, size_t count, const char *tail,
                   tt_arena *a, tt_err *e) {
    struct text t = {.a = a};
    int ranks = 1;
    for (size_t i = 0; i < count; i++)
        if (hyps[i].count > ranks) ranks = hyps[i].count;
    for (int rank = 0; rank < ranks; rank++) {
        TT_TRY(one(&t, l, number, parts, hyps, count, rank, e));
        say(&t, tail);
        say(&t, "\n");
    }
    *out = t.p;
    *len = t.len;
    return t.failed ? tt_fail(e, TT_ENOMEM, "out of memory for a line") : 0;
}
