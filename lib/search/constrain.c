/* constrain.c: see constrain.h. What a hypothesis has met follows from its tokens, so it is counted
 * again at each step and nothing has to be carried from row to row.
 */
#include "search/constrain.h"

#include <math.h>
#include <string.h>

#include "search/steer.h"

enum { WORDS = (TT_TERMS_MAX + 63) / 64 };

/* How far a hypothesis is with each term. */
struct state {
    int32_t progress[TT_TERMS_MAX]; /* tokens of the term said last, in a row */
    uint64_t done[WORDS];           /* bits */
    int met;                        /* tokens of the terms that are done */
};

static int length(const tt_terms *t, int i) { return t->off[i + 1] - t->off[i]; }

static int is_done(const struct state *s, int i) { return (int)(s->done[i / 64] >> (i % 64) & 1); }

/* Tokens of term i said in a row once `token` follows. */
static int advance(const struct state *s, const tt_terms *t, int i, int32_t token) {
    const int32_t *ids = t->ids + t->off[i];
    return token == ids[s->progress[i]] ? s->progress[i] + 1 : token == ids[0];
}

/* The longest of the open terms that `token` completes, or -1; *most: tokens of the term that is furthest with it. */
static int completes(const struct state *s, const tt_terms *t, int32_t token, int *most) {
    int found = -1;
    *most = 0;
    for (int i = 0; i < t->count; i++) {
        if (is_done(s, i)) continue;
        int p = advance(s, t, i, token);
        if (p > *most) *most = p;
        if (p == length(t, i) && (found < 0 || p > length(t, found))) found = i;
    }
    return found;
}

static void take(struct state *s, const tt_terms *t, int32_t token) {
    int most, found = completes(s, t, token, &most);
    for (int i = 0; i < t->count; i++) /* a token serves one term */
        s->progress[i] = found >= 0 || is_done(s, i) ? 0 : advance(s, t, i, token);
    if (found < 0) return;
    s->done[found / 64] |= (uint64_t)1 << (found % 64);
    s->met += length(t, found);
}

static void read(struct state *s, const tt_terms *t, const int32_t *tokens, int count) {
    memset(s, 0, sizeof *s);
    for (int i = 0; i < count; i++) take(s, t, tokens[i]);
}

/* Tokens met, and those that would meet one more. */
static int met(const struct state *s, const tt_terms *t, int32_t *next, int *n) {
    int most = 0;
    for (int i = 0; i < t->count; i++)
        if (s->progress[i] > most) most = s->progress[i];
    *n = 0;
    for (int i = 0; i < t->count; i++)
        if (!is_done(s, i) && s->progress[i] == most) next[(*n)++] = t->ids[t->off[i] + most];
    return s->met + most;
}

int tt_terms_met(const tt_terms *t, const int32_t *tokens, int count, int32_t *next, int *n) {
    struct state s;
    read(&s, t, tokens, count);
    return met(&s, t, next, n);
}

int tt_terms_width(const tt_terms *t, int beam) {
    int width = beam + t->off[t->count];
    return width < TT_BEAM_MAX ? width : TT_BEAM_MAX;
}

/* ---- a step -------------------------------------------------------------------------------- */

enum {
    NEXT_MOST = 32,                       /* terms that a row is asked to begin: the likeliest */
    MOST = TT_BEAM_MAX * (NEXT_MOST + 2)  /* choices looked at */
};

struct banked {
    tt_choice c;
    int met, taken;
};

struct pool {
    const tt_terms *t;
    struct banked all[MOST];
    int n;
};

static void add(struct pool *p, const tt_steer_row *r, const struct state *s, int32_t token) {
    double path = r->path + (double)r->logits[token];
    if (!(path > -HUGE_VAL) || p->n == MOST) return;
    for (int i = 0; i < p->n; i++)
        if (p->all[i].c.row == r->row && p->all[i].c.token == token) return;
    int most, found = completes(s, p->t, token, &most);
    p->all[p->n++] = (struct banked){{path, r->row, token}, s->met + (found < 0 ? most : length(p->t, found)), 0};
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

/* Each bank gets its share, the banks that have met most what is over; places that a bank cannot fill
   go to the best of the rest. Where the beam is narrower than there are banks, only those count in which there is a choice: as many
   steps on, as many banks. */
static int share_out(tt_choice *list, struct pool *p, int width) {
    int all = p->t->off[p->t->count] + 1, banks = all, left = width, n = 0, rank = 0;
    if (all > width) {
        banks = 0;
        for (int bank = 0; bank < all; bank++) banks += best(p, bank) >= 0;
    }
    for (int bank = all - 1; bank >= 0 && left > 0; bank--) {
        int at = best(p, bank);
        if (at < 0 && banks < all) continue;
        int share = width / banks + (rank++ < width % banks);
        for (; share > 0 && left > 0 && at >= 0; share--, left--, at = best(p, bank)) p->all[at].taken = 1;
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

/* Those of the n next tokens that the row finds likeliest come first; returns how many count. */
static int likeliest(int32_t *next, int n, const float *logits) {
    if (n <= NEXT_MOST) return n;
    for (int i = 0; i < NEXT_MOST; i++) {
        int top = i;
        for (int j = i + 1; j < n; j++)
            if (logits[next[j]] > logits[next[top]]) top = j;
        int32_t token = next[top];
        next[top] = next[i];
        next[i] = token;
    }
    return NEXT_MOST;
}

/* The likeliest tokens of all rows. */
static void add_likeliest(struct pool *p, const tt_steer *s, const tt_steer_row *rows, const struct state *states, int count) {
    struct {
        double path;
        int row;
        int32_t token;
    } list[TT_BEAM_MAX];
    int n = 0;
    for (int i = 0; i < count; i++)
        for (int32_t t = 0; t < s->vocab; t++) {
            double path = rows[i].path + (double)rows[i].logits[t];
            if (!(path > -HUGE_VAL) || (n == s->width && !(path > list[n - 1].path))) continue;
            int at = n < s->width ? n++ : n - 1;
            for (; at > 0 && path > list[at - 1].path; at--) list[at] = list[at - 1];
            list[at].path = path;
            list[at].row = i;
            list[at].token = t;
        }
    for (int i = 0; i < n; i++) add(p, &rows[list[i].row], &states[list[i].row], list[i].token);
}

/* At the greatest length a hypothesis ends: one that has met all, or, where there is none, any. */
static int end(tt_choice *list, const tt_steer *s, const tt_steer_row *rows, int count) {
    int32_t next[TT_TERMS_MAX];
    int n = 0, all = s->terms->off[s->terms->count], rest;
    for (int any = 0; any < 2 && !n && (!any || !s->done); any++)
        for (int i = 0; i < count && n < s->width; i++) {
            const tt_steer_row *r = &rows[i];
            double path = r->path + (double)r->logits[s->o->eos];
            if (path > -HUGE_VAL &&
                (any || tt_terms_met(s->terms, r->tokens, r->count, next, &rest) == all))
                list[n++] = (tt_choice){path, r->row, s->o->eos};
        }
    return n;
}

int tt_terms_choose(tt_choice *list, const tt_steer *s, const tt_steer_row *rows, int count) {
    if (s->last) return end(list, s, rows, count);
    struct pool p;
    struct state states[TT_BEAM_MAX];
    int all = s->terms->off[s->terms->count];
    p.t = s->terms;
    p.n = 0;
    for (int i = 0; i < count; i++) {
        int32_t next[TT_TERMS_MAX];
        int n;
        read(&states[i], s->terms, rows[i].tokens, rows[i].count);
        int open = met(&states[i], s->terms, next, &n) < all;
        if (open) rows[i].logits[s->o->eos] = -INFINITY;
        n = open ? likeliest(next, n, rows[i].logits) : 0;
        for (int j = 0; j < n; j++) add(&p, &rows[i], &states[i], next[j]);
        add(&p, &rows[i], &states[i], (int32_t)s->k->argmax(rows[i].logits, (size_t)s->vocab));
    }
    add_likeliest(&p, s, rows, states, count);
    return share_out(list, &p, s->width);
}
