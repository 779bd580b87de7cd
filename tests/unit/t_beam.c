/* t_beam.c: search against a plain one that keeps no cache: every prefix is run through the whole
 * decoder again. A tiny model with random weights, made sharp enough that hypotheses end and beams
 * differ.
 */
#include "search/beam.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

#include "unit/sharp.h"
#include "nn/stack.h"

enum { VOCAB = SHARP_VOCAB, EOS = SHARP_EOS, UNK = SHARP_UNK, BATCH = SHARP_BATCH, LONGEST = 64 };

struct plain {
    int32_t ids[LONGEST];
    int n;
    double path;
};

static tt_kernels kernels;
static tt_model *model;
static float *params;

/* log p of every next token, (V). */
static void next_logp(tt_run *run, const int32_t *src, int s, const struct plain *p, double *logp) {
    int32_t off[2] = {0, s}, toff[2] = {0, p->n + 1}, ids[LONGEST + 1];
    memcpy(ids, p->ids, (size_t)p->n * sizeof *ids);
    ids[p->n] = EOS; /* not seen by its own row */
    tt_seqs from = {1, off, src, NULL}, to = {1, toff, ids, NULL};
    tt_tensor *text = tt_stack_encode(run, model, &from, NULL);
    tt_tensor *x = tt_stack_decode(run, model, &to, text, &from, NULL);
    tt_tensor *y = tt_op_linear(run, x, model->out, &model->out_b, TT_ACT_NONE);
    const float *row = y->data + p->n * VOCAB;
    double lse = (double)kernels.logsumexp(row, VOCAB);
    for (int i = 0; i < VOCAB; i++) logp[i] = (double)row[i] - lse;
    tt_run_reset(run, NULL);
}

static double score(const tt_search_opts *o, const struct plain *p) {
    return (p->path - o->word_penalty * p->n) / pow(p->n, o->normalize);
}

/* Marian's beam search, one sentence, no early end. Returns the finished ones, best first. */
static int plain_search(tt_run *run, const int32_t *src, int s, const tt_search_opts *o,
                        struct plain *done) {
    struct plain open[TT_BEAM_MAX] = {{{0}, 0, 0}}, next[TT_BEAM_MAX];
    int rows = 1, width = o->beam, count = 0, limit = tt_search_limit(o, model, s);
    for (int step = 0; rows && width; step++) {
        int n = 0;
        for (int r = 0; r < rows; r++) {
            double logp[VOCAB];
            next_logp(run, src, s, &open[r], logp);
            for (int t = 0; t < VOCAB; t++) {
                if (t == UNK || (step + 1 == limit && t != EOS)) continue;
                struct plain c = open[r];
                c.ids[c.n++] = t;
                c.path += logp[t];
                int at = n < width ? n++ : n;
                while (at > 0 && c.path > next[at - 1].path) {
                    if (at < width) next[at] = next[at - 1];
                    at--;
                }
                if (at < width) next[at] = c;
            }
        }
        rows = 0;
        for (int i = 0, w = width; i < n && i < w; i++) {
            if (next[i].ids[step] != EOS) {
                open[rows++] = next[i];
                continue;
            }
            width--;
            int at = count++;
            for (; at > 0 && score(o, &next[i]) > score(o, &done[at - 1]); at--)
                done[at] = done[at - 1];
            done[at] = next[i];
        }
    }
    return count;
}

static void compare(tt_run *run, const tt_hyps *got, const int32_t *src, int s,
                    const tt_search_opts *o) {
    struct plain want[TT_BEAM_MAX];
    int n = plain_search(run, src, s, o, want);
    if (n > o->n_best) n = o->n_best;
    CHECK(got->count == n, "beam %d: %d hypotheses, expected %d", o->beam, got->count, n);
    for (int i = 0; i < n && i < got->count; i++) {
        const tt_hyp *h = &got->hyp[i];
        CHECK(h->count == want[i].n &&
                  !memcmp(h->ids, want[i].ids, (size_t)h->count * sizeof *h->ids),
              "beam %d: hypothesis %d differs", o->beam, i);
        if (!o->want_scores) continue;
        CHECK(fabs(h->path - want[i].path) < 1e-5, "%g, expected %g", h->path, want[i].path);
        CHECK(fabs(h->score - score(o, &want[i])) < 1e-5);
        double sum = 0;
        for (int t = 0; t < h->count; t++) sum += (double)h->word_scores[t];
        CHECK(fabs(sum - h->path) < 1e-4);
    }
}

static bool same(const tt_hyps *a, const tt_hyps *b) {
    bool is = a->count == b->count;
    for (int i = 0; is && i < a->count; i++) {
        const tt_hyp *x = &a->hyp[i], *y = &b->hyp[i];
        is = x->count == y->count && x->score == y->score && x->path == y->path &&
             !memcmp(x->ids, y->ids, (size_t)x->count * sizeof *x->ids) &&
             (!x->word_scores ||
              !memcmp(x->word_scores, y->word_scores, (size_t)x->count * sizeof *x->word_scores));
    }
    return is;
}

/* A run, an arena and a batch to search. */
static tt_arena *begin(tt_run *run, int32_t *off, int32_t *ids) {
    tt_err e;
    CHECK(!tt_run_open(run, &kernels, 0, &e));
    sharp_batch(off, ids);
    return tt_arena_open(0, &e);
}

static void test_plain(void) {
    static const struct {
        int beam, n_best, scores;
        double normalize, penalty, factor;
    } cases[] = {{1, 1, 0, 0, 0, 3},     {1, 1, 1, 0, 0, 3},      {2, 1, 0, 0, 0, 3},
                 {4, 1, 1, 0.6, 0, 3},   {4, 4, 1, 1, 0, 3},      {6, 3, 1, 1, -0.3, 2},
                 {6, 2, 1, 0, 0.4, 0.1}, {3, 3, 1, 1.5, -4, 0.1}, {40, 9, 1, 0, 0, 1},
                 {64, 64, 1, 0.5, 0, 1}};
    tt_err e;
    tt_run run;
    int32_t off[BATCH + 1], ids[BATCH * 12];
    tt_arena *a = begin(&run, off, ids);
    int32_t barred[] = {UNK};
    int early = 0;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tt_search_opts o;
        tt_search_init(&o, EOS);
        o.beam = cases[c].beam;
        o.n_best = cases[c].n_best;
        o.want_scores = cases[c].scores;
        o.normalize = cases[c].normalize;
        o.word_penalty = cases[c].penalty;
        o.max_length_factor = cases[c].factor;
        o.barred = barred;
        o.barred_count = 1;
        tt_hyps out[BATCH], one;
        tt_seqs src = {BATCH, off, ids, NULL};
        CHECK(!tt_search(&run, model, &src, &o, out, a, &e), "%s", e.msg);
        for (int b = 0; b < BATCH; b++) {
            int n = off[b + 1] - off[b];
            compare(&run, &out[b], ids + off[b], n, &o);
            early += out[b].hyp[0].count < tt_search_limit(&o, model, n);
            int32_t alone[2] = {0, n}; /* the same bits without its neighbours */
            tt_seqs single = {1, alone, ids + off[b], NULL};
            CHECK(!tt_search(&run, model, &single, &o, &one, a, &e), "%s", e.msg);
            CHECK(same(&one, &out[b]), "sentence %d depends on its batch", b);
        }
        tt_arena_reset(a);
    }
    CHECK(early > BATCH, "the model never ends a sentence by itself: %d", early);
    tt_arena_close(a);
    tt_run_close(&run);
}

/* Weights of a hypothesis are those of the whole decoder run over it. */
static void test_alignment(void) {
    tt_err e;
    tt_run run;
    CHECK(!tt_run_open(&run, &kernels, 0, &e));
    tt_arena *a = tt_arena_open(0, &e);
    int32_t off[] = {0, 4, 9}, ids[] = {5, 9, 20, EOS, 30, 4, 4, 11, EOS};
    tt_seqs src = {2, off, ids, NULL};
    tt_search_opts o;
    tt_search_init(&o, EOS);
    o.beam = o.n_best = 3;
    o.want_alignment = o.want_scores = 1;
    tt_hyps out[2];
    CHECK(!tt_search(&run, model, &src, &o, out, a, &e), "%s", e.msg);
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < out[b].count; i++) {
            const tt_hyp *h = &out[b].hyp[i];
            int s = off[b + 1] - off[b];
            int32_t soff[2] = {0, s}, toff[2] = {0, h->count};
            tt_seqs from = {1, soff, ids + off[b], NULL}, to = {1, toff, h->ids, NULL};
            float *cross[2] = {NULL, tt_arena_alloc(a, (size_t)(2 * h->count * s) * sizeof(float))};
            tt_maps maps = {.of = {[TT_SITE_CROSS] = cross}};
            CHECK(!tt_model_maps(&run, model, &from, &to, &maps), "%s", run.err.msg);
            double worst = 0;
            for (int j = 0; j < h->count * s; j++) {
                double want = ((double)cross[1][j] + (double)cross[1][h->count * s + j]) / 2;
                worst = fmax(worst, fabs((double)h->alignment[j] - want));
            }
            CHECK(worst < 1e-6, "off by %g", worst);
            tt_run_reset(&run, NULL);
        }
    /* Wanted for one sentence alone, an alignment is the same, and the other has none. */
    tt_model *const one = model;
    const tt_models models = {.model = &one, .count = 1};
    for (int b = 0; b < 2; b++) {
        const unsigned char aligned[2] = {b == 0, b == 1};
        const tt_search_in in = {.src = &src, .aligned = aligned};
        tt_hyps some[2];
        o.want_alignment = 0;
        CHECK(!tt_search_with(&run, &models, &in, &o, some, a, &e), "%s", e.msg);
        CHECK(same(&some[0], &out[0]) && same(&some[1], &out[1]));
        for (int i = 0; i < out[b].count; i++)
            CHECK(!memcmp(some[b].hyp[i].alignment, out[b].hyp[i].alignment,
                          (size_t)(out[b].hyp[i].count * (off[b + 1] - off[b])) * sizeof(float)));
        for (int i = 0; i < some[1 - b].count; i++) CHECK(!some[1 - b].hyp[i].alignment);
    }
    tt_arena_close(a);
    tt_run_close(&run);
}

static void test_errors(void) {
    tt_err e;
    tt_run run;
    CHECK(!tt_run_open(&run, &kernels, 0, &e));
    tt_arena *a = tt_arena_open(0, &e);
    int32_t off[] = {0, 3, 3}, ids[] = {5, 6, EOS}, long_off[] = {0, 33}, long_ids[33] = {0};
    tt_seqs src = {1, off, ids, NULL}, empty = {0, off, ids, NULL}, hole = {2, off, ids, NULL},
            too_long = {1, long_off, long_ids, NULL};
    tt_hyps out[2];
    tt_search_opts o;
    tt_search_init(&o, EOS);
    CHECK(!tt_search(&run, model, &empty, &o, out, a, &e));
    CHECK(tt_search(&run, model, &hole, &o, out, a, &e) == TT_EINTERNAL);
    CHECK(tt_search(&run, model, &too_long, &o, out, a, &e) == TT_EINTERNAL);
    o.n_best = 2;
    CHECK(tt_search(&run, model, &src, &o, out, a, &e) == TT_EINTERNAL);
    tt_search_init(&o, EOS);
    o.barred = &o.eos;
    o.barred_count = 1;
    CHECK(tt_search(&run, model, &src, &o, out, a, &e) == TT_EINTERNAL);
    tt_run_close(&run);

    /* a full arena is an error, and the run can be used again with less */
    CHECK(!tt_run_open(&run, &kernels, 1 << 18, &e));
    tt_search_init(&o, EOS);
    o.beam = 64;
    CHECK(tt_search(&run, model, &src, &o, out, a, &e) == TT_ENOMEM);
    o.beam = 1;
    CHECK(!tt_search(&run, model, &src, &o, out, a, &e), "%s", e.msg);

    /* a model that knows no number still ends */
    float kept = model->out_b.data[0];
    for (int i = 0; i < VOCAB; i++) model->out_b.data[i] = NAN;
    for (o.beam = 1; o.beam <= 4; o.beam += 3) {
        CHECK(!tt_search(&run, model, &src, &o, out, a, &e), "%s", e.msg);
        CHECK(out[0].count == 1 && out[0].hyp[0].ids[out[0].hyp[0].count - 1] == EOS);
    }
    model->out_b.data[0] = kept;
    tt_arena_close(a);
    tt_run_close(&run);
}

/* Tokens so many that a step's logits are looked at in several parts: a sentence's results are
   those of the sentence alone. */
static void test_parts(void) {
    tt_err e;
    tt_run run;
    int32_t off[BATCH + 1], ids[BATCH * 12];
    tt_arena *a = begin(&run, off, ids);
    tt_seqs all = {BATCH, off, ids, NULL};
    tt_hyps out[BATCH], alone;
    tt_search_opts o;
    tt_search_init(&o, EOS);
    o.beam = o.n_best = 5;
    o.want_scores = 1;
    CHECK(!tt_search(&run, model, &all, &o, out, a, &e), "%s", e.msg);
    for (int b = 0; b < BATCH; b++) {
        int32_t one_off[] = {0, off[b + 1] - off[b]};
        tt_seqs one = {1, one_off, ids + off[b], NULL};
        CHECK(!tt_search(&run, model, &one, &o, &alone, a, &e), "%s", e.msg);
        CHECK(same(&alone, &out[b]), "sentence %d depends on its batch", b);
    }
    tt_arena_close(a);
    tt_run_close(&run);
}

int main(void) {
    tt_err e;
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e), "%s", e.msg);
    for (int i = 0; tt_family_autoreg.row(i); i++) {
        model = sharp_model(&params, 7, tt_family_autoreg.row(i)->name);
        test_plain();
        test_alignment();
        if (i == TT_AUTOREG_ATTENTION) test_errors();
        tt_model_close(model);
        free(params);
    }
    model = sharp_model_of(&params, 7, "ssru", 20000);
    test_parts();
    tt_model_close(model);
    free(params);
    return test_done("t_beam");
}
