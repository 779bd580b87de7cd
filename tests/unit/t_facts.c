/* t_facts.c: counts of what scores hide, on sentences counted by hand; and places of bad UTF-8. */
#include "ttrans.h"

#include "unit/test.h"

#include <string.h>

static tt_fact_finder *finder;

static tt_span span(const char *s) { return (tt_span){s, strlen(s)}; }

static tt_facts facts(const char *hyp, const char *ref, const char *other, const char *source) {
    tt_facts sums = {0};
    tt_err e = {0};
    tt_span refs[2] = {span(ref), span(other ? other : "")}, src = span(source ? source : "");
    int rc = tt_facts_add(finder, &sums, span(hyp), refs, other ? 2 : 1, source ? &src : NULL, &e);
    CHECK(!rc, "%s", e.msg);
    return sums;
}

static void check_words(void) {
    tt_facts f = facts("La casa es pequeña .", "La  casa es chica.\xc2\xa0", NULL, NULL);
    CHECK(f.segments == 1 && f.hyp_words == 5 && f.ref_words == 4 && !f.empty && !f.exact);
    CHECK(!f.sources && !f.copied && !f.source_words);
    f = facts("", "algo", NULL, "something");
    CHECK(f.empty == 1 && f.sources == 1 && !f.copied);
    CHECK(!facts("", "", NULL, NULL).empty);
    CHECK(facts("a b c", "x", "a b", NULL).ref_words == 2, "the nearest reference counts");
    CHECK(facts("a  b", "x", "a b ", NULL).exact == 1);
}

static void check_repeats(void) {
    CHECK(facts("ja ja ja", "ja", NULL, NULL).repeated == 2);
    CHECK(facts("el gato el gato duerme", "x", NULL, NULL).repeated == 2);
    CHECK(facts("uno dos tres cuatro uno dos tres cuatro", "x", NULL, NULL).repeated == 4);
    CHECK(facts("el gato y el gato", "x", NULL, NULL).repeated == 0);
    CHECK(facts("«no», no, (no). - -", "x", NULL, NULL).repeated == 1,
          "marks around a word, and alone");
    CHECK(facts("x", "no no", NULL, NULL).ref_repeated == 1);
    CHECK(facts("", "", NULL, NULL).repeated == 0);
}

static void check_numbers(void) {
    tt_facts f = facts("1,000.50 y 7", "1.000,50 y 8", NULL, NULL);
    CHECK(f.numbers == 2 && f.lost == 1 && f.invented == 1, "%zu %zu %zu", f.numbers, f.lost,
          f.invented);
    f = facts("5 5", "5, 5, 5.", NULL, NULL);
    CHECK(f.numbers == 3 && f.lost == 1 && f.invented == 0);
    f = facts("12:30", "a las doce y media", "12.30 12 30", NULL);
    CHECK(f.numbers == 3 && f.lost == 1 && f.invented == 0);
    CHECK(facts(",.,", "..", NULL, NULL).numbers == 0);
}

static void check_copies(void) {
    tt_facts f = facts("The house is small .", "La casa es chica .", NULL, "The  house is small .");
    CHECK(f.sources == 1 && f.copied == 1 && f.source_words == 5 && f.copied_words == 4);
    f = facts("Jane 5 house", "Jane casa 6", NULL, "Jane house 5");
    CHECK(!f.copied && f.copied_words == 1, "%zu", f.copied_words);
    CHECK(!facts("Madrid", "Madrid", NULL, "Madrid").copied, "the reference says the same");
    CHECK(facts("a b", "c d", "a x", "a b").copied_words == 1);
}

static void check_utf8(void) {
    size_t column, part;
    CHECK(tt_utf8_bad(span("dos ñandúes"), &column, &part) == strlen("dos ñandúes"));
    CHECK(tt_utf8_bad(span("ñ\xc3("), &column, &part) == 2 && column == 2 && part == 1);
    CHECK(tt_utf8_bad(span("abcdefghijk\xe2\x82"), &column, &part) == 11 && column == 12 &&
          part == 2);
    CHECK(tt_utf8_bad(span("\xed\xa0\x80"), &column, &part) == 0 && column == 1 && part == 1);
    CHECK(tt_utf8_bad(span("\xf0\x9f\x98x"), &column, &part) == 0 && part == 3);
    CHECK(tt_utf8_bad(span(""), NULL, NULL) == 0);
}

int main(void) {
    tt_err e;
    finder = tt_facts_open(&e);
    CHECK(finder, "%s", e.msg);
    if (finder) {
        check_words();
        check_repeats();
        check_numbers();
        check_copies();
    }
    check_utf8();
    tt_facts_close(finder);
    return test_done("t_facts");
}
