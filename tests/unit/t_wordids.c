/* t_wordids.c: numbers in the order of coming, found again after many others, and words that hold
 * anything.
 */
#include "unit/test.h"

#include "lexical/wordids.h"

#include <string.h>

int main(void) {
    tt_err e = {0};
    tt_wordids *w = tt_wordids_open(&e);
    char word[32];
    int wrong = 0;
    CHECK(w && tt_wordids_size(w) == 0 && tt_wordids_find(w, "casa", 4) == -1);
    for (int i = 0; i < 50000; i++) {
        const int len = snprintf(word, sizeof word, "word %d", i * 7);
        wrong += tt_wordids_put(w, word, (size_t)len) != i;
    }
    for (int i = 0; i < 50000; i++) {
        const size_t len = (size_t)snprintf(word, sizeof word, "word %d", i * 7);
        const tt_span x = tt_wordids_get(w, i);
        wrong += tt_wordids_find(w, word, len) != i || tt_wordids_put(w, word, len) != i ||
                 x.len != len || memcmp(x.text, word, len);
    }
    CHECK(!wrong && tt_wordids_size(w) == 50000, "%d wrong", wrong);
    CHECK(tt_wordids_put(w, "", 0) == 50000 && tt_wordids_find(w, "", 0) == 50000 &&
          tt_wordids_get(w, 50000).len == 0);
    CHECK(tt_wordids_put(w, "a\0b", 3) == 50001 && tt_wordids_find(w, "a\0c", 3) == -1 &&
          tt_wordids_find(w, "a", 1) == -1);
    tt_wordids_close(w);
    tt_wordids_close(NULL);
    return test_done("t_wordids");
}
