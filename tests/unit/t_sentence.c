/* t_sentence.c: lines cut into sentences: nothing is lost, and each part knows its word.
 */
#include "translate/sentence.h"

#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

#include "unit/tiny.h"

static tt_arena *a;
static tt_vocab *v;

static tt_sentences cut(const char *text, size_t len, int limit, int split, int plain) {
    const tt_cutting how = {.vocab = v, .limit = limit, .split = split, .keep = !plain};
    tt_translate_stats stats = {0};
    tt_sentences line = {0};
    tt_err e = {0};
    CHECK(!tt_sentences_make(&line, &how, text, len, a, &stats, &e), "%s", e.msg);
    CHECK(stats.sentences == line.count && stats.words == tt_sentence_words(text, len));
    return line;
}

/* Lead, parts and gaps are the line again, and each part begins in the word it names. */
static void check_whole(const char *text, size_t len, int limit, int split, int plain) {
    const tt_sentences line = cut(text, len, limit, split, plain);
    char *out = malloc(len + 1);
    size_t n = line.lead.len;
    memcpy(out, line.lead.text, n);
    for (size_t i = 0; i < line.count; i++) {
        const tt_sentence *s = &line.parts[i];
        const int inside = n && (unsigned char)out[n - 1] > ' ';
        CHECK(s->word == (int)tt_sentence_words(out, n) - inside, "part %zu of '%s'", i, text);
        CHECK(s->count <= limit && s->count > 1 && s->ids[s->count - 1] == tt_vocab_eos(v));
        memcpy(out + n, s->plain.line.text, s->plain.line.len);
        n += s->plain.line.len;
        memcpy(out + n, s->gap, s->gap_len);
        n += s->gap_len;
    }
    char *want = malloc(len + 1); /* a whole line has no TABs inside */
    memcpy(want, text, len + 1);
    for (char *p = want; split == TT_SPLIT_NONE && *p; p++)
        if (*p == '\t' && strspn(text, " \t") < (size_t)(p - want) && p[strspn(p, " \t")]) *p = ' ';
    CHECK(n == len && !memcmp(out, want, len), "'%.*s', expected '%.*s'", (int)n, out, (int)len,
          text);
    free(want);
    free(out);
}

static void test_whole(void) {
    static const char *const lines[] = {"",
                                        " ",
                                        "the red house",
                                        "  the red house.  We want it. \t",
                                        "One.\tTwo. Three!\t\t4 5",
                                        "\t\t",
                                        "1 2 3",
                                        "====",
                                        "- the house",
                                        "12) the house. The dog",
                                        "(3) x. Yes. No. Yes.",
                                        "Mr. Smith went home. He slept.",
                                        ("a\xc2\xa0"
                                         "b. The \xe2\x80\x8b c. D"),
                                        "caf\xc3\xa9. \xc2\xbfQu\xc3\xa9? \xc2\xa1No!",
                                        "x",
                                        "...",
                                        "-",
                                        "- ",
                                        "a) b) c)",
                                        "2001. It was late.",
                                        "...and so. 5. The end."};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (int way = 0; way < 12; way++)
            check_whole(lines[i], strlen(lines[i]), (const int[]){4, 16, 1000}[way % 3],
                        way / 3 % 2, way / 6);
}

static void test_counts(void) {
    static const struct {
        const char *text;
        size_t parts;
    } cases[] = {{"the house. The dog. Yes.", 3},
                 {"the house.\tthe dog", 2},
                 {"1. The house.", 1},
                 {"12 + 5", 0},
                 {"", 0},
                 {"the house. 12. The dog.", 2},
                 {"Dr. Smith is here.", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tt_sentences line =
            cut(cases[i].text, strlen(cases[i].text), 1000, TT_SPLIT_SENTENCE, 0);
        CHECK(line.count == cases[i].parts, "%zu parts of '%s'", line.count, cases[i].text);
    }
    CHECK(cut("the house. The dog.", 19, 1000, TT_SPLIT_NONE, 0).count == 1);
    CHECK(cut("12 + 5", 6, 1000, TT_SPLIT_NONE, 1).count == 1);
    const tt_sentences item = cut("- the house", 11, 1000, TT_SPLIT_SENTENCE, 0);
    CHECK(item.lead.len == 2 && item.count == 1 && item.parts->word == 1);
}

/* A text with a bad character in eight is not searched: words with fewer are. */
static void test_wreck(void) {
    char text[400] = "";
    for (int i = 0; i < 20; i++) strcat(text, "ab\xff\xc3 the ");
    const tt_sentences bad = cut(text, strlen(text), 1000, TT_SPLIT_SENTENCE, 0),
                       plain = cut(text, strlen(text), 1000, TT_SPLIT_NONE, 1);
    CHECK(bad.count == 0 && bad.lead.len == strlen(text) + 2 * 40, "%zu parts, %zu bytes",
          bad.count, bad.lead.len);
    CHECK(plain.count == 1, "%zu parts", plain.count);
    static const char few[] = "the house near my neighbour is red and caf\xff";
    CHECK(cut(few, sizeof few - 1, 1000, TT_SPLIT_SENTENCE, 0).count == 1);
}

/* Whose translation begins with a capital: a whole sentence that does, and its first part. */
static void test_opens(void) {
    static const char text[] = "The house. the dog near the river near the house";
    const tt_sentences line = cut(text, sizeof text - 1, 8, TT_SPLIT_SENTENCE, 0),
                       plain = cut("The house", 9, 1000, TT_SPLIT_NONE, 1);
    CHECK(line.count > 1 && line.parts[0].plain.opens && !line.parts[1].plain.opens, "%zu",
          line.count);
    CHECK(plain.count == 1 && !plain.parts->plain.opens);
    CHECK(cut("the house", 9, 1000, TT_SPLIT_SENTENCE, 0).parts->plain.opens == 0);
}

static void test_words(void) {
    tt_word_count w = {0, 0};
    tt_words_count(&w, "a b", 3);
    CHECK(w.words == 2 && tt_words_next(&w, "c", 1) == 1 && tt_words_next(&w, " c", 2) == 2 &&
          tt_words_next(&w, "", 0) == 2);
    tt_words_count(&w, "c d ", 4);
    CHECK(w.words == 3 && tt_words_next(&w, "e", 1) == 3);
}

int main(void) {
    tt_err e = {0};
    a = tt_arena_open(0, &e);
    v = tiny_vocab("sentence.spm", 320);
    CHECK(a && v, "%s", e.msg);
    test_whole();
    test_counts();
    test_words();
    test_wreck();
    test_opens();
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_sentence");
}
