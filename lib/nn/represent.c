/* represent.c: see represent.h. */
#include "nn/represent.h"

#include <assert.h>
#include <math.h>

static void bias(const tt_hyper *h, tt_tensor *t, const char *name, tt_declare *d) {
    tt_declare_param(d, t, &(tt_param){name, 1, h->dim, .role = TT_BIAS});
}

void tt_represent_params(const tt_hyper *h, tt_represent *p, tt_declare *d) {
    const size_t at = tt_declare_enter(d, "src.represent.");
    tt_declare_param(d, &p->grams, &(tt_param){"grams", TT_GRAM_ROWS, h->dim, .role = TT_TABLE});
    tt_declare_param(d, &p->w, &(tt_param){"w", h->dim, h->dim, .role = TT_MATRIX});
    bias(h, &p->b[0], "piece.b", d);
    bias(h, &p->b[1], "characters.b", d);
    tt_declare_param(
        d, &p->v,
        &(tt_param){"v", 1, h->dim, .role = TT_SMALL, .deviation = 1 / sqrt((double)h->dim)});
    tt_declare_leave(d, at);
}

tt_tensor *tt_represent_run(tt_run *run, const tt_hyper *h, tt_represent *p, tt_tensor *table,
                            const int32_t *ids, int n, float *weights) {
    assert(h->grams && h->grams->pieces == table->rows);
    tt_tensor *x[TT_REPRESENTATIONS] = {tt_op_embed(run, table, NULL, ids, NULL, n, 1),
                                        tt_op_grams(run, &p->grams, h->grams, ids, n)};
    tt_tensor *u[TT_REPRESENTATIONS];
    for (int r = 0; r < TT_REPRESENTATIONS; r++)
        u[r] = tt_op_worth(run, x[r], &p->w, &p->b[r], &p->v);
    return tt_op_blend(run, x, u, TT_REPRESENTATIONS, weights);
}
