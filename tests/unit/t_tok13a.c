/* t_tok13a.c: the tokenisers against lines that sacreBLEU 2.6 tokenised. */
#include "score/tok13a.h"

#include "score/tokens.h"

#include "unit/test.h"

#include <string.h>

typedef struct joined {
    char text[400];
    size_t len;
} joined;

static int join(void *ctx, tt_span word) {
    joined *j = ctx;
    if (j->len + word.len + 2 > sizeof j->text) return TT_ENOMEM;
    if (j->len) j->text[j->len++] = ' ';
    memcpy(j->text + j->len, word.text, word.len);
    j->len += word.len;
    j->text[j->len] = 0;
    return 0;
}

static int stop(void *ctx, tt_span word) {
    ++*(int *)ctx;
    return word.len == 3 ? 42 : 0;
}

static const char *const cases_13a[][2] = {
    {"It's 1,000.50 euros, e.g. 5-6% (approx.)",
     "It's 1,000.50 euros , e . g . 5 - 6 % ( approx . )"},
    {"¿Qué tal? «Hola», dijo—1998.", "¿Qué tal ? «Hola» , dijo—1998 ."},
    {"&quot;x&quot; &amp;amp; <skipped>y", "\" x \" & amp ; y"},
    {"x.5 5.x -5 5-", "x . 5 5 . x -5 5 -"},
    {"don't stop...", "don't stop . . ."},
    {"http://a.b/c?d=1", "http : / / a . b / c ? d = 1"},
    {"", ""},
    {" \t\r\x0b\x0c\x1c\x1f ", ""},
    {"&amp;lt;", "<"},
    {"&lt;skipped&gt;", "< skipped >"},
    {"one-\ntwo\nthree", "onetwo three"},
    {"<skip<skipped>ped>", "< skipped >"},
    {"1.,5", "1 . , 5"},
    {"1,.5", "1 , . 5"},
    {".5", ". 5"},
    {"5.", "5 ."},
    {"..5", ". .5"},
    {"5--6", "5 - -6"},
    {"a-1-b", "a-1 - b"},
    {"1.-2", "1 . -2"},
    {"{|}~[\\]^_`!\"#$%&()*+/:;<=>?@", "{ | } ~ [ \\ ] ^ _ ` ! \" # $ % & ( ) * + / : ; < = > ? @"},
    {"a\xc2\xa0"
     "b\xe2\x80\x8b"
     "c\xe3\x80\x80"
     "d\xe1\x9a\x80"
     "e\xc2\x85"
     "f",
     "a b\xe2\x80\x8b"
     "c d e f"},
    {"x\xe2\x80\xa8y\xe2\x80\xafz\xe2\x81\x9fw", "x y z w"},
    {"é,ñ.٣,٤", "é , ñ . ٣ , ٤"},
};

static const char *const cases_none[][2] = {
    {"a, b.  c\td", "a, b. c d"},
    {"&lt; x\xc2\xa0y", "&lt; x y"},
    {"", ""},
};

static void check(tt_tok_fn *cut, const char *const pair[2], tt_arena *a) {
    joined j = {"", 0};
    size_t len = strlen(pair[0]);
    char *exact = tt_arena_alloc(a, len + 1); /* an arena of its own, so that ASAN sees its end */
    memcpy(exact, pair[0], len);
    CHECK(!cut((tt_span){exact, len}, a, join, &j), "'%s'", pair[0]);
    CHECK(!strcmp(j.text, pair[1]), "'%s' gives '%s', not '%s'", pair[0], j.text, pair[1]);
    tt_arena_reset(a);
}

int main(void) {
    tt_err e;
    tt_arena *a = tt_arena_open(0, &e), *tiny = tt_arena_open(64, &e);
    for (size_t i = 0; i < sizeof cases_13a / sizeof *cases_13a; i++)
        check(tt_tok13a, cases_13a[i], a);
    for (size_t i = 0; i < sizeof cases_none / sizeof *cases_none; i++)
        check(tt_toknone, cases_none[i], a);

    int words = 0;
    CHECK(tt_tok13a((tt_span){"a bb ccc d", 10}, a, stop, &words) == 42 && words == 3, "%d", words);
    words = 0;
    CHECK(tt_toknone((tt_span){"a bb ccc d", 10}, a, stop, &words) == 42 && words == 3, "%d",
          words);
    words = 0;
    CHECK(!tt_tok13a((tt_span){"a\0.\0b", 5}, a, stop, &words) && words == 3, "%d", words);
    CHECK(!strcmp(tt_family_tokenizer.row(0)->name, "13a"), "the default");

    char line[200];
    memset(line, '.', sizeof line);
    CHECK(tt_tok13a((tt_span){line, sizeof line}, tiny, stop, &words) == TT_ENOMEM, "no room");
    tt_arena_close(a);
    tt_arena_close(tiny);
    return test_done("t_tok13a");
}
