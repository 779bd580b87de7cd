/* t_bitext.c: pairs of numbers end to end, and pairs of lines from a TSV and from two files.
 */
#include "unit/test.h"
#include "unit/tiny.h"

#include "lexical/bitext.h"

static void numbers(void) {
    tt_bitext b = {0};
    tt_err e = {0};
    const int32_t ids[5] = {3, 1, 4, 1, 5};
    int wrong = 0;
    for (size_t i = 0; i < 3000; i++)
        CHECK(!tt_bitext_add(&b, ids, i % 6, ids + i % 3, i % 3, &e), "%s", e.msg);
    for (size_t i = 0; i < 3000; i++) {
        wrong += tt_bitext_len(&b, 0, i) != (int)(i % 6) || tt_bitext_len(&b, 1, i) != (int)(i % 3);
        for (size_t k = 0; k < i % 6; k++) wrong += b.ids[0][b.from[0][i] + k] != ids[k];
        for (size_t k = 0; k < i % 3; k++) wrong += b.ids[1][b.from[1][i] + k] != ids[i % 3 + k];
    }
    CHECK(!wrong && b.pairs == 3000 && b.size[0] == 6 && b.size[1] == 5, "%d wrong, %d, %d", wrong,
          b.size[0], b.size[1]);
    tt_bitext_free(&b);
    CHECK(!b.pairs && !b.ids[0]);
}

/* All pairs as "a|b;" in text; the code of the end. */
static int all(const tt_parallel *s, char *text, size_t cap, tt_err *e) {
    tt_pairlines in;
    tt_span a, b;
    size_t n = 0;
    text[0] = 0;
    int rc = tt_pairlines_open(&in, s, e);
    if (rc) return rc;
    while ((rc = tt_pairlines_next(&in, &a, &b, e)) > 0)
        n += (size_t)snprintf(text + n, cap - n, "%.*s|%.*s;", (int)a.len, a.text, (int)b.len,
                              b.text);
    tt_pairlines_close(&in);
    return rc;
}

static void lines(void) {
    char got[200];
    tt_err e = {0};
    const char *tsv = tiny_file("p.tsv", "a b\tc\td\n\n \nx\ty\n", 14),
               *one = tiny_file("p.en", "a b\nx\n", 6), *two = tiny_file("p.es", "c\ny\n", 4);
    CHECK(!all(&(tt_parallel){tsv, NULL, 1}, got, sizeof got, &e) &&
              !strcmp(got, "a b|c;|; |;x|y;"),
          "%s %s", got, e.msg);
    CHECK(!all(&(tt_parallel){one, two, 1}, got, sizeof got, &e) && !strcmp(got, "a b|c;x|y;"),
          "%s %s", got, e.msg);
    two = tiny_file("q.es", "c\n", 2);
    CHECK(all(&(tt_parallel){one, two, 1}, got, sizeof got, &e) == TT_EDATA &&
              strstr(e.msg, "have not the same number of lines"),
          "%s", e.msg);
    CHECK(all(&(tt_parallel){one, NULL, 1}, got, sizeof got, &e) == TT_EDATA &&
              strstr(e.msg, "p.en:1: no TAB"),
          "%s", e.msg);
    CHECK(all(&(tt_parallel){"/nowhere/at.all", NULL, 1}, got, sizeof got, &e) == TT_ENOINPUT, "%s",
          e.msg);
}

int main(void) {
    numbers();
    lines();
    return test_done("t_bitext");
}
