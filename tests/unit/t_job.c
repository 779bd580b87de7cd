/* t_job.c: lines from anywhere as one batch: each finds what a search of its own finds, with its
 * own beginning, random numbers and alignment, and pairs have the scores of forced decoding; who is
 * searched again; and what is counted.
 */
#include <math.h>
#include <stdlib.h>

#include "translate/job.h"
#include "search/force.h"
#include "unit/test.h"
#include "unit/sharp.h"

enum { B = SHARP_BATCH };

static tt_kernels kernels;
static tt_model *model;
static const tt_models models = {&model, NULL, 1};
static int32_t off[B + 1], ids[B * 12];
static const int32_t begin[2] = {5, 9};

/* The jobs in another order than their sentences; every third one begins with given tokens. */
static void make_jobs(tt_job *jobs, tt_sentence *sentences, tt_hyps *out, unsigned *faults) {
    for (int i = 0; i < B; i++) {
        const int b = (i * 5 + 3) % B;
        sentences[i] = (tt_sentence){
            .ids = ids + off[b], .count = off[b + 1] - off[b], .gap = "", .plain = {.text = ""}};
        faults[i] = 0;
        jobs[i] = (tt_job){.source = &sentences[i],
                           .key = (uint64_t)b * 77 + 1,
                           .out = &out[i],
                           .faults = &faults[i],
                           .aligned = b % 2};
        if (b % 3 == 0)
            jobs[i].prefix =
                (tt_sentence){.ids = begin, .count = 2, .gap = "", .plain = {.text = ""}};
    }
}

static int same(const tt_hyps *x, const tt_hyps *y) {
    int equal = x->count == y->count;
    for (int i = 0; equal && i < x->count; i++) {
        const tt_hyp *g = &x->hyp[i], *h = &y->hyp[i];
        equal = g->count == h->count &&
                !memcmp(g->ids, h->ids, (size_t)h->count * sizeof *h->ids) &&
                !memcmp(&g->path, &h->path, sizeof g->path);
    }
    return equal;
}

/* A sentence by itself, as beam.h has it. */
static void alone(tt_run *run, const tt_job *j, const tt_search_opts *o, tt_hyps *out,
                  tt_arena *a) {
    tt_err e = {0};
    const int32_t s_off[] = {0, j->source->count}, p_off[] = {0, j->prefix.count};
    const tt_seqs src = {1, s_off, j->source->ids, NULL}, prefix = {1, p_off, j->prefix.ids, NULL};
    const tt_search_in in = {
        .src = &src, .prefix = j->prefix.count ? &prefix : NULL, .keys = &j->key};
    CHECK(!tt_search_with(run, &models, &in, o, out, a, &e), "%s", e.msg);
}

static void check_search(const char *what, tt_search_opts o, int n_best) {
    tt_err e = {0};
    tt_run run;
    tt_arena *a = tt_arena_open(0, &e);
    tt_job jobs[B];
    tt_sentence sentences[B];
    tt_hyps out[B], one;
    unsigned faults[B];
    tt_translate_stats stats = {0};
    const tt_job_how how = {.models = models, .search = &o};
    CHECK(!tt_run_open(&run, &kernels, 0, &e));
    make_jobs(jobs, sentences, out, faults);
    for (int i = 0; i < B; i++) jobs[i].n_best = n_best;
    CHECK(!tt_jobs_run(jobs, B, &how, &run, a, &stats, &e) && stats.batches == 1, "%s: %s", what,
          e.msg);
    if (n_best) o.n_best = n_best;
    size_t tokens = 0;
    for (int i = 0; i < B; i++) {
        alone(&run, &jobs[i], &o, &one, a);
        CHECK(same(&out[i], &one), "%s: job %d is another one alone", what, i);
        CHECK(out[i].count == (n_best ? n_best : 1), "%s: %d hypotheses", what, out[i].count);
        const tt_hyp *h = out[i].hyp;
        CHECK(!jobs[i].prefix.count ||
                  (h->count > 2 && h->ids[0] == begin[0] && h->ids[1] == begin[1]),
              "%s: job %d", what, i);
        CHECK(!jobs[i].aligned || h->alignment, "%s: job %d has no alignment", what, i);
        tokens += (size_t)h->count;
    }
    faults[2] = 1u << TT_FAULT_CUT | 1u << TT_FAULT_NUMBERS;
    faults[5] = 1u << TT_FAULT_CUT;
    tt_jobs_count(jobs, B, &stats);
    CHECK(stats.target_tokens == tokens && stats.suspects == 2 && stats.overflowed == 0,
          "%s: %zu tokens", what, stats.target_tokens);
    CHECK(stats.faults[TT_FAULT_CUT] == 2 && stats.faults[TT_FAULT_NUMBERS] == 1 &&
          stats.faults[TT_FAULT_REPEATS] == 0);
    tt_arena_close(a);
    tt_run_close(&run);
}

static void check_pairs(void) {
    tt_err e = {0};
    tt_run run;
    tt_arena *a = tt_arena_open(0, &e);
    tt_search_opts o;
    tt_search_init(&o, SHARP_EOS);
    tt_job jobs[B];
    tt_sentence sources[B], targets[B];
    tt_hyps out[B], one;
    unsigned faults[B];
    tt_translate_stats stats = {0};
    const tt_job_how how = {.models = models, .search = &o, .pairs = 1};
    CHECK(!tt_run_open(&run, &kernels, 0, &e));
    make_jobs(jobs, sources, out, faults);
    for (int i = 0; i < B; i++) {
        targets[i] = sources[(i + 1) % B];
        jobs[i].target = &targets[i];
    }
    CHECK(!tt_jobs_run(jobs, B, &how, &run, a, &stats, &e) && stats.batches == 1, "%s", e.msg);
    for (int i = 0; i < B; i++) {
        const int32_t s_off[] = {0, sources[i].count}, t_off[] = {0, targets[i].count};
        const tt_seqs src = {1, s_off, sources[i].ids, NULL},
                      tgt = {1, t_off, targets[i].ids, NULL};
        CHECK(!tt_force(&run, &models, &src, &tgt, &o, &one, a, &e), "%s", e.msg);
        CHECK(same(&out[i], &one) && out[i].hyp->path < 0, "pair %d", i);
    }
    tt_arena_close(a);
    tt_run_close(&run);
}

/* What loops or does not end is searched without repetitions; other faults among the hypotheses of
 * a beam, where there is one. */
static void check_suspected(void) {
    static const struct {
        unsigned faults;
        int beam, among_beam, no_repeat;
    } cases[] = {{0, 4, 0, 0},
                 {1u << TT_FAULT_NUMBERS, 4, 1, 0},
                 {1u << TT_FAULT_NUMBERS, 1, 0, 0},
                 {1u << TT_FAULT_REPEATS, 4, 0, 1},
                 {1u << TT_FAULT_CUT | 1u << TT_FAULT_NUMBERS, 4, 0, 1},
                 {1u << TT_FAULT_LONG, 1, 0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned faults = cases[i].faults;
        tt_search_opts o;
        tt_search_init(&o, SHARP_EOS);
        o.beam = cases[i].beam;
        const tt_job_how how = {.models = models, .search = &o};
        const tt_job j = {.faults = &faults};
        CHECK(!tt_job_suspected(&j, TT_TURN_BEAM, &how) == !cases[i].among_beam, "case %zu", i);
        CHECK(!tt_job_suspected(&j, TT_TURN_NO_REPEAT, &how) == !cases[i].no_repeat, "case %zu", i);
    }
}

int main(void) {
    tt_err e = {0};
    float *params;
    CHECK(!tt_kernels_init(&kernels, NULL, &e));
    sharp_batch(off, ids);
    model = sharp_model(&params, 11, "self-attention");
    tt_search_opts o;
    tt_search_init(&o, SHARP_EOS);
    o.want_scores = 1;
    check_search("greedy", o, 0);
    o.beam = 4;
    o.normalize = 0.6;
    check_search("a beam", o, 0);
    check_search("lists", o, 3);
    o.sampling = 1;
    o.n_best = o.beam = 2;
    check_search("samples", o, 2);
    check_pairs();
    check_suspected();
    tt_model_close(model);
    free(params);
    return test_done("t_job");
}
