/* suits.c: see suits.h. */
#include "train/suits.h"

/* Links hold weights of a head that is a softmax over all of the text; where the model's alignment
   is the mean of all heads, the first one becomes it. */
static int check_guide(const tt_train_options *o, tt_hyper *h, tt_err *e) {
    if (o->also.r_drop > 0)
        return tt_fail(e, TT_ECONFIG, "--guided-alignment and --r-drop: one of the two at a time");
    if (tt_hyper_texts(h) == 2 || h->context > 0)
        return tt_fail(e, TT_ECONFIG,
                       "--guided-alignment links words of one text, and --%s reads more; leave one "
                       "of the two out",
                       h->context > 0 ? "context-lines" : "second-source");
    const tt_attend a = tt_hyper_attend(h, (tt_spot){.site = TT_SITE_CROSS});
    if (tt_hyper_decoder_cell(h) || !tt_attend_is_fused(&a))
        return tt_fail(e, TT_ECONFIG,
                       "--guided-alignment holds a head of a Transformer's cross-attention with "
                       "scaled-dot, softmax, global; leave the option out, or take these");
    if (h->align_head < 0) h->align_head = 0;
    return 0;
}

/* Terms and draws of attention need attention that has them. */
static int check_terms(const tt_train_options *o, const tt_hyper *h, tt_err *e) {
    int spans = 0, features = 0;
    for (int site = 0; site < TT_SITES; site++) {
        const tt_attend a = tt_hyper_attend(h, (tt_spot){.site = site});
        spans += tt_hyper_attends(h, site) && tt_attend_tells(&a, TT_TELL_SPAN);
        features += tt_hyper_attends(h, site) && tt_attend_has_features(&a);
    }
    if (o->also.span_loss > 0 && !spans)
        return tt_fail(e, TT_ECONFIG,
                       "--span-loss is for spans that are learned; take --reach adaptive-span or "
                       "dynamic-span, or leave it out");
    if (o->also.kernel_redraw && !features)
        return tt_fail(
            e, TT_ECONFIG,
            "--kernel-redraw draws features of --align kernel, but for map=elu, which has "
            "none; take that, or leave it out");
    const tt_attend cross = tt_hyper_attend(h, (tt_spot){.site = TT_SITE_CROSS});
    if (o->also.doubly_stochastic > 0 && (tt_hyper_decoder_cell(h) || !tt_attend_is_fused(&cross)))
        return tt_fail(e, TT_ECONFIG,
                       "--doubly-stochastic holds a Transformer's cross-attention with scaled-dot, "
                       "softmax, global; leave the option out, or take these");
    return 0;
}

int tt_suits_check(const tt_train_options *o, bool guided, tt_hyper *h, tt_err *e) {
    if (o->also.layer_drop > 0 && (tt_hyper_encoder_cell(h) || tt_hyper_decoder_cell(h)))
        return tt_fail(e, TT_ECONFIG,
                       "--layer-drop leaves out what adds to its input, and recurrent layers "
                       "replace it; leave it out");
    if (o->teacher_forcing < 1 && !tt_hyper_decoder_cell(h))
        return tt_fail(e, TT_ECONFIG,
                       "--teacher-forcing %g is for a recurrent decoder, whose steps follow each "
                       "other; leave it out, or take --decoder gru",
                       o->teacher_forcing);
    for (int site = 0; site < TT_SITES; site++) {
        const tt_attend a = tt_hyper_attend(h, (tt_spot){.site = site});
        if ((o->also.teacher || o->also.r_drop > 0) && tt_hyper_attends(h, site) &&
            tt_attend_draws(&a))
            return tt_fail(
                e, TT_ECONFIG,
                "--%s cannot teach an attention that draws its keys; leave one of the two "
                "out",
                o->also.teacher ? "teacher" : "r-drop");
    }
    if (guided) TT_TRY(check_guide(o, h, e));
    return check_terms(o, h, e);
}
