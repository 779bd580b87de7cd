/* t_tokens.c: words and lower case against those of sacreBLEU 2.6 (tests/golden/score_words.tsv,
 * made by tests/oracle/score_numbers.py), and what a tokeniser of the caller's may do.
 */
#include "score/unicode.h"

#include "base/err.h"
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

static char made[2000];
static size_t made_len;

static int join(void *ctx, tt_span word) {
    (void)ctx;
    if (made_len + word.len + 1 >= sizeof made) return TT_ENOMEM;
    if (made_len) made[made_len++] = ' ';
    memcpy(made + made_len, word.text, word.len);
    made_len += word.len;
    made[made_len] = 0;
    return 0;
}

static void check_words(const char *metric, const tt_score_options *o, const char *line,
                        const char *want) {
    tt_err e;
    tt_score *s = tt_score_open(metric, o, 1, &e);
    CHECK(s, "%s", e.msg);
    if (!s) return;
    made[made_len = 0] = 0;
    int rc = tt_score_words(s, (tt_span){line, strlen(line)}, join, NULL, &e);
    CHECK(!rc && !strcmp(made, want), "%s %s: '%s', not '%s'", metric,
          o->tokenize ? o->tokenize : "", made, want);
    tt_score_close(s);
}

static void read_words(const char *path) {
    char text[3000];
    int n = 0;
    FILE *f = fopen(path, "rb");
    CHECK(f, "%s is missing", path);
    while (f && fgets(text, sizeof text, f)) {
        char *field[5] = {text};
        for (int i = 1; i < 5; i++) {
            field[i] = strchr(field[i - 1], '\t');
            if (!field[i]) break;
            *field[i]++ = 0;
        }
        CHECK(field[4], "a line without five fields");
        if (!field[4]) break;
        field[4][strcspn(field[4], "\n")] = 0;
        int bleu = !strcmp(field[0], "bleu");
        tt_score_options o = {.tokenize = bleu ? field[1] : NULL, .lowercase = field[2][0] == '1'};
        if (!bleu)
            o = (tt_score_options){.ter_normalized = field[2][0] == '1',
                                   .ter_no_punct = field[2][1] == '1',
                                   .ter_asian = field[2][2] == '1',
                                   .ter_case_sensitive = field[2][3] == '1'};
        check_words(field[0], &o, field[3], field[4]);
        n++;
    }
    if (f) fclose(f);
    CHECK(n > 500, "%d lines", n);
}

static void test_unicode(void) {
    static const struct {
        uint32_t c;
        int kind;
    } kinds[] = {{'a', 0},       {'0', 'N'},    {'$', 'S'},    {'_', 'P'},
                 {'~', 'S'},     {' ', 0},      {0x7f, 0},     {0xbf, 'P'},
                 {0xb2, 'N'},    {0x20ac, 'S'}, {0xd7ff, 0},   {0xe000, 0},
                 {0x1f600, 'S'}, {0x10ffff, 0}, {0x2014, 'P'}, {0x3007, 'N'}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        CHECK(tt_unicode_category(kinds[i].c) == kinds[i].kind, "U+%04X", (unsigned)kinds[i].c);
    static const char *const lower[][2] = {{"", ""},
                                           {"abc 1", "abc 1"},
                                           {"AZ[`az", "az[`az"},
                                           {"ÁÑ ß ẞ", "áñ ß ß"},
                                           {"İI", "i\xcc\x87i"},
                                           {"ΑΣ", "ας"},
                                           {"ΑΣΑ Σ", "ασα σ"},
                                           {"ΑΣ. Α'Σ'", "ας. α'ς'"},
                                           {"ǅ", "ǆ"},
                                           {"\xf0\x90\x90\x80", "\xf0\x90\x90\xa8"}};
    tt_arena *a = tt_arena_open(0, NULL);
    for (size_t i = 0; i < sizeof lower / sizeof *lower; i++) {
        tt_span s = {lower[i][0], strlen(lower[i][0])};
        CHECK(!tt_unicode_lower(&s, a) && s.len == strlen(lower[i][1]) &&
                  !memcmp(s.text, lower[i][1], s.len),
              "'%s' became '%.*s'", lower[i][0], (int)s.len, s.text);
    }
    tt_arena_close(a);
}

/* A tokeniser of the caller's: pairs of bytes, or whatever *ctx asks for. */
static int cut_pairs(void *ctx, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e) {
    int what = *(int *)ctx;
    if (what == 1) return tt_fail(e, TT_EFORMAT, "no");
    if (what == 2) return token(token_ctx, (tt_span){"\xff", 1});
    for (size_t i = 0; i < line.len; i += 2) {
        char copy[2] = {line.text[i], i + 1 < line.len ? line.text[i + 1] : '.'};
        int rc = token(token_ctx, (tt_span){copy, 2});
        if (rc) return rc;
    }
    return 0;
}

static void test_own(void) {
    int what = 0;
    tt_err e;
    tt_score_options o = {.tokenize = "pairs", .cut = cut_pairs, .cut_ctx = &what};
    check_words("bleu", &o, "abcdefg", "ab cd ef g.");
    check_words("bleu", &o, "a bc d", "a bc d"); /* tokens with blanks are cut there, too */
    tt_score *s = tt_score_open("bleu", &o, 1, &e);
    tt_span line = {"abcdefgh", 8};
    tt_score_result r;
    CHECK(!tt_score_add(s, line, &line, &e), "%s", e.msg);
    tt_score_get(s, &r);
    CHECK(r.score > 99.99 && strstr(r.signature, "|tok:pairs|"), "%g %s", r.score, r.signature);
    what = 1;
    CHECK(tt_score_add(s, line, &line, &e) == TT_EFORMAT && !strcmp(e.msg, "no"), "%s", e.msg);
    what = 2;
    CHECK(tt_score_add(s, line, &line, &e) == TT_EDATA, "%s", e.msg);
    CHECK(tt_score_segments(s) == 1, "a failure leaves the sums alone");
    tt_score_close(s);
    o.tokenize = "a:b";
    CHECK(!tt_score_open("bleu", &o, 1, &e) && e.code == TT_EUSAGE, "a name with a colon");
}

int main(void) {
    char path[300];
    const char *dir = getenv("TT_TEST_GOLDEN");
    snprintf(path, sizeof path, "%s/score_words.tsv", dir ? dir : "tests/golden");
    read_words(path);
    test_unicode();
    test_own();
    return test_done("t_tokens");
}
