/* plan.c: what a run and a model will do, as ttrans/training.h gives it to those who draw it: the
 * numbers are those of the run and the model themselves.
 */
#include "ttrans/plan.h"

#include <string.h>

#include "nn/model.h"
#include "train/optim.h"
#include "train/schedule.h"

int tt_plan_rate(const tt_train_options *o, int dim, double n, double *rate, tt_err *e) {
    tt_rate_plan plan;
    const double end = o->after.n > 0 && o->after.unit == 'u' ? o->after.n : (double)o->max_updates;
    TT_TRY(tt_rate_open(&plan, o, dim, e));
    /* The loop looks at the part that is over before the update. */
    *rate = tt_rate_at(
        &plan, &(tt_rate_now){.n = n, .done = end > 0 && n - 1 < end ? (n - 1) / end : end > 0});
    return 0;
}

int tt_plan_warmup(const char *name, double tau, double beta2, double n, double *share, tt_err *e) {
    const int i = tt_family_place(&tt_family_warmup, name, strlen(name)),
              k = tt_family_place(&tt_family_optimizer, name, strlen(name));
    const tt_optimizer *o = k < 0 ? NULL : (const tt_optimizer *)tt_family_optimizer.row(k);
    char names[200];
    if (i >= 0) {
        const tt_warmup *w = (const tt_warmup *)tt_family_warmup.row(i);
        const double time = w->untuned > 0 ? w->untuned / (1 - beta2) : tau;
        *share = time > 0 ? w->share(n, time) : 1;
        return 0;
    }
    if (o && o->share) {
        *share = o->share(beta2, n);
        return 0;
    }
    tt_family_names(&tt_family_warmup, names, sizeof names);
    return tt_fail(e, TT_EUSAGE,
                   "'%.40s' is neither a warm-up (%s) nor an optimizer that warms up by itself",
                   name, names);
}

int tt_plan_positions(const char *name, int dim, int count, float *out, tt_err *e) {
    tt_hyper h;
    tt_hyper_init(&h);
    TT_TRY(tt_hyper_set(&h, "positions", name, e));
    TT_TRY(tt_hyper_set(&h, "autoreg", "self-attention", e));
    if (!tt_hyper_sines(&h))
        return tt_fail(e, TT_EUSAGE, "positions '%s' are not computed, so there is nothing to draw",
                       name);
    if (dim < 2 || dim % 2 || count < 1)
        return tt_fail(e, TT_EUSAGE,
                       "%d positions of width %d: expected 1 or more, and an even width", count,
                       dim);
    h.dim = dim;
    h.max_length = count;
    h.enc_layers = h.dec_layers = 1;
    tt_model *m = tt_model_skeleton(&h, e);
    int rc = m ? tt_model_place(m, e) : e->code;
    if (!rc) memcpy(out, m->pos.data, (size_t)count * (size_t)dim * sizeof *out);
    tt_model_close(m);
    return rc;
}
