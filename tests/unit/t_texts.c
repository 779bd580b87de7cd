/* t_texts.c: two texts of a line as one sequence: both ends, places in the cleaned text, and lines
   that are not two texts. */
#include <string.h>

#include "test.h"
#include "text/texts.h"
#include "tiny.h"

static tt_arena *a;
static tt_vocab *v;

static int parts(const char *text) {
    tt_texts t;
    tt_err e = {0};
    CHECK(!tt_texts_encode(&t, v, text, strlen(text), a, &e), "%s", e.msg);
    return t.parts;
}

/* The ids of both by themselves. */
static void check(const char *first, const char *second) {
    char line[200];
    tt_texts t;
    tt_err e = {0};
    int32_t *ids[2];
    size_t n[2];
    snprintf(line, sizeof line, "  %s \t%s  ", first, second);
    CHECK(!tt_texts_encode(&t, v, line, strlen(line), a, &e) && t.parts == 2, "%s", e.msg);
    CHECK(!tt_vocab_encode(v, first, strlen(first), TT_VOCAB_EOS, a, &ids[0], &n[0], &e));
    CHECK(!tt_vocab_encode(v, second, strlen(second), TT_VOCAB_EOS, a, &ids[1], &n[1], &e));
    CHECK(t.n == n[0] + n[1] && !memcmp(t.ids, ids[0], n[0] * sizeof *t.ids) &&
              !memcmp(t.ids + n[0], ids[1], n[1] * sizeof *t.ids),
          "%s: %zu tokens", line, t.n);
    CHECK(t.ids[n[0] - 1] == tt_vocab_eos(v) && t.ids[t.n - 1] == tt_vocab_eos(v));
    CHECK(t.len == strlen(first) + 1 + strlen(second) && t.text[strlen(first)] == '\t', "%s",
          t.text);
    CHECK(t.at[n[0] - 1] == (int32_t)strlen(first) && t.at[n[0]] == (int32_t)strlen(first) + 1 &&
          t.at[t.n - 1] == (int32_t)t.len);
}

int main(void) {
    tt_err e = {0};
    a = tt_arena_open(0, &e);
    v = tiny_vocab("texts.spm", 300);
    CHECK(a && v, "%s", e.msg);
    if (!a || !v) return test_done("t_texts");
    check("the house", "la casa");
    check("the house of my neighbour", "a");
    check("", "la casa"); /* an empty one is an end alone */
    CHECK(parts("the house") == 1 && parts("") == 0 && parts(" \t ") == 0 && parts("a\tb\tc") == 2);
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_texts");
}
