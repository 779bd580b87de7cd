/* t_score.c: the scorer of ttrans.h: stored figures of sacreBLEU 2.6
 * (tests/oracle/score_numbers.py) for the lines of score_segments.tsv, whole and segment by
 * segment; and its errors.
 */
#include "ttrans.h"

#include "unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 32 };

static char text[LINES][600];
static tt_span hyps[LINES], refs[LINES][2];
static int lines;

static void read_segments(const char *path) {
    FILE *f = fopen(path, "rb");
    CHECK(f, "%s is missing", path);
    while (f && lines < LINES && fgets(text[lines], sizeof *text, f)) {
        char *one = strchr(text[lines], '\t'), *two = one ? strchr(one + 1, '\t') : NULL;
        if (!two) break;
        hyps[lines] = (tt_span){text[lines], (size_t)(one - text[lines])};
        refs[lines][0] = (tt_span){one + 1, (size_t)(two - one - 1)};
        refs[lines][1] =
            (tt_span){two + 1, strlen(two + 1)}; /* with its newline, which is dropped */
        lines++;
    }
    if (f) fclose(f);
    CHECK(lines == 20, "%d segments", lines);
}

static void check_number(const char *metric, const tt_score_options *o, int n_refs,
                         const char *segment, double want, const char *line) {
    tt_err e;
    tt_score_result r;
    tt_score *s = tt_score_open(metric, o, n_refs, &e);
    CHECK(s, "%s", e.msg);
    if (!s) return;
    int all = !strcmp(segment, "all"), one = all ? 0 : (int)strtol(segment, NULL, 10);
    int bad = 0;
    for (int i = 0; i < lines; i++)
        if (all || i <= one) bad |= tt_score_add(s, hyps[i], refs[i], &e);
    (all ? tt_score_get : tt_score_get_last)(s, &r);
    CHECK(!bad && fabs(r.score - want) <= 1e-13 * fabs(want), "%.17g, expected %s", r.score, line);
    tt_score_close(s);
}

/* Intervals and p-values: the hypothesis, for bs and ar against the first reference as a system;
   the second reference is the reference. With two threads, which must not matter. */
static void check_trials(const char *line) {
    char kind[4], metric[8], seed[60], figures[3][40];
    tt_trials t = {.threads = 2};
    int n = sscanf(line, "%3s %7s %d %59s %39s %39s %39s", kind, metric, &t.count, seed, figures[0],
                   figures[1], figures[2]);
    if (n < 5) return;
    t.seed = seed;
    t.kind = kind[0] == 'a' ? TT_TRIALS_RANDOMISATION : TT_TRIALS_BOOTSTRAP;
    tt_err e;
    tt_certainty c[2];
    tt_score_options o = {.keep = 1};
    tt_score *s[2] = {tt_score_open(metric, &o, 1, &e), tt_score_open(metric, &o, 1, &e)};
    for (int i = 0; i < lines; i++) {
        CHECK(!tt_score_add(s[0], hyps[i], &refs[i][1], &e), "%s", e.msg);
        CHECK(!tt_score_add(s[1], refs[i][0], &refs[i][1], &e), "%s", e.msg);
    }
    int rc = kind[0] == 'c' ? tt_score_confidence(s[0], &t, &c[1], &e)
                            : tt_score_compare((const tt_score *const *)s, 2, &t, c, &e);
    CHECK(!rc, "%s", e.msg);
    double want[3] = {0, 0, 1};
    for (int i = 0; i < n - 4; i++) want[kind[0] == 'a' ? 2 : i] = strtod(figures[i], NULL);
    double got[3] = {c[1].mean, c[1].ci, c[1].p};
    for (int i = 0; i < 3; i++)
        CHECK(fabs(got[i] - want[i]) <= 1e-13 * fabs(want[i]), "%.17g, not %.17g: %s", got[i],
              want[i], line);
    for (int i = 0; i < 2; i++) tt_score_close(s[i]);
}

static void read_numbers(const char *path) {
    char line[600], tok[8], smooth[8], value[24], segment[8], score[40];
    int n, numbers = 0;
    FILE *f = fopen(path, "rb");
    CHECK(f, "%s is missing", path);
    while (f && fgets(line, sizeof line, f)) {
        tt_score_options o = {0};
        if (sscanf(line, "bleu %d %7s %7s %23s %d %d %7s %39s", &n, tok, smooth, value,
                   &o.effective_order, &o.max_order, segment, score) == 8) {
            double v = strtod(value, NULL);
            o.tokenize = tok;
            o.smooth = smooth;
            if (strcmp(value, "-")) o.smooth_value = &v;
            check_number("bleu", &o, n, segment, strtod(score, NULL), line);
        } else if (sscanf(line, "chrf %d %d %d %d %d %d %7s %39s", &n, &o.char_order, &o.word_order,
                          &o.beta, &o.whitespace, &o.eps_smoothing, segment, score) == 8) {
            check_number("chrf", &o, n, segment, strtod(score, NULL), line);
        } else if (sscanf(line, "ter %d %d %d %d %d %7s %39s", &n, &o.ter_normalized,
                          &o.ter_no_punct, &o.ter_asian, &o.ter_case_sensitive, segment,
                          score) == 7) {
            check_number("ter", &o, n, segment, strtod(score, NULL), line);
        } else if (!strncmp(line, "ci ", 3) || !strncmp(line, "bs ", 3) ||
                   !strncmp(line, "ar ", 3)) {
            check_trials(line);
        } else {
            continue;
        }
        numbers++;
    }
    if (f) fclose(f);
    CHECK(numbers > 650, "%d numbers", numbers);
}

static void test_sums(void) {
    tt_err e;
    tt_score_result a, b;
    tt_score *s = tt_score_open("bleu", NULL, 1, &e);
    for (int i = 0; i < lines; i++) tt_score_add(s, hyps[i], refs[i], &e);
    tt_score_get(s, &a);
    CHECK(tt_score_segments(s) == (size_t)lines, "segments");
    tt_span bad = {"ok \xff", 4};
    CHECK(tt_score_add(s, bad, refs[0], &e) == TT_EDATA && strstr(e.msg, "hypothesis"), "%s",
          e.msg);
    CHECK(tt_score_add(s, hyps[0], &bad, &e) == TT_EDATA && strstr(e.msg, "reference 1"), "%s",
          e.msg);
    tt_score_get(s, &b);
    CHECK(!memcmp(&a.score, &b.score, sizeof a.score) && tt_score_segments(s) == (size_t)lines,
          "a bad line leaves the sums alone");
    tt_score_reset(s);
    tt_score_get(s, &b);
    CHECK(b.score <= 0 && tt_score_segments(s) == 0, "reset");
    for (int i = lines; i--;) tt_score_add(s, hyps[i], refs[i], &e);
    tt_score_get(s, &b);
    CHECK(!memcmp(&a.score, &b.score, sizeof a.score), "the order of segments does not matter");
    tt_score_close(s);
    tt_score_close(NULL);

    s = tt_score_open("chrf", NULL, 1, &e);
    tt_span none = {"", 0};
    CHECK(!tt_score_add(s, none, &none, &e), "%s", e.msg);
    size_t cap = TT_SCORE_SEGMENT_MAX + 1;
    char *big = calloc(cap, 1);
    CHECK(big && tt_score_add(s, (tt_span){big, cap}, &none, &e) == TT_EDATA, "%s", e.msg);
    CHECK(big && !tt_score_add(s, (tt_span){big, 1000000}, &(tt_span){big, 1000001}, &e), "%s",
          e.msg);
    tt_score_get(s, &a);
    CHECK(a.score > 99.99, "a million NUL bytes: %g", a.score);
    free(big);
    tt_score_close(s);
}

/* Several systems at once are as one after the other. */
static void test_each(void) {
    static const char *const names[] = {"bleu", "chrf", "ter"};
    tt_err e;
    tt_score_result a, b;
    tt_span sides[3];
    for (int m = 0; m < 3; m++) {
        tt_score *each[3], *alone[3];
        for (int k = 0; k < 3; k++) {
            each[k] = tt_score_open(names[m], NULL, 2, &e);
            alone[k] = tt_score_open(names[m], NULL, 2, &e);
        }
        for (int i = 0; i < lines; i++) {
            for (int k = 0; k < 3; k++) sides[k] = hyps[(i * (k + 1) + k) % lines];
            CHECK(!tt_score_add_each(each, 3, sides, refs[i], &e), "%s", e.msg);
            for (int k = 0; k < 3; k++) tt_score_add(alone[k], sides[k], refs[i], &e);
        }
        for (int k = 0; k < 3; k++) {
            tt_score_get(each[k], &a);
            tt_score_get(alone[k], &b);
            CHECK(!memcmp(&a.score, &b.score, sizeof a.score), "%s, system %d: %g, not %g",
                  names[m], k, a.score, b.score);
        }
        sides[2] = (tt_span){"\xff", 1};
        CHECK(tt_score_add_each(each, 3, sides, refs[0], &e) == TT_EDATA, "a bad line");
        CHECK(tt_score_segments(each[0]) == (size_t)lines, "leaves all scores alone");
        tt_score_close(each[1]);
        each[1] = tt_score_open(names[(m + 1) % 3], NULL, 2, &e);
        CHECK(tt_score_add_each(each, 2, sides, refs[0], &e) == TT_EUSAGE, "two metrics");
        for (int k = 0; k < 3; k++) {
            tt_score_close(each[k]);
            tt_score_close(alone[k]);
        }
    }
}

static void test_errors(void) {
    static const double minus = -1;
    tt_err e;
    tt_score_options bad[] = {{.tokenize = "14"},
                              {.smooth = "expo"},
                              {.smooth_value = &minus},
                              {.max_order = 17},
                              {.max_order = -1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!tt_score_open("bleu", &bad[i], 1, &e) && e.code == TT_EUSAGE, "option %zu", i);
    tt_score_options worse[] = {{.char_order = 17}, {.word_order = -1}, {.beta = -2}};
    for (size_t i = 0; i < sizeof worse / sizeof *worse; i++)
        CHECK(!tt_score_open("chrf", &worse[i], 1, &e) && e.code == TT_EUSAGE, "option %zu", i);
    CHECK(!tt_score_open("bleurt", NULL, 1, &e) && e.code == TT_EUSAGE, "metric");
    CHECK(!tt_score_open("bleu", NULL, 0, &e) && e.code == TT_EUSAGE, "no references");
    CHECK(!strcmp(tt_score_metric(0), "bleu") && !strcmp(tt_score_metric(1), "chrf"), "metrics");
    CHECK(!tt_score_metric(3) && !tt_score_metric(-1), "no more metrics");
    CHECK(!strcmp(tt_score_tokenizer(1), "none") && !tt_score_tokenizer(5), "tokenisers");
}

static void test_missing(void) {
    tt_err e;
    tt_score_result r, one;
    tt_span hyp = {"a b c d", 7}, three[3] = {{"a b c", 5}, {NULL, 0}, {"a b c d", 7}};
    tt_span none[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    const char *names[] = {"bleu", "chrf", "ter"};
    for (int m = 0; m < 3; m++) {
        tt_score *s = tt_score_open(names[m], NULL, 3, &e),
                 *t = tt_score_open(names[m], NULL, 2, &e);
        tt_span two[2] = {three[0], three[2]};
        CHECK(!tt_score_add(s, hyp, three, &e) && !tt_score_add(t, hyp, two, &e), "%s", e.msg);
        tt_score_get(s, &r);
        tt_score_get(t, &one);
        CHECK(!memcmp(&r.score, &one.score, sizeof r.score), "%s: a missing reference", names[m]);
        CHECK(!strcmp(r.signature, one.signature) && !strncmp(r.signature, "nrefs:2|", 8), "%s",
              r.signature);
        CHECK(tt_score_add(s, hyp, none, &e) == TT_EDATA && tt_score_segments(s) == 1, "%s", e.msg);
        three[1] = (tt_span){"x", 1};
        CHECK(!tt_score_add(s, hyp, three, &e), "%s", e.msg);
        three[1].text = NULL;
        tt_score_get(s, &r);
        CHECK(!strncmp(r.signature, "nrefs:var|", 10), "%s", r.signature);
        tt_score_get_last(s, &r);
        CHECK(!strncmp(r.signature, "nrefs:3|", 8), "%s", r.signature);
        tt_score_close(s);
        tt_score_close(t);
    }
}

static void test_signature(void) {
    tt_err e;
    char sig[256];
    tt_score_tags tags = {.bs = 1000, .seed = "12345", .test = "wmt", .lang = "en-es"};
    tt_score_options o = {.lowercase = 1, .ter_asian = 1, .chrf_lowercase = 1};
    static const char *const want[][3] = {
        {"bleu",
         "nrefs:1|bs:1000|seed:12345|test:wmt|lang:en-es|case:lc|eff:no|tok:13a|smooth:exp|",
         "#:1|bs:1000|rs:12345|t:wmt|l:en-es|c:lc|e:no|tok:13a|s:exp|v:2.6.0|i:ttrans-"},
        {"chrf",
         "nrefs:1|bs:1000|seed:12345|test:wmt|lang:en-es|case:lc|eff:yes|nc:6|nw:0|space:no|",
         "#:1|bs:1000|rs:12345|t:wmt|l:en-es|c:lc|e:yes|nc:6|nw:0|s:no|v:2.6.0|i:ttrans-"},
        {"ter",
         "nrefs:1|bs:1000|seed:12345|test:wmt|lang:en-es|case:lc|tok:tercom|norm:no|punct:yes|"
         "asian:yes|",
         "#:1|bs:1000|rs:12345|t:wmt|l:en-es|c:lc|t:tercom|nr:no|pn:yes|as:yes|v:2.6.0|i:ttrans-"}};
    for (int m = 0; m < 3; m++) {
        tt_score *s = tt_score_open(want[m][0], &o, 1, &e);
        for (int halved = 0; halved < 2; halved++) {
            tt_score_sign(s, &tags, halved, sig, sizeof sig);
            CHECK(!strncmp(sig, want[m][1 + halved], strlen(want[m][1 + halved])), "%s", sig);
        }
        tt_score_sign(s, &tags, 0, sig, 20);
        CHECK(strlen(sig) == 19, "cut off: %s", sig);
        tt_score_close(s);
    }
}

static void test_trial_errors(void) {
    tt_err e;
    tt_certainty c[2];
    tt_span a = {"a b", 3};
    tt_score_options keep = {.keep = 1};
    tt_score *plain = tt_score_open("bleu", NULL, 1, &e), *s = tt_score_open("bleu", &keep, 1, &e);
    tt_score *other = tt_score_open("chrf", &keep, 1, &e);
    const tt_score *pair[2] = {s, other};
    CHECK(tt_score_confidence(s, NULL, c, &e) == TT_EDATA, "no segments: %s", e.msg);
    tt_score_add(plain, a, &a, &e);
    CHECK(tt_score_confidence(plain, NULL, c, &e) == TT_EUSAGE, "nothing kept: %s", e.msg);
    tt_score_add(s, a, &a, &e);
    tt_score_add(other, a, &a, &e);
    CHECK(tt_score_compare(pair, 2, NULL, c, &e) == TT_EUSAGE, "two metrics: %s", e.msg);
    static const tt_trials bad[] = {{.count = -1}, {.threads = -1}, {.seed = "x"},
                                    {.seed = ""},  {.seed = "-1"},  {.count = 2000000}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(tt_score_confidence(s, &bad[i], c, &e) == TT_EUSAGE, "option %zu", i);
    CHECK(!tt_score_confidence(s, &(tt_trials){.seed = "None"}, c, &e), "%s", e.msg);
    CHECK(!tt_score_confidence(s, NULL, c, &e) && c->ci <= 0, "one segment: ±%g", c->ci);
    pair[1] = s;
    CHECK(!tt_score_compare(pair, 2, &(tt_trials){.seed = "0"}, c, &e), "%s", e.msg);
    CHECK(c[0].p >= 1 && c[1].p < 0.01 && c[1].same && !c[0].same,
          "a system is as good as itself: %g", c[1].p);
    tt_score *better = tt_score_open("bleu", &keep, 1, &e);
    tt_score_add(better, (tt_span){"b", 1}, &a, &e);
    pair[1] = better;
    CHECK(!tt_score_compare(pair, 2, NULL, c, &e) && !c[1].same, "another system: %s", e.msg);
    tt_score_close(better);
    tt_score_close(plain);
    tt_score_close(other);
    tt_score_close(s);
}

static void test_text(void) {
    static const struct {
        const char *text;
        int valid;
    } cases[] = {{"", 1},
                 {"plain ASCII text", 1},
                 {"añb 日本 \xf0\x9f\x98\x80", 1},
                 {"\xc0\x80", 0},
                 {"\xc1\xbf", 0},
                 {"\xe0\x9f\xbf", 0},
                 {"\xed\xa0\x80", 0},
                 {"\xee\x80\x80", 1},
                 {"\xf0\x8f\xbf\xbf", 0},
                 {"\xf4\x8f\xbf\xbf", 1},
                 {"\xf4\x90\x80\x80", 0},
                 {"\xf5\x80\x80\x80", 0},
                 {"12345678\x80", 0},
                 {"abc\xe2\x82", 0},
                 {"\xe2\x28\xa1", 0},
                 {"\xff", 0},
                 {"\xf0\x9f\x98", 0},
                 {"\xc3", 0}};
    tt_err e;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_span s = {cases[i].text, strlen(cases[i].text)};
        CHECK((tt_score_check(s, &e) == 0) == cases[i].valid, "text %zu", i);
    }
    const char *end = "a b\xc2\xa0 \t\xe3\x80\x80\xe2\x80\x89\r\n";
    CHECK(tt_score_strip((tt_span){end, strlen(end)}).len == 3, "white space at the end");
    CHECK(tt_score_strip((tt_span){"x\xe2\x80\x8b", 4}).len == 4, "U+200B stays");
    CHECK(tt_score_strip((tt_span){" \n ", 3}).len == 0, "nothing but white space");
    CHECK(tt_score_strip((tt_span){NULL, 0}).len == 0, "nothing");
}

int main(void) {
    char path[2][300];
    const char *dir = getenv("TT_TEST_GOLDEN");
    if (!dir) dir = "tests/golden";
    snprintf(path[0], sizeof *path, "%s/score_segments.tsv", dir);
    snprintf(path[1], sizeof *path, "%s/score_numbers.txt", dir);
    read_segments(path[0]);
    read_numbers(path[1]);
    test_sums();
    test_each();
    test_errors();
    test_missing();
    test_signature();
    test_trial_errors();
    test_text();
    return test_done("t_score");
}
