/* constrain.c: see constrain.h. What a hypothesis has met follows from its tokens, so it is counted
 * again at each step and nothing has to be carried from row to row.
 */
#include "search/constrain.h"

#include <math.h>

#include "search/steer.h"

/* How far a hypothesis is with each term. */
struct state {
    int progress[TT_TERMS_MAX]; /* tokens of the term said last, in a row */
    uint32_t done;              /* bits */
    int met;
};

static int length(const tt_terms *t, int i) { return t->off[i + 1] - t->off[i]; }

static void take(struct state *s, const tt_terms *t, int32_t token) {
    int completed = -1;
    for (int i = 0; i < t->count; i++) {
        if (s->done >> i & 1) continue;
        const int32_t *ids = t->ids + t->off[i];
        int *p = &s->progress[i];
        *p = token == ids[*p] ? *p + 1 : token == ids[0];
        if (*p == length(t, i) && (completed < 0 || *p > length(t, completed))) completed = i;
    }
    if (completed < 0) return;
    s->done |= (uint32_t)1 << completed;
    s->met += length(t, completed);
    for (int i = 0; i < t->count; i++) s->progress[i] = 0; /* a token serves one term */
}

static struct state read(const tt_terms *t, const int32_t *tokens, int count) {
    struct state s = {{0}, 0, 0};
    for (int i = 0; i < count; i++) take(&s, t, tokens[i]);
    return s;
}

static int furthest(const struct state *s, const tt_terms *t) {
    int most = 0;
    for (int i = 0; i < t->count; i++)
        if (s->progress[i] > most) most = s->progress[i];
    return most;
}

int tt_terms_met(const tt_terms *t, const int32_t *tokens, int count, int32_t *next, int *n) {
    struct state s = read(t, tokens, count);
    int most = furthest(&s, t);
    *n = 0;
    for (int i = 0; i < t->count; i++)
        if (!(s.done >> i & 1) && s.progress[i] == most) next[(*n)++] = t->ids[t->off[i] + most];
    return s.met + most;
}

int tt_terms_width(const tt_terms *t, int beam) {
    int width = beam + t->off[t->count];
    return width < TT_BEAM_MAX ? width : TT_BEAM_MAX;
}

/* ---- a step -------------------------------------------------------------------------------- */

enum { MOST = TT_BEAM_MAX * (TT_TERMS_MAX + 2) }; /* choices looked at */

struct banked {
    tt_choice c;
    int met, taken;
};

struct pool {
    const tt_terms *t;
    struct banked all[MOST];
    int n;
};

static void add(struct pool *p, const tt_steer_row *r, int32_t token) {
    double path = r->path + (double)r->logits[token];
    if (!(path > -HUGE_VAL) || p->n == MOST) return;
    for (int i = 0; i < p->n; i++)
        if (p->all[i].c.row == r->row && p->all[i].c.token == token) return;
    struct state s = read(p->t, r->tokens, r->count);
    take(&s, p->t, token);
    p->all[p->n++] =
        (struct banked){{path, r->row, token}, s.met + furthest(&s, p->t), 0};
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
   go to the best of the rest. */
static int share_out(tt_choice *list, struct pool *p, int width) {
    int banks = p->t->off[p->t->count] + 1, left = width, n = 0;
    for (int bank = banks - 1; bank >= 0; bank--) {
        int share = width / banks + (banks - 1 - bank < width % banks), at;
        while (share-- > 0 && left > 0 && (at = best(p, bank)) >= 0) {
            p->all[at].taken = 1;
            left--;
        }
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
static void add_likeliest(struct pool *p, const tt_steer *s, const tt_steer_row *rows, int count) {
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
    for (int i = 0; i < n; i++) add(p, &rows[list[i].row], list[i].token);
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
    struct pool p = {.t = s->terms};
    int all = s->terms->off[s->terms->count];
    for (int i = 0; i < count; i++) {
        int32_t next[TT_TERMS_MAX];
        int n;
        int open = tt_terms_met(s->terms, rows[i].tokens, rows[i].count, next, &n) < all;
        if (open) rows[i].logits[s->o->eos] = -INFINITY;
        for (int j = 0; open && j < n; j++) add(&p, &rows[i], next[j]);
        add(&p, &rows[i], (int32_t)s->k->argmax(rows[i].logits, (size_t)s->vocab));
    }
    add_likeliest(&p, s, rows, count);
    return share_out(list, &p, s->width);
}
