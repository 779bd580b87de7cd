/* order.c: see order.h. */
#include "nn/order.h"

#include <math.h>

static tt_tensor *as_it_is(tt_run *run, const tt_hyper *h, tt_norm_par *p, tt_tensor *x) {
    (void)run, (void)h, (void)p;
    return x;
}

static tt_tensor *add(tt_run *run, const tt_hyper *h, int site, tt_norm_par *p, tt_tensor *x,
                      tt_tensor *fx) {
    (void)site, (void)p;
    return tt_op_residual(run, x, fx, (float)h->dropout);
}

static tt_tensor *add_and_norm(tt_run *run, const tt_hyper *h, int site, tt_norm_par *p,
                               tt_tensor *x, tt_tensor *fx) {
    return tt_norm_run(run, h, p, add(run, h, site, p, x, fx));
}

static tt_tensor *deepen(tt_run *run, const tt_hyper *h, int site, tt_norm_par *p, tt_tensor *x,
                         tt_tensor *fx) {
    const double n = h->enc_layers, m = h->dec_layers;
    const double alpha =
        site == TT_SITE_ENC ? 0.81 * pow(n * n * n * n * m, 1.0 / 16) : pow(3 * m, 0.25);
    return add_and_norm(run, h, site, p, tt_op_scale(run, x, (float)alpha), fx);
}

static const tt_order rows[] = {
    {{"post", "layer normalisation behind each sublayer", "Vaswani et al. 2017", NULL},
     "x = norm(x + f)",
     true,
     false,
     as_it_is,
     add_and_norm},
    {{"pre", "layer normalisation before each sublayer", "Wang et al. 2019", NULL},
     "x = x + f, f of norm(x)",
     true,
     true,
     tt_norm_run,
     add},
    {{"none", "no normalisation; see --init t-fixup", "Huang et al. 2020", NULL},
     "x = x + f",
     false,
     false,
     as_it_is,
     add},
    {{"deep", "behind each sublayer, the sum leaning on what came in; see --init deepnet",
      "Wang et al. 2022", NULL},
     "x = norm(α x + f)",
     true,
     false,
     as_it_is,
     deepen},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_norm = {"norm", "block order: where layers are normalised", row_at};

static tt_tensor *alone(tt_run *run, const tt_hyper *h, int site, tt_norm_par *p, tt_tensor *x,
                        tt_tensor *fx) {
    (void)run, (void)h, (void)site, (void)p, (void)x;
    return fx;
}

static const tt_order plain = {
    {"plain", "nothing around a layer", NULL, NULL}, "x = f", false, false, as_it_is, alone};

const tt_order *tt_order_of(const tt_hyper *h, int site) {
    return site == TT_SITE_ENC && tt_hyper_encoder_cell(h) ? &plain : &rows[h->norm];
}

int tt_hyper_top_norm(const tt_hyper *h) {
    return h->top_norm == TT_TOP_NORM_AUTO ? rows[h->norm].on_top : h->top_norm == TT_TOP_NORM_YES;
}
