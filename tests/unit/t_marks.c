/* t_marks: words, blanks, and the marks at their ends.
 */
#include "markup/place.h"
#include "unit/test.h"

#include <string.h>

static void marks(const char *word, size_t before, size_t behind) {
    const tt_span w = {word, strlen(word)};
    CHECK(tt_marks_before(w) == before && tt_marks_behind(w) == behind, "%s: %zu %zu", word,
          tt_marks_before(w), tt_marks_behind(w));
}

int main(void) {
    tt_span w[4];
    const char *text = " one\xc2\xa0two\tthree\x01"
                       "four\n";
    CHECK(tt_words_of(text, strlen(text), w, 4) == 3 && w[1].len == 5 &&
          !memcmp(w[1].text, "three", 5) && w[0].text == text + 1);
    CHECK(tt_words_of(text, strlen(text), w, 1) == 3 && tt_words_of("", 0, w, 4) == 0 &&
          tt_words_of("  ", 2, w, 4) == 0);
    CHECK(tt_words_of("\xc2", 1, w, 4) == 1 && tt_words_of("a\xe2\x80", 3, w, 4) == 1);
    CHECK(tt_blank_at("\xe2\x80\xaf", 3) == 3 && !tt_blank_at("x", 1) && !tt_blank_at("", 0) &&
          !tt_blank_at("\xc3\xa9", 2));
    marks("word", 0, 0);
    marks("word.", 0, 1);
    marks("(word),", 1, 2);
    marks("\xc2\xbfQu\xc3\xa9?", 2, 1);
    marks("\xe2\x80\x9cWord\xe2\x80\x9d\xe2\x80\xa6", 3, 6);
    marks("...", 0, 0);
    marks("(.)", 1, 0);
    marks("don't", 0, 0);
    marks("", 0, 0);
    return test_done("t_marks");
}
