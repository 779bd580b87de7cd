/* termplace.c: see termplace.h. One term after the other: the hypothesis is read again after each,
 * so that no term takes the place of another that stands there already.
 */
#include "translate/termplace.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A word's attention on a term's source tokens (the mean of its tokens) from which it is the term's
   place; and, if it stands beside that place, from which it belongs to it. */
static const double LEAST = 0.4, BESIDE = 0.6;

/* Less attention than this counts as this. */
static const double LEAST_SEEN = 0.01;

struct range {
    int from, to; /* tokens; to 0: none */
};

static bool is_inside(const tt_terms *t, int32_t token) {
    return t->edge && !(t->edge[token] & (TT_EDGE_BEGINS | TT_EDGE_MARK));
}

static bool is_mark(const tt_terms *t, int32_t token) {
    return t->edge && t->edge[token] & TT_EDGE_MARK;
}

/* The word at token i: its end; the marks before and behind are words of their own. */
static int word_end(const tt_terms *t, const tt_hyp *h, int i) {
    for (i++; i + 1 < h->count && is_inside(t, h->ids[i]); i++) {
        const int before = t->edge[h->ids[i - 1]]; /* a blank by itself, or "e-", goes on */
        if (before & TT_EDGE_AFTER && (before & TT_EDGE_MARK || !(before & TT_EDGE_BEGINS))) break;
    }
    return i;
}

static double weight(const tt_hyp *h, const tt_term *m, int source, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++)
        for (int j = m->from; j < m->to; j++)
            sum += (double)h->alignment[(size_t)i * (size_t)source + (size_t)j];
    return sum / (to - from);
}

static bool is_taken(const int32_t *at, const unsigned char *found, int count, int from, int to) {
    for (int i = 0; i < count; i++)
        if (found[i] && at[2 * i] < to && at[2 * i + 1] > from) return true;
    return false;
}

/* Is there a source token of a term of several words that no token looks at more than token i? */
static int leads(const tt_hyp *h, const tt_term *m, int source, int i) {
    const size_t wide = (size_t)source;
    for (int j = m->from; j < m->to && m->words > 1; j++) {
        int most = 1;
        for (int k = 0; k + 1 < h->count && most; k++)
            most = h->alignment[(size_t)k * wide + (size_t)j] <=
                   h->alignment[(size_t)i * wide + (size_t)j];
        if (most) return 1;
    }
    return 0;
}

/* A short word beside the term stays: an article or pronoun that the source lacks looks at the noun
   ("Dogs are": "Los perros son"; "Smith went": "Smith se fue"). One that looks at a token of the
   term as no other does translates it ("red house": "casa roja"). */
static bool may_be_article(const tt_terms *t, const tt_hyp *h, const tt_term *m, int source,
                           int from, int to) {
    return to == from + 1 && t->edge && (t->edge[h->ids[from]] & TT_EDGE_SHORT) != 0 &&
           !leads(h, m, source, from);
}

/* The words that translate the term's source tokens. */
static struct range place_of(const tt_hyp *h, const tt_terms *t, int term, int source, int first,
                             const int32_t *at, const unsigned char *found) {
    const tt_term *m = &t->term[term];
    struct range best = {0, 0};
    /* a short word only where there is no other */
    for (int small = 0; small < 2 && !best.to; small++) {
        double most = LEAST;
        for (int i = first, to; i + 1 < h->count; i = to) {
            to = word_end(t, h, i);
            if (is_mark(t, h->ids[i]) || is_taken(at, found, t->count, i, to)) continue;
            if (may_be_article(t, h, m, source, i, to) > small) continue;
            const double w = weight(h, m, source, i, to);
            if (!(w > most)) continue;
            most = w;
            best = (struct range){i, to};
        }
    }
    if (!best.to) return best;
    /* the words behind; a short one between two of them is one ("tarjeta de crédito") */
    for (int i = best.to, to; i + 1 < h->count; i = to) {
        to = word_end(t, h, i);
        const int small = may_be_article(t, h, m, source, i, to);
        if (is_mark(t, h->ids[i]) || is_taken(at, found, t->count, i, to) ||
            weight(h, m, source, i, to) < (small ? LEAST : BESIDE))
            break;
        if (!small) best.to = to;
    }
    /* the words before, as far as all of them belong to it */
    for (int i = first, to; i < best.from; i = to) {
        to = word_end(t, h, i);
        int belongs = 1;
        for (int j = i, end; j < best.from && belongs; j = end) {
            end = word_end(t, h, j);
            const int small = may_be_article(t, h, m, source, j, end);
            belongs = !is_mark(t, h->ids[j]) && (!small || j > i) &&
                      !is_taken(at, found, t->count, j, end) &&
                      weight(h, m, source, j, end) >= (small ? LEAST : BESIDE);
        }
        if (belongs) best.from = i;
    }
    return best;
}

/* The form that fits behind the first `from` tokens; the last one that does, where there are
   several: endings of a plural come behind the bare word. */
static const tt_term_form *form_for(const tt_terms *t, int term, const tt_hyp *h, int from) {
    const tt_term_form *best = NULL;
    for (int f = 0; f < t->forms; f++)
        if (t->form[f].term == term && tt_terms_fits(t, &t->form[f], h->ids, from))
            best = &t->form[f];
    return best;
}

static int put(tt_hyp *h, const tt_term_form *f, struct range r, int source, tt_arena *a,
               tt_err *e) {
    const size_t wide = (size_t)source, before = (size_t)r.from, added = (size_t)f->count,
                 behind = (size_t)(h->count - r.to);
    const size_t n = before + added + behind;
    int32_t *ids = tt_arena_alloc(a, n * sizeof *ids);
    float *words = tt_arena_alloc(a, n * sizeof *words),
          *align = tt_arena_alloc(a, n * wide * sizeof *align);
    if (!ids || !words || !align)
        return tt_fail(e, TT_ENOMEM, "out of memory for the terms of a line");
    memcpy(ids, h->ids, before * sizeof *ids);
    memcpy(ids + before, f->ids, added * sizeof *ids);
    memcpy(ids + before + added, h->ids + r.to, behind * sizeof *ids);
    memcpy(words, h->word_scores, before * sizeof *words);
    memcpy(words + before + added, h->word_scores + r.to, behind * sizeof *words);
    for (size_t i = 0; i < added; i++) words[before + i] = 0;
    for (int i = r.from; i < r.to; i++) words[before] += h->word_scores[i];
    memcpy(align, h->alignment, before * wide * sizeof *align);
    memcpy(align + (before + added) * wide, h->alignment + (size_t)r.to * wide,
           behind * wide * sizeof *align);
    for (size_t i = 0; i < added; i++)
        memcpy(align + (before + i) * wide, h->alignment + before * wide, wide * sizeof *align);
    h->ids = ids;
    h->word_scores = words;
    h->alignment = align;
    h->count = (int)n;
    return 0;
}

int tt_termplace_terms(tt_hyp *h, const tt_terms *t, int source, int from, tt_arena *a, tt_err *e) {
    unsigned char found[TT_TERMS_MAX];
    int32_t at[2 * TT_TERMS_MAX];
    int met = tt_terms_find(t, h->ids, h->count - 1, found, at);
    for (int i = 0; i < t->count; i++) {
        if (found[i] || t->term[i].from == t->term[i].to) continue;
        const struct range r = place_of(h, t, i, source, from, at, found);
        const tt_term_form *f = r.to ? form_for(t, i, h, r.from) : NULL;
        if (!f) continue;
        TT_TRY(put(h, f, r, source, a, e));
        met = tt_terms_find(t, h->ids, h->count - 1, found, at);
    }
    return met;
}

double tt_termplace_rest(const tt_hyp *h, const tt_terms *t) {
    unsigned char found[TT_TERMS_MAX];
    int32_t at[2 * TT_TERMS_MAX];
    double sum = h->path;
    tt_terms_find(t, h->ids, h->count - 1, found, at);
    for (int i = 0; i < t->count; i++)
        for (int k = found[i] ? at[2 * i] : 0; found[i] && k < at[2 * i + 1]; k++)
            sum -= (double)h->word_scores[k];
    return sum;
}

double tt_termplace_outside(const tt_hyp *h, const tt_terms *t, int source) {
    unsigned char found[TT_TERMS_MAX];
    int32_t at[2 * TT_TERMS_MAX];
    double sum = 0;
    tt_terms_find(t, h->ids, h->count - 1, found, at);
    for (int i = 0; i + 1 < h->count; i++) {
        if (is_taken(at, found, t->count, i, i + 1)) continue;
        for (int k = 0; k < t->count; k++)
            if (found[k]) sum += weight(h, &t->term[k], source, i, i + 1);
    }
    return sum;
}

double tt_termplace_covered(const tt_hyp *h, int source) {
    double sum = 0;
    for (int j = 0; j + 1 < source; j++) {
        double seen = 0;
        for (int i = 0; i < h->count; i++)
            seen += (double)h->alignment[(size_t)i * (size_t)source + (size_t)j];
        if (seen < 1) sum += log(seen > LEAST_SEEN ? seen : LEAST_SEEN);
    }
    return sum;
}
