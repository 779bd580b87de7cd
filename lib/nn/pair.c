/* pair.c: see pair.h. */
#include "nn/pair.h"

#include <math.h>

static void matrix(const tt_hyper *h, tt_tensor *t, const char *name, tt_declare *d) {
    tt_declare_param(d, t, &(tt_param){name, h->dim, h->dim, .role = TT_MATRIX});
}

static void weights(const tt_hyper *h, tt_tensor *t, const char *name, tt_declare *d) {
    tt_declare_param(
        d, t,
        &(tt_param){name, 1, h->dim, .role = TT_SMALL, .deviation = 1 / sqrt((double)h->dim)});
}

void tt_pair_params(const tt_hyper *h, tt_pair *p, tt_declare *d) {
    const size_t at = tt_declare_enter(d, "pair.");
    tt_declare_param(d, &p->side, &(tt_param){"side", 2, h->dim, .role = TT_SMALL, .deviation = 1});
    if (h->second == TT_SECOND_CO_ATTENTION) {
        tt_declare_param(d, &p->wb,
                         &(tt_param){"b.w", h->dim, h->dim, .role = TT_SMALL,
                                     .deviation = 1.0 / h->dim}); /* C begins where tanh is steep */
        matrix(h, &p->wx, "x.w", d);
        matrix(h, &p->wy, "y.w", d);
        weights(h, &p->vx, "x.v", d);
        weights(h, &p->vy, "y.v", d);
        tt_norm_params(h, &p->norm, d);
    }
    tt_declare_leave(d, at);
}

const tt_seqs *tt_pair_split(tt_run *run, const tt_seqs *src) {
    tt_seqs *both = tt_run_alloc(run, sizeof *both);
    int32_t *off = tt_run_alloc(run, (2 * (size_t)src->count + 1) * sizeof *off);
    if (!both || !off) return NULL;
    off[0] = 0;
    for (int b = 0; b < src->count; b++) {
        const int32_t end = src->off[b + 1];
        int32_t i = src->off[b];
        while (i < end && src->ids[i] != src->ids[end - 1]) i++;
        off[2 * b + 1] = i < end ? i + 1 : end;
        off[2 * b + 2] = end;
    }
    *both = (tt_seqs){2 * src->count, off, src->ids, NULL};
    return both;
}

tt_tensor *tt_pair_mark(tt_run *run, tt_pair *p, tt_tensor *x, int count, const int32_t *off,
                        int first) {
    int32_t *at = tt_run_alloc(run, ((size_t)off[count] + 1) * sizeof *at);
    if (!at) return NULL;
    for (int b = 0; b < count; b++)
        for (int32_t i = off[b]; i < off[b + 1]; i++) at[i] = (first + b) % 2;
    tt_tensor *side = tt_op_pick(run, &p->side, at, off[count]);
    return x && side ? tt_op_residual(run, x, side, 0) : NULL;
}

/* The rows of the first texts, or of the second, of count pairs; returns how many. */
static int rows_of(const tt_seqs *split, int which, int32_t *rows) {
    int n = 0;
    for (int b = which; b < split->count; b += 2)
        for (int32_t i = split->off[b]; i < split->off[b + 1]; i++) rows[n++] = i;
    return n;
}

/* One product for the first texts and another for the second, in the rows of x. */
static tt_tensor *each_its_own(tt_run *run, tt_tensor *x, const tt_seqs *split, tt_tensor *wx,
                               tt_tensor *wy) {
    const size_t size = (size_t)split->off[split->count];
    int32_t *rows = tt_run_alloc(run, (2 * size + 2) * sizeof *rows);
    const int32_t **places = tt_run_alloc(run, 2 * sizeof(int32_t *));
    tt_tensor **parts = tt_run_alloc(run, 2 * sizeof(tt_tensor *));
    if (!rows || !places || !parts) return NULL;
    int n = 0;
    for (int which = 0; which < 2; which++) {
        places[which] = rows + n;
        const int some = rows_of(split, which, rows + n);
        parts[which] = tt_op_linear(run, tt_op_pick(run, x, places[which], some), which ? wy : wx,
                                    NULL, TT_ACT_NONE);
        n += some;
    }
    return tt_op_join(run, parts, places, 2, (int)size);
}

tt_tensor *tt_pair_join(tt_run *run, const tt_hyper *h, tt_pair *p, tt_tensor *text,
                        const tt_seqs *split, float *weights_of) {
    if (h->second != TT_SECOND_CO_ATTENTION || !text) return text;
    tt_tensor *keys = tt_op_linear(run, text, &p->wb, NULL, TT_ACT_NONE);
    tt_tensor *u = each_its_own(run, text, split, &p->wx, &p->wy);
    tt_tensor *hidden = tt_op_coattend(run, keys, text, u, split->count / 2, split->off);
    tt_tensor *e = each_its_own(run, hidden, split, &p->vx, &p->vy);
    return tt_op_emphasise(run, tt_norm_run(run, h, &p->norm, text), e, split->count, split->off,
                           weights_of);
}
