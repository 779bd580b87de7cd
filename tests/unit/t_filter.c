/* t_filter.c: what each filter drops and what it lets pass. A row that is added needs a line in
   `cases`. */
#include "text/filter.h"
#include "unit/test.h"

#include <string.h>

static tt_arena *arena;

static int asked(tt_filters *f, const char *src, const char *tgt) {
    tt_err e = {0};
    int why = -2;
    const tt_pair_text p = {{src, tgt}, {strlen(src), strlen(tgt)}};
    CHECK(!tt_filters_ask(f, &p, &why, arena, &e), "%s", e.msg);
    return why;
}

static const struct {
    const char *row, *src, *tgt;
    int drops;
} cases[] = {
    {"empty", "", "a", 1},
    {"empty", "a", "", 1},
    {"empty", "a", "b", 0},
    {"broken", "caf\xc3\x83\xc2\xa9", "b", 1},
    {"broken", "a", "it\xc3\xa2\xe2\x82\xac\xe2\x84\xa2s", 1},
    {"broken", "a", "b\xef\xbf\xbd", 1},
    {"broken", "café Ã", "ñandú", 0},
    {"length:most=3", "a b c d", "a", 1},
    {"length:most=3", "a b c", "a", 0},
    {"length:least=2", "a b", "a", 1},
    {"length:chars=5", "abcdef", "a", 1},
    {"length:chars=5", "ñññññ", "a", 0},
    {"ratio:most=2", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aa", 1},
    {"ratio:most=2", "a", "aaaaaaaaa", 0},
    {"letters", "--- *** !!!", "abc", 1},
    {"letters", "abc, def!", "abc", 0},
    {"digits", "12345 67890 abc", "abc", 1},
    {"digits", "in 1984 he was there", "abc", 0},
    {"numbers", "in 1984", "en 1985", 1},
    {"numbers", "it costs 1,299.99", "cuesta 1.299,99", 0},
    {"numbers", "1 dog and 20 cats", "20 gatos y un perro", 0},
    {"markup", "a <b>word</b>", "una palabra", 1},
    {"markup:most=4", "a <b>word</b>", "una <b>palabra</b>", 0},
    {"markup:most=4", "a <b>word</b>", "una <b>palabra", 1},
    {"markup", "a &amp; b", "a y b", 1},
    {"markup", "2 < 3 & 4 > 1;", "2 < 3", 0},
    {"repeat", "no no no no", "a", 1},
    {"repeat", "no no no", "a", 0},
    {"repeat", "aaaaaaaaaaaa", "a", 1},
    {"repeat", "wait ............", "a", 0},
    {"same", "The House!", "the house", 1},
    {"same", "the house", "la casa", 0},
    {"script", "дом", "casa", 1},
    {"script:source=cyrillic", "дом и house", "casa", 1},
    {"script:source=cyrillic", "дом, 7!", "casa", 0},
    {"script:target=kana", "house", "家が赤い", 0},
    {"script:source=any", "дом", "casa", 0},
    {"language", "el perro de la casa está en el río", "the dog is in the house", 1},
    {"language", "the dog of the house is in the river", "el perro de la casa está en el río", 0},
    {"language", "OK", "OK", 0},
    {"language:target=fr", "the dog is in the house", "le chien est dans la maison avec nous", 0},
    {"language:target=de", "the dog is in the house", "le chien est dans la maison avec nous", 1},
};

static void rows(void) {
    tt_err e = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_filters *f = tt_filters_open(&cases[i].row, 1, &e);
        CHECK(f, "%s", e.msg);
        if (f)
            CHECK(asked(f, cases[i].src, cases[i].tgt) == cases[i].drops - 1, "%s: %s | %s",
                  cases[i].row, cases[i].src, cases[i].tgt);
        tt_filters_close(f);
    }
    for (int i = 0; tt_family_filter.row(i); i++) {
        const char *name = tt_family_filter.row(i)->name;
        int held = !strcmp(name, "duplicate");
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
            held |= !strncmp(cases[k].row, name, strlen(name)) && cases[k].drops;
        CHECK(held, "no case that %s drops", name);
    }
}

static void duplicates(void) {
    tt_err e = {0};
    const char *near = "duplicate", *exact = "duplicate:exact=yes", *source = "duplicate:of=source",
               *target = "duplicate:of=target";
    tt_filters *f = tt_filters_open(&near, 1, &e), *g = tt_filters_open(&exact, 1, &e);
    tt_filters *s = tt_filters_open(&source, 1, &e), *t = tt_filters_open(&target, 1, &e);
    CHECK(f && g && s && t, "%s", e.msg);
    if (f && g && s && t) {
        CHECK(asked(f, "A dog.", "Un perro.") == -1 && asked(f, "a dog", "un perro!") == 0 &&
                  asked(f, "a dog", "otro perro") == -1,
              "near");
        CHECK(asked(g, "A dog.", "Un perro.") == -1 && asked(g, "a dog", "un perro!") == -1 &&
                  asked(g, "A dog.", "Un perro.") == 0,
              "exact");
        CHECK(asked(s, "a", "b") == -1 && asked(s, "a", "c") == 0 && asked(s, "b", "b") == -1,
              "of the source");
        CHECK(asked(t, "a", "b") == -1 && asked(t, "c", "b") == 0 && asked(t, "a", "c") == -1,
              "of the target");
        int wrong = 0;
        char text[40];
        for (int i = 0; i < 20000; i++) {
            snprintf(text, sizeof text, "pair %d", i % 10000);
            wrong += (asked(f, text, text) == 0) != (i >= 10000);
            tt_arena_reset(arena);
        }
        CHECK(!wrong, "%d of 20000", wrong);
    }
    tt_filters_close(f);
    tt_filters_close(g);
    tt_filters_close(s);
    tt_filters_close(t);
}

int main(void) {
    tt_err e = {0};
    arena = tt_arena_open(0, &e);
    rows();
    duplicates();
    static const char *const two[] = {"empty", "loud"}, *const order[] = {"same", "empty"};
    CHECK(!tt_filters_open(two, 2, &e) && e.code == TT_EUSAGE &&
              strstr(e.msg, "no filter is called 'loud'"),
          "%s", e.msg);
    tt_filters *f = tt_filters_open(order, 2, &e);
    CHECK(f && asked(f, "", "") == 0 && asked(f, "a", "") == 1 && tt_filters_count(f) == 2,
          "in order");
    tt_filters_close(f);
    static const char en[] = "that is what the man of the house has",
                      de[] = "das ist nicht der Mann und die Frau";
    int most, hits;
    const char *is = tt_common_words(en, sizeof en - 1, "es", &most, &hits);
    CHECK(is && !strcmp(is, "en") && most >= 6 && hits < 2, "%s %d %d", is ? is : "none", most,
          hits);
    is = tt_common_words(de, sizeof de - 1, "de", &most, &hits);
    CHECK(is && !strcmp(is, "de") && hits == most, "%s", is ? is : "none");
    CHECK(!tt_common_words("xyz", 3, "en", &most, &hits) && !most && !hits, "no common word");
    tt_arena_close(arena);
    return test_done("t_filter");
}
