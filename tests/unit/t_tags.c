/* t_tags: tokens cover the document, pairs are found, attributes are read, and what is hostile
 * stays quick.
 */
#include "markup/tags.h"

#include <time.h>

#include "unit/markup.h"

static tt_arena *a;

static void kinds(const char *doc, int how, const char *want) {
    tt_doc d = {.bytes = doc, .len = strlen(doc), .a = a};
    tt_tokens t;
    char got[64];
    size_t at = 0;
    CHECK(!tt_tags_scan(&t, &d, how, NULL) && t.count < sizeof got);
    for (size_t i = 0; i < t.count; i++) {
        CHECK(t.token[i].begin == at);
        at = t.token[i].end;
        got[i] = "t<>/co"[t.token[i].kind];
        if (t.token[i].pair != TT_NO_KEY) CHECK(t.token[t.token[i].pair].pair == i);
    }
    got[t.count] = 0;
    CHECK(at == d.len && !strcmp(got, want), "%s: %s", doc, got);
}

static void attributes(void) {
    const char *doc = "<a b = 'c d' e=f g h=\"\" I=\"x>y\"/>";
    tt_doc d = {.bytes = doc, .len = strlen(doc), .a = a};
    tt_tokens t;
    char quote = 0;
    CHECK(!tt_tags_scan(&t, &d, TT_TAGS_XML, NULL) && t.count == 1 &&
          t.token[0].kind == TT_TOKEN_EMPTY);
    tt_span v = tt_token_attribute(&d, t.token, "b", &quote);
    CHECK(v.len == 3 && !memcmp(v.text, "c d", 3) && quote == '\'');
    v = tt_token_attribute(&d, t.token, "e", &quote);
    CHECK(v.len == 1 && *v.text == 'f' && !quote);
    CHECK(tt_token_attribute(&d, t.token, "g", NULL).text &&
          !tt_token_attribute(&d, t.token, "g", NULL).len);
    CHECK(tt_token_attribute(&d, t.token, "h", NULL).text &&
          !tt_token_attribute(&d, t.token, "z", NULL).text);
    CHECK(tt_token_attribute(&d, t.token, "i", NULL).len == 3);
}

struct counted {
    size_t len;
};

static int count_bytes(void *ctx, const char *p, size_t len, tt_err *e) {
    (void)p, (void)e;
    ((struct counted *)ctx)->len += len;
    return 0;
}

/* `unit` so many times, read as each format within seconds. */
static void hostile(const char *unit, size_t times) {
    const size_t n = strlen(unit), len = n * times;
    char *doc = malloc(len + 8);
    memcpy(doc, "word ", 5);
    for (size_t i = 0; i < times; i++) memcpy(doc + 5 + i * n, unit, n);
    const tt_format *f;
    for (int place = 0; (f = (const tt_format *)tt_family_document.row(place)) != NULL; place++) {
        tt_arena *own = tt_arena_open((size_t)4 << 30, NULL);
        tt_err e = {0};
        tt_doc d;
        clock_t begun = clock();
        CHECK(!tt_doc_read(&d, f, doc, len + 5, NULL, own, &e), "%s: %s", f->row.name, e.msg);
        tt_rendition *r = tt_arena_zero(own, (d.count + 1) * sizeof *r);
        for (size_t i = 0; i < d.count; i++)
            r[i] = (tt_rendition){{"a translation", 13}, &(tt_link){0, 0}, 1};
        if (!d.n_edits) {
            struct counted out = {0};
            CHECK(!tt_doc_write(&d, r, count_bytes, &out, own, &e), "%s", e.msg);
        }
        double took = (double)(clock() - begun) / CLOCKS_PER_SEC;
        CHECK(took < 10, "%s of '%.10s' took %.1f s", f->row.name, unit, took);
        tt_arena_close(own);
    }
    free(doc);
}

int main(void) {
    a = tt_arena_open(0, NULL);
    kinds("a<b>c</b><d/><!-- <x> --><![CDATA[<y>]]><?p?>e", TT_TAGS_XML, "t<t>/ocot");
    kinds("a < b <c> <1>", TT_TAGS_HTML, "t<t");
    kinds("<br>x<IMG src='>'><script>a<b</script >", TT_TAGS_HTML, "/t/<o>");
    kinds("<!DOCTYPE a [<!ENTITY b \"c>d\">]><e>", TT_TAGS_XML, "o<");
    kinds("<a <b>x", TT_TAGS_HTML, "o<t");
    kinds("\xef\xbb\xbf<a>", TT_TAGS_XML, "o<");
    attributes();
    hostile("<b>", 1000000);
    hostile("<b>x ", 200000);
    hostile("</b><i>", 200000);
    hostile("<a \">\" ", 200000);
    hostile("<!x [", 200000);
    hostile("<!-- ", 200000);
    hostile("&amp;&lol;", 200000);
    hostile("[](", 200000);
    hostile("*a _b `", 200000);
    hostile("``` ` ", 200000);
    hostile("[[", 200000);
    hostile("{\"a\":[\"b\\", 200000);
    hostile("1\n00:00:01,000 --> 00:00:02,000\n<i>x\n\n", 50000);
    hostile("msgid \"a\"\nmsgstr \"\"\n", 50000);
    hostile("<tu><tuv><seg>a<bpt>", 50000);
    hostile("<trans-unit><source>a</source>", 50000);
    tt_arena_close(a);
    return test_done("t_tags");
}
