/* t_resample.c: intervals and p-values where the answer is known or can be counted, the same
 * whatever the threads, and what is refused. t_score.c has values of another program.
 */
#include "score/resample.h"
#include "base/rng.h"
#include "unit/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SEGMENTS = 60 };

/* Segment i, in which a word is wrong with probability wrong / 100. */
static void add_segment(tt_score *s, int i, uint32_t wrong, uint64_t key) {
    char hyp[400] = "", ref[400] = "";
    size_t n = 0, m = 0;
    tt_err e = {0};
    for (uint64_t k = 0; k < 8 + (uint64_t)i % 5; k++) {
        const unsigned w = tt_rand_below(1, (uint64_t)i * 50 + k, 300),
                       other = tt_rand_below(key, (uint64_t)i * 50 + k, 100) < wrong;
        m += (size_t)snprintf(ref + m, sizeof ref - m, "w%u ", w);
        n += (size_t)snprintf(hyp + n, sizeof hyp - n, "%c%u ", other ? 'x' : 'w', w);
    }
    const tt_span one = {ref, m};
    CHECK(!tt_score_add(s, (tt_span){hyp, n}, &one, &e), "%s", e.msg);
}

static tt_score *system_of(const char *metric, int segments, uint32_t wrong, int keep,
                           uint64_t key) {
    tt_err e = {0};
    const tt_score_options o = {.keep = keep};
    tt_score *s = tt_score_open(metric, &o, 1, &e);
    CHECK(s, "%s", e.msg);
    for (int i = 0; s && i < segments; i++) add_segment(s, i, wrong, key);
    return s;
}

static double score_of(const tt_score *s) {
    tt_score_result r;
    tt_score_get(s, &r);
    return r.score;
}

static int same(const tt_certainty *x, const tt_certainty *y) {
    return !memcmp(&x->mean, &y->mean, sizeof x->mean) && !memcmp(&x->ci, &y->ci, sizeof x->ci) &&
           !memcmp(&x->p, &y->p, sizeof x->p) && x->same == y->same;
}

/* One that is far better, one that is the same, one that is a little better. */
static void test_known(const char *metric, int kind) {
    tt_score *s[4] = {system_of(metric, SEGMENTS, 30, 1, 5), system_of(metric, SEGMENTS, 2, 1, 6),
                      system_of(metric, SEGMENTS, 30, 1, 5), system_of(metric, SEGMENTS, 28, 1, 9)};
    tt_certainty c[4], again[4], other[4];
    tt_err e = {0};
    tt_trials t = {.kind = kind, .count = 400, .threads = 1, .seed = "7"};
    CHECK(!tt_score_compare((const tt_score *const *)s, 4, &t, c, &e), "%s", e.msg);
    CHECK(fabs(c[1].p - 1.0 / 401) < 1e-9 && !c[1].same, "%s: far better: p %g", metric, c[1].p);
    CHECK(c[2].same, "%s: the same", metric);
    CHECK(!c[3].same && c[3].p > 0.01 && c[3].p <= 1, "%s: hardly another: p %g", metric, c[3].p);
    if (kind == TT_TRIALS_BOOTSTRAP) {
        const double all = score_of(s[0]);
        CHECK(fabs(c[0].mean - all) < c[0].ci && c[0].ci > 0.1 && c[0].ci < 20, "%s: %g ± %g of %g",
              metric, c[0].mean, c[0].ci, all);
        CHECK(!memcmp(&c[0].mean, &c[2].mean, sizeof c->mean) &&
                  !memcmp(&c[0].ci, &c[2].ci, sizeof c->ci),
              "equal systems, equal samples");
    }
    CHECK(!tt_score_compare((const tt_score *const *)s, 4, &t, again, &e));
    t.seed = "8";
    CHECK(!tt_score_compare((const tt_score *const *)s, 4, &t, other, &e));
    CHECK(same(&c[3], &again[3]) && !same(&c[3], &other[3]), "%s: the seed decides", metric);
    for (int i = 0; i < 4; i++) tt_score_close(s[i]);
}

/* Of one segment every sample is the whole; exchanged or not, a difference is never greater. */
static void test_one(void) {
    tt_score *s[2] = {system_of("chrf", 1, 10, 1, 5), system_of("chrf", 1, 60, 1, 6)};
    tt_certainty c[2], alone;
    tt_err e = {0};
    CHECK(!tt_score_confidence(s[0], &(tt_trials){.count = 50}, &alone, &e), "%s", e.msg);
    CHECK(!(alone.ci > 0) && fabs(alone.mean - score_of(s[0])) < 1e-4, "%g ± %g", alone.mean,
          alone.ci);
    CHECK(!tt_score_compare((const tt_score *const *)s, 2,
                            &(tt_trials){.kind = TT_TRIALS_RANDOMISATION, .count = 99}, c, &e));
    CHECK(fabs(c[1].p - 1.0 / 100) < 1e-9, "p %g", c[1].p);
    tt_score_close(s[0]);
    tt_score_close(s[1]);
}

/* Two systems of seven segments: each of the 128 ways to exchange segments, and how many make a
 * greater difference. */
static void test_exact(void) {
    enum { FEW = 7, WAYS = 1 << FEW, TRIALS = 20000 };
    static const uint32_t wrong[2] = {38, 30};
    static const uint64_t keys[2] = {5, 6};
    tt_score *s[2] = {system_of("chrf", FEW, wrong[0], 1, keys[0]),
                      system_of("chrf", FEW, wrong[1], 1, keys[1])};
    tt_certainty c[2];
    tt_err e = {0};
    const double real = fabs(score_of(s[0]) - score_of(s[1]));
    int greater = 0;
    for (int way = 0; way < WAYS; way++) {
        tt_score *x[2] = {tt_score_open("chrf", NULL, 1, &e), tt_score_open("chrf", NULL, 1, &e)};
        for (int i = 0; i < FEW; i++)
            for (int k = 0; k < 2; k++)
                add_segment(x[k], i, wrong[k ^ (way >> i & 1)], keys[k ^ (way >> i & 1)]);
        greater += fabs(score_of(x[0]) - score_of(x[1])) > real + 1e-9;
        tt_score_close(x[0]);
        tt_score_close(x[1]);
    }
    const tt_trials t = {.kind = TT_TRIALS_RANDOMISATION, .count = TRIALS, .seed = "3"};
    CHECK(!tt_score_compare((const tt_score *const *)s, 2, &t, c, &e), "%s", e.msg);
    const double want = (double)greater / WAYS, deviation = sqrt(want * (1 - want) / TRIALS);
    CHECK(greater > WAYS / 20 && greater < WAYS * 19 / 20, "%d of %d ways show nothing", greater,
          WAYS);
    CHECK(fabs(c[1].p - want) < 5 * deviation + 1.0 / TRIALS, "p %g, expected %g", c[1].p, want);
    tt_score_close(s[0]);
    tt_score_close(s[1]);
}

/* So many trials that several threads are woken. */
static void test_threads(void) {
    tt_score *s[2] = {system_of("bleu", SEGMENTS, 30, 1, 5), system_of("bleu", SEGMENTS, 27, 1, 6)};
    for (int kind = TT_TRIALS_BOOTSTRAP; kind <= TT_TRIALS_RANDOMISATION; kind++) {
        tt_certainty c[2], more[2];
        tt_err e = {0};
        tt_trials t = {.kind = kind, .count = 300000, .threads = 1};
        CHECK(!tt_score_compare((const tt_score *const *)s, 2, &t, c, &e), "%s", e.msg);
        t.threads = 4;
        CHECK(!tt_score_compare((const tt_score *const *)s, 2, &t, more, &e), "%s", e.msg);
        CHECK(same(&c[1], &more[1]), "kind %d: p %g and %g", kind, c[1].p, more[1].p);
    }
    tt_score_close(s[0]);
    tt_score_close(s[1]);
}

static void refused(const tt_score *one, const tt_score *two, int n, tt_trials t, int code,
                    const char *words) {
    const tt_score *s[2] = {one, two};
    tt_certainty c[2];
    tt_err e = {0};
    const int rc = tt_score_compare(s, n, &t, c, &e);
    CHECK(rc == code && strstr(e.msg, words), "%d '%s', expected '%s'", rc, e.msg, words);
}

static void test_refused(void) {
    tt_score *a = system_of("chrf", 5, 30, 1, 5), *few = system_of("chrf", 4, 30, 1, 5),
             *bleu = system_of("bleu", 5, 30, 1, 5);
    tt_score *bare = system_of("chrf", 5, 30, 0, 5), *none = system_of("chrf", 0, 30, 1, 5);
    const tt_trials t = {.count = 10};
    refused(a, few, 2, t, TT_EUSAGE, "differ in metric or in number");
    refused(a, bleu, 2, t, TT_EUSAGE, "differ in metric or in number");
    refused(a, bare, 2, t, TT_EUSAGE, "the statistics of each segment");
    refused(none, none, 2, t, TT_EDATA, "0 segments");
    refused(a, a, 0, t, TT_EUSAGE, "0 systems");
    refused(a, a, 2, (tt_trials){.count = -1}, TT_EUSAGE, "-1 trials");
    refused(a, a, 2, (tt_trials){.count = 1000001}, TT_EUSAGE, "1000001 trials");
    refused(a, a, 2, (tt_trials){.threads = -1}, TT_EUSAGE, "-1 threads");
    refused(a, a, 2, (tt_trials){.threads = 1025}, TT_EUSAGE, "1025 threads");
    refused(a, a, 2, (tt_trials){.seed = "x"}, TT_EUSAGE, "x");
    tt_score_close(a);
    tt_score_close(few);
    tt_score_close(bleu);
    tt_score_close(bare);
    tt_score_close(none);
}

int main(void) {
    test_known("bleu", TT_TRIALS_BOOTSTRAP);
    test_known("chrf", TT_TRIALS_BOOTSTRAP);
    test_known("chrf", TT_TRIALS_RANDOMISATION);
    test_known("ter", TT_TRIALS_RANDOMISATION);
    test_one();
    test_exact();
    test_threads();
    test_refused();
    return test_done("t_resample");
}
