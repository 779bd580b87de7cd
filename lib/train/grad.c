/* grad.c: see grad.h. */
#include "train/grad.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "base/rng.h"
#include "nn/network.h"
#include "train/names.h"
#include "train/overlap.h"
#include "train/rounded.h"
#include "train/tree.h"

/* A tensor of a shard's model. */
struct own {
    tt_tensor *tensor;
    size_t at; /* in the block */
    int fixed; /* so many leading columns are not learned, or frozen */
};

struct shard {
    float *grads;    /* (size) */
    struct own *own; /* (tensors) */
    tt_model *model; /* the state's parameters with these gradients */
    tt_loss loss;
};

/* A part of the weights for the optimiser; rows 0: a piece, not a matrix. */
struct part {
    size_t at, n;
    int rows, cols;
    const tt_state_tensor *tensor; /* of which it is the whole, or NULL; the state's */
};

struct tt_grads {
    int shards, workers; /* shards of this rank */
    int first;           /* of them, in the batch */
    tt_comm *comm;       /* borrowed, or NULL */
    tt_overlap *overlap; /* of the sums over ranks with the way back; NULL: they follow it */
    bool summing;        /* the pass at hand is the update's last, and the overlap at work */
    size_t size, pieces, parts;
    int tensors;
    struct part *part;   /* (parts) */
    struct shard *shard; /* (shards) */
    tt_run *runs;        /* (workers) */
    double *squares;     /* (pieces) */
    tt_pool *pool;
    const tt_kernels *k;
    tt_gemm_fn *gemm; /* of the passes */
    /* arguments of the work at hand */
    const tt_pair_batch *batch;
    uint64_t key;
    float smoothing;
    double usual_loss;
    const float *chance;
    const tt_learning *how;
    tt_lesson lesson;
    tt_rounded *rounded; /* the weights that passes see, or NULL: the state's */
    float own;
    tt_guide guide; /* which head, how; its links are the batch's */
    tt_state *state;
    const tt_optimizer *opt;
    const tt_step *step;
    tt_err *errs; /* (shards), then (workers) */
};

struct cutting {
    const char *freeze;
    struct part *part; /* NULL: only count */
    size_t parts;
    bool matrices;
};

static void add_part(struct cutting *c, size_t at, size_t n, int rows, int cols) {
    if (c->part) c->part[c->parts] = (struct part){at, n, rows, cols, NULL};
    c->parts++;
}

static void visit_cut(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct cutting *c = ctx;
    size_t size = tt_tensor_size(t);
    int matrices = c->matrices ? tt_param_matrices(p) : 0;
    if (p->fixed == t->cols || tt_names_have(c->freeze, p->name))
        return; /* not learned, and so not decayed */
    for (int i = 0; i < matrices; i++) {
        size_t n = size / (size_t)matrices;
        add_part(c, offset + (size_t)i * n, n, t->rows / matrices, t->cols);
    }
    for (size_t at = 0; !matrices && at < size; at += TT_PIECE)
        add_part(c, offset + at, size - at < TT_PIECE ? size - at : TT_PIECE, 0, 0);
}

static int cut(tt_grads *g, tt_model *m, bool matrices) {
    struct cutting c = {.matrices = matrices, .freeze = g->how->freeze};
    tt_model_walk(m, visit_cut, &c);
    c.part = g->part = calloc(c.parts, sizeof *g->part);
    if (!c.part) return 0;
    c.parts = 0;
    tt_model_walk(m, visit_cut, &c);
    g->parts = c.parts;
    return 1;
}

struct listing {
    tt_grads *g;
    const tt_state_tensor *next; /* of the walk, which is that of the state */
};

static void visit_tensor(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct listing *l = ctx;
    const tt_state_tensor *own = l->next++;
    (void)offset;
    if (tt_names_have(l->g->how->freeze, p->name)) return;
    l->g->part[l->g->parts++] =
        (struct part){own->at, tt_tensor_size(t), own->rows, own->cols, own};
}

/* Each tensor whole. */
static bool list_tensors(tt_grads *g, const tt_state *s) {
    struct listing l = {g, s->tensors};
    g->part = calloc((size_t)s->n_tensors, sizeof *g->part);
    if (g->part) tt_model_walk(s->model, visit_tensor, &l);
    return g->part != NULL;
}

struct naming {
    tt_grads *g;
    struct shard *shard;
    size_t n; /* so far */
};

static void visit_own(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct naming *s = ctx;
    const bool frozen = tt_names_have(s->g->how->freeze, p->name);
    s->shard->own[s->n++] = (struct own){t, offset, frozen ? t->cols : p->fixed};
}

/* The tensors of a shard's model. */
static bool list_own(tt_grads *g, struct shard *s) {
    s->own = calloc((size_t)g->tensors, sizeof *s->own);
    if (s->own) tt_model_walk(s->model, visit_own, &(struct naming){g, s, 0});
    return s->own != NULL;
}

/* Floats at … at+n-1 of all shards. */
struct joining {
    tt_grads *g;
    size_t at, n;
};

/* What no contribution reached still holds an older sum; and what is not learned has no gradient.
 */
static void zero(const struct joining *s) {
    for (int i = 0; i < s->g->shards; i++)
        for (int j = 0; j < s->g->tensors; j++) {
            const struct own *own = &s->g->shard[i].own[j];
            const tt_tensor *t = own->tensor;
            if (own->at < s->at || own->at >= s->at + s->n) continue;
            const size_t cols = (size_t)t->cols, fixed = t->has_grad ? (size_t)own->fixed : cols;
            for (size_t r = 0; fixed && r < (size_t)t->rows; r++)
                memset(t->grad + r * cols, 0, fixed * sizeof *t->grad);
        }
}

static void join_grads(void *ctx, int i, int j) {
    const struct joining *s = ctx;
    float *sum = s->g->shard[i].grads + s->at;
    s->g->k->add(sum, sum, s->g->shard[j].grads + s->at, s->n);
}

static int join_part(void *ctx, size_t at, size_t n, tt_err *e) {
    tt_grads *g = ctx;
    struct joining s = {g, at, n};
    zero(&s);
    tt_tree_walk(g->shards, join_grads, &s);
    return tt_comm_sum(g->comm, g->shard[0].grads + at, n, e);
}

/* A run of 2^i shards is a part of the tree (tree.h), and 2^k ranks add up such parts. */
static int check_ranks(int shards, const tt_comm *comm, tt_err *e) {
    const int ranks = tt_comm_size(comm), own = shards / ranks;
    if (ranks == 1 || (own * ranks == shards && !(ranks & (ranks - 1)) && !(own & (own - 1))))
        return 0;
    return tt_fail(
        e, TT_ECONFIG,
        "%d ranks cannot share --shards %d: as many ranks are wanted as a power of two, and "
        "a power of two of shards for each",
        ranks, shards);
}

tt_grads *tt_grads_open(const tt_state *s, const tt_optimizer *opt, int shards,
                        const tt_grads_how *how, const tt_kernels *k, tt_pool *pool, tt_comm *comm,
                        tt_err *e) {
    const tt_learning *learning = how->learning;
    if (check_ranks(shards, comm, e)) return NULL;
    shards /= tt_comm_size(comm);
    tt_grads *g = calloc(1, sizeof *g);
    if (!g) goto memory;
    *g = (tt_grads){.shards = shards,
                    .first = tt_comm_rank(comm) * shards,
                    .comm = comm,
                    .how = learning,
                    .lesson = {how->teacher,
                               (float)(how->teacher ? learning->teacher_weight : learning->r_drop)},
                    .workers = tt_pool_size(pool),
                    .size = s->size,
                    .tensors = s->n_tensors,
                    .pool = pool,
                    .k = k,
                    .pieces = (s->size + TT_PIECE - 1) / TT_PIECE};
    g->shard = calloc((size_t)shards, sizeof *g->shard);
    g->errs = calloc((size_t)(shards + g->workers), sizeof *g->errs);
    g->runs = calloc((size_t)g->workers, sizeof *g->runs);
    g->squares = calloc(g->pieces, sizeof *g->squares);
    if (!g->shard || !g->errs || !g->runs || !g->squares) goto memory;
    tt_pick precision;
    if (tt_pick_read(&precision, &tt_family_precision,
                     learning->precision ? learning->precision : "f32", e))
        goto fail;
    g->gemm = tt_kernels_product(k, precision.row);
    if (learning->int8_aware && !(g->rounded = tt_rounded_open(s, k, pool, e))) goto fail;
    for (int i = 0; i < shards; i++) {
        float *seen = g->rounded ? tt_rounded_block(g->rounded) : s->params;
        float *block = g->shard[i].grads = tt_pages_alloc(s->size * sizeof *block);
        if (!block) goto memory;
        memset(block, 0, s->size * sizeof *block);
        if (tt_model_open(&g->shard[i].model, &s->h, seen, block, e)) goto fail;
        if (!list_own(g, &g->shard[i])) goto memory;
    }
    if (!(opt->tensor ? list_tensors(g, s) : cut(g, s->model, opt->matrix != NULL))) goto memory;
    g->opt = opt;
    if (tt_comm_moves(comm) && !(g->overlap = tt_overlap_open(s->model, shards, join_part, g, e)))
        goto fail;
    for (int i = 0; i < g->workers; i++)
        if (tt_run_open(&g->runs[i], k, 0, e)) goto fail;
    return g;
memory:
    tt_fail(e, TT_ENOMEM, "out of memory for the gradients of %zu weights in %d shards", s->size,
            shards);
fail:
    tt_grads_close(g);
    return NULL;
}

void tt_grads_close(tt_grads *g) {
    if (!g) return;
    for (int i = 0; g->shard && i < g->shards; i++) {
        tt_model_close(g->shard[i].model);
        free(g->shard[i].grads);
        free(g->shard[i].own);
    }
    for (int i = 0; g->runs && i < g->workers; i++) tt_run_close(&g->runs[i]);
    tt_rounded_close(g->rounded);
    tt_overlap_close(g->overlap);
    free(g->shard);
    free(g->errs);
    free(g->runs);
    free(g->squares);
    free(g->part);
    free(g);
}

tt_run *tt_grads_run(tt_grads *g, int worker) { return &g->runs[worker]; }

void tt_grads_sample(tt_grads *g, const float *chance) { g->chance = chance; }

size_t tt_grads_peak(const tt_grads *g) {
    size_t most = 0;
    for (int i = 0; i < g->workers; i++)
        if (tt_arena_peak(g->runs[i].arena) > most) most = tt_arena_peak(g->runs[i].arena);
    return most;
}

void tt_grads_expect(tt_grads *g, double loss) { g->usual_loss = loss; }

void tt_grads_feed(tt_grads *g, float own) { g->own = own; }

void tt_grads_guide(tt_grads *g, const tt_guide *guide) { g->guide = *guide; }

void tt_grads_clear(tt_grads *g) {
    if (g->rounded) tt_rounded_make(g->rounded);
    for (int i = 0; i < g->shards; i++) {
        tt_model_clear(g->shard[i].model);
        g->shard[i].loss = (tt_loss){0};
    }
}

static void pass_shard(tt_grads *g, size_t item, int worker) {
    struct shard *s = &g->shard[item];
    const tt_pair_batch *b = &g->batch[(size_t)g->first + item];
    if (!b->src.count) return;
    tt_run *run = &g->runs[worker];
    run->taped = run->drop = true;
    run->gemm = g->gemm;
    run->chance = g->chance;
    run->word_drop[0] = (float)g->how->dropout_src;
    run->word_drop[1] = (float)g->how->dropout_tgt;
    run->layer_drop = (float)g->how->layer_drop;
    run->evenness = (float)g->how->doubly_stochastic;
    run->span_price = (float)g->how->span_loss;
    run->recompute = g->how->recompute;
    run->own = g->own;
    run->key = tt_key(g->key, (uint64_t)g->first + item);
    if (g->summing) {
        run->left = tt_overlap_left;
        run->left_ctx = tt_overlap_shard(g->overlap, (int)item);
    }
    run->usual_loss = g->usual_loss;
    run->row_weights = b->weights;
    const tt_guide guide = {g->guide.layer, g->guide.head,   b->link_off,
                            b->link_at,     g->guide.weight, g->guide.cost};
    if (b->link_off) run->guide = &guide;
    if (g->lesson.weight > 0)
        tt_model_lesson(run, s->model, &b->src, &b->tgt, g->smoothing, &g->lesson, &s->loss);
    else tt_model_loss(run, s->model, &b->src, &b->tgt, g->smoothing, &s->loss, NULL);
    tt_run_back(run);
    s->loss.loss += run->guide_loss;
    run->gemm = run->k->gemm; /* of validation */
    g->errs[item].code = 0;
    tt_run_reset(run, &g->errs[item]);
}

static void work_shard(void *ctx, size_t item, int worker) {
    tt_grads *g = ctx;
    pass_shard(g, item, worker);
    if (g->summing) tt_overlap_passed(g->overlap, (int)item);
}

static int first_error(const tt_err *errs, int n, tt_err *e) {
    for (int i = 0; i < n; i++) {
        if (!errs[i].code) continue;
        *e = errs[i];
        return e->code;
    }
    return 0;
}

int tt_grads_add(tt_grads *g, const tt_pair_batch *shards, uint64_t key, float smoothing, bool last,
                 tt_err *e) {
    tt_err sums = {0};
    g->batch = shards;
    g->key = key;
    g->smoothing = smoothing;
    g->summing = last && g->overlap;
    if (g->summing) TT_TRY(tt_overlap_begin(g->overlap, e));
    tt_pool_run(g->pool, (size_t)g->shards, work_shard, g);
    if (g->summing) tt_overlap_end(g->overlap, &sums);
    TT_TRY(first_error(g->errs, g->shards, e));
    return first_error(&sums, 1, e);
}

static size_t piece(const tt_grads *g, size_t item, size_t *at) {
    *at = item * TT_PIECE;
    return g->size - *at < TT_PIECE ? g->size - *at : TT_PIECE;
}

static void work_join(void *ctx, size_t item, int worker) {
    (void)worker;
    tt_grads *g = ctx;
    struct joining s = {.g = g};
    s.n = piece(g, item, &s.at);
    tt_tree_walk(g->shards, join_grads, &s);
    if (!g->comm) g->squares[item] = g->k->sumsq(g->shard[0].grads + s.at, s.n);
}

static void work_square(void *ctx, size_t item, int worker) {
    (void)worker;
    tt_grads *g = ctx;
    size_t at, n = piece(g, item, &at);
    g->squares[item] = g->k->sumsq(g->shard[0].grads + at, n);
}

static void join_losses(void *ctx, int i, int j) {
    struct shard *shard = ctx;
    shard[i].loss.loss += shard[j].loss.loss;
    shard[i].loss.nll += shard[j].loss.nll;
    shard[i].loss.count += shard[j].loss.count;
    shard[i].loss.weight += shard[j].loss.weight;
}

/* Over the ranks: the losses, and the gradients. */
static int join_ranks(tt_grads *g, tt_loss *sum, tt_err *e) {
    double x[4] = {sum->loss, sum->nll, (double)sum->count, sum->weight};
    TT_TRY(tt_comm_sum_double(g->comm, x, 4, e));
    *sum = (tt_loss){.loss = x[0], .nll = x[1], .count = (int64_t)x[2], .weight = x[3]};
    if (!g->summing) TT_TRY(tt_comm_sum(g->comm, g->shard[0].grads, g->size, e));
    tt_pool_run(g->pool, g->pieces, work_square, g);
    return 0;
}

int tt_grads_join(tt_grads *g, tt_loss *sum, double *norm, tt_err *e) {
    tt_tree_walk(g->shards, join_losses, g->shard);
    *sum = g->shard[0].loss;
    if (!g->summing) {
        zero(&(struct joining){g, 0, g->size});
        tt_pool_run(g->pool, g->pieces, work_join, g);
    }
    if (g->comm) TT_TRY(join_ranks(g, sum, e));
    double squares = 0;
    for (size_t i = 0; i < g->pieces; i++) squares += g->squares[i];
    *norm = sqrt(squares);
    return 0;
}

const float *tt_grads_block(const tt_grads *g) { return g->shard[0].grads; }

static void apply_part(tt_grads *g, const struct part *part, int worker) {
    float *p = g->state->params + part->at, *moments[TT_OPTIM_STATES];
    const float *grad = g->shard[0].grads + part->at;
    for (int i = 0; i < TT_OPTIM_STATES; i++) {
        size_t at = part->tensor ? part->tensor->state[i] : part->at;
        moments[i] = g->state->moments[i] ? g->state->moments[i] + at : NULL;
    }
    if (!part->rows) {
        g->opt->piece(g->k, g->step, p, grad, moments, part->n);
        return;
    }
    tt_run *run = &g->runs[worker];
    (part->tensor ? g->opt->tensor : g->opt->matrix)(run, g->step, p, grad, moments, part->rows,
                                                     part->cols);
    tt_err e = {0};
    if (tt_run_reset(run, &e)) g->errs[g->shards + worker] = e;
}

static void work_apply(void *ctx, size_t item, int worker) {
    tt_grads *g = ctx;
    const struct part *part = &g->part[item];
    apply_part(g, part, worker);
    if (!g->state->average) return;
    float *average = g->state->average + part->at;
    g->k->scale(average, average, (float)(1.0 - g->step->share), part->n);
    g->k->axpy(average, g->state->params + part->at, (float)g->step->share, part->n);
}

int tt_grads_apply(tt_grads *g, tt_state *s, const tt_step *step, tt_err *e) {
    g->state = s;
    g->step = step;
    for (int i = 0; i < g->workers; i++) g->errs[g->shards + i].code = 0;
    tt_pool_run(g->pool, g->parts, work_apply, g);
    return first_error(g->errs + g->shards, g->workers, e);
}
