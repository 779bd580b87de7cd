/* steer.c: see steer.h. Where sampling is asked for, one number under the hypothesis' key decides a
 * step: the inverse of the distribution function at it. What is drawn thus hangs on neither batch
 * nor threads.
 */
#include "search/steer.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "text/wellformed.h"

bool tt_steer_needed(const tt_search_opts *o, const tt_search_in *in) {
    return o->groups > 1 || o->sampling || in->prefix || in->terms;
}

/* Inside a character nothing is left but its bytes, repeated or not. */
static void keep_bytes(const tt_steer *s, const tt_steer_row *r) {
    int32_t ids[TT_WELLFORMED_MOST];
    float kept[TT_WELLFORMED_MOST];
    const int n = tt_wellformed_bytes(s->o->wellformed, r->state, s->replaced, ids);
    for (int i = 0; i < n; i++) kept[i] = r->logits[ids[i]];
    for (int t = 0; t < s->vocab; t++) r->logits[t] = -INFINITY;
    for (int i = 0; i < n; i++) r->logits[ids[i]] = kept[i];
}

/* 1 if the row has said as little as a translation must. */
static bool is_long_enough(const tt_steer *s, const tt_steer_row *r) {
    const tt_wellformed *w = s->o->wellformed;
    int shown = 0;
    for (int i = r->count - 1; i >= 0 && shown < s->o->min_length; i--)
        shown += !w || tt_wellformed_shows(w, r->tokens[i]);
    return shown == s->o->min_length;
}

static void strike(const tt_steer *s, const tt_steer_row *r) {
    const tt_wellformed *w = s->o->wellformed;
    if (r->state) {
        keep_bytes(s, r);
        return;
    }
    for (int i = 0; w && i < w->odd_count; i++)
        if (!tt_wellformed_may(w, 0, w->odd[i], s->left, s->replaced))
            r->logits[w->odd[i]] = -INFINITY;
    if (!is_long_enough(s, r)) r->logits[s->o->eos] = -INFINITY;
    for (int i = 0; i < s->o->barred_count; i++) r->logits[s->o->barred[i]] = -INFINITY;
    int before = s->o->no_repeat - 1; /* tokens that an n-gram has before its last */
    if (before < 0 || r->count < before) return;
    const int32_t *end = r->tokens + (r->count - before);
    for (int i = 0; i + before < r->count; i++)
        if (!memcmp(r->tokens + i, end, (size_t)before * sizeof *end))
            r->logits[r->tokens[i + before]] = -INFINITY;
}

static int times_taken(const tt_steer *s, int32_t token) {
    int n = 0;
    for (int i = 0; i < s->taken_count; i++) n += s->taken[i] == token;
    return n;
}

static void push_away(const tt_steer *s, float *logits) {
    for (int i = 0; i < s->taken_count; i++) logits[s->taken[i]] -= (float)s->o->diversity;
}

/* Enters a choice into list (n of at most width, best first); equal ones stay behind. */
static int enter(tt_continuation *list, int n, int width, tt_continuation c) {
    if (!(c.path > -HUGE_VAL) || (n == width && !(c.path > list[n - 1].path))) return n;
    int at = n < width ? n++ : n - 1;
    for (; at > 0 && c.path > list[at - 1].path; at--) list[at] = list[at - 1];
    list[at] = c;
    return n;
}

/* ---- sampling ------------------------------------------------------------------------------ */

static int likelier(float p, int32_t a, float q, int32_t b) { return p > q || (p == q && a < b); }

/* The k likeliest tokens, likeliest first; returns how many there are. */
static int top_k(int32_t *order, const float *p, int vocab, int k) {
    int n = 0;
    for (int32_t t = 0; t < vocab; t++) {
        if (!(p[t] > 0) || (n == k && !(p[t] > p[order[n - 1]]))) continue;
        int at = n < k ? n++ : n - 1;
        for (; at > 0 && p[t] > p[order[at - 1]]; at--) order[at] = order[at - 1];
        order[at] = t;
    }
    return n;
}

/* Sorts by heaps, which needs no room and no context. */
static void sort(int32_t *order, int n, const float *p) {
    for (int heap = n / 2, end = n; end > 1;) {
        int32_t moved;
        if (heap > 0) {
            moved = order[--heap];
        } else {
            moved = order[--end];
            order[end] = order[0];
        }
        int at = heap; /* the least likely on top */
        for (int child; (child = 2 * at + 1) < end; at = child) {
            if (child + 1 < end &&
                likelier(p[order[child]], order[child], p[order[child + 1]], order[child + 1]))
                child++;
            if (likelier(p[order[child]], order[child], p[moved], moved)) break;
            order[at] = order[child];
        }
        order[at] = moved;
    }
}

/* The tokens that may belong to the likeliest of mass top_p, likeliest first. Those left out have
   less than (1 - top_p) / V each, so all of them together cannot be needed. */
static int likely(int32_t *order, const float *p, int vocab, double top_p) {
    float least = (float)((1 - top_p) / vocab);
    int n = 0;
    for (int32_t t = 0; t < vocab; t++)
        if (p[t] > 0 && p[t] >= least) order[n++] = t;
    sort(order, n, p);
    return n;
}

/* The token at which the sum over the n tokens of `order` (all, in order, where NULL) reaches the
   part `u` of their whole sum. */
static int32_t pick(const float *p, const int32_t *order, int n, double u) {
    double sum = 0, all = 0;
    int32_t token = -1;
    for (int i = 0; i < n; i++) all += (double)p[order ? order[i] : i];
    for (int i = 0; i < n && (token < 0 || !(sum > u * all)); i++) {
        int32_t t = order ? order[i] : i;
        if (p[t] > 0) token = t;
        sum += (double)p[t];
    }
    return token;
}

static int sample(tt_continuation *list, const tt_steer *s, const tt_steer_row *r) {
    const tt_search_opts *o = s->o;
    s->k->softmax(s->work, r->logits, (float)(1 / o->temperature), (size_t)s->vocab);
    int n = s->vocab;
    int32_t *order = o->top_k > 0 || o->top_p < 1 ? s->order : NULL;
    if (o->top_k > 0)
        n = top_k(order, s->work, s->vocab, o->top_k < s->vocab ? o->top_k : s->vocab);
    else if (order) n = likely(order, s->work, s->vocab, o->top_p);
    if (o->top_p < 1) {
        double sum = 0, all = 0;
        int kept = 0;
        for (int i = 0; i < n; i++) all += (double)s->work[order[i]];
        while (kept < n && (!kept || sum < o->top_p * all)) sum += (double)s->work[order[kept++]];
        n = kept;
    }
    int32_t token = pick(s->work, order, n, tt_rand_unit(s->key, (uint64_t)s->step));
    if (token < 0) return 0;
    list[0] = (tt_continuation){r->path + (double)r->logits[token], r->row, token, 0, 0};
    return list[0].path > -HUGE_VAL;
}

/* ---- all ----------------------------------------------------------------------------------- */

/* Every row goes on with the same token. */
static int forced(tt_continuation *list, const tt_steer *s, const tt_steer_row *rows, int count,
                  int32_t token) {
    int n = 0;
    for (int i = 0; i < count; i++)
        n = enter(list, n, s->width,
                  (tt_continuation){rows[i].path + (double)rows[i].logits[token], rows[i].row,
                                    token, TT_LOOKED_ANY, 0});
    return n;
}

int tt_steer_choose(tt_continuation *list, const tt_steer *s, tt_steer_row *rows, int count) {
    int n = 0;
    for (int i = 0; i < count; i++) {
        tt_steer_row *r = &rows[i];
        if (!s->is_log) r->path -= (double)s->k->logsumexp(r->logits, (size_t)s->vocab);
    }
    if (s->forced >= 0) return forced(list, s, rows, count, s->forced);
    if (s->last && !s->terms) return forced(list, s, rows, count, s->o->eos);
    for (int i = 0; i < count; i++) strike(s, &rows[i]);
    if (s->o->sampling) return count ? sample(list, s, rows) : 0;
    if (s->terms) return tt_terms_choose(list, s, rows, count);
    for (int i = 0; i < count; i++) {
        push_away(s, rows[i].logits);
        for (int32_t t = 0; t < s->vocab; t++)
            n = enter(
                list, n, s->width,
                (tt_continuation){rows[i].path + (double)rows[i].logits[t], rows[i].row, t, 0, 0});
    }
    for (int i = 0; i < n; i++) list[i].path += s->o->diversity * times_taken(s, list[i].token);
    return n;
}
