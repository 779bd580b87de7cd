/* force.c: see force.h. log p comes from the loss of training, without smoothing; the alignment is
 * the model's. */
#include "search/force.h"

#include <math.h>
#include <string.h>

static int check(const tt_model *m, const tt_seqs *s, const char *side, tt_err *e) {
    for (int b = 0; b < s->count; b++) {
        int n = s->off[b + 1] - s->off[b];
        if (n < 1 || n > tt_model_longest(m))
            return tt_fail(e, TT_EINTERNAL, "%s of %d tokens for a model of 1 to %d", side, n,
                           tt_model_longest(m));
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
        hyp[b] = (tt_hyp){
            tgt->ids + from, n, tt_search_score(o, path, n), path, words + from, NULL, 0, NULL,
            !isfinite(path)};
        out[b] = (tt_hyps){1, &hyp[b]};
    }
    return 0;
}

/* Adds weight times log p of each token to words. */
static int force_one(tt_run *run, tt_model *m, const tt_seqs *src, const tt_seqs *tgt,
                     double weight, float *words, float *alignment) {
    const size_t n = (size_t)tgt->off[tgt->count];
    float *nll = tt_run_alloc(run, n * sizeof *nll);
    if (!nll || tt_model_score(run, m, src, tgt, nll, alignment)) return run->failed;
    for (size_t i = 0; i < n; i++) words[i] -= (float)weight * nll[i];
    return 0;
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
    size_t n = 0;
    for (int b = 0; b < src->count; b++)
        n += (size_t)(src->off[b + 1] - src->off[b]) * (size_t)(tgt->off[b + 1] - tgt->off[b]);
    float *words = tt_arena_zero(a, (size_t)tgt->off[tgt->count] * sizeof *words);
    float *alignment = o->want_alignment ? tt_arena_alloc(a, n * sizeof *alignment) : NULL;
    if (!words || (o->want_alignment && !alignment))
        return tt_fail(e, TT_ENOMEM, "out of memory for the scores of a batch");
    for (int i = 0; i < m->count; i++) {
        tt_run_reset(run, NULL);
        force_one(run, m->model[i], src, tgt, m->weights ? m->weights[i] : 1, words,
                  i ? NULL : alignment);
        TT_TRY(tt_run_reset(run, e));
    }
    if (fill(out, tgt, words, o, a))
        return tt_fail(e, TT_ENOMEM, "out of memory for the scores of a batch");
    for (int b = 0; alignment && b < src->count; b++) {
        out[b].hyp->alignment = alignment;
        alignment += (size_t)out[b].hyp->count * (size_t)(src->off[b + 1] - src->off[b]);
    }
    return 0;
}
