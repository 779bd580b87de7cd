/* t_layout.c: the lines that are written for a translation, in every form but JSON (json.case has
 * those): text, scores, alignments of words and of tokens, lists, pairs; parts of a line and what
 * is copied between them.
 */
#include "translate/layout.h"
#include "unit/test.h"
#include "unit/pieces.h"

#include <string.h>

#define MARK "\xe2\x96\x81"

static const char *const words[] = {MARK "das", MARK "haus", MARK "the", MARK "house"};
enum { EOS, UNK, DAS, HAUS, THE, HOUSE, SIZE };

static tt_arena *a;
static tt_vocab *v;
static tt_search_opts search;

static const int32_t source_ids[] = {DAS, HAUS, EOS}, long_ids[] = {THE, HOUSE, EOS},
                     short_ids[] = {HOUSE, EOS};
static const float weights[] = {0.75f, 0.125f, 0.125f, 0.25f, 0.5f,
                                0.25f, 0,      0.25f,  0.75f}; /* (the house eos, das haus eos) */
static const float scores[] = {-0.5f, -0.25f, -0.125f};

static tt_hyp hyps[2];

/* A part "das haus" that is the line's words from `word` on, and what it became: "the house", then
 * "house". */
static tt_sentence part(const char *gap, int word) {
    static const char text[] = "das haus";
    return (tt_sentence){.ids = source_ids,
                         .count = 3,
                         .gap = gap,
                         .gap_len = strlen(gap),
                         .word = word,
                         .plain = {.text = text, .len = 8, .line = {text, 8}}};
}

static void put(const char *what, const tt_layout *l, const tt_layout_line *x, const char *want) {
    tt_err e = {0};
    tt_outbuf b = {.a = a};
    tt_arena_reset(a);
    CHECK(!tt_layout_put(&b, l, x, &e), "%s: %s", what, e.msg);
    CHECK(b.len == strlen(want) && !memcmp(b.p, want, b.len), "%s: '%.*s', expected '%s'", what,
          (int)b.len, b.p, want);
}

/* Layouts of the line "das haus" and a full stop that is copied. */
static void test_one(void) {
    const tt_sentence p = part(" .", 0);
    const tt_hyps found = {1, hyps};
    tt_layout l = {.source = v, .target = v, .search = &search, .threshold = 1};
    tt_layout_line x = {.number = 7, .parts = &p, .hyps = &found, .count = 1, .tail = ""};
    char want[200];
    put("text", &l, &x, "the house .\n");
    x.tail = "\r";
    put("a CR", &l, &x, "the house .\r\n");
    x.tail = "";
    l.scores = 1;
    snprintf(want, sizeof want, "the house . ||| %g\n", tt_search_score(&search, -0.875, 3) - 0.5);
    put("score, with its penalty", &l, &x, want);
    l.scores = 0;
    l.word_scores = 1;
    put("scores of words", &l, &x, "the house . ||| WordScores= -0.50000 -0.25000 -0.12500\n");
    l.word_scores = 0;
    l.alignment = TT_ALIGN_HARD;
    put("links", &l, &x, "the house . ||| 0-0 1-1 2-2\n");
    l.threshold = 0.2;
    put("links above 0.2", &l, &x, "the house . ||| 0-0 0-1 1-1 2-2\n");
    l.pieces = 1;
    put("links of tokens", &l, &x, "the house . ||| 0-0 0-1 1-1 1-2 2-1 2-2\n");
    l.threshold = 1;
    put("the greatest of tokens", &l, &x, "the house . ||| 0-0 1-1 2-2\n");
    l.alignment = TT_ALIGN_SOFT;
    put("weights of tokens", &l, &x,
        "the house . ||| 0.75,0.125,0.125 0.25,0.5,0.25 0,0.25,0.75\n");
}

/* A list has a line for each rank; a part that has fewer gives its last. */
static void test_list(void) {
    const tt_sentence parts[] = {part(" ", 0), part("", 2)};
    const tt_hyps found[] = {{2, hyps}, {1, hyps}};
    const tt_layout l = {.source = v, .target = v, .search = &search, .threshold = 1, .n_best = 2};
    tt_layout_line x = {.number = 7, .parts = parts, .hyps = found, .count = 2, .tail = ""};
    char want[300];
    int n = snprintf(want, sizeof want, "7 ||| the house the house ||| F0= -1.75 ||| %g\n",
                     tt_search_score(&search, -1.75, 6) - 1);
    snprintf(want + n, sizeof want - (size_t)n, "7 ||| house the house ||| F0= -2.875 ||| %g\n",
             tt_search_score(&search, -2.875, 5) - 0.5);
    put("a list", &l, &x, want);
    const tt_layout_sums s = tt_layout_sum(&l, &x, 1);
    CHECK(s.tokens == 5 && s.path < -2.874 && s.path > -2.876 &&
          tt_layout_ranked(&found[1], 5) == hyps);
    x.count = 0;
    x.lead = (tt_span){" \t ", 3};
    put("nothing but blanks", &l, &x, "7 |||  \t  ||| F0= 0 ||| 0\n");
}

/* Links count the words of the whole line: those copied in front and between, and those of the
 * parts before. */
static void test_copied(void) {
    const tt_sentence parts[] = {part(" 12 ", 1), part("", 4)};
    const tt_hyps found[] = {{1, hyps}, {1, hyps + 1}};
    tt_layout l = {
        .source = v, .target = v, .search = &search, .threshold = 1, .alignment = TT_ALIGN_HARD};
    const tt_layout_line x = {
        .lead = {"* ", 2}, .parts = parts, .hyps = found, .count = 2, .tail = ""};
    put("copied words", &l, &x, "* the house 12 house ||| 0-0 1-1 2-2 3-3 5-4\n");
    l.pieces = 1;
    put("tokens have no copies", &l, &x, "* the house 12 house ||| 0-0 1-1 2-2 4-3 5-4\n");
}

static void test_pairs(void) {
    const tt_sentence p = part("", 0);
    const tt_hyps found = {1, hyps};
    tt_layout l = {.source = v, .target = v, .search = &search, .threshold = 1, .pairs = 1};
    tt_layout_line x = {.number = 1, .parts = &p, .hyps = &found, .count = 1, .tail = ""};
    char want[100];
    snprintf(want, sizeof want, "%.6f\n", tt_search_score(&search, -0.875, 3) - 0.5);
    put("a pair", &l, &x, want);
    l.word_scores = 1;
    l.alignment = TT_ALIGN_HARD;
    snprintf(want, sizeof want, "%.6f ||| 0-0 1-1 ||| WordScores= -0.50000 -0.25000 -0.12500\n",
             tt_search_score(&search, -0.875, 3) - 0.5);
    put("a pair with all", &l, &x, want);
    x.count = 0;
    put("a pair that is too long", &l, &x, "-inf\n");
}

static void test_no_memory(void) {
    static char copied[5000];
    const tt_layout l = {.source = v, .target = v, .search = &search};
    const tt_layout_line x = {.lead = {copied, sizeof copied}, .tail = ""};
    tt_err e = {0};
    tt_outbuf b = {.a = tt_arena_open(4096, &e)};
    CHECK(tt_layout_put(&b, &l, &x, &e) == TT_ENOMEM, "%d", e.code);
    tt_arena_close(b.a);
}

int main(void) {
    a = tt_arena_open(0, NULL);
    v = pieces_vocab(words, SIZE - 2);
    CHECK(a && v);
    tt_search_init(&search, EOS);
    hyps[0] = (tt_hyp){.ids = long_ids,
                       .count = 3,
                       .path = -0.875,
                       .penalty = -0.5,
                       .word_scores = scores,
                       .alignment = weights};
    hyps[1] = (tt_hyp){
        .ids = short_ids, .count = 2, .path = -2, .word_scores = scores, .alignment = weights + 3};
    if (v) {
        test_one();
        test_list();
        test_copied();
        test_pairs();
        test_no_memory();
    }
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_layout");
}
