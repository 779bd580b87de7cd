/* t_standin.c: reserved pieces in the place of what is held, and back.
 */
#include "translate/standin.h"

#include <string.h>

#include "text/keep.h"
#include "translate/holds.h"
#include "translate/restore.h"
#include "unit/test.h"

#include "unit/pieces.h"

#define P(n) "\xe2\x9f\xa6" #n "\xe2\x9f\xa7"

static tt_arena *a;
static tt_vocab *v;

static void test_known(void) {
    static const char *const few[] = {P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), P(8)};
    tt_vocab *less = pieces_vocab(few, 9);
    CHECK(tt_standins_known(v));
    CHECK(!tt_standins_known(less));
    CHECK(tt_standin_at("a " P(3) ".", 10, 2) == TT_STANDIN_BYTES);
    CHECK(!tt_standin_at("a " P(3) ".", 10, 1) && !tt_standin_at(P(3), 6, 0));
    CHECK(!tt_standin_at(P(b), TT_STANDIN_BYTES, 0));
    tt_vocab_close(less);
}

static tt_sentence taken(const char *text) {
    tt_err e = {0};
    tt_sentence s = {.gap = ""};
    int32_t *ids;
    size_t n;
    int some;
    CHECK(!tt_holds_take(&s.plain, NULL, 0, text, strlen(text), a, &e), "%s", e.msg);
    CHECK(!tt_standins_take(&s.plain, &some, a, &e), "%s", e.msg);
    CHECK(!tt_vocab_encode(v, s.plain.text, s.plain.len, TT_VOCAB_EOS, a, &ids, &n, &e));
    s.ids = ids;
    s.count = (int)n;
    return s;
}

static void test_take(void) {
    static const struct {
        const char *text, *plain;
    } cases[] = {
        {"see the dog 12", "see the dog 12"},
        {"see %s and {x}.", "see " P(0) " and " P(1) "."},
        {"12 at https://a.b/c, or <b>~/x.y</b>", "12 at " P(0) ", or " P(1)},
        {"see <b>\"a\"</b> \xf0\x9f\x98\x80!", "see \"a\"!"},
        {"`a b` " P(5), P(0) " " P(1)},
        {"%a %c %d %e %f %g %i %o %s %u %x", P(0) " " P(1) " " P(2) " " P(3) " " P(4) " " P(
                                                 5) " " P(6) " " P(7) " " P(8) " " P(9) " %x"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tt_sentence s = taken(cases[i].text);
        const tt_plain *p = &s.plain;
        CHECK(p->len == strlen(cases[i].plain) && !memcmp(p->text, cases[i].plain, p->len),
              "'%s': '%.*s'", cases[i].text, (int)p->len, p->text);
        for (int k = 0; k < p->count; k++) {
            const tt_hold *h = &p->holds[k];
            CHECK(!h->standin || (h->end - h->begin == TT_STANDIN_BYTES && p->from &&
                                  cases[i].text + p->from[h->begin] == h->text.text));
        }
        for (size_t k = 1; p->from && k <= p->len; k++) CHECK(p->from[k] >= p->from[k - 1]);
    }
}

/* A hypothesis of these words, with what the sentence holds in it. */
static const char *give(const char *source, const char *translation) {
    static char out[200];
    tt_err e = {0};
    const tt_sentence s = taken(source);
    int32_t *ids;
    size_t n;
    tt_said said;
    CHECK(!tt_vocab_encode(v, translation, strlen(translation), TT_VOCAB_EOS, a, &ids, &n, &e));
    const tt_hyp h = {.ids = ids, .count = (int)n};
    CHECK(!tt_words_text(&said, v, v, &s, &h, 0, 1, a, &e), "%s", e.msg);
    CHECK(!tt_restore_holds(&said, v, &s, &h, a, &e), "%s", e.msg);
    snprintf(out, sizeof out, "%.*s", (int)said.len, said.text);
    return out;
}

static void test_give(void) {
    static const struct {
        const char *source, *said, *want;
    } cases[] = {{"see %s and {x} .", "and " P(1) " see " P(0) " .", "and {x} see %s ."},
                 {"see %s .", "see " P(0) " " P(0) " .", "see %s ."},
                 {"see %s .", "see " P(3) " " P(0) " .", "see %s ."},
                 {"see {x} and %s", "see " P(0) " and", "see {x} and %s"},
                 {"see {x} <b/> and", "see " P(0) " and", "see {x} and <b/>"},
                 {"see {x} <b/> .", "see " P(0) " .", "see {x} <b/> ."},
                 {"see " P(4) " .", "see " P(0) " .", "see " P(4) " ."}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = give(cases[i].source, cases[i].said);
        CHECK(!strcmp(got, cases[i].want), "'%s': '%s', not '%s'", cases[i].source, got,
              cases[i].want);
    }
}

int main(void) {
    static const char *const words[] = {"\xe2\x96\x81see",
                                        "\xe2\x96\x81",
                                        "\xe2\x96\x81"
                                        "and",
                                        "\xe2\x96\x81.",
                                        P(0),
                                        P(1),
                                        P(2),
                                        P(3),
                                        P(4),
                                        P(5),
                                        P(6),
                                        P(7),
                                        P(8),
                                        P(9)};
    tt_err e = {0};
    a = tt_arena_open(0, &e);
    v = pieces_vocab(words, 14);
    test_known();
    test_take();
    test_give();
    tt_vocab_close(v);
    tt_arena_close(a);
    return test_done("t_standin");
}
