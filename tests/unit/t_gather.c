/* t_gather: where segments begin and end, which tags are theirs, where long ones are cut, which
 * lines notes name.
 */
#include "unit/markup.h"

int main(void) {
    SEGMENTS("html", " <b><i>all of it</i></b> ", "all of it");
    SEGMENTS("html", "<i></i><b>a</b> b", "[a] b");
    SEGMENTS("html", "a <b>b</b><i></i>", "a [b]");
    SEGMENTS("html", "<b>a</b>", "a");
    SEGMENTS("html", "<b>a</b> b <i>c<p>d</p></i>", "[a] b !c\nd");
    SEGMENTS("html", "  \n\t ", "");
    static char doc[1 << 20];
    size_t len = 0;
    for (int i = 0; i < 2000; i++)
        len += (size_t)snprintf(doc + len, sizeof doc - len, i % 50 == 49 ? "word. " : "<b>w</b> ");
    tt_arena *a = tt_arena_open(0, NULL);
    tt_doc d;
    CHECK(!tt_doc_read(&d, tt_format_named("html"), doc, len, NULL, a, NULL));
    CHECK(d.count >= 4 && d.count < 20, "%zu", d.count);
    size_t at = 0, words = 0;
    for (size_t i = 0; i < d.count; i++) {
        CHECK(d.segments[i].begin >= at && d.segments[i].count <= 500);
        at = d.segments[i].end;
        words += tt_words_of(d.segments[i].text.text, d.segments[i].text.len, NULL, 0);
    }
    CHECK(words == 2000, "%zu", words);
    memset(doc, 'x', sizeof doc); /* one word */
    CHECK(!tt_doc_read(&d, tt_format_named("html"), doc, sizeof doc, NULL, a, NULL) &&
          d.count == 16);
    /* an attribute too long to be read is left alone, and said */
    memcpy(doc, "\n<img alt=\"", 11);
    memcpy(doc + sizeof doc - 2, "\">", 2);
    CHECK(!tt_doc_read(&d, tt_format_named("html"), doc, sizeof doc, NULL, a, NULL) && !d.count &&
          d.n_notes == 1 && d.notes[0].line == 2);
    tt_arena_close(a);
    return test_done("t_gather");
}
