/* t_force.c: forced decoding gives a hypothesis of the search the figures that the search gave it,
 * whatever batch it is in.
 */
#include "search/force.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

#include "unit/sharp.h"

enum { BATCH = SHARP_BATCH };

static tt_kernels kernels;
static tt_model *model;
static const tt_models models = {.model = &model, .count = 1};

static void compare(const tt_hyp *got, const tt_hyp *want, int source, const tt_search_opts *o) {
    CHECK(got->count == want->count && fabs(got->path - want->path) < 1e-4, "%g, expected %g",
          got->path, want->path);
    CHECK(got->score == tt_search_score(o, got->path, got->count));
    double worst = 0, off = 0;
    for (int i = 0; i < got->count; i++) /* a score of some hundred has no digits behind 1e-5 */
        worst = fmax(worst, fabs((double)(got->word_scores[i] - want->word_scores[i])) /
                                fmax(1, fabs((double)want->word_scores[i])));
    for (int i = 0; i < got->count * source; i++)
        off = fmax(off, fabs((double)(got->alignment[i] - want->alignment[i])));
    CHECK(worst < 1e-5, "a token is off by %g", worst);
    CHECK(off < 1e-5, "a weight is off by %g", off);
}

static void test_search(void) {
    tt_err e;
    tt_run run;
    CHECK(!tt_run_open(&run, &kernels, 0, &e));
    tt_arena *a = tt_arena_open(0, &e);
    int32_t off[BATCH + 1], ids[BATCH * 12], toff[BATCH + 1] = {0}, tids[BATCH * 64];
    sharp_batch(off, ids);
    tt_seqs src = {BATCH, off, ids, NULL}, tgt = {BATCH, toff, tids, NULL};
    tt_search_opts o;
    tt_search_init(&o, SHARP_EOS);
    o.beam = 3;
    o.normalize = 0.6;
    o.word_penalty = 0.1;
    o.want_scores = o.want_alignment = 1;
    tt_hyps found[BATCH], forced[BATCH], one;
    CHECK(!tt_search(&run, model, &src, &o, found, a, &e), "%s", e.msg);
    for (int b = 0; b < BATCH; b++) {
        const tt_hyp *h = found[b].hyp;
        memcpy(tids + toff[b], h->ids, (size_t)h->count * sizeof *tids);
        toff[b + 1] = toff[b] + h->count;
    }
    CHECK(!tt_force(&run, &models, &src, &tgt, &o, forced, a, &e), "%s", e.msg);
    for (int b = 0; b < BATCH; b++) {
        const tt_hyp *h = forced[b].hyp;
        int n = off[b + 1] - off[b];
        CHECK(forced[b].count == 1);
        compare(h, found[b].hyp, n, &o);
        int32_t soff[2] = {0, n}, hoff[2] = {0, h->count}; /* the same bits alone */
        tt_seqs s = {1, soff, ids + off[b], NULL}, t = {1, hoff, tids + toff[b], NULL};
        CHECK(!tt_force(&run, &models, &s, &t, &o, &one, a, &e), "%s", e.msg);
        CHECK(one.hyp->path == h->path && one.hyp->score == h->score &&
                  !memcmp(one.hyp->alignment, h->alignment, (size_t)(n * h->count) * sizeof(float)),
              "pair %d depends on its batch", b);
    }
    tt_arena_close(a);
    tt_run_close(&run);
}

static void test_errors(void) {
    tt_err e;
    tt_run run;
    CHECK(!tt_run_open(&run, &kernels, 0, &e));
    tt_arena *a = tt_arena_open(0, &e);
    int32_t off[] = {0, 2, 2}, ids[33] = {5, SHARP_EOS}, long_off[] = {0, 33};
    tt_seqs one = {1, off, ids, NULL}, none = {0, off, ids, NULL}, hole = {2, off, ids, NULL},
            longer = {1, long_off, ids, NULL};
    tt_hyps out[2];
    tt_search_opts o;
    tt_search_init(&o, SHARP_EOS);
    CHECK(!tt_force(&run, &models, &none, &none, &o, out, a, &e));
    CHECK(tt_force(&run, &models, &one, &none, &o, out, a, &e) == TT_EINTERNAL);
    CHECK(tt_force(&run, &models, &hole, &hole, &o, out, a, &e) == TT_EINTERNAL);
    CHECK(tt_force(&run, &models, &longer, &one, &o, out, a, &e) == TT_EINTERNAL);
    CHECK(tt_force(&run, &models, &one, &longer, &o, out, a, &e) == TT_EINTERNAL);
    CHECK(!tt_force(&run, &models, &one, &one, &o, out, a, &e) && !out[0].hyp->alignment);
    tt_run_close(&run);
    CHECK(!tt_run_open(&run, &kernels, 1024, &e));
    CHECK(tt_force(&run, &models, &one, &one, &o, out, a, &e) == TT_ENOMEM);
    tt_run_close(&run);
    tt_arena_close(a);
}

/* A model with a setting that may stand: what --score says of a search's hypotheses is what the
   search said. */
static void test_setting(const char *name, const char *value) {
    tt_err e;
    tt_hyper legal;
    char setting[160];
    float *params;
    tt_hyper_init(&legal);
    tt_hyper_set(&legal, "autoreg", "self-attention", &e);
    if (tt_hyper_set(&legal, name, value, &e) || tt_hyper_finish(&legal, SHARP_VOCAB, &e)) return;
    snprintf(setting, sizeof setting, "%s %s", name, value);
    model = sharp_model(&params, 7, setting);
    test_search();
    tt_model_close(model);
    free(params);
}

/* Each row of each family that is a setting of a model, and each of the words of its own
   settings. */
static void test_rows(void) {
    tt_hyper h;
    tt_hyper_setting s;
    const tt_row *r;
    tt_hyper_init(&h);
    for (int i = 0; tt_hyper_at(&h, i, &s); i++)
        for (int k = 0; s.family && s.class == TT_HYPER_MODEL && (r = s.family->row(k)) != NULL;
             k++) {
            test_setting(s.name, r->name);
            for (const tt_setting *own = r->settings; own && own->name; own++)
                for (const char *word = own->words; word && *word;
                     word += strcspn(word, "|"), word += *word == '|') {
                    char value[120];
                    snprintf(value, sizeof value, "%s:%s=%.*s", r->name, own->name,
                             (int)strcspn(word, "|"), word);
                    test_setting(s.name, value);
                }
        }
}

int main(void) {
    tt_err e;
    float *params;
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e), "%s", e.msg);
    static const char *const autoregs[] = {"ssru", "average-attention", "self-attention"};
    for (int i = 0; i < 3; i++) {
        model = sharp_model(&params, 7, autoregs[i]);
        test_search();
        if (i == 2) test_errors();
        tt_model_close(model);
        free(params);
    }
    test_rows();
    return test_done("t_force");
}
