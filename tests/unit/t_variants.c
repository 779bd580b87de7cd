/* t_variants.c: rows of a model's families are in the order of their enumerations, and every preset
   is a model. */
#include "nn/hyper.h"
#include "unit/test.h"

#include <string.h>

static int is(const tt_family *f, int place, const char *name) {
    return f->row(place) && !strcmp(f->row(place)->name, name);
}

int main(void) {
    CHECK(is(&tt_family_norm, TT_NORM_POST, "post") && is(&tt_family_norm, TT_NORM_PRE, "pre") &&
          is(&tt_family_norm, TT_NORM_NONE, "none") && is(&tt_family_norm, TT_NORM_DEEP, "deep") &&
          !tt_family_norm.row(4));
    CHECK(is(&tt_family_autoreg, TT_AUTOREG_ATTENTION, "self-attention") &&
          is(&tt_family_autoreg, TT_AUTOREG_SSRU, "ssru"));
    CHECK(is(&tt_family_autoreg, TT_AUTOREG_AVERAGE, "average-attention") &&
          !tt_family_autoreg.row(-1));
    CHECK(is(&tt_family_positions, TT_POSITIONS_MARIAN, "marian") &&
          is(&tt_family_positions, TT_POSITIONS_NONE, "none"));
    CHECK(is(&tt_family_positions, TT_POSITIONS_ROTARY, "rotary") &&
          is(&tt_family_positions, TT_POSITIONS_RELATIVE, "relative") &&
          !tt_family_positions.row(TT_POSITIONS_COUNT));
    CHECK(is(&tt_family_norm_kind, 0, "layer") && is(&tt_family_feed_forward, 0, "plain"),
          "the defaults come first");
    CHECK(is(&tt_family_activation, TT_ACT_RELU, "relu") &&
          is(&tt_family_activation, TT_ACT_GELU_SIGMOID, "gelu-sigmoid"));
    CHECK(!tt_family_activation.row(TT_ACT_SIGMOID), "the gates' sigmoid is not to choose");
    const tt_row *r;
    for (int i = 0; (r = tt_family_preset.row(i)) != NULL; i++) {
        const tt_preset *p = (const tt_preset *)r;
        tt_hyper h;
        tt_err e = {0};
        tt_hyper_init(&h);
        CHECK(!tt_hyper_set(&h, "preset", r->name, &e) && !tt_hyper_finish(&h, 1000, &e), "%s: %s",
              r->name, e.msg);
        CHECK(h.preset == i && h.dim == p->dim && h.heads == p->heads && h.ffn == p->ffn &&
                  h.enc_layers == p->enc_layers && h.dec_layers == p->dec_layers &&
                  h.autoreg == p->autoreg,
              "%s", r->name);
    }
    return test_done("t_variants");
}
