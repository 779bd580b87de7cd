/* t_keep.c: what is kept in a text, and what is language.
 */
#include "text/keep.h"

#include <string.h>

#include "unit/test.h"

static tt_arena *a;

/* The kept parts of a text, joined by U+00A6. */
static const char *kept(const tt_keep *k, const char *text) {
    static char out[2000];
    tt_kept *at;
    size_t n, len = 0;
    tt_err e = {0};
    CHECK(!tt_keep_find(&at, &n, k, text, strlen(text), a, &e), "%s", e.msg);
    for (size_t i = 0, end = 0; i < n; end = at[i++].end) {
        CHECK(at[i].begin >= end && at[i].end > at[i].begin && at[i].end <= strlen(text));
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%.*s", i ? "|" : "",
                                (int)(at[i].end - at[i].begin), text + at[i].begin);
    }
    out[len] = 0;
    return out;
}

static void test_kinds(void) {
    static const char *const cases[][2] = {
        {"See https://example.com/a_b?c=d&e=f#g.", "https://example.com/a_b?c=d&e=f#g"},
        {"(see http://x.org/a_(b)), or www.example.com!", "http://x.org/a_(b)|www.example.com"},
        {"Write to ann.lee+x@example.co.uk, not to ann@home.", "ann.lee+x@example.co.uk"},
        {"Open /usr/local/share/ttrans/en-es.ttm now", "/usr/local/share/ttrans/en-es.ttm"},
        {"~/.profile, ./run, ../a/b and C:\\Temp\\a.txt.",
         "~/.profile|./run|../a/b|C:\\Temp\\a.txt"},
        {"Edit src/main.c and lib/x/y.h; and/or he/she/it", "src/main.c|lib/x/y.h"},
        {"Run `git add -p` or ``a ` b`` now", "`git add -p`|``a ` b``"},
        {"You have %d new messages in %s.", "%d|%s"},
        {"%(name)s, %1$s %-5.2f %% %lu 50% of 100%", "%(name)s|%1$s|%-5.2f|%%|%lu|50|100"},
        {"100% de seguridad", "100"},
        {"Hi {name}, {0} ${user.name} {{x y}} $HOME $5", "{name}|{0}|${user.name}|{{x y}}|$HOME"},
        {"a {b c} d", ""},
        {"Click <a href=\"x > y\">here</a><br/> if 3 < 5", "<a href=\"x > y\">|</a>|<br/>"},
        {"He paid $1,299.99 at 10:30 on 5/6/2020 for 3 dogs in 1984.",
         "1,299.99|10:30|5/6/2020|1984"},
        {"6 628 cases, 1\xc2\xa0"
         "234 567, 75 000 of 2 dogs",
         "6 628|1\xc2\xa0"
         "234 567|75 000"},
        {"in 1999 300 men, 1 2 3 4, 5 12 3456, 3 1000", "1999|300|12|3456|1000"},
        {"the 19th of the 1990s, MP3, 4x4, F-16, COVID-19", "16|19"},
        {"+1 (555) 010-9999", "555|010-9999"},
        {"I love you \xf0\x9f\x98\x8d!", "\xf0\x9f\x98\x8d"},
        {"\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd \xe2\x9d\xa4\xef\xb8\x8f "
         "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 "
         "\xf0\x9f\x87\xaa\xf0\x9f\x87\xb8 1\xef\xb8\x8f\xe2\x83\xa3",
         "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd|\xe2\x9d\xa4\xef\xb8\x8f|"
         "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7|"
         "\xf0\x9f\x87\xaa\xf0\x9f\x87\xb8|1\xef\xb8\x8f\xe2\x83\xa3"},
        {"plain words, with marks; and \xe2\x80\x9cquotes\xe2\x80\x9d \xe2\x80\x94 no more", ""},
        {"", ""},
        {"%", ""},
        {"<", ""},
        {"`", ""},
        {"{", ""},
        {"$", ""},
        {"a@", ""},
        {"http://", ""},
        {"[[1]] [2]", "[[1]]"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = kept(NULL, cases[i][0]);
        CHECK(!strcmp(got, cases[i][1]), "'%s': '%s', expected '%s'", cases[i][0], got,
              cases[i][1]);
    }
}

static void test_patterns(void) {
    static const char *const patterns[] = {"[A-Z]{2,}-[0-9]+", "Big Co"};
    tt_err e = {0};
    tt_keep *k = tt_keep_open(patterns, 2, &e);
    CHECK(k, "%s", e.msg);
    CHECK(!strcmp(kept(k, "Big Co sold ABC-12 to http://ABC-12.org in 1999"),
                  "Big Co|ABC-12|ABC-12|1999"),
          "%s", kept(k, "Big Co sold ABC-12 to http://ABC-12.org in 1999"));
    tt_keep_close(k);
    static const char *const bad[] = {"(", "x*", "["};
    for (int i = 0; i < 3; i++) {
        CHECK(!tt_keep_open(bad + i, 1, &e) && e.code == TT_EUSAGE, "%s", bad[i]);
        CHECK(strstr(e.msg, bad[i]) != NULL, "%s", e.msg);
    }
}

/* A megabyte of openings takes no long time. */
static void test_hostile(void) {
    static char text[1 << 18];
    static const char *const bits[] = {"<a ",     "{", "`",  "``` ", "%(", "a@",
                                       "http://", "/", "[[", "1.",   "$"};
    for (size_t b = 0; b < sizeof bits / sizeof *bits; b++) {
        const size_t n = strlen(bits[b]);
        for (size_t i = 0; i < sizeof text; i++) text[i] = bits[b][i % n];
        tt_kept *at;
        size_t count;
        tt_err e = {0};
        CHECK(!tt_keep_find(&at, &count, NULL, text, sizeof text, a, &e), "%s", e.msg);
        tt_arena_reset(a);
    }
}

/* What is longer than any word is kept whole; text in another script is not. */
static void test_endless(void) {
    static char text[5000];
    tt_kept *at;
    size_t n;
    tt_err e = {0};
    for (size_t i = 0; i < sizeof text; i++) text[i] = "aB3\xc3\xb1+/="[i % 8];
    text[0] = 'x', text[1] = ' ', text[4000] = ' ';
    CHECK(!tt_keep_find(&at, &n, NULL, text, 4500, a, &e) && n == 1 && at[0].begin == 2 &&
              at[0].end == 4000,
          "%zu %s", n, e.msg);
    for (size_t i = 0; i + 3 <= sizeof text; i += 3) memcpy(text + i, "\xe4\xb8\xad", 3);
    CHECK(!tt_keep_find(&at, &n, NULL, text, 4998, a, &e) && !n, "Chinese: %zu", n);
    tt_arena_reset(a);
}

int main(void) {
    a = tt_arena_open(0, NULL);
    test_kinds();
    test_patterns();
    test_hostile();
    test_endless();
    tt_arena_close(a);
    return test_done("t_keep");
}
