/* valid.c: see valid.h. The set is sorted by length once and cut into batches; workers take
 * batches, and what they find is put together in the set's order, so the scores do not depend on
 * threads.
 */
#include "train/valid.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/file.h"
#include "nn/network.h"
#include "search/beam.h"

static const double BEAM_NORMALIZE = 0.6; /* as translate's default */
enum { BATCH_TOKENS = 2048 };             /* source or target, whichever is more */

struct batch {
    int first, count; /* in the sorted order */
    tt_loss loss;
    tt_err err;
};

struct tt_valid {
    tt_arena *arena; /* everything below */
    tt_pairs pairs;
    int *order; /* those that are not blank, sorted by length */
    struct batch *batches;
    int n_batches;
    const char **text; /* (pairs): translations, in the workers' arenas */
    size_t *len;
    tt_arena **made; /* (workers) */
    int workers;
    const tt_vocab *vocab;
    tt_pool *pool;
    tt_run *const *runs; /* (workers), while scoring */
    int most;            /* TT_VALID_…, while scoring */
    const tt_kernels *k;
    const tt_log *log;
    tt_model *model; /* packed, while scoring */
    int beam;
    const char *output; /* file, or NULL */
    atomic_int done;    /* pairs, while scoring */
};

static int length(const tt_seqs *s, int i) { return s->off[i + 1] - s->off[i]; }

struct item {
    int src, tgt, pair;
};

static int shorter(const void *a, const void *b) {
    const struct item *x = a, *y = b;
    if (x->src != y->src) return x->src < y->src ? -1 : 1;
    if (x->tgt != y->tgt) return x->tgt < y->tgt ? -1 : 1;
    return x->pair < y->pair ? -1 : 1;
}

/* Nothing on either side, as between documents: nothing is asked of the model. */
static bool is_blank(const tt_pairs *p, int i) { return !*p->src_text[i] && !*p->tgt_text[i]; }

static int plan(tt_valid *v) {
    int n = 0;
    const size_t all = (size_t)v->pairs.count;
    struct item *items = malloc(all * sizeof *items);
    v->order = tt_arena_alloc(v->arena, all * sizeof *v->order);
    v->batches = tt_arena_zero(v->arena, all * sizeof *v->batches);
    if (!items || !v->order || !v->batches) {
        free(items);
        return 0;
    }
    for (int i = 0; i < v->pairs.count; i++) {
        v->text[i] = "";
        if (is_blank(&v->pairs, i)) continue;
        items[n++] = (struct item){length(&v->pairs.src, i), length(&v->pairs.tgt, i), i};
    }
    qsort(items, (size_t)n, sizeof *items, shorter);
    int src = 0, tgt = 0;
    for (int i = 0; i < n; i++) {
        v->order[i] = items[i].pair;
        src += items[i].src;
        tgt += items[i].tgt;
        struct batch *b = v->n_batches ? &v->batches[v->n_batches - 1] : NULL;
        if (!b || src > BATCH_TOKENS || tgt > BATCH_TOKENS) {
            b = &v->batches[v->n_batches++];
            b->first = i;
            src = items[i].src;
            tgt = items[i].tgt;
        }
        b->count++;
    }
    free(items);
    return 1;
}

tt_valid *tt_valid_open(const tt_parallel *s, const tt_vocab *vocab, int max_tokens, int texts,
                        tt_pool *pool, const tt_kernels *k, const tt_log *log, tt_err *e) {
    tt_valid *v = calloc(1, sizeof *v);
    if (!v) goto memory;
    *v = (tt_valid){.vocab = tt_vocab_side(vocab, TT_VOCAB_TARGET),
                    .pool = pool,
                    .k = k,
                    .log = log,
                    .workers = tt_pool_size(pool),
                    .beam = 1};
    v->arena = tt_arena_open(0, e);
    if (!v->arena) goto fail;
    if (tt_pairs_read(&v->pairs, s, vocab, max_tokens, texts, v->arena, log, e)) goto fail;
    v->text = tt_arena_zero(v->arena, (size_t)v->pairs.count * sizeof *v->text);
    v->len = tt_arena_zero(v->arena, (size_t)v->pairs.count * sizeof *v->len);
    v->made = tt_arena_zero(v->arena, (size_t)v->workers * sizeof(tt_arena *));
    if (!v->text || !v->len || !v->made || !plan(v)) goto memory;
    for (int i = 0; i < v->workers; i++)
        if (!(v->made[i] = tt_arena_open(0, e))) goto fail;
    return v;
memory:
    tt_fail(e, TT_ENOMEM, "out of memory for the development set");
fail:
    tt_valid_close(v);
    return NULL;
}

void tt_valid_close(tt_valid *v) {
    if (!v) return;
    for (int i = 0; v->made && i < v->workers; i++) tt_arena_close(v->made[i]);
    tt_arena_close(v->arena);
    free(v);
}

/* The sentences of a batch, laid end to end. */
static int gather(tt_arena *a, const tt_valid *v, const struct batch *b, const tt_seqs *from,
                  tt_seqs *to, tt_err *e) {
    int n = 0;
    for (int i = 0; i < b->count; i++) n += length(from, v->order[b->first + i]);
    int32_t *off = tt_arena_alloc(a, ((size_t)b->count + 1) * sizeof *off);
    int32_t *ids = tt_arena_alloc(a, (size_t)n * sizeof *ids);
    if (!off || !ids)
        return tt_fail(e, TT_ENOMEM, "out of memory for a batch of the development set");
    off[0] = 0;
    for (int i = 0; i < b->count; i++) {
        int pair = v->order[b->first + i], len = length(from, pair);
        memcpy(ids + off[i], from->ids + from->off[pair], (size_t)len * sizeof *ids);
        off[i + 1] = off[i] + len;
    }
    *to = (tt_seqs){b->count, off, ids, NULL};
    return 0;
}

/* What stands before each sentence of a batch, as far as the model reads it. */
struct earlier {
    const tt_valid *v;
    const struct batch *b;
    int most;
};

static int earlier_count(void *ctx, int b) {
    const struct earlier *x = ctx;
    const int pair = x->v->order[x->b->first + b], n = pair - x->v->pairs.document[pair];
    return n < x->most ? n : x->most;
}

static int earlier_pair(void *ctx, int b, int j) {
    const struct earlier *x = ctx;
    return x->v->order[x->b->first + b] - earlier_count(ctx, b) + j;
}

static int earlier_length(void *ctx, int b, int j) {
    const struct earlier *x = ctx;
    return length(&x->v->pairs.src, earlier_pair(ctx, b, j));
}

static void earlier_fill(void *ctx, int b, int j, int32_t *ids) {
    const struct earlier *x = ctx;
    const tt_seqs *src = &x->v->pairs.src;
    const int pair = earlier_pair(ctx, b, j);
    memcpy(ids, src->ids + src->off[pair], (size_t)length(src, pair) * sizeof *ids);
}

static int add_earlier(tt_arena *a, const tt_valid *v, const struct batch *b, tt_seqs *src,
                       tt_err *e) {
    static const tt_before_of of = {earlier_count, earlier_length, earlier_fill};
    struct earlier x = {v, b, tt_model_context(v->model)};
    if (!x.most) return 0;
    src->before = tt_before_make(&of, &x, b->count, a);
    return src->before ? 0
                       : tt_fail(e, TT_ENOMEM, "out of memory for a batch of the development set");
}

static int score_batch(tt_valid *v, struct batch *b, tt_run *run, tt_arena *made, tt_err *e) {
    tt_seqs src, tgt;
    TT_TRY(gather(made, v, b, &v->pairs.src, &src, e));
    TT_TRY(gather(made, v, b, &v->pairs.tgt, &tgt, e));
    TT_TRY(add_earlier(made, v, b, &src, e));
    tt_model_loss(run, v->model, &src, &tgt, 0.0f, &b->loss, NULL);
    TT_TRY(tt_run_reset(run, e));
    if (v->most == TT_VALID_LOSS) return 0;
    tt_search_opts o;
    tt_search_init(&o, tt_vocab_eos(v->vocab));
    int32_t unk = tt_vocab_unk(v->vocab);
    o.barred = &unk;
    o.barred_count = 1;
    o.beam = v->beam;
    if (v->beam > 1) o.normalize = BEAM_NORMALIZE;
    tt_hyps *hyps = tt_arena_alloc(made, (size_t)b->count * sizeof *hyps);
    if (!hyps)
        return tt_fail(e, TT_ENOMEM, "out of memory for translations of the development set");
    TT_TRY(tt_search(run, v->model, &src, &o, hyps, made, e));
    for (int i = 0; i < b->count; i++) {
        int pair = v->order[b->first + i];
        const tt_hyp *h = &hyps[i].hyp[0];
        char *text;
        TT_TRY(tt_vocab_decode(v->vocab, h->ids, (size_t)h->count, made, &text, &v->len[pair], e));
        v->text[pair] = text;
    }
    return 0;
}

static void work(void *ctx, size_t item, int worker) {
    tt_valid *v = ctx;
    /* longest first, so that no worker is left with a long one at the end */
    struct batch *b = &v->batches[(size_t)v->n_batches - 1 - item];
    tt_run *run = v->runs[worker];
    run->taped = run->drop = false;
    run->chance = NULL;
    b->loss = (tt_loss){0};
    b->err.code = 0;
    score_batch(v, b, run, v->made[worker], &b->err);
    int done = atomic_fetch_add(&v->done, b->count) + b->count;
    if (!worker)
        tt_log_progress(v->log, "valid: %d of %d pairs", done,
                        v->pairs.count); /* the caller's thread */
}

static int score_text(const tt_valid *v, const char *metric, double *figure, tt_err *e) {
    tt_score *s = tt_score_open(metric, NULL, 1, e);
    if (!s) return e->code;
    int rc = 0;
    for (int i = 0; !rc && i < v->pairs.count; i++) {
        tt_span hyp = {v->text[i], v->len[i]},
                ref = {v->pairs.tgt_text[i], strlen(v->pairs.tgt_text[i])};
        rc = tt_score_add(s, hyp, &ref, e);
    }
    tt_score_result r;
    if (!rc) tt_score_get(s, &r);
    if (!rc) *figure = r.score;
    tt_score_close(s);
    return rc;
}

void tt_valid_search(tt_valid *v, int beam, const char *output) {
    v->beam = beam > 1 ? beam : 1;
    v->output = output;
}

/* One line a pair, at once or not at all. */
static int write_translations(const tt_valid *v, tt_err *e) {
    tt_output *o = tt_output_open(v->output, TT_OUTPUT_ATOMIC, e);
    if (!o) return e->code;
    for (int i = 0; i < v->pairs.count; i++) {
        tt_output_write(o, v->text[i], v->len[i], NULL);
        tt_output_write(o, "\n", 1, NULL);
    }
    return tt_output_finish(o, e);
}

int tt_valid_score(tt_valid *v, tt_grads *g, tt_model *m, bool with_ter, tt_scores *out,
                   tt_err *e) {
    tt_run **runs = calloc((size_t)v->workers, sizeof *runs);
    if (!runs) return tt_fail(e, TT_ENOMEM, "out of memory for the development set");
    for (int i = 0; i < v->workers; i++) runs[i] = tt_grads_run(g, i);
    const int rc =
        tt_valid_measure(v, runs, m, with_ter ? TT_VALID_TER : TT_VALID_TRANSLATES, out, e);
    free(runs);
    return rc;
}

int tt_valid_measure(tt_valid *v, tt_run *const *runs, tt_model *m, int most, tt_scores *out,
                     tt_err *e) {
    v->runs = runs;
    v->most = most;
    atomic_store(&v->done, 0);
    TT_TRY(tt_model_packed(&v->model, m, v->k, e));
    for (int i = 0; i < v->workers; i++) tt_arena_reset(v->made[i]);
    tt_pool_run(v->pool, (size_t)v->n_batches, work, v);
    tt_model_close(v->model);
    v->model = NULL;
    tt_loss sum = {0};
    for (int i = 0; i < v->n_batches; i++) {
        const struct batch *b = &v->batches[i];
        if (b->err.code) {
            *e = b->err;
            return e->code;
        }
        sum.nll += b->loss.nll;
        sum.count += b->loss.count;
    }
    out->loss = sum.nll / (double)sum.count;
    out->perplexity = exp(out->loss);
    if (most == TT_VALID_LOSS) return 0;
    if (v->output) TT_TRY(write_translations(v, e));
    TT_TRY(score_text(v, "bleu", &out->bleu, e));
    TT_TRY(score_text(v, "chrf", &out->chrf, e));
    out->ter = -1;
    return most == TT_VALID_TER ? score_text(v, "ter", &out->ter, e) : 0;
}

/* ---- which is the best --------------------------------------------------------------------------
 */

#define FIGURE(field) offsetof(tt_scores, field)
static const tt_validation rows[] = {
    {{"bleu", "BLEU of translations", "Papineni et al. 2002", NULL},
     "BLEU",
     false,
     2,
     FIGURE(bleu)},
    {{"chrf", "chrF2 of translations", "Popović 2015", NULL}, "chrF", false, 2, FIGURE(chrf)},
    {{"ter", "TER of translations", "Snover et al. 2006", NULL}, "TER", true, 2, FIGURE(ter)},
    {{"loss", "loss a target token, without smoothing", NULL, NULL}, "loss", true, 4, FIGURE(loss)},
    {{"perplexity", "its exponential", NULL, NULL}, "perplexity", true, 2, FIGURE(perplexity)},
};
_Static_assert(sizeof rows / sizeof rows[0] == TT_VALIDATIONS, "as many rows as the header says");
TT_FAMILY_ROWS(rows)
const tt_family tt_family_validation = {"validation", "what makes a model the best one of a run",
                                        row_at};

static int no_validation(const char *name, size_t len, tt_err *e) {
    char names[200];
    tt_family_names(&tt_family_validation, names, sizeof names);
    return tt_fail(e, TT_EUSAGE, "--valid-metric: '%.*s' is not one of %s",
                   len < 60 ? (int)len : 60, name, names);
}

int tt_validations_read(const tt_validation *which[TT_VALIDATIONS], int *n, const char *names,
                        tt_err *e) {
    *n = 0;
    for (const char *at = names + strspn(names, ", "); *at; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ", ");
        int place = tt_family_place(&tt_family_validation, at, len);
        if (place < 0) return no_validation(at, len, e);
        for (int i = 0; i < *n; i++)
            if (which[i] == &rows[place])
                return tt_fail(e, TT_EUSAGE, "--valid-metric: %s is named twice",
                               rows[place].row.name);
        which[(*n)++] = &rows[place]; /* no more than there are rows */
        at += len;
    }
    return *n ? 0 : no_validation("", 0, e);
}
