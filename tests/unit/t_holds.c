/* t_holds.c: what leaves a sentence before the search, or is remembered.
 */
#include "translate/holds.h"

#include <string.h>

#include "unit/test.h"

#include "unit/held.h"
#include "unit/pieces.h"

#define SMILE "\xf0\x9f\x98\x80"

static void test_take(void) {
    static const struct {
        const char *text, *plain;
        int holds;
    } cases[] = {{"the house", "the house", 0},
                 {"the dog " SMILE, "the dog", 1},
                 {"the dog " SMILE "!", "the dog!", 1},
                 {SMILE " the dog", "the dog", 1},
                 {"the " SMILE " dog", "the dog", 1},
                 {"the" SMILE "dog", "thedog", 1},
                 {"the <b>dog</b> is", "the dog is", 2},
                 {"ho\xc2\xad"
                  "use\xe2\x80\x8b",
                  "house", 0},
                 {"it\xc2\xb4s \xc2\xb4 a", "it's \xc2\xb4 a", 1},
                 {"a 1,5 b {x}", "a 1,5 b {x}", 2},
                 {"the \xe6\x97\xa5\xe6\x9c\xac dog", "the \xe6\x97\xa5\xe6\x9c\xac dog", 1},
                 {"the \xc5\x81\xc3\xb3"
                  "d\xc5\xba's dog",
                  "the \xc5\x81\xc3\xb3"
                  "d\xc5\xba's dog",
                  1},
                 {"costs \xe2\x82\xac"
                  "1,299.5!",
                  "costs \xe2\x82\xac"
                  "1,299.5!",
                  2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tt_sentence s = take(cases[i].text, 1);
        CHECK(s.plain.len == strlen(cases[i].plain) &&
                  !memcmp(s.plain.text, cases[i].plain, s.plain.len),
              "'%s': '%.*s'", cases[i].text, (int)s.plain.len, s.plain.text);
        CHECK(s.plain.count == cases[i].holds, "%d holds in '%s'", s.plain.count, cases[i].text);
        for (int k = 1; k < s.plain.count; k++)
            CHECK(s.plain.holds[k].begin >= s.plain.holds[k - 1].end);
        for (size_t k = 0; s.plain.from && k < s.plain.len; k++)
            CHECK(s.plain.text[k] == cases[i].text[s.plain.from[k]] || s.plain.text[k] == '\'');
    }
}

/* A capital that stands in no piece with other letters is a name's. */
static void test_first(void) {
    static const char list[] = "</s>\n<unk>\n\xc3\x8d\n\xc3\xad\n\xc3\x87\n\xc3\xa7"
                               "a\n\xc3\xadn\na\xc3\xad\nb\xc3\xad\n"
                               "c\xc3\xad\nd\xc3\xad\ne\xc3\xad\nf\xc3\xad\ng\xc3\xad\n";
    tt_err e = {0};
    tt_vocab *own = tt_vocab_open_parts(NULL, 0, list, sizeof list - 1, &e);
    CHECK(own && tt_vocab_pieces_with(own, 0xed) == 8 && tt_vocab_pieces_with(own, 0xe7) == 1 &&
              !tt_vocab_pieces_with(own, 0xcd),
          "%s", e.msg);
    static const struct {
        const char *text;
        int holds;
    } cases[] = {{"\xc3\x8d", 1}, {"f\xc3\xad \xc3\x8d", 1}, {"\xc3\x87", 1}};
    for (size_t i = 0; own && i < sizeof cases / sizeof *cases; i++) {
        tt_plain p;
        int all;
        CHECK(!tt_holds_take(&p, NULL, 0, cases[i].text, strlen(cases[i].text), a, &e));
        CHECK(!tt_holds_unknown(&p, own, &all, a, &e) && p.count == cases[i].holds, "'%s': %d",
              cases[i].text, p.count);
    }
    tt_vocab_close(own);
}

/* First words: a capital in a piece of its own is read small where the word is known so, and held
   where not. */
static void test_opening(void) {
    static const char *const pieces[] = {"\xe2\x96\x81",
                                         "\xc3\x9a",
                                         "ltima",
                                         "\xe2\x96\x81\xc3\xbaltima",
                                         "\xc3\x93",
                                         "scar",
                                         "\xe2\x96\x81vez",
                                         "\xe2\x96\x81\xc3\x89l",
                                         "\xc3\x93N",
                                         "\xc2\xbf",
                                         "\xe2\x96\x81\xc2\xbf",
                                         "\xc3\x9aN",
                                         "\xc3\xbal",
                                         "\xc3\x89",
                                         "\xc3\xba"};
    tt_vocab *own = pieces_vocab(pieces, sizeof pieces / sizeof *pieces);
    static const struct {
        const char *text, *plain;
        int holds;
    } cases[] = {{"\xc3\x9altima vez", "\xc3\xbaltima vez", 0},
                 {"\xc2\xbf\xc3\x9altima vez", "\xc2\xbf\xc3\xbaltima vez", 0},
                 {"\xc3\x93scar vez", "\xc3\x93scar vez", 1},
                 {"vez \xc3\x93scar", "vez \xc3\x93scar", 1},
                 {"vez \xc3\x9altima", "vez \xc3\x9altima", 0},
                 {"\xc3\x89l", "\xc3\x89l", 0},
                 {"vez \xc2\xbf\xc3\x93scar", "vez \xc2\xbf\xc3\x93scar", 1},
                 {"\xc3\x93 vez", "\xc3\x93 vez", 0},
                 {"vez", "vez", 0}};
    for (size_t i = 0; own && i < sizeof cases / sizeof *cases; i++) {
        tt_err e = {0};
        tt_plain p;
        int all;
        CHECK(!tt_holds_take(&p, NULL, 1, cases[i].text, strlen(cases[i].text), a, &e), "%s",
              e.msg);
        CHECK(!tt_holds_opening(&p, own, a, &e) && !tt_holds_unknown(&p, own, &all, a, &e), "%s",
              e.msg);
        CHECK(p.len == strlen(cases[i].plain) && !memcmp(p.text, cases[i].plain, p.len),
              "'%s': '%.*s'", cases[i].text, (int)p.len, p.text);
        CHECK(p.count == cases[i].holds, "%d holds in '%s'", p.count, cases[i].text);
    }
    tt_vocab_close(own);
    static const char *const raised[][2] = {{"casa", "Casa"},
                                            {"\xc2\xbf\xc3\xadndice?", "\xc2\xbf\xc3\x8dndice?"},
                                            {"\"\xc3\xa1rbol", "\"\xc3\x81rbol"},
                                            {"iPhone es", "iPhone es"},
                                            {"3 casas", "3 casas"},
                                            {"", ""},
                                            {"...", "..."},
                                            {"Casa", "Casa"},
                                            {"y", "Y"}};
    for (size_t i = 0; i < sizeof raised / sizeof *raised; i++) {
        char text[20] = "";
        memcpy(text, raised[i][0], strlen(raised[i][0]));
        tt_holds_raise(text, strlen(text));
        CHECK(!strcmp(text, raised[i][1]), "'%s': '%s'", raised[i][0], text);
    }
    CHECK(tt_holds_is_opening("\"The", 4) && tt_holds_is_opening("\xc3\x89l", 3) &&
          tt_holds_is_opening("I", 1));
    CHECK(!tt_holds_is_opening("the", 3) && !tt_holds_is_opening("3 The", 5) &&
          !tt_holds_is_opening("", 0) && !tt_holds_is_opening("iPhone", 6));
}

/* A letter that stands in no piece with others is unfamiliar; those of the two languages are not
 * asked about. */
static void test_familiar(void) {
    CHECK(tt_vocab_is_familiar(v, 'a') && tt_vocab_is_familiar(v, 0xf1) &&
          tt_vocab_is_familiar(v, 0x4e00));
    CHECK(!tt_vocab_is_familiar(v, 0x141) && !tt_vocab_is_familiar(v, 0x20ac) &&
          !tt_vocab_is_familiar(v, 0x1ea1));
    tt_err e = {0};
    tt_vocab *own =
        tt_vocab_open_parts(NULL, 0, "</s>\n<unk>\n\xc5\x82\nWa\xc5\x82\n\xc5\x9b\n", 21, &e);
    CHECK(own && tt_vocab_is_familiar(own, 0x142) && !tt_vocab_is_familiar(own, 0x15b), "%s",
          e.msg);
    tt_vocab_close(own);
}

static void test_capitals(void) {
    static const char *const cases[][2] = {{"THE HOUSE IS RED", "The house is red"},
                                           {"DID I GO?", "Did I go?"},
                                           {"WARNING", "Warning"},
                                           {"NASA", "NASA"},
                                           {"NASA is red", "NASA is red"},
                                           {"The House Is", "The House Is"},
                                           {"THE %s FILE", "The %s file"},
                                           {"I", "I"},
                                           {"\xc3\x89L VE", "\xc3\x89l ve"},
                                           {"A B", "A B"},
                                           {"OK 123", "OK 123"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tt_sentence s = take(cases[i][0], 1);
        CHECK(s.plain.len == strlen(cases[i][1]) && !memcmp(s.plain.text, cases[i][1], s.plain.len),
              "'%s': '%.*s'", cases[i][0], (int)s.plain.len, s.plain.text);
        CHECK(s.plain.raised == (strcmp(cases[i][0], cases[i][1]) != 0), "'%s'", cases[i][0]);
    }
    CHECK(!take("THE HOUSE IS RED", 0).plain.raised);
}

static void test_title(void) {
    static const char *const cases[][2] = {
        {"The House Near My Neighbour", "The house near my neighbour"},
        {"The House of My Dog", "The house of my dog"},
        {"The House Near My Neighbour.", "The House Near My Neighbour."},
        {"The House near My Neighbour", "The House near My Neighbour"},
        {"The House Near Zanzibar", "The house near Zanzibar"},
        {"My Dog", "My Dog"},
        {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_sentence s = take(cases[i][0], 1);
        tt_err e = {0};
        CHECK(!tt_holds_title(&s.plain, v, a, &e), "%s", e.msg);
        CHECK(s.plain.len == strlen(cases[i][1]) && !memcmp(s.plain.text, cases[i][1], s.plain.len),
              "'%s': '%.*s'", cases[i][0], (int)s.plain.len, s.plain.text);
    }
}

static void test_need_places(void) {
    static const struct {
        const char *text;
        int need;
    } cases[] = {{"the dog", 0},        {"the dog " SMILE, 0},    {"the dog " SMILE "!", 0},
                 {SMILE " the dog", 0}, {"the " SMILE " dog", 1}, {"a 12 dog", 1},
                 {"the {x}", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tt_sentence s = take(cases[i].text, 0);
        CHECK(tt_holds_need_places(&s.plain) == cases[i].need, "'%s'", cases[i].text);
    }
}

int main(void) {
    tt_err e = {0};
    a = tt_arena_open(0, &e);
    v = tiny_vocab("holds.spm", 320);
    CHECK(a && v, "%s", e.msg);
    test_take();
    test_familiar();
    test_first();
    test_opening();
    test_capitals();
    test_title();
    test_need_places();
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_holds");
}
