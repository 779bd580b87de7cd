/* t_inset.c: a document in a line: its parts in order, and the document of their hypotheses.
 */
#include "translate/inset.h"

#include "unit/said.h"

static tt_arena *a;
static tt_vocab *v;

/* The parts of a document, said word by word as `said`, and the document that becomes. */
static const char *rendered(const char *format, const char *text, size_t parts,
                            const char *const *said, const int looks[][8]) {
    static char out[600];
    tt_err e = {0};
    tt_translate_stats stats = {0};
    tt_inset *inset;
    tt_sentences all;
    const tt_cutting how = {.vocab = v, .limit = 100, .split = TT_SPLIT_SENTENCE, .keep = 1};
    const tt_layout l = {.source = v, .target = v};
    CHECK(!tt_inset_read(&inset, &all, tt_format_named(format), NULL, &how,
                         (tt_span){text, strlen(text)}, a, &stats, &e),
          "%s", e.msg);
    CHECK(all.count == parts && !all.lead.len, "%zu parts", all.count);
    if (all.count != parts) return "";
    tt_hyps *hyps = tt_arena_zero(a, (parts + 1) * sizeof *hyps);
    for (size_t i = 0; i < parts; i++) hyps[i] = *said_hyps(&all.parts[i], said[i], looks[i], v, a);
    tt_outbuf b = {.a = a};
    CHECK(!tt_inset_text(&b, inset, &l, hyps, 0, &e), "%s", e.msg);
    tt_inset_notes(&b, inset);
    snprintf(out, sizeof out, "%.*s", (int)b.len, b.p ? b.p : "");
    return out;
}

int main(void) {
    tt_err e = {0};
    a = tt_arena_open(0, &e);
    v = tiny_vocab("inset.spm", 320);
    const char *got = rendered(
        "html", "<p>the <b>red</b> house</p>\n<!-- x -->\n<p>the dog.</p><p>the house.</p>", 3,
        (const char *const[]){"la casa roja", "el perro.", "la casa."},
        (const int[][8]){{0, 2, 1}, {0, 1}, {0, 1}});
    CHECK(!strcmp(got, "<p>la casa <b>roja</b></p>\n<!-- x -->\n<p>el perro.</p><p>la casa.</p>"),
          "%s", got);
    got = rendered("markdown", "# the house\n\n- `x`\n- the **red** dog\n", 2,
                   (const char *const[]){"la casa", "el perro roja"},
                   (const int[][8]){{0, 1}, {0, 2, 1}});
    CHECK(!strcmp(got, "# la casa\n\n- `x`\n- el perro **roja**\n"), "%s", got);
    got = rendered("html", "<p>the <b>dog</p>", 1, (const char *const[]){"el perro"},
                   (const int[][8]){{0, 1}});
    CHECK(strstr(got, ", \"notes\": [\"line 1: ") != NULL && strstr(got, "\"]") != NULL, "%s", got);
    got = rendered("html", "<p>42</p>", 0, NULL, NULL);
    CHECK(!strcmp(got, "<p>42</p>"), "%s", got);
    got = rendered("srt", "", 0, NULL, NULL);
    CHECK(!*got, "%s", got);
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_inset");
}
