/* sub_average.c: average attention as a sublayer (Zhang, Xiong and Su 2018), A its width
 * (--aan-dim):
 *   a_t = mean of x_0 … x_t,  y = act(a W_1 + b_1) W_2 + b_2,  and with a gate  σ(x W_i + b_i) ∘ x
 *                             + σ(y W_f + b_f) ∘ y
 */
#include <stdio.h>

#include "nn/sublayer.h"

struct average {
    tt_tensor w1, b1, w2, b2;     /* (A, D), (1, A), (D, A), (1, D) */
    tt_tensor in_w, in_b;         /* of the gates: (D, D), (1, D) over the input, */
    tt_tensor forget_w, forget_b; /* and over the average */
};

static void params(const tt_hyper *h, tt_spot at, void *par, tt_declare *d) {
    struct average *p = par;
    (void)at;
    tt_declare_param(d, &p->w1, &(tt_param){"1.w", h->aan_dim, h->dim, .role = TT_MATRIX});
    tt_declare_param(d, &p->b1, &(tt_param){"1.b", 1, h->aan_dim, .role = TT_BIAS});
    tt_declare_param(d, &p->w2, &(tt_param){"2.w", h->dim, h->aan_dim, .role = TT_MATRIX});
    tt_declare_param(d, &p->b2, &(tt_param){"2.b", 1, h->dim, .role = TT_BIAS});
    if (!h->aan_gate) return;
    tt_declare_param(d, &p->in_w, &(tt_param){"in.w", h->dim, h->dim, .role = TT_MATRIX});
    tt_declare_param(d, &p->in_b, &(tt_param){"in.b", 1, h->dim, .role = TT_BIAS});
    tt_declare_param(d, &p->forget_w, &(tt_param){"forget.w", h->dim, h->dim, .role = TT_MATRIX});
    tt_declare_param(d, &p->forget_b, &(tt_param){"forget.b", 1, h->dim, .role = TT_BIAS});
}

static tt_keeping keeps(const tt_hyper *h, tt_spot at) {
    (void)at;
    return (tt_keeping){TT_KEEP_STATE, h->dim, 0, 0};
}

static tt_tensor *run_average(tt_run *run, const tt_hyper *h, tt_spot at, void *par, tt_tensor *x,
                              const tt_pass *pass) {
    struct average *p = par;
    tt_tensor *y;
    (void)at;
    if (pass->form == TT_WHOLE) {
        y = tt_op_average(run, x, pass->self->count, pass->self->q_off);
    } else {
        tt_state_rows s = tt_memory_state(pass->memory, pass->slot);
        y = tt_op_average_rows(run, x, s.before, s.parent, s.after,
                               tt_memory_steps(pass->memory) - 1);
    }
    y = tt_op_linear(run, y, &p->w1, &p->b1, h->aan_activation);
    y = tt_op_linear(run, tt_op_residual(run, NULL, y, (float)h->ffn_dropout), &p->w2, &p->b2,
                     TT_ACT_NONE);
    if (!h->aan_gate) return y;
    tt_tensor *in = tt_op_linear(run, x, &p->in_w, &p->in_b, TT_ACT_NONE);
    return tt_op_gate(run, in, x, tt_op_linear(run, y, &p->forget_w, &p->forget_b, TT_ACT_NONE), y);
}

static void say(const tt_hyper *h, tt_spot at, const tt_telling *l) {
    char shapes[80];
    (void)at;
    snprintf(shapes, sizeof shapes, "W1 (%d, %d)  W2 (%d, %d)", h->aan_dim, h->dim, h->dim,
             h->aan_dim);
    tt_telling_say(l, shapes, "a_t = %s(mean(y_1 … y_t) W1 + b1) W2 + b2",
                   tt_family_activation.row(h->aan_activation)->name);
    tt_telling_say(l, NULL, h->aan_gate ? "f = σ(y Wi + bi) ∘ y + σ(a Wf + bf) ∘ a" : "f = a");
}

static bool stands(const tt_hyper *h, int site) {
    (void)site;
    return tt_hyper_mixes(h, TT_AUTOREG_AVERAGE);
}

const tt_sublayer tt_sub_average = {
    {"average-attention", "the average of all before, through a layer", "Zhang et al. 2018", NULL},
    "aan.",
    sizeof(struct average),
    params,
    keeps,
    NULL,
    say,
    run_average,
    TT_PART_SELF,
    TT_AT_DEC,
    stands,
    false};
