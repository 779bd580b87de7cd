/* t_glossary.c: which entries of a glossary occur in a line, and as which tokens; what a file of one may look like.
 */
#include "translate/glossary.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit/files.h"
#include "unit/pieces.h"

#define B "\xE2\x96\x81"

static const char *const pieces[] = {
    B "the", B "dog", B "Dog", "s", B "hot", B "can", B "Can", "es", "(", "can", "Can", B "caliente", ".", B "(",
    B "perro", B "Perro", "perro", B, "d", "o", "g", "D", "O", "G", B "I", B "is", B "voz", B "vo", "ces", "voz"};
enum { IDS = 2 };

static tt_vocab *v;
static tt_arena *a;

static tt_glossary *open_text(const char *text, tt_err *e) {
    put(PATH("g"), text, strlen(text));
    return tt_glossary_open(PATH("g"), v, e);
}

static const tt_terms *find(const tt_glossary *g, const char *line) {
    tt_err e = {0};
    tt_translate_stats stats = {0};
    tt_sentences made;
    const tt_cutting how = {.vocab = v, .limit = 1000, .split = TT_SPLIT_NONE};
    const tt_terms *t = NULL;
    CHECK(!tt_sentences_make(&made, &how, line, strlen(line), a, &stats, &e) && made.count == 1, "%s", e.msg);
    if (made.count) CHECK(!tt_glossary_find(&t, g, v, made.parts, a, &e), "%s", e.msg);
    return t;
}

static bool has_form(const tt_terms *t, int term, const char *text) {
    for (int f = 0; f < t->forms; f++) {
        char all[200] = "";
        for (int i = 0; i < t->form[f].count; i++) strncat(all, tt_vocab_piece(v, t->form[f].ids[i]), sizeof all - strlen(all) - 1);
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
        CHECK((t ? t->count : 0) == cases[i].count, "%s: %d terms", cases[i].line, t ? t->count : 0);
        for (int k = 0; t && k < t->count && k < 3 && cases[i].names[k]; k++)
            CHECK(!strcmp(t->term[k].name, cases[i].names[k]), "%s: %s", cases[i].line, t->term[k].name);
    }
    /* source tokens: ▁the ▁hot ▁dog . */
    const tt_terms *t = find(g, "the  hot dog.");
    CHECK(t && t->count == 2 && t->term[0].from == 0 && t->term[0].to == 1 && t->term[1].from == 1 && t->term[1].to == 3);
    /* a term is kept as it stands */
    t = find(g, "hot the The THE");
    CHECK(t && t->count == 3 && has_form(t, 0, B "the") && !has_form(t, 0, B "The"));
    tt_glossary_close(g);
}

static void test_forms(void) {
    tt_err e = {0};
    tt_glossary *g = open_text("dog\tcan\nhot\tvoz\n", &e);
    const tt_terms *t = find(g, "the dog dogs");
    CHECK(t && has_form(t, 0, B "can") && has_form(t, 0, "can") && has_form(t, 0, B "Can") && !has_form(t, 0, B "canes"));
    CHECK(t && has_form(t, 1, B "canes") && !has_form(t, 1, B "cans") && has_form(t, 1, B "can") && t->term[1].length == 2);
    t = find(g, "hots");
    CHECK(t && has_form(t, 0, B "voces") && has_form(t, 0, B "voz"));
    for (int f = 0, first = 0; t && f < t->forms && !first; f++) first = t->form[f].where == TT_FORM_FIRST;
    t = find(g, "Dog dog"); /* a sentence that begins with a capital: so does a first word, and no other */
    for (int f = 0; t && f < t->forms; f++) {
        const char *p = tt_vocab_piece(v, t->form[f].ids[0]);
        CHECK(t->form[f].where == (strchr(p, 'C') ? TT_FORM_FIRST : TT_FORM_LATER), "%s", p);
    }
    tt_glossary_close(g);
}

static void test_file(void) {
    static const struct {
        const char *text, *message; /* NULL: it is read */
    } cases[] = {{"", NULL},
                 {"\xEF\xBB\xBF" "dog\tcan\r\n\r\n \r\n  hot \t caliente  \r\n", NULL},
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
        if (!g) CHECK(e.code == TT_EDATA && strstr(e.msg, cases[i].message), "case %zu: %s", i, e.msg);
        if (i == 1 && g) CHECK(find(g, "dog hot") && find(g, "dog hot")->count == 2, "a mark of byte order, or blanks, are in the way");
        if (i == 2 && g) CHECK(find(g, "# no comment.") != NULL);
        tt_glossary_close(g);
    }
    tt_err e = {0};
    CHECK(!tt_glossary_open(PATH("missing"), v, &e) && e.code == TT_ENOINPUT);
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
        test_file();
    }
    tt_vocab_close(v);
    tt_arena_close(a);
    in_the_end(names, 1);
    return test_done("t_glossary");
}
