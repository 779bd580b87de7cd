/* sub_scan.c: a recurrent layer of an encoder: h = scan(x W + b), of width D; or of half the width
 * from each end, side by side. Dropout stands on the input of each layer.
 */
#include <stdio.h>

#include "nn/sublayer.h"

struct scan {
    tt_tensor w[2], b[2]; /* of each direction: (G k, D), (1, G k) */
    tt_cell_par cell[2];
};

static const tt_side *side_of(const tt_hyper *h) { return (const tt_side *)h->encoder.row; }

static tt_cell_use use_of(const tt_hyper *h, struct scan *p, int way) {
    const tt_side *s = side_of(h);
    return (tt_cell_use){s->cell, h->encoder.set, &p->cell[way], s->both ? h->dim / 2 : h->dim,
                         NULL};
}

static void params(const tt_hyper *h, tt_spot at, void *par, tt_declare *d) {
    static const char *const ways[] = {"fw.", "bw."};
    struct scan *p = par;
    (void)at;
    for (int way = 0; way < 1 + side_of(h)->both; way++) {
        const tt_cell_use u = use_of(h, p, way);
        const size_t begun = tt_declare_enter(d, "%s", side_of(h)->both ? ways[way] : "");
        tt_cell_params(&u, h->dim, &p->w[way], &p->b[way], d);
        tt_declare_leave(d, begun);
    }
}

static int order_of(const tt_hyper *h, int way) {
    if (way) return TT_SCAN_BACKWARD;
    return !side_of(h)->both && h->encoder.set[TT_SIDE_READING] != 0 ? TT_SCAN_REVERSED
                                                                     : TT_SCAN_FORWARD;
}

static tt_tensor *run_scan(tt_run *run, const tt_hyper *h, tt_spot at, void *par, tt_tensor *x,
                           const tt_pass *pass) {
    struct scan *p = par;
    const bool above = pass->slot > 0;
    const int residual = (int)h->encoder.set[TT_SIDE_RESIDUAL];
    (void)at;
    tt_tensor *in = above ? tt_op_residual(run, NULL, x, (float)h->dropout) : x,
              *y[2] = {NULL, NULL};
    for (int way = 0; way < 1 + side_of(h)->both; way++) {
        const tt_cell_use u = use_of(h, p, way);
        tt_tensor *z = tt_op_linear(run, in, &p->w[way], &p->b[way], TT_ACT_NONE);
        y[way] = tt_op_scan(run, &u, z, pass->self->count, pass->self->q_off, order_of(h, way));
    }
    tt_tensor *all = side_of(h)->both ? tt_op_beside(run, (tt_part){y[0], 0}, h->dim / 2,
                                                     (tt_part){y[1], 0}, h->dim / 2)
                                      : y[0];
    if (above &&
        (residual == TT_RESIDUAL_YES || (residual == TT_RESIDUAL_AUTO && h->enc_layers > 2)))
        return tt_op_residual(run, x, all, 0);
    return all;
}

static void say(const tt_hyper *h, tt_spot at, const tt_telling *l) {
    char shapes[80];
    const tt_side *s = side_of(h);
    const int k = s->both ? h->dim / 2 : h->dim;
    (void)at;
    snprintf(shapes, sizeof shapes, "%d gate%s: W (%d, %d)  U (%d, %d)", s->cell->gates,
             s->cell->gates == 1 ? "" : "s", k, h->dim, k, k);
    tt_telling_say(l, shapes, "%s   (%s)", s->cell->row.help, s->cell->row.name);
    if (order_of(h, 0) == TT_SCAN_REVERSED)
        tt_telling_say(l, NULL,
                       "h⁻ of t is h of t + 1: the text is read from behind, its end last");
    tt_telling_say(l, NULL, s->both ? "f_t = [h forward_t; h backward_t]" : "f_t = h_t");
}

static bool stands(const tt_hyper *h, int site) {
    (void)site;
    return tt_hyper_encoder_cell(h) != NULL;
}

const tt_sublayer tt_sub_scan = {{"recurrent", "a cell along the text", "Elman 1990", NULL},
                                 "rnn.",
                                 sizeof(struct scan),
                                 params,
                                 NULL,
                                 NULL,
                                 say,
                                 run_scan,
                                 TT_PART_SELF,
                                 TT_AT_ENC,
                                 stands,
                                 false};
