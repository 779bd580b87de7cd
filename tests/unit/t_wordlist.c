/* t_wordlist: pieces by number and numbers by piece. */
#include <string.h>

#include "test.h"
#include "text/wordlist.h"

int main(void) {
    tt_err e = {0};
    size_t len;
    tt_wordlist *w = tt_wordlist_open("</s>\n<unk>\n\xe2\x96\x81"
                                      "a\n\nb\nb",
                                      20, &e);
    CHECK(w && tt_wordlist_size(w) == 6, "%s", e.msg);
    CHECK(tt_wordlist_find(w, "</s>", 4) == 0 &&
          tt_wordlist_find(w,
                           "\xe2\x96\x81"
                           "a",
                           4) == 2 &&
          tt_wordlist_find(w, "b", 1) == 4);
    CHECK(tt_wordlist_find(w, "", 0) == 3 && tt_wordlist_find(w, "c", 1) == -1 &&
          tt_wordlist_find(w, "<unk", 4) == -1);
    CHECK(!strcmp(tt_wordlist_get(w, 1, &len), "<unk>") && len == 5);
    CHECK(!strcmp(tt_wordlist_get(w, 5, &len), "b") && !tt_wordlist_get(w, 6, &len) &&
          !tt_wordlist_get(w, -1, &len));
    tt_wordlist_close(w);
    w = tt_wordlist_open("", 0, &e);
    CHECK(w && tt_wordlist_size(w) == 0 && tt_wordlist_find(w, "a", 1) == -1);
    tt_wordlist_close(w);
    w = tt_wordlist_open("a\n", 2, &e);
    CHECK(w && tt_wordlist_size(w) == 1);
    tt_wordlist_close(w);
    return test_done("t_wordlist");
}
