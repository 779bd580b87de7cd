/* t_slips.c: which words of a sentence are read otherwise, where their bytes stood, what stays.
 */
#include "translate/slips.h"

#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

static tt_arena *a;
static tt_speller *spelling;

/* The sentence as the model reads it; its holds are given and come back moved. */
static tt_plain read(const char *text, tt_hold *holds, int count) {
    tt_err e = {0};
    tt_plain p = {.text = text, .len = strlen(text), .holds = holds, .count = count};
    CHECK(!tt_slips_mend(&p, spelling, a, &e), "%s", e.msg);
    return p;
}

static void becomes(const char *text, const char *want) {
    const tt_plain p = read(text, NULL, 0);
    CHECK(p.len == strlen(want) && !memcmp(p.text, want, p.len), "%s: '%.*s', not '%s'", text,
          (int)p.len, p.text, want);
    CHECK((p.respelt > 0) == (strcmp(text, want) != 0), "%s: %d", text, p.respelt);
    for (size_t i = 0; p.from && i <= p.len; i++)
        CHECK(p.from[i] >= 0 && (size_t)p.from[i] <= strlen(text) &&
                  (!i || p.from[i] >= p.from[i - 1]),
              "%s: byte %zu from %d", text, i, p.from[i]);
}

int main(void) {
    static const char list[] = "the\t9000\nhouse\t1000\nis\t8000\nvery\t700\nbeautiful\t300\n"
                               "government\t900\nand\t9000\nold\t500\nniño\t190\nun\t900\n";
    tt_err e = {0};
    char *bytes = malloc(sizeof list);
    memcpy(bytes, list, sizeof list);
    spelling = tt_speller_open(bytes, sizeof list - 1, "words", &e);
    a = tt_arena_open(0, &e);
    CHECK(spelling && a, "%s", e.msg);
    becomes("The house is very old.", "The house is very old.");
    becomes("The huose is very old.", "The house is very old.");
    becomes("The house is very beutiful.", "The house is very beautiful.");
    becomes("Hohuse is old.", "Hohuse is old."); /* may be a name */
    becomes("Teh house is very old.", "The house is very old.");
    becomes("The house (is verry old)!", "The house (is very old)!");
    becomes("The \xe2\x80\x9chuose\xe2\x80\x9d is old\xe2\x80\xa6",
            "The \xe2\x80\x9chouse\xe2\x80\x9d is old\xe2\x80\xa6");
    becomes("Un nini\xc3\xb1o", "Un nini\xc3\xb1o"); /* two slips */
    becomes("un ni\xc3\xb1oo", "un ni\xc3\xb1o");
    /* names, code, what hangs together, words of which the list lacks many */
    becomes("The Huose is old.", "The Huose is old.");
    becomes("The HUOSE is old.", "The HUOSE is old.");
    becomes("The house.huose is old", "The house.huose is old");
    becomes("the huose-old house", "the huose-old house");
    becomes("the huose's old house", "the huose's old house");
    becomes("the @huose is old", "the @huose is old");
    becomes("the huose2 is old", "the huose2 is old");
    becomes("huose verry bla bli", "huose verry bla bli");
    becomes("huose", "house");
    becomes("", "");
    /* what is held stays, and moves with the text */
    tt_hold holds[2] = {{.begin = 4, .end = 9}, {.begin = 20, .end = 23}};
    tt_plain p = read("The huose is verrry old.", holds, 1);
    CHECK(!p.respelt, "held");
    holds[0] = (tt_hold){.begin = 21, .end = 24};
    p = read("The houuse is veery (old)", holds, 1);
    CHECK(p.respelt == 2 && holds[0].begin == 19 && holds[0].end == 22 &&
              !memcmp(p.text, "The house is very (old)", 23) && p.from[p.len] == 25,
          "%.*s, %zu", (int)p.len, p.text, holds[0].begin);
    holds[0] = (tt_hold){.begin = 14, .end = 17};
    p = read("The houuse is <b> old", holds, 1);
    CHECK(p.respelt == 1 && holds[0].begin == 13 && holds[0].end == 16, "%zu", holds[0].begin);
    tt_speller_close(spelling);
    tt_arena_close(a);
    return test_done("t_slips");
}
