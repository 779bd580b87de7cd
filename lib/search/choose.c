/* choose.c: which continuations of a beam's rows are the best. See beam.h.
 *
 * A row is read once for the greatest of each block of it, after which only blocks that hold one of
 * the best are looked into. Where something is steered for, steer.h chooses; where only the best
 * token is asked for, the product has found it already.
 */
#include "search/searching.h"

#include <math.h>
#include <stdbool.h>

#include "base/rng.h"
#include "text/wellformed.h"

enum { BLOCK = TT_SEARCH_BLOCK /* long enough for the kernel, short enough to look into */ };

/* Enters a candidate into list (n of at most width, best first); equal ones stay behind. */
static int enter(tt_continuation *list, int n, int width, tt_continuation c) {
    int at = n < width ? n++ : n - 1;
    while (at > 0 && c.path > list[at - 1].path) {
        list[at] = list[at - 1];
        at--;
    }
    list[at] = c;
    return n;
}

/* Row r's logits, of all tokens or of those that its sentence may use. */
static tt_view view_of(const struct search *x, const struct beam *s, int r) {
    float *row =
        x->logits + (size_t)(r - x->from) * (size_t)(x->subvocab ? x->subvocab->count : x->vocab);
    return x->subvocab ? tt_subvocab_view(x->subvocab, s->sentence, row)
                       : (tt_view){row, NULL, x->vocab};
}

static size_t block_size(const tt_view *v, int b) {
    return (size_t)(v->count - b * BLOCK < BLOCK ? v->count - b * BLOCK : BLOCK);
}

static int32_t token_at(const tt_view *v, int i) { return v->ids ? v->ids[i] : i; }

/* Whether nothing is asked of a step but each row's best token: a beam of one, without scores. */
bool tt_search_picks(const struct search *x) {
    return x->o->beam == 1 && !x->o->want_scores && !x->steering && !x->subvocab &&
           !tt_ensemble_is_log(&x->models) && tt_model_picks(x->models.m->model[0]);
}

static bool may_say_replaced(const struct search *x, const struct beam *s) {
    return x->in->replaced && x->in->replaced[s->sentence];
}

/* 1 if the token ends an n-gram that the hypothesis up to `last` has already. */
static int repeats(const struct search *x, int32_t last, int32_t token) {
    for (int32_t at = last; at >= 0; at = x->nodes[at].parent) {
        if (x->nodes[at].token != token) continue;
        int32_t before = x->nodes[at].parent, end = last;
        int left = x->o->no_repeat - 1;
        for (; left && before >= 0 && x->nodes[before].token == x->nodes[end].token; left--) {
            before = x->nodes[before].parent;
            end = x->nodes[end].parent;
        }
        if (!left) return 1;
    }
    return 0;
}

/* 1 if the row may go on with the token, which is not barred. */
static bool may_follow(const struct search *x, const struct beam *s, int step, int32_t row,
                       int32_t token) {
    const tt_wellformed *w = x->o->wellformed;
    if (token == x->o->eos) {
        int shown = 0;
        for (int32_t at = x->now.node[row]; at >= 0 && shown < x->o->min_length;
             at = x->nodes[at].parent)
            shown += !w || tt_wellformed_shows(w, x->nodes[at].token);
        return shown == x->o->min_length && !x->now.state[row];
    }
    if (x->o->no_repeat && repeats(x, x->now.node[row], token)) return false;
    if (!w || (!w->kind[token] && !x->now.state[row])) return true;
    return tt_wellformed_may(w, x->now.state[row], token, s->limit - step - 1,
                             may_say_replaced(x, s));
}

/* Enters the tokens that go on with the unfinished character of row r. */
static int choose_byte(const struct search *x, const struct beam *s, int r, const tt_view *v,
                       double base, tt_continuation *list, int n) {
    int32_t ids[TT_WELLFORMED_MOST];
    const int count =
        tt_wellformed_bytes(x->o->wellformed, x->now.state[r], may_say_replaced(x, s), ids);
    for (int i = 0; i < count; i++) {
        int at = tt_view_find(v, ids[i]);
        tt_continuation c = {at < 0 ? -HUGE_VAL : base + (double)v->row[at], r, ids[i], 0, 0};
        if (c.path > (n < s->width ? -HUGE_VAL : list[n - 1].path)) n = enter(list, n, s->width, c);
    }
    return n;
}

/* The best continuations of a sentence's rows, best first; returns how many, at most its width. A
   row's best token is looked for first and asked whether it may follow then, for it nearly always
   may. */
static int choose(struct search *x, const struct beam *s, int step, tt_continuation *list) {
    const tt_kernels *k = x->run->k;
    const tt_search_opts *o = x->o;
    int n = 0;
    int softmax = (o->beam > 1 || o->want_scores) && !tt_ensemble_is_log(&x->models);
    for (int r = s->first; r < s->first + s->rows; r++) {
        tt_view v = view_of(x, s, r);
        double base = x->now.path[r];
        if (softmax) base -= (double)k->logsumexp(v.row, (size_t)v.count);
        for (int i = 0; i < o->barred_count; i++) {
            int at = tt_view_find(&v, o->barred[i]);
            if (at >= 0) v.row[at] = -INFINITY;
        }
        if (step + 1 == s->limit) {
            tt_continuation c = {base + (double)v.row[tt_view_find(&v, o->eos)], r, o->eos, 0, 0};
            if (n < s->width || c.path > list[n - 1].path) n = enter(list, n, s->width, c);
            continue;
        }
        if (x->now.state[r]) {
            n = choose_byte(x, s, r, &v, base, list, n);
            continue;
        }
        for (int b = 0; b * BLOCK < v.count; b++)
            x->peaks[b] = k->max(v.row + b * BLOCK, block_size(&v, b));
        for (;;) {
            int b = (int)k->argmax(x->peaks, (size_t)(v.count + BLOCK - 1) / BLOCK);
            tt_continuation c = {base + (double)x->peaks[b], r, 0, 0, 0};
            if (!(c.path > (n < s->width ? -HUGE_VAL : list[n - 1].path))) break;
            int at = b * BLOCK + (int)k->argmax(v.row + b * BLOCK, block_size(&v, b));
            c.token = token_at(&v, at);
            if (may_follow(x, s, step, r, c.token)) n = enter(list, n, s->width, c);
            v.row[at] = -INFINITY;
            x->peaks[b] = k->max(v.row + b * BLOCK, block_size(&v, b));
        }
    }
    return n;
}

/* The same where there is something to steer for. */
static int choose_steered(struct search *x, const struct beam *s, int step, tt_continuation *list) {
    struct steering *t = x->steering;
    const tt_seqs *prefix = x->in->prefix;
    int b = s->sentence, forced = -1;
    if (t->sentence != b || t->step != step) t->taken_count = 0;
    t->sentence = b;
    t->step = step;
    if (prefix && step < prefix->off[b + 1] - prefix->off[b])
        forced = prefix->ids[prefix->off[b] + step];
    for (int i = 0; i < s->rows; i++) {
        int r = s->first + i, at = step;
        for (int32_t node = x->now.node[r]; node >= 0; node = x->nodes[node].parent) {
            t->tokens[i][--at] = x->nodes[node].token;
            if (x->node_term) t->terms[i][at] = x->node_term[node];
        }
        t->row[i] = (tt_steer_row){t->tokens[i],
                                   step,
                                   x->now.path[r],
                                   view_of(x, s, r).row,
                                   r,
                                   x->now.state[r],
                                   x->node_term ? t->terms[i] : NULL,
                                   x->row_maps ? x->row_maps[r] : NULL};
    }
    tt_steer how = {.k = x->run->k,
                    .o = x->o,
                    .vocab = x->vocab,
                    .width = s->width,
                    .is_log = tt_ensemble_is_log(&x->models),
                    .last = step + 1 == s->limit,
                    .left = s->limit - step - 1,
                    .replaced = may_say_replaced(x, s),
                    .forced = forced,
                    .taken = t->taken,
                    .taken_count = t->taken_count,
                    .terms = x->in->terms ? x->in->terms[b] : NULL,
                    .key = x->in->keys ? tt_key(x->in->keys[b], (uint64_t)s->group) : 0,
                    .step = step,
                    .work = t->work,
                    .order = t->order};
    int n = tt_steer_choose(list, &how, t->row, s->rows);
    for (int i = 0; i < n && x->o->groups > 1; i++) t->taken[t->taken_count++] = list[i].token;
    return n;
}
/* What a beam of one goes on with: its row's best token, or, where that may not follow, the best of
 * the others. */
static int choose_picked(struct search *x, const struct beam *s, int step, tt_continuation *list) {
    const tt_greatest *g = &x->picked[s->first];
    const int last = step + 1 == s->limit;
    if (last || may_follow(x, s, step, s->first, g->place)) {
        list[0] = (tt_continuation){g->number, s->first, last ? x->o->eos : g->place, 0, 0};
        return 1;
    }
    tt_mark mark = tt_arena_mark(x->run->arena);
    x->from = s->first;
    x->logits = tt_ensemble_logits(&x->models, x->run, x->from, x->looked = s->rows);
    int n = x->run->failed ? 0 : choose(x, s, step, list);
    tt_arena_rewind(x->run->arena, mark);
    return n;
}

int tt_search_choose(struct search *x, const struct beam *s, int step, tt_continuation *list) {
    return x->steering ? choose_steered(x, s, step, list)
           : x->picked ? choose_picked(x, s, step, list)
                       : choose(x, s, step, list);
}
