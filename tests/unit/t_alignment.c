/* t_alignment.c: links as text, two directions joined, and error rates: the longest pair of
 * directions and the error rate of 2/3 are examples of NLTK's documentation; what the heuristic
 * makes of them was found by its definition in Python.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "score/alignment.h"

#include "unit/test.h"

static tt_links links_of(const char *text) {
    tt_links l = {0};
    tt_err e;
    CHECK(!tt_links_read(&l, text, strlen(text), 0, &e), "%s", e.msg);
    return l;
}

static const char *text_of(const tt_links *l) {
    static char text[2000];
    size_t n = 0;
    text[0] = 0;
    for (size_t i = 0; i < l->count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%d-%d", i ? " " : "", l->link[i].src,
                              l->link[i].tgt);
    return text;
}

static void test_text(void) {
    tt_err e;
    tt_links l = links_of("  0-0 2p3\t1?4 5-6:0.25\r");
    CHECK(l.count == 4 && l.link[0].sure && !l.link[1].sure && !l.link[2].sure &&
          l.link[2].tgt == 4);
    CHECK(l.link[3].sure && l.link[3].p == 0.25 && l.link[0].p == 1);
    CHECK(!tt_links_check(&l, 6, 7, &e) && tt_links_check(&l, 6, 6, &e) == TT_EDATA &&
              strstr(e.msg, "5-6"),
          "%s", e.msg);
    CHECK(!tt_links_read(&l, "", 0, 0, &e) && l.count == 0);
    CHECK(!tt_links_read(&l, "1-1 3-2", 7, 1, &e) && !strcmp(text_of(&l), "0-0 2-1"));
    CHECK(tt_links_read(&l, "0-1", 3, 1, &e) == TT_EDATA);
    static const char *const wrong[] = {"0",    "0-",    "a-b",   "0-1x", "0--1",
                                        "0-1:", "0-1:2", "0-1:x", "0=1",  "99999999999-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(tt_links_read(&l, wrong[i], strlen(wrong[i]), 0, &e) == TT_EDATA, "%s", wrong[i]);
    tt_links_free(&l);
}

static void test_naacl(void) {
    tt_err e;
    tt_links l = {0};
    int pair = 0;
    static const char text[] = "  0012 3\t4 P 0.25\r";
    CHECK(tt_links_is_naacl(text, sizeof text - 1) && tt_links_is_naacl("1 1", 3) &&
          !tt_links_is_naacl("0-0 1-1", 7) && !tt_links_is_naacl("", 0) &&
          !tt_links_is_naacl("1p1 2 3", 7) && !tt_links_is_naacl("1", 1));
    CHECK(!tt_links_read_naacl(&l, &pair, text, sizeof text - 1, &e) && pair == 12 &&
              l.count == 1 && l.link[0].src == 2 && l.link[0].tgt == 3 && !l.link[0].sure &&
              l.link[0].p == 0.25,
          "%s", e.msg);
    CHECK(!tt_links_read_naacl(&l, &pair, "1 2 3", 5, &e) && l.count == 2 && l.link[1].sure &&
          l.link[1].p == 1);
    CHECK(!tt_links_read_naacl(&l, &pair, "1 2 3 0.5", 9, &e) && l.link[2].p == 0.5);
    CHECK(!tt_links_read_naacl(&l, &pair, "9 2 0 S", 7, &e) && pair == 9 && l.count == 3,
          "a link to no word is none");
    static const char *const wrong[] = {"",          "1",       "1 2",        "0 1 1",  "1 2 3 X",
                                        "1 2 3 S S", "1 2 3 2", "1 2 3 S -1", "1 2 -3", "1 2 3S"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(tt_links_read_naacl(&l, &pair, wrong[i], strlen(wrong[i]), &e) == TT_EDATA, "%s",
              wrong[i]);
    tt_links_free(&l);
}

static void test_join(void) {
    static const struct {
        const char *forward, *backward;
        int src, tgt, how;
        const char *want;
    } cases[] = {{"0-0 1-1 2-1", "0-0 1-2", 3, 3, TT_JOIN_FORWARD, "0-0 1-1 2-1"},
                 {"0-0 1-1 2-1", "0-0 1-2", 3, 3, TT_JOIN_BACKWARD, "0-0 1-2"},
                 {"0-0 1-1 2-1", "0-0 1-2", 3, 3, TT_JOIN_INTERSECTION, "0-0"},
                 {"0-0 1-1 2-1", "0-0 1-2", 3, 3, TT_JOIN_UNION, "0-0 1-1 1-2 2-1"},
                 {"0-0 1-1 2-1", "0-0 1-2", 3, 3, TT_JOIN_GROW_DIAG, "0-0 1-1 1-2 2-1"},
                 {"0-0 3-3 2-0", "0-0", 4, 4, TT_JOIN_GROW_DIAG, "0-0"},
                 {"0-0 3-3 2-0", "0-0", 4, 4, TT_JOIN_GROW_DIAG_FINAL, "0-0 2-0 3-3"},
                 {"0-0 3-3 2-0", "0-0", 4, 4, TT_JOIN_GROW_DIAG_FINAL_AND, "0-0 3-3"},
                 {"", "", 2, 2, TT_JOIN_GROW_DIAG_FINAL_AND, ""},
                 {"", "", 0, 0, TT_JOIN_UNION, ""},
                 {"0-0 2-1 9-2 21-3 10-4 7-5 11-6 9-7 12-8 1-9 3-10 4-11 17-12 17-13 25-14 13-15 "
                  "24-16 11-17 28-18",
                  "0-0 1-9 2-9 3-10 4-11 5-12 6-6 7-5 8-6 9-7 10-4 11-6 12-8 13-12 15-12 17-13 "
                  "18-13 19-12 20-13 21-3 22-12 23-14 24-17 25-15 "
                  "26-17 27-18 28-18",
                  29, 19, TT_JOIN_GROW_DIAG_FINAL_AND,
                  "0-0 1-9 2-9 3-10 4-11 5-12 6-6 7-5 8-6 9-7 10-4 11-6 "
                  "12-8 13-15 17-13 18-13 19-12 20-13 21-3 24-16 25-14 26-17 27-18 28-18"}};
    tt_err e;
    tt_links out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_links f = links_of(cases[i].forward), b = links_of(cases[i].backward);
        CHECK(!tt_links_join(&out, &f, &b, cases[i].src, cases[i].tgt, cases[i].how, &e), "%s",
              e.msg);
        CHECK(!strcmp(text_of(&out), cases[i].want), "case %zu: %s, expected %s", i, text_of(&out),
              cases[i].want);
        tt_links_free(&f);
        tt_links_free(&b);
    }
    tt_links f = links_of("0-0:0.5 1-1:0.9"), b = links_of("0-0:0.32");
    CHECK(!tt_links_join(&out, &f, &b, 2, 2, TT_JOIN_UNION, &e) &&
          fabs(out.link[0].p - 0.4) < 1e-6 && fabs(out.link[1].p - 0.9) < 1e-6);
    CHECK(tt_links_join(&out, &f, &b, 1, 2, TT_JOIN_UNION, &e) == TT_EDATA);
    tt_links_free(&f);
    tt_links_free(&b);
    tt_links_free(&out);
}

static double rate(const char *found, const char *gold) {
    tt_aer a = {0};
    tt_err e;
    double precision, recall, aer;
    tt_links f = links_of(found), g = links_of(gold);
    CHECK(!tt_aer_add(&a, &f, &g, &e));
    tt_aer_get(&a, &precision, &recall, &aer);
    tt_links_free(&f);
    tt_links_free(&g);
    return aer;
}

static void test_rate(void) {
    CHECK(fabs(rate("0-0 1-2 2-1", "0-0 1-1 2-2") - 0.6666666666666667) < 1e-12, "NLTK's example");
    CHECK(rate("0-0 1-1", "0-0 1-1") == 0 && rate("", "0-0") == 1 && rate("", "") == 0);
    /* possible links found are right, those not found are not missed: 1 - (1 + 2) / (2 + 1) */
    CHECK(fabs(rate("0-0 1-1", "0-0 1p1 2p2")) < 1e-12);
    CHECK(fabs(rate("0-0 3-3", "0-0 1p1 2p2") - (1 - 2 / 3.0)) < 1e-12);
    CHECK(rate("0-0 0-0", "0-0 0p0") == 0, "a link named twice counts once");
    tt_aer none = {0};
    double precision, recall, aer;
    tt_aer_get(&none, &precision, &recall, &aer);
    CHECK(precision == 0 && recall == 0 && aer == 0);
}

int main(void) {
    test_text();
    test_naacl();
    test_join();
    test_rate();
    return test_done("t_alignment");
}
