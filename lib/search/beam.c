/* beam.c: see beam.h. One loop serves both searches, greedy being a beam of one.
 *
 * Rows of a step are the open hypotheses of all sentences still searched, sentence after sentence.
 * For each sentence the best `width` of its rows × V continuations are chosen; each becomes a node
 * of a tree that grows from the leaves (a node knows its parent), and either a row of the next step
 * or, with eos, a finished hypothesis. Logits are looked at in blocks: a block whose maximum cannot
 * enter the list is not looked into, so choosing costs little more than reading.
 *
 * All memory is taken before the first step. Sums of log-probabilities are doubles, added in the
 * order of the tokens.
 */
#include "search/beam.h"

#include <math.h>
#include <string.h>

enum {
    BLOCK = 256
}; /* logits tested by one maximum: long enough for the kernel, short enough to skip */

struct node {
    int32_t token, parent; /* parent: a node, -1 at the start */
    int32_t depth;         /* tokens up to here */
    float logp;
};

struct candidate {
    double path; /* Σ log p with this token */
    int32_t row, token;
};

struct finished {
    double score, path;
    int32_t node;
};

struct sentence {
    int first, rows;       /* its rows in the current step */
    int width;             /* beam less what has finished */
    int limit;             /* tokens at most, eos counted */
    int source;            /* S */
    int done;              /* finished hypotheses kept */
    struct finished *best; /* (n_best), best first */
};

/* One row a hypothesis; two sets take turns. */
struct rows {
    int32_t *prev, *parent, *sentence, *node;
    double *path;
};

struct search {
    tt_run *run;
    const tt_search_opts *o;
    int vocab;
    struct sentence *s; /* (B) */
    int32_t *active;    /* sentences still searched */
    int active_count;
    struct rows now, next;
    struct node *nodes;
    int32_t node_count;
    float *alignment; /* of node i at align_at[i], (S) */
    size_t *align_at, align_used;
    float *heads; /* a step's weights: row r's (H, S) at row_maps[r] */
    float **row_maps;
};

void tt_search_init(tt_search_opts *o, int eos) {
    *o = (tt_search_opts){.beam = 1, .n_best = 1, .max_length_factor = 3, .eos = eos};
}

int tt_search_limit(const tt_search_opts *o, const tt_model *m, int n) {
    double limit = floor(o->max_length_factor * n) + TT_LENGTH_SLACK;
    return limit < m->h.max_length ? (int)limit : m->h.max_length;
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

static int check(const tt_model *m, const tt_seqs *src, const tt_search_opts *o, tt_err *e) {
    if (o->beam < 1 || o->beam > TT_BEAM_MAX || o->n_best < 1 || o->n_best > o->beam)
        return tt_fail(e, TT_EINTERNAL, "beam of %d with %d best is out of range", o->beam,
                       o->n_best);
    if (!(o->max_length_factor > 0) || !(o->normalize >= 0) || o->eos < 0 || o->eos >= m->h.tgt_vocab)
        return tt_fail(e, TT_EINTERNAL, "search settings are out of range");
    for (int i = 0; i < o->barred_count; i++)
        if (o->barred[i] < 0 || o->barred[i] >= m->h.tgt_vocab || o->barred[i] == o->eos)
            return tt_fail(e, TT_EINTERNAL, "token %d cannot be barred", (int)o->barred[i]);
    for (int b = 0; b < src->count; b++)
        if (src->off[b + 1] <= src->off[b] || src->off[b + 1] - src->off[b] > m->h.max_length)
            return tt_fail(e, TT_EINTERNAL, "sentence of %d tokens for a model of 1 to %d",
                           (int)(src->off[b + 1] - src->off[b]), m->h.max_length);
    return 0;
}

static struct rows make_rows(tt_run *run, size_t n) {
    struct rows r;
    r.prev = tt_run_alloc(run, n * sizeof *r.prev);
    r.parent = tt_run_alloc(run, n * sizeof *r.parent);
    r.sentence = tt_run_alloc(run, n * sizeof *r.sentence);
    r.node = tt_run_alloc(run, n * sizeof *r.node);
    r.path = tt_run_alloc(run, n * sizeof *r.path);
    return r;
}

/* All that a search needs. *cells: rows of all steps, which is also the number of choices made. */
static void prepare(struct search *x, tt_run *run, const tt_model *m, const tt_seqs *src,
                    const tt_search_opts *o, size_t *cells) {
    size_t count = (size_t)src->count, rows = count * (size_t)o->beam, weights = 0;
    *x = (struct search){.run = run, .o = o, .vocab = m->h.tgt_vocab};
    *cells = 0;
    x->s = tt_run_alloc(run, count * sizeof *x->s);
    x->active = tt_run_alloc(run, count * sizeof *x->active);
    x->now = make_rows(run, rows);
    x->next = make_rows(run, rows);
    struct finished *best = tt_run_alloc(run, count * (size_t)o->n_best * sizeof *best);
    if (run->failed) return;
    int longest = 0;
    for (int b = 0; b < src->count; b++) {
        int n = src->off[b + 1] - src->off[b], limit = tt_search_limit(o, m, n);
        x->s[b] =
            (struct sentence){b, 1, o->beam, limit, n, 0, best + (size_t)b * (size_t)o->n_best};
        *cells += (size_t)limit * (size_t)o->beam;
        weights += (size_t)limit * (size_t)o->beam * (size_t)n;
        if (n > longest) longest = n;
        x->active[x->active_count++] = b;
        x->now.prev[b] = x->now.node[b] = -1;
        x->now.parent[b] = x->now.sentence[b] = b;
        x->now.path[b] = 0;
    }
    x->nodes = tt_run_alloc(run, *cells * sizeof *x->nodes);
    if (!o->want_alignment) return;
    size_t map = (size_t)m->h.heads * (size_t)longest;
    x->alignment = tt_run_alloc(run, weights * sizeof *x->alignment);
    x->align_at = tt_run_alloc(run, *cells * sizeof *x->align_at);
    x->heads = tt_run_alloc(run, rows * map * sizeof *x->heads);
    x->row_maps = tt_run_alloc(run, rows * sizeof *x->row_maps);
    if (run->failed) return;
    for (size_t r = 0; r < rows; r++) x->row_maps[r] = x->heads + r * map;
}

/* Enters a candidate into list (n of at most width, best first); equal ones stay behind. */
static int enter(struct candidate *list, int n, int width, struct candidate c) {
    int at = n < width ? n++ : n - 1;
    while (at > 0 && c.path > list[at - 1].path) {
        list[at] = list[at - 1];
        at--;
    }
    list[at] = c;
    return n;
}

/* The best continuations of a sentence's rows, best first; returns how many, at most its width. */
static int choose(struct search *x, const struct sentence *s, float *logits, int last,
                  struct candidate *list) {
    const tt_kernels *k = x->run->k;
    const tt_search_opts *o = x->o;
    int n = 0, softmax = o->beam > 1 || o->want_scores;
    for (int r = s->first; r < s->first + s->rows; r++) {
        float *row = logits + (size_t)r * (size_t)x->vocab; /* (V) */
        double base = softmax ? x->now.path[r] - (double)k->logsumexp(row, (size_t)x->vocab) : 0;
        for (int i = 0; i < o->barred_count; i++) row[o->barred[i]] = -INFINITY;
        if (last) {
            struct candidate c = {base + (double)row[o->eos], r, o->eos};
            if (n < s->width || c.path > list[n - 1].path) n = enter(list, n, s->width, c);
            continue;
        }
        if (s->width == 1 && s->rows == 1) { /* the common case of greedy search */
            size_t token = k->argmax(row, (size_t)x->vocab);
            list[0] = (struct candidate){base + (double)row[token], r, (int32_t)token};
            return 1;
        }
        for (int from = 0; from < x->vocab; from += BLOCK) {
            int size = x->vocab - from < BLOCK ? x->vocab - from : BLOCK;
            if (n == s->width &&
                !(base + (double)k->max(row + from, (size_t)size) > list[n - 1].path))
                continue;
            for (int i = from; i < from + size; i++) {
                double path = base + (double)row[i];
                if (n < s->width ? path > -HUGE_VAL : path > list[n - 1].path)
                    n = enter(list, n, s->width, (struct candidate){path, r, i});
            }
        }
    }
    return n;
}

/* Keeps a finished hypothesis if it is among the n best. */
static void finish(struct search *x, struct sentence *s, double path, int32_t node) {
    double score = tt_search_score(x->o, path, x->nodes[node].depth);
    int at = s->done;
    while (at > 0 && score > s->best[at - 1].score) at--;
    if (at == x->o->n_best) return;
    if (s->done < x->o->n_best) s->done++;
    for (int i = s->done - 1; i > at; i--) s->best[i] = s->best[i - 1];
    s->best[at] = (struct finished){score, path, node};
}

static int32_t grow(struct search *x, const struct sentence *s, int32_t row, int32_t token,
                    float logp) {
    int32_t parent = x->now.node[row], node = x->node_count++;
    x->nodes[node] =
        (struct node){token, parent, parent < 0 ? 1 : x->nodes[parent].depth + 1, logp};
    if (x->align_at) {
        x->align_at[node] = x->align_used;
        memcpy(x->alignment + x->align_used, x->row_maps[row],
               (size_t)s->source * sizeof *x->alignment);
        x->align_used += (size_t)s->source;
    }
    return node;
}

/* One sentence, one step: its rows in `next` begin at `first`. How many there are; 0: done. */
static int advance(struct search *x, int b, float *logits, int step, int first) {
    struct sentence *s = &x->s[b];
    struct candidate list[TT_BEAM_MAX];
    int n = choose(x, s, logits, step + 1 == s->limit, list), open = 0;
    if (!n) list[n++] = (struct candidate){-INFINITY, s->first, x->o->eos}; /* nothing but NaN */
    for (int i = 0; i < n; i++) {
        struct candidate c = list[i];
        int32_t node = grow(x, s, c.row, c.token, (float)(c.path - x->now.path[c.row]));
        if (c.token == x->o->eos) {
            finish(x, s, c.path, node);
            s->width--;
        } else {
            int r = first + open++;
            x->next.prev[r] = c.token;
            x->next.parent[r] = c.row;
            x->next.sentence[r] = b;
            x->next.node[r] = node;
            x->next.path[r] = c.path;
        }
    }
    s->first = first;
    s->rows = open;
    if (open && s->done == x->o->n_best) { /* rows stand best first */
        double bound = score_bound(x->o, x->next.path[first], step + 1, s->limit);
        if (!(bound > s->best[s->done - 1].score)) return 0;
    }
    return s->width > 0 ? open : 0;
}

/* A row's (H, S) weights become those of the model's alignment head, or their mean, in the first S places. */
static void join_heads(struct search *x, int rows, int heads, int head) {
    const tt_kernels *k = x->run->k;
    for (int r = 0; r < rows; r++) {
        size_t n = (size_t)x->s[x->now.sentence[r]].source;
        float *mean = x->row_maps[r];
        if (head >= 0) {
            memmove(mean, mean + (size_t)head * n, n * sizeof *mean);
            continue;
        }
        if (heads > 1) k->add_rows(mean, mean + n, (size_t)heads - 1, n);
        k->scale(mean, mean, 1.0f / (float)heads, n);
    }
}

static void loop(struct search *x, tt_model *m, tt_cache *cache, int rows) {
    tt_mark mark = tt_arena_mark(x->run->arena);
    for (int step = 0; rows && !x->run->failed; step++) {
        tt_tensor *logits = tt_transformer_step(x->run, m, cache, rows, x->now.prev, x->now.parent,
                                                x->now.sentence, x->row_maps);
        if (!logits) return;
        if (x->row_maps) join_heads(x, rows, m->h.heads, m->h.align_head);
        int still = 0;
        rows = 0;
        for (int i = 0; i < x->active_count; i++) {
            int n = advance(x, x->active[i], logits->data, step, rows);
            if (n) x->active[still++] = x->active[i];
            rows += n;
        }
        x->active_count = still;
        struct rows old = x->now;
        x->now = x->next;
        x->next = old;
        tt_arena_rewind(x->run->arena, mark);
    }
}

/* Copies a hypothesis out of the tree, last token first. */
static int collect(const struct search *x, const struct sentence *s, const struct finished *f,
                   tt_hyp *h, tt_arena *a) {
    size_t n = (size_t)x->nodes[f->node].depth, width = (size_t)s->source;
    int32_t *ids = tt_arena_alloc(a, n * sizeof *ids);
    float *words = x->o->want_scores ? tt_arena_alloc(a, n * sizeof *words) : NULL;
    float *align = x->align_at ? tt_arena_alloc(a, n * width * sizeof *align) : NULL; /* (T, S) */
    if (!ids || (x->o->want_scores && !words) || (x->align_at && !align)) return TT_ENOMEM;
    for (int32_t node = f->node; node >= 0; node = x->nodes[node].parent) {
        n--;
        ids[n] = x->nodes[node].token;
        if (words) words[n] = x->nodes[node].logp;
        if (align)
            memcpy(align + n * width, x->alignment + x->align_at[node], width * sizeof *align);
    }
    *h = (tt_hyp){ids, x->nodes[f->node].depth, f->score, f->path, words, align};
    if (!x->o->want_scores) h->score = h->path = 0;
    return 0;
}

static int results(const struct search *x, tt_hyps *out, int count, tt_arena *a, tt_err *e) {
    for (int b = 0; b < count; b++) {
        const struct sentence *s = &x->s[b];
        out[b].count = s->done;
        out[b].hyp = tt_arena_alloc(a, (size_t)s->done * sizeof *out[b].hyp);
        for (int i = 0; i < s->done; i++)
            if (!out[b].hyp || collect(x, s, &s->best[i], &out[b].hyp[i], a))
                return tt_fail(e, TT_ENOMEM, "out of memory for the results of a batch");
    }
    return 0;
}

int tt_search(tt_run *run, tt_model *m, const tt_seqs *src, const tt_search_opts *o, tt_hyps *out,
              tt_arena *a, tt_err *e) {
    TT_TRY(check(m, src, o, e));
    tt_run_reset(run, NULL);
    if (!src->count) return 0;
    struct search x;
    size_t cells;
    prepare(&x, run, m, src, o, &cells);
    tt_cache *cache = run->failed ? NULL : tt_cache_open(run, m, src, src->count * o->beam, cells);
    if (cache) loop(&x, m, cache, src->count);
    int rc = run->failed ? 0 : results(&x, out, src->count, a, e), failed = tt_run_reset(run, e);
    return failed ? failed : rc;
}
