/* sub_ssru.c: the simpler simple recurrent unit as a sublayer (Kim et al. 2019): y = ssru(x W + b).
 */
#include <stdio.h>

#include "nn/sublayer.h"

struct ssru {
    tt_tensor w, b; /* (2D, D), (1, 2D), of [x̃ | g] */
};

/* The unit has a bias on its forget gate alone, and other programs have no place for more: the
 * first half stays 0. */
static void params(const tt_hyper *h, int site, void *par, tt_declare *d) {
    struct ssru *p = par;
    (void)site;
    tt_declare_param(d, &p->w, &(tt_param){"w", 2 * h->dim, h->dim, .role = TT_MATRIX, .parts = 2});
    tt_declare_param(d, &p->b, &(tt_param){"b", 1, 2 * h->dim, .role = TT_BIAS, .fixed = h->dim});
}

static tt_keeping keeps(const tt_hyper *h, int site) {
    (void)site;
    return (tt_keeping){TT_KEEP_STATE, h->dim, 0, 0};
}

static tt_tensor *run_ssru(tt_run *run, const tt_hyper *h, int site, void *par, tt_tensor *x,
                           const tt_pass *pass) {
    struct ssru *p = par;
    (void)h, (void)site;
    tt_tensor *z = tt_op_linear(run, x, &p->w, &p->b, TT_ACT_NONE);
    if (pass->form == TT_WHOLE) return tt_op_ssru(run, z, pass->self->count, pass->self->q_off);
    tt_state_rows s = tt_memory_state(pass->memory, pass->slot);
    return tt_op_ssru_rows(run, z, s.before, s.parent, s.after);
}

static void say(const tt_hyper *h, int site, const tt_telling *l) {
    char shapes[80];
    (void)site;
    snprintf(shapes, sizeof shapes, "W, Wf (%d, %d)", h->dim, h->dim);
    tt_telling_say(l, shapes,
                   "f_t = σ(y_t Wf + b), c_t = f_t ∘ c_t⁻ + (1 - f_t) ∘ y_t W, f = max(c, 0)");
}

static bool stands(const tt_hyper *h, int site) {
    (void)site;
    return tt_hyper_mixes(h, TT_AUTOREG_SSRU);
}

const tt_sublayer tt_sub_ssru = {
    {"ssru", "a simpler simple recurrent unit", "Kim et al. 2019", NULL},
    "rnn.",
    sizeof(struct ssru),
    params,
    keeps,
    NULL,
    say,
    run_ssru,
    TT_PART_SELF,
    TT_AT_DEC,
    stands,
    false};
