/* terms.c: see terms.h. What a hypothesis has said follows from its tokens and from the terms it
 * looked at when each was chosen, so it is read again at each step and nothing has to be carried
 * from row to row.
 */
#include "search/terms.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "search/steer.h"

enum { WORDS = (TT_TERMS_MAX + 63) / 64 };

/* Attention on a term's tokens below the one is an accident; above the other a further word would
 * translate them again. */
static const float LEAST_LOOK = 0.15f, AGAIN_LOOK = 0.5f;

/* How far a hypothesis is with each form. */
struct state {
    int16_t progress[TT_FORMS_MAX]; /* tokens of it said last, in a row */
    uint64_t done[WORDS],
        lost[WORDS]; /* bits of the terms: said; said, and translated a second time */
    int32_t *at;     /* (terms, 2) where each was said; or NULL */
    int count;       /* tokens read */
    int met, terms;  /* Σ length of the terms that are done, and their number */
    int pending;     /* the form said last, if the word has ended; -1: none */
    int after;       /* 1: the next token begins a word, with a blank or without */
};

static int is_done(const struct state *s, int i) { return (int)(s->done[i / 64] >> (i % 64) & 1); }

static int edge_of(const tt_terms *t, int32_t token) {
    return t->edge ? t->edge[token] : TT_EDGE_BEGINS | TT_EDGE_AFTER;
}

/* 1 if a word ends before the token. */
static int ends_word(const tt_terms *t, int32_t token) {
    return edge_of(t, token) & (TT_EDGE_BEGINS | TT_EDGE_MARK);
}

/* Tokens of form f said in a row once `token` follows, chosen with a look at term `looked` - 1. */
static int advance(const struct state *s, const tt_terms *t, int f, int32_t token, int looked) {
    const tt_term_form *x = &t->form[f];
    if (s->progress[f] && s->progress[f] < x->count && token == x->ids[s->progress[f]])
        return s->progress[f] + 1;
    return token == x->ids[0] && (s->after || !x->bare) &&
           (looked == TT_LOOKED_ANY || looked == x->term + 1);
}

static bool is_again(int looked) { return looked != TT_LOOKED_ANY && looked & TT_LOOKED_AGAIN; }

static void settle(struct state *s, const tt_terms *t) {
    const int term = t->form[s->pending].term;
    if (s->at) {
        s->at[2 * term] = s->count - t->form[s->pending].count;
        s->at[2 * term + 1] = s->count;
    }
    s->done[term / 64] |= (uint64_t)1 << (term % 64);
    s->met += t->term[term].length;
    s->terms++;
    s->pending = -1;
    memset(s->progress, 0, (size_t)t->forms * sizeof *s->progress); /* a token serves one term */
}

static void take(struct state *s, const tt_terms *t, int32_t token, int looked) {
    int found = -1;
    if (s->pending >= 0 && ends_word(t, token)) settle(s, t);
    s->pending = -1;
    const int term = looked - TT_LOOKED_AGAIN;
    if (is_again(looked) && is_done(s, term) && !(s->lost[term / 64] >> (term % 64) & 1)) {
        s->lost[term / 64] |= (uint64_t)1 << (term % 64);
        s->met -= t->term[term].length;
        s->terms--;
    }
    for (int f = 0; f < t->forms; f++) {
        const int p = is_done(s, t->form[f].term) ? 0 : advance(s, t, f, token, looked);
        s->progress[f] = (int16_t)p;
        if (p == t->form[f].count && (found < 0 || p > t->form[found].count)) found = f;
    }
    s->pending = found;
    s->after = (edge_of(t, token) & TT_EDGE_AFTER) != 0;
    s->count++;
}

static void read(struct state *s, const tt_terms *t, const int32_t *tokens, const uint16_t *looked,
                 int count) {
    memset(s->progress, 0, (size_t)t->forms * sizeof *s->progress);
    memset(s->done, 0, sizeof s->done);
    memset(s->lost, 0, sizeof s->lost);
    s->count = 0;
    s->met = s->terms = 0;
    s->pending = -1;
    s->after = 1;
    for (int i = 0; i < count; i++) take(s, t, tokens[i], looked ? looked[i] : TT_LOOKED_ANY);
}

int tt_terms_find(const tt_terms *t, const int32_t *ids, int count, unsigned char *found,
                  int32_t *at) {
    struct state s;
    s.at = at;
    read(&s, t, ids, NULL, count);
    if (s.pending >= 0) settle(&s, t);
    for (int i = 0; i < t->count; i++) found[i] = (unsigned char)is_done(&s, i);
    return s.terms;
}

int tt_terms_width(const tt_terms *t, int beam) {
    int width = beam + t->tokens;
    return width < TT_BEAM_MAX ? width : TT_BEAM_MAX;
}

/* ---- a step -------------------------------------------------------------------------------- */

enum {
    NEXT_MOST = 32, /* tokens of forms that a row is asked to say: the likeliest */
    MOST = TT_BEAM_MAX * (NEXT_MOST + 4) /* choices looked at */
};

/* A row with what is known of it. */
struct hypothesis {
    const tt_steer_row *row;
    struct state state;
    int32_t top; /* its likeliest token */
    int looks;   /* the open term that it looks at, from 1; 0: none */
    int again;   /* the term said that it looks at, from 1; 0: none */
    int ends;    /* 1: it lacks a term, and the end is its likeliest token */
};

struct banked {
    tt_continuation c;
    int met, taken;
};

struct pool {
    const tt_terms *t;
    int32_t eos;
    struct banked all[MOST];
    int n;
};

/* Of the terms that are open the one whose source tokens are looked at most. */
static int look(const tt_terms *t, const struct state *s, const float *attention) {
    int best = 0;
    float most = LEAST_LOOK;
    for (int i = 0; i < t->count; i++) {
        if (is_done(s, i) || (s->pending >= 0 && t->form[s->pending].term == i)) continue;
        if (!attention || t->term[i].from == t->term[i].to) return TT_LOOKED_ANY;
        float sum = 0;
        for (int j = t->term[i].from; j < t->term[i].to; j++) sum += attention[j];
        if (sum > most) {
            most = sum;
            best = i + 1;
        }
    }
    return best;
}

/* A term said, whose source tokens are looked at as by one who translates them. */
static int look_again(const tt_terms *t, const struct state *s, const float *attention) {
    for (int i = 0; i < t->count && attention; i++) {
        if (!is_done(s, i) && !(s->pending >= 0 && t->form[s->pending].term == i)) continue;
        float sum = 0;
        for (int j = t->term[i].from; j < t->term[i].to; j++) sum += attention[j];
        if (sum > AGAIN_LOOK) return i + 1;
    }
    return 0;
}

/* Tokens said of terms once the token follows; those of a form half said count, but for the last of
 * the longest. */
static int bank_of(const tt_terms *t, const struct state *s, int32_t token, int looked) {
    int met = s->met, most = 0, term = -1;
    if (s->pending >= 0 && ends_word(t, token)) {
        term = t->form[s->pending].term;
        met += t->term[term].length;
    }
    const int again = looked - TT_LOOKED_AGAIN;
    if (is_again(looked) &&
        (again == term || (is_done(s, again) && !(s->lost[again / 64] >> (again % 64) & 1))))
        met -= t->term[again].length;
    for (int f = 0; f < t->forms; f++) {
        const tt_term_form *x = &t->form[f];
        if (is_done(s, x->term) || x->term == term) continue;
        int p = term >= 0 && s->progress[f] ? 0 : advance(s, t, f, token, looked),
            length = t->term[x->term].length;
        if (p == x->count) p = length;
        if (p > most) most = p;
    }
    return met + most;
}

static void add(struct pool *p, const struct hypothesis *h, int32_t token) {
    const double path = h->row->path + (double)h->row->logits[token];
    if (!(path > -HUGE_VAL) || p->n == MOST) return;
    for (int i = 0; i < p->n; i++)
        if (p->all[i].c.row == h->row->row && p->all[i].c.token == token) return;
    const struct state *s = &h->state;
    const int word =
                  edge_of(p->t, token) & TT_EDGE_BEGINS && !(edge_of(p->t, token) & TT_EDGE_MARK),
              pending = s->pending >= 0;
    const int looked = h->again && word  ? TT_LOOKED_AGAIN + h->again - 1
                       : token == h->top ? TT_LOOKED_ANY
                                         : h->looks;
    const int met = token != p->eos
                        ? bank_of(p->t, s, token, looked)
                        : s->met + (pending ? p->t->term[p->t->form[s->pending].term].length : 0);
    p->all[p->n++] =
        (struct banked){{path, h->row->row, token, looked, s->terms + pending}, met, 0};
}

int tt_terms_fits(const tt_terms *t, const tt_term_form *x, const int32_t *ids, int count) {
    int first = 1;
    for (int i = 0; i < count && first; i++) first = t->edge && t->edge[ids[i]] & TT_EDGE_AFTER;
    if (x->where != TT_FORM_ANYWHERE && first != (x->where == TT_FORM_FIRST)) return 0;
    const int opened = count > 0 && edge_of(t, ids[count - 1]) & TT_EDGE_OPENS;
    return x->bare ? opened : !opened;
}

/* The tokens that go on with forms half said, or begin one that is looked at. */
static void add_terms(struct pool *p, const struct hypothesis *h) {
    const tt_terms *t = p->t;
    const struct state *s = &h->state;
    const float *logits = h->row->logits;
    int32_t next[NEXT_MOST];
    int n = 0, most = 0;
    for (int f = 0; f < t->forms; f++)
        if (s->progress[f] > most && s->progress[f] < t->form[f].count) most = s->progress[f];
    for (int f = 0; f < t->forms; f++) {
        const tt_term_form *x = &t->form[f];
        if (is_done(s, x->term)) continue;
        const int begins = !s->progress[f] &&
                           (h->looks == TT_LOOKED_ANY || h->looks == x->term + 1) &&
                           tt_terms_fits(t, x, h->row->tokens, h->row->count);
        if (!begins && !(most && s->progress[f] == most && most < x->count)) continue;
        const int32_t token = x->ids[begins ? 0 : most];
        if (n == NEXT_MOST && !(logits[token] > logits[next[n - 1]])) continue;
        int at = n < NEXT_MOST ? n++ : n - 1; /* the likeliest first */
        for (; at > 0 && logits[token] > logits[next[at - 1]]; at--) next[at] = next[at - 1];
        next[at] = token;
    }
    for (int i = 0; i < n; i++) add(p, h, next[i]);
}

/* The likeliest token that ends the word of a form just said. */
static void add_ending(struct pool *p, const struct hypothesis *h, int vocab) {
    const float *logits = h->row->logits;
    int32_t best = -1;
    for (int32_t i = 0; i < vocab; i++)
        if ((i == p->eos || ends_word(p->t, i)) && (best < 0 || logits[i] > logits[best])) best = i;
    if (best >= 0) add(p, h, best);
}

/* The best choice not taken yet, of one bank or, where it is negative, of all; -1: none. */
static int best(const struct pool *p, int bank) {
    int at = -1;
    for (int i = 0; i < p->n; i++)
        if (!p->all[i].taken && (bank < 0 || p->all[i].met == bank) &&
            (at < 0 || p->all[i].c.path > p->all[at].c.path))
            at = i;
    return at;
}

/* Each bank gets its share, the banks that have met most what is over; places that a bank cannot
   fill go to the best of the rest. Where the beam is narrower than there are banks, only those
   count in which there is a choice: as many steps on, as many banks. */
static int share_out(tt_continuation *list, struct pool *p, int width) {
    int all = p->t->tokens + 1, banks = all, left = width, n = 0, rank = 0;
    if (all > width) {
        banks = 0;
        for (int bank = 0; bank < all; bank++) banks += best(p, bank) >= 0;
    }
    for (int bank = all - 1; bank >= 0 && left > 0; bank--) {
        int at = best(p, bank);
        if (at < 0 && banks < all) continue;
        int share = width / banks + (rank++ < width % banks);
        for (; share > 0 && left > 0 && at >= 0; share--, left--, at = best(p, bank))
            p->all[at].taken = 1;
    }
    for (int at; left > 0 && (at = best(p, -1)) >= 0; left--) p->all[at].taken = 1;
    for (int i = 0; i < p->n; i++) {
        if (!p->all[i].taken) continue;
        int at = n++;
        for (; at > 0 && p->all[i].c.path > list[at - 1].path; at--) list[at] = list[at - 1];
        list[at] = p->all[i].c;
    }
    return n;
}

/* The likeliest tokens of all rows. */
static void add_likeliest(struct pool *p, const tt_steer *s, const struct hypothesis *h,
                          int count) {
    struct {
        double path;
        int row;
        int32_t token;
    } list[TT_BEAM_MAX];
    int n = 0;
    for (int i = 0; i < count; i++)
        for (int32_t t = 0; t < s->vocab && !h[i].ends; t++) {
            double path = h[i].row->path + (double)h[i].row->logits[t];
            if (!(path > -HUGE_VAL) || (n == s->width && !(path > list[n - 1].path))) continue;
            int at = n < s->width ? n++ : n - 1;
            for (; at > 0 && path > list[at - 1].path; at--) list[at] = list[at - 1];
            list[at].path = path;
            list[at].row = i;
            list[at].token = t;
        }
    for (int i = 0; i < n; i++) add(p, &h[list[i].row], list[i].token);
}

/* At the greatest length all end, those that lack least first. */
static int end(tt_continuation *list, const tt_steer *s, const struct hypothesis *h, int count) {
    int n = 0;
    for (int lacks = 0; lacks <= s->terms->count; lacks++)
        for (int i = 0; i < count && n < s->width; i++) {
            const int met = h[i].state.terms + (h[i].state.pending >= 0);
            const double path = h[i].row->path + (double)h[i].row->logits[s->o->eos];
            if (met + lacks == s->terms->count && path > -HUGE_VAL)
                list[n++] = (tt_continuation){path, h[i].row->row, s->o->eos, 0, met};
        }
    return n;
}

int tt_terms_choose(tt_continuation *list, const tt_steer *s, const tt_steer_row *rows, int count) {
    struct pool p = {.t = s->terms, .eos = s->o->eos};
    struct hypothesis h[TT_BEAM_MAX];
    for (int i = 0; i < count; i++) {
        const tt_steer_row *r = &rows[i];
        h[i].row = r;
        h[i].state.at = NULL;
        read(&h[i].state, s->terms, r->tokens, r->looked, r->count);
        h[i].looks = look(s->terms, &h[i].state, r->attention);
        h[i].again = look_again(s->terms, &h[i].state, r->attention);
        h[i].top = (int32_t)s->k->argmax(r->logits, (size_t)s->vocab);
        const int lacks = h[i].state.terms + (h[i].state.pending >= 0) < s->terms->count;
        h[i].ends = lacks && h[i].top == s->o->eos;
        if (lacks && !h[i].ends && !s->last) r->logits[s->o->eos] = -INFINITY;
    }
    if (s->last) return end(list, s, h, count);
    for (int i = 0; i < count; i++) {
        add_terms(&p, &h[i]);
        if (h[i].state.pending >= 0) add_ending(&p, &h[i], s->vocab);
        add(&p, &h[i], h[i].top);
    }
    add_likeliest(&p, s, h, count);
    return share_out(list, &p, s->width);
}
