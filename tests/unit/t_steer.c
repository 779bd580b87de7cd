/* t_steer.c: what can be asked of a search beyond the likeliest words, on a tiny model: each rule
 * is held against what it promises, and nothing may depend on the batch.
 */
#include "search/steer.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

#include "unit/sharp.h"

enum { BATCH = SHARP_BATCH, EOS = SHARP_EOS, VOCAB = SHARP_VOCAB };

static tt_kernels kernels;
static tt_run run;
static tt_arena *a;
static tt_model *model, *other;
static int32_t off[BATCH + 1], ids[BATCH * 12];
static const tt_seqs src = {BATCH, off, ids, NULL};
static int32_t barred[] = {SHARP_UNK};

static tt_search_opts options(int beam) {
    tt_search_opts o;
    tt_search_init(&o, EOS);
    o.beam = o.n_best = beam;
    o.normalize = 0.6;
    o.want_scores = 1;
    o.barred = barred;
    o.barred_count = 1;
    return o;
}

static void search(const tt_search_in *in, const tt_search_opts *o, tt_hyps *out) {
    tt_err e = {0};
    const tt_models one = {.model = &model, .count = 1};
    CHECK(!tt_search_with(&run, &one, in, o, out, a, &e), "%s", e.msg);
}

static bool same_hyps(const tt_hyps *x, const tt_hyps *y) {
    bool same = x->count == y->count;
    for (int i = 0; same && i < x->count; i++)
        same = x->hyp[i].count == y->hyp[i].count && x->hyp[i].path == y->hyp[i].path &&
               !memcmp(x->hyp[i].ids, y->hyp[i].ids, (size_t)x->hyp[i].count * sizeof(int32_t));
    return same;
}

/* Sentence b of the batch by itself. */
static void alone(const tt_search_in *in, const tt_search_opts *o, int b, tt_hyps *out) {
    int32_t one[2] = {0, off[b + 1] - off[b]}, begin[2] = {0, 0};
    tt_seqs s = {1, one, ids + off[b], NULL}, p = {1, begin, NULL, NULL};
    tt_search_in single = {.src = &s,
                           .terms = in->terms ? in->terms + b : NULL,
                           .keys = in->keys ? in->keys + b : NULL};
    if (in->prefix) {
        begin[1] = in->prefix->off[b + 1] - in->prefix->off[b];
        p.ids = in->prefix->ids + in->prefix->off[b];
        single.prefix = &p;
    }
    search(&single, o, out);
}

static void batch_and_alone(const tt_search_in *in, const tt_search_opts *o, tt_hyps *out) {
    tt_hyps one;
    search(in, o, out);
    for (int b = 0; b < BATCH; b++) {
        alone(in, o, b, &one);
        CHECK(same_hyps(&one, &out[b]), "sentence %d depends on its batch", b);
    }
}

/* Nothing asked for: the steered choice is that of beam.c, without repetitions, too. Beginnings of
   no token ask for nothing. */
static void test_nothing(void) {
    tt_hyps plain[BATCH], steered[BATCH];
    const int32_t begin[BATCH + 1] = {0};
    const tt_seqs prefix = {BATCH, begin, begin, NULL};
    const tt_search_in in = {.src = &src}, steer = {.src = &src, .prefix = &prefix};
    for (int beam = 1; beam <= 5; beam += 2)
        for (int n = 0; n <= 3; n++) {
            tt_search_opts o = options(beam);
            o.no_repeat = n;
            CHECK(!tt_steer_needed(&o, &in) && tt_steer_needed(&o, &steer));
            search(&in, &o, plain);
            search(&steer, &o, steered);
            for (int b = 0; b < BATCH; b++)
                CHECK(same_hyps(&plain[b], &steered[b]), "beam %d, n-grams of %d, sentence %d",
                      beam, n, b);
        }
}

static void test_prefix(void) {
    tt_hyps out[BATCH], free_ones[BATCH];
    int32_t begin[BATCH + 1] = {0}, tokens[BATCH * 8];
    for (int b = 0; b < BATCH; b++) {
        int n = b % 5;
        for (int i = 0; i < n; i++)
            tokens[begin[b] + i] = 3 + (int32_t)tt_rand_below(9, (uint64_t)(8 * b + i), VOCAB - 3);
        begin[b + 1] = begin[b] + n;
    }
    tt_seqs prefix = {BATCH, begin, tokens, NULL};
    tt_search_in in = {.src = &src, .prefix = &prefix};
    for (int beam = 1; beam <= 4; beam += 3) {
        tt_search_opts o = options(beam);
        batch_and_alone(&in, &o, out);
        for (int b = 0; b < BATCH; b++)
            for (int i = 0; i < out[b].count; i++) {
                const tt_hyp *h = &out[b].hyp[i];
                int n = begin[b + 1] - begin[b];
                CHECK(h->count > n &&
                      !memcmp(h->ids, tokens + begin[b], (size_t)n * sizeof *tokens));
                double sum = 0;
                for (int t = 0; t < h->count; t++) sum += (double)h->word_scores[t];
                CHECK(fabs(sum - h->path) < 1e-4);
            }
    }
    /* the beginning of what would be found anyway changes nothing */
    tt_search_opts o = options(1);
    tt_search_in nothing = {.src = &src};
    search(&nothing, &o, free_ones);
    for (int b = 0; b < BATCH; b++) {
        int n = free_ones[b].hyp->count > 3 ? 2 : 0;
        memmove(tokens + begin[b], free_ones[b].hyp->ids, (size_t)n * sizeof *tokens);
        begin[b + 1] = begin[b] + n;
    }
    search(&in, &o, out);
    for (int b = 0; b < BATCH; b++) /* but the limit is later */
        CHECK(out[b].hyp->count > free_ones[b].hyp->count || same_hyps(&out[b], &free_ones[b]));
}

static void test_no_repeat(void) {
    tt_hyps out[BATCH];
    const tt_search_in in = {.src = &src};
    for (int n = 1; n <= 3; n++) {
        tt_search_opts o = options(4);
        o.no_repeat = n;
        o.max_length_factor = 6;
        batch_and_alone(&in, &o, out);
        int twice = 0;
        for (int b = 0; b < BATCH; b++)
            for (int i = 0; i < out[b].count; i++) {
                const tt_hyp *h = &out[b].hyp[i];
                for (int x = 0; x + n <= h->count; x++)
                    for (int y = x + 1; y + n <= h->count; y++)
                        twice += !memcmp(h->ids + x, h->ids + y, (size_t)n * sizeof *h->ids);
            }
        CHECK(!twice, "%d repetitions of %d tokens", twice, n);
    }
}

static void test_sampling(void) {
    tt_hyps out[BATCH], again[BATCH], likeliest[BATCH];
    uint64_t keys[BATCH];
    for (int b = 0; b < BATCH; b++) keys[b] = tt_key(1, (uint64_t)b);
    tt_search_in in = {.src = &src, .keys = keys}, plain = {.src = &src};
    tt_search_opts o = options(3), greedy = options(1);
    o.sampling = 1;
    batch_and_alone(&in, &o, out);
    int differ = 0;
    for (int b = 0; b < BATCH; b++) {
        CHECK(out[b].count == 3 && out[b].hyp[0].score >= out[b].hyp[1].score &&
              out[b].hyp[1].score >= out[b].hyp[2].score);
        differ += out[b].hyp[0].path != out[b].hyp[1].path;
    }
    CHECK(differ > 0, "samples of a sentence are all the same");
    for (int b = 0; b < BATCH; b++) keys[b] = tt_key(2, (uint64_t)b);
    search(&in, &o, again);
    differ = 0;
    for (int b = 0; b < BATCH; b++) differ += !same_hyps(&out[b], &again[b]);
    CHECK(differ > 0, "the seed changes nothing");
    /* the three ways of being sure give the greedy translation */
    search(&plain, &greedy, likeliest);
    for (int way = 0; way < 3; way++) {
        o = options(1);
        o.sampling = 1;
        if (way == 0) o.top_k = 1;
        if (way == 1) o.top_p = 1e-6;
        if (way == 2) o.temperature = 1e-4;
        search(&in, &o, out);
        for (int b = 0; b < BATCH; b++)
            CHECK(same_hyps(&out[b], &likeliest[b]), "way %d, sentence %d", way, b);
    }
}

/* What is drawn in the first step has the frequencies of the distribution, cut as asked. */
static void draw(const float *logits, int top_k, double top_p, double temperature, double *share) {
    enum { DRAWS = 20000 };
    float row[8], work[8];
    int32_t order[8];
    tt_search_opts o;
    tt_search_init(&o, 0);
    o.sampling = 1;
    o.top_k = top_k;
    o.top_p = top_p;
    o.temperature = temperature;
    for (int t = 0; t < 8; t++) share[t] = 0;
    for (int i = 0; i < DRAWS; i++) {
        tt_continuation c;
        memcpy(row, logits, sizeof row);
        tt_steer_row r = {NULL, 0, 0, row, 0, 0, NULL, NULL};
        tt_steer s = {.k = &kernels,
                      .o = &o,
                      .vocab = 8,
                      .width = 1,
                      .forced = -1,
                      .key = tt_key(5, (uint64_t)i),
                      .work = work,
                      .order = order};
        CHECK(tt_steer_choose(&c, &s, &r, 1) == 1);
        share[c.token] += 1.0 / DRAWS;
    }
}

static void test_frequencies(void) {
    static const double p[8] = {0.05, 0.3, 0.02, 0.25, 0.2, 0.1, 0.05, 0.03};
    static const struct {
        int top_k;
        double top_p, temperature;
        double want[8];
    } cases[] = {
        {0, 1, 1, {0.05, 0.3, 0.02, 0.25, 0.2, 0.1, 0.05, 0.03}},
        {3, 1, 1, {0, 0.4, 0, 0.25 / 0.75, 0.2 / 0.75, 0, 0, 0}},
        {0, 0.5, 1, {0, 0.3 / 0.55, 0, 0.25 / 0.55, 0, 0, 0, 0}},
        {3, 0.7, 1, {0, 0.3 / 0.55, 0, 0.25 / 0.55, 0, 0, 0, 0}},
        {2, 1, 0.5, {0, 0.09 / 0.1525, 0, 0.0625 / 0.1525, 0, 0, 0, 0}},
    };
    float logits[8];
    for (int t = 0; t < 8; t++) logits[t] = (float)log(p[t]);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        double share[8], worst = 0;
        draw(logits, cases[c].top_k, cases[c].top_p, cases[c].temperature, share);
        for (int t = 0; t < 8; t++) worst = fmax(worst, fabs(share[t] - cases[c].want[t]));
        CHECK(worst < 0.012, "case %zu: a share is off by %g", c, worst);
    }
}

static void test_groups(void) {
    tt_hyps out[BATCH], plain[BATCH];
    const tt_search_in in = {.src = &src};
    tt_search_opts o = options(6);
    o.groups = 3;
    o.diversity = 100; /* no token twice at the same step */
    batch_and_alone(&in, &o, out);
    int firsts = 0;
    for (int b = 0; b < BATCH; b++)
        for (int i = 0; i < out[b].count; i++) {
            const tt_hyp *h = &out[b].hyp[i];
            double sum = 0;
            for (int t = 0; t < h->count; t++) sum += (double)h->word_scores[t];
            CHECK(fabs(sum - h->path) < 1e-4, "log p is not the model's");
            for (int j = 0; j < i; j++) firsts += out[b].hyp[j].ids[0] != h->ids[0];
        }
    CHECK(firsts > 0);
    /* one beam out of three, with nothing to push it away, is a search of its own */
    o.diversity = 0;
    search(&in, &o, out);
    tt_search_opts two = options(2);
    search(&in, &two, plain);
    for (int b = 0; b < BATCH; b++)
        CHECK(out[b].hyp[0].path == plain[b].hyp[0].path &&
              out[b].hyp[2].path == plain[b].hyp[0].path);
}

static void test_coverage(void) {
    tt_hyps out[BATCH];
    const tt_search_in in = {.src = &src};
    tt_search_opts o = options(4);
    o.want_alignment = 1;
    o.coverage = 0.7;
    batch_and_alone(&in, &o, out);
    for (int b = 0; b < BATCH; b++)
        for (int i = 0; i < out[b].count; i++) {
            const tt_hyp *h = &out[b].hyp[i];
            double want = 0;
            int n = off[b + 1] - off[b];
            for (int s = 0; s < n; s++) {
                double seen = 0;
                for (int t = 0; t < h->count; t++) seen += (double)h->alignment[t * n + s];
                want += log(fmin(1, seen));
            }
            CHECK(fabs(h->penalty - 0.7 * want) < 1e-4 && h->penalty <= 0, "%g, expected %g",
                  h->penalty, 0.7 * want);
            CHECK(h->score == tt_search_score(&o, h->path, h->count) + h->penalty);
        }
}

/* Two models: log p of a hypothesis is the weighted sum of what each gives it. */
static void test_ensemble(void) {
    tt_err e = {0};
    tt_model *both[] = {model, other};
    const double weights[] = {0.7, 0.3};
    const tt_search_in in = {.src = &src};
    tt_hyps out[BATCH], by_one;
    tt_search_opts o = options(4);
    for (int weighted = 0; weighted < 2; weighted++) {
        const tt_models m = {.model = both, .weights = weighted ? weights : NULL, .count = 2};
        CHECK(!tt_search_with(&run, &m, &in, &o, out, a, &e), "%s", e.msg);
        for (int b = 0; b < BATCH; b++) {
            const tt_hyp *h = out[b].hyp;
            double want = 0;
            for (int i = 0; i < 2; i++) { /* the hypothesis forced on each, token by token */
                int32_t one[2] = {0, off[b + 1] - off[b]}, begin[2] = {0, h->count - 1};
                tt_seqs s = {1, one, ids + off[b], NULL}, p = {1, begin, h->ids, NULL};
                tt_search_in forced = {.src = &s, .prefix = &p};
                tt_search_opts ends = options(1);
                ends.max_length_factor = 1e-9;
                tt_model *m1 = both[i];
                const tt_models single = {.model = &m1, .count = 1};
                CHECK(!tt_search_with(&run, &single, &forced, &ends, &by_one, a, &e), "%s", e.msg);
                double sum = 0;
                for (int t = 0; t + 1 < h->count; t++) sum += (double)by_one.hyp->word_scores[t];
                want += (weighted ? weights[i] : 1) * sum;
            }
            double got = h->path - (double)h->word_scores[h->count - 1];
            CHECK(fabs(got - want) < 1e-4, "%g, expected %g", got, want);
        }
    }
    const double half[] = {0.5, 0.5}; /* a model with itself is itself */
    tt_model *twice[] = {model, model};
    const tt_models m = {.model = twice, .weights = half, .count = 2};
    tt_hyps plain[BATCH];
    CHECK(!tt_search_with(&run, &m, &in, &o, out, a, &e), "%s", e.msg);
    search(&in, &o, plain);
    for (int b = 0; b < BATCH; b++) CHECK(fabs(out[b].hyp->path - plain[b].hyp->path) < 1e-4);
}

static bool contains(const tt_hyp *h, const int32_t *term, int n) {
    for (int i = 0; i + n <= h->count; i++)
        if (!memcmp(h->ids + i, term, (size_t)n * sizeof *term)) return true;
    return false;
}

static void test_terms(void) {
    static const int32_t ids1[] = {20, 21}, ids2[] = {9}, ids3[] = {20, 30, 31};
    static const tt_term_form form[] = {{ids1, 2, 0, 0, 0}, {ids2, 1, 1, 0, 0}, {ids3, 3, 2, 0, 0}};
    static const tt_term term[] = {{0, 0, 2, "a", 1}, {0, 0, 1, "b", 1}, {0, 0, 3, "c", 1}};
    static const tt_terms three = {term, form, NULL, 3, 3, 6, 0},
                          one = {term, form, NULL, 1, 1, 2, 0};
    const tt_terms *terms[BATCH];
    for (int b = 0; b < BATCH; b++) terms[b] = b % 3 == 0 ? NULL : b % 3 == 1 ? &one : &three;
    tt_search_in in = {.src = &src, .terms = terms}, nothing = {.src = &src};
    tt_hyps out[BATCH], plain[BATCH];
    int missing = 0;
    for (int beam = 1; beam <= 5; beam += 2) {
        tt_search_opts o = options(beam);
        search(&nothing, &o, plain);
        batch_and_alone(&in, &o, out);
        for (int b = 0; b < BATCH; b++) {
            if (!terms[b])
                CHECK(same_hyps(&out[b], &plain[b]), "no terms, but another translation");
            for (int t = 0; terms[b] && t < terms[b]->count; t++)
                missing += !contains(out[b].hyp, form[t].ids, form[t].count);
        }
    }
    CHECK(missing == 0, "%d terms are missing that may stand anywhere", missing);
    /* no room for what is asked: the sentence still ends */
    tt_search_opts o = options(2);
    enum { MANY = 31 };
    int32_t token[MANY];
    tt_term_form forms[MANY];
    tt_term each[MANY];
    for (int i = 0; i < MANY; i++) {
        token[i] = 3 + i;
        forms[i] = (tt_term_form){&token[i], 1, i, 0, 0};
        each[i] = (tt_term){0, 0, 1, "x", 1};
    }
    const tt_terms many = {each, forms, NULL, MANY, MANY, MANY, 0};
    for (int b = 0; b < BATCH; b++) terms[b] = &many;
    o.max_length_factor = 0.1;
    search(&in, &o, out);
    for (int b = 0; b < BATCH; b++)
        CHECK(out[b].count >= 1 && out[b].hyp->ids[out[b].hyp->count - 1] == EOS);
}

/* Edges of the tokens below: 1-9 begin words, 10-19 go on with them, 20 is a full stop, 21
   opens. */
static const uint8_t edge[22] = {[1] = 1,
                                 [2] = 1,
                                 [3] = 1,
                                 [4] = 1,
                                 [5] = 1,
                                 [6] = 1,
                                 [7] = 1,
                                 [8] = 1,
                                 [9] = 1,
                                 [20] = TT_EDGE_MARK | TT_EDGE_AFTER,
                                 [21] =
                                     TT_EDGE_BEGINS | TT_EDGE_MARK | TT_EDGE_AFTER | TT_EDGE_OPENS};

/* Whole words count: "can" and "canes" are, "cantante" is not. */
static void test_found(void) {
    static const int32_t can[] = {7}, canes[] = {7, 10}, bare[] = {12, 13};
    static const tt_term_form form[] = {{can, 1, 0, 0, 0},
                                        {canes, 2, 0, 0, 0},
                                        {bare, 2, 0, 1, 0},
                                        {can, 1, 1, 0, 0},
                                        {canes, 2, 1, 0, 0}};
    static const tt_term term[] = {{0, 1, 2, "a", 1}, {3, 4, 2, "a", 1}};
    static const tt_terms one = {term, form, edge, 1, 3, 2, 0},
                          two = {term, form, edge, 2, 5, 4, 0};
    static const struct {
        int32_t ids[8];
        int n, met, from, to;
    } cases[] = {{{7}, 1, 1, 0, 1},         {{1, 7, 2}, 3, 1, 1, 2},
                 {{1, 7, 20}, 3, 1, 1, 2},  {{1, 7, 11}, 3, 0, 0, 0},
                 {{7, 10, 1}, 3, 1, 0, 2},  {{7, 10, 11}, 3, 0, 0, 0},
                 {{7, 11, 7}, 3, 1, 2, 3},  {{21, 12, 13}, 3, 1, 1, 3},
                 {{1, 12, 13}, 3, 0, 0, 0}, {{20, 12, 13, 20}, 4, 1, 1, 3},
                 {{1}, 0, 0, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char found[2];
        int32_t at[4] = {0};
        CHECK(tt_terms_find(&one, cases[i].ids, cases[i].n, found, at) == cases[i].met &&
                  found[0] == cases[i].met,
              "case %zu", i);
        if (cases[i].met)
            CHECK(at[0] == cases[i].from && at[1] == cases[i].to, "case %zu: %d to %d", i,
                  (int)at[0], (int)at[1]);
    }
    static const int32_t once[] = {7, 10, 1}, twice[] = {7, 10, 1, 7};
    unsigned char found[2];
    CHECK(tt_terms_find(&two, once, 3, found, NULL) == 1 &&
          tt_terms_find(&two, twice, 4, found, NULL) == 2);
    /* where a form fits: as the first word, later, behind an opening mark */
    static const tt_term_form first = {can, 1, 0, 0, TT_FORM_FIRST},
                              later = {can, 1, 0, 0, TT_FORM_LATER}, tied = {bare, 2, 0, 1, 0};
    static const int32_t opened[] = {21}, word[] = {21, 3};
    CHECK(tt_terms_fits(&one, &first, NULL, 0) && !tt_terms_fits(&one, &later, NULL, 0) &&
          !tt_terms_fits(&one, &tied, NULL, 0));
    CHECK(!tt_terms_fits(&one, &first, word, 2) && tt_terms_fits(&one, &later, word, 2) &&
          !tt_terms_fits(&one, &tied, word, 2));
    CHECK(!tt_terms_fits(&one, &form[0], opened, 1) && tt_terms_fits(&one, &tied, opened, 1));
}

/* One step by hand: the term begins where its source token is looked at, and nowhere else. */
static void test_look(void) {
    static const int32_t can[] = {7}, said[] = {1, 7};
    static const uint16_t looked[] = {0, 1};
    static const tt_term_form form[] = {{can, 1, 0, 0, 0}};
    static const tt_term term[] = {{1, 2, 1, "a", 1}};
    static const tt_terms t = {term, form, edge, 1, 1, 1, 0};
    static const float there[] = {0.1f, 0.8f, 0.1f}, elsewhere[] = {0.8f, 0.1f, 0.1f};
    tt_search_opts o;
    tt_search_init(&o, 0);
    for (int looks = 0; looks < 2; looks++)
        for (int again = 0; again < 2; again++) {
            float row[22];
            tt_continuation list[4];
            for (int i = 0; i < 22; i++)
                row[i] = i == 0 ? -9 : i == 5 ? -0.1f : -20 - (float)i; /* 5 is the likeliest */
            tt_steer_row r = {said, 1 + again, 0, row, 0, 0, looked, looks ? there : elsewhere};
            tt_steer s = {.k = &kernels,
                          .o = &o,
                          .vocab = 22,
                          .width = 2,
                          .is_log = 1,
                          .left = 9,
                          .forced = -1,
                          .terms = &t};
            int n = tt_terms_choose(list, &s, &r, 1), began = 0, eos = 0;
            for (int i = 0; i < n; i++) {
                began += list[i].token == 7;
                eos += list[i].token == 0 && list[i].met == 1;
            }
            if (!again) CHECK(began == looks && !eos, "%d", looks);
            /* the source word is looked at again: another word would be its second translation, so
               the end comes first */
            else
                CHECK(n == 2 && list[0].token == 5 &&
                      list[0].looked == (looks ? TT_LOOKED_AGAIN : TT_LOOKED_ANY) && eos == 1);
        }
}

static void test_errors(void) {
    tt_err e;
    tt_hyps out[BATCH];
    int32_t begin[BATCH + 1] = {0}, tokens[40];
    for (int b = 0; b < BATCH; b++) begin[b + 1] = 40;
    for (int i = 0; i < 40; i++) tokens[i] = 5;
    tt_seqs prefix = {BATCH, begin, tokens, NULL};
    tt_search_in in = {.src = &src, .prefix = &prefix}, plain = {.src = &src};
    const tt_models one = {.model = &model, .count = 1}, none = {.model = &model, .count = 0};
    tt_search_opts o = options(2);
    CHECK(tt_search_with(&run, &one, &in, &o, out, a, &e) == TT_EINTERNAL); /* beyond the reach */
    for (int b = 0; b < BATCH; b++) begin[b + 1] = 1;
    tokens[0] = EOS;
    CHECK(tt_search_with(&run, &one, &in, &o, out, a, &e) == TT_EINTERNAL);
    prefix.count = 1;
    tokens[0] = 5;
    CHECK(tt_search_with(&run, &one, &in, &o, out, a, &e) == TT_EINTERNAL);
    CHECK(tt_search_with(&run, &none, &plain, &o, out, a, &e) == TT_EINTERNAL);
    o.groups = 3;
    CHECK(tt_search_with(&run, &one, &plain, &o, out, a, &e) == TT_EINTERNAL);
    o = options(2);
    o.coverage = 1;
    CHECK(tt_search_with(&run, &one, &plain, &o, out, a, &e) == TT_EINTERNAL);
    o = options(2);
    o.sampling = 1;
    CHECK(tt_search_with(&run, &one, &plain, &o, out, a, &e) == TT_EINTERNAL); /* without keys */
}

int main(void) {
    tt_err e;
    float *params, *more;
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e), "%s", e.msg);
    CHECK(!tt_run_open(&run, &kernels, 0, &e));
    a = tt_arena_open(0, &e);
    model = sharp_model(&params, 7, "self-attention");
    other = sharp_model(&more, 8, "ssru");
    sharp_batch(off, ids);
    test_nothing();
    test_prefix();
    test_no_repeat();
    test_sampling();
    test_frequencies();
    test_groups();
    test_coverage();
    test_ensemble();
    test_found();
    test_look();
    test_terms();
    test_errors();
    tt_model_close(model);
    tt_model_close(other);
    free(params);
    free(more);
    tt_arena_close(a);
    tt_run_close(&run);
    return test_done("t_steer");
}
