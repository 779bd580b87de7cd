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
        } else {
            continue;
        }
        numbers++;
    }
    if (f) fclose(f);
    CHECK(numbers > 400, "%d numbers", numbers);
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
    test_errors();
    test_text();
    return test_done("t_score");
}
