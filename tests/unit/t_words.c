/* t_words.c: tokens folded to words, unknown pieces put right, terms found in text.
 */
#include "translate/words.h"

#include <math.h>
#include <string.h>

#include "translate/glossary.h"
#include "unit/test.h"

#include "unit/tiny.h"

static tt_arena *a;
static tt_vocab *v;

static void encode(tt_sentence *s, const char *text) {
    tt_err e = {0};
    tt_translate_stats stats = {0};
    CHECK(!tt_sentence_whole(s, v, text, strlen(text), 1000, a, &stats, &e), "%s", e.msg);
}

/* Every word of a sentence is its blank-separated word. */
static void test_numbers(void) {
    for (uint64_t i = 0; i < 50; i++) {
        char text[400];
        tiny_sentence(text, (int)(i % 2), i);
        tt_sentence s;
        encode(&s, text);
        int32_t *word;
        int n, blanks = 0, at = 0;
        tt_err e = {0};
        CHECK(!tt_words_source(&word, &n, v, &s, a, &e), "%s", e.msg);
        for (const char *p = text; *p; p++) blanks += *p == ' ';
        CHECK(n == blanks + 1, "%d words in '%s'", n, text);
        CHECK(word[s.count - 1] == -1 && word[0] == 0);
        char *rest = text;
        for (int w = 0; w < n; w++) { /* its tokens decode to it */
            int from = at;
            while (at < s.count && word[at] == w) at++;
            char *got;
            size_t len, want = strcspn(rest, " ");
            CHECK(!tt_vocab_decode(v, s.ids + from, (size_t)(at - from), a, &got, &len, &e));
            CHECK(len == want && !memcmp(got, rest, len), "'%.*s', expected '%.*s'", (int)len, got,
                  (int)want, rest);
            rest += want + 1;
        }
    }
}

static void test_map(void) {
    tt_sentence s, t;
    encode(&s, "the neighbour is red");
    encode(&t, "mi vecino es roja");
    float *w = tt_arena_alloc(a, (size_t)(s.count * t.count) * sizeof *w);
    for (int i = 0; i < t.count; i++)
        for (int j = 0; j < s.count; j++)
            w[i * s.count + j] = (float)tt_rand_unit((uint64_t)i, (uint64_t)j);
    tt_hyp h = {.ids = t.ids, .count = t.count, .alignment = w};
    tt_map m;
    tt_said said;
    tt_err e = {0};
    CHECK(!tt_words_text(&said, v, v, &s, &h, 0, 1, a, &e) && said.len == 17, "%s", e.msg);
    CHECK(!tt_words_map(&m, v, v, &s, &h, &said, 0, a, &e) && m.rows == 4 && m.cols == 4);
    int32_t *sw, *tw;
    int n;
    CHECK(!tt_words_source(&sw, &n, v, &s, a, &e) && n == 4);
    CHECK(!tt_words_source(&tw, &n, v, &t, a, &e) && n == 4);
    for (int x = 0; x < 4; x++)
        for (int y = 0; y < 4; y++) {
            double sum = 0, tokens = 0;
            for (int i = 0; i < t.count; i++) {
                tokens += tw[i] == x;
                for (int j = 0; j < s.count; j++)
                    sum += tw[i] == x && sw[j] == y ? (double)w[i * s.count + j] : 0;
            }
            CHECK(fabs((double)m.w[x * 4 + y] - sum / tokens) < 1e-5);
            CHECK(m.w[x * 4 + m.greatest[x]] >= m.w[x * 4 + y]);
        }
    CHECK(!tt_words_map(&m, v, v, &s, &h, NULL, 1, a, &e) && m.rows == t.count &&
          m.cols == s.count && m.w == w);
}

/* Unknown pieces at the beginning, in the middle, twice in a row, at the end. */
static void test_unknown(void) {
    static const struct {
        const char *text; /* ? stands for the unknown piece */
        int looks[3];     /* at which source word */
        const char *want;
    } cases[] = {{"mi ? es roja", {1}, "mi neighbour es roja"},
                 {"? es roja", {0}, "the es roja"},
                 {"mi vecino es ?", {3}, "mi vecino es red"},
                 {"mi ? es ?", {3, 1}, "mi red es neighbour"},
                 {"mi ?? es", {1, 1}, "mi neighbour es"},
                 {"?", {2}, "is"},
                 {"mi vecino", {0}, "mi vecino"}};
    tt_sentence s;
    encode(&s, "the neighbour is red");
    int32_t *sw;
    int words;
    tt_err none = {0};
    CHECK(!tt_words_source(&sw, &words, v, &s, a, &none) && words == 4);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tt_sentence part;
        int32_t ids[200];
        int n = 0, unknown = 0;
        float w[200 * 20] = {0};
        char word[100];
        for (const char *p = cases[c].text; *p;) { /* token by token, as a model would say it */
            size_t len = strcspn(p, " ?");
            if (*p == '?') {
                if (p == cases[c].text || p[-1] == ' ') { /* the mark before it */
                    encode(&part, "?");
                    int mark = n;
                    for (int i = 0; i < part.count - 1; i++)
                        if (!strcmp(tt_vocab_piece(v, part.ids[i]), "\xe2\x96\x81"))
                            ids[n++] = part.ids[i];
                    CHECK(n <= mark + 1);
                }
                for (int j = 0; j < s.count; j++)
                    if (sw[j] == cases[c].looks[unknown]) w[n * s.count + j] = 1;
                unknown++;
                ids[n++] = tt_vocab_unk(v);
                p++;
            } else if (len) {
                snprintf(word, sizeof word, "%.*s", (int)len, p);
                encode(&part, word);
                for (int i = 0; i < part.count - 1; i++) ids[n++] = part.ids[i];
                p += len;
            }
            p += *p == ' ';
        }
        ids[n++] = tt_vocab_eos(v);
        tt_hyp h = {.ids = ids, .count = n, .alignment = w};
        tt_said said;
        tt_err e = {0};
        CHECK(!tt_words_text(&said, v, v, &s, &h, 1, 0, a, &e), "%s", e.msg);
        CHECK(said.len == strlen(cases[c].want) && !memcmp(said.text, cases[c].want, said.len),
              "'%.*s', expected '%s'", (int)said.len, said.text, cases[c].want);
    }
}

/* Two vocabularies without SentencePiece: every token is a word, and each side is read by its
   own. */
static void test_two_sides(void) {
    static const char mine[] = "the\n</s>\n<unk>\nhouse\nred\n", theirs[] = "<unk>\ncasa\n</s>\n";
    tt_err e = {0};
    tt_vocab *from = tt_vocab_open_parts(NULL, 0, mine, strlen(mine), &e);
    tt_vocab *to = tt_vocab_open_parts(NULL, 0, theirs, strlen(theirs), &e);
    CHECK(from && to, "%s", e.msg);
    int32_t source[] = {0, 4, 2, 1}, target[] = {1, 0, 0, 2}; /* the red ? </s>, casa ? ? </s> */
    static const char text[] = "the red Zorro";
    const tt_sentence s = {
        source, 4, "", 0, {.text = text, .len = strlen(text), .line = {text, strlen(text)}}, 0};
    float w[16] = {0, .9f, .1f, 0, 0, 0, 1, 0, .7f, .1f, 0, .2f, 0, 0, 0, 1};
    const tt_hyp h = {.ids = target, .count = 4, .alignment = w};
    tt_map m;
    tt_said said;
    CHECK(!tt_words_text(&said, from, to, &s, &h, 1, 1, a, &e) && said.len == 14 &&
              !memcmp(said.text, "casa Zorro the", 14),
          "'%.*s'", (int)said.len, said.text);
    CHECK(!tt_words_map(&m, from, to, &s, &h, &said, 0, a, &e) && m.rows == 3 && m.cols == 3);
    CHECK(m.greatest[0] == 1 && m.greatest[1] == 2 && m.greatest[2] == 0);
    w[0] = -.95f, w[6] = -1, w[9] = -.8f; /* weights of de-attention: by what they are worth */
    CHECK(!tt_words_text(&said, from, to, &s, &h, 1, 1, a, &e) &&
              !memcmp(said.text, "casa Zorro red", 14),
          "'%.*s'", (int)said.len, said.text);
    CHECK(!tt_words_map(&m, from, to, &s, &h, &said, 0, a, &e));
    CHECK(m.greatest[0] == 0 && m.greatest[1] == 2 && m.greatest[2] == 1);
    tt_vocab_close(from);
    tt_vocab_close(to);
}

/* Words are those of the line, whatever the vocabulary makes of its characters. */
static void test_odd_words(void) {
    static const struct {
        const char *text;
        int words, last; /* last: the word of the last token before eos */
    } cases[] = {{"It\xc2\xb4s late", 2, 1},
                 {"20\xc2\xa0\xc2\xb0"
                  "C is",
                  2, 1},
                 {"a\xe2\x80\x8b"
                  "b c",
                  2, 1},
                 {"\xc2\xad x", 2, 1},
                 {"a \xe2\x80\x8b c", 3, 2},
                 {"caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac", 2, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        tt_sentence s;
        tt_err e = {0};
        int32_t *word;
        int n;
        encode(&s, cases[c].text);
        CHECK(!tt_words_source(&word, &n, v, &s, a, &e), "%s", e.msg);
        CHECK(n == cases[c].words && word[s.count - 2] == cases[c].last && word[s.count - 1] == -1,
              "%d words in '%s'", n, cases[c].text);
        for (int i = 0; i + 2 < s.count; i++) CHECK(word[i] <= word[i + 1]);
    }
}

static void test_glossary(void) {
    static const char file[] =
        "red house\tcasa roja\n\nhouse\tla casa\nred\troja\r\n\xc3\xa9t\xc3\xa9\tverano\n";
    static const struct {
        const char *text;
        int terms;
    } cases[] = {{"my red house is red", 2},
                 {"my red houses", 1},
                 {"housered", 0},
                 {"(house)", 1},
                 {"house-red", 2},
                 {"", 0},
                 {"\xc3\xa9t\xc3\xa9s", 0},
                 {"l'\xc3\xa9t\xc3\xa9.", 1},
                 {"\xe2\x80\x9chouse\xe2\x80\x9d", 1}};
    tt_err e = {0};
    tt_glossary *g =
        tt_glossary_open(tiny_file("terms.tsv", file, strlen(file)), v, NULL, NULL, &e);
    CHECK(g != NULL, "%s", e.msg);
    for (size_t i = 0; g && i < sizeof cases / sizeof cases[0]; i++) {
        const tt_terms *t;
        tt_sentence s;
        encode(&s, cases[i].text);
        CHECK(!tt_glossary_find(&t, g, v, &s, a, &e));
        CHECK((t ? t->count : 0) == cases[i].terms, "'%s': %d terms", cases[i].text,
              t ? t->count : 0);
    }
    const tt_terms *t;    /* of many, no more than fit, and the others are counted */
    char many[1802] = ""; /* 300 times */
    for (size_t n = 0; n + 7 < sizeof many; n += 6) memcpy(many + n, "house ", 7);
    tt_sentence all;
    encode(&all, many);
    CHECK(!tt_glossary_find(&t, g, v, &all, a, &e) && t && t->count == TT_TERMS_MAX &&
          t->left_out == 300 - TT_TERMS_MAX);
    tt_glossary_close(g);
}

int main(void) {
    tt_err e;
    a = tt_arena_open(0, &e);
    v = tiny_vocab("words.spm", 320);
    if (v) {
        test_numbers();
        test_map();
        test_unknown();
        test_two_sides();
        test_odd_words();
        test_glossary();
    }
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_words");
}
