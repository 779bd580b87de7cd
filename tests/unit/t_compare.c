/* t_compare.c: words marked as the same, moved or other: = m x in the pattern for each word. */
#include "ttrans.h"

#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

static tt_fact_finder *finder;

static tt_span span(const char *s) { return (tt_span){s, strlen(s)}; }

static void pattern(char *out, const tt_marked *words, size_t len) {
    for (size_t i = 0; i < len; i++) out[i] = "=mx"[words[i].mark];
    out[len] = 0;
}

static void check(const char *a, const char *b, const char *want_a, const char *want_b) {
    char got_a[64], got_b[64];
    tt_comparison c;
    tt_err e = {0};
    CHECK(!tt_facts_compare(finder, &c, span(a), span(b), &e), "%s", e.msg);
    pattern(got_a, c.a, c.a_len);
    pattern(got_b, c.b, c.b_len);
    CHECK(!strcmp(got_a, want_a), "'%s': %s, not %s", a, got_a, want_a);
    CHECK(!strcmp(got_b, want_b), "'%s': %s, not %s", b, got_b, want_b);
}

/* Many words, none common in order but all there: beyond the table they are moved. */
static void check_large(void) {
    enum { WORDS = 4000 };
    size_t cap = WORDS * 8, n = 0, m = 0;
    char *a = malloc(cap), *b = malloc(cap);
    CHECK(a && b);
    for (int i = 0; i < WORDS && a && b; i++) {
        n += (size_t)snprintf(a + n, cap - n, "w%d ", i);
        m += (size_t)snprintf(b + m, cap - m, "w%d ", (i + 1) % WORDS);
    }
    tt_comparison c;
    tt_err e = {0};
    CHECK(!tt_facts_compare(finder, &c, (tt_span){a, n}, (tt_span){b, m}, &e), "%s", e.msg);
    size_t moved = 0;
    for (size_t i = 0; i < c.a_len; i++) moved += c.a[i].mark == TT_WORD_MOVED;
    CHECK(c.a_len == WORDS && moved == WORDS, "%zu of %zu", moved, c.a_len);
    free(a);
    free(b);
}

int main(void) {
    tt_err e;
    finder = tt_facts_open(&e);
    CHECK(finder, "%s", e.msg);
    if (!finder) return test_done("t_compare");
    check("a b c", "a b c", "===", "===");
    check("a b c", "a x c", "=x=", "=x=");
    check("a b c d", "c a b d", "==m=", "m===");
    check("", "x", "", "x");
    check("", "", "", "");
    check("Hola, mundo.", "hola mundo", "xx=x", "x=");
    check("¿Qué? «Sí»", "Qué sí", "x=xxxx", "=x");
    check("a a a", "a", "=xx", "=");
    check("...", "..", "==x", "==");
    check("don't 1,5", "don't 1,5", "==", "==");
    tt_comparison c;
    CHECK(!tt_facts_compare(finder, &c, span("una casa"), span("casa"), &e));
    CHECK(c.a_len == 2 && c.a[1].word.len == 4 && c.a[1].word.text[-1] == ' ',
          "parts of the text given");
    check_large();
    tt_facts_close(finder);
    return test_done("t_compare");
}
