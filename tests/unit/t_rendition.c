/* t_rendition.c: a line's parts as one text, and its words linked to the source's, over all parts
 * and what is copied.
 */
#include "translate/rendition.h"

#include "unit/said.h"

static tt_arena *a;
static tt_vocab *v;

static int has_link(const tt_rendition *r, int source, int target) {
    int n = 0;
    for (size_t i = 0; i < r->n_links; i++)
        n += r->links[i].source == source && r->links[i].target == target;
    return n;
}

int main(void) {
    tt_err e = {0};
    tt_translate_stats stats = {0};
    tt_sentences made;
    tt_rendition r;
    a = tt_arena_open(0, &e);
    v = tiny_vocab("rendition.spm", 320);
    const tt_cutting how = {.vocab = v, .limit = 100, .split = TT_SPLIT_SENTENCE, .keep = 1};
    const tt_layout l = {.source = v, .target = v};
    static const char text[] = " the red house.\tthe dog is here.\t7";
    CHECK(!tt_sentences_make(&made, &how, text, strlen(text), a, &stats, &e), "%s", e.msg);
    CHECK(made.count == 2, "%zu", made.count);
    if (made.count == 2) {
        const int looks[] = {0, 2, 1}, then[] = {0, 1, 2};
        tt_hyps hyps[2] = {*said_hyps(&made.parts[0], "la casa roja.", looks, v, a),
                           *said_hyps(&made.parts[1], "el perro es.", then, v, a)};
        const tt_layout_line line = {
            .lead = made.lead, .parts = made.parts, .hyps = hyps, .count = 2};
        CHECK(!tt_rendition_make(&r, &l, &line, 0, a, &e), "%s", e.msg);
        CHECK(r.text.len > 10 && strstr(r.text.text, "la casa roja.") &&
                  strstr(r.text.text, "el perro es."),
              "'%.*s'", (int)r.text.len, r.text.text);
        CHECK(has_link(&r, 0, 0) == 1 && has_link(&r, 2, 1) == 1 && has_link(&r, 1, 2) == 1,
              "the first part");
        CHECK(has_link(&r, 3, 3) == 1 && has_link(&r, 4, 4) == 1 && has_link(&r, 5, 5) == 1,
              "the second");
        CHECK(has_link(&r, 7, 6) == 1 && r.n_links == 7, "the number behind them");
    }
    static const char kept[] = "the `a b` dog is.";
    CHECK(!tt_sentences_make(&made, &how, kept, strlen(kept), a, &stats, &e) && made.count == 1);
    if (made.count == 1) { /* wherever its words look */
        const int looks[] = {0, 3, 0, 0, 4};
        tt_hyps hyps[1] = {*said_hyps(&made.parts[0], "el perro `a b` es.", looks, v, a)};
        const tt_layout_line line = {
            .parts = made.parts, .hyps = hyps, .count = 1, .lead = {"", 0}};
        CHECK(!tt_rendition_make(&r, &l, &line, 0, a, &e), "%s", e.msg);
        CHECK(has_link(&r, 1, 2) == 1 && has_link(&r, 2, 3) == 1, "what was kept");
        CHECK(has_link(&r, 0, 0) == 1 && has_link(&r, 3, 1) == 1 && has_link(&r, 4, 4) == 1);
    }
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_rendition");
}
