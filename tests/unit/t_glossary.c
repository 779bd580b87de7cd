/* t_glossary.c: which entries of a glossary occur in a line, and as which tokens; what a file of
 * one may look like.
 */
#include "translate/glossary.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit/files.h"
#include "unit/pieces.h"

#define B "\xE2\x96\x81"

static const char *const pieces[] = {
    B "the", B "dog",      B "Dog", "s",   B "hot",   B "can",   B "Can", "es",   "(",   "can",
    "Can",   B "caliente", ".",     B "(", B "perro", B "Perro", "perro", B,      "d",   "o",
    "g",     "D",          "O",     "G",   B "I",     B "is",    B "voz", B "vo", "ces", "voz"};
enum { IDS = 2 };

static tt_vocab *v;
static tt_arena *a;

static tt_glossary *open_text(const char *text, tt_err *e) {
    put(PATH("g"), text, strlen(text));
    return tt_glossary_open(PATH("g"), v, NULL, NULL, e);
}

static const tt_terms *find(const tt_glossary *g, const char *line) {
    tt_err e = {0};
    tt_translate_stats stats = {0};
    tt_sentences made;
    const tt_cutting how = {.vocab = v, .limit = 1000, .split = TT_SPLIT_NONE};
    const tt_terms *t = NULL;
    CHECK(!tt_sentences_make(&made, &how, line, strlen(line), a, &stats, &e) && made.count == 1,
          "%s", e.msg);
    if (made.count) CHECK(!tt_glossary_find(&t, g, v, made.parts, a, &e), "%s", e.msg);
    return t;
}

static bool has_form(const tt_terms *t, int term, const char *text) {
    for (int f = 0; f < t->forms; f++) {
        char all[200] = "";
        for (int i = 0; i < t->form[f].count; i++)
            strncat(all, tt_vocab_piece(v, t->form[f].ids[i]), sizeof all - strlen(all) - 1);
        if (t->form[f].term == term && !strcmp(all, text)) return true;
    }
    return false;
}

static void test_find(void) {
    tt_err e = {0};
    tt_glossary *g = open_text("dog\tcan\nhot dog\tperro caliente\nDog\tperro\nI\tcan\nthe\n", &e);
    CHECK(g != NULL, "%s", e.msg);
    if (!g) return;
    static const struct {
        const char *line;
        int count;
        const char *names[3];
    } cases[] = {{"dog", 1, {"dog → can"}},
                 {"hot dog dog", 2, {"hot dog → perro caliente", "dog → can"}},
                 {"Dog dog DOG dOg", 4, {"Dog → perro", "dog → can"}},
                 {"dogs Dogs", 2, {"dog → can", "Dog → perro"}},
                 {"hot DOGS.", 1, {"hot dog → perro caliente"}},
                 {"dogma bulldog dogss", 0, {NULL}},
                 {"is Is i I (dog)", 2, {"I → can", "dog → can"}},
                 {"the hot", 1, {"the → the"}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tt_terms *t = find(g, cases[i].line);
        CHECK((t ? t->count : 0) == cases[i].count, "%s: %d terms", cases[i].line,
              t ? t->count : 0);
        for (int k = 0; t && k < t->count && k < 3 && cases[i].names[k]; k++)
            CHECK(!strcmp(t->term[k].name, cases[i].names[k]), "%s: %s", cases[i].line,
                  t->term[k].name);
    }
    /* source tokens: ▁the ▁hot ▁dog . */
    const tt_terms *t = find(g, "the  hot dog.");
    CHECK(t && t->count == 2 && t->term[0].from == 0 && t->term[0].to == 1 &&
          t->term[1].from == 1 && t->term[1].to == 3);
    /* a term is kept as it stands */
    t = find(g, "hot the The THE");
    CHECK(t && t->count == 3 && has_form(t, 0, B "the") && !has_form(t, 0, B "The"));
    tt_glossary_close(g);
}

static void test_forms(void) {
    tt_err e = {0};
    tt_glossary *g = open_text("dog\tcan\nhot\tvoz\n", &e);
    const tt_terms *t = find(g, "the dog dogs");
    CHECK(t && has_form(t, 0, B "can") && has_form(t, 0, "can") && has_form(t, 0, B "Can") &&
          !has_form(t, 0, B "canes"));
    CHECK(t && has_form(t, 1, B "canes") && !has_form(t, 1, B "cans") && has_form(t, 1, B "can") &&
          t->term[1].length == 2);
    t = find(g, "hots");
    CHECK(t && has_form(t, 0, B "voces") && has_form(t, 0, B "voz"));
    for (int f = 0, first = 0; t && f < t->forms && !first; f++)
        first = t->form[f].where == TT_FORM_FIRST;
    t = find(
        g,
        "Dog dog"); /* a sentence that begins with a capital: so does a first word, and no other */
    for (int f = 0; t && f < t->forms; f++) {
        const char *p = tt_vocab_piece(v, t->form[f].ids[0]);
        CHECK(t->form[f].where == (strchr(p, 'C') ? TT_FORM_FIRST : TT_FORM_LATER), "%s", p);
    }
    tt_glossary_close(g);
}

static const char *first_name(const tt_glossary *g, const char *line) {
    const tt_terms *t = find(g, line);
    return t && t->count ? t->term[0].name : "";
}

/* Plurals, possessives, capitals: which entry a line has. */
static void test_numbers(void) {
    static const struct {
        const char *entries, *line;
        int found;
    } cases[] = {{"child\tcan\n", "the children", 1},
                 {"children\tcan\n", "the child", 1},
                 {"woman\tcan\n", "WOMEN", 1},
                 {"women\tcan\n", "a woman.", 1},
                 {"man\tcan\n", "Men", 1},
                 {"men\tcan\n", "the man", 1},
                 {"human\tcan\n", "the humen", 0},
                 {"omen\tcan\n", "Oman", 0},
                 {"policeman\tcan\n", "policemen", 1},
                 {"foot\tcan\n", "feet", 1},
                 {"tooth\tcan\n", "teeth", 1},
                 {"goose\tcan\n", "geese", 1},
                 {"mouse\tcan\n", "mice", 1},
                 {"wife\tcan\n", "Wives", 1},
                 {"knife\tcan\n", "knives'", 1},
                 {"wolf\tcan\n", "wolves", 1},
                 {"shelf\tcan\n", "the shelves", 1},
                 {"bookshelf\tcan\n", "bookshelves", 1},
                 {"person\tcan\n", "people", 1},
                 {"people\tcan\n", "a person", 0},
                 {"leaf\tcan\n", "the leaves", 1},
                 {"leaf\tcan\n", "She leaves", 0},
                 {"leaf\tcan\n", "Leaves", 0},
                 {"gold leaf\tcan\n", "gold leaves", 1},
                 {"life\tcan\n", "two lives", 1},
                 {"life\tcan\n", "the dog's lives", 1},
                 {"life\tcan\n", "Tom lives there", 0},
                 {"life\tcan\n", "9 lives", 1},
                 {"leaves\tcan\n", "She leaves", 1},
                 {"dog\tcan\n", "the dog's", 1},
                 {"dog\tcan\n", "the dogs' dog", 1},
                 {"dog\tcan\n", "the dog\xe2\x80\x99s", 1},
                 {"son-in-law\tcan\n", "sons-in-law", 1},
                 {"point of view\tcan\n", "Points of view", 1},
                 {"city\tcan\n", "Cities", 1},
                 {"box\tcan\n", "boxes", 1},
                 {"us\tcan\n", "I", 0},
                 {"virus\tcan\n", "viruses", 1},
                 {"crisis\tcan\n", "crises", 1},
                 {"index\tcan\n", "indices", 1},
                 {"DVD\tcan\n", "DVDs", 1},
                 {"DVD\tcan\n", "dvds", 0},
                 {"dogs\tcan\n", "dog", 0},
                 {"as\tcan\n", "ases", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_err e = {0};
        tt_glossary *g = open_text(cases[i].entries, &e);
        CHECK(g != NULL, "%s: %s", cases[i].entries, e.msg);
        if (g)
            CHECK(!!*first_name(g, cases[i].line) == cases[i].found, "%s in %s", cases[i].entries,
                  cases[i].line);
        tt_glossary_close(g);
    }
    /* an entry of the plural's own goes before the plural of another */
    tt_err e = {0};
    tt_glossary *g = open_text("child\tcan\nchildren\tperro\n", &e);
    CHECK(g && !strcmp(first_name(g, "the children"), "children \xE2\x86\x92 perro"));
    CHECK(g && !strcmp(first_name(g, "the child"), "child \xE2\x86\x92 can"));
    tt_glossary_close(g);
    /* Spanish to English */
    put(PATH("g"), "voz\tdog\ncami\xc3\xb3n\tdog\n", 20);
    g = tt_glossary_open(PATH("g"), v, "es", "en", &e);
    const tt_terms *t = g ? find(g, "voces") : NULL;
    CHECK(t && has_form(t, 0, B "dogs") && has_form(t, 0, B "dog") && !has_form(t, 0, B "doges"));
    CHECK(g && *first_name(g, "Camiones"));
    tt_glossary_close(g);
}

/* A line's own terms: before those of the file, and besides. */
static void test_own(void) {
    static const tt_request_term terms[] = {
        {{"dog", 3}, {"perro", 5}}, {{" hot ", 5}, {NULL, 0}}, {{"hot dogs", 8}, {"can", 3}}};
    static const tt_request_term twice[] = {{{"dog", 3}, {"perro", 5}}, {{"dog", 3}, {"can", 3}}},
                                 empty[] = {{{"dog", 3}, {"can", 3}}, {{"", 0}, {NULL, 0}}};
    tt_err e = {0};
    const tt_glossary *own = NULL;
    tt_glossary *g = open_text("dog\tcan\nthe\tcaliente\n", &e),
                *none = tt_glossary_open(NULL, v, NULL, NULL, &e);
    CHECK(g && none && !find(none, "dog") && !tt_glossary_of(&own, g, terms, 3, a, &e), "%s",
          e.msg);
    const tt_terms *t = find(own, "the hot dog hot dog dogs");
    CHECK(t && t->count == 6 && strstr(t->term[0].name, "caliente") &&
          !strcmp(t->term[1].name, "hot \xE2\x86\x92 hot") &&
          !strcmp(t->term[2].name, "dog \xE2\x86\x92 perro") &&
          !strcmp(t->term[5].name, "dog \xE2\x86\x92 perro"));
    t = find(own, "hot dogs");
    CHECK(t && t->count == 1 && strstr(t->term[0].name, "hot dogs"));
    CHECK(!tt_glossary_of(&own, none, terms, 1, a, &e) && find(own, "dog"));
    CHECK(tt_glossary_of(&own, g, twice, 2, a, &e) == TT_EDATA &&
              !strcmp(e.msg, "glossary, term 2: the same source as in term 1"),
          "%s", e.msg);
    CHECK(tt_glossary_of(&own, g, empty, 2, a, &e) == TT_EDATA &&
              strstr(e.msg, "term 2: a side is empty"),
          "%s", e.msg);
    tt_glossary_close(g);
    tt_glossary_close(none);
}

static void test_file(void) {
    static const struct {
        const char *text, *message; /* NULL: it is read */
    } cases[] = {{"", NULL},
                 {"\xEF\xBB\xBF"
                  "dog\tcan\r\n\r\n \r\n  hot \t caliente  \r\n",
                  NULL},
                 {"# no comment\tcan\n", NULL},
                 {"dog\n", NULL},
                 {"dog\tcan\tperro\n", "line 1: expected SOURCE TAB TARGET"},
                 {"hot\tcan\ndog\t \n", "line 2: a side is empty"},
                 {"\tcan\n", "line 1: a side is empty"},
                 {"dog\tcan\nhot\tcan\ndog\tperro\n", "line 3: the same source as in line 1"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tt_err e = {0};
        tt_glossary *g = open_text(cases[i].text, &e);
        CHECK(!g == !!cases[i].message, "case %zu: %s", i, e.msg);
        if (!g)
            CHECK(e.code == TT_EDATA && strstr(e.msg, cases[i].message), "case %zu: %s", i, e.msg);
        if (i == 1 && g)
            CHECK(find(g, "dog hot") && find(g, "dog hot")->count == 2,
                  "a mark of byte order, or blanks, are in the way");
        if (i == 2 && g) CHECK(find(g, "# no comment.") != NULL);
        tt_glossary_close(g);
    }
    tt_err e = {0};
    CHECK(!tt_glossary_open(PATH("missing"), v, NULL, NULL, &e) && e.code == TT_ENOINPUT);
}

int main(void) {
    tt_err e = {0};
    static const char *const names[] = {"g"};
    in_new_folder("t_glossary");
    v = pieces_vocab(pieces, sizeof pieces / sizeof *pieces);
    a = tt_arena_open(0, &e);
    if (v && a) {
        test_find();
        test_forms();
        test_numbers();
        test_own();
        test_file();
    }
    tt_vocab_close(v);
    tt_arena_close(a);
    in_the_end(names, 1);
    return test_done("t_glossary");
}
