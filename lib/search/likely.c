/* likely.c: see likely.h. All steps at once, as in forced decoding, but for the output layer, which
 * takes a few at a time. */
#include "search/likely.h"

#include <math.h>

enum { AT_ONCE = 32 };

/* The k greatest of logits (v), by insertion: k is small. */
static void pick(tt_likely *of, int k, const float *logits, int v, float lse) {
    int n = 0;
    for (int32_t id = 0; id < v; id++) {
        int at = n;
        while (at > 0 && logits[id] > of[at - 1].p) at--;
        if (at == k) continue;
        if (n < k) n++;
        for (int i = n - 1; i > at; i--) of[i] = of[i - 1];
        of[at] = (tt_likely){id, logits[id]};
    }
    for (int i = 0; i < n; i++) of[i].p = expf(of[i].p - lse);
}

int tt_likely_find(tt_likely *of, int k, tt_run *run, tt_model *m, const tt_seqs *src,
                   const tt_seqs *tgt, tt_err *e) {
    const int v = tt_model_outputs(m);
    tt_run_reset(run, NULL);
    tt_tensor *states = tt_model_states(run, m, src, tgt);
    const tt_mark mark = tt_arena_mark(run->arena);
    for (int from = 0, n; states && from < states->rows; from += n) {
        n = states->rows - from < AT_ONCE ? states->rows - from : AT_ONCE;
        const tt_tensor *logits = tt_model_logits(run, m, states, from, n);
        for (int r = 0; logits && r < n; r++) {
            const float *row = logits->data + (size_t)r * (size_t)v;
            pick(of + (size_t)(from + r) * (size_t)k, k, row, v, run->k->logsumexp(row, (size_t)v));
        }
        tt_arena_rewind(run->arena, mark);
    }
    return tt_run_reset(run, e);
}
