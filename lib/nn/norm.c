/* norm.c: see norm.h. */
#include "nn/norm.h"

static tt_tensor *layer(tt_run *run, tt_tensor *x, tt_norm_par *p, float eps) {
    return tt_op_norm(run, x, &p->g, &p->b, eps);
}

static tt_tensor *rms(tt_run *run, tt_tensor *x, tt_norm_par *p, float eps) {
    return tt_op_rms(run, x, &p->g, eps);
}

static const tt_norm_kind rows[] = {
    {{"layer", "(x - mean) / √(var + ε) gain + bias", "Ba et al. 2016", NULL}, true, layer},
    {{"rms", "x / √(mean x² + ε) gain", "Zhang and Sennrich 2019", NULL}, false, rms},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_norm_kind = {"norm-kind", "how rows are normalised", row_at};

static const tt_norm_kind *kind_of(const tt_hyper *h) {
    return (const tt_norm_kind *)h->norm_kind.row;
}

void tt_norm_params(const tt_hyper *h, tt_norm_par *p, tt_declare *d) {
    tt_declare_param(d, &p->g, &(tt_param){"norm.g", 1, h->dim, .role = TT_GAIN});
    if (kind_of(h)->biased)
        tt_declare_param(d, &p->b, &(tt_param){"norm.b", 1, h->dim, .role = TT_BIAS});
}

tt_tensor *tt_norm_run(tt_run *run, const tt_hyper *h, tt_norm_par *p, tt_tensor *x) {
    return kind_of(h)->run(run, x, p, (float)h->norm_eps);
}
