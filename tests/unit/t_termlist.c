/* t_termlist.c: the longest term at a place, its translations, and what is no list of terms. */
#include "text/termlist.h"
#include "unit/test.h"
#include "unit/tiny.h"

static void refused(const char *text, const char *said) {
    tt_err e = {0};
    tt_termlist *t = tt_termlist_open(tiny_file("bad-terms.tsv", text, strlen(text)), &e);
    CHECK(!t && e.code == TT_EDATA && strstr(e.msg, said), "%s", e.msg);
    tt_termlist_close(t);
}

static const char *target_of(const tt_termlist *t, const char *text, size_t want_len,
                             size_t want_n) {
    size_t first = 0, n = 0, len = tt_termlist_find(t, text, strlen(text), &first, &n);
    CHECK(len == want_len && (!len || n == want_n), "%s: %zu bytes, %zu lines", text, len, n);
    return len ? tt_termlist_target(t, first) : "";
}

int main(void) {
    static const char list[] = "# notes\n\nhouse\tcasa\r\nhouse boat\tcasa "
                               "flotante\tthird\nárbol\ttree\nhouse\tvivienda\nhouseboat\tx\n";
    tt_err e = {0};
    tt_termlist *t = tt_termlist_open(tiny_file("terms-list.tsv", list, sizeof list - 1), &e);
    CHECK(t, "%s", e.msg);
    if (t) {
        CHECK(!strcmp(target_of(t, "house is", 5, 2), "casa"), "in the order of the file");
        CHECK(!strcmp(target_of(t, "house boat, red", 10, 1), "casa flotante"), "the longest");
        CHECK(!strcmp(target_of(t, "house boats", 5, 2), "casa"), "whole words");
        CHECK(!strcmp(target_of(t, "árbol", 6, 1), "tree"), "not ASCII");
        target_of(t, "houses", 0, 0);
        target_of(t, "", 0, 0);
        target_of(t, "zoo", 0, 0);
    }
    tt_termlist *u = tt_termlist_open(tiny_file("terms-2.tsv", "house\tcasas\n", 12), &e);
    CHECK(t && u && tt_termlist_hash(t) != tt_termlist_hash(u), "hashes");
    tt_termlist_close(t);
    tt_termlist_close(u);
    refused("a\tb\nhouse\n", ":2: no TAB");
    refused("a\t\n", ":1: an empty side");
    refused("\tb\n", ":1: an empty side");
    refused("a\xff\tb\n", ":1: no UTF-8");
    refused("# nothing\n", "has no term");
    return test_done("t_termlist");
}
