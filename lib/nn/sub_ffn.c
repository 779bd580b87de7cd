/* sub_ffn.c: the feed-forward layer of each position by itself (Vaswani et al. 2017, 3.3): y =
 * act(x W_1 + b_1) W_2 + b_2. */
#include <stdio.h>

#include "nn/sublayer.h"

struct ffn {
    tt_tensor w1, b1, w2, b2; /* (F, D), (1, F), (D, F), (1, D) */
};

static void params(const tt_hyper *h, tt_spot at, void *par, tt_declare *d) {
    struct ffn *p = par;
    const int wide = at.site == TT_SITE_ENC ? h->ffn : tt_hyper_dec_ffn(h);
    tt_declare_param(d, &p->w1, &(tt_param){"1.w", wide, h->dim, .role = TT_MATRIX, .branch = 1});
    tt_declare_param(d, &p->b1, &(tt_param){"1.b", 1, wide, .role = TT_BIAS});
    tt_declare_param(d, &p->w2, &(tt_param){"2.w", h->dim, wide, .role = TT_MATRIX, .branch = 1});
    tt_declare_param(d, &p->b2, &(tt_param){"2.b", 1, h->dim, .role = TT_BIAS});
}

static tt_tensor *run_ffn(tt_run *run, const tt_hyper *h, tt_spot at, void *par, tt_tensor *x,
                          const tt_pass *pass) {
    struct ffn *p = par;
    (void)at, (void)pass;
    tt_tensor *inner = tt_op_linear(run, x, &p->w1, &p->b1, h->activation);
    inner = tt_op_residual(run, NULL, inner, (float)h->ffn_dropout);
    return tt_op_linear(run, inner, &p->w2, &p->b2, TT_ACT_NONE);
}

static void say(const tt_hyper *h, tt_spot at, const tt_telling *l) {
    char shapes[80];
    const int wide = at.site == TT_SITE_ENC ? h->ffn : tt_hyper_dec_ffn(h);
    const char *x = at.site == TT_SITE_ENC ? "x" : "y";
    snprintf(shapes, sizeof shapes, "W1 (%d, %d)  W2 (%d, %d)", wide, h->dim, h->dim, wide);
    tt_telling_say(l, shapes, "f = %s(%s W1 + b1) W2 + b2",
                   tt_family_activation.row(h->activation)->name, x);
}

const tt_sublayer tt_sub_ffn = {
    {"feed-forward", "two products with an activation between", "Vaswani et al. 2017", NULL},
    "ffn.",
    sizeof(struct ffn),
    params,
    NULL,
    NULL,
    say,
    run_ffn};
