/* force.c: see force.h. log p comes from the loss of training, without smoothing; the alignment is
 * the model's, as in beam.c: a head of one layer's cross-attention, or the mean of all.
 */
#include "search/force.h"

#include <math.h>
#include <string.h>

static int check(const tt_model *m, const tt_seqs *s, const char *side, tt_err *e) {
    for (int b = 0; b < s->count; b++) {
        int n = s->off[b + 1] - s->off[b];
        if (n < 1 || n > m->h.max_length)
            return tt_fail(e, TT_EINTERNAL, "%s of %d tokens for a model of 1 to %d", side, n,
                           m->h.max_length);
    }
    return 0;
}

/* Blocks of (H, T, S), sentence after sentence, become one of the heads or their mean, (T, S), in
   memory of their own. */
static int join_heads(tt_hyps *out, const tt_kernels *k, float *maps, const tt_hyper *model,
                      const tt_seqs *src, tt_arena *a) {
    size_t heads = (size_t)model->heads;
    for (int b = 0; b < src->count; b++) {
        tt_hyp *h = out[b].hyp;
        size_t n = (size_t)h->count * (size_t)(src->off[b + 1] - src->off[b]);
        float *mean = tt_arena_alloc(a, n * sizeof *mean);
        if (!mean) return TT_ENOMEM;
        if (model->align_head >= 0) {
            memcpy(mean, maps + (size_t)model->align_head * n, n * sizeof *mean);
        } else {
            if (heads > 1) k->add_rows(maps, maps + n, heads - 1, n);
            k->scale(mean, maps, 1.0f / (float)heads, n);
        }
        h->alignment = mean;
        maps += heads * n;
    }
    return 0;
}

/* words (N): log p of all tokens. */
static int fill(tt_hyps *out, const tt_seqs *tgt, const float *words, const tt_search_opts *o,
                tt_arena *a) {
    tt_hyp *hyp = tt_arena_alloc(a, (size_t)tgt->count * sizeof *hyp);
    if (!hyp) return TT_ENOMEM;
    for (int b = 0; b < tgt->count; b++) {
        int32_t from = tgt->off[b], n = tgt->off[b + 1] - from;
        double path = 0;
        for (int32_t i = from; i < from + n; i++) path += (double)words[i];
        if (isnan(path)) path = (double)NAN; /* whatever its sign */
        hyp[b] = (tt_hyp){tgt->ids + from, n, tt_search_score(o, path, n), path, words + from, NULL, 0, NULL, !isfinite(path)};
        out[b] = (tt_hyps){1, &hyp[b]};
    }
    return 0;
}

/* One model, with its maps where they are wanted. Adds weight times log p of each token to words. */
static void force_one(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt, double weight,
                      float *words, float *weights) {
    size_t n = (size_t)tgt->off[tgt->count];
    float **cross = NULL, *nll = tt_run_alloc(run, n * sizeof *nll);
    if (weights) {
        int from = m->h.align_layer < 0 ? m->h.dec_layers - 1 : m->h.align_layer;
        cross = tt_run_alloc(run, (size_t)m->h.dec_layers * sizeof *cross);
        for (int i = 0; cross && i < m->h.dec_layers; i++) cross[i] = i == from ? weights : NULL;
    }
    if (run->failed) return;
    tt_maps maps = {.cross = cross};
    tt_loss loss = {0};
    tt_tensor *memory = tt_transformer_encode(run, m, src, NULL);
    tt_tensor *x = tt_transformer_decode(run, m, tgt, memory, src, &maps);
    if (!run->failed) tt_op_xent(run, x, m->out, &m->out_b, tgt->ids, 0, &loss, nll);
    for (size_t i = 0; i < n && !run->failed; i++) words[i] -= (float)weight * nll[i];
}

int tt_force(tt_run *run, const tt_models *m, const tt_seqs *src, const tt_seqs *tgt,
             const tt_search_opts *o, tt_hyps *out, tt_arena *a, tt_err *e) {
    if (src->count != tgt->count)
        return tt_fail(e, TT_EINTERNAL, "%d sentences with %d translations", src->count,
                       tgt->count);
    for (int i = 0; i < m->count; i++) {
        TT_TRY(check(m->model[i], src, "a sentence", e));
        TT_TRY(check(m->model[i], tgt, "a translation", e));
    }
    if (!src->count) return 0;
    const tt_hyper *h = &m->model[0]->h;
    size_t n = 0;
    for (int b = 0; b < src->count; b++)
        n += (size_t)(src->off[b + 1] - src->off[b]) * (size_t)(tgt->off[b + 1] - tgt->off[b]);
    float *words = tt_arena_zero(a, (size_t)tgt->off[tgt->count] * sizeof *words);
    float *maps = o->want_alignment
                      ? tt_arena_alloc(a, n * (size_t)h->heads * sizeof *maps) : NULL;
    if (!words || (o->want_alignment && !maps))
        return tt_fail(e, TT_ENOMEM, "out of memory for the scores of a batch");
    for (int i = 0; i < m->count; i++) {
        tt_run_reset(run, NULL);
        force_one(run, m->model[i], src, tgt, m->weights ? m->weights[i] : 1, words, i ? NULL : maps);
        TT_TRY(tt_run_reset(run, e));
    }
    int rc = fill(out, tgt, words, o, a);
    if (!rc && maps) rc = join_heads(out, run->k, maps, h, src, a);
    return rc ? tt_fail(e, rc, "out of memory for the scores of a batch") : 0;
}
