/* beam.c: see beam.h. One loop serves all searches, greedy being a beam of one.
 *
 * A beam is a sentence, or one group of it, or one of its samples. Rows of a step are the open
 * hypotheses of all beams still searched, beam after beam. For each beam the best `width` of its
 * rows × V continuations are chosen; each becomes a node of a tree that grows from the leaves (a
 * node knows its parent), and either a row of the next step or, with eos, a finished hypothesis.
 * Logits are computed for a few beams at a time and chosen from (choose.c) before they leave the
 * processor's caches.
 *
 * All memory is taken before the first step. Sums of log-probabilities are doubles, added in the
 * order of the tokens.
 */
#include "search/beam.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "search/searching.h"
#include "text/wellformed.h"

/* A source token that no weight fell on costs no more than this logarithm. */
static const double LEAST_SEEN = 1e-10;

enum {
    /* Logits of as many rows as stay in a level 2 cache until they are chosen from, */
    AT_ONCE = 1 << 18,
    LEAST_ROWS = 24 /* but not of fewer than the product is fast for */
};

void tt_search_init(tt_search_opts *o, int eos) {
    *o = (tt_search_opts){.beam = 1,
                          .n_best = 1,
                          .max_length_factor = 3,
                          .eos = eos,
                          .groups = 1,
                          .temperature = 1,
                          .top_p = 1};
}

int tt_search_limit(const tt_search_opts *o, const tt_model *m, int n) {
    double limit = floor(o->max_length_factor * n) + TT_LENGTH_SLACK;
    return limit < tt_model_longest(m) ? (int)limit : tt_model_longest(m);
}

double tt_search_score(const tt_search_opts *o, double path, int n) {
    double score = path - o->word_penalty * n;
    return o->normalize > 0 ? score / pow(n, o->normalize) : score;
}

/* No continuation of a path that is now n tokens long scores higher: log p only falls, and what
   remains of the score is bounded by its value at one end of the possible lengths. */
static double score_bound(const tt_search_opts *o, double path, int n, int limit) {
    double penalty = o->word_penalty > 0 ? o->word_penalty * (n + 1) : o->word_penalty * limit;
    double score = path - penalty;
    return o->normalize > 0 ? score / pow(score < 0 ? limit : n + 1, o->normalize) : score;
}

static int check_steering(const tt_models *m, const tt_search_in *in, const tt_search_opts *o,
                          tt_err *e) {
    if (o->groups < 1 || o->groups > o->beam || !(o->diversity >= 0) || !(o->coverage >= 0))
        return tt_fail(e, TT_EINTERNAL, "%d groups or their strength are out of range", o->groups);
    if (o->coverage > 0 && !o->want_alignment)
        return tt_fail(e, TT_EINTERNAL, "a coverage penalty needs the alignment");
    if (o->sampling && (o->beam != o->n_best || o->groups > 1 || in->terms || !in->keys ||
                        !(o->temperature > 0) || !(o->top_p > 0 && o->top_p <= 1)))
        return tt_fail(e, TT_EINTERNAL, "sampling is out of range, or mixed with beams");
    if (m->count < 1 || m->count > TT_ENSEMBLE_MAX)
        return tt_fail(e, TT_EINTERNAL, "%d models are out of range", m->count);
    for (int i = 1; i < m->count; i++)
        if (tt_model_outputs(m->model[i]) != tt_model_outputs(m->model[0]))
            return tt_fail(e, TT_EINTERNAL, "models of different vocabularies");
    const tt_seqs *p = in->prefix;
    if (!p) return 0;
    if (p->count != in->src->count)
        return tt_fail(e, TT_EINTERNAL, "%d sentences with %d beginnings", in->src->count,
                       p->count);
    for (int32_t i = 0; i < p->off[p->count]; i++)
        if (p->ids[i] < 0 || p->ids[i] >= tt_model_outputs(m->model[0]) || p->ids[i] == o->eos)
            return tt_fail(e, TT_EINTERNAL, "token %d cannot begin a translation", (int)p->ids[i]);
    for (int b = 0; b < p->count; b++)
        for (int i = 0; i < m->count; i++)
            if (p->off[b + 1] - p->off[b] >= tt_model_longest(m->model[i]))
                return tt_fail(e, TT_EINTERNAL, "a beginning is as long as the model's reach");
    return 0;
}

static int check(const tt_model *m, const tt_seqs *src, const tt_search_opts *o, tt_err *e) {
    if (o->beam < 1 || o->beam > TT_BEAM_MAX || o->n_best < 1 || o->n_best > o->beam)
        return tt_fail(e, TT_EINTERNAL, "beam of %d with %d best is out of range", o->beam,
                       o->n_best);
    if (!(o->max_length_factor > 0) || !(o->normalize >= 0) || o->min_length < 0 || o->eos < 0 ||
        o->eos >= tt_model_outputs(m))
        return tt_fail(e, TT_EINTERNAL, "search settings are out of range");
    if (o->wellformed && o->wellformed->size != tt_model_outputs(m))
        return tt_fail(e, TT_EINTERNAL, "a table of %d pieces for a model of %d",
                       o->wellformed->size, tt_model_outputs(m));
    for (int i = 0; i < o->barred_count; i++)
        if (o->barred[i] < 0 || o->barred[i] >= tt_model_outputs(m) || o->barred[i] == o->eos)
            return tt_fail(e, TT_EINTERNAL, "token %d cannot be barred", (int)o->barred[i]);
    for (int b = 0; b < src->count; b++)
        if (src->off[b + 1] <= src->off[b] || src->off[b + 1] - src->off[b] > tt_model_longest(m))
            return tt_fail(e, TT_EINTERNAL, "sentence of %d tokens for a model of 1 to %d",
                           (int)(src->off[b + 1] - src->off[b]), tt_model_longest(m));
    return 0;
}

static struct rows make_rows(tt_run *run, size_t n) {
    struct rows r;
    r.prev = tt_run_alloc(run, n * sizeof *r.prev);
    r.parent = tt_run_alloc(run, n * sizeof *r.parent);
    r.sentence = tt_run_alloc(run, n * sizeof *r.sentence);
    r.node = tt_run_alloc(run, n * sizeof *r.node);
    r.path = tt_run_alloc(run, n * sizeof *r.path);
    r.state = tt_run_alloc(run, n * sizeof *r.state);
    return r;
}

static bool is_aligned(const struct search *x, int b) {
    return x->o->want_alignment || (x->in->aligned && x->in->aligned[b]);
}

/* Room for the weights of a step, and of all steps of those sentences that are aligned. */
static void prepare_alignment(struct search *x, int heads, int longest, size_t rows, size_t cells,
                              size_t weights) {
    x->map = (size_t)heads * (size_t)longest;
    if (weights) {
        x->alignment = tt_run_alloc(x->run, weights * sizeof *x->alignment);
        x->align_at = tt_run_alloc(x->run, cells * sizeof *x->align_at);
    }
    x->heads = tt_run_alloc(x->run, rows * x->map * sizeof *x->heads);
    x->row_maps = tt_run_alloc(x->run, rows * sizeof *x->row_maps);
}

/* Says where the weights of each row of the next step go. */
static void set_maps(struct search *x, int rows) {
    for (int r = 0; r < rows; r++) {
        const int wanted = x->in->terms || is_aligned(x, x->now.sentence[r]);
        x->row_maps[r] = wanted ? x->heads + (size_t)r * x->map : NULL;
    }
}

static void prepare_steering(struct search *x, int most) {
    struct steering *t = tt_run_alloc(x->run, sizeof *t);
    int32_t *tokens = tt_run_alloc(x->run, (size_t)TT_BEAM_MAX * (size_t)most * sizeof *tokens);
    uint16_t *terms = tt_run_alloc(x->run, (size_t)TT_BEAM_MAX * (size_t)most * sizeof *terms);
    if (x->run->failed) return;
    t->work = x->o->sampling ? tt_run_alloc(x->run, (size_t)x->vocab * sizeof *t->work) : NULL;
    t->order = x->o->sampling ? tt_run_alloc(x->run, (size_t)x->vocab * sizeof *t->order) : NULL;
    t->sentence = t->step = -1;
    t->taken_count = 0;
    for (size_t i = 0; i < TT_BEAM_MAX; i++) {
        t->tokens[i] = tokens + i * (size_t)most;
        t->terms[i] = terms + i * (size_t)most;
    }
    x->steering = t;
}

/* The hypotheses of group g of sentence b: an even share of the beam. */
static int share(const struct search *x, int b, int g) {
    const tt_terms *terms = x->in->terms ? x->in->terms[b] : NULL;
    int beam = terms ? tt_terms_width(terms, x->o->beam) : x->o->beam;
    return beam / x->groups + (g < beam % x->groups);
}

/* The longest a translation of sentence b may be: no model's reach is exceeded, and a beginning
   does not count. */
static int longest_output(const tt_models *m, const tt_search_in *in, const tt_search_opts *o,
                          int b) {
    int n = in->src->off[b + 1] - in->src->off[b], least = 0;
    for (int i = 0; i < m->count; i++) {
        int reach = tt_model_longest(m->model[i]), limit = tt_search_limit(o, m->model[i], n);
        if (in->prefix) limit += in->prefix->off[b + 1] - in->prefix->off[b];
        if (limit > reach) limit = reach;
        if (!i || limit < least) least = limit;
    }
    return least;
}

/* All that a search needs. Returns the room that the models' caches must have. */
static const tt_capacity *prepare(struct search *x, tt_run *run, const tt_models *m,
                                  const tt_search_in *in, const tt_search_opts *o) {
    const tt_seqs *src = in->src;
    int groups = o->sampling ? o->n_best : o->groups;
    size_t beams = (size_t)src->count * (size_t)groups, weights = 0;
    size_t rows = 0, cells = 0; /* at most, of a step and of all steps; as many choices are made */
    *x = (struct search){.run = run, .in = in, .o = o, .vocab = tt_model_outputs(m->model[0])};
    x->groups = groups;
    tt_capacity *room = tt_run_alloc(run, (size_t)src->count * sizeof *room);
    x->s = tt_run_alloc(run, beams * sizeof *x->s);
    x->active = tt_run_alloc(run, beams * sizeof *x->active);
    struct finished *best = tt_run_alloc(run, beams * (size_t)o->n_best * sizeof *best);
    if (run->failed) return NULL;
    int longest = 0, most = 0;
    for (int b = 0; b < src->count; b++) {
        int n = src->off[b + 1] - src->off[b], limit = longest_output(m, in, o, b);
        if (n > longest) longest = n;
        if (limit > most) most = limit;
        room[b] = (tt_capacity){0, limit};
        for (int g = 0; g < groups; g++) {
            int i = b * groups + g;
            struct beam *s = &x->s[i];
            *s = (struct beam){
                b, g, i, 1, share(x, b, g), limit, n, 0, best + (size_t)i * (size_t)o->n_best};
            size_t made = (size_t)limit * (size_t)s->width;
            room[b].rows += s->width;
            rows += (size_t)s->width;
            cells += made;
            if (is_aligned(x, b)) weights += made * (size_t)n;
            x->active[x->active_count++] = i;
        }
    }
    x->now = make_rows(run, rows);
    x->next = make_rows(run, rows);
    x->nodes = tt_run_alloc(run, cells * sizeof *x->nodes);
    x->peaks = tt_run_alloc(run, ((size_t)x->vocab / TT_SEARCH_BLOCK + 1) * sizeof *x->peaks);
    if (run->failed) return NULL;
    for (int i = 0; i < (int)beams; i++) {
        x->now.prev[i] = x->now.node[i] = -1;
        x->now.parent[i] = i;
        x->now.sentence[i] = x->s[i].sentence;
        x->now.path[i] = 0;
        x->now.state[i] = 0;
    }
    if (tt_steer_needed(o, in)) prepare_steering(x, most);
    if (in->terms) x->node_term = tt_run_alloc(run, cells * sizeof *x->node_term);
    if (weights || in->terms)
        prepare_alignment(x, tt_model_align_heads(m->model[0]), longest, rows, cells, weights);
    return run->failed ? NULL : room;
}

/* β Σ_s log(min(1, Σ_t a_ts)): what of the source the hypothesis left out. */
static double coverage(const struct search *x, const struct beam *s, int32_t last) {
    double sum = 0;
    for (int i = 0; i < s->source; i++) {
        double seen = 0;
        for (int32_t node = last; node >= 0; node = x->nodes[node].parent)
            seen += (double)x->alignment[x->align_at[node] + (size_t)i];
        if (seen < 1) sum += log(seen > LEAST_SEEN ? seen : LEAST_SEEN);
    }
    return x->o->coverage * sum;
}

static bool comes_before(const struct finished *a, const struct finished *b) {
    return a->met > b->met || (a->met == b->met && a->score > b->score);
}

/* Keeps a finished hypothesis if it is among the n best. */
static void finish(struct search *x, struct beam *s, double path, int32_t node, int met) {
    double penalty = x->o->coverage > 0 ? coverage(x, s, node) : 0;
    double score = tt_search_score(x->o, path, x->nodes[node].depth) + penalty;
    int at = s->done;
    const struct finished f = {score, path, penalty, node, met};
    while (at > 0 && comes_before(&f, &s->best[at - 1])) at--;
    if (at == x->o->n_best) return;
    if (s->done < x->o->n_best) s->done++;
    for (int i = s->done - 1; i > at; i--) s->best[i] = s->best[i - 1];
    s->best[at] = f;
}

static int32_t grow(struct search *x, const struct beam *s, const tt_continuation *c) {
    int32_t row = c->row, parent = x->now.node[row], node = x->node_count++;
    x->nodes[node] = (struct node){c->token, parent, parent < 0 ? 1 : x->nodes[parent].depth + 1,
                                   (float)(c->path - x->now.path[row])};
    if (x->node_term) x->node_term[node] = (uint16_t)c->looked;
    if (x->align_at && is_aligned(x, s->sentence)) {
        x->align_at[node] = x->align_used;
        memcpy(x->alignment + x->align_used, x->row_maps[row],
               (size_t)s->source * sizeof *x->alignment);
        x->align_used += (size_t)s->source;
    }
    return node;
}

/* One beam, one step: its rows in `next` begin at `first`. How many there are; 0: done. */
static int advance(struct search *x, int b, int step, int first) {
    struct beam *s = &x->s[b];
    tt_continuation list[TT_BEAM_MAX];
    int open = 0;
    int n = tt_search_choose(x, s, step, list);
    double best = -HUGE_VAL; /* of the open ones */
    if (!n && s->done) return 0;
    if (!n)
        list[n++] = (tt_continuation){-INFINITY, s->first, x->o->eos, 0, 0}; /* nothing but NaN */
    for (int i = 0; i < n; i++) {
        tt_continuation c = list[i];
        int32_t node = grow(x, s, &c);
        if (c.token == x->o->eos) {
            finish(x, s, c.path, node, c.met);
            s->width--;
        } else {
            int r = first + open++;
            x->next.prev[r] = c.token;
            x->next.parent[r] = c.row;
            x->next.sentence[r] = s->sentence;
            x->next.node[r] = node;
            x->next.path[r] = c.path;
            x->next.state[r] =
                x->o->wellformed
                    ? (uint8_t)tt_wellformed_next(x->o->wellformed, x->now.state[c.row], c.token)
                    : 0;
            if (c.path > best) best = c.path;
        }
    }
    s->first = first;
    s->rows = open;
    const tt_terms *terms = x->in->terms ? x->in->terms[s->sentence] : NULL;
    if (open && s->done == x->o->n_best && s->best[s->done - 1].met == (terms ? terms->count : 0)) {
        double bound = score_bound(x->o, best, step + 1, s->limit);
        if (!(bound > s->best[s->done - 1].score)) return 0;
    }
    return s->width > 0 ? open : 0;
}

/* Computes the logits of the beams from active[i] on: an even share of a step's rows. */
static int look(struct search *x, int i, int rows) {
    const int at_once = AT_ONCE / (x->subvocab ? x->subvocab->count : x->vocab) + 1;
    const int parts = rows / (at_once < LEAST_ROWS ? LEAST_ROWS : at_once) + 1,
              share = (rows - 1) / parts + 1;
    x->from = x->s[x->active[i]].first;
    x->looked = 0;
    while (i < x->active_count && x->looked < share) x->looked += x->s[x->active[i++]].rows;
    x->logits = tt_ensemble_logits(&x->models, x->run, x->from, x->looked);
    return x->run->failed;
}

static void loop(struct search *x, int rows) {
    if (tt_search_picks(x)) x->picked = tt_run_alloc(x->run, (size_t)rows * sizeof *x->picked);
    for (int step = 0; rows && tt_ensemble_reserve(&x->models, x->run, rows); step++) {
        tt_mark mark = tt_arena_mark(x->run->arena);
        if (x->row_maps) set_maps(x, rows);
        if (!tt_ensemble_step(&x->models, x->run, rows, x->now.prev, x->now.parent, x->now.sentence,
                              x->row_maps))
            return;
        if (x->picked && tt_decoding_pick(x->run, x->models.decoding[0], x->o->barred,
                                          x->o->barred_count, x->picked))
            return;
        tt_mark behind = tt_arena_mark(x->run->arena);
        int still = 0, next = 0;
        x->from = x->looked = 0;
        for (int i = 0; i < x->active_count; i++) {
            if (!x->picked && x->s[x->active[i]].first == x->from + x->looked) {
                tt_arena_rewind(x->run->arena, behind);
                if (look(x, i, rows)) return;
            }
            int n = advance(x, x->active[i], step, next);
            if (n) x->active[still++] = x->active[i];
            next += n;
        }
        x->active_count = still;
        rows = next;
        struct rows old = x->now;
        x->now = x->next;
        x->next = old;
        tt_arena_rewind(x->run->arena, mark);
    }
}

/* Takes out the tokens of an unfinished character before the end. */
static void drop_tail(const struct search *x, tt_hyp *h, int32_t *ids, float *words, float *align,
                      size_t width) {
    const tt_wellformed *w = x->o->wellformed;
    const int end = h->count - 1, tail = w ? tt_wellformed_tail(w, ids, end) : 0;
    if (!tail) return;
    h->count -= tail;
    ids[h->count - 1] = ids[end];
    if (words) words[h->count - 1] = words[end];
    if (align)
        memmove(align + (size_t)(h->count - 1) * width, align + (size_t)end * width,
                width * sizeof *align);
}

/* Copies a hypothesis out of the tree, last token first. */
static int collect(const struct search *x, const struct beam *s, const struct finished *f,
                   tt_hyp *h, tt_arena *a) {
    size_t n = (size_t)x->nodes[f->node].depth, width = (size_t)s->source;
    int32_t *ids = tt_arena_alloc(a, n * sizeof *ids);
    float *words = x->o->want_scores ? tt_arena_alloc(a, n * sizeof *words) : NULL;
    const int aligned = is_aligned(x, s->sentence);
    float *align = aligned ? tt_arena_alloc(a, n * width * sizeof *align) : NULL; /* (T, S) */
    if (!ids || (x->o->want_scores && !words) || (aligned && !align)) return TT_ENOMEM;
    for (int32_t node = f->node; node >= 0; node = x->nodes[node].parent) {
        n--;
        ids[n] = x->nodes[node].token;
        if (words) words[n] = x->nodes[node].logp;
        if (align)
            memcpy(align + n * width, x->alignment + x->align_at[node], width * sizeof *align);
    }
    *h = (tt_hyp){ids, x->nodes[f->node].depth, f->score, f->path, words, align, f->penalty, NULL,
                  0};
    h->overflow = !isfinite(f->path);
    if (!x->o->want_scores) h->score = h->path = 0;
    drop_tail(x, h, ids, words, align, width);
    return 0;
}

/* The best of a sentence's groups together, best first; of equal ones that of the earlier group. */
static int join_groups(const struct search *x, int b, const struct finished **list) {
    int n = 0;
    for (int g = 0; g < x->groups; g++) {
        const struct beam *s = &x->s[b * x->groups + g];
        for (int i = 0; i < s->done; i++) {
            int at = n < x->o->n_best ? n++ : n;
            for (; at > 0 && comes_before(&s->best[i], list[at - 1]); at--)
                if (at < n) list[at] = list[at - 1];
            if (at < n) list[at] = &s->best[i];
        }
    }
    return n;
}

static int results(const struct search *x, tt_hyps *out, int count, tt_arena *a, tt_err *e) {
    for (int b = 0; b < count; b++) {
        const struct finished *list[TT_BEAM_MAX];
        out[b].count = join_groups(x, b, list);
        out[b].hyp = tt_arena_alloc(a, (size_t)out[b].count * sizeof *out[b].hyp);
        for (int i = 0; i < out[b].count; i++)
            if (!out[b].hyp || collect(x, &x->s[b * x->groups], list[i], &out[b].hyp[i], a))
                return tt_fail(e, TT_ENOMEM, "out of memory for the results of a batch");
    }
    return 0;
}

/* The output layer for the tokens of the batch's lists alone. */
static int open_subvocab(struct search *x, const tt_models *m) {
    tt_run *run = x->run;
    if (!x->in->shortlist || x->steering || m->count > 1 || m->weights) return 0;
    tt_subvocab *n = tt_run_alloc(run, sizeof *n);
    if (!n || tt_subvocab_make(n, run, x->in->shortlist, x->in->src, x->vocab)) return run->failed;
    x->subvocab = n;
    return tt_decoding_restrict(run, x->models.decoding[0], n->ids, n->count);
}

int tt_search_with(tt_run *run, const tt_models *m, const tt_search_in *in, const tt_search_opts *o,
                   tt_hyps *out, tt_arena *a, tt_err *e) {
    TT_TRY(check_steering(m, in, o, e));
    for (int i = 0; i < m->count; i++) TT_TRY(check(m->model[i], in->src, o, e));
    tt_run_reset(run, NULL);
    if (!in->src->count) return 0;
    struct search x;
    const tt_capacity *room = prepare(&x, run, m, in, o);
    if (room && tt_ensemble_open(&x.models, run, m, in->src, room) && !open_subvocab(&x, m))
        loop(&x, x.active_count);
    int rc = run->failed ? 0 : results(&x, out, in->src->count, a, e);
    int failed = tt_run_reset(run, e);
    return failed ? failed : rc;
}

int tt_search(tt_run *run, tt_model *m, const tt_seqs *src, const tt_search_opts *o, tt_hyps *out,
              tt_arena *a, tt_err *e) {
    const tt_models one = {.model = &m, .count = 1};
    const tt_search_in in = {.src = src};
    return tt_search_with(run, &one, &in, o, out, a, e);
}
