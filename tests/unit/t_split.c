/* t_split.c: sentence ends in English and Spanish, and parts that fit a limit. In the cases, a
 * bar marks where one sentence ends and the next begins.
 */
#include "unit/test.h"

#include "base/rng.h"
#include "text/split.h"

#include <string.h>

static const char *const cases[] = {
    "One.|Two!|Three?|Four",
    "Mr. Smith met Dr. J. R. Jones at St. Mary's.|He left.",
    "It costs 3.14 dollars.|That is No. 5 on p. 12.|I said no.|Then I left.",
    "Fruits, e.g. apples, i.e. Pink Lady, etc. are good.|Cheap, etc.|Then more.",
    "The U.S. Army came.|They live in the U.S.|It is big.",
    "She said \"Go.\"|He went.|(Really.)|Yes.",
    "Wait... what?|Well… no.|Fine...|Next.",
    "\"Stop!\" he cried.|Nobody did.",
    "See example.com.|It works at 5 p.m.|Then stops.",
    "1. First thing.|2. Second thing.|In 1999.|Then 2000.",
    "Acme Inc. was sold.|It was Acme Inc.|Then nothing.",
    "El Sr. Pérez y la Sra. López viven en EE. UU. desde 1990.|Son de Cuba.",
    "Hay frutas, p. ej. manzanas.|¿Quieres una?|¡Claro!|Sí.",
    "¡Hola! dijo ella.|«¿Quién?»|Nadie.",
    "Viven en EE. UU.|¿Y tú?|Yo no.",
    "Véase la pág. 12 del art. 3.|Núm. 4 no está.",
    "—Vamos.|—No quiero.|D. Quijote rió.",
    "a.C. y d.C. son eras.|Íñigo llegó.|Él no.",
    "No end here",
    "Trailing dots..",
    "...",
    NULL};

static void sentences(tt_arena *a, const char *marked) {
    char text[400];
    size_t len = 0;
    for (const char *p = marked; *p; p++) text[len++] = *p == '|' ? ' ' : *p;
    tt_cut *parts;
    size_t n;
    tt_err e = {0};
    CHECK(!tt_split_sentences(text, len, a, &parts, &n, &e), "%s", e.msg);
    char got[800] = "";
    for (size_t i = 0; i < n; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", i ? "|" : "",
                 (int)(parts[i].end - parts[i].begin), text + parts[i].begin);
    CHECK(!strcmp(got, marked), "%s", got);
}

/* Tokens as a model might count them: one for every three bytes of a word, begun or full. */
static long count3(void *ctx, const char *text, size_t len) {
    long n = 0, in = 0;
    if (ctx) ++*(long *)ctx;
    for (size_t i = 0; i < len; i++) {
        in = text[i] == ' ' ? 0 : in + 1;
        n += in % 3 == 1;
    }
    return n;
}

static long fails(void *ctx, const char *text, size_t len) {
    (void)ctx, (void)text, (void)len;
    return TT_EDATA;
}

/* Parts rise, fit, hold no edge of white space, and leave only white space out. */
static void parts_hold(tt_arena *a, const char *text, size_t len, long limit) {
    tt_cut *p;
    size_t n, at = 0;
    tt_err e = {0};
    CHECK(!tt_split_text(text, len, limit, count3, NULL, a, &p, &n, &e), "%s", e.msg);
    int ok = 1;
    for (size_t i = 0; i < n; i++) {
        ok &= p[i].begin >= at && p[i].end > p[i].begin && p[i].end <= len;
        for (; at < p[i].begin; at++) ok &= text[at] == ' ';
        ok &= text[at] != ' ' && text[p[i].end - 1] != ' ' &&
              ((unsigned char)text[at] & 0xc0) != 0x80;
        ok &= count3(NULL, text + at, p[i].end - at) <= limit || p[i].end - at <= 4;
        at = p[i].end;
    }
    for (; at < len; at++) ok &= text[at] == ' ';
    CHECK(ok, "limit %ld of '%.60s'", limit, text);
}

int main(void) {
    tt_arena *a = tt_arena_open(0, NULL);
    tt_cut *p;
    size_t n;
    tt_err e = {0};
    for (int i = 0; cases[i]; i++) sentences(a, cases[i]);
    CHECK(!tt_split_sentences("  \t ", 4, a, &p, &n, &e) && n == 0, "%s", e.msg);
    CHECK(!tt_split_sentences("", 0, a, &p, &n, &e) && n == 0, "%s", e.msg);

    /* What fits stays whole; what does not is cut at sentences, then at marks, then at words. */
    const char *text = " One two. Three four. ";
    CHECK(!tt_split_text(text, strlen(text), 99, count3, NULL, a, &p, &n, &e) && n == 1, "%s",
          e.msg);
    CHECK(p[0].begin == 1 && p[0].end == strlen(text) - 1, "%s", e.msg);
    CHECK(!tt_split_text(text, strlen(text), 5, count3, NULL, a, &p, &n, &e) && n == 2, "%s",
          e.msg);
    CHECK(p[0].end == 9 && p[1].begin == 10, "%s", e.msg);
    text = "aaa bbb ccc; ddd eee, fff ggg hhh";
    CHECK(!tt_split_text(text, strlen(text), 6, count3, NULL, a, &p, &n, &e) && n == 2, "%s",
          e.msg);
    CHECK(p[0].end == 12, "%s", e.msg);
    CHECK(!tt_split_text(text, strlen(text), 3, count3, NULL, a, &p, &n, &e) && n == 4, "%zu", n);
    CHECK(tt_split_text(text, strlen(text), 3, fails, NULL, a, &p, &n, &e) == TT_EDATA, "%s",
          e.msg);

    /* Random text of letters, marks, accents and spaces, at several limits. */
    static const char *const bits[] = {"a",  "B",   "é", " ", " ",    ". ",  ", ",
                                       "; ", "...", "¿", "?", "word", "Mr.", "\xf0\x9f\x98\x80",
                                       "\"", ")"};
    char random[400];
    for (uint64_t i = 0; i < 2000; i++) {
        size_t len = 0;
        for (uint64_t k = 0; k < 60; k++) {
            const char *b = bits[tt_rand_below(i, k, 16)];
            memcpy(random + len, b, strlen(b));
            len += strlen(b);
        }
        random[len] = 0;
        parts_hold(a, random, len, 1 + (long)tt_rand_below(i, 99, 20));
        tt_arena_reset(a);
    }

    /* A megabyte: of words, of one word, of spaces; the counting stays linear. */
    static char big[1 << 20];
    long calls = 0;
    for (size_t i = 0; i < sizeof big; i++) big[i] = i % 7 ? 'x' : ' ';
    CHECK(!tt_split_text(big, sizeof big, 50, count3, &calls, a, &p, &n, &e) && n > 5000 &&
              n < 7000,
          "%zu", n);
    CHECK(calls < 200000, "%ld calls", calls);
    parts_hold(a, big, sizeof big, 50);
    memset(big, 'x', sizeof big);
    parts_hold(a, big, sizeof big, 50);
    memset(big, ' ', sizeof big);
    parts_hold(a, big, sizeof big, 50);
    tt_arena_close(a);
    return test_done("t_split");
}
