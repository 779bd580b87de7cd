/* network.c: see network.h. */
#include "nn/network.h"

#include <string.h>

#include "nn/arch.h"
#include "nn/stack.h"

enum { LAYERS_MOST = 64 }; /* of hyper.def */

struct tt_decoding {
    tt_model *m;
    tt_memory *memory;
    tt_tensor *states; /* of the step, (rows, D) */
    bool restricted;   /* to the tokens of */
    tt_tensor w, b;    /* (n, D), (1, n) */
    const int32_t *src_off;
};

/* ---- given pairs --------------------------------------------------------------------------- */

/* Room for what draws learn of losses, where any attention draws. */
static void begin_losses(tt_run *run, const tt_model *m, const tt_seqs *tgt) {
    bool draws = false;
    for (int site = 0; site < TT_SITES; site++) {
        const tt_attend a = tt_hyper_attend(&m->h, (tt_spot){site, 0});
        draws = draws || (tt_hyper_attends(&m->h, site) && tt_attend_draws(&a));
    }
    if (!draws || !run->taped) return;
    run->row_losses = tt_run_alloc(run, (size_t)tgt->off[tgt->count] * sizeof *run->row_losses);
    run->mean_losses = tt_run_alloc(run, (size_t)tgt->count * sizeof *run->mean_losses);
}

static void average_losses(tt_run *run, const tt_seqs *tgt) {
    for (int b = 0; run->row_losses && run->mean_losses && b < tgt->count; b++) {
        double sum = 0;
        for (int32_t i = tgt->off[b]; i < tgt->off[b + 1]; i++) sum += (double)run->row_losses[i];
        run->mean_losses[b] = (float)(sum / (tgt->off[b + 1] - tgt->off[b]));
    }
}

void tt_model_loss(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt,
                   float smoothing, tt_loss *loss, float *nll) {
    tt_tensor *text = tt_stack_encode(run, m, src, NULL);
    tt_tensor *x = tt_stack_decode(run, m, tgt, text, src, NULL);
    begin_losses(run, m, tgt);
    if (run->chance)
        tt_op_xent_sampled(run, x, m->out, &m->out_b, tgt->ids, smoothing, run->chance, loss);
    else tt_op_xent(run, x, m->out, &m->out_b, tgt->ids, smoothing, loss, nll);
    if (!run->failed) average_losses(run, tgt);
}

/* The decoder's states before each token, and what makes logits of them. */
static tt_rated rate(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt) {
    tt_tensor *text = tt_stack_encode(run, m, src, NULL);
    return (tt_rated){tt_stack_decode(run, m, tgt, text, src, NULL), m->out, &m->out_b};
}

void tt_model_lesson(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt,
                     float smoothing, const tt_lesson *lesson, tt_loss *loss) {
    const bool taped = run->taped, drop = run->drop;
    tt_rated other;
    if (lesson->teacher) {
        run->taped = run->drop = false;
        other = rate(run, lesson->teacher, src, tgt);
        run->taped = taped, run->drop = drop;
    }
    const tt_rated one = rate(run, m, src, tgt);
    if (!lesson->teacher) other = rate(run, m, src, tgt);
    tt_op_xent_pair(run, &one, &other, !lesson->teacher, tgt->ids, smoothing, lesson->weight, loss);
}

/* n weights of each of H heads, one head behind the other, become the alignment's head or the mean
 * of all. */
static void join_heads(const tt_kernels *k, const tt_model *m, float *weights, size_t n) {
    const tt_hyper *h = &m->h;
    const size_t heads = (size_t)tt_model_align_heads(m);
    if (h->align_head >= 0) {
        memmove(weights, weights + (size_t)h->align_head * n, n * sizeof *weights);
        return;
    }
    if (heads > 1) k->add_rows(weights, weights + n, heads - 1, n);
    k->scale(weights, weights, 1.0f / (float)heads, n);
}

int tt_model_score(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt, float *nll,
                   float *alignment) {
    const size_t heads = (size_t)tt_model_align_heads(m);
    float *layers[LAYERS_MOST] = {NULL}, *weights = NULL;
    size_t all = 0;
    for (int b = 0; b < src->count; b++)
        all += (size_t)(src->off[b + 1] - src->off[b]) * (size_t)(tgt->off[b + 1] - tgt->off[b]);
    if (alignment && !tt_model_maps_of(m, TT_SITE_CROSS)) {
        memset(alignment, 0, all * sizeof *alignment);
        alignment = NULL;
    }
    if (alignment)
        layers[tt_stack_align_layer(m)] = weights =
            tt_run_alloc(run, all * heads * sizeof *weights);
    const tt_maps maps = {.of = {[TT_SITE_CROSS] = alignment ? layers : NULL}};
    tt_loss loss = {0};
    if (run->failed) return run->failed;
    tt_tensor *text = tt_stack_encode(run, m, src, NULL);
    tt_tensor *x = tt_stack_decode(run, m, tgt, text, src, &maps);
    if (!run->failed) tt_op_xent(run, x, m->out, &m->out_b, tgt->ids, 0, &loss, nll);
    for (int b = 0; alignment && !run->failed && b < src->count; b++) {
        const size_t n =
            (size_t)(src->off[b + 1] - src->off[b]) * (size_t)(tgt->off[b + 1] - tgt->off[b]);
        join_heads(run->k, m, weights, n);
        memcpy(alignment, weights, n * sizeof *alignment);
        weights += heads * n;
        alignment += n;
    }
    return run->failed;
}

tt_tensor *tt_model_states(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt) {
    return tt_stack_decode(run, m, tgt, tt_stack_encode(run, m, src, NULL), src, NULL);
}

/* Rows of states through an output layer. */
static tt_tensor *rate_rows(tt_run *run, const tt_tensor *x, int first, int n, tt_tensor *w,
                            tt_tensor *b) {
    tt_tensor part = {
        .data = x->data + (size_t)first * (size_t)x->cols, .rows = n, .cols = x->cols};
    return tt_op_linear(run, &part, w, b, TT_ACT_NONE);
}

tt_tensor *tt_model_logits(tt_run *run, tt_model *m, const tt_tensor *states, int first, int n) {
    return rate_rows(run, states, first, n, m->out, &m->out_b);
}

int tt_model_maps(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt,
                  const tt_maps *maps) {
    tt_tensor *text = tt_stack_encode(run, m, src, maps);
    tt_stack_decode(run, m, tgt, text, src, maps);
    return run->failed;
}

/* ---- decoding ------------------------------------------------------------------------------ */

tt_decoding *tt_decoding_open(tt_run *run, tt_model *m, const tt_seqs *src,
                              const tt_capacity *room) {
    tt_keeping keep[LAYERS_MOST * (TT_UNITS + 2)];
    tt_tensor *text = tt_stack_encode(run, m, src, NULL);
    tt_decoding *d = tt_run_alloc(run, sizeof *d);
    if (!d) return NULL;
    *d = (tt_decoding){.m = m, .src_off = src->off};
    d->memory = tt_memory_open(run, keep, tt_stack_keeps(m, keep), src, room);
    if (d->memory) tt_stack_open(run, m, d->memory, text, src);
    return run->failed ? NULL : d;
}

int tt_decoding_reserve(tt_run *run, tt_decoding *d, int rows) {
    return tt_memory_reserve(run, d->memory, rows);
}

int tt_decoding_restrict(tt_run *run, tt_decoding *d, const int32_t *ids, int n) {
    const tt_model *m = d->m;
    float *bias = tt_run_alloc(run, (size_t)n * sizeof *bias);
    if (!bias) return run->failed;
    for (int i = 0; i < n; i++) bias[i] = m->out_b.data[ids[i]];
    d->b = (tt_tensor){.data = bias, .rows = 1, .cols = n};
    if (tt_model_select(run, m->out, ids, n, &d->w)) return run->failed;
    d->restricted = true;
    return 0;
}

int tt_decoding_step(tt_run *run, tt_decoding *d, int rows, const int32_t *prev,
                     const int32_t *parent, const int32_t *sentence, float *const *alignment) {
    const int32_t *position = tt_memory_step(run, d->memory, rows, parent, sentence);
    if (!position) return run->failed;
    const bool attends = tt_model_maps_of(d->m, TT_SITE_CROSS) > 0;
    d->states = tt_stack_step(run, d->m, d->memory, rows, prev, position, alignment);
    for (int r = 0; alignment && d->states && r < rows; r++) {
        const size_t n = (size_t)(d->src_off[sentence[r] + 1] - d->src_off[sentence[r]]);
        if (alignment[r] && attends) join_heads(run->k, d->m, alignment[r], n);
        else if (alignment[r]) memset(alignment[r], 0, n * sizeof *alignment[r]);
    }
    return run->failed;
}

tt_tensor *tt_decoding_logits(tt_run *run, tt_decoding *d, int first, int n) {
    return rate_rows(run, d->states, first, n, d->restricted ? &d->w : d->m->out,
                     d->restricted ? &d->b : &d->m->out_b);
}

int tt_decoding_pick(tt_run *run, tt_decoding *d, const int32_t *barred, int count,
                     tt_greatest *of) {
    tt_product_greatest(run, of, d->states->data, d->states->rows, d->m->out, d->m->out_b.data,
                        barred, count);
    return run->failed;
}

/* ---- facts --------------------------------------------------------------------------------- */

int tt_model_inputs(const tt_model *m) { return m->h.vocab; }

int tt_model_outputs(const tt_model *m) { return m->h.tgt_vocab; }

int tt_model_longest(const tt_model *m) { return m->h.max_length; }

int tt_model_heads(const tt_model *m, int site, int layer) {
    return tt_hyper_attend(&m->h, (tt_spot){site, layer}).heads;
}

int tt_model_align_heads(const tt_model *m) {
    return tt_model_heads(m, TT_SITE_CROSS, tt_stack_align_layer(m));
}

int tt_model_texts(const tt_model *m) { return tt_hyper_texts(&m->h); }

int tt_model_context_heads(const tt_model *m) { return m->h.heads; }

int tt_model_context(const tt_model *m) { return m->h.context; }

bool tt_model_coattends(const tt_model *m) { return m->h.second == TT_SECOND_CO_ATTENTION; }

int tt_model_represents(const tt_model *m) { return m->h.characters ? TT_REPRESENTATIONS : 0; }

int tt_model_layers(const tt_model *m) { return m->h.combine ? m->h.enc_layers + 1 : 0; }

int tt_model_start(const tt_model *m) { return m->h.start; }

int tt_model_maps_of(const tt_model *m, int site) {
    if (!tt_hyper_attends(&m->h, site)) return 0;
    if (site == TT_SITE_ENC) return m->h.enc_layers;
    return m->arch->maps(m);
}

bool tt_model_tells(const tt_model *m, int site, int told) {
    const tt_attend a = tt_hyper_attend(&m->h, (tt_spot){site, 0});
    return tt_model_maps_of(m, site) && tt_attend_tells(&a, told);
}

int tt_model_features(const tt_model *m, int site) {
    const tt_attend a = tt_hyper_attend(&m->h, (tt_spot){site, 0});
    return tt_model_maps_of(m, site) ? tt_attend_features(&a) : 0;
}

bool tt_model_picks(const tt_model *m) { return m->out->packed != NULL; }

bool tt_model_halves(const tt_model *m) {
    return m->out->packed && m->out->packed_as != TT_PACKED_F32;
}

size_t tt_model_bytes(const tt_model *m, int n, int rows) {
    tt_keeping keep[LAYERS_MOST * (TT_UNITS + 2)];
    return tt_memory_bytes(keep, tt_stack_keeps(m, keep), n, rows);
}
