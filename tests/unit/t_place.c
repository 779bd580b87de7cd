/* t_place: tags by links: runs, outliers, marks, what is copied, what has no links, neighbours that
 * meet.
 */
#include "unit/markup.h"

/* The document with its only segment translated as `text`, links "s-t s-t". */
static void places_in(const char *format, const char *html, const char *text, const char *links,
                      const char *want) {
    static markup_text got;
    tt_arena *a = tt_arena_open(0, NULL);
    tt_doc d;
    tt_link l[64];
    size_t n = 0;
    for (const char *p = links; *p; p += *p == ' ') {
        char *end;
        l[n].source = (int32_t)strtol(p, &end, 10);
        l[n++].target = (int32_t)strtol(end + 1, &end, 10);
        p = end;
    }
    got.len = 0;
    CHECK(!tt_doc_read(&d, tt_format_named(format), html, strlen(html), NULL, a, NULL) &&
          d.count == 1);
    tt_rendition r = {{text, strlen(text)}, l, n};
    CHECK(!tt_doc_write(&d, &r, markup_put, &got, a, NULL));
    CHECK(!strcmp(got.p, want), "%s, expected %s", got.p, want);
    tt_arena_close(a);
}

static void places(const char *html, const char *text, const char *links, const char *want) {
    places_in("html", html, text, links, want);
}

int main(void) {
    places("the <b>red</b> house", "la casa roja", "0-0 2-1 1-2", "la casa <b>roja</b>");
    places("a <b>very old</b> book", "un libro muy viejo", "0-0 3-1 1-2 2-3",
           "un libro <b>muy viejo</b>");
    places("<b>a</b> b c d e f g", "A b c d e f A", "0-0 1-1 2-2 3-3 4-4 5-5 6-5 0-6",
           "<b>A</b> b c d e f A");
    places("<b>a b</b> c d", "A x B c d", "0-0 1-2 2-3 3-4", "<b>A x B</b> c d");
    places("<b>a <i>b</i></b> c", "c b a", "0-2 1-1 2-0", "c <b><i>b</i> a</b>");
    places("<b>a</b> <i>b</i> c", "ba c", "0-0 1-0 2-1", "<b>ba</b> <i>c</i>");
    places("x <b>a b</b> <i>c</i> d", "x A c B d", "0-0 1-1 2-3 3-2 4-4",
           "x <b>A</b> <i>c</i> B d");
    places("<b>a</b> b", "x y", "", "<b>x</b> y");
    places("a <b>b</b> c", "A C", "0-0 2-1", "A <b>C</b>");
    places("<b>What</b> is it?", "\xc2\xbfQu\xc3\xa9 es?", "0-0 1-1 2-1",
           "\xc2\xbf<b>Qu\xc3\xa9</b> es?");
    places("Ah. <b>What?</b>", "Ah. \xc2\xbfQu\xc3\xa9?", "0-0 1-1",
           "Ah. <b>\xc2\xbfQu\xc3\xa9?</b>");
    places("it is <b>red</b>.", "es (rojo).", "1-0 2-1", "es (<b>rojo</b>).");
    places("H<sub>2</sub>O is water", "El H2O es agua", "0-1 1-2 2-3", "El H<sub>2</sub>O es agua");
    places("this word<sup>1</sup>, too", "esta palabra1, igual", "0-0 1-1 2-2",
           "esta palabra<sup>1</sup>, igual");
    places("an <img> eye", "un ojo", "0-0 1-1", "un <img> ojo");
    places("an eye<img>.", "un ojo.", "0-0 1-1", "un ojo<img>.");
    places("use <code>ls -l</code> now", "ahora usa ls -l", "0-1 1-2 2-3 3-0",
           "ahora usa <code>ls -l</code>");
    places("use <code>make</code> now", "ahora usa hacer", "0-1 1-2 2-0",
           "ahora usa <code>make</code>");
    places("a <b>b</b> c", "", "", "<b></b>");
    places("a <b>b</b> c", "x", "99-0 0-99 -1-0", "<b>x</b>");
    places_in("markdown", "**a** **b**.", "x.", "0-0 1-0", "****x****.");
    places_in("markdown", "*a* **b**.", "x.", "0-0 1-0", "***x***.");
    places_in("markdown", "*a* *b*.", "x.", "0-0 1-0", "**x**.");
    return test_done("t_place");
}
