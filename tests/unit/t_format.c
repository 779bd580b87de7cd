/* t_format: formats by name and by suffix; how text is written in each.
 */
#include "unit/markup.h"

static void suffix(const char *path, const char *want) {
    const tt_format *f = tt_format_of(path);
    CHECK(f ? want && !strcmp(f->row.name, want) : !want, "%s", path);
}

int main(void) {
    suffix("a.html", "html");
    suffix("a.b/C.HTM", "html");
    suffix("a.md.gz", "markdown");
    suffix("talk.srt", "srt");
    suffix("x.xlf", "xliff");
    suffix("messages.json", "json-strings");
    suffix(".po", NULL);
    suffix("html", NULL);
    suffix("a.txt", NULL);
    suffix("-", NULL);
    CHECK(!tt_format_named("text") && !strcmp(tt_format_named("po")->row.name, "po"));
    for (int i = 0; tt_family_document.row(i); i++)
        CHECK(tt_format_named(tt_family_document.row(i)->name) ==
              ((const tt_format *)tt_family_document.row(i)));
    BECOMES("html", "<img alt=\"a &quot; 'b'\"><img alt='a &#39; \"b\"'>",
            "<img alt=\"'B' &quot; A\"><img alt='\"B\" &#39; A'>", swapped);
    BECOMES("html", "a ]] &gt; b", "B &gt; ]] A", swapped);
    BECOMES("xml", "<a>&lt;b &amp;c ></a>", "<a>&gt; &amp;C &lt;B</a>", swapped);
    /* a rendition with the segment's own text leaves all bytes, whatever its links */
    tt_arena *a = tt_arena_open(0, NULL);
    const char *doc = "<p>a  <b>b </b>\n c</p>";
    static markup_text got;
    tt_doc d;
    CHECK(!tt_doc_read(&d, tt_format_named("html"), doc, strlen(doc), NULL, a, NULL) &&
          d.count == 1);
    tt_rendition r = {d.segments[0].text, &(tt_link){5, -7}, 1};
    CHECK(!tt_doc_write(&d, &r, markup_put, &got, a, NULL) && !strcmp(got.p, doc));
    tt_arena_close(a);
    return test_done("t_format");
}
