/* t_restore.c: what a sentence held stands in its translation.
 */
#include "translate/restore.h"

#include <string.h>

#include "translate/holds.h"
#include "unit/test.h"

#include "unit/held.h"

/* What the translation becomes; each of its words looks at source word looks[i], or all at none
 * where looks is NULL. */
static const char *give(const char *source, const char *translation, const int *looks,
                        int capitals) {
    static char out[500];
    tt_err e = {0};
    tt_sentence s = take(source, capitals),
                t = {.gap = "", .plain = {.text = translation, .len = strlen(translation)}};
    int32_t *ids, *at, *sw, *tw;
    size_t n;
    int words;
    t.plain.line = (tt_span){translation, strlen(translation)};
    CHECK(!tt_vocab_encode_at(v, translation, strlen(translation), TT_VOCAB_EOS, a, &ids, &at, &n,
                              &e));
    t.ids = ids;
    t.count = (int)n;
    CHECK(!tt_words_source(&sw, &words, v, &s, a, &e) &&
              !tt_words_source(&tw, &words, v, &t, a, &e),
          "%s", e.msg);
    float *w = tt_arena_zero(a, n * (size_t)s.count * sizeof *w);
    for (size_t i = 0; i < n; i++)
        for (int j = 0; j < s.count; j++)
            w[i * (size_t)s.count + (size_t)j] = looks && tw[i] >= 0 && sw[j] == looks[tw[i]] ? 1.0f
                                                 : tw[i] < 0 && j + 1 == s.count              ? 0.5f
                                                                                 : 0.0f;
    tt_hyp h = {.ids = ids, .count = (int)n, .alignment = looks ? w : NULL};
    tt_said said;
    CHECK(!tt_words_text(&said, v, v, &s, &h, 0, 1, a, &e), "%s", e.msg);
    CHECK(!tt_restore_holds(&said, v, &s, &h, a, &e), "%s", e.msg);
    for (int i = 1; i < h.count; i++)
        CHECK(said.at[i] >= said.at[i - 1] && (size_t)said.at[i] <= said.len);
    snprintf(out, sizeof out, "%.*s", (int)said.len, said.text);
    return out;
}

#define SMILE "\xf0\x9f\x98\x80"

static void test_give(void) {
    static const struct {
        const char *source, *said;
        int looks[8], blind;
        const char *want;
    } cases[] = {
        {"the dog " SMILE, "el perro", {0, 1}, 1, "el perro " SMILE},
        {"the 1.25 dog 25", "el 1.25 perro 25", {0, 1, 2, 3}, 1, "el 1.25 perro 25"},
        {"the dog 25 is 1,25", "el perro 1,25 es 25", {0, 1, 4, 3, 2}, 1, "el perro 1,25 es 25"},
        {"the {x} dog", "el \"y\") perro", {0, 1, 2}, 0, "el {x} perro"},
        {"the dog {x}.", "el perro y.", {0, 1, 2}, 0, "el perro {x}."},
        {"6 628 dog", "6.628 perro", {0, 0, 1}, 1, "6 628 perro"},
        {"6 628 dog", "6628 perro", {0, 0, 1}, 1, "6 628 perro"},
        {"6 628 dog",
         "6\xc2\xa0"
         "628 perro",
         {0, 0, 1},
         1,
         "6 628 perro"},
        {"the dog " SMILE "!", "el perro!", {0, 1}, 1, "el perro " SMILE "!"},
        {SMILE " the dog", "el perro", {0, 1}, 1, SMILE " el perro"},
        {"the red " SMILE " dog is",
         "el perro roja es",
         {0, 3, 1, 4},
         0,
         "el perro roja " SMILE " es"},
        {"see {x} now", "vio {x} cerca", {0, 1, 2}, 1, "vio {x} cerca"},
        {"see {x} now", "vio a cerca", {0, 1, 2}, 0, "vio {x} cerca"},
        {"see {x} now.", "vio a.", {0, 1}, 0, "vio {x}."},
        {"see {x} now", "vio cerca", {0, 2}, 0, "vio {x} cerca"},
        {"the 1,299.5 dog", "el 1.299,5 perro", {0, 1, 2}, 1, "el 1,299.5 perro"},
        {"the 1984 dog", "el 19845 perro", {0, 1, 2}, 0, "el 1984 perro"},
        {"a 12 and 12 dog", "un 12 y perro", {0, 1, 2, 4}, 0, "un 12 y 12 perro"},
        {"the <b>red</b> dog", "el perro roja", {0, 2, 1}, 0, "el perro <b>roja</b>"},
        {"the \xe2\x82\xac"
         "12 dog",
         "el 12 perro",
         {0, 1, 2},
         0,
         "el \xe2\x82\xac"
         "12 perro"},
        {"the K\xc3\xb6ln dog", "el 'ln perro", {0, 1, 2}, 0, "el K\xc3\xb6ln perro"},
        {"see K\xc3\xb6ln now",
         "veo Kn perro cerca",
         {0, 1, 1, 2},
         0,
         "veo K\xc3\xb6ln perro cerca"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got =
            give(cases[i].source, cases[i].said, cases[i].blind ? NULL : cases[i].looks, 1);
        CHECK(!strcmp(got, cases[i].want), "'%s': '%s', expected '%s'", cases[i].source, got,
              cases[i].want);
    }
    /* Without an alignment nothing is lost. */
    const tt_sentence s = take("see {x} now", 0);
    int32_t at[40] = {0};
    tt_said said = {(char *)"vio cerca.", 10, at};
    const tt_hyp h = {.ids = s.ids, .count = 1};
    tt_err e = {0};
    CHECK(!tt_restore_holds(&said, v, &s, &h, a, &e), "%s", e.msg);
    CHECK(said.len == 14 && !memcmp(said.text, "vio cerca {x}.", 14), "%.*s", (int)said.len,
          said.text);
}

static void test_capitals(void) {
    const char *got = give("THE %s HOUSE", "la casa %s", NULL, 1);
    CHECK(!strcmp(got, "LA CASA %s"), "%s", got);
}

int main(void) {
    tt_err e = {0};
    a = tt_arena_open(0, &e);
    v = tiny_vocab("restore.spm", 320);
    CHECK(a && v, "%s", e.msg);
    test_give();
    test_capitals();
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_restore");
}
