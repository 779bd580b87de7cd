/* sub_ffn.c: the feed-forward layer of each position by itself, one row a kind; the family
 * feed-forward:
 *   plain   f = act(x W_1 + b_1) W_2 + b_2, act being --activation        (Vaswani et al. 2017,
 *           3.3)
 *   gated   f = (act(x W + b) ∘ (x V + c)) W_2 + b_2, W above V in one matrix    (Shazeer 2020)
 */
#include <stdio.h>

#include "nn/sublayer.h"

struct ffn {
    tt_tensor w1, b1, w2, b2; /* (F, D), (1, F), gated (2F, D), (1, 2F); (D, F), (1, D) */
};

struct kind {
    tt_row row;
    bool gated;
    int act; /* of the gate */
};

static const struct kind rows[] = {
    {{"plain", "act(x W1) W2 with --activation", "Vaswani et al. 2017", NULL}, false, 0},
    {{"glu", "(σ(x W) ∘ x V) W2", "Dauphin et al. 2017", NULL}, true, TT_ACT_SIGMOID},
    {{"bilinear", "(x W ∘ x V) W2", "Shazeer 2020", NULL}, true, TT_ACT_NONE},
    {{"reglu", "(relu(x W) ∘ x V) W2", "Shazeer 2020", NULL}, true, TT_ACT_RELU},
    {{"geglu", "(gelu(x W) ∘ x V) W2", "Shazeer 2020", NULL}, true, TT_ACT_GELU},
    {{"swiglu", "(swish(x W) ∘ x V) W2", "Shazeer 2020", NULL}, true, TT_ACT_SWISH},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_feed_forward = {"feed-forward", "what a feed-forward layer computes",
                                          row_at};

static const struct kind *kind_of(const tt_hyper *h) {
    return (const struct kind *)h->feed_forward.row;
}

static void params(const tt_hyper *h, tt_spot at, void *par, tt_declare *d) {
    struct ffn *p = par;
    const int wide = at.site == TT_SITE_ENC ? h->ffn : tt_hyper_dec_ffn(h);
    const int both = kind_of(h)->gated ? 2 : 1;
    tt_declare_param(d, &p->w1,
                     &(tt_param){"1.w", both * wide, h->dim, .role = TT_MATRIX, .parts = both,
                                 .branch = both == 2 ? 2 : 1}); /* V; the gate stays as it is */
    tt_declare_param(d, &p->b1, &(tt_param){"1.b", 1, both * wide, .role = TT_BIAS});
    tt_declare_param(d, &p->w2, &(tt_param){"2.w", h->dim, wide, .role = TT_MATRIX, .branch = 1});
    tt_declare_param(d, &p->b2, &(tt_param){"2.b", 1, h->dim, .role = TT_BIAS});
}

static tt_tensor *run_ffn(tt_run *run, const tt_hyper *h, tt_spot at, void *par, tt_tensor *x,
                          const tt_pass *pass) {
    struct ffn *p = par;
    (void)at, (void)pass;
    const struct kind *kind = kind_of(h);
    tt_tensor *inner =
        tt_op_linear(run, x, &p->w1, &p->b1, kind->gated ? TT_ACT_NONE : h->activation);
    if (kind->gated) inner = tt_op_glu(run, inner, kind->act);
    inner = tt_op_residual(run, NULL, inner, (float)h->ffn_dropout);
    return tt_op_linear(run, inner, &p->w2, &p->b2, TT_ACT_NONE);
}

static void say(const tt_hyper *h, tt_spot at, const tt_telling *l) {
    char shapes[80];
    const int wide = at.site == TT_SITE_ENC ? h->ffn : tt_hyper_dec_ffn(h);
    const char *x = at.site == TT_SITE_ENC ? "x" : "y";
    if (kind_of(h)->gated) {
        snprintf(shapes, sizeof shapes, "W, V (%d, %d)  W2 (%d, %d)", wide, h->dim, h->dim, wide);
        tt_telling_say(l, shapes, "f = %s of x = %s, and biases", kind_of(h)->row.help, x);
        return;
    }
    snprintf(shapes, sizeof shapes, "W1 (%d, %d)  W2 (%d, %d)", wide, h->dim, h->dim, wide);
    tt_telling_say(l, shapes, "f = %s(%s W1 + b1) W2 + b2",
                   tt_family_activation.row(h->activation)->name, x);
}

static bool stands(const tt_hyper *h, int site) {
    return !(site == TT_SITE_ENC ? tt_hyper_encoder_cell(h) : tt_hyper_decoder_cell(h));
}

const tt_sublayer tt_sub_ffn = {
    {"feed-forward", "two products with an activation between", "Vaswani et al. 2017", NULL},
    "ffn.",
    sizeof(struct ffn),
    params,
    NULL,
    NULL,
    say,
    run_ffn,
    TT_PART_FFN,
    TT_AT_SELF,
    stands,
    false};
