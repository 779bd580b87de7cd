/* t_amount.c: signs of money and mathematics beside numbers, taken out of a text and found in
 * another.
 */
#include "translate/amount.h"

#include <string.h>

#include "unit/pieces.h"
#include "unit/test.h"

#define EURO "\xe2\x82\xac"
#define RUPEE "\xe2\x82\xb9"
#define SECTION "\xc2\xa7"
#define NBSP "\xc2\xa0"

static tt_arena *a;
static tt_vocab *v;

static const char *const pieces[] = {
    "\xe2\x96\x81", "I", "t",       "i", "s", EURO, "$", "0", "1", "2", "5", ",", ".", "a",
    RUPEE,          "-", "\xc2\xa0"};

static tt_plain taken(const char *text) {
    tt_err e = {0};
    tt_plain p;
    CHECK(!tt_holds_take(&p, NULL, 1, text, strlen(text), a, &e) && !tt_amounts_take(&p, v, a, &e),
          "%s", e.msg);
    return p;
}

static void test_take(void) {
    static const struct {
        const char *text, *plain, *held; /* "": no amount */
    } cases[] = {{"It is " EURO "25.", "It is " EURO "25.", EURO "25"},
                 {"It is 25 " EURO ".", "It is 25 " EURO ".", "25 " EURO},
                 {"It is " RUPEE "2,125.", "It is $2,125.", RUPEE "2,125"},
                 {"It is " RUPEE NBSP "25 a", "It is $" NBSP "25 a", RUPEE NBSP "25"},
                 {"See " SECTION " 5.", "See 5.", SECTION " 5"},
                 {"It is \xc2\xb1"
                  "1.5 a",
                  "It is 1.5 a",
                  "\xc2\xb1"
                  "1.5"},
                 {"a " SECTION " a", "a " SECTION " a", ""},
                 {"It is " SECTION, "It is " SECTION, ""},
                 {"a" SECTION " 5", "a" SECTION " 5", ""},
                 {"It is 25 " SECTION, "It is 25 " SECTION, ""},
                 {"1 \xc3\x97 2", "1 2", "\xc3\x97 2"},
                 {RUPEE "5", "$5", RUPEE "5"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tt_plain p = taken(cases[i].text);
        CHECK(p.len == strlen(cases[i].plain) && !memcmp(p.text, cases[i].plain, p.len),
              "'%s': '%.*s'", cases[i].text, (int)p.len, p.text);
        const tt_hold *h = NULL;
        for (int k = 0; k < p.count; k++)
            if (p.holds[k].kind == TT_KEEP_AMOUNT) h = &p.holds[k];
        CHECK(!h == !*cases[i].held, "'%s'", cases[i].text);
        if (h)
            CHECK(h->text.len == strlen(cases[i].held) &&
                      !memcmp(h->text.text, cases[i].held, h->text.len),
                  "'%s': '%.*s'", cases[i].text, (int)h->text.len, h->text.text);
        for (size_t k = 0; p.from && k < p.len; k++)
            CHECK(p.text[k] == cases[i].text[p.from[k]] || p.text[k] == '$', "'%s': byte %zu",
                  cases[i].text, k);
    }
    const tt_plain two = taken("It is " RUPEE "5, " SECTION " 2 is 1 " RUPEE ", 12 " EURO);
    CHECK(two.count == 4, "%d", two.count);
    for (int k = 0; k < two.count; k++)
        CHECK(two.holds[k].kind == TT_KEEP_AMOUNT &&
              (!k || two.holds[k].begin >= two.holds[k - 1].end));
}

/* What of a translation an amount stands for, and what goes. */
static void test_look(void) {
    static const struct {
        const char *source, *said, *replaced,
            *left; /* what the amount stands for; what is left out behind it */
        int well;
    } cases[] = {{"It is " EURO "25.", "Es 25 " EURO ".", "25 " EURO, "", 1},
                 {"It is " EURO "25.", "Es " EURO "25.", EURO "25", "", 1},
                 {"It is " EURO "25.", "Es 25 euros.", "25 euros", "", 0},
                 {"It is " EURO "25.", "Es " EURO "25 euros.", EURO "25 euros", "", 0},
                 {"It is " EURO "25.", "Es 25 europeos.", "25", "", 0},
                 {"It is " RUPEE "25.", "Es 25 $.", "25 $", "", 0},
                 {"It is " RUPEE "25.", "Es 25 d\xc3\xb3lares.", "25 d\xc3\xb3lares", "", 0},
                 {"It is " EURO "25 million.", "Es 25 millones de euros.", "25", " de euros", 0},
                 {"It is " EURO "25 billion.", "Es 25 mil millones de euros", "25", " de euros", 0},
                 {"It is " EURO "25 million.", "Es 25 millones de perros.", "25", "", 0},
                 {"It is " EURO "25 million.", "Es 25 millones de " EURO ".", "25", "", 1},
                 {"It is $25.", "Es $25.", "$25", "", 1},
                 {"It is $25.", "Es $ 25.", "$ 25", "", 0},
                 {"It is $25.", "Es 25.", "25", "", 0},
                 {"It is $25.", "Es 25 d\xc3\xb3lares.", "25", "", 1},
                 {"It is $25.", "Es $25 d\xc3\xb3lares.", "$25 d\xc3\xb3lares", "", 0},
                 {"It is $25 million.", "Es 25 millones de d\xc3\xb3lares.", "25", "", 1},
                 {"It is " EURO "25.", "Es ." EURO "25.", "." EURO "25", "", 0},
                 {"See " SECTION " 25.",
                  "V\xc3\xa9"
                  "ase 25.",
                  "25", "", 0},
                 {"It is " EURO "25", "25", "25", "", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tt_plain p = taken(cases[i].source);
        const char *said = cases[i].said, *at = strstr(said, "25");
        tt_money x;
        CHECK(p.count == 1 && p.holds->kind == TT_KEEP_AMOUNT, "'%s'", cases[i].source);
        if (p.count != 1) continue;
        const tt_span number = tt_amount_number(&p, p.holds);
        CHECK(number.len == 2 && !memcmp(number.text, "25", 2));
        tt_amount_look(&x, &p, p.holds, said, strlen(said), (size_t)(at - said), 2);
        CHECK(x.end - x.begin == strlen(cases[i].replaced) &&
                  !memcmp(said + x.begin, cases[i].replaced, x.end - x.begin),
              "'%s': '%.*s'", said, (int)(x.end - x.begin), said + x.begin);
        CHECK(x.to - x.from == strlen(cases[i].left) &&
                  !memcmp(said + x.from, cases[i].left, x.to - x.from),
              "'%s': '%.*s'", said, (int)(x.to - x.from), said + x.from);
        CHECK(x.signed_well == cases[i].well, "'%s'", said);
    }
}

int main(void) {
    tt_err e = {0};
    a = tt_arena_open(0, &e);
    v = pieces_vocab(pieces, sizeof pieces / sizeof *pieces);
    if (a && v) {
        test_take();
        test_look();
    }
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_amount");
}
